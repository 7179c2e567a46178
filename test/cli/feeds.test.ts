// Does `siaga feeds` show what is in force and what would change, and carry decisions to a collector that runs elsewhere?
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listHeld } from '../../ingest/feeds/held.ts'
import { eventually, feed, Port, start } from '../ingest/feeds/rig.ts'
import { siagaLine } from './host.ts'
import type { Run } from './run.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-feeds-cli-'))
  writeFileSync(
    join(folder, 'siaga.yaml'),
    `assets:
  - {id: web, hosts: [sirekap.kpu.go.id]}
intelligence:
  feeds:
    - {id: uji, format: list, url: daftar.txt}
    - {id: mitra, format: csv, url: mitra.csv, columns: {value: ioc, threat: nama}, when: "0 3 * * *"}
`,
  )
  writeFileSync(join(folder, 'daftar.txt'), '45.9.148.3\n8.8.8.8\nkpu.go.id\nbukan apa-apa\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const cli = (...args: string[]): Promise<Run> => siagaLine(['feeds', ...args], { cwd: folder, env: { LANG: 'C' } })

describe('siaga feeds', () => {
  test('list before anything was fetched; fetch shows what would be, and changes nothing', async () => {
    const { stdout } = await cli('list')
    expect(stdout).toMatch(
      /^Feed +Format +Terakhir berhasil +Indikator +Keadaan +Berikutnya\nuji +list +belum pernah +0 +belum diambil +20\d\d-.* WIB\n/,
    )
    const { code, stdout: plan, stderr } = await cli('fetch', 'uji')
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(plan).toContain(
      'uji: 4 entri terbaca, 2 indikator (ip 1, domain 1)\n  2 baru, 0 hilang; yang berlaku sekarang 0\n',
    )
    expect(plan).toContain('Tidak terbaca atau dilewati:\n  not_recognised 1: bukan\n')
    expect(plan).toContain('Dikeluarkan oleh daftar peringatan: public-resolvers 1\n')
    expect(plan).toContain(
      'menunggu keputusan:\n  nama atau alamat yang dilindungi (1): kpu.go.id (sirekap.kpu.go.id)\n',
    )
    expect(readdirSync(folder)).not.toContain('feeds')
    expect((await cli('fetch', 'uji', '--lang', 'en')).stdout).toContain('This update would wait for a person:')
  })

  test('a local copy; a feed that cannot be fetched; a slip of the finger', async () => {
    writeFileSync(join(folder, 'contoh.csv'), 'ioc,nama\njahat.example.com,Bot\n')
    const { stdout } = await cli('fetch', 'mitra', '--file', 'contoh.csv', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      feed: 'mitra',
      meta: { added: 1 },
      examples: [{ value: 'jahat.example.com', threat: 'Bot' }],
    })
    expect(await cli('fetch', 'mitra')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('mitra: file: ENOENT'),
    })
    expect((await cli('fetch', 'ujii')).stderr).toContain('Did you mean `uji`?')
    expect(await cli('approve', 'uji', '--by', 'sari')).toMatchObject({ code: 2 })
    expect(await cli('approve', 'uji', '--by', 'sari', '--reason', 'ya')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('waits'),
    })
  })

  test('held, approve: the collector of another process takes it', async () => {
    const dataDir = join(folder, '.siaga')
    const port = new Port()
    const { audit } = await start([feed({ url: join(folder, 'daftar.txt') })], dataDir, {
      port,
      names: { domains: ['sirekap.kpu.go.id'], networks: [] },
      now: Date.now,
    })
    await eventually(async () => expect(await listHeld(dataDir, 'uji')).toHaveLength(1))
    const { stdout: held } = await cli('held')
    expect(held).toMatch(/^uji {2}\S+ {2}.* WIB {2}menunggu\n {2}2 indikator, 2 baru, 0 hilang\n/)
    expect(held).toContain('kpu.go.id (sirekap.kpu.go.id)')
    expect((await cli('list')).stdout).toContain('menunggu keputusan: siaga feeds held')
    expect(await cli('approve', 'uji', '--by', 'x', '--reason', 'y', '--leave-out')).toMatchObject({ code: 2 })
    const { code, stdout } = await cli('approve', 'uji', '--by', 'sari', '--reason', 'memang disusupi')
    expect(code).toBe(0)
    expect(stdout).toContain('disetujui')
    await eventually(() => expect(port.values()).toEqual(['domain kpu.go.id', 'ip 45.9.148.3']))
    expect(audit.at(-1)).toMatchObject({ action: 'feed_approved', user: 'sari' })
    expect((await cli('held')).stdout).toBe('Tidak ada pembaruan yang menunggu.\n')
    expect((await cli('held', 'uji', '--all', '--lang', 'en')).stdout).toContain('approved by sari')
    expect((await cli('reject', 'uji', '--by', 'sari', '--reason', 'x')).code).toBe(1)
  })
})
