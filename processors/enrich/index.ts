// How does an event get its context? All enrichers in their order, on one screen.
import type { Reference } from '../../runtime/reference.ts'
import type { Asset } from '../../schemas/config.ts'
import type { Event } from '../../schemas/event.ts'
import { createAgentEnricher } from './agent.ts'
import { hasAsn, openAsn, prepareAsn } from './asn.ts'
import { createAssetEnricher } from './asset.ts'
import { createElectionEnricher } from './election.ts'
import { openCountries } from './geo.ts'
import { type AddressDatabases, createNetworkEnricher } from './network.ts'
import type { SourceFacts } from './source.ts'
import { createUrlEnricher } from './url.ts'

export { type SourceFacts, sourceFacts } from './source.ts'

export interface EnrichOptions {
  readonly reference: Reference
  readonly assets: readonly Asset[]
  /** Folder for files that are made from the address databases once; shared by all workers. */
  readonly cacheDir: string
  /** Instead of the shipped databases, for tests. */
  readonly databases?: AddressDatabases
}

export type Enrich = (event: Event, source: SourceFacts) => void

/**
 * A function that writes an event's context into it. Timestamp, addresses, host, URL and agent must be there already. Pure but for
 * bounded memories of repeated values; never throws on an event.
 */
export function createEnrich(options: EnrichOptions): Enrich {
  const { reference, assets } = options
  const databases = options.databases ?? { country: openCountries(), system: openAsn(options.cacheDir) }
  const url = createUrlEnricher()
  const network = createNetworkEnricher(databases, reference.scanners)
  const agent = createAgentEnricher(reference.scanners)
  const asset = createAssetEnricher(assets)
  const election = createElectionEnricher(reference)
  return (event, source) => {
    url(event)
    network(event)
    agent(event)
    asset(event, source)
    election(event)
  }
}

/** Makes the files of `cacheDir` ahead, so that workers started afterwards come up at once. Takes a second and a hundred megabytes. */
export function prepareEnrich(cacheDir: string): void {
  prepareAsn(cacheDir)
}

/** Is there nothing to prepare? */
export function isEnrichPrepared(cacheDir: string): boolean {
  return hasAsn(cacheDir)
}
