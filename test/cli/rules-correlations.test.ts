// Does `siaga rules test` run the cases of correlations on a ClickHouse, and say so where there is none?
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { getServices } from '../services.ts'
import { siagaLine } from './host.ts'

const base = `title: Refused password
id: 51c3a7a2-0d5f-4c0b-9a51-8b6b6f1d9a01
name: refused
level: informational
logsource: {product: linux, service: sshd}
detection:
  words: ['Failed password']
  condition: words
`
const guessing = `title: Password guessing
id: 51c3a7a2-0d5f-4c0b-9a51-8b6b6f1d9a02
name: guessing
level: high
correlation:
  type: event_count
  rules: [refused]
  group-by: [source.ip]
  timespan: 5m
  condition: {gte: 5}
`
const outer = `title: Guessing on two days
id: 51c3a7a2-0d5f-4c0b-9a51-8b6b6f1d9a03
level: high
correlation:
  type: event_count
  rules: [guessing]
  group-by: [source.ip]
  timespan: 2d
  condition: {gte: 2}
`
const line = "line: 'Nov 27 03:00:00 web sshd[1]: Failed password for root from 203.0.113.7 port 5000 ssh2'"
const cases = `format: sshd
hit:
  - note: ten guesses in twenty seconds
    events: [{repeat: 10, every: 2s, ${line}}]
miss:
  - events: [{repeat: 4, every: 2s, ${line}}]
  - events: [{repeat: 5, every: 2m, ${line}}]
`

let folder = ''
let env: Record<string, string> = {}
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-correlations-'))
  mkdirSync(join(folder, 'rules'))
  const write = (name: string, text: string): void => writeFileSync(join(folder, 'rules', name), text)
  write('refused.yml', base)
  write('guessing.yml', guessing)
  write('guessing.cases.yml', cases)
  write('outer.yml', outer)
  const { clickhouse } = await getServices()
  const admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  await migrate(admin).finally(() => admin.close())
  const url = new URL(clickhouse.url)
  url.username = clickhouse.users.admin.username
  url.password = clickhouse.users.admin.password
  env = { CLICKHOUSE_URL: url.href, SIAGA_LANG: 'en' }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (args: string[], more: Record<string, string> = env) =>
  siagaLine(['rules', ...args], { cwd: folder, env: more })

describe('siaga rules test with correlations', () => {
  test('their cases are run, also of one that another names', async () => {
    expect(await run(['test', 'rules'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '✓ 3 cases passed, 0 failed, in 1 files\n',
    })
  })

  test('one that does not fire, and one that should not have', async () => {
    writeFileSync(join(folder, 'rules/guessing.yml'), guessing.replace('gte: 5', 'gte: 20'))
    expect((await run(['test', 'rules'])).stdout).toMatch(
      /^✗ rules\/guessing\.cases\.yml:3: hit does not fire \(10 of 10 events matched a rule\)$/m,
    )
    writeFileSync(join(folder, 'rules/guessing.yml'), guessing.replace('gte: 5', 'gte: 4'))
    const { code, stdout } = await run(['test', 'rules'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^✗ rules\/guessing\.cases\.yml:6: miss fires 1 times and should not$/m)
    writeFileSync(join(folder, 'rules/guessing.yml'), guessing)
  })

  test('without a ClickHouse they are counted, with --clickhouse that is a failure', async () => {
    const nowhere = { CLICKHOUSE_URL: 'http://127.0.0.1:9', SIAGA_LANG: 'en' }
    expect(await run(['test', 'rules'], nowhere)).toMatchObject({
      code: 0,
      stderr: '✓ 0 cases passed, 0 failed, in 1 files; 3 cases of correlations not run (they need ClickHouse)\n',
    })
    expect((await run(['test', 'rules', '--clickhouse'], nowhere)).code).toBe(1)
    expect(await run(['test', 'rules'], { SIAGA_LANG: 'en' })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('not run'),
    })
  })

  test('check names what a correlation names and is not there', async () => {
    writeFileSync(join(folder, 'lone.yml'), guessing)
    const { code, stdout, stderr } = await run(['check', 'lone.yml'])
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('0 correlations can be used; 1 problems'),
    })
    expect(stdout).toContain('refused')
  })

  test('list and explain know them', async () => {
    expect((await run(['list', '--dir', 'rules'])).stdout).toMatch(/Password guessing +correlation event_count/)
    expect((await run(['explain', 'guessing', '--dir', 'rules'])).stdout).toMatch(/^timespan: 5m$/m)
  })
})
