// What did a visitor of a Cowrie honeypot do? Its JSON and its text: connections, log-ins, commands, files.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber, asText, type JsonObject, looksLikeObject, readObject } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { dotted, put, putJson } from '../values/fields.ts'
import { anyTime, readIsoTime, setTime, stamp } from '../values/time.ts'
import { setUrl } from '../web/web.ts'
import { setContact, setHoneypotLogin } from './honeypot.ts'

/** Keys whose values go to columns, and passwords, which may be a citizen's own: they stay in the message alone. */
const taken: ReadonlySet<string> = new Set(
  'eventid timestamp src_ip src_port dst_ip dst_port username password sensor protocol input url shasum filename message format time'.split(
    ' ',
  ),
)

/** What an event of this id is about; others are a contact under the last part of their id. */
function setKind(event: Event, id: string, username: string): void {
  switch (id) {
    case 'cowrie.login.success':
      setHoneypotLogin(event, username, 'success')
      break
    case 'cowrie.login.failed':
      setHoneypotLogin(event, username, 'failure')
      break
    case 'cowrie.command.input':
    case 'cowrie.command.success':
    case 'cowrie.command.failed':
    case 'cowrie.session.input':
      setContact(event, 'honeypot_command', 'inside')
      break
    case 'cowrie.session.file_download':
    case 'cowrie.session.file_download.failed':
      setContact(event, 'honeypot_download', 'inside')
      break
    case 'cowrie.session.file_upload':
      setContact(event, 'honeypot_upload', 'inside')
      break
    case 'cowrie.direct-tcpip.request':
    case 'cowrie.direct-tcpip.data':
      setContact(event, 'honeypot_forward', 'inside')
      break
    case 'cowrie.session.connect':
      setContact(event, 'honeypot_connect', 'contact')
      break
    case 'cowrie.session.closed':
      setContact(event, 'honeypot_disconnect', 'contact')
      break
    default:
      setContact(event, `honeypot_${id.slice(id.lastIndexOf('.') + 1).slice(0, 40)}`, 'contact')
  }
}

function begin(event: Event): void {
  event.dataset = 'cowrie'
  event.observer_vendor = 'Cowrie'
  event.observer_product = 'Cowrie'
}

/** Whether a JSON object is an event of Cowrie. */
export function isCowrie({ eventid, session, sensor }: JsonObject): boolean {
  return typeof eventid === 'string' && eventid.startsWith('cowrie.') && (session !== undefined || sensor !== undefined)
}

/** Read an event of Cowrie's JSON. Source: Cowrie documentation, "Cowrie Output Event Code Reference". */
export function readCowrie(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const id = asText(values.eventid)
  begin(event)
  setTime(event, anyTime(values.timestamp, context))
  setKind(event, id, asText(values.username))
  event.event_code = id
  event.user_name = asText(values.username)
  event.source_ip = toAddress(asText(values.src_ip))
  event.source_port = asNumber(values.src_port, 65_535)
  event.destination_ip = toAddress(asText(values.dst_ip))
  event.destination_port = asNumber(values.dst_port, 65_535)
  event.network_protocol = asText(values.protocol)
  event.process_command_line = asText(values.input)
  event.file_hash = asText(values.shasum)
  event.file_name = asText(values.filename)
  const sensor = asText(values.sensor)
  if (sensor !== '') event.host_name = sensor
  const url = asText(values.url)
  if (url !== '') setUrl(event, url)
  for (const key in values) {
    if (!taken.has(key)) putJson(event, dotted('cowrie', key), values[key])
  }
  return ok
}

/** `HoneyPotSSHTransport,12,203.0.113.7` at the end of the bracket: where a line comes from, and the number of the session. */
const visitor = /,(\d{1,10}),([\da-fA-F.:]{2,45})$/

