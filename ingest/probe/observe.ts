// What is there now? One look at a site: DNS, the page as three agents, TLS, the sitemap; one request after the other, each through the guard.
import { type FailureKind, FetchFailure, failureOf } from '../../runtime/guard/failure.ts'
import type { Guard } from '../../runtime/guard/fetch.ts'
import { ProbeAgent, type TlsFacts } from '../../schemas/probe.ts'
import type { Probes } from '../../schemas/watch.ts'
import { agentHeaders, ownHeaders } from './agents.ts'
import { askDns, type DnsAnswer } from './dns.ts'
import type { HostGate } from './gate.ts'
import { failedView, type PageFetchOptions, type Viewed, viewPage } from './page-fetch.ts'
import { readSitemap, type Sitemap } from './sitemap.ts'
import type { Target } from './target.ts'
import { hostName } from './target.ts'
import { readTls, readWeakVersions } from './tls.ts'

/** Old protocols are looked for so often and no more: each takes a connection of its own. */
const WEAK_MS = 3_600_000
const MAX_WEAK = 10_000

export interface ObserveOptions {
  readonly guard: Guard
  readonly gate: HostGate
  readonly settings: Pick<Probes, 'timeout_seconds' | 'max_bytes' | 'contact' | 'resolvers'>
  /** Version of Siaga, said in its agent string. */
  readonly version: string
  /** Certificate authorities in place of the system's, PEM. */
  readonly ca?: string | readonly string[]
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  readonly signal: AbortSignal
  readonly weak: WeakMemory
}

/** Old protocols that were found, by host and port. */
export type WeakMemory = Map<string, { readonly at: number; readonly versions: readonly string[] }>

export interface Observation {
  readonly dns: DnsAnswer
  /** Of an https address, and of one that a listed http address leads to. */
  readonly tls: { readonly facts?: TlsFacts; readonly failure?: FetchFailure } | undefined
  /** Desktop first; the others are left out where nothing could be connected to. */
  readonly views: readonly Viewed[]
  readonly sitemap: Sitemap | undefined
}

/** Failures after which nothing else is tried: there is nobody to answer. */
const nobody: ReadonlySet<string> = new Set<FailureKind>([
  'dns_not_found',
  'dns_failed',
  'blocked',
  'refused',
  'unreachable',
])
/** Failures after which other agents are not sent, for they would fare no better and take as long. */
const notSent: ReadonlySet<string> = new Set<FailureKind>(['tls_failed', 'timeout'])

/** Looks at a site. What fails is part of what is seen; rejects only when the signal aborts. */
export async function observe(target: Target, options: ObserveOptions): Promise<Observation> {
  const { guard, gate, settings, version, ca, signal } = options
  const url = new URL(target.url)
  const dns = await askDns(url.hostname, guard.resolve, settings.resolvers)
  signal.throwIfAborted()
  const { failure } = dns
  if (failure !== undefined) {
    return {
      dns,
      tls: url.protocol === 'https:' ? { failure } : undefined,
      views: [{ view: failedView('desktop', failure), page: undefined, url }],
      sitemap: undefined,
    }
  }
  const fetching: PageFetchOptions = {
    guard,
    signal,
    hosts: target.hosts,
    timeoutMs: settings.timeout_seconds * 1000,
    maxBytes: settings.max_bytes,
    pass: (host) => gate.pass(hostName(host), signal),
    ...(ca === undefined ? {} : { ca }),
  }
  const views: Viewed[] = []
  for (const agent of ProbeAgent.options) {
    const viewed = await viewPage(agent, url, agentHeaders[agent], fetching, views[0])
    views.push(viewed)
    const failed = viewed.view.failure ?? ''
    if (agent === 'desktop' && (nobody.has(failed) || notSent.has(failed))) break
  }
  const secure = [url, ...views.map((viewed) => viewed.url)].find(({ protocol }) => protocol === 'https:')
  const [desktop] = views
  const { failure: failed = '', detail = '' } = desktop?.view ?? {}
  const gone = failed !== '' && failed !== 'redirect_loop' && nobody.has(failed)
  const tls =
    secure === undefined
      ? undefined
      : gone
        ? { failure: new FetchFailure(failed, detail) }
        : await observeTls(secure, options, fetching)
  const answered = desktop !== undefined && desktop.view.failure === undefined
  const sitemap = answered ? await readSitemap(desktop.url, ownHeaders(version, settings.contact), fetching) : undefined
  return { dns, tls, views, sitemap }
}

async function observeTls(
  url: URL,
  { guard, now, weak }: ObserveOptions,
  { signal, timeoutMs, ca, pass }: PageFetchOptions,
): Promise<Observation['tls']> {
  const options = { guard, signal, timeoutMs, pass, ...(ca === undefined ? {} : { ca }) }
  try {
    const facts = await readTls(url, options)
    const before = weak.get(url.host)
    if (before !== undefined && now() - before.at < WEAK_MS)
      return { facts: { ...facts, weak_versions: [...before.versions] } }
    const versions = await readWeakVersions(url, options)
    if (weak.size > MAX_WEAK) weak.clear()
    weak.set(url.host, { at: now(), versions })
    return { facts: { ...facts, weak_versions: versions } }
  } catch (error) {
    signal.throwIfAborted()
    return { failure: error instanceof FetchFailure ? error : failureOf(error) }
  }
}
