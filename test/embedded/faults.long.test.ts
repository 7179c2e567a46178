// Does what was acknowledged survive many kills at random moments, while it is being written?
import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OwnServices, startOwnServices } from '../services.ts'
import { query } from './clickhouse-http.ts'

let services: OwnServices
beforeAll(async () => {
  services = await startOwnServices()
  await query(services, services.clickhouse.users.admin, 'CREATE DATABASE siaga')
})
afterAll(() => services?.stop())

const kills = 8

test('ClickHouse: each acknowledged token landed once, whatever was repeated', async () => {
  const { admin, pipeline } = services.clickhouse.users
  const settings = 'SETTINGS non_replicated_deduplication_window = 1000'
  await query(services, admin, `CREATE TABLE siaga.t (n UInt32) ENGINE MergeTree ORDER BY n ${settings}`)
  let done = false
  const killer = (async () => {
    for (let kill = 0; kill < kills; kill++) {
      await delay(500 + Math.random() * 1_500)
      services.embedded.clickhouse?.kill('SIGKILL')
      await services.embedded.clickhouse?.ready()
    }
    done = true
  })()
  let n = 0
  while (!done) {
    const sql = `INSERT INTO siaga.t SETTINGS insert_deduplication_token='${n}' VALUES (${n})`
    // Repeated until answered: an insert whose answer was lost may have landed.
    const landed = await query(services, pipeline, sql).then(
      () => true,
      () => delay(20, false),
    )
    if (landed) n++
  }
  await killer
  expect(await query(services, pipeline, 'SELECT count(), uniqExact(n), max(n) + 1 FROM siaga.t')).toBe(
    `${n}\t${n}\t${n}`,
  )
})

test('Kafka: everything acknowledged can be read again', async () => {
  const kafka = new Kafka({ brokers: services.brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 't', numPartitions: 1 }], waitForLeaders: true })
  await admin.disconnect()
  let done = false
  const killer = (async () => {
    for (let kill = 0; kill < kills; kill++) {
      await delay(500 + Math.random() * 2_000)
      services.embedded.kafka?.kill('SIGKILL')
      await services.embedded.kafka?.ready()
    }
    done = true
  })()
  const acknowledged = new Set<string>()
  for (let n = 0; !done; n++) {
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    try {
      await producer.connect()
      for (let times = 0; times < 20 && !done; times++, n++) {
        await producer.send({ topic: 't', acks: -1, messages: [{ key: 'k', value: String(n) }] })
        acknowledged.add(String(n))
      }
    } catch {
      await delay(50)
    } finally {
      await producer.disconnect().catch(() => undefined)
    }
  }
  await killer
  const reader = new Kafka({ brokers: services.brokers, logLevel: logLevel.NOTHING }).consumer({ groupId: 'reader' })
  await reader.connect()
  await reader.subscribe({ topic: 't', fromBeginning: true })
  const all = Promise.withResolvers<void>()
  expect(acknowledged.size).toBeGreaterThan(0)
  await reader.run({
    eachMessage: async ({ message }) => {
      acknowledged.delete(String(message.value))
      if (acknowledged.size === 0) all.resolve()
    },
  })
  await all.promise
  await reader.disconnect()
})

test('ClickHouse comes back when somebody kills its keep-alive query', async () => {
  const { admin } = services.clickhouse.users
  const before = services.embedded.clickhouse?.pid()
  await query(services, admin, "KILL QUERY WHERE user = '' ASYNC").catch(() => undefined)
  while (services.embedded.clickhouse?.pid() === before) await delay(20)
  await services.embedded.clickhouse?.ready()
  expect(await query(services, admin, 'SELECT 1')).toBe('1')
})
