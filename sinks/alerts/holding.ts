// What is held back, and who has agreed to it? Thresholds and suppressions in force, counts of what they swallow.
import type { AlertErrorCode } from '../../runtime/alert-errors.ts'
import type { Reference } from '../../runtime/reference.ts'
import type { Actor, Suppression } from '../../schemas/alert.ts'
import type { HeldHour } from '../../schemas/alert-log.ts'
import type { Config } from '../../schemas/config.ts'
import type { Finding } from '../../schemas/detection.ts'
import type { Room } from '../../schemas/room.ts'
import type { Ledger } from './ledger.ts'
import { createHeldTally, type HeldTally } from './policy/held-tally.ts'
import { type ApprovedPolicy, approvePolicy, guardOf, wantPolicy } from './policy/in-force.ts'
import { policyOf } from './policy/policy.ts'
import {
  createSuppressions,
  heldReason,
  makeSuppression,
  type SuppressionWish,
  suppressionProblems,
} from './policy/suppressions.ts'
import { createThresholds } from './policy/thresholds.ts'
import { mayApprove, mayEnd, needsTwoPersons } from './policy/two-persons.ts'

export type HoldingConfig = Pick<
  Config,
  'alerts' | 'rules' | 'correlations' | 'finding_severity' | 'score' | 'allow_list'
> & {
  readonly rooms: readonly Room[]
}

export interface HoldingParts {
  readonly config: HoldingConfig
  readonly assets: Parameters<typeof createThresholds>[0]['assets']
  readonly reference: Pick<Reference, 'phases'>
  readonly ledger: Ledger
  /** A site looks down because the network of the probes is gone. */
  readonly isOwnNetwork: (finding: Finding) => boolean
}

export type HoldingAnswer =
  | { readonly kind: 'ok' }
  | { readonly kind: 'refused'; readonly code: AlertErrorCode; readonly params: Readonly<Record<string, string>> }

export interface Holding {
  restore(record: HeldHour | ApprovedPolicy | { readonly kind: 'suppression'; readonly suppression: Suppression }): void
  /** Once everything is restored, and from time to time: phases change. Milliseconds since 1970 UTC. */
  refresh(now: number): void
  /** Rooms that are not told of it, or `undefined` for a finding that makes no alert. It is counted. */
  judge(finding: Finding, now: number): readonly string[] | undefined
  add(wish: SuppressionWish, actor: Actor, now: number): HoldingAnswer
  change(id: string, what: 'approve' | 'end', actor: Actor, now: number): HoldingAnswer
  approve(policyId: string, actor: Actor, now: number): HoldingAnswer
  suppressions(): Iterable<Suppression>
  summary: HeldTally['summary']
  /** Writes down what was counted. */
  settle(): void
  /** Forgets counts of before and suppressions that ended before this time. */
  prune(before: number): void
}

/** Suppressions of one room that have not ended: each is asked for each finding, and kept whole. */
const MAX_OF_A_ROOM = 200

function endOf({ until, ended_at }: Suppression): number {
  return Math.min(until, ended_at ?? until)
}

