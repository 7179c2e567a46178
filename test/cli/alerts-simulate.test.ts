// Does `siaga alerts simulate` say who would have been told what and when, as a table that can be read, and send nothing?
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { siagaLine } from './host.ts'
import { type Run, siaga } from './run.ts'

/** 09:00 WIB on voting day of Pilkada 2024. */
const T0 = Date.parse('2024-11-27T02:00:00Z')
const MINUTE = 60_000

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-simulate-'))
  const common = `
data_dir: data
calendars: [pilkada-2024]
rooms:
  - {id: ruang-bandung, region: "32.73", roster: [{hours: "08:00-16:00", recipients: [bandung]}]}
  - {id: ruang-jabar, region: "32", roster: [{recipients: [jabar]}]}
  - {id: ruang-jayapura, region: "91.71", roster: [{recipients: [jayapura]}]}
  - {id: pusat, region: "00", roster: [{recipients: [piket]}]}
assets: [{id: web-kota, region: "32.73"}]
alerts:
  repeats: 1
  channels: [{id: berkas, kind: file, path: pesan.jsonl}]
  recipients:
    - {id: bandung, channel: berkas}
    - {id: jabar, channel: berkas}
    - {id: jayapura, channel: berkas}
    - {id: piket, channel: berkas}
`
  writeFileSync(join(folder, 'siaga.yaml'), common)
  writeFileSync(join(folder, 'kosong.yaml'), 'data_dir: data\n')
  writeFileSync(
    join(folder, 'temuan.jsonl'),
    [
      finding(1, 0),
      // Out of order, twice, and one below every threshold.
      finding(3, 720, { severity: 'critical', score: 95, region_code: '91.71', asset_id: '' }),
      finding(2, 1, { severity: 'low', score: 1 }),
      finding(1, 0),
    ]
      .map((line) => `${line}\n`)
      .join(''),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function finding(n: number, minutes: number, changed: object = {}): string {
  const at = T0 + minutes * MINUTE
  return JSON.stringify({
    finding_id: `f-${n}`,
    rule_id: 'web_sqli',
    title: 'SQL injection',
    severity: 'high',
    attack: ['T1190'],
    event_id: `e-${n}`,
    source_id: 'nginx',
    region_code: '32.73',
    owner: '',
    asset_id: 'web-kota',
    entity: `source_ip:192.0.2.${n}`,
    evidence: [],
    window_start: at,
    window_end: at,
    score: 80,
    dedup_key: `web_sqli|${n}`,
    ...changed,
  })
}

const simulate = (...args: string[]): Promise<Run> =>
  siagaLine(['alerts', 'simulate', ...args], { cwd: folder, env: { LANG: 'C', TZ: 'America/New_York' } })

test('the table: local times with their zone, levels in their order, then totals; the same each time', async () => {
  const { code, stdout, stderr } = await simulate('--file', 'temuan.jsonl')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const ids = [...new Set(stdout.match(/A-[0-9A-Z]{10}/g))]
  const table = stdout
    .replaceAll(ids[0] ?? '?', 'A-SATU')
    .replaceAll(ids[1] ?? '?', 'A-DUA')
    .replaceAll(/ {2,}/g, '  ')
  expect(table).toBe(`Waktu  Tingkatan  Ruang  Penerima  Saluran  Sebab  Tingkat  Peringatan  Judul
2024-11-27 09:00:00 WIB  kabupaten  ruang-bandung  bandung  berkas  baru  TINGGI  A-SATU  SQL injection
2024-11-27 09:05:00 WIB  provinsi  ruang-jabar  jabar  berkas  naik tingkat  TINGGI  A-SATU  SQL injection
2024-11-27 09:10:00 WIB  pusat  pusat  piket  berkas  naik tingkat  TINGGI  A-SATU  SQL injection
2024-11-27 10:10:00 WIB  pusat  pusat  piket  berkas  naik tingkat  TINGGI  A-SATU  SQL injection
2024-11-27 23:00:00 WIT  kabupaten  ruang-jayapura  jayapura  berkas  baru  KRITIS  A-DUA  SQL injection
2024-11-27 23:00:00 WIT  pusat  pusat  piket  berkas  baru  KRITIS  A-DUA  SQL injection
2024-11-27 23:03:00 WIT  pusat  pusat  piket  berkas  naik tingkat  KRITIS  A-DUA  SQL injection

4 temuan, 2 peringatan (0 badai), 7 pesan. Tidak ada yang dikirim.

Penerima  Saluran  Pesan  Jam tersibuk  Mulai
piket  berkas  4  2  2024-11-27 21:00:00 WIB
bandung  berkas  1  1  2024-11-27 09:00:00 WIB
jabar  berkas  1  1  2024-11-27 09:00:00 WIB
jayapura  berkas  1  1  2024-11-27 21:00:00 WIB

Tidak menjadi peringatan
  1 temuan: di bawah ambang (shipped: patterns, tense days)
`)
  expect((await simulate('--file', 'temuan.jsonl')).stdout).toBe(stdout)
  expect(existsSync(join(folder, 'data', 'pesan.jsonl'))).toBe(false)
})

test('--ack-after: whoever is told answers, and nobody else is told', async () => {
  const { stdout } = await simulate('--file', 'temuan.jsonl', '--ack-after', '4', '--json')
  const { told, load } = JSON.parse(stdout)
  expect(told.map(({ at, room }: { at: string; room: string }) => `${at} ${room}`)).toEqual([
    '2024-11-27T02:00:00.000Z ruang-bandung',
    '2024-11-27T14:00:00.000Z ruang-jayapura',
    '2024-11-27T14:00:00.000Z pusat',
    '2024-11-27T14:03:00.000Z pusat',
  ])
  expect(load[0]).toMatchObject({ recipient: 'piket', messages: 2, worst: 2 })
})

test('where nobody can be told, it says so', async () => {
  const { stdout } = await siaga(['--config', 'kosong.yaml', 'alerts', 'simulate', '--file', 'temuan.jsonl'], {
    cwd: folder,
    env: { LANG: 'en' },
  })
  expect(stdout).toContain('Nobody is told.')
  expect(stdout).toContain('2 alerts reach nobody: nobody is on duty and there is no alerts.fallback')
})

test('findings may come from standard input, with times as ClickHouse writes them', async () => {
  const line = finding(9, 0, { window_start: '2024-11-27 02:00:00.000', window_end: '2024-11-27 02:00:00.000' })
  const { stdout } = await siagaLine(['alerts', 'simulate', '--file', '-', '--json'], { cwd: folder, stdin: line })
  expect(JSON.parse(stdout).told[0]).toMatchObject({ at: '2024-11-27T02:00:00.000Z', room: 'ruang-bandung' })
})

test('what is no finding is named with its line', async () => {
  writeFileSync(join(folder, 'salah.jsonl'), `${finding(1, 0)}\n\n{"finding_id":"x"}\n`)
  const { code, stderr } = await simulate('--file', 'salah.jsonl')
  expect(code).toBe(1)
  expect(stderr).toContain('salah.jsonl, line 3 is no finding: rule_id')
  expect((await simulate('--file', 'tidak-ada.jsonl')).code).toBe(1)
  expect((await simulate('--file', 'temuan.jsonl', '--from', '2024-11-27 00:00')).code).toBe(2)
})
