// Which alerts belong together? Those that share a mark within some days of event time, linked through others too, in whatever order they come.
import type { Alert, Case } from '../../../schemas/alert.ts'
import { Severity } from '../../../schemas/detection.ts'
import { type KeyedAlert, keysOfAlert, mergeKeys, type SharedThings } from './keys.ts'
import { byTime, caseIdOf, MAX_WARNED, type Member, writeCase } from './record.ts'

/** What the book reads of an alert. */
export type CaseAlert = KeyedAlert & Pick<Alert, 'alert_id' | 'severity' | 'attack' | 'first_seen' | 'last_seen'>

export interface CaseBookOptions {
  /** Alerts with a mark in common are linked if no more than so much event time lies between them. */
  readonly caseMs: number
  /** A case in so many regions is a campaign. */
  readonly campaignRegions: number
  readonly shared: SharedThings
}

/** What changed since the last call. */
export interface CaseChanges {
  /** Cases to be kept, also those that are now merged into another. */
  readonly cases: readonly Case[]
  /** Alerts that belong to another case than before; an empty one: to none any more. */
  readonly links: readonly { readonly alert_id: string; readonly case_id: string }[]
  /** Cases whose alerts have nothing in common any more, or that were forgotten. */
  readonly removed: readonly string[]
}

export interface CaseBook {
  /** A case as it was kept; before the alerts are put. */
  restore(kept: Case): void
  /** An alert that is new or has changed. Marks that it once had it keeps, though its worst findings are others now. `keys`: of findings beside the worst. */
  put(alert: CaseAlert, keys?: readonly string[]): void
  /** Marks of an alert, those included that its worst findings show no more: to be kept, and put with it after a restart. */
  keysOf(alertId: string): readonly string[]
  /** Rooms were warned of a case: `room|technique`. */
  warn(caseId: string, marks: readonly string[]): void
  take(): CaseChanges
  /** Forgets cases, and alerts in none, whose last event is before this time, milliseconds since 1970 UTC. Told by the next `take`. */
  forget(before: number): void
  /** A live case; of one that was merged the one that it is part of. */
  find(caseId: string): Case | undefined
}

/**
 * Alerts and what links them. Whatever the order in which alerts were put, and however often `take` was called between: the cases that live are the same, with the same
 * ids and members. The id is that of the earliest alert. So a late alert that is earlier than all others, or that joins two cases, ends one case: it is kept with `merged_into`.
 */
