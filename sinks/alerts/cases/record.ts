// What is written of a case? Its members in the words of the schema, bounded, so that the same members always make the same record.
import { createHash } from 'node:crypto'
import type { Case } from '../../../schemas/alert.ts'
import { Severity } from '../../../schemas/detection.ts'
import { byStrength, isLocalKey } from './keys.ts'

/** An alert as the book keeps it. Times are event times, milliseconds since 1970 UTC. */
export interface Member {
  readonly id: string
  readonly first: number
  readonly last: number
  readonly region: string
  readonly severity: Severity
  readonly attack: readonly string[]
  readonly keys: readonly string[]
}

/** Alerts that a case names; of more the first ones, the others name the case all the same. */
const MAX_ALERTS = 500
const MAX_KEYS = 50
const MAX_ATTACK = 64
/** Marks of rooms that were warned; beyond it nobody is. */
export const MAX_WARNED = 5_000

/** Id of the case that begins with this alert, such as `K-7QF2M9TXB4`: to be said on the phone. */
export function caseIdOf(alertId: string): string {
  const hash = createHash('sha256').update(`case\n${alertId}`).digest()
  return `K-${Array.from(hash.subarray(0, 10), (byte) => alphabet[byte & 31]).join('')}`
}

/** Crockford's base 32: no letter that is taken for a digit. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** By event time, then by id: the first one founds the case. */
export function byTime(a: Pick<Member, 'first' | 'id'>, b: Pick<Member, 'first' | 'id'>): number {
  return a.first - b.first || (a.id < b.id ? -1 : Number(a.id > b.id))
}

/** Places in a list of regions; a province with a kabupaten of its own in the list is not another one. */
export function countRegions(regions: readonly string[]): number {
  const outer = new Set(regions.flatMap((code) => (code.includes('.') ? code.slice(0, code.lastIndexOf('.')) : [])))
  return regions.filter((code) => !outer.has(code)).length
}

/**
 * The record of a case. `past`: what it was with alerts that the book does not know any more; they stay in it. `warned`: of it and of those that are merged
 * into it.
 */
export function writeCase(
  caseId: string,
  members: readonly Member[],
  past: Case | undefined,
  options: { readonly campaignRegions: number; readonly warned: readonly string[] },
): Omit<Case, 'version'> {
  const ordered = [...members].sort(byTime)
  const ids = new Set(ordered.map(({ id }) => id))
  const old = past?.alerts.some((id) => !ids.has(id)) === true ? past : undefined
  const union = (lists: readonly (readonly string[])[], most: number) =>
    [...new Set(lists.flat())].sort().slice(0, most)
  const regions = union([old?.regions ?? [], ordered.map(({ region }) => region).filter((code) => code !== '')], 600)
  const severities = [...ordered.map(({ severity }) => severity), ...(old === undefined ? [] : [old.severity])]
  const keys = [...new Set([...(old?.keys ?? []), ...sharedKeys(ordered)])].sort(byStrength).slice(0, MAX_KEYS)
  const kind = countRegions(regions) >= options.campaignRegions ? 'campaign' : 'entity'
  return {
    case_id: caseId,
    title: titleOf(kind, keys, countRegions(regions)),
    kind,
    keys,
    alerts: [...new Set([...(old?.alerts ?? []), ...ordered.map(({ id }) => id)])].slice(0, MAX_ALERTS),
    regions,
    attack: union([old?.attack ?? [], ...ordered.map(({ attack }) => attack)], MAX_ATTACK),
    severity: Severity.options.findLast((word) => severities.includes(word)) ?? 'informational',
    first_seen: Math.min(...ordered.map(({ first }) => first), old?.first_seen ?? Infinity),
    last_seen: Math.max(...ordered.map(({ last }) => last), old?.last_seen ?? 0),
    warned: union([options.warned], MAX_WARNED),
    merged_into: '',
  }
}

/** Keys that more than one member has: what links them. */
function sharedKeys(members: readonly Member[]): string[] {
  const seen = new Map<string, number>()
  for (const { keys } of members) for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1)
  return [...seen].filter(([, n]) => n > 1).map(([key]) => key)
}

function titleOf(kind: Case['kind'], keys: readonly string[], regions: number): string {
  const mark = keys.find((key) => !key.startsWith('link:')) ?? ''
  const text = isLocalKey(mark) ? mark.slice(0, mark.lastIndexOf('@')) : mark
  return kind === 'campaign'
    ? `Kampanye serangan di ${regions} wilayah / Campaign in ${regions} regions: ${text || '-'}`
    : `Satu pelaku, beberapa peringatan / One actor, several alerts: ${text || '-'}`
}
