// Does the embedded ClickHouse change files outside of its own folders, or run a program, whoever asks?
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { roomUserName } from '../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../deploy/clickhouse/users.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { type OwnServices, startOwnServices } from '../services.ts'

const [major = 0, minor = 0] = release().split('.').map(Number)
// Landlock of version 3 came with Linux 6.2: before, the kernel holds nobody to anything.
const canConfine = process.platform === 'linux' && (major > 6 || (major === 6 && minor >= 2))
let services: OwnServices
let outside = ''

beforeAll(async () => {
  services = await startOwnServices({
    kafka: false,
    rooms: [{ id: 'jabar', name: '', region: '32', owner: '', sees: [] }],
  })
  outside = mkdtempSync(join(tmpdir(), 'siaga-outside-'))
})
afterAll(async () => {
  await services?.stop()
  if (outside !== '') rmSync(outside, { recursive: true, force: true })
})

const users = () => {
  const { url, users: known } = services.clickhouse
  const username = roomUserName('jabar')
  return [
    { url, username, password: clickhousePassword(services.masterKey, username) },
    { url, ...known.reader },
    { url, ...known.admin },
  ]
}

test.skipIf(!canConfine)('a database of SQLite that is not there is not made, by whichever path', async () => {
  const paths = [join(outside, 'made.db'), 'siaga-made-by-a-test.db', '../siaga-made-by-a-test.db']
  for (const user of users()) {
    const clickhouse = createClickHouse(user)
    for (const path of paths)
      await expect(clickhouse.command(`SELECT * FROM sqlite('${path}', 't')`), user.username).rejects.toThrow('refused')
    await clickhouse.close()
  }
  expect(paths.filter((path) => existsSync(path))).toEqual([])
})

test.skipIf(!canConfine)(
  'a confined process writes into the folders that it was given, and nowhere else, and starts no program',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'siaga-inside-'))
    try {
      writeFileSync(join(outside, 'old'), 'old')
      const script = `
      const { confine } = await import(${JSON.stringify(join(import.meta.dirname, '../../deploy/embedded/confine.ts'))})
      const fs = await import('node:fs'); const { spawnSync } = await import('node:child_process')
      const [inside, outside] = process.argv.slice(1)
      const tried = (work) => { try { work(); return 'done' } catch (error) { return error.code } }
      const confined = confine([inside])
      fs.mkdirSync(inside + '/a'); fs.mkdirSync(inside + '/b'); fs.writeFileSync(inside + '/a/f', 'x')
      process.stdout.write(JSON.stringify({
        confined,
        moved: tried(() => fs.renameSync(inside + '/a/f', inside + '/b/f')),
        linked: tried(() => fs.linkSync(inside + '/b/f', inside + '/a/g')),
        read: tried(() => fs.readFileSync(outside + '/old')),
        written: tried(() => fs.writeFileSync(outside + '/new', 'x')),
        truncated: tried(() => fs.truncateSync(outside + '/old')),
        removed: tried(() => fs.unlinkSync(outside + '/old')),
        taken: tried(() => fs.renameSync(inside + '/b/f', outside + '/f')),
        run: spawnSync('/bin/true').error?.code ?? 'done',
      }))`
      const flags = ['--experimental-ffi', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script]
      const said = execFileSync(process.execPath, [...flags, folder, outside], { encoding: 'utf8' })
      expect(JSON.parse(said)).toEqual({
        ...{ confined: true, moved: 'done', linked: 'done', read: 'done' },
        ...{ written: 'EACCES', truncated: 'EACCES', removed: 'EACCES', taken: 'EACCES', run: 'EACCES' },
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
