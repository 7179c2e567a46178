import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StatusReport } from '../../cli/status/read.ts'
import { showStatus } from '../../cli/status/show.ts'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { createKafka, type KafkaClient, type OutgoingMessage } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { silentLog } from '../../runtime/log.ts'
import { ensureTopics, topicSettings } from '../../runtime/topics.ts'
import { Config } from '../../schemas/config.ts'
import { decodeEnvelope, emptyEnvelope, encodeEnvelope, RAW_HEADER, topics } from '../../schemas/raw-event.ts'
import { deadLetterMessage, listDeadLetters } from '../../sinks/dlq/dead-letters.ts'
import { getServices } from '../services.ts'
import { siagaLine } from './host.ts'
import type { Run } from './run.ts'

const run = randomBytes(4).toString('hex')
const live = `live-${run}`
const blind = `blind-${run}`
const never = `never-${run}`
let folder = ''
let env: Record<string, string> = {}
let clickhouse: ClickHouse
let kafka: KafkaClient

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-operate-'))
  const services = await getServices()
  clickhouse = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
  await migrate(clickhouse)
  kafka = createKafka({ brokers: services.brokers, clientId: 'test-cli', log: silentLog })
  await (await ensureTopics(kafka, topicSettings(Config.parse({})))).disconnect()
  const url = new URL(services.clickhouse.url)
  const { username, password } = services.clickhouse.users.reader
  Object.assign(url, { username, password })
  env = { CLICKHOUSE_URL: url.href, KAFKA_BROKERS: services.brokers.join(','), LANG: 'C' }
  writeFileSync(
    join(folder, 'siaga.yaml'),
    `sources:\n  - {id: ${live}, region: "73.71"}\n  - {id: ${blind}}\n  - {id: ${never}}\n`,
  )
})
afterAll(async () => {
  await clickhouse.close()
  rmSync(folder, { recursive: true, force: true })
})

const cli = (...args: string[]): Promise<Run> => siagaLine(args, { cwd: folder, env })

