// Does a room's user ever get a row, a word or a connection that is not the room's?
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { roomUserName, scopeFilter } from '../../deploy/clickhouse/rooms.ts'
import { tableAccess, tablesFor } from '../../deploy/clickhouse/tables.ts'
import { mayRead } from '../../runtime/scope.ts'
import { query } from '../embedded/clickhouse-http.ts'
import { attacks } from './access/attacks.ts'
import { fileAttacks, functionArguments } from './access/files.ts'
import { type AccessRig, attacker, foreignIn, places, ROWS, rooms, startAccessRig } from './access/rig.ts'
import { harmlessSystemTables } from './access/system-tables.ts'
import { callsOf, judged } from './access/table-functions.ts'

const Name = z.object({ name: z.string() })

/** Views that are asked with parameters. */
const parameterised: Readonly<Record<string, string>> = {
  entity_risk_at: "entity_risk_at(at = now('UTC'), half_life_hours = 24)",
  perbandingan_tahapan: "perbandingan_tahapan(pemilihan = 'a', sebelumnya = 'b', tahapan = 'c', wilayah = '')",
  phase_comparison: "phase_comparison(election = 'a', earlier = 'b', phase = 'c', region = '')",
}
const tried: string[] = []
let rig: AccessRig
let turn = 0
beforeAll(async () => {
  rig = await startAccessRig()
})
afterAll(async () => {
  await rig?.stop()
  process.stdout.write(`${tried.join('\n')}\n`)
})

const namesOf = async (sql: string): Promise<string[]> => (await rig.admin.rows(Name, sql)).map(({ name }) => name)

/** As one of many users with the attacker's rights: some ways make more errors than the quota of one. */
const attempt = (sql: string) => {
  turn += 1
  return rig.attempt(`penguji-${turn % 24}`, sql)
}

function note(way: string, sql: string, answered: boolean): void {
  tried.push(
    `${(answered ? 'answered' : 'refused').padEnd(9)} ${way.padEnd(42)} ${sql.replace(/\s+/g, ' ').slice(0, 140)}`,
  )
}

describe('a room of region 32 that sees kpu', () => {
  test('has rows of others all around it', async () => {
    const all = await rig.admin.rows(z.object({ n: z.coerce.number() }), 'SELECT count() AS n FROM siaga.events')
    expect(all).toEqual([{ n: ROWS }])
    expect(places.filter((place) => mayRead(attacker, place)).length).toBe(6)
    const answer = await attempt('SELECT groupUniqArray(message) FROM events')
    expect(answer.text).toContain('R[32.73|kpu]')
    expect(foreignIn(attacker, 'R[31|pemda]1 R[32|kpu] R[320|pemda] R[|]')).toEqual([
      'R[31|pemda]',
      'R[320|pemda]',
      'R[|]',
    ])
  })

  test.each(attacks)('$way: $sql', async ({ way, sql, outcome }) => {
    const { answered, text } = await attempt(sql)
    note(way, sql, answered)
    expect(foreignIn(attacker, text)).toEqual([])
    expect({ answered, text: answered ? '' : text.slice(0, 300) }).toMatchObject({ answered: outcome !== 'refused' })
    if (typeof outcome !== 'string') {
      const expected = await rig.admin.rows(z.record(z.string(), z.unknown()), outcome.same)
      const values = expected.flatMap((row) => Object.values(row)).map(String)
      expect(text.split('\t')).toEqual(values)
    }
  })

  test('stops no merge: without a table the server passes over those that are not granted, and says nothing', async () => {
    await attempt('SYSTEM STOP MERGES')
    await rig.admin.command('OPTIMIZE TABLE siaga.verdicts FINAL SETTINGS optimize_throw_if_noop = 1')
  })

  test('another room sees its own, and one of the centre sees all', async () => {
    for (const room of rooms.slice(0, 5)) {
      const { text } = await rig.attempt(room.id, 'SELECT count(), groupUniqArray(message) FROM events')
      const expected = places.filter((place) => mayRead(room, place)).length * (ROWS / places.length)
      expect(Number(text.split('\t')[0]), room.id).toBe(expected)
      expect(foreignIn(room, text), room.id).toEqual([])
    }
  })
})

