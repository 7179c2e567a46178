// An hour of a flood, played fast. All of 20,000 events a second would be FLOOD_EVENTS=72000000; a third of them, spread over the hour, fits into half an hour of two cores.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { getServices } from '../services.ts'
import { aboutIntruder, flood, floodYaml } from './flood.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siaga-flood-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('an hour of flood on voting day is at most three alerts, one of them the intrusion inside it', async () => {
  await writeFile(join(folder, 'siaga.yaml'), floodYaml(true))
  const { open, dead } = await flood({
    from: Date.parse('2024-11-27T03:20:00Z'),
    asset: true,
    folder,
    events: Number(process.env.FLOOD_EVENTS ?? 24_000_000),
    durationMs: 3_600_000,
    intrusionAfterMs: 2_220_000,
    seed: 7,
    say: (line) => process.stdout.write(`flood: ${line}\n`),
  })
  expect(dead).toBe(0)
  expect(open.length).toBeLessThanOrEqual(3)
  expect(aboutIntruder(open).map(({ severity }) => severity)).toContain('critical')
})

test('with correlations judged every minute by a real ClickHouse, the same', async () => {
  const { clickhouse: access } = await getServices()
  const clickhouse = createClickHouse({ url: access.url, ...access.users.admin })
  try {
    await migrate(clickhouse)
    await writeFile(join(folder, 'siaga.yaml'), floodYaml(true))
    const { open, correlated } = await flood({
      from: Date.parse('2024-11-27T03:20:00Z'),
      asset: true,
      folder,
      events: 150_000,
      durationMs: 3_600_000,
      intrusionAfterMs: 2_220_000,
      seed: 7,
      correlate: { clickhouse, everyMs: 60_000 },
      say: (line) => process.stdout.write(`flood with correlations: ${line}\n`),
    })
    expect(correlated).toBeGreaterThan(20)
    expect(open.length).toBeLessThanOrEqual(3)
    expect(aboutIntruder(open).map(({ severity }) => severity)).toContain('critical')
  } finally {
    await clickhouse.close()
  }
})
