// Must a person look at an update first? If it would match protected names, addresses that carriers share, or too much of what comes in.
import { setImmediate as breathe } from 'node:timers/promises'
import { type Address, emptyAddress, parseAddress } from '../../runtime/address.ts'
import { scopeOf } from '../../runtime/address-scope.ts'
import { canonicalDomain, canonicalUrl } from '../../runtime/indicator-value.ts'
import type { Asset } from '../../schemas/config.ts'
import type { Indicator } from '../../schemas/indicator.ts'
import { hostOfUrl } from './canonical.ts'
import type { HoldReason } from './held.ts'
import { createOverlap } from './spans.ts'

/** What must not be matched without a person's word. */
export interface ProtectedNames {
  /** Hosts, and domains with all beneath them. */
  readonly domains: readonly string[]
  /** Addresses and networks. */
  readonly networks: readonly string[]
}

/** The hosts, URLs and addresses of assets, the allow list, and further domains, such as those that look-alikes are searched for. */
export function protectedNames(
  config: {
    readonly assets: readonly Pick<Asset, 'hosts' | 'url' | 'addresses'>[]
    readonly allow_list: readonly string[]
  },
  further: readonly string[] = [],
): ProtectedNames {
  const hosts = config.assets.flatMap(({ hosts, url }) => [...hosts, ...(url === '' ? [] : [hostOf(url)])])
  const isAddress = (text: string): boolean => parseAddress(text, emptyAddress())
  return {
    domains: [...hosts, ...further].flatMap((host) => canonicalDomain(host) ?? []),
    networks: [
      ...config.assets.flatMap(({ addresses }) => addresses),
      ...config.allow_list,
      ...hosts.filter(isAddress),
    ],
  }
}

function hostOf(url: string): string {
  const canonical = canonicalUrl(url)
  return canonical === undefined ? '' : hostOfUrl(canonical)
}

export interface Traffic {
  /** Events of the last hour that the indicators would have matched, of so many. */
  readonly matched: number
  readonly events: number
}

export interface HoldOptions {
  readonly names: ProtectedNames
  /** Name of the carrier whose shared addresses an address is among. */
  readonly carrierOf: (address: Address) => string | undefined
  readonly traffic: ((indicators: readonly Indicator[]) => Promise<Traffic>) | undefined
  /** Most of the last hour's events that new indicators may match. */
  readonly share: number
}

const EXAMPLES = 10
/** Indicators judged before others have their turn. */
const PIECE = 5000

/** What one indicator would match that it should not: each with its name. */
export type Judge = (
  indicator: Indicator,
) => readonly { readonly kind: 'protected' | 'carrier'; readonly name: string }[]

export function createJudge({ names, carrierOf }: Pick<HoldOptions, 'names' | 'carrierOf'>): Judge {
  const protectedBy = createProtected(names)
  return (indicator) => {
    const name = protectedBy(indicator)
    const carrier = carrierName(indicator, carrierOf)
    return [
      ...(name === undefined ? [] : [{ kind: 'protected' as const, name }]),
      ...(carrier === undefined ? [] : [{ kind: 'carrier' as const, name: carrier }]),
    ]
  }
}

/** Why the new indicators of an update must wait; none: they need not. */
export async function holdReasons(added: readonly Indicator[], options: HoldOptions): Promise<HoldReason[]> {
  const judge = createJudge(options)
  const reasons = new Map<HoldReason['kind'], { count: number; examples: string[] }>()
  for (const [at, indicator] of added.entries()) {
    if (at % PIECE === PIECE - 1) await breathe()
    for (const { kind, name } of judge(indicator)) {
      const reason = reasons.get(kind) ?? { count: 0, examples: [] }
      reason.count++
      if (reason.examples.length < EXAMPLES) reason.examples.push(`${indicator.value} (${name})`)
      reasons.set(kind, reason)
    }
  }
  const found: HoldReason[] = [...reasons].map(([kind, { count, examples }]) => ({ kind, count, examples }))
  if (added.length > 0 && options.traffic !== undefined) {
    const { matched, events } = await options.traffic(added)
    if (events > 0 && matched / events > options.share) {
      found.push({ kind: 'traffic', count: matched, examples: [`${matched} of ${events} events of the last hour`] })
    }
  }
  return found
}

/** The protected name that an indicator would match, or that it is beneath. */
export function createProtected({ domains, networks }: ProtectedNames): (indicator: Indicator) => string | undefined {
  const names = new Set(domains)
  // A domain indicator matches all that is beneath it: every parent of a protected name stands for it.
  const parents = new Map<string, string>()
  for (const domain of domains)
    for (const parent of parentsOf(domain)) if (!parents.has(parent)) parents.set(parent, domain)
  const overlapping = createOverlap(networks.map((cidr) => ({ cidr, value: cidr })))
  const ofDomain = (domain: string): string | undefined => {
    if (names.has(domain)) return domain
    return parents.get(domain) ?? parentsOf(domain).find((parent) => names.has(parent))
  }
  return ({ type, value }) => {
    switch (type) {
      case 'ip':
      case 'network':
        return overlapping(value)
      case 'domain':
        return ofDomain(value)
      case 'url': {
        const host = hostOfUrl(value)
        return overlapping(host) ?? (names.has(host) ? host : parentsOf(host).find((parent) => names.has(parent)))
      }
      case 'email':
        return ofDomain(value.slice(value.lastIndexOf('@') + 1))
      default:
        return undefined
    }
  }
}

function parentsOf(domain: string): string[] {
  const parents: string[] = []
  for (let dot = domain.indexOf('.'); dot > 0; dot = domain.indexOf('.', dot + 1)) parents.push(domain.slice(dot + 1))
  return parents
}

function carrierName(
  { type, value }: Pick<Indicator, 'type' | 'value'>,
  lookUp: (address: Address) => string | undefined,
): string | undefined {
  if (type !== 'ip' && type !== 'network') return undefined
  const address = emptyAddress()
  if (!parseAddress(value.split('/', 1)[0] ?? '', address)) return undefined
  return scopeOf(address) === 'cgnat' ? 'CGNAT 100.64.0.0/10' : lookUp(address)
}
