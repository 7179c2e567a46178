// How do things stand, and how did they? First paint of the page Situasi, its trend and lists, replay of a day, outlines of regions.
import type { FastifyInstance } from 'fastify'
import { isCentre, within } from '../../runtime/scope.ts'
import {
  Boundaries,
  type Place,
  Replay,
  ReplayQuery,
  Situation,
  SituationQuery,
  type Span,
} from '../../schemas/situation-api.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import type { Hub } from '../live/hub.ts'
import type { PartDependencies } from '../parts.ts'
import { type Viewer, viewerOf } from '../viewer.ts'
import { loadBoundaries } from './boundaries.ts'
import {
  attackersOf,
  DAY,
  HOUR,
  openedIn,
  replayOf,
  riskOf,
  type Stretch,
  spans,
  targetsOf,
  trendOf,
  zeros,
} from './questions.ts'
import { createRemembered } from './remembered.ts'
import { calendarOf } from './when.ts'

/** Viewers of one room share an answer for so long. */
const REMEMBERED_MS = 10_000
const REPLAY_STEP_MS = 300_000
/** A voting day with its evening before, of all three zones. */
const REPLAY_MOST_MS = 36 * HOUR
/** Minutes are kept 100 days from landing. */
const MINUTES_KEPT_MS = 98 * DAY

export function situationRoutes(app: FastifyInstance, deps: PartDependencies, live: Pick<Hub, 'now'>): void {
  const { reference, config, now } = deps
  const routes = typed(app)
  const assets = new Map(config.assets.map(({ id, name }) => [id, name]))
  const children = childrenOf(Array.from(reference.regions.values()))
  const access = { area: 'situation', verb: 'read' } as const
  const boundaries = loadBoundaries(config)

  /** The region that is looked at: undefined for the nation. What is not beneath the viewer's own does not exist for it. */
  const focusOf = ({ room }: Viewer, asked: string | undefined): string | undefined => {
    const home = isCentre(room) ? undefined : room.region
    if (asked === undefined) return home
    if (!reference.regions.has(asked) || (home !== undefined && !within(asked, home))) throw new WebError('NOT_FOUND')
    return asked
  }

  const remembered = createRemembered<Awaited<ReturnType<typeof history>>>(now, REMEMBERED_MS)
  const history = async (viewer: Viewer, region: string | undefined, span: Span) => {
    const store = deps.clickhouseOf(viewer)
    const at = now()
    const [trend, risk, targets, attackers] = await Promise.all([
      trendOf(store, region, span, at),
      riskOf(store, region, span === '7d' ? 7 * 24 : 24, at),
      targetsOf(store, region, span, at),
      attackersOf(store, region, span, at),
    ])
    return {
      trend,
      risk,
      targets: targets.map((target) => ({
        ...target,
        name: assets.get(target.asset) || target.asset,
        place: reference.regions.get(target.region)?.name ?? target.region,
      })),
      attackers,
      since: at - spans[span].ms,
    }
  }

  routes.get(
    '/api/situation',
    { config: { access }, schema: { querystring: SituationQuery, response: { 200: Situation } } },
    async (request, reply) => {
      const viewer = viewerOf(request)
      const { span } = request.query
      const region = focusOf(viewer, request.query.region)
      const at = now()
      const [figures, past] = await Promise.all([
        live.now(viewer.room),
        remembered(`${viewer.room.id} ${region ?? ''} ${span}`, () => history(viewer, region, span)),
      ])
      const focus = region === undefined ? undefined : reference.regions.get(region)
      return reply.header('cache-control', 'no-store').send({
        focus: focus === undefined ? null : placeOf(focus),
        home: isCentre(viewer.room) ? null : viewer.room.region,
        boundaries: boundaries !== undefined,
        places: children.get(region ?? '') ?? [],
        zone: focus?.zone ?? 'WIB',
        ...calendarOf(reference, region ?? '00', at),
        now: figures,
        ...past,
      })
    },
  )

  routes.get(
    '/api/situation/replay',
    { config: { access }, schema: { querystring: ReplayQuery, response: { 200: Replay } } },
    async (request, reply) => {
      const viewer = viewerOf(request)
      const region = focusOf(viewer, request.query.region)
      const stretch = stretchOf(request.query, now())
      const store = deps.clickhouseOf(viewer)
      const [rows, opened] = await Promise.all([replayOf(store, region, stretch), openedIn(store, region, stretch)])
      const regions: Replay['regions'] = {}
      const { steps } = stretch
      for (const { t, code, events, high, top } of rows) {
        regions[code] ??= { events: zeros(steps), high: zeros(steps), top: zeros(steps) }
        const of = regions[code]
        of.events[t] = events
        of.high[t] = high
        of.top[t] = top
      }
      const alerts = zeros(steps)
      for (const { t, alerts: count } of opened) alerts[t] = count
      return reply.header('cache-control', 'no-store').send({
        start: stretch.start,
        step_ms: stretch.step,
        steps,
        places: children.get(region ?? '') ?? [],
        regions,
        alerts,
      })
    },
  )

  routes.get(
    '/api/situation/boundaries',
    { config: { access }, schema: { response: { 200: Boundaries } } },
    async (_request, reply) => {
      if (boundaries === undefined) throw new WebError('NOT_FOUND')
      return reply.header('cache-control', 'private, max-age=3600').send(boundaries)
    },
  )
}

/** Whole steps of five minutes, or hours where minutes are no longer kept. Throws BAD_REQUEST. */
function stretchOf({ from, to }: { from: number; to: number }, now: number): Stretch {
  const hours = from < now - MINUTES_KEPT_MS
  const step = hours ? HOUR : REPLAY_STEP_MS
  if (to <= from || to - from > REPLAY_MOST_MS)
    throw new WebError('BAD_REQUEST', { detail: `from and to: at most ${REPLAY_MOST_MS / HOUR} hours, in this order` })
  const start = Math.floor(from / step) * step
  return { start, step, steps: Math.ceil((to - start) / step), hours }
}

/** Provinces under '', kabupaten and kota under their province. `00` is no place on a map. */
function childrenOf(regions: readonly Place[]): ReadonlyMap<string, Place[]> {
  const children = new Map<string, Place[]>()
  for (const region of regions.toSorted((a, b) => (a.code < b.code ? -1 : 1))) {
    if (region.code === '00') continue
    const parent = region.code.length === 2 ? '' : region.code.slice(0, 2)
    const list = children.get(parent) ?? []
    list.push(placeOf(region))
    children.set(parent, list)
  }
  return children
}

const placeOf = ({ code, name, zone }: Place): Place => ({ code, name, zone })
