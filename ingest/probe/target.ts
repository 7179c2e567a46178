// What is probed? Assets with a web address, and what rooms have listed beneath their verified domains.
import { hash } from 'node:crypto'
import { getDomain } from 'tldts'
import type { Asset } from '../../schemas/config.ts'
import { PROBE_SOURCE } from '../../schemas/raw-event.ts'

/** A site to probe. */
export interface Target {
  /** Stands for it in files and in Kafka's key: the asset's id, or the room's and a hash of the address. */
  readonly key: string
  /** Asset, '' for what a room has listed. */
  readonly asset: string
  readonly url: string
  /** Source of its events: Siaga's own, or the room, whose region and owner they then have. */
  readonly source: string
  /** Hosts that a redirect is followed to: its own, and what is listed with it. */
  readonly hosts: readonly string[]
}

/** The web address of a text, without fragment and password; undefined if it is none. */
export function webAddress(text: string): URL | undefined {
  const url = URL.parse(text.trim())
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') return undefined
  url.hash = ''
  url.username = ''
  url.password = ''
  return url
}

/** Targets of the assets that have an http or https address. */
export function assetTargets(assets: readonly Pick<Asset, 'id' | 'url' | 'hosts'>[]): Target[] {
  return assets.flatMap(({ id, url: text, hosts }) => {
    const url = webAddress(text)
    if (url === undefined) return []
    const names = hosts.map((host) => hostName(host))
    return { key: id, asset: id, url: url.href, source: PROBE_SOURCE, hosts: unique([url.hostname, ...names]) }
  })
}

/** Targets of addresses that a room has listed and that are still beneath its domains; `www.` and the bare name lead to each other there. */
export function roomTargets(room: { id: string; domains: readonly string[] }, urls: readonly string[]): Target[] {
  return urls.flatMap((text) => {
    const url = webAddress(text)
    if (url === undefined || !isBeneath(url.hostname, room.domains)) return []
    const bare = hostName(url.hostname).replace(/^www\./, '')
    const hosts = [url.hostname, ...[bare, `www.${bare}`].filter((name) => isBeneath(name, room.domains))]
    const mark = hash('sha256', url.href, 'hex').slice(0, 16)
    return { key: `${room.id}.${mark}`, asset: '', url: url.href, source: room.id, hosts: unique(hosts) }
  })
}

/** True if the host is one of the domains or beneath one. An address of numbers never is. */
export function isBeneath(host: string, domains: readonly string[]): boolean {
  const name = hostName(host)
  return domains.some((domain) => {
    const parent = hostName(domain)
    return parent !== '' && (name === parent || name.endsWith(`.${parent}`))
  })
}

/** A host name in small letters, without the dot of the root. */
export function hostName(host: string): string {
  const lower = host.trim().toLowerCase()
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}

/** The domain that somebody has registered, such as kpu.go.id of jdih.kpu.go.id; '' for an address or a public suffix. */
export function registeredDomain(host: string): string {
  return getDomain(hostName(host), { allowPrivateDomains: false }) ?? ''
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names.map(hostName))]
}
