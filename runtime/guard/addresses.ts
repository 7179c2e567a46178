// May this host be connected to? Its addresses are resolved first and then pinned, so that nothing behind a name can lead into private networks.
import { lookup, Resolver } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { type Address, compileNetworks, emptyAddress, parseAddress } from '../address.ts'
import { scopeOf } from '../address-scope.ts'
import { errorText } from '../errors.ts'
import { FetchFailure } from './failure.ts'
import { isOneOf } from './pinned.ts'

export interface GuardOptions {
  /** Addresses and networks that are not public and may be connected to all the same. */
  readonly allowPrivate?: readonly string[]
  /** DNS servers to ask in place of the system's. */
  readonly resolvers?: readonly string[]
  readonly dnsTimeoutMs?: number
  /** Addresses of this machine: a public one of them reaches services that a firewall keeps from everyone else. Default: those of its interfaces. */
  readonly ownAddresses?: () => readonly string[]
}

/** Answers all addresses of a host, each of them permitted. Rejects with FetchFailure: dns_not_found, dns_failed or blocked. */
export type ResolveHost = (host: string) => Promise<string[]>

const DNS_TIMEOUT_MS = 5_000
const NOT_FOUND: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EBADNAME'])
/** All addresses of a host are judged, and so many of them are tried. */
const MAX_ADDRESSES = 16

/** One address that is not permitted refuses the host: a name that also points inside is up to nothing good. */
export function createResolve(options: GuardOptions = {}): ResolveHost {
  const { resolvers = [], dnsTimeoutMs = DNS_TIMEOUT_MS } = options
  const permitted = createPermitted(options.allowPrivate ?? [], options.ownAddresses ?? interfaceAddresses)
  const ask = resolvers.length === 0 ? askSystem : askServers(resolvers, dnsTimeoutMs)
  return async (host) => {
    const bare = host.startsWith('[') ? host.slice(1, -1) : host
    const addresses = parseAddress(bare, emptyAddress()) ? [bare] : await found(ask, bare)
    const refused = addresses.find((address) => !permitted(address))
    if (refused !== undefined) {
      throw new FetchFailure('blocked', `${host} is at ${refused}, which is not a public address`)
    }
    return addresses.slice(0, MAX_ADDRESSES)
  }
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address))
}

async function found(ask: (host: string) => Promise<string[]>, host: string): Promise<string[]> {
  try {
    const addresses = await ask(host)
    if (addresses.length > 0) return addresses
  } catch (error) {
    if (!isNotFound(error)) throw new FetchFailure('dns_failed', `${host}: ${errorText(error)}`, { cause: error })
  }
  throw new FetchFailure('dns_not_found', `${host} has no address`)
}

/** True if DNS said that there is no such name or no such record, which is an answer. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NOT_FOUND.has(String(error.code))
}

async function askSystem(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}

function askServers(servers: readonly string[], timeout: number): (host: string) => Promise<string[]> {
  const resolver = new Resolver({ timeout, tries: 2 })
  resolver.setServers([...servers])
  return async (host) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    const addresses = [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    // Of two failures the one that is not "there is none" tells more: a name may have addresses that could not be asked for.
    const failures = [v4, v6].flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    if (addresses.length === 0 && failures.length > 0) throw failures.find((one) => !isNotFound(one)) ?? failures[0]
    return addresses
  }
}

/** True for an address that is public, also where it carries an IPv4 address inside, and not this machine's, or that is allowed by name. */
export function createPermitted(
  allowPrivate: readonly string[],
  ownAddresses: () => readonly string[] = () => [],
): (address: string) => boolean {
  const allowed = compileNetworks(allowPrivate.map((cidr) => ({ cidr, value: true })))
  return (text) => {
    const address = emptyAddress()
    const zone = text.indexOf('%')
    if (!parseAddress(zone < 0 ? text : text.slice(0, zone), address)) return false
    if (allowed(address) === true) return true
    if (zone >= 0 || scopeOf(address) !== 'public' || isOneOf(ownAddresses(), text)) return false
    const inside = embedded(address)
    return inside === undefined || scopeOf(inside) === 'public' || allowed(inside) === true
  }
}

/** The IPv4 address inside an IPv6 one that a network translates: 64:ff9b::/96 (RFC 6052), 2002::/16 (RFC 3056) and ISATAP (RFC 5214). */
function embedded({ family, a, b, c, d }: Address): Address | undefined {
  if (family !== 6) return undefined
  const v4 = (word: number): Address => ({ family: 4, a: word >>> 0, b: 0, c: 0, d: 0 })
  if (a === 0x0064ff9b && b === 0 && c === 0) return v4(d)
  if (a >>> 16 === 0x2002) return v4((a << 16) | (b >>> 16))
  if (c === 0x00005efe || c === 0x02005efe) return v4(d)
  return undefined
}