export function createHolding({ config, assets, reference, ledger, isOwnNetwork }: HoldingParts): Holding {
  const suppressions = new Map<string, Suppression>()
  /** Suppressions whose count has changed. */
  const counted = new Set<string>()
  const tally = createHeldTally()
  let policy: ApprovedPolicy | undefined
  let thresholds = createThresholds({ layers: [], assets, reference })
  let held = createSuppressions({ suppressions: [], rooms: [], twoPersons: [], reference })

  const compile = (): void => {
    const twoPersons = policy?.in_force.two_persons ?? []
    held = createSuppressions({ suppressions: [...suppressions.values()], rooms: config.rooms, twoPersons, reference })
  }
  const put = (suppression: Suppression): void => {
    const changed = { ...suppression, version: suppression.version + 1 }
    suppressions.set(changed.suppression_id, changed)
    ledger.keep({ kind: 'suppression', suppression: changed }, changed.suppression_id)
    ledger.log({ kind: 'suppression', suppression: changed })
  }
  const takePolicy = (next: ApprovedPolicy): void => {
    if (JSON.stringify(next) === JSON.stringify(policy)) return
    policy = next
    ledger.keep(next)
    thresholds = createThresholds({ layers: next.in_force.layers, assets, reference })
    compile()
  }
  const count = (finding: Finding, now: number, suppression: Suppression): void => {
    const { rule_id, region_code } = finding
    tally.add(now, { reason: heldReason(suppression), detail: suppression.suppression_id, rule_id, region_code })
    const kept = suppressions.get(suppression.suppression_id)
    if (kept === undefined) return
    suppressions.set(kept.suppression_id, { ...kept, findings: kept.findings + 1 })
    counted.add(kept.suppression_id)
  }

  return {
    restore(record) {
      if (record.kind === 'held') tally.restore(record)
      else if (record.kind === 'policy') policy = record
      else suppressions.set(record.suppression.suppression_id, record.suppression)
    },
    refresh(now) {
      const before = policy
      takePolicy(wantPolicy(policy, policyOf(config), guardOf(reference, now), now))
      // Restored and not changed: what is compiled is still that of nothing.
      if (policy === before && policy !== undefined) {
        thresholds = createThresholds({ layers: policy.in_force.layers, assets, reference })
        compile()
      }
    },
    judge(finding, now) {
      const { rule_id, region_code } = finding
      if (isOwnNetwork(finding)) {
        tally.add(now, { reason: 'probe_network', detail: '', rule_id, region_code })
        return undefined
      }
      const judged = thresholds.judge(finding)
      if (judged.kind === 'held') {
        tally.add(now, { reason: judged.reason, detail: judged.detail, rule_id, region_code })
        return undefined
      }
      const { everywhere, rooms, muted } = held.heldFor(finding)
      for (const suppression of rooms) count(finding, now, suppression)
      if (everywhere === undefined) return muted
      count(finding, now, everywhere)
      return undefined
    },
    add(wish, actor, now) {
      const known = suppressions.get(wish.suppression_id)
      if (known !== undefined) return { kind: 'ok' }
      const problems = suppressionProblems(wish, actor, now)
      const running = suppressions.values().filter((one) => one.room === actor.room && endOf(one) > now)
      if (running.toArray().length >= MAX_OF_A_ROOM) problems.push(`room ${actor.room} has ${MAX_OF_A_ROOM} already`)
      if (problems.length > 0) return refused('SUPPRESSION_INVALID', { detail: problems.join('; ') })
      put(makeSuppression(wish, actor, now))
      compile()
      return { kind: 'ok' }
    },
    change(id, what, actor, now) {
      const suppression = suppressions.get(id)
      if (suppression === undefined) return refused('SUPPRESSION_UNKNOWN', { id })
      if (what === 'end') {
        if (!mayEnd(suppression, actor)) return refused('SUPPRESSION_NOT_YOURS', { id })
        put({ ...suppression, ended_at: now })
      } else {
        const needed = needsTwoPersons(suppression, policy?.in_force.two_persons ?? [], reference)
        if (!mayApprove(suppression, actor)) {
          return needed ? refused('SECOND_PERSON_NEEDED', { id }) : refused('SUPPRESSION_NOT_YOURS', { id })
        }
        put({ ...suppression, approved_by: actor })
      }
      compile()
      return { kind: 'ok' }
    },
    approve(policyId, actor) {
      const answer = policy === undefined ? undefined : approvePolicy(policy, policyId, actor)
      if (answer === undefined) return refused('POLICY_NOT_WAITING', { id: policyId })
      if (answer.kind === 'refused') {
        return answer.reason === 'same_person' || answer.reason === 'no_person'
          ? refused('SECOND_PERSON_NEEDED', { id: policyId })
          : refused('POLICY_NOT_WAITING', { id: policyId })
      }
      takePolicy(answer.record)
      return { kind: 'ok' }
    },
    suppressions: () => suppressions.values(),
    summary: tally.summary,
    settle() {
      for (const hour of tally.take()) {
        ledger.keep(hour, String(hour.hour))
        ledger.log({ kind: 'held', held: hour })
      }
      for (const id of counted) {
        const suppression = suppressions.get(id)
        if (suppression !== undefined) put(suppression)
      }
      counted.clear()
    },
    prune(before) {
      for (const hour of tally.forget(before)) ledger.forget('held', String(hour))
      for (const [id, suppression] of suppressions)
        if (endOf(suppression) < before) {
          suppressions.delete(id)
          ledger.forget('suppression', id)
        }
    },
  }
}

function refused(code: AlertErrorCode, params: Readonly<Record<string, string>>): HoldingAnswer {
  return { kind: 'refused', code, params }
}
