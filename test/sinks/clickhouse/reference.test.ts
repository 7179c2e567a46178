// Are regions, assets and election windows in ClickHouse what the configuration says, for everybody who may know them, and never a part of it?
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type RoomScope, roomUserName } from '../../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../../deploy/clickhouse/users.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { loadReference, phaseAt, type Reference, shippedCalendars } from '../../../runtime/reference.ts'
import { keepReference, type ReferenceOptions, referenceTables } from '../../../sinks/clickhouse/reference.ts'
import { type OwnServices, startOwnServices } from '../../services.ts'

const rooms: RoomScope[] = [
  { id: 'jabar', name: '', region: '32', owner: 'pemda', sees: [] },
  { id: 'pusat', name: '', region: '00', owner: 'bssn', sees: [] },
]
const asset = (id: string, region: string, owner: string, name = '') => ({
  id,
  name,
  url: '',
  region,
  owner,
  criticality: 'high' as const,
})
const assets = [
  asset('situs-bandung', '32.73', 'pemda', 'Situs "Kota" Bandung\t\\'),
  asset('sirekap', '32', 'kpu', 'Sirekap'),
  asset('situs-jakarta', '31', 'pemda', 'Situs Jakarta'),
]
const N = z.object({ n: z.coerce.number() })
const Name = z.object({ name: z.string() })

let services: OwnServices
let admin: ClickHouse
let reference: Reference
const clients: ClickHouse[] = []
const client = (username: string, password: string): ClickHouse => {
  const made = createClickHouse({ url: services.clickhouse.url, username, password })
  clients.push(made)
  return made
}
const asRoom = (id: string) => client(roomUserName(id), clickhousePassword(services.masterKey, roomUserName(id)))

beforeAll(async () => {
  services = await startOwnServices({ kafka: false, migrated: true, rooms })
  const { username, password } = services.clickhouse.users.admin
  admin = client(username, password)
  reference = loadReference({ calendars: [...shippedCalendars] }, '.')
})
afterAll(async () => {
  await Promise.all(clients.map((one) => one.close()))
  await services?.stop()
})

const count = async (table: string, as = admin): Promise<number> =>
  (await as.rows(N, `SELECT count() AS n FROM siaga.${table}`))[0]?.n ?? -1
const partsOf = async (): Promise<string[]> =>
  (
    await admin.rows(
      Name,
      "SELECT concat(table, ' ', name) AS name FROM system.parts WHERE database = 'siaga' AND active AND table IN ('region_names', 'asset_names', 'election_windows') ORDER BY name",
    )
  ).map(({ name }) => name)

test('the tables hold the configuration, and a second time nothing is written', async () => {
  expect(await keepReference(admin, { reference, assets })).toEqual(['region_names', 'asset_names', 'election_windows'])
  expect(await count('region_names')).toBe(reference.regions.size)
  const rows = await admin.rows(
    z.record(z.string(), z.string()),
    "SELECT * FROM siaga.region_names WHERE region_code IN ('00', '32', '32.73', '32.04', '94') ORDER BY region_code",
  )
  expect(rows).toEqual([
    { region_code: '00', name: 'Nasional', level: 'nasional', parent: '', zone: 'WIB' },
    { region_code: '32', name: 'Jawa Barat', level: 'provinsi', parent: '', zone: 'WIB' },
    { region_code: '32.04', name: 'Kabupaten Bandung', level: 'kabupaten', parent: '32', zone: 'WIB' },
    { region_code: '32.73', name: 'Kota Bandung', level: 'kota', parent: '32', zone: 'WIB' },
    { region_code: '94', name: 'Papua Tengah', level: 'provinsi', parent: '', zone: 'WIT' },
  ])
  const names = await admin.rows(Name, 'SELECT name FROM siaga.asset_names ORDER BY asset_id')
  expect(names.map(({ name }) => name)).toEqual(['Sirekap', 'Situs "Kota" Bandung\t\\', 'Situs Jakarta'])
  const before = await partsOf()
  expect(await keepReference(admin, { reference, assets })).toEqual([])
  expect(await partsOf()).toEqual(before)
})

test('names of kabupaten and kota agree with the level that their code gives', async () => {
  const odd = await admin.rows(
    z.object({ name: z.string(), level: z.string() }),
    "SELECT name, level FROM siaga.region_names WHERE level = 'kota' AND NOT startsWith(name, 'Kota') OR level = 'kabupaten' AND NOT startsWith(name, 'Kabupaten')",
  )
  expect(odd).toEqual([])
})

test('only what differs is replaced, and what is gone is gone', async () => {
  const renamed = new Map(reference.regions)
  renamed.set('32.73', { code: '32.73', name: 'Kota Kembang', zone: 'WIB', lat: -6.9, lng: 107.6 })
  expect(await keepReference(admin, { reference: { ...reference, regions: renamed }, assets: [] })).toEqual([
    'region_names',
    'asset_names',
  ])
  expect(await count('asset_names')).toBe(0)
  const told = async () =>
    (await asRoom('jabar').rows(Name, "SELECT dictGet('siaga.regions', 'name', '32.73') AS name"))[0]?.name
  expect(await told()).toBe('Kota Kembang')
  expect(await keepReference(admin, { reference, assets })).toEqual(['region_names', 'asset_names'])
  expect(await told()).toBe('Kota Bandung')
})

