// Are the indicators of a feed replaced as a whole, once, whatever is killed? On a real ClickHouse, as the user that Siaga has there.
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { type Indicator, IndicatorType, Tlp } from '../../schemas/indicator.ts'
import type { StoredIndicator } from '../../sinks/clickhouse/indicator-rows.ts'
import { createIndicatorStore, type IndicatorStore } from '../../sinks/clickhouse/indicators.ts'
import { getServices } from '../services.ts'
import { feedOf, indicator, T0 } from './indicator-feed.ts'

let access: { url: string; username: string; password: string }
let pipeline: ClickHouse
let reader: ClickHouse
let store: IndicatorStore
beforeAll(async () => {
  const { clickhouse } = await getServices()
  const admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  await migrate(admin)
  await admin.close()
  access = { url: clickhouse.url, ...clickhouse.users.pipeline }
  pipeline = createClickHouse(access)
  reader = createClickHouse({ url: clickhouse.url, ...clickhouse.users.reader })
  store = createIndicatorStore(pipeline)
})
const made: string[] = []
afterAll(async () => {
  for (const source of made) await store.replace(source, [], T0)
  await Promise.all([pipeline?.close(), reader?.close()])
})

const newSource = (): string => {
  const source = `feed-${randomBytes(5).toString('hex')}`
  made.push(source)
  return source
}

/** What the store holds of a feed, by value. */
async function readSource(source: string, at = T0): Promise<StoredIndicator[]> {
  const all: StoredIndicator[] = []
  for await (const some of store.read(at)) for (const one of some) if (one.source === source) all.push(one)
  return all.toSorted((a, b) => (a.value < b.value ? -1 : 1))
}

const Count = z.object({ n: z.coerce.number() })
/** Rows on their way; those that killed processes have left are not counted. */
const leftOver = async () =>
  (
    await pipeline.rows(
      Count,
      `SELECT (SELECT countIf(NOT startsWith(labels[1], 'kill-')) FROM siaga.indicator_given) + (SELECT count() FROM siaga.indicator_next) AS n`,
    )
  )[0]?.n

test('what stays keeps the time it was added, what is new gets the time of the update, what is missing goes', async () => {
  const source = newSource()
  const [a, b, c] = ['a.example', 'b.example', 'c.example'].map((value) => indicator(source, value))
  if (a === undefined || b === undefined || c === undefined) throw new Error('three')
  const empty = await store.current()
  expect(await store.replace(source, [a, b], T0)).toMatchObject({ added: 2, removed: 0, total: 2 })
  const first = await store.current()
  expect(first).not.toBe(empty)

  const raised = { ...b, confidence: 95, last_seen: T0 + 5 }
  const update = await store.replace(source, [c, raised], T0 + 1000)
  expect(update).toMatchObject({ added: 1, removed: 1, total: 2 })
  expect(await readSource(source)).toEqual([
    { ...raised, added_at: T0 },
    { ...c, added_at: T0 + 1000 },
  ])
  const second = await store.current()
  expect(second).not.toBe(first)

  // The same again, in another order, twice: nothing is written.
  expect(await store.replace(source, [raised, c, raised], T0 + 2000)).toEqual({
    added: 0,
    removed: 0,
    total: 2,
    version: update.version,
  })
  expect(await store.current()).toBe(second)

  expect(await store.replace(source, [], T0 + 3000)).toEqual({ added: 0, removed: 2, total: 0, version: '' })
  expect(await store.current()).toBe(empty)
  expect(await store.replace(source, [b], T0 + 4000)).toMatchObject({ added: 1 })
  expect(await readSource(source)).toEqual([{ ...b, added_at: T0 + 4000 }])
  expect(await leftOver()).toBe(0)
})

test('an update by a clock that went back is still told from the one before', async () => {
  const source = newSource()
  const [a, b] = [indicator(source, 'a.example'), indicator(source, 'b.example')]
  await store.replace(source, [a], T0)
  expect(await store.replace(source, [a, b], T0 - 60_000)).toMatchObject({ added: 1, removed: 0 })
  expect((await readSource(source)).map(({ added_at }) => added_at)).toEqual([T0, T0 + 1])
})

