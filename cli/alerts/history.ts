// Which findings are played? Those of ClickHouse between two times, or those of a file, in the order in which Siaga would have read them.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { Finding } from '../../schemas/detection.ts'
import { CommandError } from '../frame.ts'
import { printable } from '../terminal.ts'
import type { FindingAt } from './simulate.ts'

/** Findings in order, and how many they are. */
export interface Played {
  readonly total: number
  readonly findings: AsyncIterable<FindingAt>
}

/** `landed`: when Siaga had it; `event`: as if every log line had come at once. */
export type Clock = 'landed' | 'event'

const MAX_FILE_FINDINGS = 2_000_000

/** Times of ClickHouse's JSON are texts in UTC. */
const Time = z.union([
  z.int(),
  z
    .string()
    .regex(/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?$/)
    .transform((text) => Date.parse(`${text.replace(' ', 'T').replace(/Z$/, '').slice(0, 23)}Z`)),
])
const FindingLine = Finding.extend({ window_start: Time, window_end: Time })

/** Findings as JSON lines, as `siaga.findings` carries them or `siaga sql` prints them. Sorted by event time. Rejects with CommandError. */
export async function findingsOfFile(file: string, stdin: NodeJS.ReadableStream): Promise<Played> {
  const all: FindingAt[] = []
  let number = 0
  const lines = createInterface({
    input: file === '-' ? stdin : createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  for await (const line of lines) {
    number += 1
    if (line.trim() === '') continue
    const { data: finding, error } = FindingLine.safeParse(jsonOf(line))
    if (finding === undefined) {
      const [issue] = error?.issues ?? []
      throw new CommandError(
        `${file}, line ${number} is no finding: ${printable(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim())}`,
        'One finding as JSON on each line: siaga sql --format JSONEachRow "SELECT * FROM findings"',
      )
    }
    if (all.length === MAX_FILE_FINDINGS)
      throw new CommandError(
        `${file} holds more than ${MAX_FILE_FINDINGS} findings.`,
        'Take a shorter stretch of time.',
      )
    all.push({ at: finding.window_end, finding })
  }
  all.sort((a, b) => a.at - b.at)
  return { total: all.length, findings: each(all) }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

async function* each(all: readonly FindingAt[]): AsyncGenerator<FindingAt> {
  yield* all
}

const Hour = z.object({ hour: z.coerce.number(), findings: z.coerce.number() })
const Row = Finding.omit({ window_start: true, window_end: true, factors: true }).extend({
  began: z.coerce.number(),
  ended: z.coerce.number(),
  at: z.coerce.number(),
})

/** Findings of ClickHouse with times in [from, to), milliseconds since 1970 UTC; read hour by hour. */
export async function findingsOfHistory(
  clickhouse: Pick<ClickHouse, 'rows'>,
  { from, to, clock }: { readonly from: number; readonly to: number; readonly clock: Clock },
): Promise<Played> {
  const column = clock === 'landed' ? 'landed_at' : 'window_end'
  const hours = await clickhouse.rows(
    Hour,
    `SELECT toUnixTimestamp(toStartOfHour(${column})) * 1000 AS hour, count() AS findings FROM siaga.findings
     WHERE ${column} >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND ${column} < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
     GROUP BY hour ORDER BY hour`,
    { from, to },
  )
  async function* read(): AsyncGenerator<FindingAt> {
    for (const { hour } of hours) {
      const rows = await clickhouse.rows(
        Row,
        `SELECT finding_id, rule_id, title, severity, attack, event_id, source_id, region_code, owner, asset_id, entity, evidence, score, dedup_key,
           toUnixTimestamp64Milli(window_start) AS began, toUnixTimestamp64Milli(window_end) AS ended, toUnixTimestamp64Milli(${column}) AS at
         FROM siaga.findings
         WHERE ${column} >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND ${column} < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
         ORDER BY at, finding_id`,
        { from: Math.max(from, hour), to: Math.min(to, hour + 3_600_000) },
      )
      for (const { began, ended, at, ...row } of rows)
        yield { at, finding: { ...row, window_start: began, window_end: ended } }
    }
  }
  return { total: hours.reduce((sum, { findings }) => sum + findings, 0), findings: read() }
}
