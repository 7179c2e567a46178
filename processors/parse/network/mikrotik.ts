// What does a MikroTik router log? Its topics, then log-ins, the firewall, VPN users, leases and changes in words.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put, putSource } from '../values/fields.ts'
import { labelVerdict } from './device-words.ts'

/** Topics of RouterOS. Source: RouterOS documentation, "Log". */
const topics: ReadonlySet<string> = new Set(
  'account acme-client amt async backup bfd bgp bridge calc caps certificate clock client container ddns debug dhcp discovery disk dns dot1x dude e-mail ethernet event fetch firewall gps gsm health hotspot ident igmp-proxy interface ipsec iscsi isdn kidcontrol kvm l2tp ldp load lora lte m2m manager message mme mpls mqtt mvrp natpmp netinstall netwatch ntp ospf ovpn packet pim poe-out poll ppp pppoe pptp ptp queue radius radvd raw read replication rip route rpki rsvp script sertcp server simulator smb snmp socksify ssh sstp state store system tr069 telephony tftp timer ups upnp vrrp watchdog web-proxy wireguard wireless write zerotier'.split(
    ' ',
  ),
)
/** Severities, which RouterOS writes among the topics. */
const levels: ReadonlySet<string> = new Set(['info', 'warning', 'error', 'critical', 'debug'])

/** First letters of texts that begin with topics. */
export const mikrotikBegins = [...new Set([...topics, ...levels].map((topic) => topic.charAt(0)))].join('')

function set(event: Event, category: string, action: string, outcome: string): void {
  event.event_category = category
  event.event_action = action
  event.event_outcome = outcome
}

/** `203.0.113.7:4711`, `[2001:db8::7]:4711`, or an address alone. */
function endpoint(text: string): readonly [address: string, port: number] {
  const whole = toAddress(text)
  if (whole !== '') return [whole, 0]
  const colon = text.lastIndexOf(':')
  return [toAddress(text.slice(0, Math.max(0, colon))), toPort(text.slice(colon + 1))]
}

/** What the rule writes: nothing of it is the client's to choose but addresses and ports. */
const flow =
  / proto ([A-Za-z0-9-]{1,20})(?: \(([^()]{1,60})\))?, ([\da-fA-F.:[\]%]{2,60})->([\da-fA-F.:[\]%]{2,60})(?:,.{0,300})? len (\d{1,10})/

/** `LABEL input: in:ether1 out:(unknown 0), connection-state:new src-mac …, proto TCP (SYN), 203.0.113.7:59388->192.0.2.1:23, len 40`. */
function readFirewall(event: Event, text: string): boolean {
  const at = text.indexOf(': in:')
  const comma = text.indexOf(', ', at)
  if (at < 0 || at > 256 || comma < 0) return false
  const found = flow.exec(text.slice(comma, comma + 1024))
  if (found === null) return false
  const [, protocol = '', flags = '', from = '', to = '', length = ''] = found
  const space = text.lastIndexOf(' ', at)
  const label = text.slice(0, Math.max(0, space))
  set(event, 'network', ...labelVerdict(label))
  event.rule_name = label
  ;[event.source_ip, event.source_port] = endpoint(from)
  ;[event.destination_ip, event.destination_port] = endpoint(to)
  event.network_transport = protocol.toLowerCase()
  event.network_bytes = asNumber(length, 0xffff_ffff)
  put(event, 'mikrotik.chain', text.slice(space + 1, at))
  put(event, 'mikrotik.flags', flags)
  const interfaces = /^in:(.{1,64}) out:(.{1,64})$/.exec(text.slice(at + 2, comma))
  put(event, 'observer.ingress.interface.name', interfaces?.[1] ?? '')
  put(event, 'observer.egress.interface.name', interfaces?.[2] ?? '')
  const details = text.slice(comma, comma + 256)
  put(event, 'mikrotik.connection_state', /connection-state:([\w,]{1,40})/.exec(details)?.[1]?.replace(/,$/, '') ?? '')
  put(event, 'source.mac', /src-mac ([\da-f:]{17})/.exec(details)?.[1] ?? '')
  return true
}

type Reading = (event: Event, found: RegExpExecArray) => void

/** A reading of a log-in or the end of one: user, address, service in this order. */
function access(category: string, action: string, outcome: string): Reading {
  return (event, [, user = '', from = '', via = '']) => {
    set(event, category, action, outcome)
    event.user_name = user
    if (from !== '') putSource(event, from)
    put(event, 'mikrotik.via', via)
    if (via === 'ssh' || via === 'telnet' || via === 'ftp') event.network_protocol = via
  }
}

/** A reading of a log-in to a tunnel or hotspot. */
function remote(outcome: string): Reading {
  return (event, [, user = '', assigned = '', from = '']) => {
    set(event, 'authentication', 'vpn_login', outcome)
    event.user_name = user
    put(event, 'mikrotik.assigned_address', assigned)
    event.source_ip = toAddress(from)
  }
}

