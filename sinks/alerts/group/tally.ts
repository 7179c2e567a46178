// What is known of many findings, in bounded space? Tallies that come out the same whatever the order and however often a finding is added.
import { z } from 'zod'
import { AlertFinding } from '../../../schemas/alert.ts'
import type { Finding, Severity } from '../../../schemas/detection.ts'
import {
  addDistinct,
  createDistinct,
  type Distinct,
  decodeDistinct,
  encodeDistinct,
  encodedDistinct,
  mergeDistinct,
} from './distinct.ts'
import { hash53 } from './hash.ts'
import { addWorst, compareText, compareWeight, identity, isFull, type Kept, keptOf, mayBeWorst } from './worst.ts'

const MAX_ATTACK = 64
const MAX_TECHNIQUE = 32
/** Enough to know whether all agree. */
const MAX_DIFFERENT = 2

/** Findings of one rule in one hour. */
export interface Tally {
  /** Event time of the first and the last, milliseconds since 1970 UTC. */
  first: number
  last: number
  worst: Kept[]
  attack: string[]
  owners: string[]
  /** Their ids. */
  ids: Distinct
  /** Their matters; only counted where they are not all of one. */
  matters: Distinct
}

export function createTally(): Tally {
  return {
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
    worst: [],
    attack: [],
    owners: [],
    ids: createDistinct(),
    matters: createDistinct(),
  }
}

/** Adds a finding; true if that changed anything. */
export function addFinding(tally: Tally, finding: Finding): boolean {
  let changed = addDistinct(tally.ids, hash53(finding.finding_id))
  if (finding.window_end < tally.first) {
    tally.first = finding.window_end
    changed = true
  }
  if (finding.window_end > tally.last) {
    tally.last = finding.window_end
    changed = true
  }
  for (const technique of finding.attack) {
    if (keepFirst(tally.attack, technique.slice(0, MAX_TECHNIQUE), MAX_ATTACK)) changed = true
  }
  if (keepFirst(tally.owners, identity(finding.owner), MAX_DIFFERENT)) changed = true
  if (mayBeWorst(tally.worst, finding) && addWorst(tally.worst, keptOf(finding))) changed = true
  return changed
}

/** Adds to `into` what `other` holds. */
export function mergeTally(into: Tally, other: Tally): void {
  mergeShared(into, other)
  mergeDistinct(into.ids, other.ids)
  mergeDistinct(into.matters, other.matters)
}

/** Leaves nothing but the times. */
export function emptyTally(tally: Tally): void {
  const { worst, attack, owners, ids, matters } = createTally()
  Object.assign(tally, { worst, attack, owners, ids, matters })
}

interface Shared {
  first: number
  last: number
  worst: Kept[]
  attack: string[]
  owners: string[]
}

function mergeShared(into: Shared, other: Shared): void {
  into.first = Math.min(into.first, other.first)
  into.last = Math.max(into.last, other.last)
  for (const technique of other.attack) keepFirst(into.attack, technique, MAX_ATTACK)
  for (const owner of other.owners) keepFirst(into.owners, owner, MAX_DIFFERENT)
  for (const kept of other.worst) {
    if (isFull(into.worst, kept)) break
    addWorst(into.worst, kept)
  }
}

/** A set that keeps its first members in the order of their texts: which those are does not hang on the order of arrival. */
function keepFirst(sorted: string[], text: string, most: number): boolean {
  let at = sorted.length
  while (at > 0) {
    const order = compareText(sorted[at - 1] ?? '', text)
    if (order === 0) return false
    if (order < 0) break
    at--
  }
  if (at >= most) return false
  sorted.splice(at, 0, text)
  if (sorted.length > most) sorted.pop()
  return true
}

/** Findings of a rule in an alert. */
export interface RuleTotal {
  readonly rule: string
  title: string
  severity: Severity
  score: number
  readonly ids: Distinct
}

/** Findings of an alert. */
export interface Total extends Shared {
  /** Known regions. */
  readonly regions: string[]
  readonly assets: string[]
  readonly rules: Map<string, RuleTotal>
  readonly matters: Distinct
}

/** What a tally is about. */
export interface About {
  readonly rule: string
  readonly region: string
  readonly asset: string
  /** Hash of its matter; missing where the tally counts them. */
  readonly matter?: number
}

export function createTotal(): Total {
  return {
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
    worst: [],
    attack: [],
    owners: [],
    regions: [],
    assets: [],
    rules: new Map(),
    matters: createDistinct(),
  }
}

/** Adds a tally to a total; adding it again when it has grown adds what is new. */
export function mergeTotal(total: Total, { rule, region, asset, matter }: About, tally: Tally): void {
  mergeShared(total, tally)
  if (region !== '') keepFirst(total.regions, region, MAX_DIFFERENT)
  keepFirst(total.assets, asset, MAX_DIFFERENT)
  if (matter !== undefined) addDistinct(total.matters, matter)
  else mergeDistinct(total.matters, tally.matters)
  const [worst] = tally.worst
  if (worst === undefined) return
  const { title, severity, score } = worst.finding
  const known = total.rules.get(rule)
  if (known === undefined) {
    const ids = createDistinct()
    mergeDistinct(ids, tally.ids)
    total.rules.set(rule, { rule, title, severity, score, ids })
    return
  }
  mergeDistinct(known.ids, tally.ids)
  if ((compareWeight(worst.finding, known) || compareText(title, known.title)) < 0) {
    known.title = title
    known.severity = severity
    known.score = score
  }
}

/** A tally in a record. */
export const TallyRecord = z.object({
  first: z.int(),
  last: z.int(),
  worst: z.array(z.object({ finding: AlertFinding, owner: z.string(), region: z.string(), asset: z.string() })),
  attack: z.array(z.string()),
  owners: z.array(z.string()),
  ids: z.string().regex(encodedDistinct),
  matters: z.string().regex(encodedDistinct),
})

export function encodeTally({ ids, matters, ...shared }: Tally): z.infer<typeof TallyRecord> {
  return {
    ...shared,
    worst: [...shared.worst],
    attack: [...shared.attack],
    owners: [...shared.owners],
    ids: encodeDistinct(ids),
    matters: encodeDistinct(matters),
  }
}

export function decodeTally({ ids, matters, ...shared }: z.infer<typeof TallyRecord>): Tally {
  return { ...shared, ids: decodeDistinct(ids), matters: decodeDistinct(matters) }
}
