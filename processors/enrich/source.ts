// What is configured about a source? Looked up once, so that the pipeline takes region, owner and zone from the configuration, never from a sender.
import { type Reference, zoneMinutes } from '../../runtime/reference.ts'
import { builtInSources, type Config, Source } from '../../schemas/config.ts'
import type { Room } from '../../schemas/room.ts'

/** Facts about a source that enrichment and parsing need. */
export interface SourceFacts {
  readonly id: string
  /** Kemendagri code, '' unknown. */
  readonly region: string
  readonly owner: string
  /** Asset that its events are about where nothing better is known, '' none. */
  readonly asset: string
  /** Offset of times written without a zone, minutes east of UTC. */
  readonly zoneMinutes: number
  /** Names of the columns of its lines, where they are not the format's usual ones. */
  readonly columns: readonly string[]
}

/** Facts of every configured source, of the built-in ones and of Operation Rooms by id. */
export function sourceFacts(
  config: Pick<Config, 'sources'> & { readonly rooms?: readonly Room[] },
  reference: Pick<Reference, 'regions'>,
): Map<string, SourceFacts> {
  const facts = new Map<string, SourceFacts>()
  const rooms = (config.rooms ?? []).map(({ id, region, owner }) => Source.parse({ id, region, owner }))
  for (const { id, region, owner, asset, zone, columns } of [...builtInSources, ...rooms, ...config.sources]) {
    const zoneName = zone ?? reference.regions.get(region)?.zone ?? 'WIB'
    facts.set(id, {
      id,
      region,
      owner,
      asset,
      zoneMinutes: zoneMinutes(zoneName),
      columns: columns.split(' ').filter((name) => name !== ''),
    })
  }
  return facts
}
