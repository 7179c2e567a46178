// Do rollups get what landed before they were made? The tests, in a small and a large size.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate, readMigrations } from '../../deploy/clickhouse/migrate.ts'
import { rebuildRollups } from '../../sinks/clickhouse/rollups-rebuild.ts'
import { siaga } from '../cli/run.ts'
import { Count, HOUR, openRollupLab, plan, type RollupLab, type RollupSize, until } from './rollups-compared.ts'
import { landAll, pagesOf } from './rollups-landing.ts'

/** Every rollup is filled from raw rows, once. */
export function rebuildTests({ questions, pages: each }: RollupSize): void {
  let lab: RollupLab
  beforeAll(async () => {
    lab = await openRollupLab(questions)
  })
  afterAll(() => lab?.close())

  test('events that landed before the rollups were made are filled in, once, by two at once and again', async () => {
    const made = ['activity_hours', 'activity_minutes', 'top_hours']
    for (const target of made) {
      await lab.admin.command(`DROP TABLE siaga.${target}_mv SYNC`)
      await lab.admin.command(`DROP TABLE siaga.${target} SYNC`)
    }
    const before = pagesOf(plan(51, { pages: each }))
    await landAll(lab.pipeline, before)
    // Those that make these tables, and those that add to them.
    const makers = readMigrations().flatMap(({ file }) => (/^(?:0016|0023)/.test(file) ? [file] : []))
    await lab.admin.command(
      "ALTER TABLE siaga.migrations DELETE WHERE match(file, '^(0016|0023)')",
      {},
      { mutations_sync: 2 },
    )
    expect(await migrate(lab.admin)).toEqual(makers)
    expect(await lab.countOf('SELECT count() AS n FROM siaga.activity_hours')).toBe(0)
    const now = until + 3 * HOUR
    const since = until - 10 * 24 * HOUR
    const meanwhile = pagesOf(plan(52, { streams: 1, pages: 3 }))
    await Promise.all([
      rebuildRollups(lab.admin, { now, since }),
      rebuildRollups(lab.admin, { now }),
      landAll(lab.pipeline, meanwhile, true),
    ])
    await lab.expectEqual([...before, ...meanwhile])
    const sums = made.map((target) => `SELECT sum(events) AS n FROM siaga.${target}`).join(' UNION ALL ')
    const filled = await lab.admin.rows(Count, sums)
    const rebuilt = await rebuildRollups(lab.admin, { now })
    expect(rebuilt).toMatchObject({ open: 0, events: await lab.countOf('SELECT count() AS n FROM siaga.events') })
    expect((await lab.admin.rows(Count, sums)).map(({ n }) => n).sort()).toEqual(filled.map(({ n }) => n).sort())
  })

  test('sums stay when their events have gone, and the hour that is running is told', async () => {
    const hours = () => lab.countOf('SELECT sum(events) AS n FROM siaga.activity_hours')
    const before = await hours()
    await lab.admin.command(
      "ALTER TABLE siaga.events DELETE WHERE startsWith(_stream, '33-')",
      {},
      { mutations_sync: 2 },
    )
    const newest = await lab.countOf('SELECT toUnixTimestamp64Milli(max(ingested_at)) AS n FROM siaga.events')
    const rebuilt = await rebuildRollups(lab.admin, { now: newest + 1, since: newest })
    expect(rebuilt.open).toBe(Math.floor(newest / HOUR) * HOUR)
    expect(await hours()).toBe(before)
  })

  test('siaga rollups rebuild says what the rollups hold, and what is no number of days', async () => {
    const { url, users } = lab.services.clickhouse
    const access = new URL(url)
    access.username = users.admin.username
    access.password = users.admin.password
    const run = (...args: string[]) =>
      siaga(['rollups', 'rebuild', ...args], { cwd: lab.services.dataDir, env: { CLICKHOUSE_URL: access.href } })
    const done = await run('--days', '3000')
    expect(done.stdout).toMatch(/^rollups hold [\d,]+ events of \d+ hours of landing\n/)
    expect(done.stderr).toContain('UTC')
    expect(done.code).toBe(0)
    const wrong = await run('--days', 'all')
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('--days 7')
  })
}
