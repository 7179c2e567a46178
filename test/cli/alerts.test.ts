// Does `siaga alerts` show, act, hold back, test and follow, against a Siaga that runs, in both languages?
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Siaga, startSiaga, until } from '../e2e/siaga.ts'
import { mainFile, plainEnvironment, type Run } from './run.ts'

let siaga: Siaga
let key = ''
beforeAll(async () => {
  siaga = await startSiaga({
    yaml: `
processors: {workers: 1}
sources: [{id: web, format: nginx, region: "32.73", owner: pemda, asset: situs}]
assets: [{id: situs, name: Situs Kota Bandung, criticality: high, region: "32.73", owner: pemda, kind: web}]
rooms:
  - {id: bandung, region: "32.73", owner: pemda, roster: [{recipients: [dewi]}]}
  - {id: bali, region: "51", owner: pemda}
  - {id: pusat, region: "00", roster: [{recipients: [piket]}]}
alerts:
  channels:
    - {id: berkas, kind: file, path: pesan.jsonl}
    - {id: kait, kind: webhook, url: "http://127.0.0.1:9/", timeout_seconds: 2}
    - {id: pos, kind: email, host: 127.0.0.1, port: 9, from: siaga@siaga.example, user: siaga, password: {env: SIAGA_SANDI_SURAT}}
  recipients:
    - {id: dewi, name: Dewi, channel: berkas}
    - {id: piket, channel: berkas, language: en}
    - {id: surat, channel: pos, to: surat@siaga.example}
`,
  })
  const made = await siaga.line('keys', 'create', 'web')
  key = /siaga_\w{10}_[\w-]{43}/.exec(made.stdout)?.[0] ?? ''
  await attack('203.0.113.7')
})
afterAll(async () => {
  await siaga?.stop()
  await siaga?.remove()
})

const cli = (...args: string[]): Promise<Run> => siaga.line('alerts', ...args)

async function attack(address: string): Promise<void> {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(new Date().toUTCString()) ?? []
  const line = `${address} - - [${day}/${month}/${year}:${time} +0000] "GET /cari?q=1%27%20UNION%20SELECT%20username,password%20FROM%20users-- HTTP/1.1" 200 512 "-" "sqlmap/1.8"`
  await until(async () => (await siaga.post(line, { source: 'web', key })).status < 300, 'the key of the source')
}

const operatorKey = (): string => join(siaga.dataDir, 'secrets', 'operator.key')

/** What a person with this key is answered, without a process for it. */
async function ask(token: string, path: string): Promise<{ status: number; json: unknown }> {
  const answer = await fetch(`${siaga.web}${path}`, { headers: { authorization: `Bearer ${token}` } })
  return { status: answer.status, json: await answer.json() }
}

const Listed = z.object({ alerts: z.array(z.object({ id: z.string() })) })

/** The alert that speaks for those of the same request: of the most severe the one with the least id, which follows from the hour. */
async function first(address = '203.0.113.7'): Promise<string> {
  let id = ''
  if (!existsSync(operatorKey())) await cli('list')
  const token = (await readFile(operatorKey(), 'utf8')).trim()
  await until(
    async () => {
      const { status, json } = await ask(token, `/v1/alerts?q=${address}&severity=high`)
      if (status !== 200) return false
      const { alerts } = Listed.parse(json)
      id = alerts.map((alert) => alert.id).sort()[0] ?? ''
      return id !== ''
    },
    'an alert',
    60_000,
  )
  return id
}

test('the operator of the machine has a key of the room of the centre, made at first use and kept', async () => {
  await first()
  const file = operatorKey()
  const text = await readFile(file, 'utf8')
  expect(text).toMatch(/^siaga_\w{10}_[\w-]{43}\n$/)
  await cli('list')
  expect(await readFile(file, 'utf8')).toBe(text)
  const { stdout } = await siaga.line('keys', 'list', '--source', 'pusat', '--json')
  expect(JSON.parse(stdout)).toMatchObject([{ room: 'pusat', label: 'operator' }])
  // To another address it is not sent.
  const elsewhere = await cli('list', '--url', siaga.web)
  expect(elsewhere.code).toBe(2)
  expect(elsewhere.stderr).toContain('Kunci ruang belum diberikan.')
})