describe('every table function that the server knows', () => {
  test('is judged here, none more and none less', async () => {
    const known = await namesOf('SELECT name FROM system.table_functions')
    expect(known.filter((name) => judged[name] === undefined)).toEqual([])
  })

  test('reaches no file, no server and no other region', async () => {
    const known = await namesOf('SELECT name FROM system.table_functions ORDER BY name')
    for (const name of known) {
      const calls = callsOf(name, rig)
      let answers = 0
      for (const sql of calls) {
        const { answered, text } = await attempt(sql)
        if (answered) answers += 1
        expect(foreignIn(attacker, text), sql).toEqual([])
        expect(text, sql).not.toContain(rig.secret)
        if (judged[name] === 'empty') expect(text, sql).toMatch(/^$|^Code: /)
        else if (judged[name] !== 'harmless') expect({ sql, answered }).toEqual({ sql, answered: false })
      }
      note(`table function, ${judged[name]}`, `${name}: ${calls.length} calls, ${answers} answered`, answers > 0)
    }
    expect(rig.visits()).toBe(0)
  })

  test('of an index shows nothing, while the admin shows that there is something', async () => {
    const seen = await rig.admin.rows(
      z.unknown(),
      "SELECT region_code FROM mergeTreeIndex('siaga', 'events') WHERE region_code != ''",
    )
    expect(seen.length).toBeGreaterThan(0)
  })
})

describe('every function that the server knows', () => {
  test.each(fileAttacks)('file() is out of reach: %s', async (template) => {
    const { text } = await attempt(template.replaceAll('PATH', rig.secretFile))
    note('function file', template, false)
    expect(text).not.toContain(rig.secret)
  })

  test('given a path or an address, tells nothing of it and goes nowhere', async () => {
    const known = await namesOf('SELECT name FROM system.functions WHERE NOT is_aggregate ORDER BY name')
    expect(known.length).toBeGreaterThan(1_000)
    const calls = known
      .filter((name) => !/^sleep/i.test(name))
      .flatMap((name) => functionArguments(rig).map((values) => `SELECT \`${name}\`(${values})`))
    const hand = calls[Symbol.iterator]()
    // Eight at once: one after the other takes a minute.
    const work = async (): Promise<void> => {
      for (const sql of hand) {
        const { text } = await attempt(sql)
        expect(text, sql).not.toContain(rig.secret)
      }
    }
    await Promise.all(Array.from({ length: 8 }, work))
    tried.push(
      `answered or refused, nothing told: ${known.length} functions with ${functionArguments(rig).length} lists of arguments`,
    )
    expect(rig.visits()).toBe(0)
  }, 240_000)
})

