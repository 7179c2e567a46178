// How do the sources of a viewer stand? Its cut of what all see, and one source in full.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { NATIONAL } from '../../runtime/reference.ts'
import { mayRead, within } from '../../runtime/scope.ts'
import type { Source } from '../../schemas/config.ts'
import { Id } from '../../schemas/room.ts'
import {
  RegionsAnswer,
  SourceDetail,
  SourceFilter,
  SourcesAnswer,
  SourcesQuery,
  type SourceView,
} from '../../schemas/sources-api.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import { covers } from '../policy.ts'
import { areasOf, type Viewer, viewerOf } from '../viewer.ts'
import { addRoutes } from './add.ts'
import { keyView } from './keys.ts'
import { letterRoutes } from './letters.ts'
import type { SourceParts } from './parts.ts'
import { createSnapshot, regionsOf } from './snapshot.ts'

const PAGE = 100
const HISTORY = 20
const read = { area: 'sources', verb: 'read' } as const

/** The source of that id, if the viewer may see it; else NOT_FOUND, so that nobody learns which exist. */
export function sourceOf({ config }: Pick<SourceParts, 'config'>, { room }: Viewer, id: string): Source {
  const source = config.sources.find((one) => one.id === id)
  if (source === undefined || !maySee({ room }, source)) throw new WebError('NOT_FOUND')
  return source
}

/** May the viewer see a source? By its region and owner, as its rows. */
export function maySee({ room }: Pick<Viewer, 'room'>, { region, owner }: Pick<Source, 'region' | 'owner'>): boolean {
  return mayRead(room, { region_code: region, owner })
}

export function sourceRoutes(app: FastifyInstance, parts: SourceParts): void {
  const { config, clickhouse, clickhouseOf, reference, keys, now } = parts
  const routes = typed(app)
  const snapshot = createSnapshot(parts)
  addRoutes(app, parts, snapshot)
  letterRoutes(app, parts)

  routes.get(
    '/api/sources',
    { config: { access: read }, schema: { querystring: SourcesQuery, response: { 200: SourcesAnswer } } },
    async (request) => {
      const viewer = viewerOf(request)
      const { state, q, region, from } = request.query
      const { at, judged, judgedUntil, sources } = await snapshot()
      const seen = sources.filter((one) => maySee(viewer, one))
      const fits = seen.filter(
        (one) => (region === '' || within(one.region, region)) && (q === '' || textOf(one).includes(q.toLowerCase())),
      )
      const matching = fits.filter((one) => passes(one, state))
      const dead = seen.map(({ dead_letters }) => dead_letters)
      return {
        at,
        judged,
        judged_until: judgedUntil ?? null,
        counts: Object.fromEntries(
          SourceFilter.options.map((option) => [option, fits.filter((one) => passes(one, option)).length]),
        ),
        dead_letters: dead.includes(null) ? null : dead.reduce<number>((sum, one) => sum + (one ?? 0), 0),
        matching: matching.length,
        sources: matching.slice(from, from + PAGE),
      }
    },
  )

  routes.get(
    '/api/sources/regions',
    { config: { access: read }, schema: { response: { 200: RegionsAnswer } } },
    async (request) => {
      const viewer = viewerOf(request)
      const { at, judged, judgedUntil, states } = await snapshot()
      const seen = states.filter(({ region, owner }) => maySee(viewer, { region, owner }))
      const with_ = new Set(config.sources.map(({ region }) => region.slice(0, 2)))
      const provinces = Array.from(reference.regions.values()).filter(
        ({ code }) => code.length === 2 && code !== NATIONAL && maySee(viewer, { region: code, owner: '' }),
      )
      return {
        at,
        judged,
        judged_until: judgedUntil ?? null,
        regions: regionsOf(seen, (region) => reference.regions.get(region)?.name ?? ''),
        empty_provinces: provinces
          .filter(({ code }) => !with_.has(code))
          .map(({ code, name }) => ({ region: code, name })),
      }
    },
  )

  const Hours = z.object({ at: z.coerce.number(), events: z.coerce.number() })
  const Datasets = z.object({ dataset: z.string(), events: z.coerce.number() })
  const States = z.object({ at: z.coerce.number(), state: z.string(), reason: z.string() })
  routes.get(
    '/api/sources/by-id/:id',
    { config: { access: read }, schema: { params: z.object({ id: Id }), response: { 200: SourceDetail } } },
    async (request) => {
      const viewer = viewerOf(request)
      const { id } = sourceOf(parts, viewer, request.params.id)
      const mayWrite = covers(areasOf(viewer).sources, 'write')
      const [{ at, sources }, hours, datasets, history, all] = await Promise.all([
        snapshot(),
        // Counters of sources are not for rooms to query; this source is one of the viewer's.
        clickhouse.rows(
          Hours,
          `SELECT toUnixTimestamp(toStartOfHour(minute)) * 1000 AS at, sum(events) AS events FROM siaga.source_minutes
           WHERE source_id = {id:String} AND minute >= toStartOfHour(now()) - 23 * 3600 GROUP BY at ORDER BY at`,
          { id },
        ),
        clickhouseOf(viewer).rows(
          Datasets,
          `SELECT dataset, count() AS events FROM siaga.events WHERE source_id = {id:String} AND ingested_at >= now() - 3600
           GROUP BY dataset ORDER BY events DESC LIMIT 20`,
          { id },
          { max_execution_time: 10 },
        ),
        clickhouseOf(viewer).rows(
          States,
          `SELECT toUnixTimestamp64Milli(changed_at) AS at, state, reason FROM siaga.source_states
           WHERE source_id = {id:String} ORDER BY changed_at DESC LIMIT ${HISTORY}`,
          { id },
        ),
        mayWrite ? keys.list() : [],
      ])
      const source = sources.find((one) => one.id === id)
      if (source === undefined) throw new WebError('NOT_FOUND')
      const eventsAt = new Map(hours.map((row) => [row.at, row.events]))
      const thisHour = Math.floor((at || now()) / 3_600_000) * 3_600_000
      return {
        at,
        source,
        hours: Array.from({ length: 24 }, (_, n) => {
          const hour = thisHour - (23 - n) * 3_600_000
          return { at: hour, events: eventsAt.get(hour) ?? 0 }
        }),
        datasets,
        history,
        keys: all.filter((key) => key.source === id).map(keyView),
      }
    },
  )
}

const textOf = ({ id, name, owner, region, region_name }: SourceView): string =>
  `${id} ${name} ${owner} ${region} ${region_name}`.toLowerCase()

function passes({ state }: Pick<SourceView, 'state'>, filter: SourceFilter): boolean {
  if (filter === 'all') return true
  if (filter === 'trouble') return state === 'silent' || state === 'never'
  return state === filter
}
