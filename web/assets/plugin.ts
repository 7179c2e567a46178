// What is watched, and how does it stand? Assets of the configuration that the viewer may see, with figures of its own rows.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { mayRead } from '../../runtime/scope.ts'
import {
  AssetDetail,
  type AssetSort,
  AssetsAnswer,
  AssetsQuery,
  type AssetView,
  Criticality,
  type ProbeView,
} from '../../schemas/assets-api.ts'
import type { Asset } from '../../schemas/config.ts'
import { Id } from '../../schemas/room.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import type { PartDependencies } from '../parts.ts'
import { type Viewer, viewerOf } from '../viewer.ts'
import { type Figures, readFigures } from './figures.ts'

const read = { area: 'assets', verb: 'read' } as const
const PAGE = 100
const KEEP_MS = 30_000
const HOUR_MS = 3_600_000

export function assetRoutes(app: FastifyInstance, { config, clickhouseOf, reference, now }: PartDependencies): void {
  const routes = typed(app)
  const known = new Map<string, { at: number; figures: Promise<Figures> }>()
  const figuresOf = (viewer: Viewer): Promise<Figures> => {
    const before = known.get(viewer.room.id)
    if (before !== undefined && now() - before.at < KEEP_MS) return before.figures
    const figures = readFigures(clickhouseOf(viewer))
    known.set(viewer.room.id, { at: now(), figures })
    figures.catch(() => known.delete(viewer.room.id))
    return figures
  }
  const maySee = ({ room }: Viewer, { region, owner }: Asset): boolean => mayRead(room, { region_code: region, owner })
  const view = (asset: Asset, figures: Figures): AssetView => {
    const found = figures.now.get(asset.id)
    const probes = figures.probes.get(asset.id) ?? []
    return {
      id: asset.id,
      name: asset.name,
      criticality: asset.criticality,
      region: asset.region,
      region_name: reference.regions.get(asset.region)?.name ?? '',
      owner: asset.owner,
      kind: asset.kind,
      url: asset.url,
      events_24h: found?.events ?? 0,
      failures_24h: found?.failures ?? 0,
      open_alerts: found?.alerts ?? 0,
      open_severe: found?.severe ?? 0,
      risk: figures.risk.get(asset.id) ?? 0,
      sources: found?.sources ?? 0,
      heard: found?.heard ?? 0,
      probe: worst(probes),
    }
  }

  routes.get(
    '/api/assets',
    { config: { access: read }, schema: { querystring: AssetsQuery, response: { 200: AssetsAnswer } } },
    async (request) => {
      const viewer = viewerOf(request)
      const { q, criticality, sort, from } = request.query
      const figures = await figuresOf(viewer)
      const matching = config.assets
        .filter((asset) => maySee(viewer, asset))
        .filter((asset) => criticality === '' || asset.criticality === criticality)
        .map((asset) => view(asset, figures))
        .filter((asset) => q === '' || textOf(asset).includes(q.toLowerCase()))
        .sort(orders[sort])
      return { at: now(), matching: matching.length, assets: matching.slice(from, from + PAGE) }
    },
  )

  const Hours = z.object({ at: z.coerce.number(), events: z.coerce.number(), failures: z.coerce.number() })
  const Alerts = z.object({
    id: z.string(),
    rule: z.string(),
    title: z.string(),
    severity: z.string(),
    score: z.number(),
    status: z.string(),
    last_seen: z.coerce.number(),
  })
  routes.get(
    '/api/assets/by-id/:id',
    { config: { access: read }, schema: { params: z.object({ id: Id }), response: { 200: AssetDetail } } },
    async (request) => {
      const viewer = viewerOf(request)
      const asset = config.assets.find(({ id }) => id === request.params.id)
      if (asset === undefined || !maySee(viewer, asset)) throw new WebError('NOT_FOUND')
      const clickhouse = clickhouseOf(viewer)
      const { id } = asset
      const [figures, hours, alerts] = await Promise.all([
        figuresOf(viewer),
        clickhouse.rows(
          Hours,
          `SELECT toUnixTimestamp(event_hour) * 1000 AS at, sum(events) AS events, sum(failures) AS failures FROM siaga.activity_hours
           WHERE asset_id = {id:String} AND event_hour >= toStartOfHour(now()) - INTERVAL 23 HOUR GROUP BY event_hour ORDER BY event_hour`,
          { id },
          { max_execution_time: 20 },
        ),
        clickhouse.rows(
          Alerts,
          `SELECT alert_id AS id, rule_id AS rule, title, severity, score, status, toUnixTimestamp64Milli(alerts.last_seen) AS last_seen FROM siaga.alerts
           WHERE asset_id = {id:String} AND status IN ('open', 'acknowledged', 'in_work') ORDER BY score DESC, alert_id LIMIT 20`,
          { id },
          { max_execution_time: 20 },
        ),
      ])
      const hourAt = new Map(hours.map((row) => [row.at, row]))
      const thisHour = Math.floor(now() / HOUR_MS) * HOUR_MS
      return {
        at: now(),
        asset: view(asset, figures),
        addresses: asset.addresses,
        hosts: asset.hosts,
        probes: [...(figures.probes.get(id) ?? [])],
        hours: Array.from({ length: 24 }, (_, n) => {
          const at = thisHour - (23 - n) * HOUR_MS
          return hourAt.get(at) ?? { at, events: 0, failures: 0 }
        }),
        alerts,
        sources: config.sources
          .filter(
            (source) =>
              source.asset === id && mayRead(viewer.room, { region_code: source.region, owner: source.owner }),
          )
          .slice(0, 100)
          .map((source) => ({ id: source.id, name: source.name })),
      }
    },
  )
}

/** What is said of a site in a word: what failed, else what people see, the page. */
function worst(probes: readonly ProbeView[]): ProbeView | null {
  return probes.find(({ ok }) => !ok) ?? probes.find(({ kind }) => kind === 'page') ?? probes[0] ?? null
}

const textOf = ({ id, name, owner, region, region_name, kind, url }: AssetView): string =>
  `${id} ${name} ${owner} ${region} ${region_name} ${kind} ${url}`.toLowerCase()

const byId = (a: AssetView, b: AssetView): number => (a.id < b.id ? -1 : 1)
const rank = ({ criticality }: AssetView): number => Criticality.options.indexOf(criticality)
const orders: Readonly<Record<AssetSort, (a: AssetView, b: AssetView) => number>> = {
  risk: (a, b) => b.risk - a.risk || rank(a) - rank(b) || byId(a, b),
  alerts: (a, b) => b.open_severe - a.open_severe || b.open_alerts - a.open_alerts || byId(a, b),
  events: (a, b) => b.events_24h - a.events_24h || byId(a, b),
  criticality: (a, b) => rank(a) - rank(b) || byId(a, b),
  name: (a, b) => (a.name || a.id).localeCompare(b.name || b.id, 'id') || byId(a, b),
}
