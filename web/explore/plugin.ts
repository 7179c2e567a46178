// Which routes does the page Explore ask? Fields, rows, histogram, one event, values, entities, files and hunts, each as the viewer's own ClickHouse user.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { EventColumn } from '../../schemas/event.ts'
import {
  EntityAnswer,
  EntityQuestion,
  EventKey,
  ExploreExport,
  ExploreFields,
  ExploreHistogram,
  ExplorePage,
  type ExplorePiece,
  ExploreValues,
  exploreLimits,
  HuntText,
  HuntWish,
} from '../../schemas/explore-api.ts'
import { zoneOffsetHours } from '../../schemas/place.ts'
import type { AnswerPiece } from '../../schemas/sql-api.ts'
import { answerPieces, sendLines, sendStream } from '../answer.ts'
import { orRefusal } from '../answer-refused.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import type { WatchingDependencies } from '../parts.ts'
import { type Viewer, viewerOf } from '../viewer.ts'
import { type Compiled, compileQuery } from './compile.ts'
import { readEntity } from './entity.ts'
import { examples } from './examples.ts'
import { exportPieces } from './export.ts'
import { allColumns, columnOf, describeFields, fieldOf } from './fields.ts'
import { huntText } from './hunt-text.ts'
import { barsOf, eventQuery, exportQuery, histogramQuery, keyColumns, pageQuery } from './search.ts'
import { createValues } from './values.ts'

const access = { area: 'explore', verb: 'read' } as const
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

export function exploreRoutes(app: FastifyInstance, deps: WatchingDependencies): void {
  const routes = typed(app)
  const zoneOf = ({ room }: Pick<Viewer, 'room'>) => deps.reference.regions.get(room.region)?.zone ?? 'WIB'
  const valuesOf = createValues(deps.now)
  // A question that is wrong is told as a piece too: with the place where it is wrong.
  const compiledOr = (q: string, viewer: Viewer): Compiled | ExplorePiece => {
    const compiled = compileQuery(q, zoneOf(viewer))
    return 'problem' in compiled ? { kind: 'wrong', problem: compiled.problem } : compiled
  }
  const compiledOf = (q: string, viewer: Viewer): Compiled => {
    const compiled = compiledOr(q, viewer)
    if ('kind' in compiled) {
      const problem = compiled.kind === 'wrong' ? compiled.problem : undefined
      throw new WebError('BAD_REQUEST', { detail: `${problem?.pesan ?? ''} / ${problem?.message ?? ''}` })
    }
    return compiled
  }

  routes.get(
    '/api/explore/fields',
    { config: { access }, schema: { response: { 200: ExploreFields } } },
    async (_request, reply) =>
      reply
        .header('cache-control', 'private, max-age=3600')
        .send({ fields: describeFields(), columns: [...allColumns], examples: [...examples] }),
  )

  routes.post('/api/explore/search', { config: { access }, schema: { body: ExplorePage } }, (request, reply) => {
    const viewer = viewerOf(request)
    const { q, columns, size, order, after, ...span } = request.body
    ordered(span)
    const asked = columns.map(columnNamed)
    const compiled = compiledOr(q, viewer)
    if ('kind' in compiled) return sendLines(reply, viewer, () => only(compiled))
    const asking = pageQuery(compiled, span, { columns: asked, order, size, after })
    const shown = [...asked, ...keyColumns]
    return sendLines(reply, viewer, (signal) =>
      pageOf(answerPieces(deps.watchOf(viewer), { ...asking, ...bounds(viewer, size + 1) }, signal), shown, size),
    )
  })

  routes.post(
    '/api/explore/histogram',
    { config: { access }, schema: { body: ExploreHistogram } },
    (request, reply) => {
      const viewer = viewerOf(request)
      const { q, bars: most, ...span } = request.body
      ordered(span)
      const compiled = compiledOr(q, viewer)
      if ('kind' in compiled) return sendLines(reply, viewer, () => only(compiled))
      const bars = barsOf(span, most, zoneOffsetHours[zoneOf(viewer)])
      const asking = histogramQuery(compiled, span, bars)
      return sendLines(reply, viewer, (signal) =>
        led(
          { kind: 'histogram', ...bars },
          answerPieces(deps.watchOf(viewer), { ...asking, ...bounds(viewer, exploreLimits.bars * 6) }, signal),
        ),
      )
    },
  )

  routes.post(
    '/api/explore/event',
    {
      config: { access },
      schema: { body: EventKey, response: { 200: z.object({ event: z.record(z.string(), z.unknown()) }) } },
    },
    async (request) => {
      const viewer = viewerOf(request)
      const { query, params } = eventQuery(request.body)
      const [event] = await orRefusal(
        deps.clickhouseOf(viewer).rows(
          z.record(z.string(), z.unknown()),
          query,
          { ...params },
          {
            log_comment: viewer.name,
            output_format_json_quote_64bit_integers: 1,
          },
        ),
      )
      if (event === undefined) throw new WebError('NOT_FOUND')
      return { event }
    },
  )

  routes.get(
    '/api/explore/values',
    {
      config: { access },
      schema: {
        querystring: z.object({ field: z.string().max(64), to: z.coerce.number().int().min(0).max(4_294_967_295_000) }),
        response: { 200: ExploreValues },
      },
    },
    async (request) => {
      const viewer = viewerOf(request)
      const found = fieldOf(request.query.field)?.field
      const [column] = found?.columns ?? []
      if (found?.listed !== true || column === undefined) throw new WebError('NOT_FOUND')
      return await orRefusal(valuesOf(deps.clickhouseOf(viewer), viewer, column, request.query.to))
    },
  )

  routes.post(
    '/api/explore/entity',
    { config: { access }, schema: { body: EntityQuestion, response: { 200: EntityAnswer } } },
    async (request) => {
      const viewer = viewerOf(request)
      ordered(request.body)
      return await orRefusal(readEntity(deps.clickhouseOf(viewer), request.body, viewer.name))
    },
  )

  routes.post('/api/explore/export', { config: { access }, schema: { body: ExploreExport } }, (request, reply) => {
    const viewer = viewerOf(request)
    const { q, columns, order, format, ...span } = request.body
    ordered(span)
    const shown = columns.length === 0 ? [...allColumns] : columns.map(columnNamed)
    const limit = exploreLimits.file
    const asking = exportQuery(compiledOf(q, viewer), span, { columns: shown, order, limit: limit + 1 })
    const file = { format, columns: shown, limit, person: viewer.name }
    const name = `siaga-${new Date(deps.now()).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}.${format}`
    return sendStream(reply, viewer, (signal) => exportPieces(deps.watchOf(viewer), asking, file, signal))
      .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8')
      .header('content-disposition', `attachment; filename="${name}"`)
  })

  routes.post(
    '/api/explore/hunt',
    { config: { access }, schema: { body: HuntWish, response: { 200: HuntText } } },
    async (request): Promise<HuntText> => {
      const compiled = compileQuery(request.body.q, zoneOf(viewerOf(request)))
      if ('problem' in compiled) return { kind: 'wrong', problem: compiled.problem }
      return { kind: 'hunt', file: `${request.body.id}.sql`, text: huntText(compiled, request.body) }
    },
  )
}

