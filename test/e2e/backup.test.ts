// Does everything come back? A back-up while events arrive, the whole data directory lost, a restore, and all of it compared: rows, alerts, people, evidence.
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import {
  ask,
  attack,
  daysBefore,
  keepSending,
  killedAt,
  logIn,
  makePerson,
  type Person,
  sumsOf,
  toldOfAlerts,
} from './backup.ts'
import { makeHome, report, type Siaga, startSiaga, until, writeInto } from './siaga.ts'

const yaml = `
sources:
  - {id: web, format: nginx, region: "32.04", owner: pemda, asset: situs}
  - {id: berkas, region: "32", files: [log/*.log]}
assets:
  - {id: situs, name: Situs Bandung, criticality: high, region: "32.04", owner: pemda, kind: web, contacts: [{name: Budi, channel: berkas}]}
rules: {folders: [aturan]}
rooms:
  - {id: bandung, region: "32.04", owner: pemda}
  - {id: pusat, region: "00"}
alerts: {public_url: https://siaga.example, channels: [{id: berkas, kind: file, path: alerts.jsonl}]}
`
// Siaga is started twice, and commands that read all of it are run a dozen times.
vi.setConfig({ testTimeout: 900_000 })

const shell = '<?php system($_GET["c"]); ?>'
const form = `
contact: {name: Rina, organisation: Diskominfo, email: rina@bandung.example}
description: Halaman depan diganti.
chronology:
  - {at: "08:00", what: warga menelepon}
impact: situs mati dua jam
category: web_shell
asset: situs
severity: high
discovered_at: "2024-11-27 08:00"
iiv: true
personal_data: true
`

let siaga: Siaga
let web = ''
let bandung = ''
let pusat = ''
let person: Person
let target = ''
let backup = ''
/** What was there before the loss, and how many lines had been accepted before and during the back-up. */
let before: { sums: unknown; told: unknown; letters: unknown; accepted: number; acceptedBefore: number }

const Key = /siaga_\w{10}_[\w-]{43}/
const Alerts = z.object({ alerts: z.array(z.object({ id: z.string(), asset: z.unknown() })) })
const newKey = async (...args: string[]): Promise<string> =>
  Key.exec((await siaga.run('keys', 'create', ...args)).stdout)?.[0] ?? ''
const lineCount = async (): Promise<{ rows: number; distinct: number }> => {
  const [row] = await siaga.sql(
    "SELECT count() AS rows, uniqExact(message) AS distinct FROM siaga.events WHERE source_id = 'demo' AND startsWith(message, 'nomor ')",
  )
  return { rows: Number(row?.rows), distinct: Number(row?.distinct) }
}

beforeAll(async () => {
  const home = await makeHome(yaml)
  await writeInto(home, 'aturan/baca-saya.txt', 'aturan kami')
  await writeInto(home, 'log/satu.log', 'baris pertama\nbaris kedua\n')
  siaga = await startSiaga({ home })
  target = join(home.folder, 'cadangan')
  web = await newKey('web')
  bandung = await newKey('--room', 'bandung', '--label', 'Ani')
  pusat = await newKey('--room', 'pusat', '--label', 'Citra')
  person = await makePerson(siaga, 'citra')
  await until(async () => (await ask(siaga, pusat, '/v1/alerts')).status === 200, 'the new keys')
}, 600_000)
afterAll(async () => {
  await siaga?.stop()
  await siaga?.remove()
})

