// How is a rollup held to the raw rows? A ClickHouse with all of them, and questions that both must answer the same.
import fc from 'fast-check'
import { expect } from 'vitest'
import { z } from 'zod'
import { type ClickHouse, createClickHouse, quote } from '../../runtime/clickhouse.ts'
import { type Rollup, rawQuestion, readRollups } from '../../sinks/clickhouse/rollups.ts'
import { type OwnServices, startOwnServices } from '../services.ts'
import { type Page, type Plan, regions } from './rollups-landing.ts'

export const HOUR = 3_600_000
export const until = Date.now() - HOUR
export const plan = (seed: number, more: Partial<Plan> = {}): Plan => ({
  seed,
  streams: 4,
  pages: 8,
  rows: 60,
  until,
  ...more,
})
export const Count = z.object({ n: z.coerce.number() })

export const streamsOf = (pages: readonly Page[]): string[] => [...new Set(pages.map(({ range }) => range.stream))]

/** How much is landed and asked. */
export interface RollupSize {
  /** Random questions to each rollup each time. */
  readonly questions: number
  /** Streams that land side by side, two at least. */
  readonly streams: number
  /** Pages of each stream, four at least. */
  readonly pages: number
  /** Rows of a page while something is killed. */
  readonly rows: number
}
export const small: RollupSize = { questions: 2, streams: 2, pages: 4, rows: 200 }
export const large: RollupSize = { questions: 40, streams: 4, pages: 8, rows: 400 }

export interface RollupLab {
  readonly services: OwnServices
  readonly admin: ClickHouse
  readonly pipeline: ClickHouse
  readonly rollups: readonly Rollup[]
  /** The first number that a query answers as `n`. */
  countOf(query: string): Promise<number>
  /** How many rows of the streams of these pages are there. */
  landed(pages: readonly Page[]): Promise<number>
  /** Asks both sides the whole, and so many random questions as the lab was opened with. */
  expectEqual(pages: readonly Page[]): Promise<void>
  close(): Promise<void>
}

/** A ClickHouse of the caller's alone with every rollup. `questions`: how many random ones each rollup is asked each time. */
export async function openRollupLab(questions: number): Promise<RollupLab> {
  const services = await startOwnServices({ kafka: false, migrated: true })
  const { url, users } = services.clickhouse
  const admin = createClickHouse({ url, ...users.admin })
  const pipeline = createClickHouse({ url, ...users.pipeline })
  const rollups = await readRollups(admin)
  const countOf = async (query: string): Promise<number> => (await admin.rows(Count, query))[0]?.n ?? -1
  return {
    services,
    admin,
    pipeline,
    rollups,
    countOf,
    landed: (pages) =>
      countOf(`SELECT count() AS n FROM siaga.events WHERE _stream IN (${streamsOf(pages).map(quote).join(', ')})`),
    expectEqual: (pages) => expectEqual({ admin, rollups, countOf }, pages, questions),
    async close() {
      await admin.close()
      await pipeline.close()
      await services.stop()
    },
  }
}

/** What a rollup's view says of the raw rows of these streams, as a table: a view takes the rows of one. */
async function askRaw(
  { admin, rollups }: Pick<RollupLab, 'admin' | 'rollups'>,
  rollup: Rollup,
  streams: readonly string[],
): Promise<string> {
  const names = rollup.columns.map(({ name }) => name).join(', ')
  const landed = { from: 0, to: until + 24 * HOUR }
  const questions = streams.map(
    (stream) => `SELECT ${names} FROM (${rawQuestion(rollups, rollup, { stream, ...landed })})`,
  )
  await admin.command(`CREATE OR REPLACE TABLE siaga.raw_answer ENGINE = Memory AS ${questions.join(' UNION ALL ')}`)
  return 'SELECT * FROM siaga.raw_answer'
}

/** Of as many keys as a rollup may have. */
const all = Array.from({ length: 20 }, () => true)

/** A window of one of the times, regions, and some of the keys to group by. */
const question = fc.record({
  from: fc.oneof(fc.integer({ min: 0, max: 10 * 24 }), fc.integer({ min: 0, max: 3100 * 24 })),
  hours: fc.oneof(fc.integer({ min: 1, max: 48 }), fc.integer({ min: 48, max: 3100 * 24 })),
  byEvent: fc.boolean(),
  regions: fc.option(fc.subarray(regions, { minLength: 1 })),
  grouping: fc.array(fc.boolean(), { minLength: all.length, maxLength: all.length }),
})
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never

function asked(
  { columns, slot, ttl }: Rollup,
  rows: string,
  { from, hours, byEvent, regions: some, grouping }: Question,
): string {
  const keys = columns.flatMap(({ name, how }) => (how === undefined ? [name] : []))
  const group = keys.filter((_, at) => grouping[at])
  const time = (byEvent ? keys.find((name) => name !== slot && /minute$|hour$/.test(name)) : undefined) ?? slot
  const start = Math.floor(until / 1000) - from * 3600
  const where = [`${time} >= toDateTime(${start}, 'UTC')`, `${time} < toDateTime(${start + hours * 3600}, 'UTC')`]
  // Rows that go soon may have gone on one side.
  if (ttl !== undefined) where.push(`${ttl} > now() + INTERVAL 1 DAY`)
  if (some !== null && keys.includes('region_code')) where.push(`region_code IN (${some.map(quote).join(', ')})`)
  const sums = columns.flatMap(({ name, how }) => (how === undefined ? [] : [`${how}(${name}) AS ${how}_${name}`]))
  const by = group.length === 0 ? '' : ` GROUP BY ${group.join(', ')}`
  return `SELECT ${[...group, ...sums].join(', ')} FROM (${rows}) WHERE ${where.join(' AND ')}${by} HAVING sum_events != 0`
}

async function expectEqual(
  lab: Pick<RollupLab, 'admin' | 'rollups' | 'countOf'>,
  pages: readonly Page[],
  numRuns: number,
): Promise<void> {
  const { admin, rollups, countOf } = lab
  const seed = pages.length
  const streams = streamsOf(pages)
  const everything = { from: 3100 * 24, hours: 3101 * 24, byEvent: false, regions: null, grouping: all }
  for (const rollup of rollups) {
    const raw = await askRaw(lab, rollup, streams)
    const recorded = `SELECT * FROM siaga.${rollup.target} WHERE _stream IN (${streams.map(quote).join(', ')})`
    for (const asking of [everything, ...fc.sample(question, { seed, numRuns })]) {
      const [here, there] = [asked(rollup, recorded, asking), asked(rollup, raw, asking)]
      const differing = await admin.rows(
        z.unknown(),
        `SELECT * FROM ((SELECT 'recorded', * FROM (${here} EXCEPT ${there})) UNION ALL (SELECT 'raw', * FROM (${there} EXCEPT ${here}))) LIMIT 4`,
      )
      expect(differing, `${rollup.target}: ${here}`).toEqual([])
      if (asking === everything) expect(await countOf(`SELECT count() AS n FROM (${here})`)).toBeGreaterThan(0)
    }
  }
}
