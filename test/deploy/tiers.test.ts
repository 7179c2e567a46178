// Do old events move to a second disk by themselves, stay readable there, and is a server refused that would not see them?
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { keepTiers } from '../../deploy/clickhouse/tiers.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { type OwnServices, startOwnServices } from '../services.ts'

const folders: string[] = []
const folder = async () => {
  const made = await mkdtemp(join(tmpdir(), 'siaga-tiers-'))
  folders.push(made)
  return made
}
afterAll(() => Promise.all(folders.map((each) => rm(each, { recursive: true, force: true }))))

const Part = z.object({ disk_name: z.string(), rows: z.coerce.number() })
const parts = (clickhouse: ReturnType<typeof connect>) =>
  clickhouse.rows(
    Part,
    "SELECT disk_name, sum(rows) AS rows FROM system.parts WHERE database = 'siaga' AND table = 'events' AND active GROUP BY disk_name ORDER BY disk_name",
  )
const connect = ({ clickhouse: { url, users } }: OwnServices) => createClickHouse({ url, ...users.admin })
const land = (daysAgo: number) =>
  `INSERT INTO siaga.events (ingested_at, timestamp, retain_until, message) SELECT now64(3) - INTERVAL ${daysAgo} DAY, now64(3), now() + INTERVAL 1 YEAR, 'a line' FROM numbers(100)`

test('days move when they are old enough, also those that landed before, and a start without the folder is refused', async () => {
  const [dataDir, coldDir] = [await folder(), join(await folder(), 'cold')]
  const before = await startOwnServices({ kafka: false, dataDir })
  let clickhouse = connect(before)
  await migrate(clickhouse)
  await keepTiers(clickhouse, undefined)
  await clickhouse.command(land(40))
  await clickhouse.close()
  await before.stop()

  const tiered = await startOwnServices({ kafka: false, dataDir, coldDir })
  clickhouse = connect(tiered)
  try {
    await keepTiers(clickhouse, 30)
    await keepTiers(clickhouse, 30)
    await clickhouse.command(land(50))
    await clickhouse.command(land(1))
    await expect
      .poll(() => parts(clickhouse), { timeout: 50_000, interval: 500 })
      .toEqual([
        { disk_name: 'cold', rows: 200 },
        { disk_name: 'default', rows: 100 },
      ])
    expect((await readdir(coldDir)).length).toBeGreaterThan(0)
    const [all] = await clickhouse.rows(z.object({ n: z.coerce.number() }), 'SELECT count() AS n FROM siaga.events')
    expect(all?.n).toBe(300)
  } finally {
    await clickhouse.close()
    await tiered.stop()
  }

  await expect(startOwnServices({ kafka: false, dataDir })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
}, 150_000)