export function createCaseBook({ caseMs, campaignRegions, shared }: CaseBookOptions): CaseBook {
  const members = new Map<string, Member>()
  const byKey = new Map<string, Set<string>>()
  /** Live cases. */
  const cases = new Map<string, Case>()
  /** Cases that were merged, until what they are part of is forgotten. */
  const merged = new Map<string, Case>()
  /** Case of an alert, as it was last told. */
  const caseOf = new Map<string, string>()
  /** The alert in the book that founds a case. */
  const founders = new Map<string, string>()
  const dirty = new Set<string>()
  /** Cases whose alerts have nothing in common any more: kept without alerts, so that one that comes again goes on from there and warns nobody twice. */
  const ended = new Map<string, Case>()
  let removed: string[] = []
  let touched = new Set<string>()

  const index = (member: Member): void => {
    for (const key of member.keys) {
      const set = byKey.get(key)
      if (set === undefined) byKey.set(key, new Set([member.id]))
      else set.add(member.id)
    }
  }
  const drop = (member: Member): void => {
    for (const key of member.keys) {
      const set = byKey.get(key)
      set?.delete(member.id)
      if (set?.size === 0) byKey.delete(key)
    }
  }
  const live = (caseId: string): string => {
    let at = caseId
    // A chain of mergers has no ring: each goes to an earlier one. The bound is for records that somebody wrote by hand.
    for (let n = 0; n < 1_000; n += 1) {
      const next = merged.get(at)?.merged_into ?? ''
      if (next === '') break
      at = next
    }
    return at
  }

  /** Takes cases out, with those that were merged into them. */
  const remove = (gone: ReadonlySet<string>): void => {
    if (gone.size === 0) return
    const all = [...gone, ...[...merged.keys()].filter((caseId) => gone.has(live(caseId)))]
    for (const caseId of new Set(all)) {
      cases.delete(caseId)
      merged.delete(caseId)
      ended.delete(caseId)
      touched.delete(caseId)
      removed.push(caseId)
    }
  }
  /** Takes a case out whose alerts have nothing in common any more. */
  const end = (caseId: string): void => {
    const all = [caseId, ...[...merged.keys()].filter((other) => live(other) === caseId)]
    for (const id of all) {
      const known = cases.get(id) ?? merged.get(id)
      if (known === undefined) continue
      ended.set(id, { ...known, alerts: [], merged_into: '', version: known.version + 1 })
      touched.add(id)
    }
    for (const id of all) {
      cases.delete(id)
      merged.delete(id)
    }
  }

  /** Alerts with this key in stretches of time that lie apart, each alert with those of its stretch. */
  const stretchesOf = (key: string): Map<string, readonly Member[]> => {
    const all = [...(byKey.get(key) ?? [])].flatMap((id) => members.get(id) ?? []).sort(byTime)
    const found = new Map<string, readonly Member[]>()
    let current: Member[] = []
    let end = -Infinity
    for (const member of all) {
      if (member.first - end > caseMs) current = []
      current.push(member)
      found.set(member.id, current)
      end = current.length === 1 ? member.last : Math.max(end, member.last)
    }
    return found
  }

  /** Alerts of a case of which some are not in the book any more: what linked them may be among those. */
  const heldTogether = (caseId: string): Member[] => {
    const { alerts = [] } = cases.get(caseId) ?? {}
    return alerts.every((id) => members.has(id)) ? [] : alerts.flatMap((id) => members.get(id) ?? [])
  }

  const componentOf = (start: Member, stretches: Map<string, Map<string, readonly Member[]>>): Member[] => {
    const seen = new Map([[start.id, start]])
    const open = [start]
    const done = new Set<readonly Member[]>()
    const held = new Set<string>()
    const visit = (other: Member): void => {
      if (seen.has(other.id)) return
      seen.set(other.id, other)
      open.push(other)
    }
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      for (const key of member.keys) {
        const known = stretches.get(key) ?? stretchesOf(key)
        stretches.set(key, known)
        const stretch = known.get(member.id) ?? []
        if (done.has(stretch)) continue
        done.add(stretch)
        for (const other of stretch) visit(other)
      }
      const caseId = caseOf.get(member.id) ?? ''
      if (held.has(caseId)) continue
      held.add(caseId)
      for (const other of heldTogether(caseId)) visit(other)
    }
    return [...seen.values()]
  }

  return {
    restore(kept) {
      if (kept.merged_into !== '') {
        merged.set(kept.case_id, kept)
        return
      }
      if (kept.alerts.length === 0) {
        ended.set(kept.case_id, kept)
        return
      }
      cases.set(kept.case_id, kept)
      for (const id of kept.alerts) caseOf.set(id, kept.case_id)
    },
    put(alert, more = []) {
      const { alert_id: id, first_seen: first, last_seen: last, region_code: region, severity, attack } = alert
      const known = members.get(id)
      const keys = mergeKeys(mergeKeys(known?.keys ?? [], keysOfAlert(alert, shared)), more)
      if (known === undefined) founders.set(caseIdOf(id), id)
      else drop(known)
      const member: Member = { id, first, last, region, severity, attack, keys }
      members.set(id, member)
      index(member)
      dirty.add(id)
    },
    keysOf: (id) => members.get(id)?.keys ?? [],
    warn(caseId, marks) {
      const found = cases.get(live(caseId))
      if (found === undefined) return
      const warned = [...new Set([...found.warned, ...marks])].sort().slice(0, MAX_WARNED)
      cases.set(found.case_id, { ...found, warned, version: found.version + 1 })
      touched.add(found.case_id)
    },
    take() {
      const links: { alert_id: string; case_id: string }[] = []
      const stretches = new Map<string, Map<string, readonly Member[]>>()
      // Those that were in one case with a changed alert may have lost what linked them.
      const todo = new Set(dirty)
      const before = new Set([...dirty].flatMap((id) => caseOf.get(id) ?? []))
      for (const caseId of before) for (const id of cases.get(caseId)?.alerts ?? []) todo.add(id)
      dirty.clear()
      const settled = new Set<string>()
      const kept = new Set<string>()
      for (const id of todo) {
        const member = members.get(id)
        if (member === undefined || settled.has(id)) continue
        const component = componentOf(member, stretches).sort(byTime)
        const here = new Set(component.map((one) => one.id))
        for (const one of here) settled.add(one)
        const claims = [...new Set(component.flatMap((one) => caseOf.get(one.id) ?? []))]
          .map(live)
          .flatMap((caseId) => cases.get(caseId) ?? [])
          // Of a case that fell apart the part with its first alert keeps it.
          .filter(({ case_id }) => {
            const founder = founders.get(case_id)
            return founder === undefined || here.has(founder)
          })
        const target = settle(component, claims)
        if (target !== undefined) kept.add(target)
        for (const one of here) {
          if ((caseOf.get(one) ?? '') === (target ?? '')) continue
          if (target === undefined) caseOf.delete(one)
          else caseOf.set(one, target)
          links.push({ alert_id: one, case_id: target ?? '' })
        }
      }
      for (const caseId of before) {
        if (!kept.has(caseId) && cases.has(caseId)) end(caseId)
      }
      const changed = [...touched]
        .sort()
        .flatMap((caseId) => cases.get(caseId) ?? merged.get(caseId) ?? ended.get(caseId) ?? [])
      const gone = removed
      removed = []
      touched = new Set()
      return { cases: changed, links, removed: gone }
    },
    forget(before) {
      const busy = new Set([...dirty].map((id) => live(caseOf.get(id) ?? '')))
      const old = [...cases.values(), ...ended.values()].filter(
        (one) => one.last_seen < before && !busy.has(one.case_id),
      )
      const gone = new Set(old.map(({ case_id }) => case_id))
      for (const member of [...members.values()]) {
        const caseId = caseOf.get(member.id)
        if (caseId === undefined ? member.last >= before || dirty.has(member.id) : !gone.has(caseId)) continue
        drop(member)
        members.delete(member.id)
        founders.delete(caseIdOf(member.id))
      }
      for (const [id, caseId] of caseOf) if (gone.has(caseId)) caseOf.delete(id)
      remove(gone)
    },
    find: (caseId) => cases.get(live(caseId)),
  }

  /** Writes the case of alerts that belong together, and merges others into it; answers its id, undefined for an alert alone. */
  function settle(component: readonly Member[], claims: readonly Case[]): string | undefined {
    const [founder] = component
    if (founder === undefined) return undefined
    // A case whose first alert the book does not know any more is older than what it does know, and keeps its id.
    const [older] = claims
      .filter((one) => !founders.has(one.case_id) && one.first_seen <= founder.first)
      .sort((a, b) => a.first_seen - b.first_seen || (a.case_id < b.case_id ? -1 : 1))
    const caseId = older?.case_id ?? caseIdOf(founder.id)
    const past = joined(claims.filter(({ alerts }) => alerts.some((id) => !members.has(id))))
    const forgotten = past?.alerts.filter((id) => !members.has(id)) ?? []
    if (component.length + forgotten.length < 2) return undefined
    const again = ended.get(caseId)
    const warned = [...claims, ...(again === undefined ? [] : [again])].flatMap((one) => one.warned)
    const wanted = writeCase(caseId, component, past, { campaignRegions, warned })
    const known = cases.get(caseId) ?? merged.get(caseId) ?? again
    if (known === undefined || JSON.stringify({ ...wanted, version: 0 }) !== JSON.stringify({ ...known, version: 0 })) {
      cases.set(caseId, { ...wanted, version: (known?.version ?? 0) + 1 })
      touched.add(caseId)
    }
    merged.delete(caseId)
    ended.delete(caseId)
    for (const other of claims) {
      if (other.case_id === caseId) continue
      cases.delete(other.case_id)
      merged.set(other.case_id, { ...other, merged_into: caseId, version: other.version + 1 })
      touched.add(other.case_id)
    }
    return caseId
  }
}

/** Several cases as one, for what only they remember. */
function joined(all: readonly Case[]): Case | undefined {
  const [first] = all
  if (first === undefined) return undefined
  return {
    ...first,
    keys: all.flatMap(({ keys }) => keys),
    alerts: [...new Set(all.flatMap(({ alerts }) => alerts))],
    regions: all.flatMap(({ regions }) => regions),
    attack: all.flatMap(({ attack }) => attack),
    severity: Severity.options.findLast((word) => all.some(({ severity }) => severity === word)) ?? first.severity,
    first_seen: Math.min(...all.map(({ first_seen }) => first_seen)),
    last_seen: Math.max(...all.map(({ last_seen }) => last_seen)),
  }
}
