// Does what Prometheus reads say whether the process is ready, and how full its disks are?
import { expect, test } from 'vitest'
import { jobs } from '../../../cli/start/jobs.ts'
import { metricsText } from '../../../cli/start/readiness.ts'
import type { ClickHouse } from '../../../runtime/clickhouse.ts'
import { createClickHouse } from '../../../runtime/clickhouse.ts'
import { createMetrics } from '../../../runtime/metrics.ts'
import { getServices } from '../../services.ts'

test('siaga_ready follows the reasons of /readyz', async () => {
  const metrics = createMetrics()
  expect(await metricsText(metrics, async () => [])).toMatch(/^siaga_ready 1$/m)
  expect(await metricsText(metrics, async () => ['Kafka does not answer'])).toMatch(/^siaga_ready 0$/m)
})

test('disks are those of the data directory and of ClickHouse, as the user who asks may see them', async () => {
  const { clickhouse, dataDir } = await getServices()
  const asking = createClickHouse({ url: clickhouse.url, ...clickhouse.users.pipeline })
  try {
    expect(await measured([asking], dataDir)).toEqual(['clickhouse default', 'data_dir'])
  } finally {
    await asking.close()
  }
})

test('of a cluster each server is told, also behind one that does not answer', async () => {
  const { clickhouse, dataDir } = await getServices()
  const asking = createClickHouse({ url: clickhouse.url, ...clickhouse.users.pipeline })
  const away = createClickHouse({ url: 'http://127.0.0.1:1', username: 'nobody', password: '' })
  try {
    const told = await measured([asking, away, asking], dataDir)
    expect(told).toEqual(['clickhouse 3 default', 'clickhouse default', 'data_dir'])
  } finally {
    await asking.close()
    await away.close()
  }
})

test('the data directory is told though ClickHouse does not answer', async () => {
  const away = createClickHouse({ url: 'http://127.0.0.1:1', username: 'nobody', password: '' })
  try {
    expect(await measured([away], '/')).toEqual(['data_dir'])
  } finally {
    await away.close()
  }
})

/** The disks that were told after a run of the job. */
async function measured(servers: readonly [ClickHouse, ...ClickHouse[]], dataDir: string): Promise<string[]> {
  const metrics = createMetrics()
  const all = servers.map((clickhouse) => ({ clickhouse, database: 'siaga' }))
  const job = jobs(servers[0], { all }, metrics, dataDir).find(({ name }) => name === 'measure disks')
  // A job that fails is logged and comes again at its next time.
  await Promise.allSettled([job?.run({ at: Date.now(), signal: new AbortController().signal })])
  const { values } = await metrics.diskFree.get()
  const sizes = new Map((await metrics.diskSize.get()).values.map(({ labels, value }) => [labels.disk, value]))
  for (const { labels, value } of values) expect(value).toBeLessThanOrEqual(sizes.get(labels.disk) ?? 0)
  return values.map(({ labels }) => String(labels.disk)).sort()
}
