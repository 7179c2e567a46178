// Does the owner of a partition notice a log of Kafka that is not the one that landed? Real rows; the log is a list of event ids, which a power cut shortens.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import type { KafkaAdmin } from '../../../runtime/kafka.ts'
import { silentLog } from '../../../runtime/log.ts'
import { Opening } from '../../../sinks/clickhouse/opening.ts'
import { encodeLedger, type Ledger } from '../../../sinks/clickhouse/streams.ts'
import { getServices } from '../../services.ts'

let admin: ClickHouse
beforeAll(async () => {
  const { clickhouse } = await getServices()
  admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  await migrate(admin)
})
afterAll(() => admin?.close())

const PARTITION = 5
/** Every seventh message became no row: dropped, or a dead letter. */
const isRow = (offset: number): boolean => offset % 7 !== 3
const ids = (from: number, to: number, name = 'a'): string[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, n) => `${name}-${from + n}`)

interface Case {
  /** Offsets below it have landed, and were committed unless told. */
  landed: number
  /** Event ids of the log now, the first of them at `low`. */
  log: string[]
  low?: number
  committed?: number
  ledger?: Omit<Ledger, 'stream'>
  /** Streams that were begun since, of which nothing has landed. */
  begun?: number
}

/** Opens a partition whose rows have landed; answers where it goes on, and how often Kafka and ClickHouse were asked. */
async function open({ landed, log, low = 0, committed = landed, ledger = {}, begun = 0 }: Case) {
  const stream = randomBytes(8).toString('hex')
  const topic = `t-${stream}`
  await admin.command(
    `INSERT INTO siaga.streams SELECT {stream:String}, {topic:String}, {partition:UInt16}, 'c', now64(3)`,
    { stream, topic, partition: PARTITION },
  )
  await admin.command(
    `INSERT INTO siaga.events (event_id, source_id, ingested_at, retain_until, _stream, _partition, _offset)
     SELECT concat('a-', toString(number)), 'opening', now64(3), now() + 86400, {stream:String}, {partition:UInt16}, number
     FROM numbers({landed:UInt64}) WHERE number % 7 != 3`,
    { stream, partition: PARTITION, landed },
  )
  for (let n = 0; n < begun; n += 1)
    await admin.command(
      `INSERT INTO siaga.streams SELECT {stream:String}, {topic:String}, {partition:UInt16}, 'c', now64(3) + INTERVAL {n:UInt8} SECOND`,
      { stream: randomBytes(8).toString('hex'), topic, partition: PARTITION, n: n + 1 },
    )
  let queries = 0
  const counted = {
    ...{ command: admin.command.bind(admin) },
    rows: ((...args: Parameters<ClickHouse['rows']>) => {
      queries += 1
      return admin.rows(...args)
    }) as ClickHouse['rows'],
  } as ClickHouse
  const high = low + log.length
  const kafka = {
    committed: async () =>
      committed < 0 ? [] : [{ partition: PARTITION, offset: committed, metadata: encodeLedger({ stream, ...ledger }) }],
    offsets: async () => [{ partition: PARTITION, low, high }],
    clusterId: async () => 'c',
    describe: async () => ({ brokers: 1, topics: [{ topic, partitions: [], config: {} }] }),
  } as unknown as KafkaAdmin
  const opening = new Opening(PARTITION, {
    ...{ clickhouse: counted, admin: kafka, groupId: 'g', topic, log: silentLog },
    store: { clickhouse: counted, database: 'siaga' },
  })
  let at = committed < 0 || committed > high ? low : Math.min(committed, high - 1)
  for (let seeks = 0; ; seeks += 1) {
    const step = await opening.step({ offset: at, eventId: log[at - low] ?? '' })
    if (step.kind === 'seek') {
      expect(step.offset).toBeGreaterThanOrEqual(low)
      expect(step.offset).toBeLessThan(high)
      at = step.offset
      continue
    }
    const { position } = step
    const [row] = await admin.rows(
      z.object({ n: z.coerce.number() }),
      'SELECT count() AS n FROM siaga.streams WHERE topic = {topic:String}',
      { topic },
    )
    // A new stream is on record.
    expect(row?.n).toBe(begun + (position.stream === stream ? 1 : 2))
    return { same: position.stream === stream, next: position.next, pending: position.pending, seeks, queries }
  }
}

