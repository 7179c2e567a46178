// How far is a part of a site's requests from what people do there? Each sign as a number from 0 to 1, against what is usual for the site.
import { countNames, type Minute, type Part } from './traffic.ts'

type CountName = (typeof countNames)[number]

/** What a site usually has at this hour. */
export interface Usual {
  /** Minutes that it is known from. */
  readonly minutes: number
  /** Requests a minute, the median; 0 unknown. */
  readonly requests: number
  /** Mean counts of a minute. */
  readonly mean: Readonly<Record<CountName, number>>
  /** Newest common release of Chrome, 0 unknown. */
  readonly chrome: number
  readonly paths: readonly string[]
  /** Share of pages and calls by kind of client; empty unknown. */
  readonly kinds: ReadonlyMap<string, number>
}

/** Fewer minutes than these say nothing about a site; then what most sites have is taken. */
const LEAST_MINUTES = 20
/** Mix of an election site of which nothing is known: nothing is expected of its parts and headers. */
const unknownMix: Readonly<Record<CountName, number>> = {
  requests: 100,
  pages: 30,
  statics: 0,
  apis: 10,
  posts: 4,
  queries: 8,
  unique_queries: 5,
  expensive: 3,
  due: 60,
  due_missing: 60,
  tools: 5,
  old_http: 100,
  desktop: 40,
  old_agents: 12,
  mobile: 45,
  hosting: 5,
  abroad: 5,
  refused: 3,
  cut: 0,
  errors: 1,
  novel: 30,
}

/** What minutes of ordinary traffic say. */
export function usualOf(minutes: readonly Minute[]): Usual {
  const enough = minutes.length >= LEAST_MINUTES
  const total = minutes.reduce((sum, { requests }) => sum + requests, 0)
  const sorted = minutes.map(({ requests }) => requests).sort((a, b) => a - b)
  const mean = { ...unknownMix }
  if (enough && total > 0)
    for (const name of countNames) mean[name] = minutes.reduce((sum, minute) => sum + minute[name], 0) / minutes.length
  const releases = minutes.map(({ chrome }) => chrome).sort((a, b) => a - b)
  const kinds = new Map<string, number>()
  const asked = minutes.reduce((sum, { pages, apis }) => sum + pages + apis, 0)
  if (enough && asked > 0)
    for (const minute of minutes)
      for (const [kind, n] of Object.entries(minute.kinds)) kinds.set(kind, (kinds.get(kind) ?? 0) + n / asked)
  return {
    kinds,
    minutes: minutes.length,
    requests: enough ? (sorted[Math.floor(sorted.length / 2)] ?? 0) : 0,
    mean,
    chrome: releases[Math.floor(releases.length / 2)] ?? 0,
    paths: enough ? [...new Set(minutes.flatMap(({ paths }) => paths))] : [],
  }
}

/** Names of the signs; those that speak for people lower the score. */
export const signNames = [
  'no_parts',
  'few_parts',
  'path_bare',
  'no_referrer',
  'abroad',
  'hosting',
  'few_mobile',
  'tools',
  'one_agent',
  'old_agents',
  'desktop',
  'old_http',
  'unique_queries',
  'posts',
  'refused',
  'cut',
  'expensive',
  'novel',
  'sudden',
  'swollen',
  'rented',
  'familiar',
  'even',
  'steady',
  'single',
  'bare',
  'carrier',
  'demand',
] as const
export type SignName = (typeof signNames)[number]

export interface Sign {
  readonly name: SignName
  /** 0 to 1. */
  readonly value: number
  /** What was seen and what is usual, as shares or numbers, for words. */
  readonly seen: number
  readonly usual: number
}

/** What holds for a site at that time, whatever its requests look like. */
export interface Moment {
  /** 0 to 1: how much of a rush the election itself explains now. */
  readonly demand: number
}

/** 0 up to `low`, 1 from `high` on. */
const ramp = (value: number, low: number, high: number): number =>
  Math.min(1, Math.max(0, (value - low) / (high - low)))
const share = (a: number, b: number): number => (b > 0 ? a / b : 0)

/** Kinds that a site never had are taken for so small a share. */
const RARE = 0.003

