// What does a room see of a case across regions? Its own alerts, the techniques, indicators that it may know, and advice; nothing of others.
import { isCentre, mayRead } from '../../../runtime/scope.ts'
import type { Alert, Case } from '../../../schemas/alert.ts'
import type { Room } from '../../../schemas/room.ts'
import { type Advice, adviceFor } from './advice.ts'
import { indicatorsOf, type MarkedIndicator, permittedIndicators } from './indicators.ts'
import { countRegions } from './record.ts'

export interface CaseView {
  readonly case_id: string
  readonly kind: Case['kind']
  /** The centre sees the case's own title; it names a mark that others may not know. */
  readonly title: string
  /** In how many regions; which ones only the centre sees. */
  readonly regions: number
  readonly region_codes: readonly string[]
  /** Techniques of the whole case. */
  readonly attack: readonly string[]
  /** The room's own rows. */
  readonly alerts: readonly Alert[]
  /** Event time of the room's own rows, milliseconds since 1970 UTC; 0 if it has none. */
  readonly first_seen: number
  readonly last_seen: number
  readonly indicators: readonly MarkedIndicator[]
  readonly advice: readonly Advice[]
}

/**
 * The case as this room may see it: undefined if no alert of it is the room's to read and it was not warned. `alerts`: those of the case. Severity, entity, titles, owners and
 * region names of others are never in it.
 */
export function caseViewFor(
  room: Pick<Room, 'id' | 'region' | 'owner' | 'sees'>,
  known: Case,
  alerts: readonly Alert[],
): CaseView | undefined {
  const own = alerts.filter((alert) => mayRead(room, alert))
  const centre = isCentre(room)
  const warned = known.warned.some((mark) => mark.startsWith(`${room.id}|`))
  if (own.length === 0 && !warned && !centre) return undefined
  const audience = own.length > 0 ? 'hit' : 'ahead'
  const regions = countRegions(known.regions)
  return {
    case_id: known.case_id,
    kind: known.kind,
    title: centre ? known.title : titleFor(known.kind, regions),
    regions,
    region_codes: centre ? known.regions : [...new Set(own.map(({ region_code }) => region_code))].sort(),
    attack: known.attack,
    alerts: own,
    first_seen: own.length === 0 ? 0 : Math.min(...own.map((alert) => alert.first_seen)),
    last_seen: own.length === 0 ? 0 : Math.max(...own.map((alert) => alert.last_seen)),
    indicators: centre ? indicatorsOf(alerts) : permittedIndicators(alerts, audience),
    advice: adviceFor(known.attack),
  }
}

function titleFor(kind: Case['kind'], regions: number): string {
  return kind === 'campaign'
    ? `Kampanye serangan di ${regions} wilayah / Campaign in ${regions} regions`
    : 'Beberapa peringatan dari satu pelaku / Several alerts of one actor'
}
