// How are the rows of a hunt kept? All rows of a run in one insert whose token is the run, then the run itself: once, however often it is done.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'

export interface HuntRun {
  /** Made of hunt, time and parameters: the same run has the same id. */
  readonly id: string
  readonly hunt: string
  /** Milliseconds since 1970 UTC: the time for which it ran, and its window. */
  readonly at: number
  readonly from: number
  readonly to: number
  /** schedule, or who ran it. */
  readonly by: string
  readonly params: Readonly<Record<string, string>>
}

export interface HuntEffort {
  readonly finishedAt: number
  readonly durationMs: number
  readonly readRows: number
  readonly readBytes: number
}

/** A row as a hunt answers it. */
export type HuntRow = Readonly<Record<string, unknown>>

const MAX_TEXT = 500
const Count = z.object({ n: z.coerce.number() })

/** True if the rows of this run have been kept. */
export async function isKept(clickhouse: Pick<ClickHouse, 'rows'>, id: string): Promise<boolean> {
  const [row] = await clickhouse.rows(
    Count,
    "SELECT count() AS n FROM siaga.hunt_runs WHERE run_id = {id:String} AND error = ''",
    { id },
  )
  return (row?.n ?? 0) > 0
}

/**
 * Keeps the rows of a run. `regional`: each row says in region_code and owner whose it is; all others are the centre's. Answers how many rows
 * are kept: of a run that was broken off behind its rows, those of the first time.
 */
export async function keepRows(
  clickhouse: Pick<ClickHouse, 'rows' | 'insert'>,
  run: HuntRun,
  rows: readonly HuntRow[],
  regional: boolean,
): Promise<number> {
  if (rows.length > 0) await insert(clickhouse, 'hunt_results', resultsOf(run, rows, regional), run.id)
  const [row] = await clickhouse.rows(
    Count,
    "SELECT count() AS n FROM siaga.hunt_results WHERE hunt = {hunt:String} AND run_at = fromUnixTimestamp64Milli({at:Int64}, 'UTC') AND run_id = {id:String}",
    { hunt: run.hunt, at: run.at, id: run.id },
  )
  return row?.n ?? 0
}

/** Keeps that a run has ended, well or not. */
export async function keepRun(
  clickhouse: Pick<ClickHouse, 'insert'>,
  run: HuntRun,
  { finishedAt, durationMs, readRows, readBytes }: HuntEffort,
  outcome: { readonly rows: number; readonly cut: boolean; readonly error: string },
): Promise<void> {
  const row = {
    hunt: run.hunt,
    run_id: run.id,
    run_at: millis(run.at),
    finished_at: millis(finishedAt),
    run_by: run.by,
    window_from: run.from / 1000,
    window_to: run.to / 1000,
    params: Object.fromEntries(Object.entries(run.params).map(([name, value]) => [name, masked(value)])),
    rows: outcome.rows,
    cut: outcome.cut ? 1 : 0,
    duration_ms: Math.round(durationMs),
    read_rows: readRows,
    read_bytes: readBytes,
    error: masked(outcome.error),
  }
  const token = outcome.error === '' ? `${run.id}-done` : `${run.id}-failed-${finishedAt}`
  await insert(clickhouse, 'hunt_runs', [row], token)
}

function resultsOf(run: HuntRun, rows: readonly HuntRow[], regional: boolean): HuntRow[] {
  // Counted within region and owner: a number over all would tell how much was found elsewhere.
  const places = new Map<string, number>()
  return rows.map((row) => {
    const region_code = regional ? text(row.region_code) : ''
    const owner = regional ? text(row.owner) : ''
    const place = JSON.stringify([region_code, owner])
    const number = (places.get(place) ?? 0) + 1
    places.set(place, number)
    return {
      region_code,
      owner,
      hunt: run.hunt,
      run_id: run.id,
      run_at: millis(run.at),
      window_from: run.from / 1000,
      window_to: run.to / 1000,
      number,
      entity: text(row.entity),
      score: scoreOf(row.score),
      row: JSON.stringify(row),
    }
  })
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function scoreOf(value: unknown): number {
  const score = Number(value ?? 0)
  return Number.isFinite(score) ? Math.min(100, Math.max(0, Math.round(score))) : 0
}

/** As DateTime64(3) reads it from JSON, whatever the session says. */
function millis(ms: number): string {
  return `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`
}

/** Long numbers may be a citizen's. */
function masked(said: string): string {
  return said.replace(/\d{6,}/g, '?').slice(0, MAX_TEXT)
}

async function insert(
  clickhouse: Pick<ClickHouse, 'insert'>,
  table: string,
  rows: readonly HuntRow[],
  token: string,
): Promise<void> {
  await clickhouse.insert({
    statement: `INSERT INTO siaga.${table} FORMAT JSONEachRow`,
    body: [Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))],
    queryId: `siaga-hunt-${randomBytes(8).toString('hex')}`,
    settings: { insert_deduplication_token: token, async_insert: 0 },
    timeoutMs: 60_000,
  })
}
