// What is the stream of the page? Server-sent events: the situation each second as the viewer may see it, and what other parts publish.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Reference } from '../../runtime/reference.ts'
import { createLive } from '../alerts/stream.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import type { PartDependencies } from '../parts.ts'
import { isStillIn, viewerOf } from '../viewer.ts'
import { type Change, createHub, type Hub } from './hub.ts'

const first = join(import.meta.dirname, '../dist/index.html')

/** Names of the page's files hold hashes of their content, and the first file names them: its hash is that of the whole build. */
function buildId(): string {
  return existsSync(first) ? createHash('sha256').update(readFileSync(first)).digest('hex').slice(0, 16) : ''
}

/** A session has a tab or two and a wall; a room of people has many sessions. */
const STREAMS = {
  all: 2_000,
  ofAKey: 8,
  beatMs: 5_000,
  stallMs: 30_000,
  waiting: 1_000,
  writtenBytes: 64 * 1024,
} as const

export type LiveOptions = Pick<PartDependencies, 'clickhouse' | 'log' | 'now'> & {
  readonly reference: Pick<Reference, 'regions'>
  readonly tickMs?: number
  readonly streams?: Partial<Record<keyof typeof STREAMS, number>>
}

/** Registers `GET /api/live`; ends with the app. What it answers publishes to all who look. */
export function liveRoutes(app: FastifyInstance, options: LiveOptions): Hub {
  const hub = createHub({
    ...options,
    nameOf: (region) => options.reference.regions.get(region)?.name ?? region,
    build: buildId(),
  })
  const live = createLive<Change>({
    ...STREAMS,
    ...options.streams,
    onStreams: () => undefined,
    refusal: () => new WebError('TOO_MANY_REQUESTS', {}, 10),
  })
  app.addHook('onClose', () => hub.stop())
  // Who has no part in the situation is told what other parts publish.
  typed(app).get(
    '/api/live',
    {
      config: { access: 'anybody' },
      schema: { querystring: z.strictObject({ after: z.string().max(20).optional() }) },
    },
    (request, reply) => {
      const viewer = viewerOf(request)
      live(request, reply.header('x-content-type-options', 'nosniff'), {
        keyId: viewer.session,
        follow: hub.follow,
        last: hub.last,
        nameOf: (change) => (change.kind === 'told' ? `told ${change.told.about}` : change.kind),
        show: hub.viewer(viewer),
        allowed: () => isStillIn(request),
      })
    },
  )
  return hub
}
