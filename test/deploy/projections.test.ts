// Does a projection answer as its table does, is it made, and does it stay closed to rooms?
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type RoomScope, roomUserName } from '../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../deploy/clickhouse/users.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { mergePartition } from '../../sinks/clickhouse/merge-partition.ts'
import { completeProjections } from '../../sinks/clickhouse/projections.ts'
import { type OwnServices, startOwnServices } from '../services.ts'
import { landAll, pagesOf } from './rollups-landing.ts'

const place = (id: string, region: string): RoomScope => ({ id, name: '', region, owner: 'kpu', sees: [] })
const Projection = z.object({ table: z.string(), name: z.string(), query: z.string() })
const Parts = z.object({ made: z.coerce.number(), missing: z.coerce.number() })
const Line = z.object({ explain: z.string() })

let services: OwnServices
let admin: ClickHouse
let projections: z.infer<typeof Projection>[]
beforeAll(async () => {
  services = await startOwnServices({
    kafka: false,
    migrated: true,
    rooms: [place('jabar', '32'), place('pusat', '00')],
  })
  const { url, users } = services.clickhouse
  admin = createClickHouse({ url, ...users.admin })
  projections = await admin.rows(
    Projection,
    "SELECT table, name, query FROM system.projections WHERE database = 'siaga' ORDER BY table, name",
  )
  const pipeline = createClickHouse({ url, ...users.pipeline })
  const pages = pagesOf({ seed: 71, streams: 3, pages: 6, rows: 80, until: Date.now() - 3_600_000 })
  await landAll(pipeline, pages)
  await pipeline.close()
})
afterAll(async () => {
  await admin?.close()
  await services?.stop()
})

/** The question that a projection keeps the answer of, asked of its table; of one that keeps rows, some of them. */
const questionOf = ({ table, query }: z.infer<typeof Projection>): string =>
  query.replace(/ (GROUP|ORDER) BY /, (_, how: string) =>
    how === 'GROUP' ? ` FROM siaga.${table} GROUP BY ` : ` FROM siaga.${table} WHERE event_category = 'web' ORDER BY `,
  )

/** Parts of a table with and without the projection. */
async function parts({ table, name }: z.infer<typeof Projection>): Promise<z.infer<typeof Parts>> {
  const [found] = await admin.rows(
    Parts,
    `SELECT countIf(has(projections, {name:String})) AS made, countIf(NOT has(projections, {name:String})) AS missing
     FROM system.parts WHERE database = 'siaga' AND table = {table:String} AND active`,
    { table, name },
  )
  return found ?? { made: 0, missing: 0 }
}

/** Rows in one answer and not in the other: by the projection where `settings` lead there, and by the table alone. */
async function differing(projection: z.infer<typeof Projection>, settings: Record<string, string | number>) {
  const asked = questionOf(projection)
  const columns = await admin.rows(z.object({ name: z.string() }), `DESCRIBE (${asked})`)
  const [by, alone] = ['by', 'alone'].map((kind) => `siaga.${projection.table}_${projection.name}_${kind}`)
  const order = columns.map(({ name }) => `\`${name}\``).join(', ')
  await admin.command(`CREATE OR REPLACE TABLE ${by} ENGINE = Memory AS ${asked}`, {}, settings)
  await admin.command(
    `CREATE OR REPLACE TABLE ${alone} ENGINE = Memory AS ${asked}`,
    {},
    { optimize_use_projections: 0 },
  )
  const rows = await admin.rows(
    z.unknown(),
    `SELECT * FROM ((SELECT 'by', * FROM (SELECT ${order} FROM ${by} EXCEPT SELECT ${order} FROM ${alone}))
       UNION ALL (SELECT 'alone', * FROM (SELECT ${order} FROM ${alone} EXCEPT SELECT ${order} FROM ${by}))) LIMIT 4`,
  )
  const [count] = await admin.rows(z.object({ n: z.coerce.number() }), `SELECT count() AS n FROM ${by}`)
  await admin.command(`DROP TABLE ${by}`)
  await admin.command(`DROP TABLE ${alone}`)
  return { rows, count: count?.n ?? 0 }
}

test('those that this project has are there', () => {
  expect(projections.map(({ table, name }) => `${table}.${name}`)).toEqual([
    'activity_hours.by_phase',
    'activity_minutes.by_minute',
    'events.by_address',
    'events.by_category',
    'ingest_lag.by_minute',
    'top_hours.by_hour',
    'top_hours.by_value',
  ])
})