/** The signs of a part, `all` being the whole of the requests. What a site does not log, or never has, is no sign: only the difference from its usual traffic is. */
export function signsOf(part: Part, all: Part, usual: Usual, { demand }: Moment): Sign[] {
  const { mean } = usual
  const n = part.requests
  // Of few requests little can be said.
  const trust = n / (n + 20)
  const isPath = part.part.startsWith('path:')
  const isAgent = part.part.startsWith('agent:')
  const signs: Sign[] = []
  const sign = (name: SignName, value: number, seen: number, usualValue: number): void => {
    signs.push({ name, value: value * trust, seen, usual: usualValue })
  }
  const excess = (name: SignName, seen: number, usualValue: number, low: number, high: number): void =>
    sign(name, ramp(seen - usualValue, low, high), seen, usualValue)

  const partsUsual = share(mean.statics, mean.pages)
  const parts = share(part.statics_long, part.pages_long)
  // Of those who come back browsers load little again: today's other pages say more than the days before, unless a flood is most of them.
  const restPages = all.pages_long - part.pages_long
  const rest = share(all.statics_long - part.statics_long, restPages)
  const norm =
    restPages >= 50 && restPages >= 0.2 * all.pages_long
      ? Math.max(0.5 * partsUsual, Math.min(partsUsual, rest))
      : partsUsual
  const missingUsual = share(mean.due_missing, mean.due)
  const asked = part.pages + part.apis
  const askedShare = share(asked, all.pages + all.apis)
  // Of a path it is told by the Referer what was loaded for it.
  const speaks = partsUsual >= 0.4 && part.pages_long >= 15 && (!isPath || missingUsual < 0.3)
  const lack = speaks ? 1 - parts / norm : 0
  sign('no_parts', isPath ? 0 : ramp(lack, 0.85, 1), parts, norm)
  sign('few_parts', isPath ? 0 : ramp(lack, 0.35, 0.9), parts, norm)
  sign('path_bare', isPath ? ramp(lack, 0.4, 0.95) * ramp(askedShare, 0.04, 0.3) : 0, parts, norm)
  const due = part.due >= 15
  sign(
    'no_referrer',
    due ? ramp(share(part.due_missing, part.due) - missingUsual, 0.1, 0.7) * ramp(share(part.due, n), 0, 0.3) : 0,
    share(part.due_missing, part.due),
    missingUsual,
  )
  excess('abroad', share(part.abroad, n), share(mean.abroad, mean.requests), 0.1, 0.9)
  excess('hosting', share(part.hosting, n), share(mean.hosting, mean.requests), 0.1, 0.8)
  const mobileUsual = share(mean.mobile, mean.requests)
  sign(
    'few_mobile',
    mobileUsual > 0.15 ? ramp(1 - share(part.mobile, n) / mobileUsual, 0.5, 1) : 0,
    share(part.mobile, n),
    mobileUsual,
  )
  excess('tools', share(part.tools, n), share(mean.tools, mean.requests), 0.1, 0.8)
  sign(
    'one_agent',
    isAgent ? 0 : ramp(share(part.top_agent, n), 0.75, 0.98) * ramp(part.addresses, 3, 20),
    share(part.top_agent, n),
    0,
  )
  excess('old_agents', share(part.old_agents, n), share(mean.old_agents, mean.requests), 0.1, 0.6)
  excess('desktop', share(part.desktop, n), share(mean.desktop, mean.requests), 0.1, 0.6)
  excess('old_http', share(part.old_http, n), share(mean.old_http, mean.requests), 0.15, 0.7)
  const uniqueUsual = share(mean.unique_queries, mean.pages + mean.apis)
  const unique = share(part.unique_queries, asked)
  sign('unique_queries', asked >= 15 ? ramp(unique - uniqueUsual, 0.15, 0.7) : 0, unique, uniqueUsual)
  excess('posts', share(part.posts, n), share(mean.posts, mean.requests), 0.15, 0.7)
  excess('refused', share(part.refused, n), share(mean.refused, mean.requests), 0.1, 0.6)
  excess('cut', share(part.cut, n), share(mean.cut, mean.requests), 0.1, 0.5)
  excess('expensive', share(part.expensive, n), share(mean.expensive, mean.requests), 0.15, 0.8)
  sign(
    'novel',
    usual.paths.length > 0 && asked >= 15 ? ramp(share(part.novel, asked), 0.3, 0.9) : 0,
    share(part.novel, asked),
    0,
  )
  // Three minutes before, so that a third of a minute's worth is what a steady flow has.
  const before = part.before / 3
  sign('sudden', ramp(1 - before / n, 0.6, 0.95), n, before)
  if (part.part.startsWith('kind:') && usual.kinds.size > 0) {
    const then = usual.kinds.get(part.part.slice('kind:'.length)) ?? 0
    const grown = Math.log2(askedShare / Math.max(RARE, then))
    sign('swollen', ramp(grown, 0.7, 3.5) * ramp(askedShare - then, 0.02, 0.15), askedShare, then)
    sign('familiar', ramp(then / Math.max(RARE, askedShare), 0.25, 0.8), askedShare, then)
  }
  const rented = share(part.hosting, n)
  const rentedUsual = share(mean.hosting, mean.requests)
  sign(
    'rented',
    ramp(rented, 0.4, 0.9) * ramp(share(part.requests, all.requests) * rented - rentedUsual, 0.01, 0.08),
    rented,
    rentedUsual,
  )
  if (!isPath) {
    const mean10 = part.requests_long / part.clients
    const variance = part.squares_long / part.clients - mean10 ** 2
    const spread = Math.sqrt(Math.max(0, variance)) / mean10
    sign('even', part.clients >= 8 ? ramp(mean10, 2, 8) * ramp(0.9 - spread, 0, 0.5) : 0, spread, 1)
    sign(
      'steady',
      part.paced >= 5 ? ramp(share(part.steady, part.paced), 0.15, 0.7) : 0,
      share(part.steady, part.paced),
      0,
    )
    const quiet = partsUsual >= 0.4
    sign('single', quiet ? ramp(share(part.single, part.clients), 0.4, 0.95) : 0, share(part.single, part.clients), 0)
    sign('bare', quiet ? ramp(share(part.bare, part.clients), 0.15, 0.8) : 0, share(part.bare, part.clients), 0)
  }
  sign('carrier', ramp(share(part.mobile, n), 0.3, 0.9), share(part.mobile, n), mobileUsual)
  sign('demand', demand, demand, 0)
  return signs
}
