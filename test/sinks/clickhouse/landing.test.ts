// Does a range of offsets land exactly once? Against a real ClickHouse, with the mishaps that a crash leaves behind.
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { silentLog } from '../../../runtime/log.ts'
import { type Event, emptyEvent, eventColumns } from '../../../schemas/event.ts'
import { insertOnce, LandingAbandoned, type LandingRange } from '../../../sinks/clickhouse/insert.ts'
import { createRowBuffer } from '../../../sinks/clickhouse/rows.ts'
import { getServices } from '../../services.ts'

let admin: ClickHouse
let pipeline: ClickHouse
beforeAll(async () => {
  const { clickhouse } = await getServices()
  admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  pipeline = createClickHouse({ url: clickhouse.url, ...clickhouse.users.pipeline })
  await migrate(admin)
})
afterAll(async () => {
  await admin?.close()
  await pipeline?.close()
})

const Count = z.object({ n: z.coerce.number() })
const dependencies = () => ({
  clickhouse: pipeline,
  log: silentLog,
  isCurrent: () => true,
  heartbeat: async () => undefined,
})

function rangeOf(first: number, last: number): LandingRange {
  return { stream: randomBytes(8).toString('hex'), partition: 3, first, last, ingestedAt: Date.now() }
}

function rows({ stream, partition, first, last, ingestedAt }: LandingRange) {
  const buffer = createRowBuffer()
  for (let offset = first; offset <= last; offset += 1) {
    const event = emptyEvent()
    Object.assign(event, {
      source_id: `landing-${stream}`,
      event_id: `${offset}`,
      timestamp: ingestedAt - 5,
      received_at: ingestedAt - 3,
    })
    Object.assign(event, {
      message: 'a line',
      retain_until: ingestedAt + 86_400_000,
      _stream: stream,
      _partition: partition,
      _offset: offset,
    })
    buffer.append(event, null)
  }
  buffer.stamp(ingestedAt)
  return buffer.view()
}

const landed = async (stream: string) =>
  (await admin.rows(Count, 'SELECT count() AS n FROM siaga.events WHERE _stream = {stream:String}', { stream }))[0]?.n
const rolledUp = async (stream: string) =>
  (
    await admin.rows(Count, 'SELECT sum(events) AS n FROM siaga.source_minutes WHERE _stream = {stream:String}', {
      stream,
    })
  )[0]?.n
const lagged = async (stream: string) =>
  (
    await admin.rows(Count, 'SELECT sum(events) AS n FROM siaga.ingest_lag WHERE _stream = {stream:String}', { stream })
  )[0]?.n

describe('a range of offsets', () => {
  test('lands once though two owners insert it at the same time', async () => {
    const range = rangeOf(0, 4999)
    await Promise.all([
      insertOnce(range, rows(range), false, dependencies()),
      insertOnce(range, rows(range), true, dependencies()),
    ])
    expect(await landed(range.stream)).toBe(5000)
    expect(await rolledUp(range.stream)).toBe(5000)
    expect(await lagged(range.stream)).toBe(5000)
  })

  test('is one part, so that it is there whole or not at all', async () => {
    const range = rangeOf(0, 19_999)
    await insertOnce(range, rows(range), false, dependencies())
    const [row] = await admin.rows(
      Count,
      'SELECT uniqExact(_part) AS n FROM siaga.events WHERE _stream = {stream:String}',
      { stream: range.stream },
    )
    expect(row?.n).toBe(1)
  })

  test('lands under a new token if the server remembers the token but lost the rows', async () => {
    const range = rangeOf(10, 109)
    await insertOnce(range, rows(range), false, dependencies())
    await admin.command(
      'ALTER TABLE siaga.events DELETE WHERE _stream = {stream:String}',
      { stream: range.stream },
      { mutations_sync: '2' },
    )
    expect(await landed(range.stream)).toBe(0)
    await insertOnce(range, rows(range), true, dependencies())
    expect(await landed(range.stream)).toBe(100)
    // The views had their rows already; the new token brought them again, and the repair took them out.
    expect(await rolledUp(range.stream)).toBe(100)
    expect(await lagged(range.stream)).toBe(100)
  })

  test('does not land again when the server has forgotten the token: it is looked for first', async () => {
    const range = rangeOf(0, 99)
    const forgotten = { insert_deduplication_token: `${range.stream}-forgotten` }
    const insert: ClickHouse['insert'] = (one) =>
      pipeline.insert({ ...one, settings: { ...one.settings, ...forgotten } })
    const before = { ...dependencies(), clickhouse: { ...pipeline, insert } }
    await insertOnce(range, rows(range), false, before)
    await insertOnce(range, rows(range), true, dependencies())
    expect(await landed(range.stream)).toBe(100)
    expect(await rolledUp(range.stream)).toBe(100)
    expect(await lagged(range.stream)).toBe(100)
  })

  test('fills a rollup that missed it', async () => {
    const range = rangeOf(0, 99)
    await insertOnce(range, rows(range), false, dependencies())
    await admin.command(
      'ALTER TABLE siaga.source_minutes DELETE WHERE _stream = {stream:String}',
      { stream: range.stream },
      { mutations_sync: '2' },
    )
    expect(await rolledUp(range.stream)).toBe(0)
    await insertOnce(range, rows(range), true, dependencies())
    expect(await landed(range.stream)).toBe(100)
    expect(await rolledUp(range.stream)).toBe(100)
  })

  test('is left alone once the partition belongs to somebody else', async () => {
    const range = rangeOf(0, 9)
    const insert = insertOnce(range, rows(range), false, { ...dependencies(), isCurrent: () => false })
    await expect(insert).rejects.toThrow(LandingAbandoned)
    expect(await landed(range.stream)).toBe(0)
  })
})

