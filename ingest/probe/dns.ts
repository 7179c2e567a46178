// What does DNS say of a site? Addresses, the chain of aliases, name servers of the registered domain, mail servers.
import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { isNotFound, type ResolveHost } from '../../runtime/guard/addresses.ts'
import { FetchFailure } from '../../runtime/guard/failure.ts'
import type { DnsFacts } from '../../schemas/probe.ts'
import { hostName, registeredDomain } from './target.ts'

const TIMEOUT_MS = 3_000
const TRIES = 2
const MAX_ALIASES = 8
const MAX_ENTRIES = 50

export interface DnsAnswer {
  readonly failure?: FetchFailure
  readonly facts: DnsFacts
  /** Facts that could not be asked for: servers failed, which says nothing of the site. */
  readonly unknown: ReadonlySet<keyof DnsFacts>
}

/** Asks DNS; never rejects. `resolve` is the guard's: an address that it refuses is told and is the failure `blocked`. */
export async function askDns(host: string, resolve: ResolveHost, resolvers: readonly string[]): Promise<DnsAnswer> {
  const name = hostName(host)
  const bare = name.startsWith('[') ? name.slice(1, -1) : name
  const unknown = new Set<keyof DnsFacts>()
  let failure: FetchFailure | undefined
  let addresses: string[] = []
  try {
    addresses = await resolve(host)
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error
    failure = error
  }
  const facts = (more: Partial<DnsFacts>): DnsFacts => ({
    addresses: [...addresses].sort(),
    name_servers: [],
    mail_servers: [],
    aliases: [],
    ...more,
  })
  if (isIP(bare) !== 0) return { facts: facts({}), unknown, ...(failure === undefined ? {} : { failure }) }

  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES })
  if (resolvers.length > 0) resolver.setServers([...resolvers])
  const ask = async (fact: keyof DnsFacts, work: () => Promise<string[]>): Promise<string[]> => {
    try {
      return (await work()).slice(0, MAX_ENTRIES)
    } catch (error) {
      if (!isNotFound(error)) unknown.add(fact)
      return []
    }
  }
  const domain = registeredDomain(bare)
  const [raw, nameServers, mailServers, aliases] = await Promise.all([
    // Where a hijacked name leads is worth knowing, all the more if nobody may go there.
    failure?.kind === 'blocked' ? ask('addresses', () => rawAddresses(resolver, bare)) : [],
    domain === '' ? [] : ask('name_servers', async () => (await resolver.resolveNs(domain)).map(hostName).sort()),
    domain === ''
      ? []
      : ask('mail_servers', async () =>
          (await resolver.resolveMx(domain)).map(({ exchange }) => hostName(exchange)).sort(),
        ),
    ask('aliases', () => aliasesOf(resolver, bare)),
  ])
  if (failure !== undefined) {
    addresses = raw
    if (raw.length === 0) unknown.add('addresses')
  }
  return {
    facts: facts({ name_servers: nameServers, mail_servers: mailServers, aliases }),
    unknown,
    ...(failure === undefined ? {} : { failure }),
  }
}

async function rawAddresses(resolver: Resolver, host: string): Promise<string[]> {
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}

/** Names that the host stands for, in order. */
async function aliasesOf(resolver: Resolver, host: string): Promise<string[]> {
  const found: string[] = []
  let name = host
  while (found.length < MAX_ALIASES) {
    let next: string | undefined
    try {
      next = (await resolver.resolveCname(name))[0]
    } catch (error) {
      if (isNotFound(error)) break
      throw error
    }
    if (next === undefined || found.includes(hostName(next))) break
    name = hostName(next)
    found.push(name)
  }
  return found
}
