// Does each finding reach the readers of ClickHouse once? On real Kafka and ClickHouse, with kills, repeats, aborted transactions and what is no finding.
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { createKafka, type KafkaAdmin, type KafkaClient, type OutgoingMessage } from '../../runtime/kafka.ts'
import { type BatchingProducer, createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { loadKafka } from '../../runtime/kafkajs.ts'
import { silentLog } from '../../runtime/log.ts'
import { topicSettings } from '../../runtime/topics.ts'
import { Config } from '../../schemas/config.ts'
import { Finding } from '../../schemas/detection.ts'
import { topics } from '../../schemas/raw-event.ts'
import { encodeFindings, findingColumns, readFinding } from '../../sinks/clickhouse/finding-rows.ts'
import { startFindingsSink } from '../../sinks/clickhouse/findings.ts'
import { replayDeadLetters } from '../../sinks/dlq/dead-letters.ts'
import { findingMessage } from '../../sinks/findings.ts'
import { getServices, startOwnServices, type TestServices } from '../services.ts'

let services: TestServices
let kafka: KafkaClient
let admin: KafkaAdmin
let producer: BatchingProducer
let schema: ClickHouse
const running: { stop(): Promise<void> }[] = []

beforeAll(async () => {
  services = await getServices()
  kafka = createKafka({ brokers: services.brokers, clientId: 'findings-test', log: silentLog })
  admin = await kafka.connectAdmin()
  producer = createBatchingProducer(kafka, silentLog)
  schema = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
  await migrate(schema)
})
afterEach(async () => {
  for (const part of running.splice(0)) await part.stop()
})
afterAll(async () => {
  await producer?.close()
  await admin?.disconnect()
  await schema?.close()
})

const wait = { timeout: 30_000, interval: 50 }
const T0 = Date.parse('2024-11-27T03:00:00Z')

function finding(id: string, values: Partial<Finding> = {}): Finding {
  return {
    finding_id: id,
    rule_id: 'rule-1',
    title: 'A title',
    severity: 'high',
    attack: ['T1190'],
    event_id: `event-${id}`,
    source_id: 'web-kpu',
    region_code: '32.73',
    owner: 'kpu',
    asset_id: 'asset-1',
    entity: 'source_ip:192.0.2.1',
    evidence: [{ field: 'url_path', value: '/etc/passwd' }],
    window_start: T0,
    window_end: T0 + 5,
    score: 70,
    dedup_key: 'rule-1|source_ip:192.0.2.1|asset-1',
    ...values,
  }
}

const Row = Finding.extend({ window_start: z.coerce.number(), window_end: z.coerce.number() })

/** Topics, table and view of one test; `start` runs a sink, as many as you like. */
async function setUp(clickhouse: TestServices['clickhouse'] = services.clickhouse) {
  const name = randomBytes(5).toString('hex')
  const topic = `findings-${name}`
  const deadLetters = `findings-dead-${name}`
  const table = `siaga.findings_${name}`
  const groupId = `findings-${name}`
  const settings = topicSettings(Config.parse({})).find((one) => one.topic === topics.findings)
  if (settings === undefined) throw new Error('no settings')
  // Where a replay is marked.
  const shared = topics.deadLetters
  await admin.ensureTopics([topic, deadLetters, shared].map((one) => ({ ...settings, topic: one })))
  const own = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  await own.command(`CREATE TABLE ${table} AS siaga.findings_rows`)
  const access = { url: clickhouse.url, ...clickhouse.users.pipeline }
  const pipeline = createClickHouse(access)
  const counts = { landed: 0, repeats: 0, dead: 0, retries: 0, lag: -1 }
  const start = () => {
    const sink = startFindingsSink({
      kafka,
      clickhouse: pipeline,
      producer,
      log: silentLog,
      metrics: {
        done({ landed, repeats, dead }) {
          counts.landed += landed
          counts.repeats += repeats
          counts.dead += dead
        },
        retried: () => {
          counts.retries += 1
        },
        lag: (messages) => {
          counts.lag = messages
        },
      },
      topic,
      deadLetters,
      groupId,
      table,
    })
    running.push(sink)
    return sink
  }
  running.push({
    async stop() {
      await own.command(`DROP TABLE IF EXISTS ${table}`)
      await Promise.all([own.close(), pipeline.close()])
    },
  })
  return {
    topic,
    deadLetters,
    table,
    groupId,
    access,
    counts,
    start,
    pipeline,
    send: (messages: OutgoingMessage[]) => producer.send(topic, messages),
    /** As the view `findings` reads them. */
    rows: () =>
      own.rows(
        Row,
        `SELECT * EXCEPT (landed_at) REPLACE (toUnixTimestamp64Milli(window_start) AS window_start, toUnixTimestamp64Milli(window_end) AS window_end)
         FROM ${table} FINAL ORDER BY finding_id`,
      ),
    stored: async () =>
      (await own.rows(z.object({ n: z.coerce.number() }), `SELECT count() AS n FROM ${table}`))[0]?.n ?? 0,
  }
}

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) =>
    finding(`f-${String(from + n).padStart(6, '0')}`, { window_end: T0 + from + n }),
  )