describe('siaga dlq', () => {
  const letter = (offset: number, source: string, reason: string, payload: string): OutgoingMessage =>
    deadLetterMessage(
      `${run}-0-${offset}`,
      {
        key: Buffer.from('request-1'),
        value: Buffer.from(payload),
        headers: {
          [RAW_HEADER]: encodeEnvelope({
            ...emptyEnvelope(),
            source,
            format: 'json',
            receivedAt: 1_732_669_200_000,
            id: `e${offset}`,
          }),
        },
      },
      { reason, cause: `cause of\n${offset}` },
      1_732_669_200_000 + offset,
    )

  beforeAll(async () => {
    const producer = createBatchingProducer(kafka, silentLog)
    await producer.send(topics.deadLetters, [
      letter(1, live, 'json_too_deep', '{"a":\u001B[2J}'),
      letter(2, live, 'parser_error', 'two'),
      letter(3, blind, 'parser_error', 'three'),
      letter(3, blind, 'parser_error', 'three'),
    ])
    await producer.close()
  })

  test('list: each once, by source and reason, newest last, times with their zone', async () => {
    const all = await cli('dlq', 'list', '--source', live)
    expect(all).toMatchObject({ code: 0, stderr: '' })
    const [header, ...rows] = all.stdout.trim().split('\n')
    expect(header).toMatch(/^ID +Waktu +Sumber +Alasan +Sebab$/)
    expect(rows).toEqual([
      expect.stringMatching(new RegExp(`^${run}-0-1 +2024-11-27 08:00:00 WIB +${live} +json_too_deep +cause of 1$`)),
      expect.stringMatching(new RegExp(`^${run}-0-2 .*parser_error +cause of 2$`)),
    ])
    expect((await cli('dlq', 'list', '--source', live, '--reason', 'parser_error', '--lang', 'en')).stdout).toMatch(
      /^Id .*\n.*-0-2 .*\n$/,
    )
    expect((await cli('dlq', 'list', '--source', live, '--limit', '1')).stderr).toBe(
      'Masih ada 1 yang lebih lama; lihat dengan --limit.\n',
    )
    expect(await cli('dlq', 'list', '--source', 'nobody')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'Tidak ada kejadian gagal.\n',
    })
  })

  test('list --json is one object a line', async () => {
    const lines = (await cli('dlq', 'list', '--source', blind, '--json')).stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        id: `${run}-0-3`,
        source: blind,
        reason: 'parser_error',
        payload: 'three',
        eventId: 'e3',
        at: '2024-11-27T01:00:00.003Z',
      }),
    ])
  })

  test('show: what is known and the payload, safe for the terminal; --raw byte for byte; a beginning of the id is enough', async () => {
    const shown = await cli('dlq', 'show', `${run}-0-1`)
    expect(shown.stdout).toMatch(/^id +.*\nreason +json_too_deep\ncause +cause of\n1\n/)
    expect(shown.stdout).toContain('{"a":\\u001b[2J}')
    expect((await cli('dlq', 'show', '--raw', `${run}-0-1`)).stdout).toBe('{"a":\u001B[2J}')
    expect(await cli('dlq', 'show', run)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('3 dead letters begin with'),
    })
    expect(await cli('dlq', 'show', 'nope')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no dead letter `nope`'),
    })
  })

  test('replay puts them on siaga.raw as they came, once, and marks them', async () => {
    expect(await cli('dlq', 'replay', '--source', live)).toMatchObject({
      code: 0,
      stdout: 'replayed 2 of 2 dead letters\n',
    })
    expect(await cli('dlq', 'replay', '--source', live)).toMatchObject({
      code: 0,
      stdout: 'replayed 0 of 0 dead letters\n',
    })
    const back: string[][] = []
    await kafka.readAll(topics.raw, (message) => {
      const envelope = emptyEnvelope()
      decodeEnvelope(String(message.headers?.[RAW_HEADER] ?? ''), envelope)
      if (envelope.source !== live) return
      back.push([String(message.key), String(message.value), envelope.id, Object.keys(message.headers ?? {}).join()])
    })
    expect(back).toEqual([
      ['request-1', '{"a":\u001B[2J}', 'e1', RAW_HEADER],
      ['request-1', 'two', 'e2', RAW_HEADER],
    ])
    expect((await listDeadLetters(kafka, { source: live, all: true })).map(({ replayed }) => replayed)).toEqual([
      true,
      true,
    ])
    expect((await cli('dlq', 'list', '--source', live, '--all')).stdout).toContain('sudah diputar ulang')
  })

  test.each([[['replay']], [['replay', 'x', '--all']], [['list', '--limit', 'x']], [['show']]])(
    'wrong use exits 2: dlq %j',
    async (args) => {
      expect(await cli('dlq', ...args)).toMatchObject({ code: 2, stdout: '' })
    },
  )
})

