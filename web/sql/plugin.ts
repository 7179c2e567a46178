// Which routes does the SQL console ask? What there is, the saved hunts, and a statement with its answer in pieces, as the viewer's own ClickHouse user.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { consoleLimits, ListedHunt, SqlCatalog, SqlQuestion } from '../../schemas/sql-api.ts'
import { answerPieces, sendLines } from '../answer.ts'
import { orRefusal } from '../answer-refused.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import type { WatchingDependencies } from '../parts.ts'
import { viewerOf } from '../viewer.ts'
import { readCatalog } from './catalog.ts'

const access = { area: 'console', verb: 'read' } as const

/** @param hunts the saved hunts that can be used, read when asked for */
export function sqlRoutes(app: FastifyInstance, deps: WatchingDependencies, hunts: () => ListedHunt[]): void {
  const routes = typed(app)

  routes.get('/api/sql/catalog', { config: { access }, schema: { response: { 200: SqlCatalog } } }, async (request) => {
    const viewer = viewerOf(request)
    return await orRefusal(readCatalog(deps.clickhouseOf(viewer), viewer.name))
  })

  routes.get(
    '/api/sql/hunts',
    { config: { access }, schema: { response: { 200: z.object({ hunts: z.array(ListedHunt) }) } } },
    async () => ({ hunts: hunts() }),
  )

  routes.post('/api/sql/run', { config: { access }, schema: { body: SqlQuestion } }, (request, reply) => {
    const viewer = viewerOf(request)
    const { params } = request.body
    // The server takes one statement without its end.
    const query = request.body.query.trimEnd().replace(/(?:;\s*)+$/, '')
    if (query.trim() === '') throw new WebError('BAD_REQUEST', { detail: 'query' })
    const asked = { query, params, person: viewer.name, rows: consoleLimits.rows, bytes: consoleLimits.bytes }
    return sendLines(reply, viewer, (signal) => answerPieces(deps.watchOf(viewer), asked, signal))
  })
}
