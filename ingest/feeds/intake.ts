// How do the values of a feed become indicators? Canonical, with the feed's defaults, each once, what cannot be read counted by its reason.
import type { Feed } from '../../schemas/feed.ts'
import type { Indicator, IndicatorType, Tlp } from '../../schemas/indicator.ts'
import { observableOf } from './canonical.ts'

/** What of a feed's settings parsers go by. */
export type ParseSettings = Pick<
  Feed,
  | 'id'
  | 'type'
  | 'columns'
  | 'delimiter'
  | 'confidence'
  | 'max_confidence'
  | 'tlp'
  | 'expire_days'
  | 'max_indicators'
  | 'max_bytes'
>

/** What a feed says of one value. Times are milliseconds since 1970 UTC; what is missing takes the feed's defaults. */
export interface Candidate {
  readonly value: string
  readonly type?: IndicatorType | undefined
  readonly confidence?: number | undefined
  /** Part of the confidence, told or default, that is left. */
  readonly trust?: number
  readonly first_seen?: number | undefined
  /** Without it the feed vouches for the value today. */
  readonly last_seen?: number | undefined
  readonly expires?: number | undefined
  readonly tlp?: Tlp | undefined
  readonly threat?: string | undefined
  readonly reference?: string | undefined
  readonly labels?: readonly string[] | undefined
}

export interface Problem {
  readonly reason: string
  readonly count: number
  /** The first few, cut. */
  readonly examples: readonly string[]
}

/** What a parser makes of the bytes of a feed. */
export interface Parsed {
  readonly indicators: Indicator[]
  readonly problems: readonly Problem[]
  /** Entries that the feed holds, whatever became of them. */
  readonly total: number
}

export interface Intake {
  add(candidate: Candidate): void
  /** Takes an indicator that is one already. */
  merge(indicator: Indicator): void
  problem(reason: string, example: string): void
  done(): Parsed
}

export const DAY_MS = 86_400_000
const EXAMPLES = 5
const EXAMPLE_LENGTH = 120
const MAX_REASONS = 50
/** A clock of the feed may be ahead of ours by so much. */
const AHEAD_MS = DAY_MS

/**
 * Gathers the indicators of one feed. `now` in milliseconds since 1970 UTC. The same value twice becomes one indicator: best confidence,
 * earliest first seen, latest last seen, latest end, strictest TLP. `expires` is always set: the feed's own end, else last seen and
 * `expire_days`. What has expired is left out.
 */
export function createIntake(settings: ParseSettings, now: number): Intake {
  const { id, max_indicators: most } = settings
  // One table a type: a key put together for each value would cost more than everything else.
  const found = new Map<IndicatorType, Map<string, Indicator>>()
  let size = 0
  const problems = new Map<string, { count: number; examples: string[] }>()
  // The day, not the moment: a list that did not change gives the same indicators again.
  const today = now - (now % DAY_MS)
  let total = 0

  function problem(reason: string, example: string): void {
    const name = problems.has(reason) || problems.size < MAX_REASONS ? reason : 'other'
    const known = problems.get(name) ?? { count: 0, examples: [] }
    known.count++
    if (known.examples.length < EXAMPLES) known.examples.push(cut(example, EXAMPLE_LENGTH))
    problems.set(name, known)
  }

  function merge(indicator: Indicator): void {
    if (indicator.expires <= now) {
      problem('expired', indicator.value)
      return
    }
    const { type, value } = indicator
    let table = found.get(type)
    if (table === undefined) {
      table = new Map()
      found.set(type, table)
    }
    const other = table.get(value)
    if (other !== undefined) table.set(value, merged(other, indicator))
    else if (size < most) {
      table.set(value, indicator)
      size++
    } else problem('too_many', value)
  }

  return {
    problem,
    merge,
    add(candidate) {
      total++
      const observable = observableOf(candidate.value, candidate.type)
      if (observable === undefined) {
        problem(candidate.type === undefined ? 'not_recognised' : `not_${candidate.type}`, candidate.value)
        return
      }
      const last = past(candidate.last_seen, now) ?? today
      const first = Math.min(past(candidate.first_seen, now) ?? last, last)
      merge({
        ...observable,
        source: id,
        confidence: Math.min(
          Math.round((percent(candidate.confidence) ?? settings.confidence) * (candidate.trust ?? 1)),
          settings.max_confidence,
        ),
        first_seen: first,
        last_seen: last,
        expires: whole(candidate.expires) ?? last + settings.expire_days * DAY_MS,
        tlp: candidate.tlp ?? settings.tlp,
        threat: cut(clean(candidate.threat ?? ''), 200),
        reference: cut(clean(candidate.reference ?? ''), 500),
        labels: labelsOf(candidate.labels ?? []),
      })
    },
    done: () => ({
      indicators: [...found.values()].flatMap((table) => [...table.values()]),
      problems: [...problems]
        .map(([reason, { count, examples }]) => ({ reason, count, examples }))
        .sort((a, b) => b.count - a.count),
      total,
    }),
  }
}