/** A value as Cowrie 2 writes it: `b'root'`. */
function plainText(text: string): string {
  return /^b(['"]).*\1$/s.test(text) ? text.slice(2, -1) : text
}

/** `root/123456`, `b'root'/b'123456'`: the user stands before the first slash that can divide them. */
function userOf(pair: string): string {
  const quoted = /^b(['"])(.*?)\1\//s.exec(pair)
  return quoted?.[2] ?? pair.slice(0, Math.max(0, pair.indexOf('/')))
}

type Reading = (event: Event, found: readonly (string | undefined)[]) => void

/** What a visitor wrote stands between what is first and what is last in the line. */
const readings: readonly (readonly [shape: RegExp, read: Reading])[] = [
  [
    /^(public key )?login attempt (?:for )?\[(.*)\] (succeeded|failed)$/s,
    (event, [, key, pair = '', result = '']) => {
      const user = key === undefined ? userOf(pair) || plainText(pair) : plainText(pair)
      setHoneypotLogin(event, user, result === 'succeeded' ? 'success' : 'failure')
    },
  ],
  [
    /^New connection: ([\da-fA-F.:]{2,45}):(\d{1,5}) \(([\da-fA-F.:]{2,45}):(\d{1,5})\) \[session: (\w{1,32})\]$/,
    (event, [, from = '', port = '', to = '', target = '', session = '']) => {
      setContact(event, 'honeypot_connect', 'contact')
      event.source_ip = toAddress(from)
      event.source_port = toPort(port)
      event.destination_ip = toAddress(to)
      event.destination_port = toPort(target)
      put(event, 'cowrie.session', session)
    },
  ],
  [
    /^(?:CMD|Command found|Command not found|INPUT \([^()]{1,64}\)): (.*)$/s,
    (event, [, input = '']) => {
      setContact(event, 'honeypot_command', 'inside')
      event.process_command_line = input
    },
  ],
  [
    /^Downloaded URL \((?:b['"])?(.*?)['"]?\) with SHA-256 ([\da-f]{64}) to /s,
    (event, [, url = '', hash = '']) => {
      setContact(event, 'honeypot_download', 'inside')
      setUrl(event, url)
      event.file_hash = hash
    },
  ],
  [
    /^(?:SFTP|SCP) Uploaded file "(.*)" to /s,
    (event, [, name = '']) => {
      setContact(event, 'honeypot_upload', 'inside')
      event.file_name = name
    },
  ],
  [
    /^direct-tcp connection request to (\S{1,255}):(\d{1,5}) from /,
    (event, [, to = '', port = '']) => {
      setContact(event, 'honeypot_forward', 'inside')
      event.destination_ip = toAddress(to)
      event.destination_port = toPort(port)
      if (event.destination_ip === '') put(event, 'destination.domain', to)
    },
  ],
  [
    /^Remote SSH version: (.*)$/s,
    (event, [, version = '']) => {
      setContact(event, 'honeypot_version', 'contact')
      put(event, 'cowrie.version', plainText(version))
    },
  ],
  [/^Connection lost after /, (event) => setContact(event, 'honeypot_disconnect', 'contact')],
]

/** Longest message that is looked at for its meaning. */
const MAX_MESSAGE = 8192

/**
 * Read `2024-11-27T01:16:03.123456Z [HoneyPotSSHTransport,12,203.0.113.7] login attempt [root/123456] failed`; `miss` if what stands in the brackets is
 * nothing of Cowrie's.
 */
function readText(text: string, event: Event, { zoneMinutes }: ParseContext): Outcome {
  if (text.charCodeAt(10) !== 84 || !readIsoTime(text, 0, zoneMinutes) || !text.startsWith(' [', stamp.end)) return miss
  const { ms, end } = stamp
  const close = text.indexOf('] ', end)
  if (close < 0 || close - end > 256) return miss
  const system = text.slice(end + 2, close)
  if (!/^(?:HoneyPot(?:SSH|Telnet)|CowrieTelnet|cowrie\.|SSH(?:Channel|Service) )/.test(system)) return miss
  const message = text.slice(close + 2, close + 2 + MAX_MESSAGE)
  const from = visitor.exec(system)
  begin(event)
  setTime(event, ms)
  event.event_category = 'host'
  event.network_protocol = system.includes('SSH') ? 'ssh' : system.includes('Telnet') ? 'telnet' : ''
  for (const [shape, read] of readings) {
    const found = shape.exec(message)
    if (found === null) continue
    read(event, found)
    break
  }
  if (from !== null) {
    event.source_ip = toAddress(from[2] ?? '')
    put(event, 'cowrie.transport', from[1] ?? '')
    if (event.event_category === 'host') setContact(event, 'honeypot_contact', 'contact')
  }
  return ok
}

export const cowrie: Parser = {
  format: 'cowrie',
  parse(text, event, context) {
    if (!looksLikeObject(text)) return readText(text, event, context)
    return readObject(text, event, context, (values) => (isCowrie(values) ? readCowrie(values, event, context) : miss))
  },
}
