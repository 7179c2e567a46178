// How does a message reach another SIEM? Syslog (RFC 5424) over TCP, TLS or UDP, with CEF or JSON in it.
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createConnection, isIP, isIPv6, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { isAbsolute, resolve } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { errorText } from '../../../runtime/errors.ts'
import type { ChannelOf } from '../../../schemas/alerting.ts'
import type { Severity } from '../../../schemas/detection.ts'
import { cefOf } from './cef.ts'
import type { ChannelParts, ChannelSender, Outgoing, SendOutcome } from './channel.ts'
import { recordOf } from './record.ts'

type Settings = ChannelOf<'syslog'>

/** Octets of a message: what receivers should take by RFC 5424 6.1 and RFC 5426 3.2 in one datagram; over TCP they take more. */
const MAX_DATAGRAM = 2_048
const MAX_FRAME = 16_384

/** Facility 10, security messages (RFC 5424 6.2.1). */
const FACILITY = 10
const severities: Readonly<Record<Severity, number>> = { critical: 2, high: 3, medium: 4, low: 5, informational: 6 }

/**
 * A channel of syslog. TCP and TLS make a connection for each message (octet counting, RFC 6587 3.4.1, RFC 5425 4.3), end it, and wait until the other
 * side has closed it too: by then it has read everything, since syslog has no answer (one that hangs up in good order before a byte has come cannot be told
 * from it). Over UDP nobody knows; delivered means sent.
 */
export function createSyslogChannel(settings: Settings, parts: ChannelParts): ChannelSender {
  return {
    async send(outgoing, signal) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.timeout_seconds * 1000)])
      try {
        const line = syslogLine(outgoing, settings, parts.now())
        if (settings.transport === 'udp') return await sendDatagram(line, settings, limit)
        return await sendFrame(Buffer.concat([Buffer.from(`${line.length} `), line]), settings, parts, limit)
      } catch (error) {
        return { kind: 'retry', detail: errorText(error) }
      }
    },
    async close() {},
  }
}

/** One syslog message without framing. Its text has no byte order mark (which RFC 5424 asks for): readers of CEF look for `CEF:` in the first place. */
function syslogLine(outgoing: Outgoing, settings: Settings, now: number): Buffer {
  const { notification } = outgoing
  const priority = FACILITY * 8 + severities[notification.alert.severity]
  const host =
    hostname()
      .replace(/[^\x21-\x7e]/g, '')
      .slice(0, 255) || '-'
  const head = `<${priority}>1 ${new Date(now).toISOString()} ${host} siaga - ${notification.reason} - `
  const room = (settings.transport === 'udp' ? MAX_DATAGRAM : MAX_FRAME) - Buffer.byteLength(head)
  const record = recordOf(outgoing, settings.outside)
  const text = settings.format === 'cef' ? cefOf(outgoing, record, room) : jsonOf(record, room)
  return Buffer.from(head + text)
}

/** As many fields as there is room for; the first ones identify the message. */
function jsonOf(record: Readonly<Record<string, unknown>>, room: number): string {
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(record)) {
    const longer = JSON.stringify({ ...kept, [key]: value })
    if (Buffer.byteLength(longer) <= room) kept[key] = value
  }
  return JSON.stringify(kept)
}

async function sendDatagram(line: Buffer, { host, port }: Settings, signal: AbortSignal): Promise<SendOutcome> {
  signal.throwIfAborted()
  const { promise, resolve: done, reject } = Promise.withResolvers<void>()
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', signal })
  socket.once('error', reject)
  socket.once('close', () => reject(new Error('no answer in time')))
  socket.send(line, port, host, (error) => (error === null ? done() : reject(error)))
  try {
    await promise
    return { kind: 'delivered', detail: 'sent; UDP has no acknowledgement' }
  } finally {
    if (!signal.aborted) socket.close()
  }
}

async function sendFrame(
  frame: Buffer,
  settings: Settings,
  parts: Pick<ChannelParts, 'baseDir'>,
  signal: AbortSignal,
): Promise<SendOutcome> {
  signal.throwIfAborted()
  const socket = connect(settings, parts.baseDir)
  const { promise, resolve: done, reject } = Promise.withResolvers<void>()
  const giveUp = (): void => reject(new Error('the other side did not take the message in time'))
  signal.addEventListener('abort', giveUp, { once: true })
  let finished = false
  socket.once(settings.transport === 'tls' ? 'secureConnect' : 'connect', () => {
    socket.end(frame, () => {
      finished = true
    })
  })
  // What a receiver says is thrown away, but must be read for its end to be seen.
  socket.resume()
  socket.once('error', reject)
  socket.once('end', () => finished || reject(new Error('the other side hung up before the message was sent')))
  socket.once('close', () =>
    finished ? done() : reject(new Error('the connection ended before the message was sent')),
  )
  try {
    await promise
    return { kind: 'delivered', detail: `${frame.length} bytes, read to the end by ${settings.host}` }
  } finally {
    signal.removeEventListener('abort', giveUp)
    socket.destroy()
  }
}

function connect({ host, port, transport, ca }: Settings, baseDir: string): Socket {
  if (transport !== 'tls') return createConnection({ host, port })
  return connectTls({
    host,
    port,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca: readFileSync(isAbsolute(ca) ? ca : resolve(baseDir, ca), 'utf8') }),
  })
}