test('a log that is whole goes on where it was committed, after one look', async () => {
  const log = ids(0, 1_010)
  expect(await open({ landed: 1_000, log })).toMatchObject({ same: true, next: 1_000, seeks: 1 })
  // What landed before is past the retention of Kafka.
  expect(await open({ landed: 1_000, log: ids(1_000, 1_010), low: 1_000 })).toMatchObject({ same: true, next: 1_000 })
  // The broker has an older commit than it was told.
  expect(await open({ landed: 1_000, log, committed: 900 })).toMatchObject({ same: true, next: 1_000 })
  // Somebody was killed while a range was on its way: landed or not, it lands as it was begun.
  const ledger = { last: 999, at: 5 }
  expect(await open({ landed: 1_000, log, committed: 950, ledger })).toMatchObject({
    ...{ same: true, next: 950 },
    pending: { first: 950, last: 999, ingestedAt: 5 },
  })
})

test.each([
  ['and is as short as it was', 950, 0],
  ['and new events have filled the gap to the commit', 950, 100],
  ['and new events have not reached the commit', 950, 20],
  ['far back', 12, 5_000],
  ['within a page', 999, 1],
])(
  'the end of the log was lost, %s: nothing lands twice, what is new lands under another stream',
  async (_, cut, fresh) => {
    const log = [...ids(0, cut), ...ids(cut, cut + fresh, 'b')]
    const found = await open({ landed: 1_000, log })
    const lastRow = Array.from({ length: cut }, (_, n) => n).findLast(isRow) ?? -1
    expect(found).toMatchObject({ same: false, next: lastRow + 1, pending: undefined })
    expect(found.next).toBeLessThanOrEqual(cut)
    // A search by halves, not by steps.
    expect(found.seeks).toBeLessThan(16)
    expect(found.queries).toBeLessThan(32)
  },
)

test('a range that was on its way has lost its end: it would be waited for in vain', async () => {
  const ledger = { last: 1_049, at: 5 }
  expect(await open({ landed: 1_000, log: ids(0, 1_050), ledger })).toMatchObject({ same: true, next: 1_000 })
  expect(await open({ landed: 1_000, log: ids(0, 1_020), ledger })).toMatchObject({
    ...{ same: false, next: 1_000 },
    pending: undefined,
  })
})

test('a stream that was begun and has no rows tells nothing: the one before it does', async () => {
  const log = ids(0, 950)
  expect(await open({ landed: 1_000, log, committed: -1, begun: 2 })).toMatchObject({ same: false, next: 950 })
  expect(await open({ landed: 1_000, log: ids(0, 1_200), committed: -1, begun: 1 })).toMatchObject({
    same: true,
    next: 1_000,
  })
})

test('commit and end of the log were lost together', async () => {
  expect(await open({ landed: 1_000, log: ids(0, 950), committed: -1 })).toMatchObject({ same: false, next: 950 })
  const log = [...ids(0, 950), ...ids(950, 1_200, 'b')]
  expect(await open({ landed: 1_000, log, committed: -1 })).toMatchObject({ same: false, next: 950 })
  expect(await open({ landed: 1_000, log: ids(0, 1_200), committed: -1 })).toMatchObject({ same: true, next: 1_000 })
})

test('a topic that was made anew is read from its beginning, after two looks', async () => {
  for (const committed of [1_000, -1])
    for (const length of [10, 2_000]) {
      const found = await open({ landed: 1_000, log: ids(0, length, 'b'), committed })
      expect(found).toMatchObject({ same: false, next: 0 })
      expect(found.seeks).toBeLessThan(3)
    }
  expect(await open({ landed: 1_000, log: [] })).toMatchObject({ same: false, next: 0 })
})