test('list: a table with local times, Indonesian unless asked otherwise', async () => {
  const id = await first()
  const [{ code, stdout }, english, elsewhere, wrong] = await Promise.all([
    siaga.run('alerts', 'list'),
    cli('list', '--lang', 'en'),
    cli('list', '--region', '51'),
    cli('list', '--severity', 'bad'),
  ])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Nomor +Tingkat +Skor +Status +Wilayah +Terakhir +Temuan +Pemegang +Judul\n/)
  expect(stdout).toMatch(new RegExp(`^${id}  (?:KRITIS|TINGGI|SEDANG) .* 32\\.73 .*:\\d\\d WIB .*`, 'm'))
  expect(english.stdout).toMatch(/^Id +Severity +Score/)
  expect(elsewhere.stdout).toBe('Tidak ada peringatan.\n')
  expect(wrong.code).toBe(2)
})

test('an alert is found by the words of its Indonesian title, as by those of the English one', async () => {
  const id = await first()
  const token = (await readFile(operatorKey(), 'utf8')).trim()
  const Titles = z.object({ title: z.string(), judul: z.string() })
  const { title, judul } = Titles.parse((await ask(token, `/v1/alerts/${id}`)).json)
  expect(judul).not.toBe(title)
  const found = async (q: string): Promise<string[]> =>
    Listed.parse((await ask(token, `/v1/alerts?q=${encodeURIComponent(q)}`)).json).alerts.map((alert) => alert.id)
  expect(await found(judul.toUpperCase())).toContain(id)
  expect(await found(title)).toContain(id)
  expect(await found(`${judul} lain`)).toEqual([])
})

test('show: why, what matched, who was told and when, what to do next', async () => {
  const id = await first()
  let shown = ''
  await until(
    async () => {
      shown = (await cli('show', id.toLowerCase())).stdout
      return shown.includes('sampai')
    },
    'the delivery',
    60_000,
  )
  expect(shown).toMatch(new RegExp(`^${id}  \\S+  skor \\d+  terbuka \\(menunggu tanggapan\\)\n`))
  expect(shown).toMatch(
    /\nMengapa skor ini\n {2}Skor \d+: dari 100 temuan seperti ini, kira-kira \d+ perlu diperiksa orang\.\n/,
  )
  expect(shown).toMatch(/\n {2}[+−][\d.]+ /)
  expect(shown).toMatch(/\nBukti\n {2}.*(?:UNION|sqlmap)/i)
  expect(shown).toMatch(/\nSiapa diberi tahu\n {2}Waktu .*\n {2}.* WIB +bandung +dewi +berkas +baru +sampai\n/)
  expect(shown).toMatch(/\nYang harus dikerjakan\n {2}1\. /)
  expect(shown).toMatch(new RegExp(`\nBerikutnya\n {2}siaga alerts ack ${id}\n$`))
  const [english, none] = await Promise.all([cli('show', id, '--lang', 'en'), cli('show', 'A-TIDAKADA')])
  expect(english.stdout).toContain('\nWho was told\n')
  expect(none).toMatchObject({ code: 1, stdout: '' })
  expect(none.stderr).toContain('siaga: Tidak ada peringatan A-TIDAKADA yang boleh ditangani ruang ini.')
  expect(none.stderr).toContain('siaga alerts list')
})

