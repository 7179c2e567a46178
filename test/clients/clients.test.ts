// Do the clients that people bring work with a room's user as they come: clickhouse-connect for Python, the notebook, the JDBC driver?
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { query } from '../embedded/clickhouse-http.ts'
import { codeCells, investigate } from './notebook.ts'
import { type ClientRig, startClientRig } from './rig.ts'
import { ALERT_ID, ATTACKER, EVENTS_OF_A_PLACE } from './seed.ts'
import { answersOf, jdbcDriver, pythonWith } from './tools.ts'

// Asked for here: whether there is anything to test is known before the tests are listed.
const [python, jdbc] = await Promise.all([pythonWith('requirements.txt'), jdbcDriver()])

let rig: ClientRig
beforeAll(async () => {
  rig = await startClientRig()
})
afterAll(() => rig?.stop())

function environment(room: string): Record<string, string> {
  const { username, password } = rig.login(room)
  return {
    ROOM_HOST: rig.host,
    ROOM_PORT: String(rig.port),
    ROOM_USER: username,
    ROOM_PASSWORD: password,
    ROOM_URL: `jdbc:clickhouse://${rig.host}:${rig.port}/siaga`,
  }
}

/** What every client answers for room jabar. */
const same = {
  parameters: String(2 * EVENTS_OF_A_PLACE),
  mistake: expect.stringMatching(/^refused .*no_such_column.*UNKNOWN_IDENTIFIER/),
  insert: expect.stringMatching(/^refused .*ACCESS_DENIED/),
  create: expect.stringMatching(/^refused .*ACCESS_DENIED/),
  delete: expect.stringMatching(/^refused .*ACCESS_DENIED/),
  internal: expect.stringMatching(/^refused .*ACCESS_DENIED/),
  elsewhere: '0',
  beyond: expect.stringMatching(/^refused .*SETTING_CONSTRAINT_VIOLATION/),
}

/** What the notebook says of the made attack, whoever of the two asks. */
const investigated = {
  peringatan: `${ALERT_ID}: critical, Passwords guessed, ${ATTACKER}, 32.73`,
  berhasil: "gagal · failed 40, berhasil · succeeded 1 ['admin'], sesudahnya · afterwards 19",
  kesimpulan: expect.stringMatching(/^BERHASIL MASUK · GOT IN\n[\s\S]*"failed_logins": 40/),
  bukti: '4 berkas · files: kesimpulan.json, peristiwa.csv, pertanyaan.json, temuan.csv',
}

describe.skipIf(python.missing !== undefined)(`clickhouse-connect ${python.missing ?? ''}`, () => {
  test('asks, reads 100,000 rows, is told of mistakes, and is refused the rest', async () => {
    if (python.missing !== undefined) return
    const file = join(import.meta.dirname, 'python', 'room.py')
    const answers = await answersOf(python.tool, [file], environment('jabar'))
    expect(answers).toMatchObject({
      ...same,
      version: '1.12.0',
      rows: "100000 ['32.73|', '32.73|kpu', '32|kpu', '32|pemda'] True 0",
      streamed: '100000',
      zone: '1970-01-01 09:00:00',
      tables: expect.stringContaining("'alerts'"),
      tree: "(['siaga'], True, ['alert_id', 'dedup_key'], 2)",
    })
  })

  test('names the person behind a shared user in the audit of queries', async () => {
    await rig.admin.command('SYSTEM FLUSH LOGS query_log')
    const Row = z.object({ outcomes: z.array(z.string()) })
    const rows = await rig.admin.rows(
      Row,
      "SELECT arraySort(groupUniqArray(outcome)) AS outcomes FROM siaga.query_audit WHERE person = 'Dewi' AND client LIKE '%clickhouse-connect%'",
    )
    expect(rows).toEqual([{ outcomes: ['finished', 'refused'] }])
  })
})

