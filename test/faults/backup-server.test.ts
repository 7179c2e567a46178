// Do BACKUP and RESTORE of a ClickHouse of one's own do what `siaga backup --clickhouse` asks of them? Tried on the embedded server, told where back-ups may lie.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { backUpTables, checkedPlace, placeOf, restoreTables } from '../../cli/backup/server-backup.ts'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { clickhouseCredentials } from '../../deploy/clickhouse/users.ts'
import { clickhouseService } from '../../deploy/embedded/clickhouse.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { loadMasterKey } from '../../runtime/secrets.ts'

let dataDir = ''
let server: ChildProcess
let clickhouse: ClickHouse

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'siaga-server-'))
  const [httpPort = 0, tcpPort = 0] = await pickFreePorts(2)
  const masterKey = loadMasterKey(dataDir)
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

test('what the server refuses is told in its words', async () => {
  const place = placeOf("Disk('tiada', '{name}')", 'x', 0)
  await expect(backUpTables(clickhouse, { tables: ['streams'], place, id: 'b3' })).rejects.toThrow(/ClickHouse/)
})