const strictness: Readonly<Record<Tlp, number>> = { clear: 0, green: 1, amber: 2, 'amber+strict': 3, red: 4 }

/** The stricter of two. */
export function stricter(a: Tlp, b: Tlp): Tlp {
  return strictness[a] >= strictness[b] ? a : b
}

function merged(a: Indicator, b: Indicator): Indicator {
  const better = b.confidence > a.confidence ? b : a
  const other = better === a ? b : a
  return {
    ...better,
    first_seen: Math.min(a.first_seen, b.first_seen),
    last_seen: Math.max(a.last_seen, b.last_seen),
    expires: Math.max(a.expires, b.expires),
    tlp: stricter(a.tlp, b.tlp),
    threat: better.threat || other.threat,
    reference: better.reference || other.reference,
    labels: other.labels.length === 0 ? better.labels : labelsOf([...better.labels, ...other.labels]),
  }
}

/** Most indicators have none. */
const noLabels: string[] = []
Object.freeze(noLabels)

function labelsOf(labels: readonly string[]): string[] {
  if (labels.length === 0) return noLabels
  const kept = labels.slice(0, 100).map((label) => cut(clean(label), 100))
  return [...new Set(kept.filter((label) => label !== ''))].slice(0, 10)
}

function whole(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value > 0 ? Math.min(Math.floor(value), MAX_TIME) : undefined
}

/** The end of what a date can say. */
const MAX_TIME = 8.64e15

/** A time that is not ahead of ours; one far ahead is no time at all. */
function past(value: number | undefined, now: number): number | undefined {
  const time = whole(value)
  if (time === undefined || time > now + AHEAD_MS) return undefined
  return Math.min(time, now)
}

function percent(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? Math.round(Math.min(100, Math.max(0, value))) : undefined
}

function clean(text: string): string {
  return text === '' ? text : text.replace(/[\p{Cc}\s]+/gu, ' ').trim()
}

/** Cut to so many UTF-16 units, never in the middle of a character. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const code = text.charCodeAt(length - 1)
  return text.slice(0, code >= 0xd800 && code < 0xdc00 ? length - 1 : length)
}

/** A time as feeds write it: ISO 8601, `2026-11-27 08:00:00` (UTC), with `UTC` behind it, a date, or seconds or milliseconds since 1970. */
export function timeOf(text: string | number | undefined | null): number | undefined {
  if (text === undefined || text === null || text === '') return undefined
  const plain = String(text).trim()
  if (/^\d{9,10}(?:\.\d{1,9})?$/.test(plain)) return Number(plain) * 1000
  if (/^\d{12,13}$/.test(plain)) return Number(plain)
  const [, date, time = '00:00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?))? ?(Z|UTC|[+-]\d\d:?\d\d)?$/i.exec(plain) ?? []
  if (date === undefined) return undefined
  const offset = /^[+-]/.test(zone) ? zone.replace(/(\d\d):?(\d\d)$/, '$1:$2') : 'Z'
  const at = Date.parse(`${date}T${time.replace(',', '.')}${offset}`)
  return Number.isNaN(at) ? undefined : at
}

/** A TLP as feeds write it: `TLP:AMBER`, `tlp:white`, `amber+strict`. */
export function tlpOf(text: string | undefined): Tlp | undefined {
  const level = (text ?? '')
    .trim()
    .toLowerCase()
    .replace(/^tlp[:-]/, '')
    .trim()
    .replace(/[ _-]strict$/, '+strict')
  if (level === 'white' || level === 'clear' || level === 'unclear') return 'clear'
  if (level === 'green' || level === 'amber' || level === 'amber+strict' || level === 'red') return level
  return undefined
}
