// Does what Operation Rooms report reach ClickHouse, once, with receipt, region and clock, and no citizen's number? By `siaga report` and by the API.
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BlobReader, TextWriter, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKafka } from '../../runtime/kafka.ts'
import { silentLog } from '../../runtime/log.ts'
import { Finding } from '../../schemas/detection.ts'
import { decodeEnvelope, emptyEnvelope, RAW_HEADER, topics } from '../../schemas/raw-event.ts'
import { type Siaga, startSiaga, until, writeInto } from './siaga.ts'

/** When rooms have to report: the first minute that is 40 s away. */
let dueAt = 0
/** In the first test, right after the start, the room that is due then reports. */
const REPORTS_WITHIN = 15_000
const yamlOf = (dueTime: string): string => `
correlations: {interval_seconds: 1, grace_seconds: 0}
reports: {nihil_time: "${dueTime}", grace_minutes: 0}
sources:
  - {id: web-jabar, region: "32"}
rooms:
  - {id: ruang-jabar, name: Ruang Operasi Jawa Barat, region: "32", owner: pemda, contact: "telepon 150 pesawat 3"}
  - {id: ruang-papua, region: "91", owner: pemda}
  - {id: ruang-dki, region: "31", owner: pemda}
assets:
  - {id: situs-jabar, criticality: critical, region: "32", owner: pemda, hosts: [jabar.example]}
`
const shell = '<?php system($_GET["c"]); // nik 3174066107910077 ?>'
const planted = [
  '3273014508880007',
  '3273011203150004',
  '3273014508880008',
  '81234567890',
  '0812-3456-7890',
  '813-1111-2222',
]
const form = `
contact: {name: Rina, organisation: Diskominfo, email: rina@jabar.example, phone: 0812-3456-7890}
description: |
  Halaman depan diganti. NIK 3273014508880007 tampil, NKK 3273011203150004.
chronology:
  - {at: "08:00", what: "warga menelepon dari 0813-1111-2222"}
impact: situs mati dua jam; nik=3273014508880008
category: web_shell
asset: situs-jabar
severity: high
discovered_at: "2024-11-27 08:00"
iiv: true
personal_data: true
`

let siaga: Siaga
let jabar = ''
let papua = ''
const kafkaOf = () =>
  createKafka({ brokers: [`127.0.0.1:${siaga.ports.kafka}`], clientId: 'report-test', log: silentLog })

beforeAll(async () => {
  for (;;) {
    dueAt = Math.ceil((Date.now() + 40_000) / 60_000) * 60_000
    siaga = await startSiaga({ yaml: yamlOf(new Date(dueAt + 7 * 3_600_000).toISOString().slice(11, 16)) })
    if (Date.now() < dueAt - REPORTS_WITHIN) break
    // A machine that is slow just now: another time.
    await siaga.stop()
    await siaga.remove()
  }
  const key = async (...args: string[]) => (await siaga.run('keys', 'create', ...args)).stdout.trim()
  jabar = await key('--room', 'ruang-jabar')
  papua = await key('--room', 'ruang-papua')
  // Running servers take up new keys within a second.
  await until(async () => (await post('/v1/reports/nihil', {}, papua)).status < 300, 'the keys are known')
})
afterAll(async () => {
  await siaga?.stop()
  await siaga?.remove()
})

