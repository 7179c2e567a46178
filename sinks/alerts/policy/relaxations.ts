// What did a change make laxer? Two policies compared by what they let through, not by their text.
import { z } from 'zod'
import type { Threshold } from '../../../schemas/alerting.ts'
import { Severity } from '../../../schemas/detection.ts'
import { type Bar, barFor, type Circumstance, fits, NO_SEVERITY, phaseWords, severityRank } from './fit.ts'
import { type AlertPolicy, canonical } from './policy.ts'
import { alwaysAlerts, withShipped } from './shipped.ts'

/** One thing that Siaga would say no more. */
export const Relaxation = z.object({
  what: z.enum([
    'thresholds',
    'disabled',
    'off',
    'shipped',
    'finding_severity',
    'weights',
    'allow_list',
    'two_persons',
  ]),
  detail: z.string(),
})
export type Relaxation = z.infer<typeof Relaxation>

/** Examples of findings that make no alert any more that are told. */
const MAX_EXAMPLES = 20
/** Circumstances that are compared; a change with more of them is taken for laxer, which asks two people to look. */
const MAX_CELLS = 400_000
/** Classes of techniques whose combinations are all compared. */
const MAX_TECHNIQUES = 8

/** What `after` holds back and `before` does not; empty for a change that only makes Siaga stricter. */
export function relaxations(before: AlertPolicy, after: AlertPolicy): Relaxation[] {
  const found: Relaxation[] = []
  const tell = (what: Relaxation['what'], detail: string) => found.push({ what, detail })
  for (const id of missing(after.disabled, before.disabled)) tell('disabled', id)
  for (const name of missing(after.off, before.off)) tell('off', name)
  if (before.shipped && !after.shipped) tell('shipped', 'the rules of Siaga are not used')
  if (severityRank(after.finding_severity) > severityRank(before.finding_severity)) {
    tell('finding_severity', `${before.finding_severity} to ${after.finding_severity}`)
  }
  const now = new Map(pointsOf(after.weights))
  for (const [name, points] of pointsOf(before.weights)) {
    const other = now.get(name) ?? points
    if (other < points) tell('weights', `${name}: ${points} to ${other}`)
  }
  for (const entry of missing(after.allow_list, before.allow_list)) tell('allow_list', entry)
  for (const phase of missing(before.two_persons, after.two_persons)) tell('two_persons', phase)
  // Last: there may be many, and whoever reads the first lines should see what else there is.
  for (const detail of laxerThresholds(before.layers, after.layers)) tell('thresholds', detail)
  return found
}

/** What of the first list is not in the second. */
function missing(list: readonly string[], from: readonly string[]): string[] {
  const known = new Set(from)
  return list.filter((one) => !known.has(one))
}

/** Every weight by its dotted name. More points are stricter, also where they are below zero. */
function pointsOf(weights: object, prefix = ''): [string, number][] {
  return Object.entries(weights).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === 'number') return [[prefix + name, value] satisfies [string, number]]
    return typeof value === 'object' && value !== null ? pointsOf(value, `${prefix}${name}.`) : []
  })
}

type Layers = readonly (readonly Threshold[])[]

/**
 * Examples of findings that became alerts by `before` and do not by `after`. Both are evaluated for every circumstance that any threshold tells from another: values
 * that no threshold names, or that all treat alike, are one. Within a circumstance a list lets through a score or a severity, so that 0 to 100 and all severities are compared by four numbers.
 */
export function laxerThresholds(before: Layers, after: Layers): string[] {
  if (canonical(before) === canonical(after)) return []
  const all = [...before, ...after].flatMap((list) => withShipped(list).map(({ threshold }) => threshold))
  const cells = circumstances(all)
  if (cells === undefined) return ['too many circumstances to compare']
  const [old, wanted] = [before, after].map((layers) => layers.map((list) => withShipped(list)))
  const examples: string[] = []
  for (const it of cells) {
    if (alwaysAlerts(it.rule)) continue
    const bars = (old ?? []).map((list) => barFor(list, it))
    const others = (wanted ?? []).map((list) => barFor(list, it))
    const lost = lostFinding(bars, others)
    if (lost === undefined) continue
    examples.push(describe(it, lost))
    if (examples.length === MAX_EXAMPLES) break
  }
  return examples
}

/** Several lists let through what any lets through: the least score, or the least severity. */
function least(bars: readonly Bar[]): Pick<Bar, 'score' | 'severity'> {
  return {
    score: Math.min(...bars.map(({ score }) => score)),
    severity: Math.min(...bars.map(({ severity }) => severity)),
  }
}

