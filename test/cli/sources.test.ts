// Does `siaga sources` show what would become of a source's lines, without anything running?
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { siagaLine } from './host.ts'
import type { Run } from './run.ts'

let folder = ''
const nik = '3273014508880007'
const access = (n: number) =>
  `203.0.113.${n} - - [27/Nov/2024:08:00:0${n} +0700] "GET /cek?nik=${nik} HTTP/1.1" 404 5 "-" "curl/8"`
const sshd = 'Nov 27 08:00:01 kpu sshd[311]: Failed password for invalid user x from 203.0.113.9 port 4 ssh2'

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-sources-'))
  writeFileSync(
    join(folder, 'siaga.yaml'),
    `sources:
  - {id: web, format: nginx, region: "73.71", owner: kpu, networks: [10.1.0.0/16]}
  - {id: db, format: postgresql, files: [/var/log/db.log]}
  - {id: any, region: "91"}
`,
  )
  writeFileSync(join(folder, 'access.log'), `${[1, 2, 3].map(access).join('\n')}\n\n`)
  writeFileSync(join(folder, 'mixed.log'), `${access(1)}\n${sshd}\nsesuatu yang lain ${nik}\n`)
  writeFileSync(join(folder, 'access.log.gz'), gzipSync(`${access(4)}\n`))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const cli = (args: string[], stdin = ''): Promise<Run> => siagaLine(args, { cwd: folder, env: { LANG: 'C' }, stdin })
const tryOut = (source: string, file: string, ...more: string[]) =>
  cli(['sources', 'test', source, '--file', file, ...more])

describe('siaga sources test', () => {
  test('field by field, with region and phase, counts by dataset, in Indonesian', async () => {
    const { code, stdout, stderr } = await tryOut('web', 'access.log')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^web: 3 baris dibaca sebagai format: nginx\n\nDataset +Baris +Bagian\nnginx\.access +3 +100 %\n/,
    )
    expect(stdout).toMatch(/\nBaris 1, nginx\.access\n/)
    for (const field of ['source_ip +203.0.113.1', 'region_code +73.71', 'phase +pemungutan', 'http_status_code +404'])
      expect(stdout).toMatch(new RegExp(`\\n${field}\\n`))
    expect(stdout).toMatch(/\nSemua baris terurai\.\n$/)
  })

  test('citizens’ numbers are tokens, as live', async () => {
    const { stdout } = await tryOut('web', 'access.log', '--show', '5')
    expect(stdout).not.toContain(nik)
    expect(stdout.match(/\nBaris \d, /g)).toHaveLength(3)
    expect(stdout).toMatch(/url_original +\/cek\?nik=nik-[0-9a-f]{16}\n/)
  })

  test('a wrong format: what dies, the format that reads it, exit code 1', async () => {
    const { code, stdout } = await tryOut('db', 'access.log', '--lang', 'en')
    expect(code).toBe(1)
    expect(stdout).toMatch(/\n\(DEAD: format_mismatch\) +3 +100 %\n/)
    expect(stdout).toMatch(/\n {2}line 1 \(format_mismatch: .*\): 203\.0\.113\.1 /)
    expect(stdout).toMatch(/\nDid you mean format: nginx\? It reads 3 of 3 lines, the present one 0\.\n$/)
    expect(stdout).not.toContain(nik)
    expect((await tryOut('db', 'access.log', '--format', 'nginx')).code).toBe(0)
  })

  test('a mixture is for auto; what nobody knows is plain and named with its line', async () => {
    expect((await tryOut('web', 'mixed.log', '--lang', 'en')).stdout).toMatch(
      /Did you mean format: auto\? It reads 2 of 3 lines, the present one 1/,
    )
    expect((await tryOut('db', 'mixed.log', '--lang', 'en')).stdout).toMatch(
      /Did you mean format: auto\? It reads 2 of 3 lines, the present one 0/,
    )
    const { code, stdout } = await tryOut('any', 'mixed.log', '--lang', 'en')
    expect(code).toBe(0)
    expect(stdout).toMatch(/\nplain \(not recognised\) +1 +33 %\n/)
    expect(stdout).toMatch(/\n {2}line 3 \(plain\): sesuatu yang lain nik-[0-9a-f]{16}\n/)
    expect(stdout).toMatch(
      /\nNo format reads more of them; with auto, lines that no parser knows are kept whole as plain\.\n$/,
    )
  })

  test('--json, standard input, gzip, --lines', async () => {
    const { stdout } = await cli(
      ['sources', 'test', 'any', '--file', '-', '--json', '--lines', '2'],
      `${sshd}\n${sshd}\n${sshd}\n`,
    )
    expect(JSON.parse(stdout)).toMatchObject({
      source: 'any',
      format: 'auto',
      region: '91',
      lines: 2,
      datasets: { sshd: 2 },
      dead: {},
      columns: { source_ip: { lines: 2, example: '203.0.113.9' } },
      samples: [{ line: 1, dataset: 'sshd' }],
    })
    expect(JSON.parse((await tryOut('web', 'access.log.gz', '--json')).stdout)).toMatchObject({ lines: 1 })
  })

  test('wrong use ends with 2, a source or file that is not there with 1', async () => {
    expect(await cli(['sources', 'test', 'web'])).toMatchObject({ code: 2 })
    expect(await tryOut('web', 'access.log', '--format', 'haprox')).toMatchObject({ code: 2 })
    expect(await tryOut('wbe', 'access.log')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Did you mean `web`?'),
    })
    expect(await tryOut('web', 'no.log')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no.log cannot be read'),
    })
    expect((await cli(['sources', 'test', 'web', '--file', '-'])).stdout).toBe('Tidak ada baris dalam contoh.\n')
  })
})

test('siaga sources list', async () => {
  const { stdout } = await cli(['sources', 'list'])
  expect(stdout).toMatch(/^Sumber +Format +Wilayah +Pemilik +Zona +Masuk lewat\n/)
  expect(stdout).toMatch(/\nweb +nginx +73\.71 +kpu +WITA +syslog 10\.1\.0\.0\/16\n/)
  expect(stdout).toMatch(/\nany +auto +91 +- +WIT +HTTP\n/)
  expect(JSON.parse((await cli(['sources', 'list', '--json'])).stdout)).toMatchObject([
    { id: 'web', ways: ['syslog 10.1.0.0/16'] },
    { id: 'db', ways: [expect.stringContaining('db.log')] },
    { id: 'any' },
    { id: 'demo' },
    { id: 'siaga-audit', ways: ['Siaga'] },
    { id: 'siaga-heartbeat', ways: ['Siaga'] },
    { id: 'siaga-probe', ways: ['Siaga'] },
    { id: 'siaga-lookalike', ways: ['Siaga'] },
    { id: 'siaga-certificate', ways: ['Siaga'] },
    { id: 'unknown-peer' },
  ])
})