describe('siaga status', () => {
  beforeAll(async () => {
    const insert = (source: string, ago: number, events: number, skewMs: number) =>
      clickhouse.command(
        `INSERT INTO siaga.source_minutes SELECT {source:String}, toStartOfMinute(now() - {ago:UInt32}), {run:String}, 0, {events:Int64}, 100, 0,
           {events:Int64} * 300, 900, {events:Int64} * {skew:Int64}, {skew:Int64}, toDateTime64('2024-11-27 01:00:00', 3, 'UTC'), now64(3) - {ago:UInt32}, now64(3) - {ago:UInt32}`,
        { source, ago, events, skew: skewMs, run },
      )
    await insert(live, 0, 90, 180_000)
    await insert(live, 1_800, 1_000, 180_000)
    await insert(blind, 7_200, 5, 0)
    await clickhouse.command(
      `INSERT INTO siaga.ingest_lag SELECT {source:String}, toStartOfMinute(now()), arrayJoin([512, 512, 4096]), {run:String}, 0, 10`,
      { source: live, run },
    )
  })

  test('--json: rates, lag, last event, skew, dead letters, and which sources are blind', async () => {
    const done = await cli('status', '--json')
    expect(done).toMatchObject({ code: 0, stderr: '' })
    const report: StatusReport = JSON.parse(done.stdout)
    const source = (id: string) => report.sources.find((one) => one.id === id)
    expect(source(live)).toMatchObject({
      state: 'live',
      perHour: 1_090,
      lagP95Ms: 4096,
      skewMs: 180_000,
      lastEvent: Date.UTC(2024, 10, 27, 1),
      zone: 'WITA',
    })
    expect(source(live)?.perMinute).toBeGreaterThanOrEqual(45)
    expect(source(live)?.perMinute).toBeLessThanOrEqual(90)
    expect(source(blind)).toMatchObject({ state: 'blind', perHour: 0 })
    expect(source(never)).toMatchObject({ state: 'never', perHour: 0, deadLetters: 0 })
    expect(source('demo')?.state).not.toBe('blind')
    expect(report.partitions?.length).toBeGreaterThan(0)
    expect(report.totals.blind).toBeGreaterThanOrEqual(2)
  })

  test('the table is Indonesian, times are in the zone of the source', async () => {
    const { code, stdout } = await cli('status')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Siaga {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d WIB {2}/)
    expect(stdout).toMatch(/^Sumber +Keadaan +\/detik/m)
    expect(stdout).toMatch(new RegExp(`^${live} +hidup .* 2024-11-27 09:00:00 WITA +≤ 4\\.1 s +3 min`, 'm'))
    expect(stdout).toMatch(new RegExp(`^${blind} +BUTA `, 'm'))
    expect(stdout).toMatch(new RegExp(`^${never} +BELUM ADA `, 'm'))
    expect(stdout).toContain('buta bukan berarti aman')
    expect(stdout).not.toContain('\u001B')
  })

  test('--lang en', async () => {
    const { stdout } = await cli('status', '--lang', 'en')
    expect(stdout).toMatch(/^Source +State/m)
    expect(stdout).toMatch(new RegExp(`^${blind} +BLIND `, 'm'))
    expect(await cli('status', '--lang', 'fr')).toMatchObject({ code: 2 })
  })

  test('with Kafka away it still tells what ClickHouse knows, and exits 1', async () => {
    const done = await siagaLine(['status'], { cwd: folder, env: { ...env, KAFKA_BROKERS: '127.0.0.1:9' } })
    expect(done).toMatchObject({ code: 1, stderr: '' })
    expect(done.stdout).toContain('Kafka tidak menjawab')
    expect(done.stdout).toContain(live)
  })

  test('with ClickHouse away it says so', async () => {
    const done = await siagaLine(['status'], { cwd: folder, env: { ...env, CLICKHOUSE_URL: 'http://127.0.0.1:9' } })
    expect(done).toMatchObject({ code: 1, stdout: '' })
    expect(done.stderr).toMatch(/ClickHouse does not answer/)
  })

  test('nothing at all is shown as nothing', () => {
    const totals = { perMinute: 0, perHour: 0, rate: 0, events: 0, waiting: 0, deadLetters: 0, blind: 0 }
    const text = showStatus({ at: 0, sources: [], partitions: [], totals }, 'id', (_style, text) => text)
    expect(text).toContain('siaga send --source demo')
  })
})

describe('siaga keys', () => {
  test('made, listed without their text, revoked', async () => {
    const made = await cli('keys', 'create', '--source', live, '--label', 'pengirim \u001B[1m')
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^siaga_[0-9a-z]{10}_[\w-]{43}\n$/) })
    expect(made.stderr).toContain('It is shown this once')
    const other = await cli('keys', 'create', blind)
    const id = made.stdout.split('_')[1] ?? ''
    const listed = await cli('keys', 'list')
    expect(listed.stdout).toMatch(
      new RegExp(`^${id} +${live} +pengirim \\\\u001b\\[1m +….{4} +\\S+ \\S+ WIB +berlaku$`, 'm'),
    )
    const secret = made.stdout.trim().slice(-43)
    expect(listed.stdout + (await cli('keys', 'list', '--json')).stdout).not.toContain(secret.slice(0, 20))
    const json: { id: string; hash?: string }[] = JSON.parse(
      (await cli('keys', 'list', '--source', live, '--json')).stdout,
    )
    expect(json).toEqual([expect.objectContaining({ id, source: live })])
    expect(json[0]).not.toHaveProperty('hash')
    expect(await cli('keys', 'revoke', id)).toMatchObject({
      code: 0,
      stdout: `Revoked key ${id} of source \`${live}\`.\n`,
    })
    expect((await cli('keys', 'list')).stdout).toMatch(new RegExp(`^${id} .*dicabut`, 'm'))
    expect(other.code).toBe(0)
  })

  test('an unknown source or id changes nothing', async () => {
    expect(await cli('keys', 'create', '--source', `${live}x`)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`Did you mean \`${live}\``),
    })
    expect(await cli('keys', 'revoke', 'nope')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing was revoked'),
    })
    expect(await cli('keys', 'create')).toMatchObject({ code: 2 })
  })
})

