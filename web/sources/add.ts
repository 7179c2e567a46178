// How does a room add a device? A source that fits, a configuration filled in, a key shown once, and then the first line that arrives.
import type { FastifyInstance } from 'fastify'
import { stringify } from 'yaml'
import { z } from 'zod'
import { isCentre, mayRead } from '../../runtime/scope.ts'
import { builtInSources, type Config, Source } from '../../schemas/config.ts'
import { Id } from '../../schemas/room.ts'
import {
  AddAnswer,
  type Candidate,
  ProposalAnswer,
  ProposalQuery,
  RecipeAnswer,
  RecipeQuery,
} from '../../schemas/sources-api.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import { viewerOf } from '../viewer.ts'
import { arrivalRoute } from './arrival.ts'
import { keyRoutes } from './keys.ts'
import type { SourceParts } from './parts.ts'
import { maySee, sourceOf } from './plugin.ts'
import { devices, waysIn } from './recipes/index.ts'
import type { Snapshot } from './snapshot.ts'

const MOST_CANDIDATES = 500
const write = { area: 'sources', verb: 'write' } as const

export function addRoutes(app: FastifyInstance, parts: SourceParts, snapshot: () => Promise<Snapshot>): void {
  const { config, reference } = parts
  const routes = typed(app)
  const builtIn = new Set(builtInSources.map(({ id }) => id))
  keyRoutes(app, parts)
  arrivalRoute(app, parts)

  routes.get(
    '/api/sources/devices',
    { config: { access: write }, schema: { response: { 200: AddAnswer } } },
    async (request) => {
      const viewer = viewerOf(request)
      const { at, sources } = await snapshot()
      const states = new Map(sources.map(({ id, state }) => [id, state]))
      const candidates = config.sources
        .filter((source) => !builtIn.has(source.id) && maySee(viewer, source))
        .map(
          (source): Candidate => ({
            id: source.id,
            name: source.name,
            region: source.region,
            region_name: reference.regions.get(source.region)?.name ?? '',
            owner: source.owner,
            format: source.format,
            ways: waysIn(source),
            known_by: [...source.networks, ...source.certificates],
            state: states.get(source.id) ?? 'never',
          }),
        )
        .sort((a, b) => Number(b.state === 'never') - Number(a.state === 'never') || (a.id < b.id ? -1 : 1))
      return {
        at,
        devices: devices.map(({ device, name, formats, note, ways }) => ({
          device,
          name,
          note,
          formats: [...formats],
          ways: (['address', 'key'] as const).filter((way) => ways[way] !== undefined),
        })),
        candidates: candidates.slice(0, MOST_CANDIDATES),
        more: candidates.length > MOST_CANDIDATES,
        region: isCentre(viewer.room) ? '' : viewer.room.region,
        owner: viewer.room.owner,
        ports: {
          http: config.http.port,
          syslog: config.syslog.enabled ? config.syslog.port : null,
          syslog_tls: config.syslog.enabled ? config.syslog.tls_port : null,
          relp: config.relp.enabled ? config.relp.port : null,
        },
        local_only: localOnly(config),
      }
    },
  )

  routes.get(
    '/api/sources/by-id/:id/recipe',
    {
      config: { access: write },
      schema: { params: z.object({ id: Id }), querystring: RecipeQuery, response: { 200: RecipeAnswer } },
    },
    async (request) => {
      const source = sourceOf(parts, viewerOf(request), request.params.id)
      const { device, way, host, url } = request.query
      const make = devices.find((one) => one.device === device)?.ways[way]
      if (make === undefined) throw new WebError('BAD_REQUEST', { detail: `${device} cannot send by ${way}` })
      if (!waysIn(source).includes(way))
        throw new WebError('BAD_REQUEST', { detail: `${source.id} takes nothing by ${way}` })
      const { syslog, relp, shippers } = config
      const { files, steps, tried } = make({
        source: source.id,
        host,
        url,
        ports: { syslog: syslog.port, syslogTls: syslog.tls_port, relp: relp.port },
        elastic: shippers.elastic.prefix,
        tls: source.certificates.length > 0,
      })
      return { files: [...files], steps: [...steps], tried, needs_key: way === 'key' }
    },
  )

  routes.get(
    '/api/sources/proposal',
    { config: { access: write }, schema: { querystring: ProposalQuery, response: { 200: ProposalAnswer } } },
    async (request) => {
      const { room } = viewerOf(request)
      const { id, name, format, region, owner, address } = request.query
      if (!mayRead(room, { region_code: region, owner }))
        throw new WebError('BAD_REQUEST', { detail: `region ${region} or owner ${owner} is not of this room` })
      const source = Source.safeParse({
        id,
        ...(name === '' ? {} : { name }),
        format,
        region,
        ...(owner === '' ? {} : { owner }),
        ...(address === '' ? {} : { networks: [address] }),
      })
      if (!source.success)
        throw new WebError('BAD_REQUEST', {
          detail: source.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
        })
      const { data } = source
      const lines = {
        id,
        ...(name === '' ? {} : { name }),
        format: data.format,
        region: data.region,
        ...(owner === '' ? {} : { owner }),
        ...(address === '' ? {} : { networks: data.networks }),
      }
      // Of a source that the viewer may not see nothing is said: the centre finds that its name is taken.
      const taken = config.sources.find((one) => one.id === id)
      return {
        yaml: stringify({ sources: [lines] }),
        taken: taken !== undefined && mayRead(room, { region_code: taken.region, owner: taken.owner }),
      }
    },
  )
}

/** Ways in that listen for this machine alone. */
function localOnly({ http, syslog, relp }: Pick<Config, 'http' | 'syslog' | 'relp'>): ('http' | 'syslog' | 'relp')[] {
  const local = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')
  return [
    ...(local(http.host) ? (['http'] as const) : []),
    ...(local(syslog.host) ? (['syslog'] as const) : []),
    ...(local(relp.host) ? (['relp'] as const) : []),
  ]
}