describe('every table', () => {
  test('of siaga is classified, so that a new one is granted to nobody unseen', async () => {
    const made = await namesOf("SELECT name FROM system.tables WHERE database = 'siaga' ORDER BY name")
    expect(made).toEqual(Object.keys(tableAccess).sort())
  })

  test('that is regional has the columns that say so', async () => {
    for (const [table, access] of Object.entries(tableAccess)) {
      if (access.kind !== 'regional') continue
      const columns = await namesOf(`SELECT name FROM system.columns WHERE database = 'siaga' AND table = '${table}'`)
      expect(columns, table).toEqual(expect.arrayContaining([access.region, access.owner]))
    }
  })

  test('that is a view asks with the rights of whoever asks, and reads what it is said to read', async () => {
    const Made = z.object({ name: z.string(), text: z.string() })
    const views = await rig.admin.rows(
      Made,
      "SELECT name, create_table_query AS text FROM system.tables WHERE database = 'siaga' AND engine = 'View'",
    )
    expect(views.map(({ name }) => name).sort()).toEqual(
      Object.entries(tableAccess)
        .flatMap(([name, { kind }]) => (kind === 'view' ? [name] : []))
        .sort(),
    )
    for (const { name, text } of views) {
      const access = tableAccess[name]
      const read = new Set(
        [...text.matchAll(/\bFROM `?siaga\.(\w+)/g)].map((match) => match[1] ?? '').filter((one) => one !== name),
      )
      expect(text, name).toContain('SQL SECURITY INVOKER')
      expect([...read].sort(), name).toEqual(access?.kind === 'view' ? [...access.reads].sort() : [])
    }
  })

  test.each(Object.keys(tableAccess))('siaga.%s shows a room its own, or is refused', async (table) => {
    const granted = tablesFor({ centre: false }).includes(table)
    const sql = `SELECT * FROM siaga.${parameterised[table] ?? table}`
    const { answered, text } = await attempt(sql)
    note('tables', sql, answered)
    expect({ answered, denied: text.includes('ACCESS_DENIED') }).toEqual({ answered: granted, denied: !granted })
    expect(foreignIn(attacker, text)).toEqual([])
    const whose = places.filter((place) => mayRead(attacker, place))
    if (tableAccess[table]?.kind === 'regional') {
      for (const { region_code, owner } of whose) expect(text).toContain(`R[${region_code}|${owner}]`)
    }
    const centre = await rig.attempt('pusat', `${sql} LIMIT 1`)
    expect(centre.answered).toBe(tablesFor({ centre: true }).includes(table))
  })

  test('of the server itself is refused or harmless, and tells no size of ours', async () => {
    const known = await namesOf(
      "SELECT name FROM system.tables WHERE database IN ('system', 'information_schema') ORDER BY name",
    )
    expect(known.length).toBeGreaterThan(100)
    for (const name of await namesOf("SELECT name FROM system.tables WHERE database = 'system' ORDER BY name")) {
      const sql = `SELECT * FROM system.\`${name}\` LIMIT 1000`
      const { answered, text } = await attempt(sql)
      note('tables of the server', sql, answered)
      expect({ name, answered }).toEqual({ name, answered: harmlessSystemTables.includes(name) })
      expect(foreignIn(attacker, text)).toEqual([])
    }
    const sizes = await attempt('SELECT sum(total_rows), sum(total_bytes) FROM system.tables')
    expect(sizes.text).toBe('\\N\t\\N')
    const columns = await attempt(
      'SELECT sum(data_compressed_bytes), sum(data_uncompressed_bytes), sum(marks_bytes) FROM system.columns',
    )
    expect(columns.text).toBe('0\t0\t0')
    const bait = await attempt("SELECT name FROM system.tables WHERE throwIf(total_rows > 0, 'seen')")
    expect(bait.answered).toBe(true)
  })
})

describe('every setting', () => {
  test('that a session may change is one of the profile', async () => {
    const { profiles } = await import('../../deploy/clickhouse/profiles.ts')
    const room = profiles.find(({ name }) => name === 'siaga_room')
    const changeable = Object.entries(room?.settings ?? {}).flatMap(([name, { changeable }]) =>
      changeable ? [name] : [],
    )
    const { text } = await attempt(
      "SELECT name FROM system.settings WHERE readonly = 0 AND alias_for = '' ORDER BY name",
    )
    expect(text.split('\n')).toEqual(changeable.sort())
  })
})

describe('the filter of a room', () => {
  test('is mayRead, for every region and owner', async () => {
    const codes = [
      '',
      '0',
      '00',
      '00.01',
      '3',
      '31',
      '31.7',
      '31.74',
      '31.74.01',
      '310',
      '32',
      '32.73',
      '320',
      "3'2",
      '3%',
    ]
    const owners = ['', 'pemda', 'kpu', 'bawaslu', "o'brien", 'a\\']
    const scopes = ['00', '31', '31.74', '32'].flatMap((region) =>
      owners.map((owner) => ({ region, owner, sees: region === '32' ? ["o'brien", 'a\\'] : [] })),
    )
    for (const scope of scopes) {
      const rows = codes.flatMap((region_code) => owners.map((owner) => ({ region_code, owner })))
      const filter = scopeFilter(scope, { region: 'region_code', owner: 'owner' })
      const seen = await rig.admin.rows(
        z.object({ region_code: z.string(), owner: z.string() }),
        `SELECT region_code, owner FROM (SELECT arrayJoin(arrayZip({codes:Array(String)}, {owners:Array(String)})) AS p, p.1 AS region_code, p.2 AS owner) WHERE ${filter}`,
        { codes: rows.map(({ region_code }) => region_code), owners: rows.map(({ owner }) => owner) },
      )
      expect(seen, JSON.stringify(scope)).toEqual(rows.filter((row) => mayRead(scope, row)))
    }
  })
})

describe('the audit trail', () => {
  test('names who asked, how long and how much, and never what was looked for', async () => {
    const number = '3174066107910042'
    await rig.attempt('dki', `SELECT count() FROM events WHERE message = '${number}' AND _offset = ${number}`, {
      log_comment: 'Budi',
    })
    await rig.attempt('dki', `SELECT x${number} FROM events -- ${number}`)
    await rig.attempt('dki', `SELEC '${number}`)
    await rig.attempt('dki', "SELECT * FROM url('http://127.0.0.1:1/', 'TSV', 'a String')")
    await rig.admin.command('SYSTEM FLUSH LOGS query_log')
    const Row = z.object({
      region_code: z.string(),
      person: z.string(),
      outcome: z.string(),
      error_code: z.number(),
      read_rows: z.number(),
      tables: z.array(z.string()),
      query: z.string(),
    })
    const rows = await rig.admin.rows(
      Row,
      'SELECT region_code, person, outcome, error_code, read_rows, tables, query FROM siaga.query_audit WHERE user = {user:String} ORDER BY at DESC, error_code LIMIT 4',
      { user: roomUserName('dki') },
    )
    expect(rows).toEqual([
      expect.objectContaining({ outcome: 'refused', error_code: 497 }),
      expect.objectContaining({ outcome: 'refused', error_code: 62, query: '' }),
      expect.objectContaining({ outcome: 'refused', error_code: 47 }),
      expect.objectContaining({
        region_code: '31',
        person: 'Budi',
        outcome: 'finished',
        tables: ['siaga.events'],
        query: 'SELECT count() FROM events WHERE message = ? AND _offset = ?',
      }),
    ])
    expect(rows[3]?.read_rows).toBeGreaterThan(0)
    const { execFile } = await import('node:child_process')
    const found = await new Promise((resolve) =>
      execFile('grep', ['-rlaF', number, rig.services.dataDir], (error, stdout) =>
        resolve(error === null ? stdout : ''),
      ),
    )
    expect(found).toBe('')
  })

  test('has those who ask as siaga_reader too, whatever they set; nobody takes themselves out', async () => {
    const number = '3174066107910043'
    const reader = rig.services.clickhouse.users.reader
    const ask = (sql: string, settings: Record<string, string> = {}) => query(rig.services, reader, sql, settings)
    await ask(`SELECT count() FROM siaga.events WHERE message = '${number}'`, { log_comment: 'Sari' })
    await expect(ask(`SELECT * FROM url('http://127.0.0.1:1/${number}', 'TSV', 'a String')`)).rejects.toThrow('497')
    for (const [name, value] of [
      ['log_queries', '0'],
      ['log_queries_probability', '0'],
      ['log_queries_min_query_duration_ms', '60000'],
      ['log_queries_min_type', 'EXCEPTION_WHILE_PROCESSING'],
    ] as const) {
      await expect(ask('SELECT 1', { [name]: value }), name).rejects.toThrow('452')
      await expect(ask(`SELECT 1 SETTINGS ${name} = '${value}'`), name).rejects.toThrow('452')
      await expect(rig.attempt('dki', `SELECT 1 SETTINGS ${name} = '${value}'`)).resolves.toMatchObject({
        answered: false,
      })
    }
    await rig.admin.command('SYSTEM FLUSH LOGS query_log')
    const rows = await rig.admin.rows(
      z.object({
        region_code: z.string(),
        person: z.string(),
        outcome: z.string(),
        query: z.string(),
        duration_ms: z.number(),
        read_rows: z.number(),
      }),
      "SELECT region_code, person, outcome, query, duration_ms, read_rows FROM siaga.query_audit WHERE user = 'siaga_reader' ORDER BY at",
    )
    expect(rows[0]).toMatchObject({
      region_code: '00',
      person: 'Sari',
      outcome: 'finished',
      query: 'SELECT count() FROM siaga.events WHERE message = ?',
      read_rows: ROWS,
    })
    expect(rows[1]).toMatchObject({ outcome: 'refused', query: 'SELECT * FROM url(?..)' })
    expect(JSON.stringify(rows)).not.toContain(number)
  })
})
