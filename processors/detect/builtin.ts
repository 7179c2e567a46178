// Which attack patterns does a web request show? The built-in ones.
import type { Detection } from '../../schemas/detection.ts'
import type { Event } from '../../schemas/event.ts'
import { bounded } from '../enrich/bounded.ts'
import { detectionOf, type Signal } from './signals.ts'
import { createScan, decode, has, MAX_TEXT, SEPARATOR, wordBit } from './text.ts'
import { attackAgents, contentRules, type Pattern, pathRules, type WebRule } from './web-rules.ts'

type WebFields = Pick<Event, 'url_original' | 'http_status_code' | 'http_referrer' | 'user_agent_original'>
const MAX_VALUE = 200
const none: readonly Detection[] = Object.freeze([])

/**
 * A function that gives the detections on an event; the same empty array whenever there are none. At most one detection for each rule and
 * field. Pure; linear in the length of the event's texts, of which the first 16 KiB are read.
 */
export function createWebDetect(): (event: WebFields) => readonly Detection[] {
  const lists = [...contentRules, ...pathRules].flatMap((rule) => rule.patterns.flatMap(({ starts }) => starts ?? []))
  const scan = createScan(lists)
  const compiled = [...contentRules, ...pathRules].map((rule) => compile(rule, lists))
  const inHeaders = compiled.filter(({ rule }) => contentRules.includes(rule) && rule.urlOnly !== true)

  const patterns = compiled.flatMap((rule) => rule.patterns)
  const encoded = has.percent | has.backslash
  const alone = patterns.filter(({ and }) => and === 0).reduce((bits, { needs }) => bits | needs, encoded)
  const paired = patterns.filter(({ and }) => and !== 0)
  const mayMatch = (bits: number): boolean => {
    if ((bits & alone) !== 0) return true
    return bits !== 0 && paired.some(({ needs, and }) => (bits & needs) !== 0 && (bits & and) === and)
  }

  const matchUrl = (event: WebFields, rawBits: number): Detection[] | undefined => {
    const { text, disguised, ampersand } = decode(event.url_original, false)
    const bits = rawBits | scan(text) | (ampersand ? has.encodedAmpersand : 0)
    const flat = flatten(text, bits)
    let found: Detection[] | undefined
    for (const { rule, patterns } of compiled) {
      if (rule.answer !== undefined && !answered(rule.answer, event.http_status_code)) continue
      const matched =
        match(patterns, rule.flat === true ? flat : text, bits) ??
        (disguised && rule.disguised === true ? text : undefined)
      if (matched !== undefined) found = append(found, detection(rule, 'url_original', matched))
    }
    return found
  }
  const matchHeader = (raw: string, field: string, query: boolean): Detection[] | undefined => {
    const { text } = decode(raw, query)
    const bits = scan(text)
    const flat = flatten(text, bits)
    let found: Detection[] | undefined
    for (const { rule, patterns } of inHeaders) {
      const matched = match(patterns, rule.flat === true ? flat : text, bits)
      if (matched !== undefined) found = append(found, detection(rule, field, matched))
    }
    return found
  }
  const onAgent = bounded(
    (agent: string): readonly Detection[] => {
      const text = agent.length > MAX_TEXT ? agent.slice(0, MAX_TEXT) : agent
      const suspicious = (scan(text) & suspiciousInHeader) !== 0 || /select|sleep\(/i.test(text)
      const found = suspicious ? matchHeader(text, 'user_agent_original', true) : undefined
      if (!attackAgents.test(text.toLowerCase())) return found ?? none
      return append(found, detection(attackTool, 'user_agent_original', text))
    },
    MAX_AGENTS,
    MAX_AGENT_KEY,
  )

  return (event) => {
    let found: Detection[] | undefined
    if (event.url_original !== '') {
      const bits = scan(event.url_original)
      if (mayMatch(bits)) found = matchUrl(event, bits)
    }
    if (event.user_agent_original !== '') {
      const onIt = onAgent(event.user_agent_original)
      if (onIt.length > 0) found = [...(found ?? none), ...onIt]
    }
    if (event.http_referrer !== '' && (scan(event.http_referrer) & suspiciousInHeader) !== 0) {
      const inIt = matchHeader(event.http_referrer, 'http_referrer', false)
      if (inIt !== undefined) found = [...(found ?? none), ...inIt]
    }
    return found ?? none
  }
}

const MAX_AGENTS = 20_000
const MAX_AGENT_KEY = 512

/** Characters that an ordinary Referer or User-Agent does not hold. */
const suspiciousInHeader = has.quote | has.angle | has.dollar | has.brace | has.backtick | has.percent | has.pipe

interface CompiledRule {
  readonly rule: WebRule
  readonly patterns: readonly { readonly needs: number; readonly and: number; readonly regex: RegExp }[]
}

function compile(rule: WebRule, lists: readonly Pattern['starts'][]): CompiledRule {
  const patterns = rule.patterns.map(({ needs = 0, and = 0, starts, regex }) => ({
    needs: starts === undefined ? needs : needs | wordBit(lists.indexOf(starts)),
    and,
    regex,
  }))
  return { rule, patterns }
}

/** Line ends as spaces. */
function flatten(text: string, bits: number): string {
  return (bits & has.control) === 0 ? text : text.replace(/[\r\n]+ ?/g, ' ')
}

/** What the first matching pattern found. */
function match(patterns: CompiledRule['patterns'], text: string, bits: number): string | undefined {
  for (const { needs, and, regex } of patterns) {
    if ((bits & needs) === 0 || (bits & and) !== and) continue
    const found = regex.exec(text)
    if (found !== null) return found[0]
  }
  return undefined
}

function append(found: Detection[] | undefined, one: Detection): Detection[] {
  if (found === undefined) return [one]
  found.push(one)
  return found
}

const attackTool: Signal = {
  id: 'siaga.builtin.attack_tool',
  title: 'Attack or audit tool by its User-Agent',
  severity: 'medium',
  technique: 'T1595.002',
}

function detection(signal: Signal, field: string, matched: string): Detection {
  return detectionOf(signal, field, readable(matched))
}

/** At most 200 characters, without control characters. */
function readable(matched: string): string {
  const cut = matched.length > MAX_VALUE ? matched.slice(0, MAX_VALUE) : matched
  return cut
    .replaceAll(SEPARATOR, '&')
    .replace(/\p{Cc}/gu, ' ')
    .toWellFormed()
}

function answered(kind: 'refused' | 'served', status: number): boolean {
  return kind === 'served' ? status >= 200 && status < 300 : status === 0 || status >= 400
}
