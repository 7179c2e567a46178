// How is a message written in the Common Event Format? `CEF:0|Siaga|Siaga|1|rule|title|severity|key=value …` (ArcSight CEF, version 0).
import type { Severity } from '../../../schemas/detection.ts'
import type { Outgoing } from './channel.ts'
import type { recordOf } from './record.ts'

/** Version of the fields below, not of the program: readers map by it. */
const VERSION = '1'

/** 0 to 10, as in the format's own words: 7–8 high, 9–10 very high. */
const severities: Readonly<Record<Severity, number>> = { critical: 10, high: 8, medium: 5, low: 3, informational: 1 }

/** Keys of the dictionary for what machines get; the label says what a numbered key holds. In order of weight. */
const keys: readonly (readonly [field: string, key: string, label?: string])[] = [
  ['idempotency_key', 'cs1', 'idempotency_key'],
  ['alert_id', 'externalId'],
  ['region', 'cs2', 'region'],
  ['link', 'cs3', 'link'],
  ['reason', 'act'],
  ['score', 'cn1', 'score'],
  ['findings', 'cnt'],
  ['first_seen', 'start'],
  ['last_seen', 'end'],
  ['created_at', 'rt'],
  ['region_code', 'cs4', 'region_code'],
  ['attack', 'cs5', 'attack'],
  ['case_id', 'cs6', 'case_id'],
  ['status', 'flexString1', 'status'],
  ['asset_id', 'flexString2', 'asset_id'],
]

const times: ReadonlySet<string> = new Set(['start', 'end', 'rt'])

/** Longest value, in characters. */
const MAX_VALUE = 1_000

/** One line of CEF of at most `room` octets: of the extension as much as fits, whole pairs. */
export function cefOf(outgoing: Outgoing, record: ReturnType<typeof recordOf>, room: number): string {
  const { alert } = outgoing.notification
  const id = 'rule_id' in record ? String(record.rule_id) : 'siaga.alert'
  const head = ['CEF:0', 'Siaga', 'Siaga', VERSION, id, outgoing.message.title]
    .map((part) => escapeHead(oneLine(part, 400)))
    .join('|')
  const start = `${head}|${severities[alert.severity]}|`
  const kept: string[] = []
  let octets = Buffer.byteLength(start)
  for (const pair of pairsOf(record)) {
    const more = Buffer.byteLength(pair) + 1
    if (octets + more > room) continue
    kept.push(pair)
    octets += more
  }
  return start + kept.join(' ')
}

function* pairsOf(record: ReturnType<typeof recordOf>): Generator<string> {
  for (const [field, key, label] of keys) {
    const value = record[field]
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) continue
    const text = times.has(key) ? String(Date.parse(String(value))) : String(value)
    const named = label === undefined ? '' : ` ${key}Label=${label}`
    yield `${key}=${escapeValue(oneLine(text, MAX_VALUE))}${named}`
  }
  const { entity } = record
  if (typeof entity !== 'string') return
  const colon = entity.indexOf(':')
  const key = entityKeys[entity.slice(0, Math.max(0, colon))]
  if (key !== undefined) yield `${key}=${escapeValue(oneLine(entity.slice(colon + 1), MAX_VALUE))}`
}

const entityKeys: Readonly<Record<string, string>> = {
  source_ip: 'src',
  user: 'suser',
  host: 'shost',
  domain: 'destinationDnsDomain',
}

function oneLine(text: string, max: number): string {
  return Array.from(text.slice(0, 4 * max).toWellFormed())
    .slice(0, max)
    .join('')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
}

function escapeHead(text: string): string {
  return text.replace(/[\\|]/g, '\\$&')
}

function escapeValue(text: string): string {
  return text.replace(/[\\=]/g, '\\$&')
}