test('a finding lands with all that it says, and stays after a restart without a repeat', async () => {
  const { send, start, rows, counts } = await setUp()
  const all = many(2_500)
  await send(all.map(findingMessage))
  const first = start()
  await expect.poll(() => counts.landed, wait).toBe(2_500)
  expect(counts.lag).toBe(0)
  await first.stop()
  await send(many(10, 2_500).map(findingMessage))
  start()
  await expect.poll(() => counts.landed, wait).toBe(2_510)
  expect(await rows()).toEqual([...all, ...many(10, 2_500)])
  expect(counts).toMatchObject({ repeats: 0, dead: 0 })
})

test('a repeat is one row, though the configuration has put its source into another region between', async () => {
  const { send, start, rows, stored, counts } = await setUp()
  await send([finding('a'), finding('b'), finding('a')].map(findingMessage))
  start()
  await expect.poll(() => counts.landed, wait).toBe(2)
  await send([finding('b', { region_code: '31' }), finding('c')].map(findingMessage))
  await expect.poll(() => counts.landed, wait).toBe(3)
  expect((await rows()).map(({ finding_id, region_code }) => [finding_id, region_code])).toEqual([
    ['a', '32.73'],
    ['b', '32.73'],
    ['c', '32.73'],
  ])
  expect(await stored()).toBe(3)
  expect(counts).toMatchObject({ repeats: 2, dead: 0 })
})

test('killed between insert and commit: read again, there once', async () => {
  const { send, start, rows, topic, groupId, table, deadLetters, access, counts } = await setUp()
  const all = many(1_500)
  await send(all.map(findingMessage))
  const child = fork(
    join(import.meta.dirname, 'findings-process.ts'),
    [services.brokers[0] ?? '', JSON.stringify(access), topic, groupId, table, deadLetters],
    { stdio: 'inherit' },
  )
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
  // It has inserted its first page and committed nothing.
  expect((await rows()).length).toBe(1_000)
  expect(await admin.committed(groupId, topic)).toMatchObject([{ offset: -1 }])
  start()
  await expect.poll(() => counts.landed + counts.repeats, { timeout: 60_000 }).toBe(1_500)
  expect(counts).toMatchObject({ landed: 500, repeats: 1_000 })
  expect(await rows()).toEqual(all)
}, 120_000)

test('twins that were inserted at the same time are one for readers', async () => {
  const { rows, stored, pipeline, table } = await setUp()
  const page = many(100)
  for (const landedAt of [T0, T0 + 40 * 86_400_000]) {
    await pipeline.insert({
      statement: `INSERT INTO ${table} (${findingColumns}) FORMAT RowBinary`,
      body: [encodeFindings(page, landedAt)],
      queryId: `twin-${randomBytes(6).toString('hex')}`,
      settings: { async_insert: 0, insert_deduplicate: 0 },
      timeoutMs: 30_000,
    })
  }
  expect(await stored()).toBe(200)
  expect(await rows()).toEqual(page)
})

