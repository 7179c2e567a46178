// How do things stand as far as this page has heard? The newest figures of every region, put together from the stream and from the first answer.
import { signal } from '@preact/signals'
import type { FeedItem, Figures, SituationNow } from '../../../../schemas/situation-api.ts'
import { listen } from '../../live.ts'
import { session } from '../../session.ts'

export interface Stand {
  readonly at: number
  /** Since when the store has not answered. */
  readonly stale: number | undefined
  readonly regions: Readonly<Record<string, Figures>>
  readonly feed: readonly FeedItem[]
}

/** Undefined until something is known. */
export const stand = signal<Stand | undefined>(undefined)
/** Which build of the page the server had when this page first heard of it, and has now. */
export const builds = signal<{ readonly first: string; readonly now: string } | undefined>(undefined)

// Whoever logs in next on this page sees nothing of whoever was here before.
let whose = ''
session.subscribe((now) => {
  const next = now?.csrf ?? ''
  if (next !== whose) stand.value = undefined
  whose = next
})

const FEED_KEPT = 60
const happened = ({ at, landed }: FeedItem): number => Math.min(at, landed)
const nothing: Figures = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]

export function take(heard: SituationNow): void {
  const before = stand.value
  if (heard.build !== undefined) builds.value = { first: builds.value?.first ?? heard.build, now: heard.build }
  // An answer that was under way while newer figures came by the stream.
  if (before !== undefined && heard.at < before.at) return
  const known = new Set(heard.feed.map(({ id }) => id))
  const feed = heard.full ? heard.feed : [...heard.feed, ...(before?.feed ?? []).filter(({ id }) => !known.has(id))]
  stand.value = {
    at: heard.at,
    stale: heard.stale,
    regions: heard.full ? heard.regions : { ...before?.regions, ...heard.regions },
    // By the time that stands beside each; a clock that is ahead moves nothing to the top for good.
    feed: feed.toSorted((a, b) => happened(b) - happened(a)).slice(0, FEED_KEPT),
  }
}

/** Hears the stream until the answered function is called. */
export function hear(): () => void {
  return listen('situation', (data) => {
    if (isSituation(data)) take(data)
  })
}

function isSituation(data: unknown): data is SituationNow {
  return typeof data === 'object' && data !== null && 'regions' in data && 'feed' in data
}

/** The sums of a region and what lies beneath; undefined: of all, what has no region included. */
export function sumOf(regions: Stand['regions'], region: string | undefined): Figures {
  const sum: Figures = [...nothing]
  const beneath = `${region}.`
  for (const [code, figures] of Object.entries(regions)) {
    if (region !== undefined && code !== region && !code.startsWith(beneath)) continue
    for (const [index, figure] of figures.entries()) sum[index] = (sum[index] ?? 0) + figure
  }
  return sum
}

/** Figures by name. */
export function named([landed, hot, critical, high, medium, low, points, sources, heard, unjudged, blind]: Figures) {
  return {
    /** Events a second. */
    rate: landed / 10,
    hot,
    critical,
    high,
    medium,
    low,
    alerts: critical + high + medium + low,
    points,
    sources,
    heard,
    unjudged,
    blind,
    watch: watchOf(sources, heard, blind),
  }
}
export type Named = ReturnType<typeof named>

/** Is a region monitored? `none`: no source is expected there. */
export type Watch = 'ok' | 'part' | 'blind' | 'none'

function watchOf(sources: number, heard: number, blind: number): Watch {
  if (sources === 0) return 'none'
  if (heard === 0) return 'blind'
  return heard < sources || blind > 0 ? 'part' : 'ok'
}
