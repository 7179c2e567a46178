// How do syslog messages come over UDP (RFC 5426)? One datagram is one event; what we or the kernel cannot keep is counted as lost.
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Collector, CollectorDependencies, SourceRef } from '../collector.ts'
import { normalizeAddress } from '../peer.ts'
import { Batcher, eventCost, type Lane } from './batcher.ts'
import { kernelDrops } from './kernel-drops.ts'
import { type ListenOptions, listenError, showAddress } from './listen.ts'
import { marksOf } from './tcp.ts'

/** Asked of the kernel, which gives what net.core.rmem_max allows. */
const RECEIVE_BUFFER_BYTES = 32 * 1024 * 1024

/** Reckoned memory of events that wait for Kafka. */
const QUEUE_LIMIT = 32 * 1024 * 1024

/** A peer's events in a row share a key, then the next slot's turn comes, so that a flood spreads over partitions. */
const EVENTS_PER_SLOT = 512
const SLOTS = 32

const REPORT_MS = 1_000
const DRAIN_MS = 2_500
const SILENT_LANE: Lane = { acknowledged: () => {}, abandoned: () => {} }

/** Listens for syslog datagrams. Errors: PORT_TAKEN, CONFIG_INVALID. */
export async function startUdpSyslog(options: ListenOptions, dependencies: CollectorDependencies): Promise<Collector> {
  const { metrics, log, sources } = dependencies
  const batcher = new Batcher(dependencies, {
    name: 'syslog udp',
    dropped: (reason, events) => metrics.lost(reason, events),
  })
  const socket = createSocket({ type: isIPv6(options.host) ? 'udp6' : 'udp4' })
  const run = randomBytes(12).toString('base64url')
  const received = new Map<string, { events: number; bytes: number }>()
  let number = 0
  let overflow = 0

  socket.on('message', (payload, remote) => {
    if (payload.length === 0) return
    const peer = normalizeAddress(remote.address)
    const source: SourceRef = sources.byPeer(peer) ?? sources.unknownPeer
    number += 1
    const event = {
      source: source.id,
      format: source.format,
      receivedAt: Date.now(),
      peer,
      id: `${run}-${number.toString(36)}`,
      key: `${peer}/${Math.floor(number / EVENTS_PER_SLOT) % SLOTS}`,
      payload,
      marks: marksOf(source, sources.unknownPeer),
    }
    const counted = received.get(source.id)
    if (counted === undefined) {
      received.set(source.id, { events: 1, bytes: payload.length })
    } else {
      counted.events += 1
      counted.bytes += payload.length
    }
    if (batcher.cost + eventCost(event) > QUEUE_LIMIT) overflow += 1
    else batcher.add(event, SILENT_LANE)
  })

  const port = await bind(socket, options)
  socket.on('error', (error) => log.error({ transport: 'udp', cause: error.message }, 'listener failed'))
  enlargeReceiveBuffer(socket)
  const dropsNow = kernelDrops(socket.address())
  let reportedDrops = 0

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
  const timer = setInterval(report, REPORT_MS)

  return {
    name: 'syslog-udp',
    addresses: [showAddress('udp', options.host, port)],
    async stop() {
      clearInterval(timer)
      report()
      await new Promise<void>((resolve) => socket.close(() => resolve()))
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
    socket.bind({ address: options.host, port: options.port }, () => {
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
