// What is said between the server and the page about how things stand now, and how they stood?
import { z } from 'zod'
import { Phase, RegionCode, TimeZone } from './place.ts'

/**
 * Of one region, as numbers in this order: events landed in the last ten seconds, those of score 70 and more; open alerts that are critical, high,
 * medium, low; points of risk (docs/scoring.md); its sources, those that are heard, those that cannot be judged, and probes that do not run. Of a region
 * and what lies beneath it: the sums.
 */
export const Figures = z.tuple([
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
])
export type Figures = z.infer<typeof Figures>

/** An event that a person should look at. Times are milliseconds since 1970 UTC. */
export const FeedItem = z.object({
  id: z.string(),
  at: z.number(),
  landed: z.number(),
  region: z.string(),
  /** Name of the region. */
  place: z.string(),
  score: z.number(),
  category: z.string(),
  dataset: z.string(),
  ip: z.string(),
  user: z.string(),
  asset: z.string(),
  rule: z.string(),
  /** The beginning of the line; written by whoever attacks. */
  text: z.string(),
})
export type FeedItem = z.infer<typeof FeedItem>

/** The event `situation` of `GET /api/live`. */
export const SituationNow = z.object({
  /** When it was asked. */
  at: z.number(),
  /** True: everything. False: regions and feed items that changed since the event before. */
  full: z.boolean(),
  /** Which build of the page the server has; with everything only. */
  build: z.string().optional(),
  /** Since when the store has not answered; the figures are of before. */
  stale: z.number().optional(),
  /** By region code; '' is what has no region. */
  regions: z.record(z.string(), Figures),
  /** Newest first. */
  feed: z.array(FeedItem),
})
export type SituationNow = z.infer<typeof SituationNow>

export const Span = z.enum(['1h', '6h', '24h', '7d'])
export type Span = z.infer<typeof Span>

export const Place = z.object({ code: z.string(), name: z.string(), zone: TimeZone })
export type Place = z.infer<typeof Place>

const PhaseNow = z.object({
  election: z.string(),
  phase: Phase,
  from: z.number(),
  /** Null while it stays open. */
  to: z.number().nullable(),
})
export type PhaseNow = z.infer<typeof PhaseNow>

/** Counts by step; `start` is the beginning of the first, milliseconds since 1970 UTC. */
export const Trend = z.object({
  start: z.number(),
  step_ms: z.number(),
  events: z.array(z.number()),
  critical: z.array(z.number()),
  high: z.array(z.number()),
  medium: z.array(z.number()),
  low: z.array(z.number()),
})
export type Trend = z.infer<typeof Trend>

export const Target = z.object({
  asset: z.string(),
  name: z.string(),
  region: z.string(),
  place: z.string(),
  events: z.number(),
  high: z.number(),
  score_max: z.number(),
})
export type Target = z.infer<typeof Target>

export const Attacker = z.object({
  value: z.string(),
  points: z.number(),
  events: z.number(),
  score_max: z.number(),
  regions: z.number(),
})
export type Attacker = z.infer<typeof Attacker>

export const SituationQuery = z.strictObject({ region: RegionCode.optional(), span: Span.default('24h') })

export const Situation = z.object({
  /** Null: the whole nation. */
  focus: Place.nullable(),
  /** The viewer's own region: above it nothing can be asked. Null: the centre. */
  home: z.string().nullable(),
  /** True if the operator supplied outlines of regions. */
  boundaries: z.boolean(),
  /** What lies directly beneath: provinces, or kabupaten/kota. */
  places: z.array(Place),
  zone: TimeZone,
  phase: PhaseNow.nullable(),
  next: PhaseNow.nullable(),
  /** The next voting day: its first moment there. */
  voting: PhaseNow.nullable(),
  /** The last voting day, or the one that is today. */
  voted: PhaseNow.nullable(),
  now: SituationNow,
  trend: Trend,
  /** Points of risk at full hours and now. */
  risk: z.array(z.object({ at: z.number(), points: z.number() })),
  targets: z.array(Target),
  attackers: z.array(Attacker),
  /** Since when the top lists and the trend count. */
  since: z.number(),
})
export type Situation = z.infer<typeof Situation>

export const ReplayQuery = z.strictObject({
  region: RegionCode.optional(),
  from: z.coerce.number().int().min(0),
  to: z.coerce.number().int().min(0),
})

/** How a stretch of time went; each list has one number for each step. */
export const Replay = z.object({
  start: z.number(),
  step_ms: z.number(),
  steps: z.number(),
  places: z.array(Place),
  /** By code of what lies directly beneath; '' is what has no region. */
  regions: z.record(
    z.string(),
    z.object({ events: z.array(z.number()), high: z.array(z.number()), top: z.array(z.number()) }),
  ),
  /** Alerts that were made, of all these regions. */
  alerts: z.array(z.number()),
})
export type Replay = z.infer<typeof Replay>

/** Outlines as SVG paths within the view box, by region code; what is not in the operator's file is missing. */
export const Boundaries = z.object({ width: z.number(), height: z.number(), paths: z.record(z.string(), z.string()) })
export type Boundaries = z.infer<typeof Boundaries>
