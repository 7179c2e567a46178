// Do two schedulers take turns at correlations, each finding told once, and does one that was shut out come back? With real events.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { correlationJob } from '../../../cli/start/correlate.ts'
import { partitionsBehind } from '../../../cli/start/jobs.ts'
import { keepRules } from '../../../cli/worker/rules.ts'
import { createClickHouse } from '../../../runtime/clickhouse.ts'
import { loadConfig } from '../../../runtime/config.ts'
import { createLog, silentLog } from '../../../runtime/log.ts'
import { createMetrics } from '../../../runtime/metrics.ts'
import { keepSchedule } from '../../../runtime/schedule.ts'
import { Finding } from '../../../schemas/detection.ts'
import { topics } from '../../../schemas/raw-event.ts'
import { push, type Rig, startRig } from '../../faults/rig.ts'

const folder = mkdtempSync(join(tmpdir(), 'siaga-turns-'))
const rules = `title: Results
id: hasil
name: hasil
level: informational
logsource: {category: webserver}
detection: {s: {c-uri|contains: hasil}, condition: s}
---
title: Many results
id: banyak
name: banyak
level: high
correlation: {type: event_count, rules: [hasil], group-by: [source.ip], timespan: 5m, condition: {gte: 3}}
`
const wait = { timeout: 40_000, interval: 100 }
let rig: Rig
beforeAll(async () => {
  writeFileSync(join(folder, 'hasil.yml'), rules)
  rig = await startRig({ workers: 1, ruleFolders: [folder] })
})
afterAll(async () => {
  await rig?.stop()
  rmSync(folder, { recursive: true })
})

/** A scheduler's correlations, as `siaga start` makes them. */
function scheduler() {
  const { services, kafka, admin } = rig
  const { config: loaded, baseDir } = loadConfig({ env: { SIAGA_DATA_DIR: services.dataDir }, cwd: services.dataDir })
  const config = {
    ...loaded,
    rules: { ...loaded.rules, shipped: false, folders: [folder] },
    correlations: { ...loaded.correlations, interval_seconds: 1 },
  }
  const warned: string[] = []
  const log = Object.assign(Object.create(createLog('silent')), {
    warn: ({ code }: { code: string }) => void warned.push(code),
  })
  const clickhouse = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.pipeline })
  const watched = keepRules(config, baseDir, silentLog)
  const correlations = correlationJob({
    config,
    baseDir,
    rules: watched,
    kafka,
    admin,
    clickhouse,
    metrics: createMetrics(),
    log,
  })
  onTestFinished(async () => {
    await correlations.stop()
    watched.stop()
    await clickhouse.close()
  })
  return {
    warned,
    job: correlations.job,
    round: () => correlations.job.run({ at: Date.now(), signal: new AbortController().signal }),
  }
}

const Row = z.object({ n: z.coerce.number() })

/** Three requests of an address have landed, and a round need not wait for what is behind. */
async function requests(address: string): Promise<void> {
  const line = (n: number) =>
    `${address} - - [27/Nov/2024:01:00:0${n} +0000] "GET /hasil/${n} HTTP/1.1" 200 12 "-" "Mozilla/5.0"`
  await push(rig, `requests-${address}`, [1, 2, 3].map(line), Date.now() + 30_000)
  const landed = async () => {
    const [row] = await rig.clickhouse.rows(
      Row,
      'SELECT count() AS n FROM siaga.events WHERE source_ip = {address:String}',
      { address },
    )
    return row?.n
  }
  await expect.poll(landed, wait).toBe(3)
  await expect.poll(() => partitionsBehind(rig.admin), wait).toEqual([])
}

/** Addresses that were told of, each as often as it was. */
async function told(): Promise<string[]> {
  const all: string[] = []
  await rig.kafka.readAll(topics.findings, ({ value }) => {
    const { rule_id, entity } = Finding.parse(JSON.parse(value?.toString() ?? ''))
    if (rule_id === 'banyak') all.push(entity)
  })
  return all.map((entity) => entity.replace(/^.*\|/, '')).sort()
}

test('one that was shut out begins anew with its next round', async () => {
  const [a, b] = [scheduler(), scheduler()]
  await requests('203.0.113.1')
  await a.round()
  await requests('203.0.113.2')
  await b.round()
  await requests('203.0.113.3')
  await a.round()
  expect([a.warned, b.warned]).toEqual([['SCHEDULER_FENCED'], []])
  await a.round()
  expect((await told()).map((entity) => entity.split(':').at(-1))).toEqual([
    '203.0.113.1',
    '203.0.113.2',
    '203.0.113.3',
  ])
  expect(a.warned.length).toBe(1)
}, 120_000)

test('with the lease they take turns, and neither is shut out', async () => {
  const [a, b] = [scheduler(), scheduler()]
  const keep = ({ job }: { job: typeof a.job }) =>
    keepSchedule([job], { kafka: rig.kafka, log: silentLog, now: Date.now, name: 'turns' })
  const first = keep(a)
  onTestFinished(() => first.stop())
  await expect.poll(() => first.held, wait).toBe(true)
  const second = keep(b)
  onTestFinished(() => second.stop())
  await requests('203.0.113.4')
  await expect.poll(async () => (await told()).length, wait).toBe(4)
  await first.stop()
  await requests('203.0.113.5')
  await expect.poll(async () => (await told()).length, wait).toBe(5)
  expect([second.held, a.warned, b.warned]).toEqual([true, [], []])
}, 120_000)
