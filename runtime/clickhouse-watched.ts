// How is a query asked while a person waits for it? Over a connection of its own: what it reads is told as it goes, and closing it ends the query.
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { z } from 'zod'
import type { ClickHouseOptions } from './clickhouse.ts'
import { errorText, SiagaError } from './errors.ts'

/** How far a query is, by the server's words. */
export interface Advance {
  readonly readRows: number
  readonly readBytes: number
  /** Rows it means to read; 0 while that is not known. */
  readonly totalRows: number
  /** Rows of the answer; known once the answer is whole. */
  readonly resultRows: number
  /** Since the server began with it. */
  readonly seconds: number
}

export interface WatchedQuery {
  readonly params?: Readonly<Record<string, string>>
  readonly settings?: Readonly<Record<string, string | number>>
  /** Closes the connection: the server ends the query within a second or so. */
  readonly signal?: AbortSignal
  readonly onAdvance?: (advance: Advance) => void
}

export interface WatchedAnswer {
  /** The answer as the server sends it; a failure halfway ends it with a marked exception. */
  readonly body: IncomingMessage
  /** The format that it really has. */
  readonly format: string
  readonly queryId: string
  /** What was read when the answer began: all of it for answers that fit the server's buffer. */
  readonly summary: Advance
}

/** Whole answers up to this are held back by the server, so that a failure comes as a status and the summary is complete. */
export const HELD_BACK_BYTES = 1024 * 1024

const PROGRESS_EVERY_MS = 200
/** Progress comes as headers, one behind the other: ten minutes of them are 1 MB. */
const MAX_HEADER_BYTES = 8 * 1024 * 1024
const MAX_ERROR_BYTES = 64 * 1024

/**
 * Asks over HTTP. Rejects with CLICKHOUSE_REFUSED (`detail` is the server's own text) or CLICKHOUSE_UNAVAILABLE. The server ends a query with its
 * connection only for users that are read-only (cancel_http_readonly_queries_on_client_close); others give the setting `readonly`.
 */
export async function watchQuery(
  { url, username, password, database }: ClickHouseOptions,
  query: string,
  { params = {}, settings = {}, signal, onAdvance }: WatchedQuery = {},
): Promise<WatchedAnswer> {
  const address = new URL(url)
  const given = {
    cancel_http_readonly_queries_on_client_close: 1,
    send_progress_in_http_headers: 1,
    http_headers_progress_interval_ms: PROGRESS_EVERY_MS,
    http_write_exception_in_output_format: 0,
    http_response_buffer_size: HELD_BACK_BYTES,
    ...(database === undefined ? {} : { database }),
    ...settings,
  }
  for (const [name, value] of Object.entries(given)) address.searchParams.set(name, String(value))
  for (const [name, value] of Object.entries(params)) address.searchParams.set(`param_${name}`, escaped(value))
  const body = Buffer.from(query)
  const sent = (address.protocol === 'https:' ? httpsRequest : httpRequest)(address, {
    method: 'POST',
    agent: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    ...(signal === undefined ? {} : { signal }),
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'user-agent': 'siaga',
      'content-length': body.length,
    },
  })
  if (onAdvance !== undefined) sent.once('socket', (socket) => tapProgress(socket, onAdvance))
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve)
    sent.once('error', reject)
    sent.end(body)
  }).catch((error: unknown) => {
    throw new SiagaError('CLICKHOUSE_UNAVAILABLE', { detail: causeOf(error) }, { cause: error })
  })
  // What breaks later breaks the answer too, and is told there.
  sent.on('error', () => undefined)
  if (answer.statusCode !== 200) {
    throw new SiagaError('CLICKHOUSE_REFUSED', {
      detail: (await beginning(answer)) || `HTTP status ${answer.statusCode}`,
    })
  }
  return {
    body: answer,
    format: headerOf(answer, 'x-clickhouse-format'),
    queryId: headerOf(answer, 'x-clickhouse-query-id'),
    summary: advanceOf(headerOf(answer, 'x-clickhouse-summary')) ?? nothing,
  }
}

const nothing: Advance = { readRows: 0, readBytes: 0, totalRows: 0, resultRows: 0, seconds: 0 }

/** Reads progress off the wire: Node shows headers only when all of them have come, which is when the query is done. */
function tapProgress(socket: Socket, onAdvance: (advance: Advance) => void): void {
  let held = ''
  const read = (chunk: Buffer): void => {
    const text = held + chunk.toString('latin1')
    const last = [...text.matchAll(/x-clickhouse-progress: (\{[^\r\n]{0,1000}\})\r\n/gi)].at(-1)
    const advance = last?.[1] === undefined ? undefined : advanceOf(last[1])
    if (advance !== undefined) onAdvance(advance)
    if (text.includes('\r\n\r\n')) socket.off('data', read)
    held = text.slice(text.lastIndexOf('\n') + 1).slice(-1024)
  }
  socket.on('data', read)
}

const count = z.coerce.number().catch(0)
const Told = z.object({
  read_rows: count,
  read_bytes: count,
  total_rows_to_read: count,
  result_rows: count,
  elapsed_ns: count,
})

function advanceOf(text: string): Advance | undefined {
  const told = Told.safeParse(jsonOf(text))
  if (!told.success) return undefined
  const { read_rows, read_bytes, total_rows_to_read, result_rows, elapsed_ns } = told.data
  return {
    readRows: read_rows,
    readBytes: read_bytes,
    totalRows: total_rows_to_read,
    resultRows: result_rows,
    seconds: elapsed_ns / 1e9,
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function headerOf(answer: IncomingMessage, name: string): string {
  const value = answer.headers[name]
  return typeof value === 'string' ? value : ''
}

async function beginning(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part)
    bytes += part.length
    if (bytes > MAX_ERROR_BYTES) break
  }
  return Buffer.concat(parts).toString('utf8').trim()
}

/** Values of parameters are read as TSV is. */
function escaped(value: string): string {
  return value.replace(/[\\\t\n\r]/g, (character) => {
    if (character === '\t') return '\\t'
    if (character === '\n') return '\\n'
    return character === '\r' ? '\\r' : '\\\\'
  })
}

/** An error of several addresses (localhost as IPv6 and IPv4) has its words inside. */
function causeOf(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(errorText).join('; ') : errorText(error)
}
