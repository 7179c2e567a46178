// What do page and server say to each other about assets: what is watched, and how does it stand?
import { z } from 'zod'
import { Id } from './room.ts'

export const Criticality = z.enum(['critical', 'high', 'medium', 'low'])

export const ProbeView = z.object({
  /** `page`, `dns` or `tls`. */
  kind: z.enum(['page', 'dns', 'tls']),
  at: z.number(),
  ok: z.boolean(),
  /** HTTP status of a page, 0 none. */
  status: z.number(),
  /** Why there was no answer, in a word; '' if there was one. */
  failure: z.string(),
  /** What differs from what was known. */
  changed: z.string(),
  score: z.number(),
})
export type ProbeView = z.infer<typeof ProbeView>

export const AssetView = z.object({
  id: Id,
  name: z.string(),
  criticality: Criticality,
  region: z.string(),
  region_name: z.string(),
  owner: z.string(),
  kind: z.string(),
  url: z.string(),
  events_24h: z.number(),
  failures_24h: z.number(),
  open_alerts: z.number(),
  /** Those of severity critical or high. */
  open_severe: z.number(),
  /** 0 to 100, of the scores of its events, halved every 24 hours. */
  risk: z.number(),
  sources: z.number(),
  heard: z.number(),
  /** The last look from outside; null: it is not probed, or was not yet. */
  probe: ProbeView.nullable(),
})
export type AssetView = z.infer<typeof AssetView>

export const AssetSort = z.enum(['risk', 'alerts', 'events', 'criticality', 'name'])
export type AssetSort = z.infer<typeof AssetSort>

export const AssetsQuery = z.object({
  q: z.string().max(100).default(''),
  criticality: Criticality.or(z.literal('')).default(''),
  sort: AssetSort.default('risk'),
  from: z.coerce.number().int().min(0).max(1_000_000).default(0),
})

export const AssetsAnswer = z.object({
  at: z.number(),
  matching: z.number(),
  assets: z.array(AssetView),
})
export type AssetsAnswer = z.infer<typeof AssetsAnswer>

export const AssetDetail = z.object({
  at: z.number(),
  asset: AssetView,
  addresses: z.array(z.string()),
  hosts: z.array(z.string()),
  /** The last look of each kind. */
  probes: z.array(ProbeView),
  /** Events and failures of the last 24 hours by hour of event time, oldest first. */
  hours: z.array(z.object({ at: z.number(), events: z.number(), failures: z.number() })),
  alerts: z.array(
    z.object({
      id: z.string(),
      /** Rule of its worst finding, by which the page calls it. */
      rule: z.string(),
      title: z.string(),
      severity: z.string(),
      score: z.number(),
      status: z.string(),
      last_seen: z.number(),
    }),
  ),
  sources: z.array(z.object({ id: z.string(), name: z.string() })),
})
export type AssetDetail = z.infer<typeof AssetDetail>
