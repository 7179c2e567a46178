// Which findings of an alert are kept whole? The worst ones, by an order in which no two findings are equal, and each cut to a bounded size.
import type { AlertFinding } from '../../../schemas/alert.ts'
import { type Finding, severityRank } from '../../../schemas/detection.ts'
import { hash53 } from './hash.ts'

/** Findings that an alert keeps whole. */
const MAX_WORST = 20
const MAX_EVIDENCE = 8
const MAX_FACTORS = 8
const MAX_NAME = 64
const MAX_VALUE = 200
/** Names are told apart by their whole text, so a longer one ends in a hash of it. */
const MAX_IDENTITY = 256

/** A finding, with whose it is and where. */
export interface Kept {
  readonly finding: AlertFinding
  readonly owner: string
  readonly region: string
  readonly asset: string
}

/** Severity and score, worst first: below 0 if `a` is worse. */
export function compareWeight(
  a: Pick<AlertFinding, 'severity' | 'score'>,
  b: Pick<AlertFinding, 'severity' | 'score'>,
): number {
  return severityRank(b.severity) - severityRank(a.severity) || b.score - a.score
}

/** The order of code units, which is the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Worst first, then earliest. Only a finding's twin is equal to it. */
function compareKept(a: Kept, b: Kept): number {
  if (a === b) return 0
  return (
    compareWeight(a.finding, b.finding) ||
    a.finding.at - b.finding.at ||
    compareText(a.finding.finding_id, b.finding.finding_id) ||
    compareText(JSON.stringify(a), JSON.stringify(b))
  )
}

/** Whether the list is full of worse ones. */
export function isFull(worst: readonly Kept[], kept: Kept): boolean {
  const last = worst[MAX_WORST - 1]
  return last !== undefined && compareKept(last, kept) < 0
}

/** Whether a finding could be among the worst, told without making anything. */
export function mayBeWorst(worst: readonly Kept[], finding: Finding): boolean {
  const last = worst[MAX_WORST - 1]
  if (last === undefined) return true
  const order = compareWeight(finding, last.finding) || finding.window_end - last.finding.at
  return order <= 0
}

/** Puts a finding into the list in its place, once, in its worst form; true if that changed the list. */
export function addWorst(worst: Kept[], kept: Kept): boolean {
  const twin = worst.findIndex(({ finding }) => finding.finding_id === kept.finding.finding_id)
  if (twin >= 0) {
    const known = worst[twin]
    if (known !== undefined && compareKept(known, kept) <= 0) return false
    worst.splice(twin, 1)
  }
  let at = worst.length
  while (at > 0) {
    const before = worst[at - 1]
    if (before !== undefined && compareKept(before, kept) < 0) break
    at--
  }
  if (at >= MAX_WORST) return false
  worst.splice(at, 0, kept)
  if (worst.length > MAX_WORST) worst.pop()
  return true
}

/** A finding as it is kept. */
export function keptOf(finding: Finding): Kept {
  return {
    finding: {
      finding_id: identity(finding.finding_id),
      rule_id: identity(finding.rule_id),
      title: cut(finding.title, MAX_VALUE),
      severity: finding.severity,
      score: finding.score,
      entity: identity(finding.entity),
      event_id: identity(finding.event_id),
      source_id: identity(finding.source_id),
      at: finding.window_end,
      evidence: finding.evidence
        .slice(0, MAX_EVIDENCE)
        .map(({ field, value }) => ({ field: cut(field, MAX_NAME), value: cut(value, MAX_VALUE) })),
      factors: (finding.factors ?? [])
        .slice(0, MAX_FACTORS)
        .map(({ name, points, detail }) => ({ name: cut(name, MAX_NAME), points, detail: cut(detail, MAX_VALUE) })),
    },
    owner: identity(finding.owner),
    region: identity(finding.region_code),
    asset: identity(finding.asset_id),
  }
}

/** A text of bounded length that stands for the whole of it. */
export function identity(text: string): string {
  if (text.length <= MAX_IDENTITY) return text
  return `${text.slice(0, MAX_IDENTITY - 17).toWellFormed()}~${hash53(text).toString(16)}`
}

/** A text for people to read, with a mark where it was cut. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`
}