test('acknowledge, assign, comment, close and reopen; what is refused is said, and ends with 1', async () => {
  await attack('203.0.113.8')
  const id = await first('203.0.113.8')
  expect((await cli('ack', id)).stdout).toMatch(new RegExp(`^✓ ${id} .* ditanggapi `))
  expect((await cli('assign', id, 'Hadi')).code).toBe(0)
  expect((await cli('start', id)).stdout).toContain('ditangani')
  expect((await cli('comment', id, 'menunggu penyedia')).code).toBe(0)
  const without = await cli('resolve', id)
  expect(without).toMatchObject({ code: 1, stdout: '' })
  expect(without.stderr).toMatch(/memerlukan alasan/)
  expect((await cli('resolve', id, 'A-TIDAKADA', '--reason', 'ditambal')).code).toBe(1)
  expect((await cli('reopen', id, '--reason', 'terjadi lagi', '--lang', 'en')).stdout).toContain(' open ')
  const { stdout } = await cli('show', id)
  expect(stdout).toMatch(/\nTindakan\n {2}.* WIB {2}operator \(pusat\) {2}ditanggapi\n.*diserahkan kepada Hadi\n/)
  expect(stdout).toMatch(/dikomentari: menunggu penyedia\n.*diselesaikan: ditambal\n.*dibuka lagi: terjadi lagi\n/)

  const closed = await cli('false-positive', id, '--reason', "uji penetrasi; rm -rf 'x'")
  expect(closed.code).toBe(0)
  expect(closed.stdout).toContain('USULAN pengecualian, TIDAK diterapkan.')
  expect(closed.stdout).toMatch(
    /filter:\n {6}rules:\n {8}- [0-9a-f-]{36}\n {6}known:\n(?: {8}.*\n)* {8}source_ip: 203\.0\.113\.8\n/,
  )
  expect(closed.stdout).toMatch(
    /siaga alerts suppress --rule \S+ --entity source_ip:203\.0\.113\.8 --asset situs --for 7d/,
  )
  expect(closed.stdout).toContain(`'"'"'x`.replaceAll(`'"'"'`, `'\\''`))
  // Nothing was applied.
  expect((await cli('suppressions')).stdout).toBe('Tidak ada yang ditahan.\n')
})

test('a room sees its own by its key; a key of a source sees nothing', async () => {
  const { stdout } = await siaga.line('keys', 'create', '--room', 'bali', '--label', 'Fajar')
  const bali = /siaga_\w{10}_[\w-]{43}/.exec(stdout)?.[0] ?? ''
  const as = (own: string, ...args: string[]) => siaga.lineWith({ env: { SIAGA_KEY: own } }, 'alerts', ...args)
  await until(async () => (await ask(bali, '/v1/alerts')).status === 200, 'the new key')
  const [own, other, policy, source] = await Promise.all([
    as(bali, 'list'),
    as(bali, 'ack', await first()),
    as(bali, 'policy'),
    as(siaga.key, 'list'),
  ])
  expect(own.stdout).toBe('Tidak ada peringatan.\n')
  expect(other.code).toBe(1)
  expect(policy.stderr).toContain('Ini hanya untuk pusat.')
  expect(source.stderr).toContain('bukan untuk melihat peringatan')
})

test('suppress, suppressions, held, end, policy', async () => {
  const id = await first()
  const made = await cli('suppress', id, '--for', '4h', '--owner', 'tim web', '--reason', 'uji beban')
  expect(made.stderr).toBe('')
  const held = /^(S-\w+) {2}berlaku\n/.exec(made.stdout)?.[1] ?? ''
  expect(made.stdout).toMatch(/Cocok dengan +rules: \S+; assets: situs; entities: source_ip:203\.0\.113\.7\n/)
  expect((await cli('suppressions')).stdout).toMatch(new RegExp(`^${held} .* tim web +berlaku +uji beban$`, 'm'))
  expect((await cli('held')).stdout).toMatch(/^Sejak .* WIB\n/)
  expect((await cli('end', held)).stdout).toMatch(new RegExp(`^${held} {2}diakhiri\n`))
  const [inForce, all, nothing, endless, policy, approved] = await Promise.all([
    cli('suppressions'),
    cli('suppressions', '--all'),
    cli('suppress', '--for', '4h', '--owner', 'x', '--reason', 'y'),
    cli('suppress', id, '--owner', 'x', '--reason', 'y'),
    cli('policy'),
    cli('approve', '0123456789abcdef'),
  ])
  expect(inForce.stdout).toBe('Tidak ada yang ditahan.\n')
  expect(all.stdout).toContain('diakhiri')
  expect(nothing.code).toBe(1)
  expect(nothing.stderr).toContain('Penahanan tidak dapat dibuat')
  expect(endless.code).toBe(2)
  expect(policy.stdout).toContain('Tidak ada yang menunggu')
  expect(approved.stderr).toContain('tidak menunggu siapa pun')
})

