// Do the tables stay what they are while they are copied? No migration runs when the copy begins and when it ends, and the same ones are applied.
import { z } from 'zod'
import { migrationRuns } from '../../deploy/clickhouse/migrate.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { CommandError } from '../frame.ts'

const Applied = z.object({ file: z.string(), checksum: z.string() })
export type Applied = z.infer<typeof Applied>

/** What a back-up says where tables have changed under it: parts of one form and a schema of another would not fit. */
export function changedMeanwhile(): CommandError {
  return new CommandError(
    'The tables of ClickHouse are being changed; a back-up of them would not fit together.',
    'Run this again when siaga migrate, or the start of a new version, has ended.',
  )
}

/** The migrations that are applied. Rejects with a CommandError while one is under way, or if they are not those of `before`. */
export async function standingSchema(clickhouse: ClickHouse, before?: readonly Applied[]): Promise<Applied[]> {
  const running = await migrationRuns(clickhouse)
  const applied = await clickhouse.rows(Applied, 'SELECT file, checksum FROM siaga.migrations FINAL ORDER BY file')
  if (running || (before !== undefined && JSON.stringify(before) !== JSON.stringify(applied))) throw changedMeanwhile()
  return applied
}
