import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createClickHouse } from '../../../runtime/clickhouse.ts'
import { refusalOfQuery } from '../../../web/answer-refused.ts'
import { parametersOf } from '../../../web/app/pages/console/parameters-of.ts'
import { statementAt } from '../../../web/app/pages/console/statement-at.ts'
import { event, type Person, type Rig, startRig } from '../explore/rig.ts'

const now = Date.now()
let rig: Rig
beforeAll(async () => {
  rig = await startRig()
  await rig.insert([
    event(now - 60_000, { region_code: '32.73', owner: 'pemda', message: 'ours', network_bytes: '9007199254740993' }),
    event(now - 60_000, { region_code: '51.71', owner: 'pemda', message: 'theirs' }),
    event(now - 60_000, { region_code: '32.73', owner: 'kpu', message: 'of the commission' }),
  ])
})
afterAll(() => rig?.stop())

const run = async (person: Person, query: string, params: Record<string, string> = {}) => {
  const { status, pieces } = await rig.post(person, '/api/sql/run', { query, params })
  expect(status).toBe(200)
  return {
    pieces,
    rows: pieces.flatMap((piece): unknown[] => (piece.kind === 'rows' && Array.isArray(piece.rows) ? piece.rows : [])),
    last: pieces.at(-1),
  }
}

test('columns with types, rows, and how much was read; no digit is lost', async () => {
  const { pieces, rows, last } = await run(
    'citra',
    'SELECT message, network_bytes, NULL AS n FROM events ORDER BY message;\n',
  )
  expect(pieces[0]).toMatchObject({ kind: 'progress' })
  expect(pieces.find(({ kind }) => kind === 'columns')).toEqual({
    kind: 'columns',
    names: ['message', 'network_bytes', 'n'],
    types: ['String', 'UInt64', 'Nullable(Nothing)'],
  })
  expect(rows).toEqual([['ours', '9007199254740993', null]])
  expect(last).toMatchObject({ kind: 'done', rows: 1, cut: '' })
  expect(Number(last?.read_rows)).toBeGreaterThan(0)
})

test('parameters are values, whatever stands in them', async () => {
  for (const value of [`'; DROP TABLE events; --`, 'a\tb\nc\\d', '\u202e {x:String} 漢字 🗳️', ''])
    expect((await run('citra', 'SELECT {v:String} AS v', { v: value })).rows).toEqual([[value]])
  expect((await run('citra', 'SELECT {v:UInt8}', { v: '1; SELECT 2' })).last).toMatchObject({ kind: 'failed' })
  expect((await rig.post('citra', '/api/sql/run', { query: 'SELECT 1', params: { 'a=1&readonly': '0' } })).status).toBe(
    400,
  )
})

describe('as the room', () => {
  test('each sees its rows', async () => {
    const seen = async (person: Person) =>
      (await run(person, 'SELECT message FROM siaga.events ORDER BY message')).rows.flat()
    expect(await seen('citra')).toEqual(['ours'])
    expect(await seen('dewi')).toEqual(['theirs'])
    expect(await seen('ani')).toEqual(['of the commission', 'ours', 'theirs'])
  })

  test.each([
    ['INSERT INTO siaga.events (message) VALUES (1)', 'INSERT'],
    ['DROP TABLE siaga.events', 'DROP'],
    ["SELECT * FROM url('http://127.0.0.1/', CSV, 'a String')", 'an address'],
    ['SELECT * FROM system.users', 'users'],
    ['SELECT 1 SETTINGS readonly = 0', 'rights'],
    ['SELECT 1 SETTINGS log_queries = 0', 'the trail'],
    ['SELECT 1; SELECT 2', 'two statements'],
    ['KILL QUERY WHERE 1', 'ending others'],
  ])('%s is refused (%s)', async (query) => {
    const { last } = await run('citra', query)
    expect(last).toMatchObject({ kind: 'failed', refusal: { message: expect.any(String), pesan: expect.any(String) } })
  })

  test('a role without the console has none', async () => {
    for (const person of ['budi', 'eko'] as const) {
      expect((await rig.post(person, '/api/sql/run', { query: 'SELECT 1' })).status).toBe(403)
      for (const path of ['catalog', 'hunts'])
        expect(
          (await rig.app.inject({ url: `/api/sql/${path}`, headers: { authorization: `Bearer ${person}` } }))
            .statusCode,
        ).toBe(403)
    }
  })

  test('the person stands in the audit trail', async () => {
    await run('citra', "SELECT 'looking for 3204010101900001', 42 AS audited_by_person")
    await rig.admin.command('SYSTEM FLUSH LOGS')
    const rows = await rig.admin.rows(
      z.object({ user: z.string(), person: z.string(), region_code: z.string(), query: z.string() }),
      "SELECT user, person, region_code, query FROM siaga.query_audit WHERE query LIKE '%audited_by_person%' AND user LIKE 'siaga_room%'",
    )
    expect(rows).toEqual([
      {
        user: 'siaga_room_jabar',
        person: 'citra',
        region_code: expect.any(String),
        query: expect.not.stringContaining('3204010101900001'),
      },
    ])
  })
})