/** A name is what a client sends, so that all stand between what is first and what is last in the line. */
const readings: readonly (readonly [shape: RegExp, read: Reading])[] = [
  [/^login failure for user (.*) from (\S+) via (\S+)$/s, access('authentication', 'login', 'failure')],
  [/^user (.*) logged in from (\S+) via (\S+)$/s, access('authentication', 'login', 'success')],
  [/^user (.*) logged out from (\S+) via (\S+)$/s, access('session', 'logout', '')],
  [
    /^user (.*) logged (in|out) via (\S+)$/s,
    (event, [, user = '', way = '', via = '']) => {
      set(
        event,
        way === 'in' ? 'authentication' : 'session',
        way === 'in' ? 'login' : 'logout',
        way === 'in' ? 'success' : '',
      )
      event.user_name = user
      put(event, 'mikrotik.via', via)
    },
  ],
  [
    /^denied (\S{1,40}) connect from (\S+)$/,
    (event, [, via = '', from = '']) => {
      set(event, 'network', 'firewall_block', 'failure')
      putSource(event, from)
      put(event, 'mikrotik.via', via)
    },
  ],
  [
    /^(.*) \(([\da-fA-F.:]{2,45})\): login failed: /s,
    (event, [, user = '', from = '']) => {
      set(event, 'authentication', 'hotspot_login', 'failure')
      event.user_name = user
      putSource(event, from)
    },
  ],
  [
    /^(.*) \(([\da-fA-F.:]{2,45})\): logged in$/s,
    (event, [, user = '', from = '']) => {
      set(event, 'authentication', 'hotspot_login', 'success')
      event.user_name = user
      putSource(event, from)
    },
  ],
  [/^(?:<[^>]{1,64}>: )?user (.*) authentication failed$/s, remote('failure')],
  [/^(?:<[^>]{1,64}>: )?(\S+) logged in, ([\da-fA-F.:]{2,45})(?: from (\S{2,45}))?/, remote('success')],
  [
    /^(?:<[^>]{1,64}>: )?(\S+) logged out, /,
    (event, [, user = '']) => {
      set(event, 'session', 'logout', '')
      event.user_name = user
    },
  ],
  [
    /^(.{1,80}) (added|changed|removed|moved) by (?:\S{1,60}:)?([^\s@]{1,64})(?:@([\da-fA-F.:]{2,45}))?(?: \(|$)/s,
    (event, [, what = '', how = '', user = '', from = '']) => {
      set(event, 'configuration', `config_${how}`, 'success')
      event.user_name = user
      event.source_ip = toAddress(from)
      put(event, 'mikrotik.item', what)
    },
  ],
  [
    /^(\S{1,64}) (assigned|deassigned) ([\da-fA-F.:]{2,45}) (?:for|to|from) ([\dA-Fa-f:]{17})(?: (.{1,255}))?$/s,
    (event, [, server = '', how = '', address = '', mac = '', name = '']) => {
      set(event, 'network', how === 'assigned' ? 'dhcp_lease' : 'dhcp_release', 'success')
      event.source_ip = toAddress(address)
      put(event, 'source.mac', mac)
      put(event, 'source.domain', name)
      put(event, 'mikrotik.server', server)
    },
  ],
  [
    /negotiation failed.{0,80}? ([\da-fA-F.:]{2,45})\[(\d{1,5})\]<=>([\da-fA-F.:]{2,45})\[(\d{1,5})\]/,
    (event, [, local = '', localPort = '', peer = '', peerPort = '']) => {
      set(event, 'network', 'vpn_negotiation', 'failure')
      event.source_ip = toAddress(peer)
      event.source_port = toPort(peerPort)
      event.destination_ip = toAddress(local)
      event.destination_port = toPort(localPort)
    },
  ],
]

/** Longest message that is looked at for its meaning. */
const MAX_MESSAGE = 4096

/** Set what a message means; false if it is of no known shape. */
function readMessage(event: Event, words: readonly string[], message: string): boolean {
  const head = message.slice(0, MAX_MESSAGE)
  if (words.includes('firewall') && readFirewall(event, head)) return true
  for (const [shape, read] of readings) {
    const found = shape.exec(head)
    if (found === null) continue
    read(event, found)
    return true
  }
  return false
}

/**
 * Read `system,error,critical login failure for user admin from 203.0.113.7 via winbox`: topics, a space, the message. `miss` if what stands first are not
 * all topics of RouterOS; a single one proves nothing unless the message does.
 */
function readMikrotik(text: string, event: Event): Outcome {
  const space = text.indexOf(' ')
  if (space < 3 || space > 120) return miss
  const words = text.slice(0, space).split(',')
  if (!words.every((word) => topics.has(word) || levels.has(word))) return miss
  const sure = words.length > 1 && words.some((word) => topics.has(word))
  if (!readMessage(event, words, text.slice(space + 1).trim())) {
    if (!sure) return miss
    event.event_category = 'host'
  }
  event.dataset = 'mikrotik'
  event.observer_vendor = 'MikroTik'
  event.observer_product = 'RouterOS'
  event.log_level = words.findLast((word) => levels.has(word)) ?? event.log_level
  put(event, 'mikrotik.topics', words.join(','))
  return ok
}

export const mikrotik: Parser = { format: 'mikrotik', parse: readMikrotik }
