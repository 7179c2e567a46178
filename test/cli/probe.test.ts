// Does `siaga probe` show what a site has become, and nothing of what nobody listed?
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWatchlist } from '../../ingest/probe/watchlist.ts'
import { closeAll, type LocalServer, serve } from '../runtime/guard/serve.ts'
import { siagaLine } from './host.ts'
import type { Run } from './run.ts'

const honest =
  '<html lang="id"><title>KPU Kota Contoh</title><p>Jadwal rekapitulasi tingkat kecamatan di aula kantor.</p></html>'
const hacked =
  '<html lang="id"><title>Slot gacor RAJACUAN88</title><p>Daftar situs slot gacor maxwin, bonus new member 100, deposit pulsa.</p><a href="https://rajacuan88.example/">link alternatif</a></html>'

let folder = ''
let site: LocalServer
let requests = 0
beforeAll(async () => {
  site = await serve((request, response) => {
    requests++
    response.setHeader('content-type', 'text/html')
    response.end(/Googlebot/i.test(request.headers['user-agent'] ?? '') ? hacked : honest)
  })
  folder = mkdtempSync(join(tmpdir(), 'siaga-probe-'))
  writeFileSync(
    join(folder, 'siaga.yaml'),
    `data_dir: data
probes: {allow_private: [127.0.0.1/32], host_interval_ms: 0}
assets:
  - {id: situs, url: "${site.origin}/"}
rooms:
  - {id: ruang-jabar, region: "32", domains: [jabar.example]}
`,
  )
  await createWatchlist(join(folder, 'data')).write('ruang-jabar', [
    'https://www.jabar.example/',
    'https://lain.example/',
  ])
})
afterAll(async () => {
  await closeAll()
  rmSync(folder, { recursive: true, force: true })
})

const cli = (...args: string[]): Promise<Run> => siagaLine(['probe', ...args], { cwd: folder, env: { LANG: 'C' } })

test('list: assets, and what a room may list', async () => {
  const { code, stdout } = await cli('list')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^situs +http:\/\/127\.0\.0\.1:\d+\/\n {4}0 × , belum pernah\n/)
  expect(stdout).toContain('https://www.jabar.example/')
  expect(stdout).not.toContain('lain.example')
})

test('now: what was seen and what it means, in Indonesian, exit 1 for a finding', async () => {
  const { code, stdout, stderr } = await cli('now', 'situs')
  expect(stderr).not.toContain('siaga:')
  expect(code).toBe(1)
  expect(stdout).toMatch(/ {2}Halaman +KPU Kota Contoh\n/)
  expect(stdout).toMatch(/ mesin pencari HTTP 200,/)
  expect(stdout).toMatch(/\n {2}critical +Tautan judi online disembunyikan .*\n {6}Lakukan: /)
  expect(stdout).toMatch(/siaga\.probe\.gambling\.words: .*slot/)
})

test('now --json: records and findings for programs', async () => {
  const { stdout } = await cli('now', `${site.origin}/`, '--json')
  const { records, findings } = JSON.parse(stdout)
  expect(records.map(({ kind }: { kind: string }) => kind)).toEqual(['dns', 'page'])
  expect(findings[1]).toMatchObject({ kind: 'page', findings: [{ severity: 'critical' }, { severity: 'high' }] })
})

test('an address that nobody listed is not asked, not by hand either', async () => {
  const before = requests
  for (const other of [`${site.origin}/lain`, 'sitas', 'https://lain.example/']) {
    const { code, stderr } = await cli('now', other)
    expect(code).toBe(1)
    expect(stderr).toContain(`siaga: ${other} is not probed.`)
  }
  expect((await cli('now', 'sitas')).stderr).toContain('Did you mean situs?')
  expect(requests).toBe(before)
})

test('accept needs something to accept; forget is done in any case', async () => {
  const { code, stderr } = await cli('accept', 'situs')
  expect(code).toBe(1)
  expect(stderr).toContain('Nothing is known')
  expect((await cli('forget', 'situs')).code).toBe(0)
})