test('what an aborted transaction holds does not land; what is behind it does', async () => {
  const { topic, send, start, rows, counts } = await setUp()
  const { Kafka, logLevel } = loadKafka()
  const client = new Kafka({ brokers: services.brokers, clientId: 'aborting', logLevel: logLevel.NOTHING })
  const transactional = client.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 })
  await transactional.connect()
  for (const [id, end] of [
    ['aborted', 'abort'],
    ['committed', 'commit'],
  ] as const) {
    const transaction = await transactional.transaction()
    await transaction.send({ topic, messages: [findingMessage(finding(id))] })
    await transaction[end]()
  }
  await transactional.disconnect()
  await send([findingMessage(finding('plain'))])
  start()
  await expect.poll(() => counts.landed, wait).toBe(2)
  expect((await rows()).map(({ finding_id }) => finding_id)).toEqual(['committed', 'plain'])
})

test('what is no finding goes to the dead letters with its reason, holds up nothing, and can be replayed', async () => {
  const { topic, deadLetters, send, start, rows, counts } = await setUp()
  const bad: Record<string, Buffer | null> = {
    cut: Buffer.from('{"finding_id":"x"'),
    empty: null,
    other: Buffer.from('"text"'),
    noId: Buffer.from(JSON.stringify(finding(''))),
    time: Buffer.from(JSON.stringify({ ...finding('t'), window_end: 9e15 })),
    score: Buffer.from(JSON.stringify({ ...finding('s'), score: 101 })),
  }
  const messages = Object.entries(bad).map(([key, value]) => ({ key, value, headers: {} }))
  await send([findingMessage(finding('first')), ...messages, findingMessage(finding('last'))])
  start()
  await expect.poll(() => counts.landed + counts.dead, wait).toBe(8)
  expect((await rows()).map(({ finding_id }) => finding_id)).toEqual(['first', 'last'])
  const letters: { key: string; reason: string; cause: string; topic: string; value: Buffer | null }[] = []
  await kafka.readAll(deadLetters, ({ value, headers }) => {
    const text = (name: string) => String(headers[name] ?? '')
    letters.push({
      key: text('dlq-key'),
      reason: text('dlq-reason'),
      cause: text('dlq-cause'),
      topic: text('dlq-topic'),
      value,
    })
  })
  expect(letters.map(({ key, value }) => [key, value?.toString() ?? null])).toEqual(
    Object.entries(bad).map(([key, value]) => [key, value?.toString() ?? null]),
  )
  expect(new Set(letters.map(({ reason }) => reason))).toEqual(new Set(['bad_finding']))
  expect(new Set(letters.map((letter) => letter.topic))).toEqual(new Set([topic]))
  expect(letters.find(({ key }) => key === 'score')?.cause).toContain('score')

  const mended = Buffer.from(JSON.stringify(finding('mended')))
  const letter = { id: 'x', reason: '', cause: '', at: 0, topic, source: topic, format: '', receivedAt: 0, eventId: '' }
  await replayDeadLetters(producer, [{ ...letter, replayed: false, key: 'k', headers: {}, payload: mended }])
  await expect.poll(() => counts.landed, wait).toBe(3)
  expect((await rows()).map(({ finding_id }) => finding_id)).toEqual(['first', 'last', 'mended'])
})

test('while ClickHouse is away one page waits, and it lands when ClickHouse is back', async () => {
  const own = await startOwnServices({ kafka: false, migrated: true })
  try {
    const first = createClickHouse({ url: own.clickhouse.url, ...own.clickhouse.users.admin })
    await migrate(first)
    const { send, start, rows, counts } = await setUp(own.clickhouse)
    await send([findingMessage(finding('before'))])
    start()
    await expect.poll(() => counts.landed, wait).toBe(1)
    own.embedded.clickhouse?.kill('SIGKILL')
    const all = many(3_000)
    await send(all.map(findingMessage))
    await expect.poll(() => counts.landed, { timeout: 60_000 }).toBe(3_001)
    expect((await rows()).length).toBe(3_001)
    expect(counts.dead).toBe(0)
    await first.close()
    for (const part of running.splice(0)) await part.stop()
  } finally {
    await own.stop()
  }
}, 120_000)

