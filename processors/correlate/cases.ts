// Does a correlation fire on these events? Cases as rule writers write them, and a runner that asks a real ClickHouse.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { Finding } from '../../schemas/detection.ts'
import { type Event, type EventColumn, eventColumns } from '../../schemas/event.ts'
import { canonical, type LinkedCorrelation } from './link.ts'
import { createCorrelator, createMemoryStore } from './round.ts'
import type { StateRecord } from './state.ts'

/** Voting day of Pilkada 2024, 10:00 WIB. */
const DEFAULT_START = '2024-11-27T03:00:00Z'
const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

const Offset = z
  .string()
  .regex(/^[+-]?\d{1,9}(?:\.\d{1,3})?[smhdw]$/, 'an offset such as 90s, 5m, -10d')
  .transform((text) => Number.parseFloat(text) * (units[text.at(-1) ?? ''] ?? 0))
const Scalar = z.union([z.string(), z.number()]).transform(String)

const CaseEvent = z.strictObject({
  at: Offset.prefault('0s'),
  repeat: z.int().min(1).max(100_000).default(1),
  every: Offset.prefault('1s'),
  format: z.string().optional(),
  line: z.string(),
  set: z.record(z.string(), Scalar).default({}),
})

const Case = z.strictObject({
  note: z.string().default(''),
  format: z.string().optional(),
  start: z.string().default(DEFAULT_START),
  until: Offset.optional(),
  events: z.array(CaseEvent).min(1),
})

const Cases = z.strictObject({
  format: z.string().default('auto'),
  hit: z.array(Case).min(1),
  miss: z.array(Case).min(1),
})

/** One event of a case: the line, when it happened, and columns to be set behind the enrichment. */
export interface CaseLine {
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly format: string
  readonly line: string
  readonly set: ReadonlyMap<EventColumn, string>
}

/** What happens, and whether the correlation should fire. */
export interface CorrelationCase {
  readonly hit: boolean
  readonly note: string
  readonly lines: readonly CaseLine[]
  /** Offset 0 of the case. */
  readonly start: number
  /** Time at which the case is judged; undefined: when the last event's window is over. */
  readonly until: number | undefined
}

/** Reads the content of a `.cases.yml` of a correlation (docs/correlations.md). Throws what zod throws. */
export function readCorrelationCases(document: unknown): CorrelationCase[] {
  const { format, hit, miss } = Cases.parse(document)
  const read =
    (expected: boolean) =>
    (one: z.infer<typeof Case>): CorrelationCase => {
      const start = Date.parse(one.start)
      if (Number.isNaN(start)) throw new RangeError(`start is no time: ${one.start}`)
      return {
        hit: expected,
        note: one.note,
        start,
        until: one.until === undefined ? undefined : start + one.until,
        lines: one.events.flatMap((event) =>
          Array.from({ length: event.repeat }, (_, n): CaseLine => {
            const fill = (text: string) => text.replaceAll('{i}', String(n + 1))
            return {
              timestamp: start + event.at + n * event.every,
              format: event.format ?? one.format ?? format,
              line: fill(event.line),
              set: new Map(Object.entries(event.set).map(([name, value]) => [columnNamed(name), fill(value)])),
            }
          }),
        ),
      }
    }
  return [...hit.map(read(true)), ...miss.map(read(false))]
}

function columnNamed(name: string): EventColumn {
  const column = (Object.keys(eventColumns) as EventColumn[]).find((known) => known === canonical(name))
  if (column === undefined) throw new RangeError(`set names ${name}, which is no column`)
  return column
}

const STREAM = 'case'
/** Stands for the table of streams: the one of a case is known. */
const NO_STREAMS = '(SELECT * FROM siaga.streams WHERE 0)'

/**
 * Runs a correlation, with the correlations it names before it, over events whose `rule_ids` are set, in a table of its own that is dropped
 * again. Answers the findings of the last one. The user of `clickhouse` must be allowed to create tables in `siaga`.
 */
export async function runCorrelationCase(
  correlations: readonly LinkedCorrelation[],
  events: readonly Event[],
  clickhouse: ClickHouse,
  { start, until }: { readonly start?: number; readonly until?: number | undefined } = {},
): Promise<readonly Finding[]> {
  const rule = correlations.at(-1)?.rule
  if (rule === undefined) return []
  const table = `siaga.case_events_${randomBytes(6).toString('hex')}`
  const last = events.reduce((latest, { timestamp }) => Math.max(latest, timestamp), 0)
  const began = start ?? events.reduce((earliest, { timestamp }) => Math.min(earliest, timestamp), last)
  const longest = Math.max(...correlations.map((one) => one.rule.timespanMs))
  const store = createMemoryStore()
  // As if a round had been at the start of the case: everything is new, and what waits is judged from there on.
  const known: StateRecord[] = [
    { kind: 'progress', stream: STREAM, partition: 0, offset: -1, landed: 0, received: 0 },
    ...correlations.map(({ rule: { id } }) => ({ kind: 'judged' as const, rule: id, until: began })),
  ]
  await store.commit(
    [],
    known.map((record) => ({ record })),
  )
  try {
    await clickhouse.command(`CREATE TABLE ${table} AS siaga.events ENGINE = Memory`)
    await insertEvents(clickhouse, table, events)
    const correlator = createCorrelator({
      clickhouse,
      store,
      correlations: () => correlations,
      watermark: () => until ?? last + longest + 1,
      graceMs: 0,
      keepMs: Number.MAX_SAFE_INTEGER / 2,
      tables: { events: table, streams: NO_STREAMS },
    })
    const { findings } = await correlator.round()
    return findings.filter(({ rule_id }) => rule_id === rule.id)
  } finally {
    await clickhouse.command(`DROP TABLE IF EXISTS ${table} SYNC`)
  }
}

/** Inserts events as rows of the stream of cases, in order of time, numbered from 0. */
async function insertEvents(clickhouse: ClickHouse, table: string, events: readonly Event[]): Promise<void> {
  const names = Object.keys(eventColumns) as EventColumn[]
  const columns = names.filter((name) => name.startsWith('_') || events.some((event) => !isBlank(event[name])))
  const rows = events
    .toSorted((a, b) => a.timestamp - b.timestamp)
    .map((event, n) => ({ ...event, _stream: STREAM, _partition: 0, _offset: n }))
    .map((event) => JSON.stringify(columns.map((column) => jsonOf(event[column], eventColumns[column].type))))
  const PAGE = 2_000
  // Not as VALUES: those that are expressions, as times and maps are, are worked out row by row, which costs more than all questions of a case.
  for (let n = 0; n < rows.length; n += PAGE)
    await clickhouse.command(
      `INSERT INTO ${table} (${columns.join(', ')}) FORMAT JSONCompactEachRow\n${rows.slice(n, n + PAGE).join('\n')}`,
      {},
      { async_insert: 0, date_time_input_format: 'best_effort' },
    )
}

function isBlank(value: Event[EventColumn]): boolean {
  if (typeof value === 'string') return value === ''
  if (typeof value === 'number') return value === 0
  return (value instanceof Map ? value.size : value.length) === 0
}

/** A value as ClickHouse reads it from JSON. */
function jsonOf(value: Event[EventColumn], type: string): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'number') return type.startsWith('DateTime') ? new Date(value).toISOString() : value
  if (value instanceof Map) return Object.fromEntries(value)
  return value.filter((item) => typeof item === 'string')
}