test('test: a real message by the channel itself, 1 if it was not delivered, and never a secret', async () => {
  const sent = await cli('test', 'berkas', '--to', 'piket')
  expect(sent.code).toBe(0)
  expect(sent.stdout).toMatch(/^✓ Diterima oleh saluran: piket /)
  const file = join(siaga.dataDir, 'pesan.jsonl')
  expect(existsSync(file)).toBe(true)
  expect((await readFile(file, 'utf8')).trim().split('\n').at(-1)).toContain('"reason":"test"')
  const [dead, unset, unknown, nobody] = await Promise.all([
    cli('test', 'kait', '--lang', 'en'),
    cli('test', 'pos', '--json'),
    cli('test', 'berka'),
    cli('test', 'berkas', '--to', 'siapa'),
  ])
  expect(dead.code).toBe(1)
  expect(dead.stdout).toMatch(/^✗ Not delivered; an alert would be tried again: kait /)
  expect(unset.code).toBe(1)
  expect(JSON.parse(unset.stdout).detail).toContain('SIAGA_SANDI_SURAT')
  expect(unknown).toMatchObject({ code: 2 })
  expect(unknown.stderr).toContain('Did you mean `berkas`?')
  expect(nobody.stderr).toContain('There are: dewi, piket.')
})

test('watch: changes as they happen, one line each', async () => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', mainFile, 'alerts', 'watch', '--json'],
    {
      cwd: siaga.folder,
      env: { ...plainEnvironment(), ...siaga.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let out = ''
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString()
  })
  try {
    await until(async () => (await siaga.metric('siaga_alert_streams')) === 1, 'the stream')
    const id = await first()
    await cli('comment', id, 'lihat ini')
    await until(() => out.includes(id), 'the change')
    const [line = ''] = out.split('\n').filter((one) => one.includes(id))
    expect(JSON.parse(line)).toMatchObject({ event: 'alert', data: { id } })
  } finally {
    child.kill('SIGINT')
  }
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect(code).toBe(0)
})

test('simulate: the history of this Siaga through its configuration; nothing is sent', async () => {
  const before = await readFile(join(siaga.dataDir, 'pesan.jsonl'), 'utf8')
  await until(async () => Number(await siaga.value('SELECT count() FROM siaga.findings')) > 0, 'findings', 60_000)
  const { code, stdout } = await cli('simulate', '--ack-after', '1')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Waktu +Tingkatan +Ruang +Penerima +Saluran +Sebab +Tingkat +Peringatan +Judul\n/)
  expect(stdout).toMatch(/ kabupaten +bandung +dewi +berkas +baru +/)
  expect(stdout).toContain('Tidak ada yang dikirim.')
  expect(await readFile(join(siaga.dataDir, 'pesan.jsonl'), 'utf8')).toBe(before)
})

test('nobody there: it says so and what to do', async () => {
  const { code, stderr } = await siaga.lineWith(
    { env: { SIAGA_KEY: siaga.key, SIAGA_HTTP_PORT: '9' } },
    ...['alerts', 'list', '--lang', 'en'],
  )
  expect(code).toBe(1)
  expect(stderr).toContain('127.0.0.1:9 does not answer')
})