describe('a row', () => {
  test('keeps every text, and times from 1900 to 2299', async () => {
    const { pipeline, table, rows } = await setUp()
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('', '\0', "'\\", 'é'.repeat(70)),
    )
    const time = fc.integer({ min: -2_208_988_800_000, max: 10_413_791_999_999 })
    const one = fc.record<Finding>({
      finding_id: text.filter((id) => id !== ''),
      rule_id: text,
      title: text,
      severity: fc.constantFrom('informational', 'low', 'medium', 'high', 'critical'),
      attack: fc.array(text, { maxLength: 5 }),
      event_id: text,
      source_id: text,
      region_code: text,
      owner: text,
      asset_id: text,
      entity: text,
      evidence: fc.array(fc.record({ field: text, value: text }), { maxLength: 200 }),
      window_start: time,
      window_end: time,
      score: fc.integer({ min: 0, max: 100 }),
      dedup_key: text,
    })
    const all = fc.sample(fc.uniqueArray(one, { selector: ({ finding_id }) => finding_id, minLength: 50 }), 3)[0] ?? []
    const read = all.map((value) => readFinding(findingMessage(value).value))
    const body = [
      encodeFindings(
        read.flatMap((result) => (result.kind === 'ok' ? [result.finding] : [])),
        T0,
      ),
    ]
    await pipeline.insert({
      statement: `INSERT INTO ${table} (${findingColumns}) FORMAT RowBinary`,
      body,
      queryId: `text-${randomBytes(6).toString('hex')}`,
      settings: { async_insert: 0 },
      timeoutMs: 30_000,
    })
    const byId = (a: Finding, b: Finding) => Buffer.compare(Buffer.from(a.finding_id), Buffer.from(b.finding_id))
    expect((await rows()).toSorted(byId)).toEqual(all.toSorted(byId))
  })
})

test('the view holds each finding once, for the reader, and a question by region and time reads little', async () => {
  const { clickhouse } = services
  const pipeline = createClickHouse({ url: clickhouse.url, ...clickhouse.users.pipeline })
  const reader = createClickHouse({ url: clickhouse.url, ...clickhouse.users.reader })
  const run = randomBytes(5).toString('hex')
  const page = Array.from({ length: 20_000 }, (_, n) =>
    finding(`${run}-${n}`, { region_code: `${run}.${n % 40}`, window_end: T0 + n * 60_000, rule_id: run }),
  )
  for (const landedAt of [T0, T0 + 1]) {
    await pipeline.insert({
      statement: `INSERT INTO siaga.findings_rows (${findingColumns}) FORMAT RowBinary`,
      body: [encodeFindings(page, landedAt)],
      queryId: `view-${randomBytes(6).toString('hex')}`,
      settings: { async_insert: 0, insert_deduplicate: 0 },
      timeoutMs: 30_000,
    })
  }
  const Count = z.object({ n: z.coerce.number(), ids: z.coerce.number() })
  const [all] = await reader.rows(
    Count,
    'SELECT count() AS n, uniqExact(finding_id) AS ids FROM siaga.findings WHERE rule_id = {run:String}',
    { run },
  )
  expect(all).toEqual({ n: 20_000, ids: 20_000 })
  const plan = await schema.rows(
    z.object({ explain: z.string() }),
    `EXPLAIN indexes = 1 SELECT count() FROM siaga.findings WHERE region_code = '${run}.7' AND window_end > '2024-11-28'`,
  )
  const text = plan.map(({ explain }) => explain).join('\n')
  expect(text).toMatch(/Keys:\s+region_code\s+window_end/)
  await Promise.all([pipeline.close(), reader.close()])
})
