// How do syslog messages come over UDP (RFC 5426)? One datagram is one message; what we or the kernel cannot keep is counted as lost.
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { normalizeAddress } from '../../runtime/peer-address.ts'
import type { Collector, CollectorDependencies, SourceRef, Unsealed } from '../collector.ts'
import { Batcher, eventCost, type Lane } from './batcher.ts'
import { kernelDrops } from './kernel-drops.ts'
import { type ListenOptions, listenError, showAddress } from './listen.ts'
import { createMessages } from './messages.ts'
import { marksOf } from './tcp.ts'

/** Asked of the kernel, which gives what net.core.rmem_max allows. */
const RECEIVE_BUFFER_BYTES = 32 * 1024 * 1024

/** Reckoned memory of datagrams that wait for Kafka. */
const QUEUE_LIMIT = 32 * 1024 * 1024

/** So much is given to the batcher at a time: writing it keeps the thread from reading for some ten milliseconds. */
const PORTION = 512 * 1024

/** More datagrams than this within a tick are a rush: reading comes first then, writing waits while there is room. */
const TICK_MS = 5
const RUSH = 150

/** A peer's events in a row share a key, then the next slot's turn comes, so that a flood spreads over partitions. */
const EVENTS_PER_SLOT = 512
const SLOTS = 32

/** Audit events of all peers that wait for more. */
const JOIN_LIMITS = { groups: 256, bytes: 8 * 1024 * 1024 }

const REPORT_MS = 1_000
const DRAIN_MS = 2_500

interface Datagram {
  readonly payload: Buffer
  readonly address: string
  readonly receivedAt: number
}

/** Listens for syslog datagrams. Errors: PORT_TAKEN, CONFIG_INVALID. */
export async function startUdpSyslog(options: ListenOptions, dependencies: CollectorDependencies): Promise<Collector> {
  const { metrics, log, sources } = dependencies
  const batcher = new Batcher(dependencies, {
    name: 'syslog udp',
    flushMs: 1,
    dropped: (reason, events) => metrics.lost(reason, events),
  })
  const socket = createSocket({ type: isIPv6(options.host) ? 'udp6' : 'udp4' })
  const run = randomBytes(12).toString('base64url')
  const received = new Map<string, { events: number; bytes: number }>()
  const lane: Lane = { acknowledged: () => hand(PORTION), abandoned: () => {} }
  const messages = createMessages<Unsealed>({
    emit(event, rest) {
      count(event.source, event.payload.length)
      if (rest.length > 0) metrics.joined(event.source, rest.length)
      batcher.add(event, lane)
    },
    expired: () => {},
    limits: JOIN_LIMITS,
    scopeOf: ({ peer }) => peer,
  })
  let waiting: Datagram[] = []
  let waitingCost = 0
  let arrived = 0
  let number = 0
  let overflow = 0
  let timer: NodeJS.Timeout | undefined

  socket.on('message', (payload, { address }) => {
    if (payload.length === 0) return
    arrived += 1
    const datagram = { payload, address, receivedAt: Date.now() }
    const cost = eventCost(datagram)
    if (waitingCost + batcher.cost + messages.bytes + cost > QUEUE_LIMIT) {
      count(sourceOf(address).id, payload.length)
      overflow += 1
      return
    }
    waiting.push(datagram)
    waitingCost += cost
    timer ??= setTimeout(tick, TICK_MS)
  })

  function tick(): void {
    const rush = arrived > RUSH && waitingCost < QUEUE_LIMIT / 2
    arrived = 0
    if (!rush) hand(PORTION)
    timer = waiting.length > 0 ? setTimeout(tick, TICK_MS) : undefined
  }

  /** Gives waiting datagrams to the batcher until it holds `limit`. */
  function hand(limit: number): void {
    let handed = 0
    for (const datagram of waiting) {
      if (batcher.cost >= limit) break
      waitingCost -= eventCost(datagram)
      handed += 1
      messages.add(toEvent(datagram))
    }
    waiting = handed === waiting.length ? [] : waiting.slice(handed)
  }

  function toEvent({ payload, address, receivedAt }: Datagram): Unsealed {
    const peer = normalizeAddress(address)
    const source = sourceOf(address)
    number += 1
    return {
      source: source.id,
      format: source.format,
      receivedAt,
      peer,
      id: `${run}-${number.toString(36)}`,
      key: `${peer}/${Math.floor(number / EVENTS_PER_SLOT) % SLOTS}`,
      payload,
      marks: marksOf(source, sources.unknownPeer),
    }
  }

  function sourceOf(address: string): SourceRef {
    return sources.byPeer(normalizeAddress(address)) ?? sources.unknownPeer
  }

  function count(source: string, bytes: number): void {
    const counted = received.get(source)
    if (counted === undefined) {
      received.set(source, { events: 1, bytes })
    } else {
      counted.events += 1
      counted.bytes += bytes
    }
  }

  const port = await bind(socket, options)
  socket.on('error', (error) => log.error({ transport: 'udp', cause: error.message }, 'listener failed'))
  enlargeReceiveBuffer(socket)
  const dropsNow = kernelDrops(socket.address())
  // An inherited socket is older than this process: what it lost before was told by the one before.
  let reportedDrops = options.fd === undefined ? 0 : dropsNow()

  const report = (): void => {
    for (const [source, { events, bytes }] of received) metrics.received(source, events, bytes)
    received.clear()
    if (overflow > 0) {
      metrics.lost('udp_queue', overflow)
      log.warn({ transport: 'udp', events: overflow }, 'datagrams lost: Kafka is slower than they come')
      overflow = 0
    }
    const drops = dropsNow()
    if (drops > reportedDrops) {
      metrics.lost('udp_kernel', drops - reportedDrops)
      log.warn(
        { transport: 'udp', events: drops - reportedDrops },
        'datagrams lost in the receive buffer of the kernel',
      )
      reportedDrops = drops
    }
  }
  const reporter = setInterval(report, REPORT_MS)

  return {
    name: 'syslog-udp',
    addresses: [showAddress('udp', options.host, port)],
    async stop() {
      report()
      clearInterval(reporter)
      await new Promise<void>((resolve) => socket.close(() => resolve()))
      clearTimeout(timer)
      hand(Number.POSITIVE_INFINITY)
      messages.settle()
      await batcher.drain(DRAIN_MS)
      batcher.stop()
      report()
    },
  }
}

async function bind(socket: Socket, options: ListenOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error): void => {
      socket.close()
      reject(listenError(error, options))
    }
    socket.once('error', onError)
    const { host, port, fd } = options
    socket.bind(fd === undefined ? { address: host, port } : { fd }, () => {
      socket.off('error', onError)
      resolve()
    })
  })
  return socket.address().port
}

function enlargeReceiveBuffer(socket: Socket): void {
  for (let bytes = RECEIVE_BUFFER_BYTES; bytes >= 1024 * 1024; bytes /= 2) {
    try {
      socket.setRecvBufferSize(bytes)
      return
    } catch {
      // Some kernels refuse more than they allow instead of giving less.
    }
  }
}