async function post(path: string, body: unknown, key = jabar, headers: Record<string, string> = {}) {
  const answer = await fetch(siaga.web + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const json = (await answer.json()) as Record<string, unknown> & { receipt: string; error: string }
  return { status: answer.status, json }
}

const report = (...args: string[]) => siaga.runWith({ env: { SIAGA_KEY: jabar, SIAGA_LANG: 'id' } }, 'report', ...args)
const plain = {
  contact: { name: 'Budi', email: 'budi@papua.example' },
  description: 'Server tidak menjawab.',
  chronology: 'Sejak pagi.',
  impact: 'Rekapitulasi tertunda.',
  category: 'outage',
  asset: '192.0.2.10',
  severity: 'low',
  discovered_at: '2024-11-27 08:00',
  iiv: false,
  personal_data: true,
}

describe('on the command line', () => {
  let receipt = ''

  test('a form with evidence is filed: receipt, region and both clocks, Indonesian first', async () => {
    const file = await writeInto(siaga, 'laporan.yaml', form)
    const evidence = await writeInto(siaga, 'shell.php', shell)
    const { code, stdout, stderr } = await report('--file', file, '--attach', evidence)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Laporan diterima\.\n {2}Nomor tanda terima +LAP-32-/)
    expect(stdout).toMatch(/Wilayah +32 Jawa Barat\n/)
    expect(stdout).toMatch(/Tenggat IIV \(1 × 24 jam\) +2024-11-28 08:00:00 WIB LEWAT\n/)
    expect(stdout).toMatch(/Tenggat data pribadi \(3 × 24 jam\) +2024-11-30 08:00:00 WIB LEWAT\n/)
    expect(stdout).toMatch(/Lampiran +shell\.php, 52 bita, sha256 [0-9a-f]{64}\n/)
    receipt = /LAP-[0-9A-Z-]+/.exec(stdout)?.[0] ?? ''
    const again = await report('--file', file, '--attach', evidence, '--lang', 'en', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ receipt, repeated: true })
  })

  test('is one row of events and of the view, with region, owner, asset and clocks', async () => {
    await siaga.landed(1, "dataset = 'siaga.report' AND event_action = 'incident_report'")
    expect(
      await siaga.sql(
        "SELECT * EXCEPT (description, chronology, impact, reported_at) FROM reports WHERE kind = 'incident'",
      ),
    ).toMatchObject([
      {
        receipt,
        room: 'ruang-jabar',
        region_code: '32',
        owner: 'pemda',
        asset_id: 'situs-jabar',
        category: 'web_shell',
        severity: 'high',
        iiv: 1,
        iiv_due: '2024-11-28 01:00:00.000',
        personal_data: 1,
        personal_data_due: '2024-11-30 01:00:00.000',
        discovered_at: '2024-11-27 01:00:00.000',
        contact_name: 'Rina',
        contact_phone: expect.stringMatching(/^tel-[0-9a-f]{16}$/),
      },
    ])
    const [row] = await siaga.sql(
      "SELECT event_id, event_code, region_code, asset_criticality, event_severity, score, tags FROM events WHERE event_action = 'incident_report'",
    )
    expect(row).toMatchObject({
      event_id: receipt,
      event_code: receipt,
      region_code: '32',
      asset_criticality: 'critical',
      event_severity: 75,
      tags: ['tokenised'],
    })
    expect(Number(row?.score)).toBeGreaterThan(20)
  })

  test('becomes a finding of its severity', async () => {
    const found: Finding[] = []
    await kafkaOf().readAll(topics.findings, ({ value }) => {
      found.push(Finding.parse(JSON.parse(value?.toString() ?? '')))
    })
    expect(found.filter(({ source_id }) => source_id === 'ruang-jabar')).toMatchObject([
      {
        severity: 'high',
        title: 'Incident report: web_shell',
        region_code: '32',
        asset_id: 'situs-jabar',
        event_id: receipt,
      },
    ])
  })

  test('list and show', async () => {
    const list = await report('list', '--kind', 'incident')
    expect(list.stdout).toMatch(
      new RegExp(`^Tanda terima .*\\n${receipt} +20\\d\\d-.* WIB +32 +ruang-jabar +web_shell +high +-\\n$`),
    )
    expect(JSON.parse((await report('list', '--region', '91', '--json')).stdout)).toMatchObject([
      { kind: 'nihil', room: 'ruang-papua' },
    ])
    const shown = await report('show', receipt.toLowerCase().replaceAll('-', ' '))
    expect(shown.stdout).toMatch(/Kontak ruang +telepon 150 pesawat 3\n/)
    expect(shown.stdout).toMatch(
      /\nUraian\nHalaman depan diganti\. NIK nik-[0-9a-f]{16} tampil, NKK nik-[0-9a-f]{16}\.\n/,
    )
    expect(shown.stdout).toMatch(/\nKronologi\n08:00: warga menelepon dari tel-[0-9a-f]{16}\n/)
    expect(await report('show', `${receipt.slice(0, -1)}${receipt.endsWith('0') ? '1' : '0'}`)).toMatchObject({
      code: 2,
    })
    expect(await report('show', 'LAP-32-A0000-A0000-0')).toMatchObject({ code: expect.any(Number), stdout: '' })
  })

  test('evidence leaves in an encrypted archive only, and is told when it was changed', async () => {
    const got = await report('attachment', 'get', receipt, '--out', 'bukti.zip')
    expect(got).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[A-Za-z0-9]{5}(?:-[A-Za-z0-9]{5}){3}\n$/) })
    const archive = join(siaga.folder, 'bukti.zip')
    expect(statSync(archive).mode & 0o777).toBe(0o600)
    expect(readFileSync(archive, 'latin1')).not.toContain('system(')
    const blob = new Blob([readFileSync(archive)])
    const password = got.stdout.trim()
    const zip = new ZipReader(new BlobReader(blob), { useWebWorkers: false })
    const [entry, manifest] = await zip.getEntries()
    if (entry === undefined || entry.directory || manifest === undefined || manifest.directory)
      throw new Error('no entries')
    expect(entry).toMatchObject({ filename: '1-shell.php', encrypted: true, zipCrypto: false })
    expect(await entry.getData(new TextWriter(), { password })).toBe(shell)
    expect(JSON.parse(await manifest.getData(new TextWriter(), { password }))).toMatchObject([
      { entry: '1-shell.php', name: 'shell.php' },
    ])
    await expect(entry.getData(new Uint8ArrayWriter(), { password: 'wrong' })).rejects.toThrow()
    await expect(entry.getData(new Uint8ArrayWriter())).rejects.toThrow()
    expect(await report('attachment', 'get', receipt, '--out', 'bukti.zip')).toMatchObject({ code: 1, stdout: '' })

    const sha256 = createHash('sha256').update(shell).digest('hex')
    await writeInto(siaga, `data/reports/filed/${receipt}/${sha256}`, 'changed')
    const changed = await report('attachment', 'get', receipt, '--out', 'other.zip')
    expect(changed).toMatchObject({ code: 1, stderr: expect.stringContaining('is not what was filed') })
    expect(() => statSync(join(siaga.folder, 'other.zip'))).toThrow()
  })

  test('wrong use ends with 2, a refusal with 1 and its field', async () => {
    expect(await report()).toMatchObject({ code: 2, stderr: expect.stringContaining('--file') })
    expect(await siaga.run('report', 'nihil', '--lang', 'en')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SIAGA_KEY'),
    })
    expect(await report('--file', await writeInto(siaga, 'rusak.yaml', 'a: ['))).toMatchObject({ code: 2 })
    expect(await report('list', '--kind', 'other')).toMatchObject({ code: 2 })
    const blank = await writeInto(siaga, 'kosong.yaml', (await report('template')).stdout)
    const refused = await report('--file', blank)
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/contact\.name belum diisi.*impact belum diisi/s),
    })
    const big = await writeInto(siaga, 'besar.bin', Buffer.alloc(20_000_001))
    expect(await report('--file', blank, '--attach', big)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('20 MB'),
    })
  })

  test('large evidence goes in pieces', async () => {
    const file = await writeInto(siaga, 'laporan-2.yaml', form.replace('web_shell', 'malware'))
    const large = await writeInto(siaga, 'besar.img', Buffer.alloc(2_500_000, 7))
    const { code, stdout } = await report('--file', file, '--attach', large, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ attachments: [{ name: 'besar.img', bytes: 2_500_000 }] })
  })

  test('nihil', async () => {
    const { code, stdout } = await report('nihil', '--note', 'aman')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^Laporan nihil diterima\.\n.*NIL-32-.*\n(?:.*\n)+ {2}Untuk jadwal +20\d\d-\d\d-\d\d \d\d:\d\d:00 WIB/,
    )
    await siaga.landed(1, "dataset = 'siaga.report' AND event_action = 'nihil_report' AND source_id = 'ruang-jabar'")
  })
})