test('a Siaga with a past: events of three days, alerts in several states, a report, dead letters', async () => {
  for (const address of ['203.0.113.9', '203.0.113.10', '203.0.113.11'])
    expect((await siaga.post(attack(address), { source: 'web', key: web })).status).toBe(202)
  expect((await siaga.post('{"bukan": "nginx"}', { source: 'web', key: web })).status).toBe(202)
  await siaga.landed(2, "source_id = 'berkas'")
  await siaga.landed(3, "source_id = 'web'")
  // Partitions of other days, as they are after a while.
  await daysBefore(siaga, 2)
  await until(async () => {
    const { alerts } = Alerts.parse((await ask(siaga, bandung, '/v1/alerts?limit=200')).json)
    return alerts.length >= 6
  }, 'alerts')
  const { alerts } = Alerts.parse((await ask(siaga, bandung, '/v1/alerts?limit=200')).json)
  const [first, second] = alerts
  expect((await ask(siaga, bandung, `/v1/alerts/${first?.id}/acknowledge`, { reason: 'dilihat' })).status).toBe(200)
  const closed = await ask(siaga, bandung, `/v1/alerts/${second?.id}/false-positive`, { reason: 'uji yang disepakati' })
  expect(closed.status).toBe(200)
  const held = await ask(siaga, pusat, '/v1/suppressions', {
    ...{ owner: 'Citra', reason: 'pindai terjadwal', match: { sources: ['lain'] } },
    until: new Date(Date.now() + 86_400_000).toISOString(),
  })
  expect(held).toMatchObject({ status: 201 })
  const noticed = await ask(siaga, bandung, `/v1/alerts/${first?.id}/notice`, { text: 'mohon diperiksa' })
  expect(noticed).toMatchObject({ status: 201 })
  const evidence = await writeInto(siaga, 'shell.php', shell)
  const filed = await siaga.runWith(
    { env: { SIAGA_KEY: bandung } },
    ...['report', '--file', await writeInto(siaga, 'laporan.yaml', form), '--attach', evidence],
  )
  expect(filed).toMatchObject({ code: 0 })
  await siaga.landed(1, "dataset = 'siaga.report'")
  await until(async () => Number(await siaga.value('SELECT count() FROM siaga.alert_actions')) >= 2, 'actions landed')
  await until(async () => Number(await siaga.value('SELECT count() FROM siaga.verdicts')) > 0, 'a verdict')
  await until(async () => {
    const told = JSON.stringify(await ask(siaga, bandung, '/v1/notices'))
    return (
      told.includes('"state":"sent"') &&
      (await readFile(join(siaga.dataDir, 'alerts.jsonl'), 'utf8').catch(() => '')) !== ''
    )
  }, 'the notice reaches its owner')
  expect(await logIn(siaga, 'citra', person.recovery)).toBe(200)
})

test('a back-up that is killed is told from a whole one, and leaves nothing behind in ClickHouse', async () => {
  await killedAt(siaga, 'what waits in Kafka', 'backup', target)
  const [cut = ''] = await readdir(target)
  expect((await siaga.line('restore', join(target, cut), '--verify')).stderr).toContain(
    'is no back-up, or one that was cut off',
  )
  const shadow = join(siaga.dataDir, 'clickhouse', 'data', 'shadow')
  expect((await readdir(shadow)).some((name) => name.startsWith('siaga_backup_'))).toBe(true)
  expect((await siaga.run('backup', target)).code).toBe(0)
  expect(await readdir(target)).not.toContain(cut)
  expect((await readdir(shadow)).filter((name) => name.startsWith('siaga_backup_'))).toEqual([])
})

test('a back-up while events arrive', async () => {
  const sending = keepSending(siaga, 'demo', siaga.key)
  await until(async () => (await lineCount()).rows >= 20, 'lines that arrive')
  const acceptedBefore = sending.accepted()
  const began = performance.now()
  const made = await siaga.run('backup', target, '--keep', '1')
  const ms = Math.round(performance.now() - began)
  const accepted = await sending.stop()
  expect(made).toMatchObject({ code: 0 })
  expect(made.stderr).not.toContain('warning')
  report(`backup: ${made.stderr.split('\n').findLast((line) => line.includes('written'))} (${ms} ms)`)
  backup = made.stdout.trim()
  expect(await readdir(target)).toEqual([basename(backup)])
  expect((await stat(backup)).mode & 0o777).toBe(0o700)
  expect((await stat(join(backup, 'manifest.json'))).mode & 0o777).toBe(0o600)
  await until(async () => (await lineCount()).rows === accepted, 'every accepted line')
  before = {
    ...{ sums: await sumsOf(siaga), told: await toldOfAlerts(siaga, pusat), accepted, acceptedBefore },
    letters: JSON.parse((await siaga.line('dlq', 'list', '--json')).stdout),
  }
})

test('no key in the clear is in it, and no session', async () => {
  const names = await readdir(backup, { recursive: true })
  expect(names.filter((name) => /master\.key|demo\.key|operator\.key/.test(name))).toEqual([])
  expect(names).toContain('config/aturan/baca-saya.txt')
  const master = (await readFile(join(siaga.dataDir, 'secrets', 'master.key'), 'utf8')).trim()
  for (const name of names) {
    if (!(await stat(join(backup, name))).isFile()) continue
    const bytes = await readFile(join(backup, name))
    for (const secret of [master, siaga.key, web, person.token]) expect(bytes.includes(secret)).toBe(false)
  }
})