test('of several with one type and value the last one holds; a value may be of two types and in two feeds', async () => {
  const [source, other] = [newSource(), newSource()]
  const twice = [
    indicator(source, 'x.example', { confidence: 10 }),
    indicator(source, 'x.example', { type: 'url' }),
    indicator(source, 'x.example', { confidence: 60 }),
  ]
  expect(await store.replace(source, twice, T0)).toMatchObject({ added: 2, total: 2 })
  expect(await store.replace(other, [indicator(other, 'x.example')], T0)).toMatchObject({ added: 1, total: 1 })
  const rows = await readSource(source)
  expect(rows.map(({ type, confidence }) => [type, confidence]).toSorted()).toEqual([
    ['domain', 60],
    ['url', 80],
  ])
  expect((await readSource(other)).length).toBe(1)
})

test('what has expired is neither read nor in the view', async () => {
  const source = newSource()
  const future = Date.now() + 3_600_000
  await store.replace(
    source,
    [
      indicator(source, 'over.example', { expires: T0 }),
      indicator(source, 'ever.example'),
      indicator(source, 'soon.example', { expires: future }),
    ],
    T0,
  )
  expect((await readSource(source, T0)).map(({ value }) => value)).toEqual(['ever.example', 'soon.example'])
  expect((await readSource(source, future)).map(({ value }) => value)).toEqual(['ever.example'])
  const rows = await reader.rows(
    z.object({ value: z.string() }),
    'SELECT value FROM siaga.indicators WHERE source = {source:String} ORDER BY value',
    { source },
  )
  expect(rows.map(({ value }) => value)).toEqual(['ever.example', 'soon.example'])
})

test('every text and time comes back as it went in', async () => {
  const source = newSource()
  const text = (maxLength: number) =>
    fc.oneof(fc.string({ unit: 'binary', maxLength }), fc.constantFrom('\0', "'\\\n\t", '選挙'))
  const time = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10_000_000_000_000 }))
  const one = fc.record<Indicator>({
    type: fc.constantFrom(...IndicatorType.options),
    value: text(300).filter((value) => value !== ''),
    source: fc.constant(source),
    confidence: fc.integer({ min: 0, max: 100 }),
    first_seen: time,
    last_seen: time,
    expires: fc.constant(0),
    tlp: fc.constantFrom(...Tlp.options),
    threat: text(200),
    reference: text(500),
    labels: fc.array(text(100), { maxLength: 10 }),
  })
  const [all = []] = fc.sample(
    fc.uniqueArray(one, { selector: ({ type, value }) => `${type} ${value}`, minLength: 200, maxLength: 400 }),
    1,
  )
  await store.replace(source, all, T0)
  const key = ({ type, value }: Indicator) => `${type} ${value}`
  const order = (a: Indicator, b: Indicator) => (key(a) < key(b) ? -1 : 1)
  expect((await readSource(source)).toSorted(order)).toEqual(
    all.map((value) => ({ ...value, added_at: T0 })).toSorted(order),
  )
})

test('whoever reads during updates sees one of them as a whole', async () => {
  const source = newSource()
  const sizes: Record<string, number> = { odd: 60_000, even: 45_000 }
  await store.replace(source, feedOf(source, 60_000, 'odd'), T0)
  let updating = true
  const updates = (async () => {
    for (let n = 0; n < 8; n += 1) {
      const label = n % 2 === 0 ? 'even' : 'odd'
      await store.replace(source, feedOf(source, sizes[label] ?? 0, label), T0 + n)
    }
    updating = false
  })()
  const Seen = z.object({ labels: z.array(z.string()), n: z.coerce.number() })
  const seen = new Set<string>()
  let reads = 0
  while (updating) {
    const [row] = await reader.rows(
      Seen,
      'SELECT groupUniqArrayArray(labels) AS labels, count() AS n FROM siaga.indicators WHERE source = {source:String}',
      { source },
    )
    const label = row?.labels.join() ?? ''
    expect(row).toEqual({ labels: [label], n: sizes[label] })
    const counts = new Map<string, number>()
    for (const { labels } of await readSource(source)) counts.set(labels.join(), (counts.get(labels.join()) ?? 0) + 1)
    expect(counts.size).toBe(1)
    for (const [name, n] of counts) expect(n).toBe(sizes[name])
    seen.add(label)
    reads += 1
  }
  await updates
  expect(reads).toBeGreaterThan(3)
  expect(seen.size).toBe(2)
}, 120_000)

