// Does whoever writes into a data directory refuse another master key than before, and make none in place of one that is missing?
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keyName } from '../../runtime/secrets.ts'
import { openStore } from '../../web/accounts/store.ts'
import { mainFile, plainEnvironment, siaga } from './run.ts'

const mine = Buffer.alloc(32, 7)
const nowhere = { KAFKA_BROKERS: '127.0.0.1:1', CLICKHOUSE_URL: 'http://127.0.0.1:1', SIAGA_HTTP_PORT: '0' }
let folder: string
let dataDir: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-master-key-'))
  dataDir = join(folder, 'data')
  mkdirSync(dataDir)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  siaga(args, { cwd: folder, env: { SIAGA_DATA_DIR: dataDir, ...env } })

describe.each(['start', 'ingest'])('siaga %s', (role) => {
  test('without the key that was used before: none is made, and where the copy goes is said', async () => {
    writeFileSync(join(dataDir, 'master-key.name'), `${keyName(mine)}\n`)
    const { code, stderr } = await run([role], nowhere)
    expect(code).toBe(1)
    expect(stderr).toContain(`The master key of the data directory ${dataDir} is missing`)
    expect(stderr).toContain(`Put the copy that was kept apart into ${join(dataDir, 'secrets/master.key')}`)
    expect(readdirSync(dataDir)).toEqual(['master-key.name'])
  })

  test('with another key than before: refused', async () => {
    writeFileSync(join(dataDir, 'master-key.name'), `${keyName(mine)}\n`)
    const { code, stderr } = await run([role], { ...nowhere, SIAGA_MASTER_KEY: Buffer.alloc(32, 8).toString('hex') })
    expect(code).toBe(1)
    expect(stderr).toContain(`is not the one that the data directory ${dataDir} was used with (${keyName(mine)})`)
  })
})

test('who makes a back-up with another key is refused: it would be sealed by one that nobody keeps', async () => {
  writeFileSync(join(dataDir, 'master-key.name'), `${keyName(mine)}\n`)
  const other = { ...nowhere, SIAGA_MASTER_KEY: Buffer.alloc(32, 8).toString('hex') }
  const made = await run(['backup', join(folder, 'backups'), '--clickhouse', 'none'], other)
  expect(made).toMatchObject({ code: 1, stderr: expect.stringContaining('was used with') })
})

test('siaga accounts asks for no key and makes none', async () => {
  openStore(dataDir).close()
  expect(await run(['accounts', 'list'])).toMatchObject({ code: 0 })
  expect(readdirSync(dataDir)).toEqual(['web'])
})

test('a first collector keeps the name of its key, also while Kafka is away', async () => {
  const env = { ...plainEnvironment(), ...nowhere, SIAGA_DATA_DIR: dataDir, SIAGA_MASTER_KEY: mine.toString('base64') }
  const child = spawn(process.execPath, [mainFile, 'ingest'], { cwd: folder, env, stdio: 'ignore' })
  try {
    await expect.poll(() => readdirSync(dataDir), { timeout: 20_000 }).toEqual(['master-key.name'])
    expect(readFileSync(join(dataDir, 'master-key.name'), 'utf8')).toBe(`${keyName(mine)}\n`)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})