test('two processes at once with different configurations: readers see one of them whole, and one stays', async () => {
  const many = (owner: string, n: number): ReferenceOptions => ({
    reference,
    assets: Array.from({ length: n }, (_, at) => asset(`a-${at}`, '32', owner)),
  })
  const [one, two] = [many('kpu', 300), many('bawaslu', 500)]
  await keepReference(admin, one)
  let working = true
  const seen = new Set<string>()
  const reading = (async () => {
    while (working) {
      const rows = await admin.rows(
        z.object({ owner: z.string(), n: z.coerce.number() }),
        'SELECT owner, count() AS n FROM siaga.asset_names GROUP BY owner',
      )
      seen.add(JSON.stringify(rows))
    }
  })()
  for (let round = 0; round < 6; round++) await Promise.all([keepReference(admin, one), keepReference(admin, two)])
  working = false
  await reading
  const whole = ['kpu 300', 'bawaslu 500'].map((text) => {
    const [owner, n] = text.split(' ')
    return JSON.stringify([{ owner, n: Number(n) }])
  })
  expect([...seen].filter((text) => !whole.includes(text))).toEqual([])
  expect(seen.size).toBe(2)
  expect([300, 500]).toContain(await count('asset_names'))
  const strays = await admin.rows(
    Name,
    "SELECT name FROM system.tables WHERE database = 'siaga' AND name LIKE '%\\_next\\_%'",
  )
  expect(strays).toEqual([])
  await keepReference(admin, { reference, assets })
})

test('what a killed process left is dropped, what another one works on is not', async () => {
  await admin.command('CREATE TABLE siaga.asset_names_next_0 AS siaga.asset_names')
  await keepReference(admin, { reference, assets })
  expect(await count('asset_names_next_0')).toBe(0)
  await keepReference(admin, { reference, assets, strayAfterSeconds: 0 })
  const left = await admin.rows(Name, "SELECT name FROM system.tables WHERE name = 'asset_names_next_0'")
  expect(left).toEqual([])
})

test('windows and the dictionary of elections are phaseAt, to the second, in every zone', async () => {
  const windows = referenceTables({ reference, assets }).find(({ name }) => name === 'election_windows')
  expect(await count('election_windows')).toBe(windows?.rows.length)
  const codes = ['00', '31', '32.73', '51', '73.71', '94', '94.01', '']
  // The moments at which something changes anywhere, and those beside them.
  const edges = [
    ...new Set(windows?.rows.flatMap(([, , code, from, to]) => (codes.includes(String(code)) ? [from, to] : []))),
  ]
  const moments = edges.map(Number).flatMap((at) => [at - 1, at, at + 1])
  const questions = codes.flatMap((code) => moments.map((at) => ({ code, at })))
  const answers = await asRoom('jabar').rows(
    z.object({ election: z.string(), phase: z.string() }),
    `SELECT dictGet('siaga.elections', ('election', 'phase'), q.1, toDateTime(q.2, 'UTC')) AS found, found.1 AS election, found.2 AS phase
     FROM (SELECT arrayJoin(arrayZip({codes:Array(String)}, {times:Array(UInt32)})) AS q)`,
    { codes: questions.map(({ code }) => code), times: questions.map(({ at }) => at) },
  )
  expect(questions.length).toBeGreaterThan(500)
  const expected = questions.map(({ code, at }) => {
    const hit = phaseAt(reference, code, at * 1000)
    return { election: hit?.election ?? '', phase: hit?.phase ?? '' }
  })
  expect(answers).toEqual(expected)
})

test('a phase without an end lasts', async () => {
  const open = new Map([
    [
      '32',
      {
        intervals: [{ election: 'x', phase: 'sengketa' as const, from: 0, to: Infinity }],
        from: 0,
        to: 0,
        hit: undefined,
      },
    ],
  ])
  const table = referenceTables({ reference: { regions: reference.regions, phases: open }, assets: [] })
  expect(table.find(({ name }) => name === 'election_windows')?.rows).toEqual([['x', 'sengketa', '32', 0, 4294967295]])
})

test('a room reads regions and windows like everybody, and assets of its own region and owner alone', async () => {
  const jabar = asRoom('jabar')
  expect(await count('region_names', jabar)).toBe(reference.regions.size)
  expect(await count('regions', jabar)).toBe(reference.regions.size)
  const mine = await jabar.rows(Name, 'SELECT asset_id AS name FROM siaga.asset_names')
  expect(mine).toEqual([{ name: 'situs-bandung' }])
  expect(await count('asset_names', asRoom('pusat'))).toBe(3)
  const dictionaries = await admin.rows(
    Name,
    "SELECT name FROM system.dictionaries WHERE database = 'siaga' ORDER BY name",
  )
  expect(dictionaries.map(({ name }) => name)).toEqual(['elections', 'regions'])
})

test('nobody can log in as the user of the dictionaries, and none stands in their statements', async () => {
  for (const from of ['127.0.0.1', '::1']) {
    const response = await fetch(`${services.clickhouse.url}/?query=SELECT+1`, {
      headers: { 'X-ClickHouse-User': 'default', 'X-ClickHouse-Key': '', 'X-Forwarded-For': from },
    })
    expect(await response.text()).toContain('USER_SESSION_LIMIT_EXCEEDED')
  }
  const made = await admin.rows(
    z.object({ text: z.string() }),
    "SELECT create_table_query AS text FROM system.tables WHERE database = 'siaga' AND engine = 'Dictionary'",
  )
  expect(made).toHaveLength(2)
  for (const { text } of made) expect(text).not.toMatch(/password|user/i)
})