test('landing makes none, a merge makes all, and each answers as its table does: made, half made, and with a merge of both', async () => {
  for (const projection of projections) {
    await admin.command(`SYSTEM STOP MERGES siaga.${projection.table}`)
    const table = `siaga.${projection.table}`
    await admin.command(`INSERT INTO ${table} SELECT * FROM ${table} LIMIT 200`)
    expect((await parts(projection)).missing, projection.name).toBeGreaterThan(0)
    const half = await differing(projection, {})
    expect(half.rows, `${projection.name}, half made`).toEqual([])
    expect(half.count).toBeGreaterThan(0)
    await admin.command(`SYSTEM START MERGES ${table}`)
    await admin.command(`OPTIMIZE TABLE ${table} FINAL`)
    expect((await parts(projection)).made, projection.name).toBeGreaterThan(0)
    // A lone part waits for others, or for whoever tells the server to make it.
    await admin.command(`ALTER TABLE ${table} MATERIALIZE PROJECTION ${projection.name}`, {}, { mutations_sync: 1 })
    expect(await parts(projection), projection.name).toMatchObject({ missing: 0 })
    const made = await differing(projection, {
      force_optimize_projection: 1,
      preferred_optimize_projection_name: projection.name,
    })
    expect(made.rows, `${projection.name}, made`).toEqual([])
    expect(made.count).toBeGreaterThan(0)
  }
})

describe('a part that merges left over', () => {
  const table = 'siaga.left_over'
  let pipeline: ClickHouse
  const insert = (hour: string): Promise<unknown> =>
    admin.command(
      `INSERT INTO ${table} SELECT * REPLACE (toDateTime('${hour}', 'UTC') AS hour) FROM siaga.activity_hours`,
    )
  const found = (): Promise<z.infer<typeof Parts>> => parts({ table: 'left_over', name: 'by_phase', query: '' })
  beforeEach(async () => {
    pipeline = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.pipeline })
    await admin.command(`CREATE OR REPLACE TABLE ${table} AS siaga.activity_hours`)
    // So that only what is asked for is merged.
    await admin.command(
      `ALTER TABLE ${table} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1`,
    )
    for (const hour of ['2024-11-27 01:00:00', '2024-11-27 02:00:00', '2024-12-01 01:00:00']) await insert(hour)
    await admin.command(`OPTIMIZE TABLE ${table} PARTITION ID '202411' FINAL`)
    await insert('2024-11-27 03:00:00')
    expect(await found()).toEqual({ made: 1, missing: 2 })
  })
  afterEach(async () => {
    await admin.command(`DROP TABLE ${table}`)
    await pipeline.close()
  })

  test('is never merged with the others by the server alone', async () => {
    await admin.command(`OPTIMIZE TABLE ${table} PARTITION ID '202411' FINAL`)
    expect(await found()).toEqual({ made: 1, missing: 2 })
  })

  test('is given its projection when it is old enough, by the user who lands; a part with no other waits for its merge', async () => {
    await completeProjections(pipeline, 'siaga', { before: Date.now() - 900_000 })
    expect(await found()).toEqual({ made: 1, missing: 2 })
    await completeProjections(pipeline, 'siaga', { before: Date.now() + 900_000 })
    expect(await found()).toEqual({ made: 2, missing: 1 })
  })

  test('does not keep a partition from becoming one part', async () => {
    const rows = 'SELECT sum(events) AS n FROM siaga.left_over'
    const before = await admin.rows(z.unknown(), rows)
    await mergePartition(pipeline, table, '202411')
    expect(await found()).toEqual({ made: 1, missing: 1 })
    expect(await admin.rows(z.unknown(), rows)).toEqual(before)
  })

  test('that cannot be given one is said to be so', async () => {
    const failing: ClickHouse = {
      ...pipeline,
      rows: (schema, query, ...rest) =>
        query.includes('system.mutations')
          ? pipeline.rows(schema, "SELECT 'no space left' AS reason")
          : pipeline.rows(schema, query, ...rest),
    }
    await expect(completeProjections(failing, 'siaga', { before: Date.now() + 900_000 })).rejects.toThrow(
      'no space left',
    )
  })
})

test('rooms read the table, the centre and analysts by the projection', async () => {
  const asked = `EXPLAIN SELECT region_code, sum(events) FROM siaga.top_hours WHERE kind = 'source_ip' AND value = '203.0.113.9' GROUP BY region_code`
  const { url, users } = services.clickhouse
  const readsBy = async (username: string, password: string): Promise<boolean> => {
    const client = createClickHouse({ url, username, password })
    const lines = await client.rows(Line, asked)
    await client.close()
    expect(lines.map(({ explain }) => explain).join('\n')).toContain('ReadFromMergeTree')
    return lines.some(({ explain }) => explain.includes('(by_value)'))
  }
  const room = (id: string): [string, string] => {
    const user = roomUserName(id)
    return [user, clickhousePassword(services.masterKey, user)]
  }
  expect(await readsBy(...room('jabar'))).toBe(false)
  expect(await readsBy(...room('pusat'))).toBe(true)
  expect(await readsBy(users.reader.username, users.reader.password)).toBe(true)
})
