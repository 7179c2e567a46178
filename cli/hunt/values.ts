// With which values does a hunt run? Its window of time, its region and its own parameters, checked before the server is asked.
import { nearest } from '../../runtime/config-nearest.ts'
import { readLocalTime } from '../../runtime/local-time.ts'
import { CommandError } from '../frame.ts'
import { type Hunt, standardParameters } from './read.ts'

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
/** What DateTime of ClickHouse holds, in milliseconds since 1970 UTC. */
const MAX_TIME_MS = 4_294_967_295_000

/** Milliseconds of a span such as `24h`; undefined for what is none. */
export function spanMs(text: string): number | undefined {
  const [, count, unit = ''] = /^([1-9]\d{0,3})([mhd])$/.exec(text) ?? []
  const each = unitMs[unit]
  return count === undefined || each === undefined ? undefined : Number(count) * each
}

export interface HuntValues {
  /** Milliseconds since 1970 UTC, whole seconds. */
  readonly from: number
  readonly to: number
  /** Without since and until. */
  readonly own: Readonly<Record<string, string>>
  /** All of them, as ClickHouse takes them. */
  readonly params: Readonly<Record<string, string>>
}

export interface HuntWish {
  /** A span (`24h`) or a time; the window of the hunt unless told. */
  readonly since?: string | undefined
  /** A time; now unless told. */
  readonly until?: string | undefined
  readonly params?: Readonly<Record<string, string | number>> | undefined
}

/**
 * The values of one run. `now`: milliseconds since 1970 UTC. Times of people are in WIB unless they name a zone. Throws CommandError for
 * parameters that the hunt does not have and for times that are none.
 */
export function huntValues(hunt: Hunt, { since, until, params = {} }: HuntWish, now: number): HuntValues {
  const { since: sinceParam, until: untilParam, ...given } = params
  const to = timeOf('until', until ?? textOf(untilParam), now) ?? now
  const back = since ?? textOf(sinceParam) ?? hunt.window
  const span = spanMs(back)
  const from = span === undefined ? timeOf('since', back, now) : to - span
  if (from === undefined || from >= to || from < 0 || to > MAX_TIME_MS)
    throw new CommandError(
      `Jendela waktu kosong atau di luar jangkauan. / The window of time is empty or out of range.`,
      '--since harus sebelum --until, misalnya --since 24h. / --since must be before --until, such as --since 24h.',
      2,
    )
  for (const name of Object.keys(given)) if (!hunt.types.has(name)) throw unknownParameter(hunt, name)
  const defaults = Object.entries(hunt.parameters).map(([name, parameter]) => [name, String(parameter.default)])
  const own: Record<string, string> = {
    ...(hunt.types.has('region') ? { region: '' } : {}),
    ...Object.fromEntries(defaults),
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])),
  }
  const window = { from: Math.floor(from / 1000) * 1000, to: Math.floor(to / 1000) * 1000 }
  return { ...window, own, params: { since: clock(window.from), until: clock(window.to), ...own } }
}

const textOf = (value: string | number | undefined): string | undefined =>
  value === undefined ? undefined : String(value)

function timeOf(name: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  if (text === 'now') return now
  const at = readLocalTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text} 00:00` : text, 'WIB')
  if (at !== undefined) return at
  throw new CommandError(
    `--${name}: ${JSON.stringify(text.slice(0, 60))} bukan waktu. / is not a time.`,
    'Tulis rentang (30m, 24h, 7d) atau waktu seperti "2024-11-27 08:00 WITA". / Write a span (30m, 24h, 7d) or a time such as "2024-11-27 08:00 WITA".',
    2,
  )
}

/** As DateTime('UTC') reads it. */
function clock(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

function unknownParameter(hunt: Hunt, name: string): CommandError {
  const known = [
    ...Object.keys(standardParameters).filter((one) => hunt.types.has(one)),
    ...Object.keys(hunt.parameters),
  ]
  const near = nearest(name, known)
  return new CommandError(
    `Perburuan ${hunt.id} tidak punya parameter ${name}. / Hunt ${hunt.id} has no parameter ${name}${near === undefined ? '' : `; ${near}?`}.`,
    `Yang ada / it has: ${known.join(', ')}. Selengkapnya / more: siaga hunt show ${hunt.id}`,
    2,
  )
}
