// Which policy is in force? What is wanted, and in the tense phases what was before wherever the wanted one is laxer, until two persons agree.
import { z } from 'zod'
import { phasesOf, type Reference } from '../../../runtime/reference.ts'
import { Actor } from '../../../schemas/alert.ts'
import { Config } from '../../../schemas/config.ts'
import type { Phase } from '../../../schemas/place.ts'
import type { ScoreWeights } from '../../../schemas/score.ts'
import { severityRank } from './fit.ts'
import { AlertPolicy, canonical, policyId, policyOf } from './policy.ts'
import { laxerThresholds, Relaxation, relaxations } from './relaxations.ts'
import { areTwoPersons, isPerson, maySignTogether } from './two-persons.ts'

/** What the engine keeps of it: one record. */
export const ApprovedPolicy = z.object({
  kind: z.literal('policy'),
  /** Nothing of it waits for anybody. */
  in_force: AlertPolicy,
  /** Until when two persons are asked, as the calendars said when it began, milliseconds since 1970 UTC: a calendar that is taken away since does not end it. */
  guarded_until: z.int().optional(),
  /** What the configuration asks for and two persons have not agreed on. */
  waiting: z
    .object({
      /** Of its content: who agrees, agrees to this. */
      id: z.string(),
      policy: AlertPolicy,
      since: z.int(),
      relaxations: z.array(Relaxation),
      approvals: z.array(Actor),
    })
    .optional(),
})
export type ApprovedPolicy = z.infer<typeof ApprovedPolicy>

/** Lists of thresholds that may pile up while several changes wait. */
const MAX_LAYERS = 6
const MAX_APPROVALS = 20

/** What holds where nothing is remembered: that of an empty siaga.yaml. */
export function shippedPolicy(): AlertPolicy {
  return policyOf(Config.parse({}))
}

/** Until when any region is in one of these phases without a break, milliseconds since 1970 UTC; 0 if none is now. */
export type Guard = (phases: ReadonlySet<Phase>) => number

/**
 * The record after the configuration asked for `wanted`. Outside of `two_persons` (of either policy) the wanted one is in force at once, and so it is where it is nowhere
 * laxer. Else its stricter parts are in force at once, the rest waits, with the agreements that it has already. Calendars that say earlier than they did that the phases are
 * over are something laxer too. Called again with the same, it changes nothing; called after the phases, what waited is in force.
 */
export function wantPolicy(
  record: ApprovedPolicy | undefined,
  wanted: AlertPolicy,
  guard: Guard,
  now: number,
): ApprovedPolicy {
  const base = record?.in_force ?? shippedPolicy()
  const said = guard(new Set([...base.two_persons, ...wanted.two_persons]))
  const until = Math.max(said, record?.guarded_until ?? 0)
  if (until <= now) return { kind: 'policy', in_force: wanted }
  // What has no end in the calendars (open disputes) cannot be remembered.
  const kept = { kind: 'policy' as const, ...(Number.isFinite(until) && { guarded_until: until }) }
  const laxer = relaxations(base, wanted)
  const ended = said <= now
  if (ended) {
    const detail = `no calendar names the phase any more that was to last until ${new Date(until).toISOString()}`
    laxer.unshift({ what: 'two_persons', detail })
  }
  if (laxer.length === 0) return { ...kept, in_force: wanted }
  const id = policyId(wanted, ended)
  const before = record?.waiting?.id === id ? record.waiting : undefined
  return {
    ...kept,
    in_force: stricterOf(base, wanted),
    waiting: {
      id,
      policy: wanted,
      since: before?.since ?? now,
      relaxations: laxer,
      approvals: before?.approvals ?? [],
    },
  }
}

/** What the calendars say at this time, milliseconds since 1970 UTC. */
export function guardOf(reference: Pick<Reference, 'phases'>, now: number): Guard {
  return (phases) => {
    let until = 0
    for (const code of reference.phases.keys()) {
      let end = now
      for (const { phase, from, to } of phasesOf(reference, code))
        if (phases.has(phase) && from <= end && to > end) end = to
      if (end > now) until = Math.max(until, end)
    }
    return until
  }
}

