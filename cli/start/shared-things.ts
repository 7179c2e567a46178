// What do strangers to each other have in common too? Carriers' addresses, domains that everybody uses, agents of research scanners.
import { createCarrierLookup } from '../../ingest/feeds/carriers.ts'
import { createWarningLists, loadWarningLists } from '../../ingest/feeds/warning-lists.ts'
import { openAsn } from '../../processors/enrich/asn.ts'
import { emptyAddress, parseAddress } from '../../runtime/address.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { Reference } from '../../runtime/reference.ts'
import type { SharedThings } from '../../sinks/alerts/cases/keys.ts'
import { cacheDir } from './folders.ts'

/** What links no alerts: many people are behind it. */
export function sharedThings(
  config: Pick<ResolvedConfig, 'data_dir' | 'intelligence'>,
  baseDir: string,
  { scanners }: Pick<Reference, 'scanners'>,
): SharedThings {
  const systems = openAsn(cacheDir(config))
  const carrierOf = createCarrierLookup((address) => systems(address).number)
  const lists = createWarningLists(loadWarningLists(config.intelligence.warning_lists, baseDir))
  const agents = scanners.flatMap((scanner) => scanner.agents)
  const address = emptyAddress()
  return {
    address: (ip) => parseAddress(ip, address) && carrierOf(address) !== undefined,
    domain: (value) => lists({ type: 'domain', value }) !== undefined,
    agent: (agent) => agents.some((part) => agent.includes(part)),
  }
}
