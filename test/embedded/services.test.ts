// Do the services that tests and `npm start` share stand up, and do they do what the pipeline relies on?
import { randomUUID } from 'node:crypto'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { beforeAll, describe, expect, test } from 'vitest'
import { getServices, type TestServices } from '../services.ts'
import { query } from './clickhouse-http.ts'

let services: TestServices
beforeAll(async () => {
  services = await getServices()
})

describe('ClickHouse', () => {
  test('an insert with a token that was used before lands no second block', async () => {
    const table = `siaga.token_${randomUUID().replaceAll('-', '')}`
    const { admin, pipeline } = services.clickhouse.users
    await query(services, admin, 'CREATE DATABASE IF NOT EXISTS siaga')
    await query(
      services,
      admin,
      `CREATE TABLE ${table} (n UInt32) ENGINE MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100`,
    )
    const insert = (token: string, values: string) =>
      query(services, pipeline, `INSERT INTO ${table} SETTINGS insert_deduplication_token='${token}' VALUES ${values}`)
    await insert('a', '(1),(2)')
    await insert('a', '(1),(2)')
    await insert('b', '(3)')
    expect(await query(services, pipeline, `SELECT groupArraySorted(9)(n) FROM ${table}`)).toBe('[1,2,3]')
    await query(services, admin, `DROP TABLE ${table}`)
  })

  test('the server keeps UTC', async () => {
    expect(await query(services, services.clickhouse.users.admin, 'SELECT timezone()')).toBe('UTC')
  })
})

describe('Kafka', () => {
  const topic = `test.embedded.${randomUUID()}`

  test('what is produced with acks=all is consumed', async () => {
    const kafka = new Kafka({ brokers: services.brokers, logLevel: logLevel.NOTHING })
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true })
    const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    await producer.send({ topic, acks: -1, messages: [1, 2, 3].map((n) => ({ key: `k${n}`, value: `v${n}` })) })
    const consumer = kafka.consumer({ groupId: topic })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    const seen = new Set<string>()
    const all = Promise.withResolvers<void>()
    await consumer.run({
      eachMessage: async ({ message }) => {
        seen.add(String(message.value))
        if (seen.size === 3) all.resolve()
      },
    })
    await all.promise
    expect([...seen].sort()).toEqual(['v1', 'v2', 'v3'])
    await Promise.all([consumer.disconnect(), producer.disconnect()])
    await admin.deleteTopics({ topics: [topic] })
    await admin.disconnect()
  })

  test('a topic nobody created is not made by a producer', async () => {
    const kafka = new Kafka({ brokers: services.brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } })
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    await expect(producer.send({ topic: `${topic}.none`, messages: [{ value: 'x' }] })).rejects.toThrow()
    await producer.disconnect()
  })
})
