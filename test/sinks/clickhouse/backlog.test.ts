// How large are the inserts of a partition that is behind, and of one that is not? A real ClickHouse; the group's commits are kept in memory.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import type { IncomingBatch, KafkaAdmin } from '../../../runtime/kafka.ts'
import { silentLog } from '../../../runtime/log.ts'
import { emptyEvent } from '../../../schemas/event.ts'
import type { EventStores } from '../../../sinks/clickhouse/event-stores.ts'
import { PartitionWriter, ShardAway } from '../../../sinks/clickhouse/partition-writer.ts'
import { getServices } from '../../services.ts'

let clickhouse: ClickHouse
beforeAll(async () => {
  const services = await getServices()
  const admin = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
  await migrate(admin)
  await admin.close()
  clickhouse = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.pipeline })
})
afterAll(() => clickhouse?.close())

const FLUSH_ROWS = 50

/** A writer of partition 0 of a topic that ends at `highWatermark`, and what it has done. */
async function openWriter(topic: string, highWatermark: number, stores?: EventStores) {
  let committed = { partition: 0, offset: -1, metadata: '' }
  const pages: number[] = []
  let settled = 0
  const admin: Pick<KafkaAdmin, 'committed' | 'offsets' | 'clusterId'> = {
    committed: async () => [committed],
    offsets: async () => [{ partition: 0, low: 0, high: highWatermark }],
    clusterId: async () => 'in-memory',
  }
  const writer = new PartitionWriter<undefined>({
    clickhouse,
    stores,
    admin: admin as KafkaAdmin,
    log: silentLog,
    groupId: 'backlog',
    topic,
    partition: 0,
    flushRows: FLUSH_ROWS,
    flushBytes: 1_000_000,
    flushMs: 60,
    async settle() {
      settled += 1
    },
    onLanded: (landed) => pages.push(landed),
  })
  const batch = {
    partition: 0,
    highWatermark,
    generation: 1,
    isCurrent: () => true,
    heartbeat: async () => undefined,
    commit: async (offset: number, metadata: string) => {
      committed = { partition: 0, offset, metadata }
    },
    records: { lastOffset: highWatermark - 1 },
  } as unknown as IncomingBatch
  expect(await writer.open(batch, { offset: 0, eventId: 'e0' })).toEqual({ kind: 'ready' })
  const take = async (rows: number, pauseMs: number): Promise<void> => {
    for (let offset = 0; offset < rows; offset += 1) {
      const now = Date.now()
      const event = Object.assign(emptyEvent(), { timestamp: now, received_at: now, retain_until: now + 86_400_000 })
      writer.append(Object.assign(event, { source_id: topic, _stream: writer.stream, _offset: offset }), null)
      writer.accept(offset)
      if (writer.isFull) await writer.flush()
      if (pauseMs > 0) await sleep(pauseMs)
    }
  }
  return { writer, pages, take, committed: () => committed.offset, settled: () => settled }
}

/** Sizes of the pages where a row comes every few milliseconds, between two looks of the timer. */
async function landSlowly(topic: string, rows: number, highWatermark: number): Promise<number[]> {
  const { writer, pages, take } = await openWriter(topic, highWatermark)
  await take(rows, 4)
  // Without being told to: by its own timer.
  await expect.poll(() => pages.length, { timeout: 10_000 }).toBeGreaterThan(0)
  await writer.drain()
  return pages
}

test('with more than a page waiting in Kafka, pages fill before they go', async () => {
  expect(await landSlowly(`behind-${Date.now()}`, 150, 100_000)).toEqual([50, 50, 50])
})

test('at the end of the topic a page goes when its time is up', async () => {
  const pages = await landSlowly(`level-${Date.now()}`, 40, 40)
  expect(pages.length).toBeGreaterThan(1)
  expect(pages.reduce((sum, rows) => sum + rows, 0)).toBe(40)
})

test('a reader that is held up does not hold its rows back for good', async () => {
  // A page of 50 never comes about.
  expect(await landSlowly(`held-up-${Date.now()}`, 10, 100_000)).toEqual([10])
})

test('a shard that answers and takes no rows: nothing of the page goes to others before it has landed', async () => {
  const insert = () => Promise.reject(new Error('no space left'))
  const store = { clickhouse: Object.assign(Object.create(clickhouse), { insert }) as ClickHouse, database: 'siaga' }
  const stores: EventStores = { all: [store, store], sharded: true, of: async () => store }
  const { take, writer, settled } = await openWriter(`full-${Date.now()}`, FLUSH_ROWS, stores)
  await take(FLUSH_ROWS, 0)
  await expect(writer.drain()).rejects.toThrow(ShardAway)
  expect(settled()).toBe(0)
})

test('a full page that is the last for long is committed as done, though nothing more comes', async () => {
  const { take, pages, committed } = await openWriter(`last-${Date.now()}`, FLUSH_ROWS)
  await take(FLUSH_ROWS, 0)
  await expect.poll(committed, { timeout: 10_000 }).toBe(FLUSH_ROWS)
  expect(pages).toEqual([FLUSH_ROWS])
})