test('every value of every column survives the row encoder', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom('', 'nginx.access', 'é', '選挙', 'x'.repeat(127), 'é'.repeat(70), '\0'),
  )
  const time = fc.integer({ min: 0, max: 4_000_000_000_000 })
  const whole = (max: number) => fc.oneof(fc.constantFrom(0, 1, 127, 128, 255, max), fc.integer({ min: 0, max }))
  const arbitrary: Record<string, fc.Arbitrary<unknown>> = {
    String: text,
    'LowCardinality(String)': text,
    UInt8: whole(255),
    UInt16: whole(65_535),
    UInt32: whole(4_294_967_295),
    UInt64: whole(Number.MAX_SAFE_INTEGER),
    "DateTime64(3, 'UTC')": time,
    DateTime: fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
    'Array(String)': fc.array(text, { maxLength: 4 }),
    'Map(String, String)': fc
      .uniqueArray(fc.tuple(text, text), { maxLength: 4, selector: ([key]) => key })
      .map((pairs) => new Map(pairs)),
    'Array(Tuple(name String, points Int32, detail String))': fc.array(
      fc.record({ name: text, points: fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }), detail: text }),
      { maxLength: 4 },
    ),
  }
  const stream = randomBytes(8).toString('hex')
  const buffer = createRowBuffer()
  const written: Event[] = []
  const model = fc.record(
    Object.fromEntries(
      Object.entries(eventColumns).map(([name, { type }]) => [name, arbitrary[type] as fc.Arbitrary<unknown>]),
    ),
  )
  for (const values of fc.sample(model, 200)) {
    const event = Object.assign(emptyEvent(), values, {
      _stream: stream,
      _partition: 0,
      _offset: written.length,
      ingested_at: 1_700_000_000_000,
      retain_until: 4_000_000_000_000,
    })
    written.push(event)
    buffer.append(event, null)
  }
  buffer.stamp(1_700_000_000_000)
  await insertOnce(
    { stream, partition: 0, first: 0, last: 199, ingestedAt: 1_700_000_000_000 },
    buffer.view(),
    false,
    dependencies(),
  )
  const names = Object.keys(eventColumns) as (keyof typeof eventColumns)[]
  const select = names.map((name) => {
    const { type } = eventColumns[name]
    if (type.startsWith('DateTime64')) return `toUnixTimestamp64Milli(${name}) AS ${name}_`
    if (type === 'DateTime') return `toUnixTimestamp(${name}) * 1000 AS ${name}_`
    if (type === 'UInt64') return `toString(${name}) AS ${name}_`
    if (type === 'String' || type === 'LowCardinality(String)') return `hex(${name}) AS ${name}_`
    if (type === 'Array(String)') return `arrayMap(x -> hex(x), ${name}) AS ${name}_`
    if (type.startsWith('Map'))
      return `arrayMap((k, v) -> (hex(k), hex(v)), mapKeys(${name}), mapValues(${name})) AS ${name}_`
    if (type.startsWith('Array(Tuple')) return `arrayMap(x -> (hex(x.1), x.2, hex(x.3)), ${name}) AS ${name}_`
    return `${name} AS ${name}_`
  })
  const read = await admin.rows(
    z.record(z.string(), z.unknown()),
    `SELECT ${select.join(', ')} FROM siaga.events WHERE _stream = {stream:String} ORDER BY _offset`,
    { stream },
  )
  expect(read).toHaveLength(written.length)
  const hex = (value: string) => Buffer.from(value, 'utf8').toString('hex').toUpperCase()
  for (const [i, event] of written.entries()) {
    for (const name of names) {
      const { type } = eventColumns[name]
      const value = event[name]
      let expected: unknown = value
      if (typeof value === 'string') expected = hex(value)
      else if (type === 'UInt64') expected = String(value)
      else if (value instanceof Map) expected = [...value].map(([k, v]) => [hex(k), hex(v)])
      else if (Array.isArray(value))
        expected = value.map((v) => (typeof v === 'string' ? hex(v) : [hex(v.name), v.points, hex(v.detail)]))
      expect(read[i]?.[`${name}_`], `${name} of row ${i}`).toEqual(expected)
    }
  }
})
