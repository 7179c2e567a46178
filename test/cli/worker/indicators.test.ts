import { mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepIndicators } from '../../../cli/worker/indicators.ts'
import { migrate } from '../../../deploy/clickhouse/migrate.ts'
import { openTable } from '../../../processors/detect/indicators/table.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { silentLog } from '../../../runtime/log.ts'
import { createMetrics } from '../../../runtime/metrics.ts'
import { createIndicatorStore } from '../../../sinks/clickhouse/indicators.ts'
import { indicator } from '../../processors/detect/indicators/table.ts'
import { getServices } from '../../services.ts'

const source = `penjaga-${process.pid}`
let folder: string
let clickhouse: ClickHouse
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siaga-indicators-'))
  const { url, users } = (await getServices()).clickhouse
  const schema = createClickHouse({ url, ...users.admin })
  await migrate(schema).finally(() => schema.close())
  clickhouse = createClickHouse({ url, ...users.pipeline })
})
afterAll(async () => {
  await createIndicatorStore(clickhouse).replace(source, [], Date.now())
  await clickhouse.close()
  await rm(folder, { recursive: true })
})

test('a new state of the feeds becomes a new table; the old one goes, and one that is damaged is made again', async () => {
  const { url, users } = (await getServices()).clickhouse
  const store = createIndicatorStore(clickhouse)
  const metrics = createMetrics()
  const keep = () =>
    keepIndicators({
      version: () => store.current(),
      clickhouse: { url, ...users.pipeline },
      folder,
      metrics,
      log: silentLog,
    })
  const values = async (file: string | undefined): Promise<string[]> => {
    const table = await openTable(file ?? '')
    const all = Array.from({ length: table.meta.count }, (_, n) => table.read(n))
    table.close()
    return all.flatMap((one) => (one.source === source ? [one.value] : []))
  }

  await store.replace(source, [indicator('domain', 'satu.example.com', { source })], Date.now())
  await writeFile(join(folder, 'x.indicators.1.part'), 'begun and never finished')
  await utimes(join(folder, 'x.indicators.1.part'), 0, 0)
  const first = await keep()
  expect(await values(first.current)).toEqual(['satu.example.com'])
  const told: string[] = []
  first.onChange((file) => told.push(file))

  await store.replace(source, [indicator('domain', 'dua.example.com', { source })], Date.now())
  await first.refresh()
  expect(told).toEqual([first.current])
  expect(await values(first.current)).toEqual(['dua.example.com'])
  expect(await readdir(folder)).toHaveLength(1)
  await first.stop()

  await truncate(first.current ?? '', 10)
  const again = await keep()
  expect(again.current).toBe(first.current)
  expect(await values(again.current)).toEqual(['dua.example.com'])
  await again.stop()
})
