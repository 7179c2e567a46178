// What did the packet filter of a Linux kernel log? Lines of iptables, nftables and those who write rules for them (ufw, firewalld, Shorewall).
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { Parser } from '../parser.ts'
import { beginsAsSyslog } from '../syslog/syslog-header.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { labelVerdict } from './device-words.ts'

/** A label has at most 127 characters (nftables), the kernel's own time stands before it. */
const MAX_PREFIX = 512
/** More words than the longest line has, an ICMP error with the packet that it is about. */
const MAX_WORDS = 96

/** Words that stand alone, and what they are about. */
const flags: ReadonlySet<string> = new Set(['SYN', 'ACK', 'FIN', 'RST', 'PSH', 'URG', 'ECE', 'CWR'])

/** Keys that have an ECS name or are worth a field. */
const names: ReadonlyMap<string, string> = new Map([
  ['TTL', 'netfilter.ttl'],
  ['HOPLIMIT', 'netfilter.ttl'],
  ['TYPE', 'netfilter.icmp.type'],
  ['CODE', 'netfilter.icmp.code'],
  ['UID', 'user.id'],
  ['GID', 'group.id'],
  ['MARK', 'netfilter.mark'],
  ['PHYSIN', 'netfilter.physical.ingress'],
  ['PHYSOUT', 'netfilter.physical.egress'],
])

/** `[  203.842973] `, seconds since the start of the machine. */
const uptime = /^\[ {0,16}\d{1,16}\.\d{1,9}\] ?/

/** Destination, source and type of an Ethernet frame, fourteen octets. */
function putMac(event: Event, mac: string): void {
  if (mac.length < 35) return
  put(event, 'destination.mac', mac.slice(0, 17))
  put(event, 'source.mac', mac.slice(18, 35))
}

/** Words `KEY=value` from `at` on; the first of a name counts: the length of the datagram is not that of the packet. */
function readPairs(text: string, at: number): { pairs: Map<string, string>; set: string[] } {
  const pairs = new Map<string, string>()
  const set: string[] = []
  let from = at
  for (let n = 0; n < MAX_WORDS && from < text.length; n++) {
    const space = text.indexOf(' ', from)
    const to = space < 0 ? text.length : space
    // In brackets stands the packet that an ICMP error answers.
    if (text.charCodeAt(from) === 91) break
    const equals = text.indexOf('=', from)
    if (equals > from && equals < to) {
      const key = text.slice(from, equals)
      if (!pairs.has(key)) pairs.set(key, text.slice(equals + 1, to))
    } else {
      const word = text.slice(from, to)
      if (flags.has(word)) set.push(word.toLowerCase())
    }
    from = to + 1
  }
  return { pairs, set }
}

/**
 * Read `[12.5] LABEL IN=eth0 OUT= MAC=… SRC=203.0.113.7 DST=192.0.2.1 LEN=40 … PROTO=TCP SPT=4711 DPT=23 … SYN`. The label is the administrator's,
 * everything behind it the kernel's: nothing of it is text of a client. Source: Linux, net/netfilter/nf_log_syslog.c.
 */
function readNetfilter(text: string, event: Event): Outcome {
  const out = text.indexOf(' OUT=')
  if (out < 0 || out > MAX_PREFIX || beginsAsSyslog(text)) return miss
  const equals = text.lastIndexOf('=', out)
  if (equals < 2 || text.indexOf(' ', equals) < out) return miss
  const { pairs, set } = readPairs(text, out + 1)
  const source = toAddress(pairs.get('SRC') ?? '')
  const destination = toAddress(pairs.get('DST') ?? '')
  if (source === '' || destination === '') return miss

  // Shorewall puts its label right before the key: `Shorewall:net2fw:DROP:IN=eth0`.
  const prefix = text.slice(0, equals - 2)
  const label = prefix
    .slice(uptime.exec(prefix)?.[0].length ?? 0)
    .trim()
    .replace(/^\[|[\]:]$/g, '')
  event.dataset = 'netfilter'
  event.event_category = 'network'
  ;[event.event_action, event.event_outcome] = labelVerdict(label)
  event.rule_name = label
  event.source_ip = source
  event.destination_ip = destination
  event.source_port = toPort(pairs.get('SPT') ?? '')
  event.destination_port = toPort(pairs.get('DPT') ?? '')
  event.network_transport = (pairs.get('PROTO') ?? '').toLowerCase()
  event.network_bytes = asNumber(pairs.get('LEN'), 0xffff_ffff)
  put(event, 'observer.ingress.interface.name', text.slice(equals + 1, out))
  put(event, 'observer.egress.interface.name', pairs.get('OUT') ?? '')
  putMac(event, pairs.get('MAC') ?? '')
  put(event, 'netfilter.tcp.flags', set.join(','))
  for (const [key, name] of names) put(event, name, pairs.get(key) ?? '')
  return ok
}

export const netfilter: Parser = { format: 'netfilter', parse: readNetfilter }