test('killed at any moment of an update: the feed is the old one or the new one, and the next update does what it says', async () => {
  const source = newSource()
  let label = 'kill-0'
  await store.replace(source, feedOf(source, 30_000, label), T0)
  const outcomes: string[] = []
  for (let n = 1; n <= 6; n += 1) {
    const next = `kill-${n}`
    const child = fork(
      join(import.meta.dirname, 'indicators-process.ts'),
      [JSON.stringify(access), source, '40000', next],
      {
        stdio: 'inherit',
      },
    )
    await once(child, 'message')
    await sleep(n * 60)
    child.kill('SIGKILL')
    await once(child, 'exit')
    // What the killed process had asked for may still be under way in the server.
    await expect
      .poll(
        async () =>
          (
            await pipeline.rows(
              Count,
              "SELECT count() AS n FROM system.processes WHERE query LIKE '%indicator_%' AND query NOT LIKE '%system.processes%'",
            )
          )[0]?.n,
        { timeout: 30_000 },
      )
      .toBe(0)
    const labels = new Set((await readSource(source)).map((one) => one.labels.join()))
    expect(labels.size).toBe(1)
    const [now = ''] = labels
    expect([label, next]).toContain(now)
    outcomes.push(now === next ? 'new' : 'old')
    label = now
  }
  expect(outcomes).toContain('old')
  expect(await store.replace(source, feedOf(source, 30_000, 'last'), T0 + 1)).toMatchObject({ total: 30_000 })
  const rows = await readSource(source)
  expect([rows.length, new Set(rows.map((one) => one.labels.join()))]).toEqual([30_000, new Set(['last'])])
}, 120_000)

test('updates of one feed that are asked for at once follow one another', async () => {
  const source = newSource()
  const results = await Promise.all(
    ['one', 'two', 'three'].map((label) => store.replace(source, feedOf(source, 3_000, label), T0)),
  )
  expect(results.map(({ added, removed, total }) => [added, removed, total])).toEqual([
    [3_000, 0, 3_000],
    [0, 0, 3_000],
    [0, 0, 3_000],
  ])
  expect(new Set((await readSource(source)).map((one) => one.labels.join()))).toEqual(new Set(['three']))
})

test('a feed that breaks while it is read changes nothing', async () => {
  const source = newSource()
  await store.replace(source, [indicator(source, 'a.example')], T0)
  const before = await store.current()
  const breaking = function* (): Generator<Indicator> {
    yield* feedOf(source, 60_000, 'broken')
    throw new Error('the feed ended in the middle')
  }
  await expect(store.replace(source, breaking(), T0)).rejects.toThrow('in the middle')
  expect(await store.current()).toBe(before)
  expect(await leftOver()).toBe(0)
})

test('a million indicators: sent, replaced, read', async () => {
  const source = newSource()
  const count = Number(process.env.SIAGA_INDICATORS ?? 200_000)
  const time = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now()
    const result = await work()
    const rss = Math.round(process.memoryUsage().rss / 1024 ** 2)
    process.stdout.write(
      `${count} indicators, ${what}: ${((performance.now() - began) / 1000).toFixed(2)} s, ${rss} MiB\n`,
    )
    return result
  }
  expect(await time('first', () => store.replace(source, feedOf(source, count, 'x'), T0))).toMatchObject({
    added: count,
  })
  expect(await time('the same again', () => store.replace(source, feedOf(source, count, 'x'), T0))).toMatchObject({
    added: 0,
  })
  expect(await time('all changed', () => store.replace(source, feedOf(source, count, 'y'), T0))).toMatchObject({
    added: 0,
    total: count,
  })
  await time('current', () => store.current())
  let read = 0
  await time('read', async () => {
    for await (const some of store.read(T0)) for (const one of some) if (one.source === source) read += 1
  })
  expect(read).toBe(count)
}, 300_000)
