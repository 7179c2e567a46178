// How does the answer of a query reach the browser while it is being asked? In pieces, a line of JSON each: progress, columns, rows, and how it ended.
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { chunksOf, withoutException } from '../runtime/clickhouse-exception.ts'
import type { Advance } from '../runtime/clickhouse-watched.ts'
import { linesOf } from '../runtime/lines.ts'
import type { AnswerPiece } from '../schemas/sql-api.ts'
import { failedPiece } from './answer-refused.ts'
import { WebError } from './errors.ts'
import type { WatchingDependencies } from './parts.ts'
import type { Viewer } from './viewer.ts'

const ROWS_FORMAT = 'JSONCompactEachRowWithNamesAndTypes'
const ROWS_OF_A_PIECE = 500
/** Text of an answer in a format that the statement names, in bytes. */
const MAX_TEXT = 512 * 1024
/** Formats that are bytes and nothing to read. */
const BYTES = /^(?:Native|RowBinary\w*|Parquet|Arrow\w*|ORC|Avro|MsgPack|BSONEachRow|Protobuf\w*|CapnProto|Npy|Null)$/
/** Queries of one session at the same time: a page asks for rows, a histogram and values at once. */
const AT_ONCE = 5

export interface AskedQuery {
  readonly query: string
  readonly params: Readonly<Record<string, string>>
  readonly settings?: Readonly<Record<string, string | number>>
  /** Stands in the audit trail beside the user, which several people may share. */
  readonly person: string
  /** Rows and bytes after which the answer is cut. */
  readonly rows: number
  readonly bytes: number
}

/**
 * Asks, and tells the answer piece by piece; ends with `done` or `failed` and never throws for what the server refuses. When `signal` ends, the
 * connection is closed and the server ends the query; nothing more is told then.
 */
