// Who is warned ahead? Rooms that a campaign has not reached and that have the same kind of asset, once for each technique.
import { isCentre, mayRead } from '../../../runtime/scope.ts'
import type { Alert, Case, Notification } from '../../../schemas/alert.ts'
import type { Asset } from '../../../schemas/config.ts'
import type { Room } from '../../../schemas/room.ts'
import { permittedIndicators } from './indicators.ts'
import { countRegions, MAX_WARNED } from './record.ts'

/** A warning to one room. */
export interface CaseWarning {
  readonly room: string
  /** What the room may know, as a notification carries it. */
  readonly warning: NonNullable<Notification['warning']>
  /** `room|technique`, to be remembered (`warn` of the case book): it is not told again. */
  readonly marks: readonly string[]
}

/**
 * Warnings of a case that is a campaign; none for others. `alerts`: those of the case. A room is warned if no alert of the case is its to see, and if its region, or one beneath, has an asset that it may see of a kind
 * that was attacked. It is told the kind, the techniques that it was not told before, in how many regions, and indicators that may go further: never whose alerts they are.
 */
export function warningsFor(
  known: Pick<Case, 'case_id' | 'kind' | 'regions' | 'attack' | 'warned' | 'merged_into'>,
  alerts: readonly Pick<Alert, 'asset_id' | 'region_code' | 'owner' | 'worst'>[],
  assets: readonly Pick<Asset, 'id' | 'kind' | 'region' | 'owner'>[],
  rooms: readonly Pick<Room, 'id' | 'region' | 'owner' | 'sees'>[],
): CaseWarning[] {
  if (known.kind !== 'campaign' || known.merged_into !== '' || known.warned.length >= MAX_WARNED) return []
  const kinds = attackedKinds(alerts, assets)
  if (kinds.length === 0) return []
  const told = new Set(known.warned)
  const techniques = known.attack.length === 0 ? [''] : known.attack
  const indicators = permittedIndicators(alerts, 'ahead').map((one) => ({ ...one }))
  const regions = countRegions(known.regions)
  return rooms.flatMap((room) => {
    if (isCentre(room) || alerts.some((alert) => mayRead(room, alert))) return []
    const fresh = techniques.filter((technique) => !told.has(markOf(room.id, technique)))
    if (fresh.length === 0) return []
    const own = assets.filter((asset) => mayRead(room, { region_code: asset.region, owner: asset.owner }))
    const asset_kind = kinds.find((kind) => own.some((asset) => asset.kind === kind))
    if (asset_kind === undefined) return []
    const attack = fresh.filter((technique) => technique !== '')
    return {
      room: room.id,
      warning: { case_id: known.case_id, regions, attack, indicators, asset_kind },
      marks: fresh.map((technique) => markOf(room.id, technique)),
    }
  })
}

function markOf(room: string, technique: string): string {
  return `${room}|${technique}`
}

/** Kinds of the assets that alerts are about, the most frequent first. */
function attackedKinds(
  alerts: readonly Pick<Alert, 'asset_id'>[],
  assets: readonly Pick<Asset, 'id' | 'kind'>[],
): string[] {
  const kindOf = new Map(assets.map(({ id, kind }) => [id, kind]))
  const counts = new Map<string, number>()
  for (const { asset_id } of alerts) {
    const kind = kindOf.get(asset_id) ?? ''
    if (kind !== '') counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : Number(a > b))).map(([kind]) => kind)
}