/** A score and severity that the first lets through and the second does not. */
function lostFinding(before: readonly Bar[], after: readonly Bar[]): { score: number; severity: Severity } | undefined {
  const [old, wanted] = [least(before), least(after)]
  // Not let through by `wanted`: a score below its score and a severity below its severity; the highest such are tried first.
  const score = Math.min(100, wanted.score - 1)
  const rank = Math.min(NO_SEVERITY, wanted.severity) - 1
  const severity = Severity.options[rank]
  if (score < 0 || severity === undefined) return undefined
  return score >= old.score || rank >= old.severity ? { score, severity } : undefined
}

function describe(it: Circumstance, { score, severity }: { score: number; severity: Severity }): string {
  const parts = [
    `phase ${it.phase}`,
    it.region === ELSEWHERE ? '' : `region ${it.region}`,
    it.criticality === '' ? '' : `criticality ${it.criticality}`,
    it.kind === '' ? '' : `kind ${it.kind}`,
    it.rule === '' ? '' : `rule ${it.rule}`,
    it.attack.length === 0 ? '' : it.attack.join('+'),
    it.pattern ? 'pattern' : '',
  ].filter((part) => part !== '')
  return `${parts.join(', ')}: score ${score}, severity ${severity}`
}

/** Stands for every region that no threshold names. */
const ELSEWHERE = '??'
const criticalities = ['', 'low', 'medium', 'high', 'critical']

/** Every circumstance that one of the thresholds tells from another; undefined if they are too many. */
function circumstances(thresholds: readonly Threshold[]): Circumstance[] | undefined {
  const base: Circumstance = {
    ...{ phase: 'none', region: ELSEWHERE, criticality: '', kind: '', rule: '', attack: [], pattern: false },
  }
  const named = (of: (threshold: Threshold) => readonly string[]) => [...new Set(thresholds.flatMap(of))]
  /** One value of those that all thresholds treat alike, judged with everything else left out. */
  const classes = <K extends keyof Circumstance>(
    key: K,
    values: readonly Circumstance[K][],
    only: (threshold: Threshold) => Threshold,
  ): Circumstance[K][] => {
    const bare = thresholds.map(only)
    const byMarks = new Map<string, Circumstance[K]>()
    for (const value of values) {
      const it = { ...base, [key]: value }
      const marks = bare.map((threshold) => (fits(threshold, it) ? 1 : 0)).join('')
      if (!byMarks.has(marks)) byMarks.set(marks, value)
    }
    return [...byMarks.values()]
  }
  const phases = classes('phase', phaseWords, ({ phases }) => ({ ...anything, phases }))
  const regions = classes('region', [ELSEWHERE, ...named((one) => one.regions)], ({ regions }) => {
    return { ...anything, regions }
  })
  const important = classes('criticality', criticalities, ({ criticality }) => ({ ...anything, criticality }))
  const kinds = classes('kind', ['', ...named((one) => one.kinds)], (one) => ({ ...anything, kinds: one.kinds }))
  const rules = classes('rule', ['', ...named((one) => one.rules)], (one) => ({ ...anything, rules: one.rules }))
  const single = classes('attack', [[], ...named((one) => one.attack).map((id) => [id])], ({ attack }) => {
    return { ...anything, attack }
  })
  const techniques = single.flatMap((list) => list.slice(0, 1))
  if (techniques.length > MAX_TECHNIQUES) return undefined
  const attacks = classes('attack', subsets(techniques), ({ attack }) => ({ ...anything, attack }))
  const size = [phases, regions, important, kinds, rules, attacks].reduce((n, list) => n * list.length, 2)
  if (size > MAX_CELLS) return undefined

  let cells: Circumstance[] = [base, { ...base, pattern: true }]
  const spread = <K extends keyof Circumstance>(key: K, values: readonly Circumstance[K][]) => {
    cells = cells.flatMap((cell) => values.map((value) => ({ ...cell, [key]: value })))
  }
  spread('phase', phases)
  spread('region', regions)
  spread('criticality', important)
  spread('kind', kinds)
  spread('rule', rules)
  spread('attack', attacks)
  return cells
}

/** Asks for nothing. */
const anything: Threshold = {
  ...{ phases: [], regions: [], criticality: [], kinds: [], rules: [], attack: [], score: 0, severity: 'none' },
}

function subsets(values: readonly string[]): string[][] {
  return Array.from({ length: 2 ** values.length }, (_, bits) => values.filter((_value, n) => (bits >> n) & 1))
}
