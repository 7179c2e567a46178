// Does `siaga access` say who sees what, and give a room what its client needs?
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { siaga } from './run.ts'

let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'siaga-access-'))
  await writeFile(
    join(cwd, 'siaga.yaml'),
    'rooms:\n  - {id: jabar, region: "32", owner: pemda, sees: [kpu]}\n  - {id: kota.jaksel, region: "31.74"}\n  - {id: pusat, region: "00"}\n',
  )
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

const key = { SIAGA_MASTER_KEY: '07'.repeat(32) }

test('list: who sees what, in both languages and as JSON', async () => {
  const { stdout, code } = await siaga(['access', 'list'], { cwd })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^jabar +siaga_room_jabar +32 dan di bawahnya +tanpa pemilik, pemda, kpu$/m)
  expect(stdout).toMatch(/^pusat +siaga_room_pusat +semua +semua$/m)
  expect((await siaga(['access', 'list', '--lang', 'en'], { cwd })).stdout).toContain('32 and beneath')
  const rows: unknown = JSON.parse((await siaga(['access', 'list', '--json'], { cwd })).stdout)
  expect(rows).toContainEqual({
    room: 'jabar',
    user: 'siaga_room_jabar',
    region: '32',
    centre: false,
    owners: ['', 'pemda', 'kpu'],
  })
})

test('password: the password alone on standard output, always the same, another for each room', async () => {
  const run = (room: string) => siaga(['access', 'password', room], { cwd, env: key })
  const jabar = await run('jabar')
  expect(jabar).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[\w-]{43}\n$/) })
  expect(jabar.stderr).toContain('siaga_room_jabar')
  expect(jabar.stderr).not.toContain(jabar.stdout.trim())
  expect((await run('jabar')).stdout).toBe(jabar.stdout)
  expect((await run('pusat')).stdout).not.toBe(jabar.stdout)
  expect(await run('jabr')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('Did you mean `jabar`?'),
  })
})

test('sql and xml: every room, no password', async () => {
  const { stdout: password } = await siaga(['access', 'password', 'jabar'], { cwd, env: key })
  const sql = await siaga(['access', 'sql', '--cluster', 'pemilu'], {
    cwd,
    env: { ...key, CLICKHOUSE_URL: 'http://kita:rahasia@127.0.0.1:1' },
  })
  expect(sql.code).toBe(0)
  expect(sql.stdout).toContain(
    "CREATE USER OR REPLACE `siaga_room_jabar` ON CLUSTER 'pemilu' IDENTIFIED WITH sha256_hash BY",
  )
  expect(sql.stdout).toMatch(/^CREATE ROW POLICY OR REPLACE `siaga_all` .* ON siaga\.events USING 1 TO .*`kita`/m)
  expect(sql.stdout).not.toContain('rahasia')
  const xml = await siaga(['access', 'xml', '--network', '10.0.0.0/8'], { cwd, env: key })
  expect(xml.stdout).toContain('<siaga_room_jabar>')
  expect(xml.stdout).toContain('<ip>10.0.0.0/8</ip>')
  expect(sql.stdout + xml.stdout).not.toContain(password.trim())
})

test('without a master key it makes none', async () => {
  const elsewhere = join(cwd, 'kosong')
  await mkdir(elsewhere)
  const { code, stderr } = await siaga(['access', 'password', 'jabar'], { cwd, env: { SIAGA_DATA_DIR: elsewhere } })
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('has not been started') })
})