const bounds = (viewer: Viewer, rows: number) => ({ person: viewer.name, rows, bytes: MAX_ANSWER_BYTES })

function ordered({ from, to }: { from: number; to: number }): void {
  if (from >= to) throw new WebError('BAD_REQUEST', { detail: 'from must be before to / awal harus sebelum akhir' })
}

function columnNamed(name: string): EventColumn {
  const column = columnOf(name)
  if (column === undefined) throw new WebError('BAD_REQUEST', { detail: `columns: ${name.slice(0, 60)}` })
  return column
}

async function* only(piece: ExplorePiece): AsyncGenerator<ExplorePiece> {
  yield piece
}

async function* led(first: ExplorePiece, rest: AsyncIterable<AnswerPiece>): AsyncGenerator<ExplorePiece | AnswerPiece> {
  yield first
  yield* rest
}

/** A page under the names of its columns, without the row that only tells that there is another. */
async function* pageOf(
  pieces: AsyncIterable<AnswerPiece>,
  names: readonly string[],
  size: number,
): AsyncGenerator<ExplorePiece | AnswerPiece> {
  let seen = 0
  let last: unknown[] | undefined
  for await (const piece of pieces) {
    if (piece.kind === 'columns') yield { ...piece, names: [...names] }
    else if (piece.kind === 'rows') {
      const rows = piece.rows.slice(0, Math.max(0, size - seen))
      seen += piece.rows.length
      last = rows.at(-1) ?? last
      if (rows.length > 0) yield { kind: 'rows', rows }
    } else if (piece.kind === 'done') {
      yield { kind: 'next', after: (seen > size || piece.cut !== '') && last !== undefined ? cursorOf(last) : null }
      yield { ...piece, rows: Math.min(seen, size) }
    } else yield piece
  }
}

function cursorOf(row: readonly unknown[]) {
  const [score, timestamp, stream, partition, offset] = row.slice(-keyColumns.length)
  return {
    score: Number(score),
    timestamp: String(timestamp),
    stream: String(stream),
    partition: Number(partition),
    offset: String(offset),
  }
}
