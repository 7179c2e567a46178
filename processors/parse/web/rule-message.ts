// What does a rule of ModSecurity or Coraza say when it matches? One message, wherever it is written: error logs, audit logs, other programs' logs.
import type { Event } from '../../../schemas/event.ts'
import { toAddress } from '../values/address.ts'
import { put, tag } from '../values/fields.ts'
import { setDomain, setUrl } from './web.ts'

/** One rule that matched. */
export interface RuleHit {
  readonly id: string
  readonly message: string
  readonly data: string
  /** 0 to 100, 0 unknown. */
  readonly severity: number
  readonly denied: boolean
  readonly tags: readonly string[]
}

const severityWords = ['EMERGENCY', 'ALERT', 'CRITICAL', 'ERROR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG']
const severityPoints = [100, 95, 90, 70, 50, 25, 10, 5]

/** Points of a hundred for a severity by its word or number. Version 3 and Coraza write 0 where a rule sets none. */
export function ruleSeverity(severity: string): number {
  const number = severityWords.indexOf(severity.toUpperCase())
  if (number >= 0) return severityPoints[number] ?? 0
  return severity.length === 1 && severity !== '0' ? (severityPoints[Number(severity)] ?? 0) : 0
}

/** Index of the quote and bracket that close the value which begins at `from`: the first that no backslash escapes, or -1. */
function valueEnd(text: string, from: number): number {
  for (let at = text.indexOf('"]', from); at >= 0; at = text.indexOf('"]', at + 1)) {
    let back = at - 1
    while (back >= from && text.charCodeAt(back) === 92) back--
    if (((at - back) & 1) === 1) return at
  }
  return -1
}

/** Value of `[key "value"]` behind `from`, or ''. */
function settingOf(text: string, key: string, from: number): string {
  const at = text.indexOf(key, from)
  if (at < 0) return ''
  const to = valueEnd(text, at + key.length)
  return to < 0 ? '' : text.slice(at + key.length, to)
}

const MAX_TAGS = 32

/** Values of `[tag "value"]` behind `from`. */
function tagsOf(text: string, from: number): string[] {
  const tags: string[] = []
  let at = text.indexOf('[tag "', from)
  while (at >= 0 && tags.length < MAX_TAGS) {
    const to = valueEnd(text, at + 6)
    if (to < 0) break
    tags.push(text.slice(at + 6, to))
    at = text.indexOf('[tag "', to)
  }
  return tags
}

/**
 * Where the rule's own words begin: `[file "…"] [line "…"] [id "…"]`. Before them stands what matched and behind them, in `data`, once more: both are
 * the client's, and version 3 escapes no quotes. So it is the last before `data`.
 */
function detailsAt(text: string, from: number): number {
  // Some rule sets have them first: then nothing of a client's stands before them.
  if (text.startsWith('[file "', from)) return from
  const data = text.indexOf('[data "', from)
  const file = text.lastIndexOf('[file "', data < 0 ? text.length : data)
  return file > from ? file : Math.max(from, text.indexOf('[id "', from))
}

/** Read the message that begins at `from`, as `Warning. Matched phrase "…" at ARGS:a. [file "…"] [line "…"] [id "…"] [msg "…"] …`. */
export function parseRuleMessage(text: string, from: number): RuleHit {
  const at = detailsAt(text, from)
  return {
    id: settingOf(text, '[id "', at),
    message: settingOf(text, '[msg "', at),
    data: settingOf(text, '[data "', at),
    severity: ruleSeverity(settingOf(text, '[severity "', at)),
    denied:
      text.startsWith('Access denied', from) ||
      (text.startsWith('[file "', from) && text.includes('"] Access denied with code ', from)),
    tags: tagsOf(text, at),
  }
}

/** Rules of the Core Rule Set that only add up what others found: set-up, evaluation of the score, correlation. */
const sums = /^(?:901|949|959|980)\d{3}$/

/** The rule that says most of what was tried: the gravest that looked at the request itself. */
function gravest(hits: readonly RuleHit[]): RuleHit | undefined {
  let best: RuleHit | undefined
  for (const hit of hits) {
    if (sums.test(hit.id)) continue
    if (best === undefined || hit.severity > best.severity) best = hit
  }
  return best ?? hits[0]
}

/** Set what the rules that matched on one request say; `intercepted`: it was stopped even if no message says so. */
export function setHits(event: Event, hits: readonly RuleHit[], intercepted: boolean): void {
  const hit = gravest(hits)
  if (hit === undefined && !intercepted) return
  event.event_category = 'intrusion_detection'
  event.event_action = intercepted || hits.some(({ denied }) => denied) ? 'waf_block' : 'waf_alert'
  if (hit === undefined) return
  event.event_code = hit.id
  event.rule_name = hit.message
  event.event_severity = hits.reduce((highest, { severity }) => Math.max(highest, severity), 0)
  put(event, 'modsecurity.data', hit.data)
  put(event, 'modsecurity.tags', hit.tags.join(','))
  if (hits.length > 1) put(event, 'modsecurity.rules', [...new Set(hits.map(({ id }) => id))].join(','))
}

const writers = ['ModSecurity', 'Coraza'] as const

/**
 * Read `ModSecurity: Warning. …` or `Coraza: Access denied …` at `from` of a log line, maybe behind `[client "192.0.2.7"] `. Answers false, and leaves
 * the event untouched, if there is none.
 */
export function readRuleMessage(event: Event, text: string, from: number): boolean {
  const client = text.startsWith('[client ', from) ? text.indexOf('] ', from) : -1
  const at = client < 0 ? from : client + 2
  const writer = writers.find((name) => text.startsWith(name, at) && text.startsWith(': ', at + name.length))
  if (writer === undefined) return false
  let message = at + writer.length + 2
  while (text.charCodeAt(message) === 32) message++
  if (client > 0 && event.source_ip === '') {
    event.source_ip = toAddress(text.slice(from + 8, client).replaceAll('"', ''))
  }
  const details = detailsAt(text, message)
  setHits(event, [parseRuleMessage(text, message)], false)
  // A second set of a rule's own words before `data` is the client's, or ours are.
  const first = text.indexOf('[file "', message)
  if (first >= 0 && first < details) tag(event, 'rule_ambiguous')
  event.observer_product = writer
  const tail = text.indexOf('[hostname "', Math.max(details, text.indexOf('[severity "', details)))
  if (tail > 0) {
    setDomain(event, settingOf(text, '[hostname "', tail))
    const uri = settingOf(text, '[uri "', tail)
    if (uri !== '') setUrl(event, uri)
    put(event, 'modsecurity.unique_id', settingOf(text, '[unique_id "', tail))
  }
  return true
}
