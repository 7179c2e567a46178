// Do BACKUP and RESTORE of a ClickHouse of one's own do what `siaga backup --clickhouse` asks of them? Tried on the embedded server, told where back-ups may lie.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Manifest, writeManifest } from '../../cli/backup/manifest.ts'
import { freeze, frozenParts, readDisks, thaw } from '../../cli/backup/parts.ts'
import { standingSchema } from '../../cli/backup/schema.ts'
import { backUpTables, checkedPlace, placeOf, restoreTables } from '../../cli/backup/server-backup.ts'
import { acquireLock } from '../../deploy/clickhouse/lock.ts'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { clickhouseCredentials } from '../../deploy/clickhouse/users.ts'
import { clickhouseService } from '../../deploy/embedded/clickhouse.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { keyName, loadMasterKey } from '../../runtime/secrets.ts'
import { siaga } from '../cli/run.ts'
import { getServices } from '../services.ts'

let dataDir = ''
let server: ChildProcess
let clickhouse: ClickHouse
let running: { masterKey: Buffer; port: number }

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'siaga-server-'))
  const [httpPort = 0, tcpPort = 0] = await pickFreePorts(2)
  const masterKey = loadMasterKey(dataDir)
  running = { masterKey, port: httpPort }
  const service = clickhouseService({ dataDir, httpPort, tcpPort, masterKey })
  const { args, env } = await service.prepare()
  const config = join(dataDir, 'clickhouse', 'config', 'config.xml')
  const backups = join(dataDir, 'clickhouse', 'backups')
  mkdirSync(backups)
  const text = readFileSync(config, 'utf8')
  writeFileSync(
    config,
    text.replace('<clickhouse>', `<clickhouse><backups><allowed_path>${backups}/</allowed_path></backups>`),
  )
  server = spawn(process.execPath, ['--experimental-ffi', '--disable-warning=ExperimentalWarning', ...args], {
    env: { ...env, SIAGA_SUPERVISOR_PID: String(process.pid) },
    stdio: 'ignore',
  })
  for (const end = Date.now() + 60_000; !(await service.check().catch(() => false)); await sleep(50))
    if (Date.now() > end) throw new Error('the server does not answer')
  clickhouse = createClickHouse({ url: `http://127.0.0.1:${httpPort}`, ...clickhouseCredentials(masterKey, 'admin') })
  await migrate(clickhouse)
})
afterAll(async () => {
  await clickhouse?.close()
  const gone = new Promise((resolve) => server?.once('exit', resolve))
  server?.kill('SIGTERM')
  await gone
  rmSync(dataDir, { recursive: true, force: true })
})

/** A manifest of a back-up that has nothing but tables. */
const sealed = (masterKey: Buffer, tables: Manifest['clickhouse']): Manifest => ({
  ...{ format: 'siaga-backup', version: 1, id: 'b'.repeat(32), siaga: '0.1.0', key: keyName(masterKey) },
  ...{ created_at: '2026-11-29T19:00:00.000Z', finished_at: '2026-11-29T19:01:00.000Z', with_master_key: false },
  kafka: { cluster_id: 'x', topics: [], alerts: { findings: -1, requests: -1 }, committed: {} },
  ...{ clickhouse: tables, accounts: null, config: [], files: [] },
})

const add = (stream: string): Promise<void> =>
  clickhouse.command(
    `INSERT INTO siaga.streams SELECT concat({stream:String}, toString(number)), 'siaga.raw', number, 'c', now64(3) FROM numbers(100)`,
    { stream },
  )
const rows = async (): Promise<number> =>
  (await clickhouse.rows(z.object({ n: z.coerce.number() }), 'SELECT count() AS n FROM siaga.streams'))[0]?.n ?? -1

test('tables go to the place that is named, an addition to it takes what it has, and both come back into empty tables', async () => {
  const template = "File('{name}')"
  const tables = ['events', 'streams']
  await add('satu-')
  const first = placeOf(template, 'satu', 0)
  await backUpTables(clickhouse, { tables, place: first, id: 'b1' })
  await add('dua-')
  const second = placeOf(template, 'dua', 0)
  await backUpTables(clickhouse, { tables, place: second, base: first, id: 'b2' })
  await clickhouse.command('TRUNCATE TABLE siaga.streams')
  await restoreTables(clickhouse, { tables, place: checkedPlace(second), id: 'r1' })
  expect(await rows()).toBe(200)
  await clickhouse.command('TRUNCATE TABLE siaga.streams')
  await restoreTables(clickhouse, { tables, place: checkedPlace(first), id: 'r2' })
  expect(await rows()).toBe(100)
})

