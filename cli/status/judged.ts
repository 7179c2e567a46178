// What has been found out about silence? The state of each source as the judge of silence last kept it, and up to when that holds.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'

const Row = z.object({
  id: z.string(),
  kind: z.enum(['source', 'probe']),
  region: z.string(),
  asset: z.string(),
  state: z.string(),
  counted: z.string(),
  expected: z.number(),
})
const Round = z.object({ until: z.number() })

/** State of a source, or of the probes of a site. */
export type JudgedSource = z.infer<typeof Row>

export interface Judgement {
  readonly sources: readonly JudgedSource[]
  /** Up to this time everything had arrived and was judged, milliseconds since 1970 UTC; undefined: never. */
  readonly until: number | undefined
}

/** What was judged so long ago says nothing about now. */
const FRESH_MS = 5 * 60_000

/** True while the judge keeps up. */
export function isFresh({ until }: Pick<Judgement, 'until'>, at: number): boolean {
  return until !== undefined && at - until < FRESH_MS
}

/** The judgement as it stands. Empty where silence was never judged. */
export async function readJudgement(clickhouse: ClickHouse): Promise<Judgement> {
  const [sources, rounds] = await Promise.all([
    clickhouse.rows(
      Row,
      `SELECT source_id AS id, kind, region_code AS region, asset_id AS asset, state, counted_as AS counted,
         toUnixTimestamp64Milli(expected_at) AS expected FROM siaga.source_states_now`,
    ),
    clickhouse.rows(
      Round,
      `SELECT toUnixTimestamp64Milli(argMax(judged_until, made_at)) AS until FROM siaga.silence_rounds HAVING count() > 0`,
    ),
  ])
  return { sources, until: rounds[0]?.until }
}
