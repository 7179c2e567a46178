// How much does each hunt find? One behind the other, so that they do not take the machine from whoever else asks.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { problemLine } from '../sql/problem.ts'
import type { Hunt } from './read.ts'
import type { HuntValues } from './values.ts'

export interface HuntCount {
  readonly hunt: Hunt
  readonly rows: number
  readonly seconds: number
  /** Why it could not be run. */
  readonly problem?: string
}

const Count = z.object({ n: z.coerce.number() })

/** Runs them; a hunt that the server refuses is told and the others go on. Rejects with CLICKHOUSE_UNAVAILABLE. */
export async function runAll(
  clickhouse: Pick<ClickHouse, 'rows'>,
  hunts: readonly Hunt[],
  valuesOf: (hunt: Hunt) => HuntValues,
  begins: (hunt: Hunt) => void,
): Promise<HuntCount[]> {
  const done: HuntCount[] = []
  for (const hunt of hunts) {
    begins(hunt)
    const { params } = valuesOf(hunt)
    const began = performance.now()
    const seconds = (): number => (performance.now() - began) / 1000
    try {
      const [row] = await clickhouse.rows(Count, `SELECT count() AS n FROM (${hunt.query}\n)`, params)
      done.push({ hunt, rows: row?.n ?? 0, seconds: seconds() })
    } catch (error) {
      if (!(error instanceof SiagaError) || error.code !== 'CLICKHOUSE_REFUSED') throw error
      const problem = problemLine(error)
      done.push({ hunt, rows: 0, seconds: seconds(), problem })
    }
  }
  return done
}