test('a restore that is refused changes nothing, however often it is run: what the tables hold is somebody’s', async () => {
  const { masterKey, port } = running
  await clickhouse.command(
    "INSERT INTO siaga.events (event_id, source_id, message, _stream) SELECT toString(number), 'web', 'x', 's' FROM numbers(7)",
  )
  const events = async (): Promise<number> =>
    (await clickhouse.rows(z.object({ n: z.coerce.number() }), 'SELECT count() AS n FROM siaga.events'))[0]?.n ?? -1
  const home = join(dataDir, 'another')
  const folder = join(home, '20261129T190000Z')
  const steps = [{ place: placeOf("File('{name}')", 'satu', 0), tables: ['events', 'streams'] }]
  await writeManifest(folder, sealed(masterKey, { kind: 'server', migrations: [], steps }), masterKey)
  const { username, password } = clickhouseCredentials(masterKey, 'admin')
  const env = {
    SIAGA_DATA_DIR: join(home, 'data'),
    SIAGA_MASTER_KEY: masterKey.toString('hex'),
    KAFKA_BROKERS: (await getServices()).brokers.join(','),
    CLICKHOUSE_URL: `http://127.0.0.1:${port}`,
    CLICKHOUSE_USER: username,
    CLICKHOUSE_PASSWORD: password,
  }
  for (const only of [[], ['--only', 'clickhouse'], []]) {
    const { code, stderr } = await siaga(['restore', folder, ...only], { cwd: home, env })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is not empty (events: 7 rows)') })
    expect(existsSync(join(home, 'data', 'restore.json'))).toBe(false)
  }
  expect(await events()).toBe(7)
  await clickhouse.command('TRUNCATE TABLE siaga.events')
})

test('parts are told by the table that was frozen; under a table that is changed meanwhile no back-up is made', async () => {
  await add('beku-')
  const disks = await readDisks(clickhouse)
  const id = 'a'.repeat(32)
  const frozen = await freeze(clickhouse, id, ['streams'])
  const held = await frozenParts(clickhouse, disks, id, frozen)
  expect(held.map(({ table }) => table)).toEqual(held.map(() => 'streams'))
  expect(held.length).toBeGreaterThan(0)
  // As a migration does that sorts a table anew.
  await clickhouse.command('CREATE TABLE siaga.streams_anew AS siaga.streams')
  await clickhouse.command('EXCHANGE TABLES siaga.streams AND siaga.streams_anew')
  const after = await frozenParts(clickhouse, disks, id, frozen)
  expect(after.map(({ table, name }) => [table, name])).toEqual(held.map(({ table, name }) => [table, name]))
  await clickhouse.command('INSERT INTO siaga.streams SELECT * FROM siaga.streams_anew')
  await freeze(clickhouse, id, ['streams'])
  await expect(frozenParts(clickhouse, disks, id, frozen)).rejects.toThrow('are being changed')
  await thaw(disks, id)
  await clickhouse.command('DROP TABLE siaga.streams_anew SYNC')
})

test('the schema stands still, or there is no back-up: while a migration runs, and after one', async () => {
  const before = await standingSchema(clickhouse)
  expect(before.length).toBeGreaterThan(10)
  expect(await standingSchema(clickhouse, before)).toEqual(before)
  await expect(standingSchema(clickhouse, before.slice(1))).rejects.toThrow('are being changed')
  const lock = await acquireLock(clickhouse, 'siaga-migrate-siaga')
  try {
    await expect(standingSchema(clickhouse)).rejects.toThrow('are being changed')
  } finally {
    await lock?.release()
  }
  await expect.poll(() => standingSchema(clickhouse, before)).toEqual(before)
})

test('what the server refuses is told in its words', async () => {
  const place = placeOf("Disk('tiada', '{name}')", 'x', 0)
  await expect(backUpTables(clickhouse, { tables: ['streams'], place, id: 'b3' })).rejects.toThrow(/ClickHouse/)
})
