// Is the made election year the same for everybody who makes it, and do its questions give one answer in both forms?
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { type OwnServices, startOwnServices } from '../../services.ts'
import { type Asker, ask } from './ask.ts'
import { selectDays } from './generator.ts'
import { startLanding } from './landing.ts'
import { type Question, questions } from './queries.ts'
import { findSubjects } from './subjects.ts'
import { daysOf, NOW, VOTING_DAY, YEAR } from './world.ts'
import { forgetLanded, keepAll, makeNaive, makeYear, rowsOf, world } from './year.ts'

const EVENTS = 200_000
const DAY_MS = 86_400_000
const votingDay = Date.parse(VOTING_DAY)
// The first voting day of the year, the second and the day before it.
const near = (day: number) => day === Date.UTC(2024, 1, 14) || day >= votingDay - DAY_MS
const days = daysOf(EVENTS, near)

let services: OwnServices
let admin: ClickHouse
let reader: Asker
let asked: Question[]

beforeAll(async () => {
  services = await startOwnServices({ kafka: false, migrated: true })
  const { url, users } = services.clickhouse
  admin = createClickHouse({ url, ...users.admin })
  reader = { url, ...users.reader }
  await keepAll(admin)
  await makeYear(admin, days, 1, () => undefined)
  await makeNaive(admin, days, () => undefined)
  asked = (await findSubjects(admin)).flatMap((subjects) => questions(subjects))
}, 300_000)
afterAll(async () => {
  await admin?.close()
  await services?.stop()
})

test('days of the year hold every event once, most of them on voting days; it ends at NOW', () => {
  const all = daysOf(1_000_003)
  expect(all.reduce((sum, { rows }) => sum + rows, 0)).toBe(1_000_003)
  expect(all.map(({ first }) => first)).toEqual(
    all.map((_, i) => all.slice(0, i).reduce((sum, { rows }) => sum + rows, 0)),
  )
  expect(all[0]?.day).toBe(YEAR.from)
  expect(all.toSorted((a, b) => b.rows - a.rows)[0]?.day).toBe(Date.UTC(2024, 1, 14))
  expect(all.at(-1)).toMatchObject({ day: votingDay, seconds: 7 * 3600 })
})

test('the same seed makes the same rows, in one piece or two; another seed makes others', async () => {
  const Sum = z.object({ sum: z.string(), n: z.coerce.number() })
  const hash = async (queries: readonly string[]) => {
    const parts = queries.map((query) => `(${query})`).join(' UNION ALL ')
    const [row] = await admin.rows(
      Sum,
      `SELECT toString(sum(cityHash64(* EXCEPT (fields, factors), toString(fields), toString(factors)))) AS sum, count() AS n FROM (${parts})`,
      {},
      { max_query_size: 10_000_000 },
    )
    return row
  }
  const places = world()
  const piece = (from: number, rows: number, seed: number) =>
    selectDays(places, [{ day: votingDay, rows, first: 5000 + from, from, seconds: 86_400 }], seed)
  const whole = await hash([piece(0, 3000, 7)])
  expect(whole?.n).toBe(3000)
  expect(await hash([piece(0, 1200, 7), piece(1200, 1800, 7)])).toEqual(whole)
  expect(await hash([piece(0, 3000, 8)])).not.toEqual(whole)
})

test('rows look like those of a busy country: all regions, phases by local day, few sources with most events', async () => {
  const Facts = z.object({
    rows: z.coerce.number(),
    regions: z.coerce.number(),
    phases: z.array(z.string()),
    quiet: z.coerce.number(),
    scores: z.coerce.number(),
    wrong: z.coerce.number(),
    late: z.coerce.number(),
    head: z.coerce.number(),
    newest: z.coerce.number(),
  })
  const [facts] = await admin.rows(
    Facts,
    `SELECT count() AS rows, uniqExact(region_code) AS regions, arraySort(groupUniqArray(phase)) AS phases, countIf(score <= 20) / rows AS quiet, max(score) AS scores,
       countIf(score != round(100 / (1 + exp(-arraySum(f -> f.points, factors) / 10)))) AS wrong, countIf(ingested_at - timestamp > 3600) AS late,
       (SELECT sum(n) FROM (SELECT count() AS n FROM siaga.events WHERE source_scope = 'public' GROUP BY source_ip ORDER BY n DESC LIMIT 1000)) / rows AS head, toUnixTimestamp(max(ingested_at)) AS newest
     FROM siaga.events`,
  )
  expect(facts).toMatchObject({ rows: EVENTS, regions: 554, wrong: 0 })
  expect(facts?.phases).toEqual(['', 'kampanye', 'masa_tenang', 'pemungutan', 'rekapitulasi'])
  expect(facts?.quiet).toBeGreaterThan(0.9)
  expect(facts?.scores).toBeGreaterThan(80)
  expect(facts?.late).toBeGreaterThan(EVENTS / 100)
  expect(facts?.head).toBeGreaterThan(0.1)
  expect(facts?.newest).toBeGreaterThan(NOW / 1000 - 600)
  expect(facts?.newest).toBeLessThan(NOW / 1000)
  expect(await rowsOf(admin, 'naive')).toBe(EVENTS)
})

describe('the 25 questions', () => {
  test('have names of their own', () => {
    expect(new Set(asked.map(({ name }) => name)).size).toBe(25)
  })

  test('are answered alike by rollups or indexes and by the plain table, and not by nothing', async () => {
    for (const { name, good, naive } of asked) {
      const [one, other] = [await ask(reader, good), await ask(reader, naive)]
      expect({ name, data: one.data }).toEqual({ name, data: other.data })
      expect(one.data.length, name).toBeGreaterThan(0)
    }
  })
})

test('what a run has landed is forgotten before the next one, from events and their sums', async () => {
  const rows = () =>
    admin.rows(
      z.unknown(),
      `SELECT (SELECT count() FROM siaga.events) AS events, (SELECT sum(events) FROM siaga.activity_minutes) AS minutes,
         (SELECT sum(events) FROM siaga.top_hours) AS tops, (SELECT sum(events) FROM siaga.ingest_lag) AS lag`,
    )
  const before = await rows()
  const { url, users } = services.clickhouse
  const pipeline = createClickHouse({ url, ...users.pipeline })
  const landing = await startLanding(pipeline, 1000)
  await expect.poll(() => landing.progress().rows, { timeout: 30_000 }).toBeGreaterThan(0)
  await landing.stop()
  await pipeline.close()
  expect(await rows()).not.toEqual(before)
  await forgetLanded(admin)
  expect(await rows()).toEqual(before)
})