describe('by the API', () => {
  test('a report is filed and lands once, a repeat is the same', async () => {
    const headers = { 'idempotency-key': 'papua-1' }
    const first = await post('/v1/reports', plain, papua, headers)
    expect(first).toMatchObject({
      status: 201,
      json: {
        receipt: expect.stringMatching(/^LAP-91-/),
        region: '91',
        clocks: [{ clock: 'personal_data', due_local: '2024-11-30 08:00:00 WIT' }],
      },
    })
    expect(await post('/v1/reports', plain, papua, headers)).toMatchObject({ status: 200, json: first.json })
    expect(await post('/v1/reports', { ...plain, impact: 'lain' }, papua, headers)).toMatchObject({
      status: 409,
      json: { error: 'IDEMPOTENCY_KEY_REUSED' },
    })
    await siaga.landed(1, `event_code = '${first.json.receipt}'`)
    expect(
      await siaga.sql(
        `SELECT room, region_code, iiv, iiv_due, personal_data_due FROM reports WHERE receipt = '${first.json.receipt}'`,
      ),
    ).toEqual([
      {
        room: 'ruang-papua',
        region_code: '91',
        iiv: 0,
        iiv_due: null,
        personal_data_due: '2024-11-29 23:00:00.000',
      },
    ])
  })

  test('a forged region, a foreign key and an oversized attachment are refused; a room’s key opens no source', async () => {
    expect(await post('/v1/reports', { ...plain, region: '32' }, papua)).toMatchObject({
      status: 403,
      json: { error: 'REGION_OF_ANOTHER' },
    })
    expect(await post('/v1/reports', plain, siaga.key)).toMatchObject({
      status: 403,
      json: { error: 'KEY_NOT_OF_A_ROOM' },
    })
    expect(await siaga.post('x', { source: 'web-jabar', key: jabar })).toMatchObject({ status: 403 })
    expect(await siaga.post('x', { source: 'ruang-jabar', key: jabar })).toMatchObject({ status: 404 })
    const answer = await fetch(`${siaga.web}/v1/reports/attachments/${'a'.repeat(64)}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${jabar}` },
      body: Buffer.alloc(20_000_001),
    })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({
      error: 'ATTACHMENT_TOO_LARGE',
      pesan: expect.stringContaining('20000000'),
    })
    await siaga.landed(1, `source_id = 'ruang-papua' AND event_action = 'incident_report'`)
    await until(
      async () =>
        Number(
          await siaga.value(
            "SELECT count() FROM events WHERE source_id = 'siaga-audit' AND event_action = 'report_refused'",
          ),
        ) === 1,
      'the refusal is in the audit trail',
    )
  })
})