test('a mistake is told with its place, counted in characters', async () => {
  const query = "SELECT '🗳️é' AS a,\n  b FRM events"
  const { last } = await run('citra', query)
  expect(last).toMatchObject({ kind: 'failed', refusal: { error: 'SYNTAX_ERROR' }, at: query.indexOf('events') })
  expect((await run('citra', 'SELECT nope FROM events')).last).toMatchObject({
    kind: 'failed',
    at: null,
    detail: expect.stringContaining('nope'),
  })
})

test('an answer is cut by rows and by bytes, and says so', async () => {
  const many = await run('citra', 'SELECT number FROM numbers(100000)')
  expect(many.rows).toHaveLength(10_000)
  expect(many.last).toMatchObject({ kind: 'done', rows: 10_000, cut: 'rows' })
  const exact = await run('citra', 'SELECT number FROM numbers(10000)')
  expect(exact.last).toMatchObject({ kind: 'done', rows: 10_000, cut: '' })
  const large = await run('citra', "SELECT repeat('x', 100000) AS x FROM numbers(1000)")
  expect(large.last).toMatchObject({ kind: 'done', cut: 'bytes' })
  expect(large.rows.length).toBeLessThan(250)
})

test('a format of the statement comes as text, bytes do not', async () => {
  const { pieces } = await run('citra', 'SELECT 1 AS a, 2 AS b FORMAT Vertical')
  const text = pieces.flatMap(({ kind, text: part }) => (kind === 'text' ? [String(part)] : [])).join('')
  expect(text).toContain('Row 1:')
  expect((await run('citra', 'SELECT 1 FORMAT Parquet')).pieces.filter(({ kind }) => kind === 'text')).toEqual([
    { kind: 'text', text: '', format: 'Parquet' },
  ])
  for (const query of ['DESCRIBE siaga.events', 'EXPLAIN SELECT 1', 'SHOW TABLES'])
    expect((await run('citra', query)).last, query).toMatchObject({ kind: 'done' })
})

test('a failure halfway ends in what failed, never in done', async () => {
  const { last } = await run(
    'citra',
    "SELECT repeat('x', 1000), throwIf(number = 5000) FROM numbers(6000) SETTINGS max_block_size = 100",
  )
  expect(last).toMatchObject({ kind: 'failed' })
})

test('stopping ends the query in the server', async () => {
  await rig.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = rig.app.server.address() as AddressInfo
  const running = async (): Promise<number> => {
    const [row] = await rig.admin.rows(
      z.object({ n: z.coerce.number() }),
      "SELECT count() AS n FROM system.processes WHERE user = 'siaga_room_jabar' AND query LIKE '%stopped_by_hand%'",
    )
    return row?.n ?? -1
  }
  const until = async (wanted: number): Promise<void> => {
    for (let tries = 0; tries < 400; tries++) {
      if ((await running()) === wanted) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`there are ${await running()} queries, not ${wanted}`)
  }
  const stop = new AbortController()
  const answer = await fetch(`http://127.0.0.1:${port}/api/sql/run`, {
    method: 'POST',
    headers: { authorization: 'Bearer citra', 'content-type': 'application/json' },
    body: JSON.stringify({
      query:
        "SELECT sleepEachRow(0.25), 'stopped_by_hand' FROM numbers(100) SETTINGS max_block_size = 1, max_execution_time = 60",
    }),
    signal: stop.signal,
  })
  expect(answer.status).toBe(200)
  await until(1)
  stop.abort()
  await until(0)
  // The place is given back: the same session may ask again, and again.
  for (let n = 0; n < 6; n++) expect((await run('citra', 'SELECT 1')).last).toMatchObject({ kind: 'done' })
})