test('everything is lost; a restore is refused without the key, with another one, into a directory with data, and of what was changed', async () => {
  const key = await readFile(join(siaga.dataDir, 'secrets', 'master.key'))
  const place = join(siaga.dataDir, 'secrets', 'master.key')
  expect((await siaga.line('restore', backup)).stderr).toMatch(/is in use by process|There is data in/)
  await siaga.stop()
  expect(await siaga.line('restore', backup)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is data in'),
  })
  await rm(siaga.dataDir, { recursive: true })
  await rm(join(siaga.folder, 'siaga.yaml'))
  await rm(join(siaga.folder, 'aturan'), { recursive: true })
  expect(await siaga.line('restore', backup, '--config-to', siaga.folder)).toMatchObject({ code: 0 })
  expect(await readFile(join(siaga.folder, 'siaga.yaml'), 'utf8')).toBe(yaml)
  expect((await siaga.line('restore', backup)).stderr).toContain('needs the master key')
  await mkdir(join(siaga.dataDir, 'secrets'), { recursive: true, mode: 0o700 })
  await writeFile(place, Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 })
  expect((await siaga.line('restore', backup)).stderr).toContain('under another master key')
  await writeFile(place, key)
  const changed = `${backup}-changed`
  await cp(backup, changed, { recursive: true })
  const { files } = z
    .object({ files: z.array(z.object({ path: z.string() })) })
    .parse(JSON.parse(await readFile(join(changed, 'manifest.json'), 'utf8')))
  const victim = join(changed, files.find(({ path }) => path.includes('clickhouse/events/'))?.path ?? '')
  const bytes = await readFile(victim)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  await writeFile(victim, bytes)
  expect(await siaga.line('restore', changed)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not what was written'),
  })
  expect(await readdir(siaga.dataDir)).toEqual(['secrets'])
})

test('a restore that is killed is not taken for a whole one, and goes on when it is run again', async () => {
  await killedAt(siaga, 'ClickHouse: 50 %', 'restore', backup)
  const start = await siaga.line('start')
  expect(start).toMatchObject({ code: 1, stderr: expect.stringContaining('was cut off') })
  const began = performance.now()
  const done = await siaga.run('restore', backup)
  report(`restore: ${Math.round(performance.now() - began)} ms`)
  expect(done).toMatchObject({ code: 0 })
  expect(done.stderr).not.toContain('the configuration is not that of the back-up')
})

test('the same rows, alerts, letters, people and evidence are there, and what was accepted before the back-up, once', async () => {
  siaga = await startSiaga({ home: siaga })
  await until(async () => (await lineCount()).rows >= before.acceptedBefore, 'what waited in Kafka')
  const { rows, distinct } = await lineCount()
  expect(rows).toBe(distinct)
  expect(rows).toBeLessThanOrEqual(before.accepted)
  expect(await sumsOf(siaga)).toEqual(before.sums)
  await until(async () => (await ask(siaga, pusat, '/v1/alerts')).status === 200, 'the key of a room')
  expect(await toldOfAlerts(siaga, pusat)).toEqual(before.told)
  expect(JSON.parse((await siaga.line('dlq', 'list', '--json')).stdout)).toEqual(before.letters)
  expect(await logIn(siaga, 'citra')).toBe(401)
  expect(await logIn(siaga, 'citra', person.recovery)).toBe(401)
  expect(await logIn(siaga, 'citra', person.codeAt(Date.now() + 30_000))).toBe(200)
  expect((await ask(siaga, person.token, '/v1/alerts')).status).toBe(200)
  const stored = (await readdir(join(siaga.dataDir, 'reports'), { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile(),
  )
  const contents = await Promise.all(stored.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')))
  expect(contents).toContain(shell)
})

test('life goes on: new events land, new alerts have ids of their own, followed files are read on, actions are kept', async () => {
  const ids = Object.keys(z.record(z.string(), z.unknown()).parse(before.told))
  expect((await siaga.post(attack('203.0.113.77'), { source: 'web', key: web })).status).toBe(202)
  await writeFile(join(siaga.folder, 'log', 'satu.log'), 'baris ketiga\n', { flag: 'a' })
  await siaga.landed(3, "source_id = 'berkas'")
  await siaga.landed(10, "source_id = 'web'")
  let fresh = ''
  await until(async () => {
    const { alerts } = Alerts.parse((await ask(siaga, bandung, '/v1/alerts?limit=200')).json)
    fresh = alerts.find(({ id }) => !ids.includes(id))?.id ?? ''
    return fresh !== ''
  }, 'a new alert')
  expect((await ask(siaga, bandung, `/v1/alerts/${fresh}/acknowledge`, { reason: 'dilihat' })).status).toBe(200)
  await until(
    async () => Number(await siaga.value(`SELECT count() FROM siaga.alert_actions WHERE alert_id = '${fresh}'`)) === 1,
    'its action landed',
  )
})
