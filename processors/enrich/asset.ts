// Which asset is an event about, and whose is it? By destination address, then host name, then domain asked for, then the source's asset.

import { compileNetworks, emptyAddress, MAX_ADDRESS_LENGTH, parseAddress } from '../../runtime/address.ts'
import type { Asset } from '../../schemas/config.ts'
import type { Event } from '../../schemas/event.ts'
import { ownFormats } from '../../schemas/raw-event.ts'
import { bounded } from './bounded.ts'
import type { SourceFacts } from './source.ts'

type Place = Pick<Event, 'region_code' | 'owner'>
type AssetFields = Pick<
  Event,
  'dataset' | 'destination_ip' | 'host_name' | 'url_domain' | 'asset_id' | 'asset_criticality'
> &
  Place

const MAX_HOST_LENGTH = 253
const believed: ReadonlySet<string> = new Set(ownFormats)

/**
 * Writes asset, criticality, region and owner. Region and owner are the source's; where the source has none, the asset's. A network
 * matches by its longest prefix; a host name matches itself and all names beneath it, the longest first.
 */
export function createAssetEnricher(assets: readonly Asset[]): (event: AssetFields, source: SourceFacts) => void {
  const byId = new Map(assets.map((asset) => [asset.id, asset]))
  const addressed = assets.some((asset) => asset.addresses.length > 0)
  const byNetwork = compileNetworks(assets.flatMap((asset) => asset.addresses.map((cidr) => ({ cidr, value: asset }))))
  const byHost = new Map<string, Asset>()
  for (const asset of assets) {
    for (const host of hostsOf(asset)) if (!byHost.has(host)) byHost.set(host, asset)
  }
  const scratch = emptyAddress()
  const findAddress = bounded(
    (ip: string): Asset | null => (parseAddress(ip, scratch) ? (byNetwork(scratch) ?? null) : null),
    50_000,
    MAX_ADDRESS_LENGTH,
  )
  const findHost = bounded(
    (host: string): Asset | null => {
      const found = addressed && parseAddress(host, scratch) ? byNetwork(scratch) : hostOrParent(byHost, host)
      return found ?? null
    },
    20_000,
    MAX_HOST_LENGTH,
  )

  return (event, source) => {
    // Only what Siaga's own collectors wrote is believed in what it says of its asset; an id, name or address that is not configured goes.
    let asset: Asset | null | undefined =
      event.asset_id !== '' && believed.has(event.dataset)
        ? (byId.get(event.asset_id) ?? findHost(event.asset_id))
        : null
    if (asset === null && addressed && event.destination_ip !== '') asset = findAddress(event.destination_ip)
    if (asset === null && event.host_name !== '') asset = findHost(event.host_name)
    if (asset === null && event.url_domain !== '') asset = findHost(event.url_domain)
    if (asset === null && source.asset !== '') asset = byId.get(source.asset)
    const found = asset ?? undefined
    event.asset_id = found?.id ?? source.asset
    event.asset_criticality = found?.criticality ?? ''
    event.region_code = source.region === '' ? (found?.region ?? '') : source.region
    event.owner = source.owner === '' ? (found?.owner ?? '') : source.owner
  }
}

/** Names of an asset in small letters; `*.example.go.id` is the same as `example.go.id`. */
function hostsOf(asset: Asset): string[] {
  const hosts = asset.hosts.map((host) => canonical(host).replace(/^\*\./, ''))
  if (URL.canParse(asset.url)) hosts.push(canonical(new URL(asset.url).hostname))
  return hosts.filter((host) => host !== '')
}

function hostOrParent(byHost: ReadonlyMap<string, Asset>, host: string): Asset | undefined {
  if (host.length > MAX_HOST_LENGTH + 1) return undefined
  let name = canonical(host)
  for (;;) {
    const asset = byHost.get(name)
    if (asset !== undefined) return asset
    const dot = name.indexOf('.')
    if (dot < 0) return undefined
    name = name.slice(dot + 1)
  }
}

function canonical(host: string): string {
  const lower = host.trim().toLowerCase()
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}
