// How do crowds and floods come together to hours that are judged? Hours for learning and hours that are held back, and the windows of them.
import { type Moment, type Usual, usualOf } from '../../../processors/web-flood/features.ts'
import { MINUTE_MS, type Part } from '../../../processors/web-flood/traffic.ts'
import { type Flood, floods } from './attacks.ts'
import { firstCrowds, firstFloods, firstSites } from './first-set.ts'
import { type Crowd, crowdHour, ordinary, type Request, type Site } from './generate.ts'
import { beyondSight, blindSites, heldBackCrowds, heldBackFloods, heldBackSites } from './held-back.ts'
import { between, pick, type Random, randomOf } from './people.ts'
import { minuteOf, partsOf, tell } from './reference.ts'
import { secondCrowds, secondFloods, secondSites } from './second-set.ts'

/** 2024-11-27 10:00 WIB, the day of the vote. */
export const T0 = Date.parse('2024-11-27T03:00:00Z')

export interface Hour {
  readonly crowd: string
  readonly site: string
  /** Kind of flood, empty for none, and its share of the requests while it lasts. */
  readonly flood: string
  readonly share: number
  readonly requests: readonly Request[]
  readonly usual: Usual
  readonly moment: Moment
  /** Beginning and end of the flood. */
  readonly from: number
  readonly to: number
}

const vote: Crowd = {
  shape: 'morning',
  rate: 30,
  where: { mobile: 65, home: 25, office: 7, abroad: 3 },
  blocks: 3,
  hosts: 8,
  old: 0.15,
  desktop: 0.25,
  what: { lookup: 55, results: 10, viral: 5, browse: 25, refresh: 5 },
  returning: 0.3,
  errors: 0.01,
  limited: 0,
}

/** Crowds that weights are learnt from. */
export const crowds: Readonly<Record<string, (random: Random) => Crowd>> = {
  vote: (random) => ({
    ...vote,
    rate: between(random, 24, 40),
    hosts: Math.floor(between(random, 3, 30)),
    old: between(random, 0.05, 0.35),
  }),
  results: (random) => ({
    ...vote,
    shape: 'evening',
    rate: between(random, 24, 40),
    what: { lookup: 5, results: 50, viral: 8, browse: 15, refresh: 22 },
    returning: between(random, 0.2, 0.55),
    limited: between(random, 0, 0.05),
  }),
  link: () => ({
    ...vote,
    shape: 'viral',
    where: { mobile: 80, home: 16, office: 2, abroad: 2 },
    what: { lookup: 2, results: 8, viral: 70, browse: 15, refresh: 5 },
  }),
  news: (random) => ({
    ...vote,
    shape: 'push',
    what: { lookup: 10, results: 40, viral: 20, browse: 20, refresh: 10 },
    rate: between(random, 28, 45),
  }),
  offices: (random) => ({
    ...vote,
    where: { mobile: 35, home: 25, office: between(random, 25, 45), abroad: 2 },
    desktop: 0.6,
  }),
  overseas: (random) => ({
    ...vote,
    where: { mobile: 45, home: 18, office: 4, abroad: between(random, 15, 45) },
    desktop: 0.3,
  }),
}

const sites: Readonly<Record<string, Site>> = {
  plain: { name: 'kpu.example', statics: 8, http2: 0.88, referrers: true, app: 0 },
  small: { name: 'tps.example', statics: 4, http2: 0.94, referrers: true, app: 0.08 },
  proxied: { name: 'prov.example', statics: 7, http2: 0, referrers: true, app: 0 },
  cdn: { name: 'cdn.example', statics: 0, http2: 0.9, referrers: true, app: 0 },
  silent: { name: 'log.example', statics: 8, http2: 0.9, referrers: false, app: 0 },
}

interface Plan {
  readonly seed: number
  readonly crowd: readonly [string, (random: Random) => Crowd]
  readonly site: readonly [string, Site]
  readonly flood?: readonly [string, Flood]
  readonly share: readonly [number, number]
  readonly minutes: number
}

