// How is ClickHouse spoken to? Queries as typed rows, commands, and inserts of ready-made bytes.
import { Readable } from 'node:stream'
import { getCACertificates } from 'node:tls'
import { type ClickHouseClient, ClickHouseError, createClient } from '@clickhouse/client'
import type { z } from 'zod'
import type { ClientTls } from './client-tls.ts'
import { errorText, SiagaError } from './errors.ts'

export interface ClickHouseOptions {
  /** Without credentials. */
  url: string
  username: string
  password: string
  /** For an https address. */
  tls?: ClientTls
  database?: string
  /** Shown in the query log. */
  application?: string
  /** Which of Siaga's queries go first, where several run; none of {@link priorities} takes no part. */
  priority?: Priority
}

/**
 * ClickHouse's setting `priority`: a query pauses, a second at most at a time, while one with a smaller number runs. First comes what somebody
 * waits for this very second; what the schedule asks has time.
 */
export const priorities = { live: 1, schedule: 10 } as const
export type Priority = keyof typeof priorities

type Params = Record<string, string | number | boolean | string[] | number[]>
type Settings = Record<string, string | number>

export interface InsertOptions {
  /** `INSERT INTO … FORMAT …` */
  statement: string
  /** In pieces, sent one behind the other. */
  body: Buffer[]
  queryId: string
  settings: Settings
  timeoutMs: number
}

/** One ClickHouse server, as one user. */
export interface ClickHouse {
  /** All rows of a query, checked against the schema. Rejects with CLICKHOUSE_REFUSED or CLICKHOUSE_UNAVAILABLE. */
  rows<T>(schema: z.ZodType<T>, query: string, params?: Params, settings?: Settings): Promise<T[]>
  /** DDL and other statements without an answer. The server runs one query of an id at a time: see {@link isAlreadyRunning}. */
  command(query: string, params?: Params, settings?: Settings, queryId?: string): Promise<void>
  /** Sends ready-made bytes. On CLICKHOUSE_UNAVAILABLE the outcome is unknown. */
  insert(options: InsertOptions): Promise<void>
  /** Streams an answer as the server sends it, in the format named in the query. The server runs one query of an id at a time. */
  stream(query: string, params?: Params, settings?: Settings, queryId?: string): Promise<Readable>
  /** True if the server answers. */
  ping(): Promise<boolean>
  close(): Promise<void>
}

/** A client of one server. Nothing connects before it is used. */
export function createClickHouse(options: ClickHouseOptions): ClickHouse {
  const client: ClickHouseClient = createClient({
    url: options.url,
    username: options.username,
    password: options.password,
    ...(options.tls === undefined ? {} : { tls: tlsOf(options.tls) }),
    ...(options.database === undefined ? {} : { database: options.database }),
    application: options.application ?? 'siaga',
    request_timeout: 120_000,
    max_open_connections: 16,
    // The server closes idle connections after 10 s; a shorter time here keeps a request from meeting a closing socket.
    keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
    log: { level: 127 },
    clickhouse_settings: {
      output_format_json_quote_64bit_integers: 0,
      ...(options.priority === undefined ? {} : { priority: String(priorities[options.priority]) }),
    },
  })
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw clickHouseFailure(error)
    }
  }
  return {
    rows: (schema, query, params = {}, settings = {}) =>
      guard(async () => {
        const result = await client.query({
          query,
          query_params: params,
          format: 'JSONEachRow',
          clickhouse_settings: settings,
        })
        const rows: unknown[] = await result.json()
        return rows.map((row) => schema.parse(row))
      }),
    command: (query, params = {}, settings = {}, queryId) =>
      guard(async () => {
        await client.command({
          query,
          query_params: params,
          clickhouse_settings: { wait_end_of_query: 1, ...settings },
          ...(queryId === undefined ? {} : { query_id: queryId }),
        })
      }),
    insert: ({ statement, body, queryId, settings, timeoutMs }) =>
      guard(async () => {
        const { stream } = await client.exec({
          query: statement,
          values: Readable.from(body, { objectMode: false }),
          query_id: queryId,
          clickhouse_settings: settings,
          abort_signal: AbortSignal.timeout(timeoutMs),
        })
        // The socket goes back to the pool only when the answer has been read.
        stream.resume()
        await new Promise<void>((resolve, reject) => {
          stream.once('end', resolve)
          stream.once('close', resolve)
          stream.once('error', reject)
        })
      }),
    stream: (query, params = {}, settings = {}, queryId) =>
      guard(async () => {
        const id = queryId === undefined ? {} : { query_id: queryId }
        return (await client.exec({ query, query_params: params, clickhouse_settings: settings, ...id })).stream
      }),
    ping: async () => (await client.ping()).success,
    close: () => client.close(),
  }
}

/** The client wants an authority by name, and for all of them takes ours for the only one: those of the system come along where none is set. */
function tlsOf({ ca, cert, key }: ClientTls): { ca_cert: Buffer } | { ca_cert: Buffer; cert: Buffer; key: Buffer } {
  const ca_cert = Buffer.from(ca ?? getCACertificates().join('\n'))
  return cert === undefined || key === undefined
    ? { ca_cert }
    : { ca_cert, cert: Buffer.from(cert), key: Buffer.from(key) }
}

/** A text as a literal of ClickHouse: quotes and backslashes are escaped, so that no text can end it. */
export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** A point in time as a literal that keeps indexes on time columns usable. Milliseconds since 1970. */
export function at(ms: number): string {
  return `fromUnixTimestamp64Milli(toInt64(${whole(ms)}), 'UTC')`
}

/** A whole number as a literal; throws a RangeError on anything else. */
export function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number`)
  return String(value)
}

/** Sorts a failure into refused (the server said no; it has a code) and unavailable (nothing is known). */
function clickHouseFailure(error: unknown): SiagaError {
  if (error instanceof SiagaError) return error
  const code = error instanceof ClickHouseError ? Number(error.code) : 0
  const detail = errorText(error)
  return code !== 0 && !retryableCodes.has(code)
    ? new SiagaError('CLICKHOUSE_REFUSED', { detail }, { cause: error })
    : new SiagaError('CLICKHOUSE_UNAVAILABLE', { detail }, { cause: error })
}

/**
 * Server errors that pass by themselves: timeout 159, too many simultaneous queries 202, socket timeout 209, network 210, memory limit
 * 241, too many parts 252, aborted 236, query cancelled 394, no free space 243, table read only 242, insert in progress 319.
 */
const retryableCodes = new Set([159, 202, 209, 210, 236, 241, 242, 243, 252, 319, 394])

/**
 * What the server says of rows that it cannot read: unparsable text, date, time or array 6, 26, 27, 33, 38, 41, 72, 130, unknown field 117, wrong data
 * 117, 321, 349, 469. Anything else (a missing table, a right) is no fault of the rows.
 */
const badRowCodes = new Set([6, 26, 27, 33, 38, 41, 53, 70, 72, 117, 130, 321, 349, 469, 691])

/** True if an insert failed because of what stands in its rows. */
export function isBadRows(error: unknown): boolean {
  return (
    error instanceof SiagaError && error.cause instanceof ClickHouseError && badRowCodes.has(Number(error.cause.code))
  )
}

/** True if the server refused a query because one of the same id has not ended yet. */
export function isAlreadyRunning(error: unknown): boolean {
  return error instanceof SiagaError && error.cause instanceof ClickHouseError && Number(error.cause.code) === 216
}
