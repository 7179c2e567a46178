// What did the packet filter of pfSense or OPNsense log? The values that `filterlog` writes, divided by commas.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put } from '../values/fields.ts'

/** TCP has the most: 29 with its options. */
const MAX_VALUES = 40

/** Rule, sub-rule, anchor, tracker or label, interface, reason, action, direction, version: none of it is the client's to write. */
const start = /^\d{0,10},[^,]{0,10},[^,]{0,128},[^,]{0,64},[^,]{1,32},[a-z-]{1,24},[a-z]{2,12},(?:in|out),[46],/

const verdicts: ReadonlyMap<string, readonly [action: string, outcome: string]> = new Map([
  ['block', ['firewall_block', 'failure']],
  ['reject', ['firewall_block', 'failure']],
  ['pass', ['firewall_allow', 'success']],
])

/** What stands behind the addresses, by protocol. */
function readProtocol(event: Event, protocol: string, rest: readonly string[]): void {
  switch (protocol) {
    case 'tcp':
    case 'udp': {
      const [source = '', destination = '', , flags = ''] = rest
      event.source_port = toPort(source)
      event.destination_port = toPort(destination)
      if (protocol === 'tcp') put(event, 'filterlog.tcp.flags', flags)
      break
    }
    case 'icmp':
    case 'icmp6':
    case 'ipv6-icmp':
      put(event, 'filterlog.icmp.type', rest[0] ?? '')
      break
    default:
  }
}

/**
 * Read `146,,,1535324496,igb1,match,block,in,4,0x0,,63,32989,0,DF,6,tcp,60,203.0.113.7,192.0.2.1,49652,853,0,S,1818117648,,64240,,mss`.
 * Source: Netgate documentation, "Raw Filter Log Format".
 */
function readFilterlog(text: string, event: Event): Outcome {
  if (!start.test(text)) return miss
  const values = text.split(',', MAX_VALUES)
  const [rule = '', , anchor = '', tracker = '', device = '', reason = '', action = '', direction = '', version = ''] =
    values
  // IPv4: tos, ecn, ttl, id, offset, flags, number, protocol. IPv6: class, flow, hop limit, protocol, number.
  const at = version === '4' ? 17 : 14
  const protocol = (values[version === '4' ? 16 : 12] ?? '').toLowerCase()
  const source = toAddress(values[at + 1] ?? '')
  const destination = toAddress(values[at + 2] ?? '')
  if (source === '' || destination === '') return miss

  const [verdict, outcome] = verdicts.get(action) ?? ['firewall_log', '']
  event.dataset = 'filterlog'
  event.observer_product = 'filterlog'
  event.event_category = 'network'
  event.event_action = verdict
  event.event_outcome = outcome
  event.event_code = rule
  event.source_ip = source
  event.destination_ip = destination
  event.network_transport = protocol
  event.network_bytes = asNumber(values[at], 0xffff_ffff)
  put(event, 'filterlog.anchor', anchor)
  put(event, 'filterlog.tracker', tracker)
  put(event, 'filterlog.action', action)
  put(event, 'filterlog.ttl', values[11] ?? '')
  put(event, 'event.reason', reason)
  put(event, 'network.direction', direction === 'in' ? 'inbound' : 'outbound')
  put(event, direction === 'in' ? 'observer.ingress.interface.name' : 'observer.egress.interface.name', device)
  readProtocol(event, protocol, values.slice(at + 3))
  return ok
}

export const filterlog: Parser = { format: 'filterlog', parse: readFilterlog }