export type ApprovalAnswer =
  | { readonly kind: 'waits'; readonly record: ApprovedPolicy }
  /** `by`: the two who agreed, for the log. */
  | { readonly kind: 'in_force'; readonly record: ApprovedPolicy; readonly by: readonly [Actor, Actor] }
  | { readonly kind: 'refused'; readonly reason: 'nothing_waits' | 'other_policy' | 'same_person' | 'no_person' }

/** Somebody agrees to what waits. `id` is that of the policy which they have seen. In force with two persons, one of them at the centre. */
export function approvePolicy(record: ApprovedPolicy, id: string, actor: Actor): ApprovalAnswer {
  const { waiting } = record
  if (waiting === undefined) return { kind: 'refused', reason: 'nothing_waits' }
  if (waiting.id !== id) return { kind: 'refused', reason: 'other_policy' }
  if (!isPerson(actor)) return { kind: 'refused', reason: 'no_person' }
  const first = waiting.approvals.find((other) => maySignTogether(other, actor))
  if (first !== undefined) {
    // What they agreed to is that the phases are over, or others: the calendars say what holds from now on.
    const over = waiting.relaxations.some(({ what }) => what === 'two_persons')
    const { guarded_until } = record
    const kept = over || guarded_until === undefined ? {} : { guarded_until }
    return { kind: 'in_force', record: { kind: 'policy', ...kept, in_force: waiting.policy }, by: [first, actor] }
  }
  if (waiting.approvals.some((other) => !areTwoPersons(other, actor))) return { kind: 'refused', reason: 'same_person' }
  const approvals = [...waiting.approvals, actor].slice(-MAX_APPROVALS)
  return { kind: 'waits', record: { ...record, waiting: { ...waiting, approvals } } }
}

/** Says whatever either says: all lists of thresholds, rules and detectors that both switch off, more points, fewer addresses on the allow list. */
export function stricterOf(a: AlertPolicy, b: AlertPolicy): AlertPolicy {
  const layers = pruned([...a.layers, ...b.layers])
  const shared = <T>(one: readonly T[], other: readonly T[]) => one.filter((entry) => other.includes(entry))
  const low = severityRank(a.finding_severity) <= severityRank(b.finding_severity) ? a : b
  return {
    // With too many lists at once the stricter parts of the newest wait too: what was in force stays whole.
    layers: layers.length <= MAX_LAYERS ? layers : a.layers,
    disabled: shared(a.disabled, b.disabled),
    off: shared(a.off, b.off),
    shipped: a.shipped || b.shipped,
    finding_severity: low.finding_severity,
    weights: morePoints(a.weights, b.weights),
    allow_list: shared(a.allow_list, b.allow_list),
    two_persons: [...new Set([...a.two_persons, ...b.two_persons])].sort(),
  }
}

/** The lists without those that let nothing through that the others do not. */
function pruned(layers: AlertPolicy['layers']): AlertPolicy['layers'] {
  const different = [...new Map(layers.map((list) => [canonical(list), list])).values()]
  return different.reduce((kept, list) => {
    const others = kept.filter((other) => other !== list)
    return others.length > 0 && laxerThresholds(kept, others).length === 0 ? others : kept
  }, different)
}

/** The higher of each weight. */
function morePoints(a: ScoreWeights, b: ScoreWeights): ScoreWeights {
  return {
    prior: Math.max(a.prior, b.prior),
    rule: higher(a.rule, b.rule),
    device_severity: Math.max(a.device_severity, b.device_severity),
    asset: higher(a.asset, b.asset),
    phase: higher(a.phase, b.phase),
    failed_login: Math.max(a.failed_login, b.failed_login),
    failed_login_privileged: Math.max(a.failed_login_privileged, b.failed_login_privileged),
    indicator: Math.max(a.indicator, b.indicator),
    attack_succeeded: Math.max(a.attack_succeeded, b.attack_succeeded),
    known_scanner: Math.max(a.known_scanner, b.known_scanner),
    allow_listed: Math.max(a.allow_listed, b.allow_listed),
  }
}

function higher<K extends string>(a: Readonly<Record<K, number>>, b: Readonly<Record<K, number>>): Record<K, number> {
  const all: Record<K, number> = { ...a }
  for (const name in all) all[name] = Math.max(a[name], b[name])
  return all
}