export async function* answerPieces(
  watch: ReturnType<WatchingDependencies['watchOf']>,
  asked: AskedQuery,
  signal: AbortSignal,
): AsyncGenerator<AnswerPiece> {
  // Ours, so that a cut answer ends its query too.
  const own = new AbortController()
  const ending = AbortSignal.any([signal, own.signal])
  let told: Advance | undefined
  let settled = false
  let wake = (): void => {}
  const answering = watch(asked.query, {
    params: asked.params,
    settings: {
      default_format: ROWS_FORMAT,
      log_comment: asked.person,
      limit: asked.rows + 1,
      output_format_json_quote_64bit_integers: 1,
      output_format_json_quote_decimals: 1,
      output_format_json_quote_denormals: 1,
      ...asked.settings,
    },
    signal: ending,
    onAdvance(advance) {
      told = advance
      wake()
    },
  }).finally(() => {
    settled = true
    wake()
  })
  answering.catch(() => undefined)
  try {
    yield progressPiece({ readRows: 0, readBytes: 0, totalRows: 0, resultRows: 0, seconds: 0 })
    let last: Advance | undefined
    while (!settled) {
      if (told === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      if (told !== undefined) {
        last = told
        told = undefined
        yield progressPiece(last)
      }
    }
    const answer = await answering
    const bounds = { rows: asked.rows, bytes: asked.bytes }
    const pieces =
      answer.format === ROWS_FORMAT
        ? rowPieces(chunksOf(answer.body), bounds)
        : textPieces(chunksOf(answer.body), answer.format)
    let end: Ended = { rows: 0, cut: '' }
    for (;;) {
      const { value, done } = await pieces.next()
      if (done === true) {
        end = value
        break
      }
      yield value
    }
    const { summary } = answer
    const read = last !== undefined && last.readRows > summary.readRows ? last : summary
    yield {
      kind: 'done',
      ...end,
      read_rows: read.readRows,
      read_bytes: read.readBytes,
      seconds: read.seconds,
      query_id: answer.queryId,
    }
  } catch (error) {
    if (!signal.aborted) yield failedPiece(error, asked.query)
  } finally {
    own.abort()
  }
}

const progressPiece = ({ readRows, readBytes, totalRows, seconds }: Advance): AnswerPiece => ({
  kind: 'progress',
  read_rows: readRows,
  read_bytes: readBytes,
  total_rows: totalRows,
  seconds,
})

interface Ended {
  readonly rows: number
  readonly cut: '' | 'rows' | 'bytes'
}

/** Rows as they come; the first two lines are names and types. */
async function* rowPieces(
  body: AsyncIterable<Buffer>,
  most: { rows: number; bytes: number },
): AsyncGenerator<AnswerPiece, Ended> {
  let names: string[] | undefined
  let head = false
  let batch: unknown[][] = []
  let rows = 0
  for await (const line of linesOf(withoutException(body), most.bytes)) {
    if (line === undefined) {
      if (batch.length > 0) yield { kind: 'rows', rows: batch }
      return { rows, cut: 'bytes' }
    }
    const values: unknown = JSON.parse(line)
    if (!Array.isArray(values)) continue
    if (names === undefined) names = values.map(String)
    else if (!head) {
      head = true
      yield { kind: 'columns', names, types: values.map(String) }
    } else if (rows === most.rows) {
      if (batch.length > 0) yield { kind: 'rows', rows: batch }
      return { rows, cut: 'rows' }
    } else {
      rows += 1
      batch.push(values)
      if (batch.length < ROWS_OF_A_PIECE) continue
      yield { kind: 'rows', rows: batch }
      batch = []
    }
  }
  if (batch.length > 0) yield { kind: 'rows', rows: batch }
  return { rows, cut: '' }
}

async function* textPieces(body: AsyncIterable<Buffer>, format: string): AsyncGenerator<AnswerPiece, Ended> {
  if (BYTES.test(format)) {
    yield { kind: 'text', text: '', format }
    return { rows: 0, cut: 'bytes' }
  }
  const decoder = new TextDecoder()
  let bytes = 0
  for await (const chunk of withoutException(body)) {
    const room = MAX_TEXT - bytes
    bytes += chunk.length
    yield { kind: 'text', text: decoder.decode(chunk.subarray(0, Math.max(0, room)), { stream: true }), format }
    if (chunk.length > room) return { rows: 0, cut: 'bytes' }
  }
  return { rows: 0, cut: '' }
}

const open = new Map<string, number>()

/** One more query of a session; throws TOO_MANY_REQUESTS. The answered function gives the place back, once. */
function takePlace({ session }: Pick<Viewer, 'session'>): () => void {
  const now = open.get(session) ?? 0
  if (now >= AT_ONCE) throw new WebError('TOO_MANY_REQUESTS', {}, 2)
  open.set(session, now + 1)
  let given = false
  return () => {
    if (given) return
    given = true
    const left = (open.get(session) ?? 1) - 1
    if (left <= 0) open.delete(session)
    else open.set(session, left)
  }
}

/**
 * Sends what `make` tells as lines of JSON. Its signal ends when the browser goes away, so that nobody works for nobody.
 */
export function sendLines(
  reply: FastifyReply,
  viewer: Pick<Viewer, 'session'>,
  make: (signal: AbortSignal) => AsyncIterable<unknown>,
): FastifyReply {
  const lines = async function* (signal: AbortSignal): AsyncGenerator<string> {
    for await (const piece of make(signal)) yield `${JSON.stringify(piece)}\n`
  }
  return sendStream(reply, viewer, lines).type('application/x-ndjson; charset=utf-8')
}

/** The same for text that is no JSON. The caller sets the type. */
export function sendStream(
  reply: FastifyReply,
  viewer: Pick<Viewer, 'session'>,
  make: (signal: AbortSignal) => AsyncIterable<string>,
): FastifyReply {
  const giveBack = takePlace(viewer)
  const gone = new AbortController()
  reply.raw.once('close', () => {
    giveBack()
    gone.abort()
  })
  reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no')
  void reply.send(Readable.from(make(gone.signal), { objectMode: false }))
  return reply
}