/** An hour of a plan; a flood lasts from its fifteenth minute to the thirty-fifth. */
function hourOf({ seed, crowd, site, flood, share, minutes }: Plan): Hour {
  const random = randomOf(seed)
  const usual = tell(ordinary(random, site[1], T0 - 86_400_000))
  const minutesBefore = Array.from({ length: 40 }, (_, n) => minuteOf(usual, T0 - 86_400_000 + n * MINUTE_MS))
  const settings = crowd[1](random)
  const requests = crowdHour(random, site[1], settings, T0, minutes)
  const from = T0 + 15 * MINUTE_MS + Math.floor(random() * MINUTE_MS)
  const to = from + 20 * MINUTE_MS
  const part = between(random, ...share)
  if (flood !== undefined) {
    const there = requests.filter(({ t }) => t >= from && t < to).length / ((to - from) / 1000)
    flood[1](random, site[1], from, to, (there * part) / (1 - part), requests)
    requests.sort((a, b) => a.t - b.t)
  }
  return {
    crowd: crowd[0],
    site: site[0],
    flood: flood?.[0] ?? '',
    share: flood === undefined ? 0 : part,
    requests,
    usual: usualOf(minutesBefore),
    moment: { demand: crowd[0] === 'link' ? 0.5 : 1 },
    from,
    to,
  }
}

/** Hours for learning: every flood in crowds and almost alone, every crowd without. */
export function* trainingHours(): Generator<Hour> {
  let seed = 1000
  const ofCrowds = Object.entries({ ...crowds, ...firstCrowds, ...secondCrowds })
  const ofSites = [sites, firstSites, secondSites].flatMap((some) => Object.entries(some))
  for (const crowd of ofCrowds)
    for (let n = 0; n < 4; n += 1) {
      const site = pick(randomOf(seed), ofSites)
      yield hourOf({ seed: seed++, crowd, site, share: [0, 0], minutes: 30 })
    }
  for (const flood of Object.entries({ ...floods, ...firstFloods, ...secondFloods }))
    for (const share of [
      [0.05, 0.1],
      [0.1, 0.2],
      [0.15, 0.3],
      [0.5, 0.9],
    ] as const) {
      const random = randomOf(seed)
      yield hourOf({
        seed: seed++,
        crowd: pick(random, ofCrowds),
        site: pick(random, ofSites),
        flood,
        share,
        minutes: 26,
      })
    }
}

/** Which hours: the ones that weights are judged on, those of sites whose logs show less, or floods that look like people. */
export type HeldBack = 'judged' | 'blind sites' | 'beyond sight'

/**
 * Hours that are held back: other seeds, other crowds, other sites, other floods. `sample`: every crowd on one of the sites and every flood with
 * one of the shares, sites and shares in turn; the same hours as among all of them.
 */
export function* heldBackHours(which: HeldBack = 'judged', sample = false): Generator<Hour> {
  let seed = { judged: 500_000, 'blind sites': 700_000, 'beyond sight': 900_000 }[which]
  const ofCrowds = Object.entries(heldBackCrowds)
  const ofSites = Object.entries(which === 'blind sites' ? blindSites : heldBackSites)
  if (which !== 'beyond sight')
    for (const [c, crowd] of ofCrowds.entries())
      for (const [n, site] of ofSites.entries()) {
        const own = seed++
        if (sample && n !== c % ofSites.length) continue
        yield hourOf({ seed: own, crowd, site, share: [0, 0], minutes: which === 'judged' ? 60 : 24 })
      }
  const all = [
    [0.05, 0.1],
    [0.1, 0.2],
    [0.2, 0.3],
  ] as const
  const shares = which === 'blind sites' ? all.slice(1, 2) : all
  for (const [f, flood] of Object.entries(which === 'beyond sight' ? beyondSight : heldBackFloods).entries())
    for (const [n, share] of shares.entries()) {
      const own = seed++
      if (sample && n !== f % shares.length) continue
      const random = randomOf(own)
      yield hourOf({
        seed: own,
        crowd: pick(random, ofCrowds),
        site: pick(random, ofSites),
        flood,
        share,
        minutes: 30,
      })
    }
}

export interface Window {
  readonly at: number
  readonly requests: number
  /** True if the flood lasted all through it. */
  readonly attacked: boolean
  readonly parts: readonly { readonly part: Part; readonly attack: number }[]
}

/** Every `step`-th full window of an hour behind its tenth minute; windows that a flood begins or ends in are left out. */
export function* windowsOf({ requests, usual, from, to, flood }: Hour, step = 2): Generator<Window> {
  const told = tell(requests)
  const last = told.at(-1)?.request.t ?? 0
  for (let at = T0 + 10 * MINUTE_MS; at + MINUTE_MS <= last; at += step * MINUTE_MS) {
    const overlaps = flood !== '' && at + MINUTE_MS > from && at < to
    const attacked = flood !== '' && at >= from && at + MINUTE_MS <= to
    if (overlaps && !attacked) continue
    const parts = partsOf(told, at, usual.chrome, usual.paths)
    yield { at, requests: parts.find(({ part }) => part.part === 'all:')?.part.requests ?? 0, attacked, parts }
  }
}