test('a region without a working sensor is not monitored, whatever its room reports', async () => {
  const regions = async () =>
    JSON.parse((await siaga.run('status', '--by', 'region', '--format', 'json')).stdout).regions
  const room = (id: string, lastKind: string) => ({ id, lastKind, lastReport: expect.any(Number) })
  expect(await regions()).toMatchObject([
    { region: '31', state: 'unmonitored', rooms: [{ id: 'ruang-dki' }] },
    { region: '32', state: 'unmonitored', expected: 1, reporting: 0, silent: 1, silentSources: ['web-jabar'] },
    { region: '91', state: 'unmonitored', expected: 0, rooms: [room('ruang-papua', 'incident')] },
  ])
  const key = (await siaga.run('keys', 'create', '--source', 'web-jabar')).stdout.trim()
  await until(
    async () => (await siaga.post('satu baris', { source: 'web-jabar', key })).status === 202,
    'the key is known',
  )
  await siaga.landed(1, "source_id = 'web-jabar'")
  // Its state is judged some seconds after it has spoken. Asked of the table first: each look by the command is a process.
  await until(
    async () =>
      (await siaga.value("SELECT state FROM siaga.source_states_now WHERE source_id = 'web-jabar'")) === 'live',
    'the state of the source has landed',
  )
  await until(async () => (await regions())[1]?.state === 'monitored', 'the source is judged')
  expect(await regions()).toMatchObject([
    { region: '31', state: 'unmonitored' },
    { region: '32', state: 'monitored', reporting: 1, rooms: [room('ruang-jabar', 'nihil')] },
    { region: '91', state: 'unmonitored' },
  ])
  const { stdout } = await siaga.run('status', '--by', 'region', '--lang', 'id')
  expect(stdout).toMatch(/\n91 .* TIDAK TERPANTAU /)
})

test('a room that has not reported at its due time is one finding, the rooms that have are none', async () => {
  const missing = async (): Promise<Finding[]> => {
    const found: Finding[] = []
    await kafkaOf().readAll(topics.findings, ({ value }) => {
      found.push(Finding.parse(JSON.parse(value?.toString() ?? '')))
    })
    return found.filter(({ rule_id }) => rule_id === 'siaga.builtin.missing_report')
  }
  await until(async () => (await missing()).length > 0, 'the finding', 240_000)
  await sleep(3_000)
  // Papua's clock is two hours ahead: its due time was over before anything was judged.
  expect(await missing()).toMatchObject([
    { source_id: 'ruang-dki', region_code: '31', owner: 'pemda', severity: 'medium', window_start: dueAt },
  ])
}, 300_000)

test('no planted number is in a topic, a table, a log or a file; attachments are bytes apart', async () => {
  await siaga.landed(3, "event_action = 'incident_report'")
  const found = (text: string) => planted.filter((needle) => text.includes(needle))
  let reports = 0
  for (const topic of Object.values(topics)) {
    await kafkaOf().readAll(topic, ({ key, value, headers }) => {
      const envelope = emptyEnvelope()
      decodeEnvelope(String(headers?.[RAW_HEADER] ?? ''), envelope)
      if (envelope.format === 'siaga.report') reports += 1
      const text = [key, value, ...Object.values(headers ?? {})].map((part) => part?.toString() ?? '').join('\n')
      expect(found(text), topic).toEqual([])
      // The evidence is opaque: not a byte of it travels.
      expect(text).not.toContain('3174066107910077')
    })
  }
  // Three incidents and two of nothing.
  expect(reports).toBe(5)
  const tables = await siaga.sql(
    // Views with parameters read what others read too.
    "SELECT name FROM system.tables WHERE database = 'siaga' AND engine NOT LIKE 'Materialized%' AND NOT match(create_table_query, '[{][a-z_]+:')",
    'admin',
  )
  expect(tables.length).toBeGreaterThan(5)
  for (const { name } of tables) {
    expect(found(JSON.stringify(await siaga.sql(`SELECT * FROM siaga.${name}`, 'admin'))), String(name)).toEqual([])
  }
  expect(found(siaga.stdout() + siaga.stderr())).toEqual([])
})
