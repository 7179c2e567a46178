// What does the page learn of daily reports? The days that there are, and a report with every figure, its parts and its query.
import { z } from 'zod'
import { matterKinds } from './daily.ts'
import { TimeZone } from './place.ts'

/** Milliseconds since 1970 UTC. */
const Ms = z.number()
const Day = z.iso.date()

export const DailyQuery = z.object({
  day: Day,
  /** Room whose report it is; the viewer's own unless told. */
  room: z.string().max(64).optional(),
})

/** Days of a room of which there are reports, the latest first, and the rooms whose reports the viewer may read. */
export const DailyDays = z.object({
  days: z.array(Day),
  rooms: z.array(z.object({ id: z.string(), name: z.string(), region: z.string(), region_name: z.string() })),
  room: z.string(),
  /** Local time at which the report of the day before is made. */
  time: z.string(),
  zone: TimeZone,
})
export type DailyDays = z.infer<typeof DailyDays>

export const DailyFigure = z.object({
  figure: z.string(),
  /** Category or severity; empty: the whole. */
  label: z.string(),
  /** Of the room's own region, of what lies beneath it, and both together. */
  own: z.number(),
  beneath: z.number(),
  total: z.number(),
  /** A query whose answer the total is; empty where the configuration decides (due times). */
  sql: z.string(),
})
export type DailyFigure = z.infer<typeof DailyFigure>

export const DailyMatter = z.object({
  kind: z.enum(matterKinds),
  region: z.string(),
  region_name: z.string(),
  ref: z.string(),
  severity: z.string(),
  title: z.string(),
  since: Ms,
  due: Ms.nullable(),
  detail: z.string(),
})
export type DailyMatter = z.infer<typeof DailyMatter>

export const DailyReport = z.object({
  day: Day,
  room: z.string(),
  room_name: z.string(),
  region: z.string(),
  region_name: z.string(),
  zone: TimeZone,
  /** The day in each zone that the room's regions lie in, and up to which landing time events are counted. */
  periods: z.array(z.object({ zone: TimeZone, begins: Ms, ends: Ms, landed_before: Ms, made_at: Ms })),
  /** Zones whose report is not made yet. */
  waits_for: z.array(TimeZone),
  /** Elections and phases on that day, and in how many regions. */
  phases: z.array(z.object({ election: z.string(), phase: z.string(), regions: z.number() })),
  figures: z.array(DailyFigure),
  /** What lies directly beneath, each with everything beneath it, by figure. */
  children: z.array(z.object({ region: z.string(), name: z.string(), values: z.record(z.string(), z.number()) })),
  blind_regions: z.array(z.object({ region: z.string(), name: z.string() })),
  matters: z.array(DailyMatter),
})
export type DailyReport = z.infer<typeof DailyReport>
