// Is a domain registered, and where does it lead? Name servers first; addresses and mail servers only of what is there.
import { Resolver } from 'node:dns/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPermitted } from '../../runtime/guard/addresses.ts'

export interface Registration {
  readonly addresses: readonly string[]
  readonly nameServers: readonly string[]
  /** Undefined where nobody could say. */
  readonly mailServers: readonly string[] | undefined
}

/** `unknown`: no answer that says either. */
export type Answer =
  | { readonly kind: 'registered'; readonly registration: Registration }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown' }

export interface DnsOptions {
  readonly resolvers: readonly string[]
  readonly queriesPerSecond: number
  /** A label that nobody has registered. */
  readonly randomLabel: () => string
  readonly timeoutMs?: number
}

export interface DomainDns {
  ask(domain: string, signal: AbortSignal): Promise<Answer>
  /** Forgets what is known of parents that answer everything. */
  forget(): void
}

const TIMEOUT_MS = 4_000
const MAX_ANSWERS = 20
const MAX_PARENTS = 10_000
const nothingThere: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA'])

/** Questions of all domains share one rate. */
export function createDomainDns(options: DnsOptions): DomainDns {
  const { resolvers, queriesPerSecond, randomLabel, timeoutMs = TIMEOUT_MS } = options
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
  if (resolvers.length > 0) resolver.setServers([...resolvers])
  const gap = 1000 / queriesPerSecond
  let free = 0
  /** Parents by what a label beneath them answers that nobody has registered. */
  const parents = new Map<string, Promise<Registration | undefined>>()

  async function turn(signal: AbortSignal): Promise<void> {
    const now = performance.now()
    free = Math.max(now, free + gap)
    if (free > now) await sleep(free - now, undefined, { signal })
    signal.throwIfAborted()
  }

  /** Answers of one question; none if there are none; undefined if nobody could say. */
  async function question(
    ask: () => Promise<readonly string[]>,
    signal: AbortSignal,
  ): Promise<{ values: readonly string[]; exists: boolean } | undefined> {
    await turn(signal)
    try {
      const values = (await ask()).map((value) => value.toLowerCase().replace(/\.$/, ''))
      return { values: [...new Set(values)].sort().slice(0, MAX_ANSWERS), exists: true }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      return nothingThere.has(code) ? { values: [], exists: code === 'ENODATA' } : undefined
    }
  }

  const nameServers = (domain: string, signal: AbortSignal) => question(() => resolver.resolveNs(domain), signal)
  const mailServers = (domain: string, signal: AbortSignal) =>
    question(async () => (await resolver.resolveMx(domain)).map(({ exchange }) => exchange), signal)
  /** Undefined where nobody could say. */
  async function addresses(domain: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    const v4 = await question(() => resolver.resolve4(domain), signal)
    const v6 = await question(() => resolver.resolve6(domain), signal)
    const found = [...(v4?.values ?? []), ...(v6?.values ?? [])]
    return found.length === 0 && (v4 === undefined || v6 === undefined) ? undefined : found
  }

  /** What a parent answers for a label that nobody has; undefined: nothing. */
  function wildcard(parent: string, signal: AbortSignal): Promise<Registration | undefined> {
    const known = parents.get(parent)
    if (known !== undefined) return known
    const look = async (): Promise<Registration | undefined> => {
      const probe = `${randomLabel()}.${parent}`
      const servers = await nameServers(probe, signal)
      const found = (await addresses(probe, signal)) ?? []
      if ((servers?.values.length ?? 0) === 0 && found.length === 0) return undefined
      return { addresses: found, nameServers: servers?.values ?? [], mailServers: [] }
    }
    const answer = look()
    answer.catch(() => parents.delete(parent))
    if (parents.size >= MAX_PARENTS) parents.clear()
    parents.set(parent, answer)
    return answer
  }

  return {
    async ask(domain, signal) {
      const servers = await nameServers(domain, signal)
      if (servers === undefined) return { kind: 'unknown' }
      // No such name at all. A name without name servers of its own may stand beneath another's domain.
      if (!servers.exists) return { kind: 'absent' }
      const found = await addresses(domain, signal)
      if (found === undefined) return { kind: 'unknown' }
      if (servers.values.length === 0 && found.length === 0) return { kind: 'absent' }
      const everything = await wildcard(domain.slice(domain.indexOf('.') + 1), signal)
      const own = servers.values.length > 0 && (everything?.nameServers.length ?? 0) === 0
      if (everything !== undefined && !own) return { kind: 'absent' }
      const mail = await mailServers(domain, signal)
      return {
        kind: 'registered',
        registration: { addresses: found, nameServers: servers.values, mailServers: mail?.values },
      }
    },
    forget: () => parents.clear(),
  }
}

/** Block pages of Indonesian carriers and of filtering resolvers, and addresses that lead nowhere. */
const sinkholes: ReadonlySet<string> = new Set([
  '0.0.0.0',
  '::',
  '127.0.0.1',
  '::1',
  '36.86.63.185',
  '118.97.115.30',
  '146.112.61.104',
  '146.112.61.105',
  '146.112.61.106',
  '146.112.61.107',
  '146.112.61.108',
  '146.112.61.110',
])

const isPublic = createPermitted([])

/** What the addresses of a domain are. */
export function answersOf(addresses: readonly string[]): 'none' | 'private' | 'sinkhole' | 'public' {
  if (addresses.length === 0) return 'none'
  if (addresses.every((address) => sinkholes.has(address))) return 'sinkhole'
  return addresses.some((address) => isPublic(address) && !sinkholes.has(address)) ? 'public' : 'private'
}
