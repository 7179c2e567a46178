// Does a database of any earlier version become the newest one, rows and all? The tests, for some versions or for every one.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { all, type MigrationLab, openMigrationLab } from './migrations-lab.ts'

/** One test for each of these versions, named after the last migration of it. */
export function earlierStates(counts: readonly number[]): void {
  let lab: MigrationLab
  beforeAll(async () => {
    lab = await openMigrationLab()
  })
  beforeEach(() => lab.drop())
  afterAll(() => lab?.close())

  test.each(counts.map((count) => ({ file: all[count - 1]?.file, count })))('$file', async ({ count }) => {
    const before = await lab.stateOf(count)
    expect(await migrate(lab.admin)).toEqual(all.slice(count).map(({ file }) => file))
    await lab.expectWhole(before)
    expect(await migrate(lab.admin)).toEqual([])
  })
}
