// How do syslog messages come over TCP (RFC 6587) and TLS (RFC 5425)? Framed, attributed to a source, and queued for Kafka.
import { createServer, type Server } from 'node:net'
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls'
import { type CollectorMark, MAX_PAYLOAD_BYTES } from '../../schemas/raw-event.ts'
import type { Collector, CollectorDependencies, SourceRef, Unsealed } from '../collector.ts'
import { LONGEST_IDENTIFIER } from '../identifiers/identifier.ts'
import { Batcher, eventCost } from './batcher.ts'
import { type Connection, Connections, type Session } from './connections.ts'
import { SyslogFramer } from './framing.ts'
import { type ListenOptions, listen, showAddress } from './listen.ts'
import { createMessages } from './messages.ts'

/** What is held of one frame. The seal cuts at MAX_PAYLOAD_BYTES, and must see an identifier that reaches across that place. */
export const FRAME_LIMIT = MAX_PAYLOAD_BYTES + LONGEST_IDENTIFIER

const HANDSHAKE_TIMEOUT_MS = 10_000
const DRAIN_MS = 2_500

export interface StreamSyslogOptions extends ListenOptions {
  readonly maxConnections: number
  readonly idleTimeoutMs: number
  /** With it, the connection speaks TLS 1.2 or newer. */
  readonly tls?: TlsOptions
}

/** Listens for syslog over TCP, or over TLS if `tls` is given. Errors: PORT_TAKEN, CONFIG_INVALID. */
export async function startStreamSyslog(
  options: StreamSyslogOptions,
  dependencies: CollectorDependencies,
): Promise<Collector> {
  const { log, metrics } = dependencies
  const name = options.tls === undefined ? 'tcp' : 'tls'
  const server = createListener(options.tls)
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    log.info({ transport: name, peer: socket.remoteAddress, cause: error.message }, 'TLS handshake failed')
  })
  const batcher = new Batcher(dependencies, {
    name: `syslog ${name}`,
    dropped: (reason, events) => metrics.lost(reason, events),
  })
  const connections = new Connections({
    name,
    server,
    event: options.tls === undefined ? 'connection' : 'secureConnection',
    maxConnections: options.maxConnections,
    idleTimeoutMs: options.idleTimeoutMs,
    batcher,
    log,
    open: (connection) => openSession(connection, batcher, dependencies),
  })
  const port = await listen(server, options)
  server.on('error', (error) => log.error({ transport: name, cause: error.message }, 'listener failed'))
  return {
    name: `syslog-${name}`,
    addresses: [showAddress(name, options.host, port)],
    async stop() {
      await connections.close()
      await batcher.drain(DRAIN_MS)
      batcher.stop()
    },
  }
}

function createListener(tls: TlsOptions | undefined): Server {
  if (tls === undefined) return createServer({ noDelay: false, keepAlive: true, keepAliveInitialDelay: 60_000 })
  return createTlsServer({ ...tls, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_TIMEOUT_MS, keepAlive: true })
}

/** One connection: its frames become events with the connection as key and `connection-number` as id. What is open ends with the connection. */
function openSession(connection: Connection, batcher: Batcher, { sources, metrics }: CollectorDependencies): Session {
  const names = connection.socket instanceof TLSSocket ? certificateNames(connection.socket) : []
  const source = sources.byCertificate(names) ?? sources.byPeer(connection.peer) ?? sources.unknownPeer
  const marks = marksOf(source, sources.unknownPeer)
  const cutMarks: CollectorMark[] = [...marks, 'truncated']
  let number = 0
  let events = 0
  let bytes = 0
  let receivedAt = 0

  const count = (): void => {
    if (events > 0) metrics.received(source.id, events, bytes)
    events = 0
    bytes = 0
  }
  const messages = createMessages<Unsealed>({
    emit(event, rest) {
      events += 1
      bytes += event.payload.length
      if (rest.length > 0) metrics.joined(source.id, rest.length)
      connection.adds(eventCost(event))
      batcher.add(event, connection.lane)
    },
    expired: count,
    views: true,
  })
  const framer = new SyslogFramer(FRAME_LIMIT, (payload, truncated) => {
    number += 1
    messages.add({
      source: source.id,
      format: source.format,
      receivedAt,
      peer: connection.peer,
      id: `${connection.id}-${number.toString(36)}`,
      key: connection.id,
      payload,
      marks: truncated ? cutMarks : marks,
    })
  })
  return {
    data(chunk) {
      receivedAt = Date.now()
      framer.push(chunk)
      count()
    },
    end() {
      receivedAt = Date.now()
      framer.end()
      messages.settle()
      count()
    },
    get buffered() {
      return framer.buffered + messages.bytes
    },
    cutShort() {
      framer.cutShort()
      messages.settle()
      count()
    },
  }
}

/** Marks of everything that comes from this source. */
export function marksOf(source: SourceRef, unknownPeer: SourceRef): CollectorMark[] {
  return source.id === unknownPeer.id ? ['unknown_peer'] : []
}

/** Common name and DNS names of a verified client certificate; nothing if there is none or nobody vouches for it. */
export function certificateNames(socket: Pick<TLSSocket, 'authorized' | 'getPeerCertificate'>): string[] {
  if (!socket.authorized) return []
  const certificate = socket.getPeerCertificate()
  // An empty object if the peer sent none.
  const names = [certificate?.subject?.CN ?? []].flat()
  for (const entry of (certificate?.subjectaltname ?? '').split(', ')) {
    // Node quotes a name that could pass for two; such a name is nobody's.
    if (entry.startsWith('DNS:') && !entry.includes('"')) names.push(entry.slice(4))
  }
  return names
}
