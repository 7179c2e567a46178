// How do thousands of connections share one process? Each is paused while its events, or all events together, wait for Kafka.
import { randomBytes } from 'node:crypto'
import type { Server, Socket } from 'node:net'
import type { Log } from '../../runtime/log.ts'
import { normalizeAddress } from '../../runtime/peer-address.ts'
import type { Batcher, Lane } from './batcher.ts'

/** Reckoned memory of unacknowledged events: of one connection, and of all. */
const CONNECTION_LIMIT = 1024 * 1024
const TOTAL_LIMIT = 32 * 1024 * 1024

/** Memory of all unfinished frames; beyond it, those longer than SHORT_FRAME are cut. */
const HELD_LIMIT = 64 * 1024 * 1024
const SHORT_FRAME = 16 * 1024

/** Answers that the peer does not read. */
const UNREAD_ANSWERS_LIMIT = 256 * 1024

const STOP_READING_MS = 300

/** What is spoken on a connection: bytes in, events out. */
export interface Session {
  data(chunk: Buffer): void
  /** The peer sends no more, or the connection is gone. Called once. */
  end(): void
  /** Memory of the unfinished frame and of what waits for more. */
  readonly buffered: number
  /** Emits the unfinished frame as truncated and ends events that wait for more, to get their memory back. */
  cutShort(): void
  /** Nothing more will be read: events that wait for more end. */
  settle?(): void
  acknowledged?(events: number): void
  abandoned?(events: number): void
}

/** A connection as a session sees it. */
export interface Connection {
  readonly id: string
  /** Address of the peer, normalised, without port. */
  readonly peer: string
  readonly socket: Socket
  readonly lane: Lane
  /** Called by the session for each event it adds to the batcher. */
  adds(cost: number): void
}

export interface ConnectionsOptions {
  readonly name: string
  readonly server: Server
  /** `secureConnection` for TLS. */
  readonly event: 'connection' | 'secureConnection'
  readonly maxConnections: number
  readonly idleTimeoutMs: number
  readonly batcher: Batcher
  readonly log: Log
  open(connection: Connection): Session
}

/** The connections of one server. */
export class Connections {
  readonly #options: ConnectionsOptions
  readonly #open = new Set<OpenConnection>()
  /** Every socket, those in a TLS handshake included. */
  readonly #sockets = new Set<Socket>()
  #held = 0
  #allPaused = false
  #isStopping = false

  constructor(options: ConnectionsOptions) {
    this.#options = options
    const { server, name, log, maxConnections } = options
    server.maxConnections = maxConnections
    let warned = false
    server.on('drop', (dropped) => {
      const fields = { transport: name, peer: dropped?.remoteAddress, maxConnections }
      if (!warned) log.warn(fields, 'connection refused, too many are open; further ones are logged at debug')
      else log.debug(fields, 'connection refused, too many are open')
      warned = true
    })
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on(options.event, (socket: Socket) => this.#accept(socket))
  }

  /** Reads nothing more, for good. */
  stopReading(): void {
    this.#isStopping = true
    this.#pauseAll()
    for (const connection of this.#open) connection.settle()
  }

  /** Accepts no new connection, says goodbye to the open ones, reads what is still under way and ends. */
  async close(goodbye = ''): Promise<void> {
    const { server } = this.#options
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const connection of this.#open) connection.socket.end(goodbye)
    const timer = setTimeout(() => {
      for (const connection of this.#open) connection.socket.destroy()
      for (const socket of this.#sockets) socket.destroy()
    }, STOP_READING_MS)
    await closed
    clearTimeout(timer)
  }

  #accept(socket: Socket): void {
    const connection = new OpenConnection(socket, this.#options, {
      changed: () => this.#balance(),
      held: (difference) => {
        this.#held += difference
        return this.#held > HELD_LIMIT
      },
      mayRead: () => !this.#allPaused,
    })
    this.#open.add(connection)
    socket.once('close', () => this.#open.delete(connection))
    if (this.#allPaused) socket.pause()
  }

  #pauseAll(): void {
    this.#allPaused = true
    for (const connection of this.#open) connection.socket.pause()
  }

  /** Pauses all when all together wait with too much, lets them go on at half of it. */
  #balance(): void {
    const { cost } = this.#options.batcher
    if (!this.#allPaused && cost > TOTAL_LIMIT) {
      this.#pauseAll()
    } else if (this.#allPaused && !this.#isStopping && cost < TOTAL_LIMIT / 2) {
      this.#allPaused = false
      for (const connection of this.#open) connection.resumeIfAllowed()
    }
  }
}

interface Shared {
  changed(): void
  /** Adds to the memory of unfinished frames; true if that is too much now. */
  held(difference: number): boolean
  mayRead(): boolean
}

class OpenConnection implements Connection {
  readonly id = randomBytes(12).toString('base64url')
  readonly peer: string
  readonly socket: Socket
  readonly lane: Lane
  readonly #shared: Shared
  readonly #session: Session
  #unacknowledged = 0
  #held = 0
  #ended = false

  constructor(socket: Socket, options: ConnectionsOptions, shared: Shared) {
    this.socket = socket
    this.peer = normalizeAddress(socket.remoteAddress ?? '')
    this.#shared = shared
    this.lane = {
      acknowledged: (events, cost) => {
        this.#session.acknowledged?.(events)
        this.#settled(cost)
      },
      abandoned: (events, cost) => {
        this.#session.abandoned?.(events)
        this.#settled(cost)
      },
    }
    this.#session = options.open(this)
    socket.setTimeout(options.idleTimeoutMs)
    socket.on('data', (chunk) => {
      if (typeof chunk !== 'string') this.#data(chunk)
    })
    socket.on('end', () => this.#end())
    socket.on('close', () => this.#end())
    socket.on('drain', () => this.resumeIfAllowed())
    socket.on('error', (error) =>
      options.log.debug({ transport: options.name, peer: this.peer, cause: error.message }, 'connection failed'),
    )
    socket.on('timeout', () => {
      // A connection that we hold back ourselves is not idle.
      if (socket.isPaused()) socket.setTimeout(options.idleTimeoutMs)
      else socket.destroySoon()
    })
  }

  adds(cost: number): void {
    this.#unacknowledged += cost
  }

  settle(): void {
    if (!this.#ended) this.#session.settle?.()
  }

  resumeIfAllowed(): void {
    if (!this.socket.isPaused() || !this.#shared.mayRead() || this.#isFull()) return
    this.socket.resume()
  }

  #isFull(): boolean {
    return this.#unacknowledged > CONNECTION_LIMIT || this.socket.writableLength > UNREAD_ANSWERS_LIMIT
  }

  #data(chunk: Buffer): void {
    if (this.#ended) return
    this.#session.data(chunk)
    this.#reckonHeld()
    if (this.#isFull()) this.socket.pause()
    this.#shared.changed()
  }

  #reckonHeld(): void {
    const difference = this.#session.buffered - this.#held
    if (difference === 0) return
    this.#held += difference
    const tooMuch = this.#shared.held(difference)
    if (tooMuch && difference > 0 && this.#held > SHORT_FRAME) {
      this.#session.cutShort()
      this.#reckonHeld()
    }
  }

  #settled(cost: number): void {
    this.#unacknowledged -= cost
    this.#shared.changed()
    if (this.#unacknowledged < CONNECTION_LIMIT / 2) this.resumeIfAllowed()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#session.end()
    this.#shared.held(-this.#held)
    this.#held = 0
  }
}
