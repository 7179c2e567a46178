// What does dnsmasq log? Names asked for and answered, what a block list held, leases. Pi-hole writes the same.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import type { Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put } from '../values/fields.ts'

/** Number of the query and its client, with `log-queries=extra`: `132 203.0.113.7/56106 `. */
const extra = /^\d{1,10} ([\da-fA-F.:]{2,45})\/(\d{1,5}) /

type Found = readonly (string | undefined)[]

function set(event: Event, action: string, outcome: string): void {
  event.event_category = 'network'
  event.network_protocol = 'dns'
  event.event_action = action
  event.event_outcome = outcome
}

/** `type=65` is what dnsmasq has no name for. */
function setQuestion(event: Event, name: string, type: string): void {
  event.dns_question_name = name === '<name unprintable>' ? '' : name.toLowerCase()
  event.dns_question_type = type.replace(/^type=/, 'TYPE')
}

/** Words in place of an answer, and the response codes that they mean. */
const codes: ReadonlyMap<string, string> = new Map([
  ['NXDOMAIN', 'NXDOMAIN'],
  ['NODATA', 'NOERROR'],
  ['NODATA-IPv4', 'NOERROR'],
  ['NODATA-IPv6', 'NOERROR'],
  ['SERVFAIL', 'SERVFAIL'],
  ['REFUSED', 'REFUSED'],
  ['not implemented', 'NOTIMP'],
])

function readAnswer(event: Event, found: Found): void {
  const [, source = '', name = '', answer = ''] = found
  const blocked = /^(?:gravity|exactly|regex) /.test(source)
  const code = codes.get(answer) ?? 'NOERROR'
  set(event, blocked ? 'dns_block' : 'dns_answer', blocked || code !== 'NOERROR' ? 'failure' : 'success')
  if (name !== 'error') setQuestion(event, name, '')
  event.dns_response_code = code
  if (blocked) event.rule_name = source
  if (!codes.has(answer)) put(event, 'dns.answers.data', answer)
  put(event, 'dnsmasq.source', source)
}

function readLease(event: Event, found: Found): void {
  const [, kind = '', device = '', rest = ''] = found
  const words = rest.split(' ', 16)
  const address = toAddress(words[0] ?? '')
  const mac = words[address === '' ? 0 : 1] ?? ''
  event.event_category = 'network'
  event.network_protocol = 'dhcp'
  event.event_action = kind.toLowerCase()
  event.event_outcome = kind === 'DHCPACK' ? 'success' : kind === 'DHCPNAK' ? 'failure' : ''
  event.source_ip = address
  put(event, 'source.mac', /^[\da-f:]{11,23}$/i.test(mac) ? mac : '')
  // A name of the client's own choice, or why it was refused.
  put(event, kind === 'DHCPNAK' ? 'event.reason' : 'source.domain', words.slice(address === '' ? 1 : 2).join(' '))
  put(event, 'observer.ingress.interface.name', device)
}

/** Names may hold blanks, so what follows them is looked for from the end. */
const messages: readonly (readonly [shape: RegExp, read: (event: Event, found: Found) => void])[] = [
  [
    /^query\[([\w=-]{1,16})\] (.{0,1024}) from ([\da-fA-F.:]{2,45})$/,
    (event, [, type = '', name = '', from = '']) => {
      set(event, 'dns_query', '')
      setQuestion(event, name, type)
      event.source_ip = toAddress(from)
    },
  ],
  [
    /^(reply|cached(?:-stale)?|config|gravity blocked|exactly (?:blacklisted|denied)|regex (?:blacklisted|denied)|special domain|DHCP|(?:\/[\w./-]{1,128})) (.{1,1024}) is (\S{1,255}|not implemented)$/,
    readAnswer,
  ],
  [
    /^forwarded (.{1,1024}) to ([\da-fA-F.:]{2,45})(?:#(\d{1,5}))?$/,
    (event, [, name = '', server = '', port = '']) => {
      set(event, 'dns_forward', '')
      setQuestion(event, name === 'query' ? '' : name, '')
      event.destination_ip = toAddress(server)
      event.destination_port = toPort(port)
    },
  ],
  [
    /^possible DNS-rebind attack detected: (.{1,1024})$/,
    (event, [, name = '']) => {
      set(event, 'dns_rebind', 'failure')
      event.event_category = 'intrusion_detection'
      event.event_severity = 50
      event.rule_name = 'DNS rebinding'
      setQuestion(event, name, '')
    },
  ],
  [/^(DHCP[A-Z]{3,12}|RTR-[A-Z]{3,12})\(([\w.:-]{1,32})\) (.{1,512})$/, readLease],
]

/**
 * Read `query[A] kpu.example from 203.0.113.7`, `reply kpu.example is 192.0.2.10`, `DHCPACK(eth0) 192.0.2.50 52:54:00:12:34:56 laptop`; `miss`
 * for what says none of it. Source: dnsmasq 2.90, man page and src/cache.c, src/rfc2131.c.
 */
function readDnsmasq(text: string, event: Event): Outcome {
  const numbered = extra.exec(text)
  // DHCP has a number of its own: `log-dhcp`.
  const from = numbered?.[0].length ?? /^\d{1,10} (?=DHCP)/.exec(text)?.[0].length ?? 0
  const message = text.slice(from, from + 2048).trimEnd()
  for (const [shape, read] of messages) {
    const found = shape.exec(message)
    if (found === null) continue
    event.dataset = 'dnsmasq'
    read(event, found)
    if (numbered !== null) {
      event.source_ip = toAddress(numbered[1] ?? '')
      event.source_port = toPort(numbered[2] ?? '')
    }
    return ok
  }
  return miss
}

export const dnsmasq: Parser = { format: 'dnsmasq', parse: readDnsmasq }