describe('siaga check', () => {
  /** A fresh folder with these files. */
  function place(files: Record<string, string>): string {
    const cwd = mkdtempSync(join(folder, 'check-'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
    return cwd
  }
  const check = (cwd: string, more: Record<string, string> = {}) =>
    siagaLine(['check'], { cwd, env: { ...env, ...more } })

  test('in order: a summary, no password in it, exit 0', async () => {
    const done = await check(place({ 'siaga.yaml': 'sources:\n  - {id: a, region: "31"}\n' }), {
      CLICKHOUSE_URL: 'http://u:geheim@ch.internal:8123',
    })
    expect(done.code).toBe(0)
    expect(done.stdout).toMatch(/^✓ siaga\.yaml: in order\n/)
    expect(done.stdout).toMatch(/38 provinces, 514 kabupaten and kota/)
    expect(done.stdout).toMatch(/1 of your own in 1 regions, 7 built in/)
    expect(done.stdout).toContain('http://u@ch.internal:8123')
    expect(done.stdout).not.toContain('geheim')
  })

  test('all problems of all files at once, exit 1, nothing on standard output', async () => {
    const done = await check(
      place({
        'siaga.yaml': 'assets: {csv: a.csv}\nsources:\n  - {id: a, region: "99"}\ncalendars: [own.yaml]\n',
        'a.csv': 'id,criticality\nx,hgih\n',
        'own.yaml':
          'election: pilkada-2031\nname: x\nregions: all\nphases: [{phase: kampanyi, from: 2031-01-01, to: 2031-02-01}]\n',
      }),
    )
    expect(done).toMatchObject({ code: 1, stdout: '' })
    expect(done.stderr).toContain('a.csv:2:3 criticality')
    expect(done.stderr).toContain('siaga.yaml:3:21 sources[0].region names region 99')
    expect(done.stderr).toMatch(/siaga\.yaml:4:13 calendars\[0\] .*own\.yaml:4/)
    expect(done.stderr).toContain('siaga check')
  })

  test('certificates: missing, not PEM', async () => {
    const yaml = 'syslog: {tls: {cert: c.pem, key: k.pem}}\n'
    const done = await check(place({ 'siaga.yaml': yaml, 'c.pem': 'nonsense' }))
    expect(done.code).toBe(1)
    expect(done.stderr).toMatch(
      /2 things are wrong:\n {2}syslog\.tls\.cert: .*c\.pem cannot be used.*\n {2}syslog\.tls\.key: .*k\.pem cannot be used: ENOENT/,
    )
  })

  test('a port in use and files that match nothing are warnings', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const cwd = place({ 'siaga.yaml': 'sources: [{id: a, files: ["log/*.log"]}, {id: b, files: ["there/*.log"]}]\n' })
    mkdirSync(join(cwd, 'there'))
    writeFileSync(join(cwd, 'there', 'x.log'), '')
    const done = await check(cwd, { SIAGA_HTTP_PORT: String(port) })
    server.close()
    expect(done.code).toBe(0)
    expect(done.stderr).toMatch(/^warning: Source `a` follows .*log\/\*\.log, which matches no file now\.$/m)
    expect(done.stderr).not.toContain('Source `b`')
    expect(done.stderr).toContain(`Port ${port} (http.port) is in use`)
  })
})
