import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pendingMigrations, readMigrations } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { type OwnServices, startOwnServices } from '../services.ts'
import { mainFile, plainEnvironment, siaga } from './run.ts'

const all = readMigrations()
const last = all.at(-1) ?? { file: '', checksum: '' }
const upToDate = `schema is up to date (${all.length} migrations)\n`
let services: OwnServices
let admin: ClickHouse
let folder = ''
let env: Record<string, string> = {}
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-wait-'))
  services = await startOwnServices({ kafka: false, migrated: true })
  admin = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
  const { username, password } = services.clickhouse.users.admin
  env = { CLICKHOUSE_URL: services.clickhouse.url, CLICKHOUSE_USER: username, CLICKHOUSE_PASSWORD: password }
})
afterAll(async () => {
  await admin?.close()
  await services?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('siaga migrate --wait ends when another process has applied the last migration, and applies nothing itself', async () => {
  await admin.command('DELETE FROM siaga.migrations WHERE file = {file:String}', { file: last.file })
  const waiter = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', mainFile, 'migrate', '--wait'], {
    cwd: folder,
    env: { ...plainEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(waiter, 'exit')
  const out = text(waiter.stdout)
  expect(String((await once(waiter.stderr, 'data'))[0])).toContain(
    `1 migrations are not applied, the first is ${last.file}`,
  )

  expect(await pendingMigrations(admin)).toEqual([last.file])
  await admin.command('INSERT INTO siaga.migrations SELECT {file:String}, {checksum:String}, now64(3)', {
    file: last.file,
    checksum: last.checksum,
  })
  expect(await ended).toEqual([0, null])
  expect(await out).toBe(upToDate)
})

test('where nothing waits it ends at once', async () => {
  const { code, stdout, stderr } = await siaga(['migrate', '--wait'], { cwd: folder, env })
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: upToDate,
    stderr: '',
  })
})

test('a wrong password is told at once, not waited for', async () => {
  const { code, stderr } = await siaga(['migrate', '--wait'], {
    cwd: folder,
    env: { ...env, CLICKHOUSE_PASSWORD: 'no' },
  })
  expect(code).toBe(1)
  expect(stderr).toContain('ClickHouse')
})