test('what the store refuses is no failure of ours, and is said in both languages', async () => {
  const clickhouse = createClickHouse(rig.optionsOf('jabar'))
  const said = async (query: string, settings = {}) =>
    refusalOfQuery(await clickhouse.rows(z.unknown(), query, {}, settings).catch((error: unknown) => error))
  expect(await said('SELECT * FROM system.users')).toMatchObject({
    code: 'QUERY_REFUSED',
    status: 422,
    body: { pesan: expect.stringContaining('tidak boleh') },
  })
  expect(
    await said('SELECT sleepEachRow(1) FROM numbers(9)', { max_execution_time: 1, max_block_size: 1 }),
  ).toMatchObject({ code: 'QUERY_REFUSED', body: { message: expect.stringContaining('longer') } })
  expect(await said('SELECT count() FROM siaga.events', { max_rows_to_read: 1 })).toMatchObject({
    code: 'QUERY_REFUSED',
  })
  await clickhouse.close()
})

test('what completion knows is what the room may read', async () => {
  const catalog = async (person: Person) => {
    const answer = await rig.app.inject({ url: '/api/sql/catalog', headers: { authorization: `Bearer ${person}` } })
    return z
      .object({
        tables: z.array(
          z.object({ name: z.string(), columns: z.array(z.object({ name: z.string(), comment: z.string() })) }),
        ),
        functions: z.array(z.string()),
        keywords: z.array(z.string()),
      })
      .parse(answer.json())
  }
  const own = await catalog('citra')
  const names = own.tables.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['events', 'peristiwa', 'findings']))
  expect(names.filter((name) => name.endsWith('_mv') || name === 'stream_ranges')).toEqual([])
  expect(
    own.tables.find(({ name }) => name === 'events')?.columns.find(({ name }) => name === 'source_ip')?.comment,
  ).toContain('Alamat asal')
  expect(own.functions).toContain('uniqExact')
})

test('saved hunts are listed with their parameters, and run as the room', async () => {
  const answer = await rig.app.inject({ url: '/api/sql/hunts', headers: { authorization: 'Bearer citra' } })
  const { hunts } = z
    .object({
      hunts: z.array(
        z.object({
          id: z.string(),
          query: z.string(),
          scope: z.string(),
          parameters: z.array(z.object({ name: z.string(), type: z.string(), default: z.string(), id: z.string() })),
        }),
      ),
    })
    .parse(answer.json())
  expect(hunts.length).toBeGreaterThan(50)
  for (const hunt of hunts) {
    // What the page finds in the text is what the head declares.
    expect(
      parametersOf(hunt.query)
        .map(({ name }) => name)
        .sort(),
      hunt.id,
    ).toEqual(hunt.parameters.map(({ name }) => name).sort())
  }
  for (const hunt of hunts.filter(({ scope }) => scope === 'regional').slice(0, 6)) {
    const values = Object.fromEntries(hunt.parameters.map(({ name, default: value }) => [name, value]))
    const { last } = await run('citra', hunt.query, {
      ...values,
      since: '2026-01-01 00:00:00',
      until: '2026-01-02 00:00:00',
    })
    expect(last, hunt.id).toMatchObject({ kind: 'done' })
  }
})

test('the statement at the cursor, with semicolons in strings and comments', () => {
  const text = "SELECT ';' ;\n-- a; b\nSELECT 2 /* ; */;  \n"
  expect(statementAt(text, 0)).toEqual({ text: "SELECT ';' ", from: 0 })
  expect(statementAt(text, 20).text.trim()).toBe('-- a; b\nSELECT 2 /* ; */')
  expect(statementAt(text, text.length).text.trim()).toBe('-- a; b\nSELECT 2 /* ; */')
  expect(statementAt('SELECT 1', 3)).toEqual({ text: 'SELECT 1', from: 0 })
})
