// How do events of ClickHouse come back as events? Rows by column names, streamed, only the columns that are needed.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { chunksOf, withoutException } from '../../runtime/clickhouse-exception.ts'
import { type Event, type EventColumn, emptyEvent, eventColumns, resetEvent } from '../../schemas/event.ts'
import { clickHouseOptions, explainUnavailable } from '../clickhouse-access.ts'
import { CommandError, type Frame } from '../frame.ts'
import { printable } from '../terminal.ts'
import { readLines } from './lines.ts'

/** Runs work with ClickHouse as the reader; says how to start the embedded one where it is not there. */
export async function withReader<T>(frame: Frame, work: (clickhouse: ClickHouse) => Promise<T>): Promise<T> {
  const { config } = frame.config()
  const clickhouse = createClickHouse({ ...clickHouseOptions(config, frame.env, 'reader'), database: 'siaga' })
  try {
    return await work(clickhouse)
  } catch (error) {
    throw explainUnavailable(error, config)
  } finally {
    await clickhouse.close()
  }
}

/** How a column is asked for, so that its JSON is what an event holds. */
function selected(column: EventColumn): string {
  const { type } = eventColumns[column]
  if (type.startsWith('DateTime64')) return `toUnixTimestamp64Milli(${column})`
  return type === 'DateTime' ? `toUnixTimestamp(${column}) * 1000` : column
}

export interface HistoryQuery {
  readonly columns: readonly EventColumn[]
  /** SQL behind WHERE. */
  readonly where: string
  readonly params: Record<string, string | number | string[]>
  readonly signal?: AbortSignal
  readonly limit?: number
  /** Longest time of the query; ten minutes, the most that the reader may ask for, unless told. */
  readonly maxSeconds?: number
}

/**
 * Calls `take` with each row as an event. The event is reused: read it before returning. Columns that are not asked for are blank. Ends early, without an
 * error, once `signal` is aborted.
 */
export async function readHistory(
  clickhouse: ClickHouse,
  { columns, where, params, signal, limit, maxSeconds = 600 }: HistoryQuery,
  take: (event: Event) => void,
): Promise<void> {
  if (signal?.aborted) return
  const names = columns.map(selected).join(', ')
  const answer = await clickhouse.stream(
    `SELECT ${names} FROM siaga.events WHERE ${where}${limit === undefined ? '' : ` LIMIT ${limit}`} FORMAT JSONCompactEachRow`,
    params,
    {
      output_format_json_quote_64bit_integers: 0,
      http_write_exception_in_output_format: 0,
      cancel_http_readonly_queries_on_client_close: 1,
      max_execution_time: maxSeconds,
    },
  )
  const cancel = (): void => {
    answer.destroy()
  }
  signal?.addEventListener('abort', cancel, { once: true })
  const event = emptyEvent()
  const width = columns.length
  try {
    for await (const lines of readLines(withoutException(chunksOf(answer)))) {
      for (const { text } of lines) {
        const row: unknown = JSON.parse(text ?? 'null')
        if (!Array.isArray(row) || row.length !== width)
          throw new Error('a row of ClickHouse has not the columns asked for')
        resetEvent(event)
        for (let n = 0; n < width; n += 1) put(event, columns[n] ?? 'message', row[n])
        take(event)
        if (signal?.aborted) return
      }
    }
  } catch (error) {
    if (!signal?.aborted) throw error
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

function put(event: Event, column: EventColumn, value: unknown): void {
  if (column === 'fields') {
    for (const [name, text] of Object.entries(value ?? {})) event.fields.set(name, String(text))
  } else Object.assign(event, { [column]: value })
}

/** The event of that id. Throws CommandError if there is none. */
export async function eventById(id: string, frame: Frame): Promise<Event> {
  const columns = (Object.keys(eventColumns) as EventColumn[]).filter((column) => column !== 'factors')
  return withReader(frame, async (clickhouse) => {
    let found: Event | undefined
    await readHistory(clickhouse, { columns, where: 'event_id = {id:String}', params: { id }, limit: 1 }, (event) => {
      found = { ...event, fields: new Map(event.fields) }
    })
    if (found === undefined)
      throw new CommandError(
        `There is no event \`${printable(id)}\`.`,
        'The id is in the column event_id of siaga.events.',
      )
    return found
  })
}

export interface DatasetHour {
  readonly dataset: string
  /** Begin of the hour, milliseconds since 1970 UTC. */
  readonly hour: number
  readonly events: number
}

/** Datasets in a stretch of history, with the number of events of each in each hour. */
export function datasetHours(
  clickhouse: ClickHouse,
  { where, params }: Pick<HistoryQuery, 'where' | 'params'>,
): Promise<DatasetHour[]> {
  const Row = z.object({ dataset: z.string(), hour: z.coerce.number(), events: z.coerce.number() })
  return clickhouse.rows(
    Row,
    `SELECT dataset, toUnixTimestamp(toStartOfHour(timestamp)) * 1000 AS hour, count() AS events FROM siaga.events WHERE ${where} GROUP BY dataset, hour`,
    params,
  )
}

/** Stretches of whole hours with at most about so many events each, so that no query runs for long. In order, end excluded. */
export function stretches(
  hours: readonly DatasetHour[],
  most: number,
): { readonly from: number; readonly to: number }[] {
  const perHour = new Map<number, number>()
  for (const { hour, events } of hours) perHour.set(hour, (perHour.get(hour) ?? 0) + events)
  const found: { from: number; to: number }[] = []
  let held = 0
  for (const [hour, events] of [...perHour].sort(([a], [b]) => a - b)) {
    const last = found.at(-1)
    if (last === undefined || held + events > most) {
      found.push({ from: hour, to: hour + HOUR_MS })
      held = events
    } else {
      last.to = hour + HOUR_MS
      held += events
    }
  }
  return found
}

const HOUR_MS = 3_600_000
