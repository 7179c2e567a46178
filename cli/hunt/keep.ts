// How does one hunt run so that its rows are kept? Asked as a reader within limits, written by the pipeline; a run that is kept already is left out.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { ClickHouse, ClickHouseOptions } from '../../runtime/clickhouse.ts'
import { chunksOf, withoutException } from '../../runtime/clickhouse-exception.ts'
import { type Advance, watchQuery } from '../../runtime/clickhouse-watched.ts'
import { type HuntRow, type HuntRun, isKept, keepRows, keepRun } from '../../sinks/clickhouse/hunt-results.ts'
import { problemLine } from '../sql/problem.ts'
import type { Hunt } from './read.ts'
import type { HuntValues } from './values.ts'

export interface KeepParts {
  /** Asks; a user who may read all regions and write nothing. */
  readonly reader: ClickHouseOptions
  /** Writes the rows. */
  readonly clickhouse: Pick<ClickHouse, 'rows' | 'insert'>
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  readonly signal?: AbortSignal
}

export interface KeptRun {
  readonly id: string
  /** False: it was kept before, nothing was done. */
  readonly ran: boolean
  readonly rows: number
  readonly cut: boolean
}

/**
 * Limits of a question that nobody waits for. `readonly`: 2 is what the reader has; whoever may write gets it for this question.
 */
const settings = {
  readonly: 2,
  max_execution_time: 60,
  max_result_rows: 10_000,
  max_result_bytes: 32 * 1024 * 1024,
  output_format_json_quote_64bit_integers: 0,
  output_format_json_named_tuples_as_objects: 1,
  output_format_json_quote_denormals: 0,
  optimize_functions_to_subcolumns: 0,
  default_format: 'JSONEachRow',
} as const

const Row = z.record(z.string(), z.unknown())

/** Id of a run: the same hunt for the same time with the same values is the same run. `at`: milliseconds since 1970 UTC. */
export function runId(hunt: string, at: number, params: HuntValues['params']): string {
  const values = JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))
  const hash = createHash('sha256').update(values).digest('hex').slice(0, 12)
  return `${hunt}-${new Date(at).toISOString().replace(/[-:]|\.000/g, '')}-${hash}`
}

/**
 * Runs a hunt and keeps its rows. `at`: the time for which it runs. Rejects with what the server said, after that has been kept as a failed run,
 * and with CLICKHOUSE_UNAVAILABLE if nothing can be kept.
 */
export async function keepHunt(
  { reader, clickhouse, now, signal }: KeepParts,
  hunt: Hunt,
  values: HuntValues,
  { at, by }: { readonly at: number; readonly by: string },
): Promise<KeptRun> {
  const id = runId(hunt.id, at, values.params)
  const run: HuntRun = { id, hunt: hunt.id, at, from: values.from, to: values.to, by, params: values.own }
  if (await isKept(clickhouse, id)) return { id, ran: false, rows: 0, cut: false }
  const began = performance.now()
  const effort = (read: Pick<Advance, 'readRows' | 'readBytes'>) => {
    const { readRows, readBytes } = read
    return { finishedAt: now(), durationMs: performance.now() - began, readRows, readBytes }
  }
  try {
    const { rows: found, read } = await askRows(reader, hunt, values.params, signal)
    const cut = found.length >= hunt.limit
    const rows = await keepRows(clickhouse, run, found.slice(0, hunt.limit), hunt.scope === 'regional')
    await keepRun(clickhouse, run, effort(read), { rows, cut, error: '' })
    return { id, ran: true, rows, cut }
  } catch (error) {
    // Broken off, it comes again: that is no failure.
    if (!signal?.aborted) {
      const said = problemLine(error)
      await keepRun(clickhouse, run, effort({ readRows: 0, readBytes: 0 }), { rows: 0, cut: false, error: said })
    }
    throw error
  }
}

/** The rows of a hunt, and what was read for them. */
async function askRows(
  reader: ClickHouseOptions,
  hunt: Hunt,
  params: HuntValues['params'],
  signal: AbortSignal | undefined,
): Promise<{ rows: HuntRow[]; read: Advance }> {
  let last: Advance | undefined
  const answer = await watchQuery({ ...reader, database: 'siaga' }, hunt.query, {
    params,
    settings,
    ...(signal === undefined ? {} : { signal }),
    onAdvance(told) {
      last = told
    },
  })
  const parts: Buffer[] = []
  for await (const part of withoutException(chunksOf(answer.body))) parts.push(part)
  const lines = Buffer.concat(parts).toString('utf8').split('\n')
  const rows = lines.filter((line) => line !== '').map((line) => Row.parse(JSON.parse(line)))
  const { summary } = answer
  return { rows, read: last !== undefined && last.readRows > summary.readRows ? last : summary }
}
