// Are sites still probed, and is it they that are down or our own network? From the latest probes of each site.
import type { ProbeFailure } from '../../schemas/probe.ts'
import type { Limit } from './judge.ts'

/** What is known of the probes of a site. Milliseconds since 1970 UTC. */
export interface ProbedSite {
  /** Times of the latest probes, oldest first. */
  readonly times: readonly number[]
  /** Of the last one; empty: it got an answer. */
  readonly failure: string
  /** When the site last answered; 0: not as far as is known. */
  readonly lastOk: number
}

/** A probe as it landed. */
export interface Probe {
  readonly asset: string
  readonly at: number
  readonly failure: string
}

const KEEP = 12
/** Sites are configured, but records name them. */
const MAX_SITES = 20_000

/** Folds probes in; those that were folded before change nothing. */
export function foldProbes(sites: Map<string, ProbedSite>, probes: readonly Probe[]): void {
  for (const { asset, at, failure } of probes) {
    const before = sites.get(asset) ?? { times: [], failure: '', lastOk: 0 }
    if (before.times.includes(at) || (!sites.has(asset) && sites.size >= MAX_SITES)) continue
    const times = [...before.times, at].sort((a, b) => a - b).slice(-KEEP)
    sites.set(asset, {
      times,
      failure: times.at(-1) === at ? failure : before.failure,
      lastOk: failure === '' ? Math.max(at, before.lastOk) : before.lastOk,
    })
  }
}

/** Fewer probes say nothing about how often a site is probed. */
const LEAST_PROBES = 3
const LEAST_MS = 5 * 60_000

/** The usual time between two probes of a site, milliseconds; undefined while too few are known. */
export function everyMs({ times }: Pick<ProbedSite, 'times'>): number | undefined {
  if (times.length < LEAST_PROBES) return undefined
  const between = times.slice(1).map((time, n) => time - (times[n] ?? time))
  return between.sort((a, b) => a - b)[Math.floor(between.length / 2)]
}

/** When the site should have been probed again three times over, but not before five minutes. */
export function probeLimit(every: number, from: number): Limit {
  return { at: from + Math.max(LEAST_MS, 3 * every), why: 'rhythm' }
}

/** Failures of our own side, where they hit all sites at once: no names, no way, no answer. A refusal is an answer. */
const network: ReadonlySet<string> = new Set<ProbeFailure>(['dns_failed', 'unreachable', 'timeout'])
const LEAST_SITES = 3
const SHARE_GONE = 0.9
const SHARE_BACK = 0.5

export interface NetworkView {
  readonly sites: number
  readonly failing: readonly { readonly asset: string; readonly failure: string }[]
  /** The last time when any of these sites answered, else the first of their probes. */
  readonly since: number
}

/** Sites that were probed lately, and how many fail as if our network were gone. */
export function networkOf(sites: ReadonlyMap<string, ProbedSite>, until: number): NetworkView {
  const lately = [...sites].filter(([, site]) => {
    const last = site.times.at(-1) ?? 0
    return until - last < Math.max(2 * LEAST_MS, 3 * (everyMs(site) ?? 0))
  })
  const failing = lately.flatMap(([asset, { failure }]) => (network.has(failure) ? [{ asset, failure }] : []))
  const answered = lately.reduce((max, [, { lastOk }]) => Math.max(max, lastOk), 0)
  const first = lately.reduce((min, [, { times }]) => Math.min(min, times[0] ?? min), until)
  return { sites: lately.length, failing, since: answered === 0 ? first : answered }
}

/** Whether the network is gone, given whether it was: one that comes back has to come back for half of the sites. */
export function isNetworkGone({ sites, failing }: Pick<NetworkView, 'sites' | 'failing'>, was: boolean): boolean {
  if (sites < LEAST_SITES) return was && sites > 0 && failing.length > sites * SHARE_BACK
  return failing.length >= sites * (was ? SHARE_BACK : SHARE_GONE)
}
