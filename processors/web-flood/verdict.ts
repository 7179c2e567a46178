// Crowd or attack? The verdict on a site's minute: the score of each part of its requests, the worst of them, and whether people get answers at all.
import { type Moment, type Sign, signsOf, type Usual } from './features.ts'
import { type Minute, type Part, type PartKind, partKinds } from './traffic.ts'
import { PRIOR, weights } from './weights.ts'

/** `mixed`: a flood inside a crowd. `ordinary`: no more requests than usual, judged for its outage alone. */
export type VerdictName = 'crowd' | 'attack' | 'mixed' | 'ordinary'

export interface SignPoints extends Sign {
  readonly points: number
}

/** A part with what speaks for and against a flood. */
export interface JudgedPart {
  readonly part: Part
  readonly share: number
  readonly points: number
  /** Chance in a hundred that a person should look. */
  readonly score: number
  /** Those with points, weightiest first. */
  readonly signs: readonly SignPoints[]
}

export interface Outage {
  readonly errors: number
  readonly errorsUsual: number
  readonly probes: number
  readonly failures: number
}

export interface Verdict {
  readonly minute: Minute
  readonly usual: Usual
  readonly verdict: VerdictName
  readonly outage: Outage | undefined
  /** Of the worst part; undefined where nothing but an outage was judged. */
  readonly worst: JudgedPart | undefined
  /** Parts that look like a flood, worst first. They overlap: one flood has a network, an agent and a path. */
  readonly suspicious: readonly JudgedPart[]
  readonly score: number
}

/** Smaller parts of the requests are not judged: their absence would change nothing. */
const LEAST_SHARE = 0.03
/** From this share on the flood is the load, and not inside of it. */
const WHOLE = 0.6
/** A flood is judged from so many times the usual requests on. */
const TIMES_USUAL = 3
/** An outage: so many of the answers are errors, far above what is usual, of enough requests; or that share of the probes failed. */
const OUTAGE_ERRORS = 0.2
const OUTAGE_REQUESTS = 60
const OUTAGE_PROBES = 2

/** Chance in a hundred of so many points; ten are one unit of log-odds. */
function scoreOf(points: number): number {
  return Math.round(100 / (1 + Math.exp(-points / 10)))
}

/** The score of one part: the sum of its signs' points. */
function judgePart(part: Part, all: Part, usual: Usual, moment: Moment): JudgedPart {
  const signs = signsOf(part, all, usual, moment)
    .map((sign) => ({ ...sign, points: Math.round(weights[sign.name] * sign.value) + 0 }))
    .filter(({ points }) => points !== 0)
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points) || compare(a.name, b.name))
  const points = signs.reduce((sum, sign) => sum + sign.points, PRIOR)
  return { part, share: all.requests > 0 ? part.requests / all.requests : 0, points, score: scoreOf(points), signs }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Kind of a part, such as `network`. */
export function kindOf({ part }: Pick<Part, 'part'>): PartKind | undefined {
  const kind = part.split(':', 1)[0]
  return partKinds.find((name) => name === kind)
}

/**
 * Judges the parts of a rush of requests. A part whose chance of being a flood is above one half is suspicious; with one the minute is `mixed`, or
 * `attack` if it is most of the requests; without, it is a `crowd`.
 */
export function judgeRush(
  minute: Minute,
  parts: readonly Part[],
  usual: Usual,
  moment: Moment,
  outage: Outage | undefined,
): Verdict {
  const all = parts.find(({ part }) => part === 'all:')
  const judged = (all === undefined ? [] : parts)
    .flatMap((part) => (all === undefined ? [] : [judgePart(part, all, usual, moment)]))
    .filter(({ share }) => share >= LEAST_SHARE)
    .sort((a, b) => b.points - a.points || b.part.requests - a.part.requests || compare(a.part.part, b.part.part))
  const suspicious = judged.filter(({ points }) => points > 0)
  const [worst] = judged
  const most = suspicious.reduce((max, { share }) => Math.max(max, share), 0)
  const verdict = suspicious.length === 0 ? 'crowd' : most >= WHOLE ? 'attack' : 'mixed'
  return { minute, usual, verdict, outage, worst, suspicious, score: worst?.score ?? 0 }
}

/** A minute without a rush, told for its outage. */
export function judgeOutage(minute: Minute, usual: Usual, outage: Outage): Verdict {
  return { minute, usual, verdict: 'ordinary', outage, worst: undefined, suspicious: [], score: 0 }
}

/** True if a minute has so many requests that they want an explanation. */
export function isRush(
  { requests }: Pick<Minute, 'requests'>,
  usual: Pick<Usual, 'requests'>,
  minRate: number,
): boolean {
  return requests >= minRate * 60 && requests >= TIMES_USUAL * usual.requests
}

/** What keeps people from their answers, whoever or whatever causes it; undefined if nothing does. */
export function outageOf(
  { requests, errors }: Pick<Minute, 'requests' | 'errors'>,
  { mean }: Pick<Usual, 'mean'>,
  { probes, failures }: { readonly probes: number; readonly failures: number },
): Outage | undefined {
  const share = requests > 0 ? errors / requests : 0
  const usual = mean.requests > 0 ? mean.errors / mean.requests : 0
  const failing = requests >= OUTAGE_REQUESTS && share >= OUTAGE_ERRORS && share >= 2 * usual
  const unreachable = failures >= OUTAGE_PROBES && failures * 2 >= probes
  return failing || unreachable ? { errors: share, errorsUsual: usual, probes, failures } : undefined
}

/** From so many points on one minute is enough; below, a second one within three minutes must agree before people are woken. */
const STRONG = 30

/** True if people are told of a flood. `before`: a minute of the two before was suspicious too. */
export function isTold({ worst, suspicious }: Pick<Verdict, 'worst' | 'suspicious'>, before: boolean): boolean {
  return suspicious.length > 0 && (before || (worst?.points ?? 0) >= STRONG)
}