describe.skipIf(python.missing !== undefined)(`the notebook, its code alone ${python.missing ?? ''}`, () => {
  test('leads from the alert to a conclusion and evidence, as the centre across regions', async () => {
    if (python.missing !== undefined) return
    const { answers, evidence } = await investigate(python.tool, 'plain', rig, 'pusat')
    expect(answers).toMatchObject(investigated)
    expect(answers.wilayah).toBe('Wilayah lain · Other regions: (tidak diketahui · unknown), 31.74')
    expect(evidence).toEqual({ events: 100, sums: 'agree' })
  })

  test('sees of it what the room sees, and names no other region', async () => {
    if (python.missing !== undefined) return
    const { answers, evidence } = await investigate(python.tool, 'plain', rig, 'jabar')
    expect(answers).toMatchObject(investigated)
    expect(answers.wilayah).toBe('Wilayah lain · Other regions: tidak terlihat · none seen')
    expect(evidence).toEqual({ events: 60, sums: 'agree' })
  })

  test("ends at once at another region's alert", async () => {
    if (python.missing !== undefined) return
    const other = investigate(python.tool, 'plain', rig, 'jabar', 'alert-15')
    await expect(other).rejects.toThrow('No alert that you may see')
  })
})

test('the notebook holds no answers of anybody', () => {
  expect(codeCells().filter(({ outputs, execution_count }) => outputs.length > 0 || execution_count !== null)).toEqual(
    [],
  )
})

describe.skipIf(jdbc.missing !== undefined)(`clickhouse-jdbc ${jdbc.missing ?? ''}`, () => {
  test('asks, reads 100,000 rows, is told of mistakes, is refused the rest, and shows its tree of tables', async () => {
    if (jdbc.missing !== undefined) return
    const { java, classPath } = jdbc.tool
    const file = join(import.meta.dirname, 'jdbc', 'Room.java')
    const answers = await answersOf(java, ['-cp', classPath, file], environment('jabar'))
    expect(answers).toMatchObject({
      ...same,
      version: '0.11.1',
      rows: '100000 [32.73|, 32.73|kpu, 32|kpu, 32|pemda]',
      limit: '1',
      databases: '[siaga]',
      tables: expect.stringContaining('alerts, '),
      columns: expect.stringContaining('alert_id, dedup_key, '),
    })
  })
})

// Of the shapes that drivers and tools ask for their trees of tables and completion, put together by hand; what the drivers above ask they ask themselves.
const ofTools = [
  'SELECT 1',
  'SELECT timezone(), version()',
  'SELECT currentUser(), currentDatabase(), hostName()',
  'SELECT name FROM system.databases ORDER BY name',
  "SELECT * FROM system.tables WHERE database = 'siaga'",
  "SELECT database, name, engine, comment, total_rows FROM system.tables WHERE database = 'siaga' AND is_temporary = 0",
  "SELECT name, comment, engine LIKE '%View' FROM system.tables WHERE is_temporary = 0 AND database = database()",
  "SELECT * FROM system.columns WHERE database = 'siaga' AND table = 'alerts' ORDER BY position",
  "SELECT table, name, type, position, comment, is_in_primary_key FROM system.columns WHERE database = database() AND default_kind <> 'ALIAS'",
  'SELECT * FROM system.data_type_families',
  'SELECT * FROM system.functions',
  'SELECT name FROM system.formats',
  'SELECT * FROM system.completions LIMIT 100',
  'SELECT name, value FROM system.settings',
  'SHOW DATABASES',
  'SHOW TABLES FROM siaga',
  'EXISTS TABLE siaga.alerts',
  'DESCRIBE TABLE siaga.alerts',
  'SHOW CREATE TABLE siaga.alerts',
]

test.each(ofTools)('tools may ask, as a room: %s', async (sql) => {
  const text = await query(rig.services, rig.login('jabar'), sql, { database: 'siaga' })
  expect(text).not.toBe('')
})

// They tell of the server or of sizes; tools that ask for them show that part empty (docs/clients.md).
const refused = [
  'information_schema.tables',
  'system.dictionaries',
  'system.parts',
  'system.data_skipping_indices',
  'system.keywords',
]

test.each(refused)('and not of %s', async (table) => {
  const asked = query(rig.services, rig.login('jabar'), `SELECT * FROM ${table} LIMIT 1`)
  await expect(asked).rejects.toThrow('ACCESS_DENIED')
})
