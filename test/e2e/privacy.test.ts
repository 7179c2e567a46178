// Does a citizen's identifier stay out? NIK, NKK and phone numbers are planted in every way in; none may be found in any topic, table,
// file, log or metric afterwards.
import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { compressSync } from 'snappy'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { protobufField, protobufMessage } from '../../ingest/wire/protobuf.ts'
import { createKafka } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { silentLog } from '../../runtime/log.ts'
import { SourceFormat } from '../../schemas/config.ts'
import { MAX_PAYLOAD_BYTES } from '../../schemas/raw-event.ts'
import { planted } from '../processors/identifiers.ts'
import { samples } from '../processors/parse/samples.ts'
import { formatOf } from '../processors/parse/seeds.ts'
import { report, type Siaga, startSiaga, until, writeInto } from './siaga.ts'
import { dial, dialTls, rawHttp, sendAndClose, sendRelp, sendUdp } from './wire.ts'

/** Each text gets an identifier of its own, so that one that is found tells where it came from. */
class Plants {
  /** Text to look for, and where it was planted. */
  readonly needles = new Map<string, string>()
  #number = randomInt(1000)
  count = 0

  /** A NIK or NKK: Jakarta Selatan, a woman born in July 1991. */
  nik(where: string, write: (digits: string) => string = (digits) => digits): string {
    this.#number += 1
    return this.#plant(where, `3174066107${randomInt(60, 99)}${String(this.#number).padStart(4, '0')}`, write)
  }

  /** A mobile number, without country code or trunk zero. */
  phone(where: string, write: (national: string) => string): string {
    this.#number += 1
    return this.#plant(where, `812${randomInt(1000, 9999)}${String(this.#number).padStart(4, '0')}`, write)
  }

  #plant(where: string, digits: string, write: (digits: string) => string): string {
    return this.add(where, digits, write(digits))
  }

  /** One that was written elsewhere. */
  add(where: string, digits: string, text: string): string {
    this.count += 1
    this.needles.set(digits, where)
    this.needles.set(text, `${where}, as written`)
    return text
  }

  /** Where those come from that stand in this text. */
  in(text: string): string[] {
    const all = [...this.needles.keys()].map((needle) => needle.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    const found = text.match(new RegExp(all.join('|'), 'g')) ?? []
    return [...new Set(found)].map((needle) => `${needle} (${this.needles.get(needle)})`)
  }
}

/** Writes digits in groups of these lengths. */
const grouped =
  (separator: string, ...lengths: number[]) =>
  (digits: string) => {
    const ends = lengths.map((_, index) => lengths.slice(0, index + 1).reduce((sum, length) => sum + length))
    return ends.map((end, index) => digits.slice(end - (lengths[index] ?? 0), end)).join(separator)
  }
const percent = (digits: string) => digits.replace(/\d/g, (digit) => `%3${digit}`)
const unicode = (digits: string) => digits.replace(/\d/g, (digit) => `\\u003${digit}`)

/** Serial numbers of those above lie below. */
const FIRST_OF_FORMATS = 5_000

const yaml = `
sources:
  - id: kpu
    networks: [127.0.0.1]
    files: [followed/*.log]
  - id: kpu-json
    format: json
  - id: pengirim
  - id: format
  - id: lewat-kafka
    kafka: true
`

/** Plants an identifier in a line of every dataset, each in another place and writing. Answers how many lines that were. */
async function sendFormats(siaga: Siaga, p: Plants): Promise<number> {
  const key = (await siaga.run('keys', 'create', 'format')).stdout.trim()
  const byFormat = new Map<string, string[]>()
  for (const [n, [dataset, sample]] of Object.entries(samples).entries()) {
    const writings = planted(FIRST_OF_FORMATS + n)
    const number = writings[n % writings.length]
    const words = [...sample.matchAll(/[A-Za-z0-9_.]+(?![A-Za-z0-9_.]|:\d)/g)]
    const word = words[(n * 7) % words.length]
    if (number === undefined || word === undefined) throw new Error(`nowhere to plant in ${sample}`)
    p.add(`${dataset}, ${number.name}`, number.digits, number.text)
    const line = sample.slice(0, word.index) + number.text + sample.slice(word.index + word[0].length)
    // What only Siaga itself writes cannot be named by a sender.
    const format = SourceFormat.catch('auto').parse(formatOf(dataset))
    byFormat.set(format, [...(byFormat.get(format) ?? []), line])
  }
  for (const [format, lines] of byFormat) {
    const query = format === 'auto' ? '' : `?format=${format}`
    // A running server takes a new key within a second.
    await until(
      async () => (await siaga.post(lines.join('\n'), { source: 'format', key, query })).status === 202,
      `lines of ${format} are taken`,
    )
  }
  return Object.keys(samples).length
}

/** Plants identifiers in every protocol of shippers, in what they send and around it. */
async function sendByShippers(siaga: Siaga, p: Plants): Promise<void> {
  const key = (await siaga.run('keys', 'create', 'pengirim')).stdout.trim()
  const send = (path: string, body: string | Buffer, headers: Record<string, string>) =>
    fetch(siaga.web + path, { method: 'POST', body, headers: { authorization: `Bearer ${key}`, ...headers } })
  const json = { 'content-type': 'application/json' }
  const protobuf = { 'content-type': 'application/x-protobuf' }
  const document = `{"bulk":${p.nik('_bulk document')}}`
  const bulk = `{"index":{"_index":"pengirim","_id":"${p.nik('_id of _bulk')}"}}\n${document}\n`
  // A running server takes a new key within a second.
  await until(async () => (await send('/elastic/_bulk', bulk, json)).status === 200, 'the new key is taken')
  const attribute = { key: p.nik('OTLP attribute, name'), value: { intValue: p.nik('OTLP attribute, number') } }
  const record = { body: { stringValue: `nik ${p.nik('OTLP JSON')}` }, attributes: [attribute] }
  const label = `{nik="${p.nik('Loki label')}"}`
  const entry = protobufMessage(2, protobufField(2, `hp 0${p.phone('Loki protobuf', (n) => n)}`))
  const pushed = compressSync(protobufMessage(1, Buffer.concat([protobufField(1, label), entry])))
  const line = protobufMessage(
    2,
    Buffer.concat([protobufMessage(5, protobufField(1, `nik ${p.nik('OTLP protobuf')}`)), protobufField(3, 'INFO')]),
  )
  const sent = [
    await send('/v1/logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }), json),
    await send('/v1/logs', protobufMessage(1, protobufMessage(2, line)), protobuf),
    await send('/services/collector', `{"event":"nik ${p.nik('HEC event')}","host":"${p.nik('HEC host')}"}`, {
      authorization: `Splunk ${key}`,
    }),
    await send('/services/collector', `{"event":{"nik":${p.nik('HEC object')}}}`, {}),
    await send(`/services/collector/raw?host=${p.nik('HEC raw, host')}`, `nik ${p.nik('HEC raw')}`, {}),
    await send(
      '/loki/api/v1/push',
      `{"streams":[{"stream":{"nik":"${p.nik('Loki label, JSON')}"},"values":[["1732669201000000000","nik ${p.nik('Loki JSON')}"]]}]}`,
      json,
    ),
    await send('/loki/api/v1/push', pushed, protobuf),
  ]
  expect(sent.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 204, 204])
  const refused = [
    await send(`/elastic/${p.nik('index of _bulk')}/_bulk`, bulk, json),
    await send('/elastic/_bulk', `{"index":{"_index":"${p.nik('index in an action')}"}}\n{}\n`, json),
    await send('/elastic/_bulk', `nik ${p.nik('action that is none')}\n{}\n`, json),
    await send('/services/collector', `{"event":1,"index":"${p.nik('index of HEC')}"}`, {}),
    await send('/services/collector', `{"event":1}`, { 'x-splunk-request-channel': p.nik('channel of HEC') }),
    await send('/services/collector', `{"event":1}`, { authorization: `Splunk ${p.nik('token of HEC')}` }),
    await send('/loki/api/v1/push', '{}', { ...json, 'x-scope-orgid': p.nik('tenant of Loki') }),
    await send('/v1/logs', `{"resourceLogs":[${p.nik('broken OTLP')}]}`, json),
  ]
  for (const { status } of refused) expect(status).toBeGreaterThanOrEqual(400)

  const kafka = createKafka({ brokers: [`127.0.0.1:${siaga.ports.kafka}`], clientId: 'privacy-test', log: silentLog })
  const producer = createBatchingProducer(kafka, silentLog)
  const headers = { nik: p.nik('Kafka header') }
  await producer.send('siaga.in.lewat-kafka', [
    { key: p.nik('Kafka key'), value: Buffer.from(`nik ${p.nik('Kafka relay')}`), headers },
  ])
  await producer.close()
}

/** What a file holds; undefined if it has gone since the folder was read, as parts of ClickHouse do when they are merged. */
function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

describe('planted identifiers', () => {
  let siaga: Siaga
  const plants = new Plants()
  const same = '3273014508880007'
  const jsonSent: string[] = []
  let ofFormats = 0

  beforeAll(async () => {
    siaga = await startSiaga({ yaml })
    const p = plants
    const accepted = async (body: string | Buffer, options: Parameters<Siaga['post']>[1] = {}) =>
      expect(await siaga.post(body, options)).toMatchObject({ status: 202 })

    await accepted(
      [
        p.nik('plain text'),
        `permintaan KTP baru untuk ${p.nik('plain text in a sentence')}, diproses`,
        `NKK ${p.nik('NKK with its name')}`,
        `no kk:${p.nik('no kk')};`,
        `nik ${p.nik('grouped by four', grouped(' ', 4, 4, 4, 4))}`,
        `nik ${p.nik('grouped with dashes', grouped('-', 6, 6, 4))}`,
        `nik ${p.nik('grouped with dots', grouped('.', 2, 2, 2, 6, 4))}`,
        `telp ${p.phone('08', (n) => `0${n}`)}`,
        `hp ${p.phone('+62', (n) => `+62${n}`)}`,
        `wa ${p.phone('62', (n) => `62${n}`)}`,
        `hubungi ${p.phone('08 with dashes', (n) => `0${grouped('-', 3, 4, 4)(n)}`)}`,
        `hubungi ${p.phone('+62 with spaces', (n) => `+62 ${grouped(' ', 3, 4, 4)(n)}`)}`,
        `hubungi ${p.phone('(+62) with dashes', (n) => `(+62) ${grouped('-', 3, 4, 4)(n)}`)}`,
        `Nov 27 08:00:01 kpu sshd[311]: Failed password for invalid user ${p.nik('user of sshd')} from 203.0.113.9 port 4 ssh2`,
        `Nov 27 08:00:01 kpu sudo: ${p.nik('user of sudo')} : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/echo ${p.phone('command of sudo', (n) => `0${n}`)}`,
        `CEF:0|v|p|1|7|n|5|src=203.0.113.9 suser=${p.nik('CEF extension')} msg=hp ${p.phone('CEF message', (n) => `0${n}`)}`,
        `type=USER_CMD msg=audit(1732669201.1:7): pid=1 acct="${p.nik('auditd')}"`,
      ].join('\n'),
    )

    const access = (target: string, agent = 'curl/8', method = 'GET') =>
      `203.0.113.9 - - [27/Nov/2024:08:00:00 +0700] "${method} ${target} HTTP/1.1" 200 5 "-" "${agent}"`
    await accepted(
      [
        access(`/cek?nik=${p.nik('URL query')}&x=1`),
        access(`/cek/${p.nik('URL path')}/suara`),
        access(`/cek?nik=${p.nik('URL query, every digit as %3x', percent)}`),
        access(`/cek?nik=${p.nik('URL query with %20', grouped('%20', 4, 4, 4, 4))}`),
        access(`/cek?hp=${p.phone('URL query with %2B', (n) => `%2B62${n}`)}`),
        access(`/cek?telp=${p.phone('URL query with +', (n) => `0${grouped('+', 3, 4, 4)(n)}`)}`),
        access('/', `bot ${p.nik('user agent of a line')}`),
        access(
          `/daftar nik=${p.nik('form data')}&nkk=${p.nik('form data, NKK')}&hp=0${p.phone('form data, phone', (n) => n)}`,
          '-',
          'POST',
        ),
        `203.0.113.9 - ${p.nik('user of an access line')} [27/Nov/2024:08:00:00 +0700] "GET / HTTP/1.1" 200 5`,
        `2024/11/27 08:00:00 [error] 3#3: *4 open() "/var/www/${p.nik('path of an error line')}" failed, client: 203.0.113.9, server: , request: "GET /${p.nik('request of an error line')} HTTP/1.1"`,
      ].join('\n'),
      { query: '?format=nginx' },
    )

    const json = [
      `{"nik":"${p.nik('JSON string')}","nama":"Budi"}`,
      `{"nik":${p.nik('JSON number')},"n":1}`,
      `{"list":[${p.nik('JSON number in a list')},2,{"hp":${p.phone('JSON number, phone', (n) => `62${n}`)}}]}`,
      `{"${p.nik('JSON name')}":true}`,
      `{"hp":"${p.phone('JSON string, phone', (n) => `+62 ${grouped('-', 3, 4, 4)(n)}`)}"}`,
      `{"nik":"${p.nik('JSON \\u escapes', unicode)}"}`,
      `{"body":"{\\"nik\\":${p.nik('JSON in a JSON string, number')},\\"kk\\":\\"${p.nik('JSON in a JSON string, string')}\\"}"}`,
      `{"nik":${p.nik('JSON number with a fraction')}.0,"e":-1}`,
      `{"message":"hp 0${p.phone('JSON message', (n) => n)} nik ${p.nik('JSON message, NIK')}","user":{"name":"${p.nik('JSON user.name')}"}}`,
    ]
    jsonSent.push(...json)
    await accepted(json.slice(0, 4).join('\n'), { type: 'application/x-ndjson' })
    await accepted(`[${json.slice(4).join(',')}]`, { type: 'application/json' })
    const one = `{"kind":"object","nik":${p.nik('one JSON object')}}`
    jsonSent.push(one)
    await accepted(one, { type: 'application/json', query: '?format=json' })
    await accepted(`{"dead":"${p.nik('dead letter')}"}`, { type: 'application/json', query: '?format=ecs' })

    await accepted(gzipSync(`nik ${p.nik('gzip body')}`), { headers: { 'content-encoding': 'gzip' } })
    await accepted(zstdCompressSync(`nik ${p.nik('zstd body')}`), { headers: { 'content-encoding': 'zstd' } })
    await accepted(brotliCompressSync(`nik ${p.nik('br body')}`), { headers: { 'content-encoding': 'br' } })
    await accepted(Buffer.concat([Buffer.from(`nik ${p.nik('beside invalid UTF-8')} `), Buffer.from([0xff, 0xfe, 0])]))
    await accepted(Buffer.from(`nik ${p.nik('Latin-1 text')} caf\xe9`, 'latin1'))

    // What stands around the events.
    await accepted('header', {
      headers: {
        'idempotency-key': p.nik('Idempotency-Key'),
        'user-agent': `agent ${p.nik('User-Agent header')}`,
        'x-forwarded-for': p.nik('X-Forwarded-For header'),
        'x-request-id': p.phone('X-Request-Id header', (n) => `0${n}`),
        cookie: `nik=${p.nik('Cookie header')}`,
        referer: `http://x/?nik=${p.nik('Referer header')}`,
      },
    })
    const refused = [
      await siaga.post('x', { key: p.nik('wrong API key') }),
      await siaga.post('x', { key: `siaga_${p.nik('wrong API key, well formed')}_x` }),
      await siaga.post('x', { source: p.nik('source in the path') }),
      await siaga.post('x', { source: p.nik('source in the path, wrong key'), key: 'no' }),
      await siaga.post('x', { source: p.nik('source in the path, percent', percent), key: 'no' }),
      await siaga.post('x', { query: `?format=${p.nik('format in the query')}` }),
      await siaga.post('x', { type: p.nik('Content-Type') }),
      await siaga.post('x', { headers: { 'content-encoding': p.nik('Content-Encoding') } }),
      await siaga.post(`{"nik":"${p.nik('broken JSON')}"`, { type: 'application/json' }),
      await siaga.post(`{"a":1}\n{"nik":${p.nik('broken NDJSON')},}`, { type: 'application/x-ndjson' }),
      await siaga.post(p.nik('gzip that is none'), { headers: { 'content-encoding': 'gzip' } }),
      await siaga.post(`nik ${p.nik('line over the limit')} ${'x'.repeat(MAX_PAYLOAD_BYTES)}`),
    ]
    for (const { status } of refused) expect(status).toBeGreaterThanOrEqual(400)
    await fetch(`${siaga.web}/${p.nik('unknown page')}?nik=${p.nik('query of an unknown page')}`)
    await rawHttp(siaga.ports.http, `${p.nik('HTTP garbage')} / HTTP/9\r\nHost: ${p.nik('Host header')}\r\n\r\n`)

    const line = (text: string) => `<134>1 2024-11-27T08:00:00+07:00 kpu app - - - ${text}`
    const structured = () =>
      `<134>1 2024-11-27T08:00:00+07:00 ${p.nik('syslog host')} ${p.nik('syslog program')} ${p.nik('syslog process id')} - [x@1 nik="${p.nik('structured data')}"] masuk`
    await sendUdp(siaga.ports.syslog, line(`nik ${p.nik('UDP')}`))
    await sendUdp(siaga.ports.syslog, structured())
    await sendUdp(siaga.ports.syslog, p.nik('UDP, nothing else'))
    await sendAndClose(
      await dial(siaga.ports.syslog),
      `${line(`hp ${p.phone('TCP', (n) => `0${n}`)}`)}\n${structured()}\n${p.nik('TCP, last line without its end')}`,
    )
    const tls = line(`nik ${p.nik('TLS')} hp ${p.phone('TLS, phone', (n) => `+62${n}`)}`)
    await sendAndClose(await dialTls(siaga.ports.tls, siaga.dataDir), `${tls.length} ${tls}`)
    await sendRelp(siaga.ports.relp, [line(`nik ${p.nik('RELP')}`), structured()])
    await sendAndClose(await dial(siaga.ports.relp), `1 open ${p.nik('RELP garbage')} ${p.nik('RELP garbage, data')}\n`)
    await sendAndClose(await dial(siaga.ports.tls), p.nik('plain text on the TLS port'))

    // Across the place where an over-long line is cut: any number of its digits may stand before it.
    for (const before of [3, 9, 15]) {
      const text = (where: string) => {
        const head = `${line('')} `
        const filler = 'x '.repeat(MAX_PAYLOAD_BYTES).slice(0, MAX_PAYLOAD_BYTES - head.length - before - 1)
        return `${head}${filler} ${p.nik(`${where}, cut after ${before} digits`)} rest`
      }
      await sendAndClose(await dial(siaga.ports.syslog), `${text('TCP')}\n`)
      await sendRelp(siaga.ports.relp, [text('RELP')])
    }

    await accepted(
      [`nik ${same}`, `{"nik":${same}}`, `nik ${grouped(' ', 4, 4, 4, 4)(same)}`, `GET /?nik=${percent(same)} x`].join(
        '\n',
      ),
      { headers: { 'x-note': 'same' } },
    )
    await sendUdp(siaga.ports.syslog, line(`nik ${same}`))
    plants.needles.set(same, 'the NIK sent several times')

    await writeInto(
      siaga,
      'followed/aplikasi.log',
      `masuk nik ${p.nik('followed file')}\nhp 0${p.phone('followed file, phone', (n) => n)}\n`,
    )
    await siaga.landed(1, "match(message, '^masuk nik nik-[0-9a-f]{16}$')")
    await siaga.landed(1, "match(message, '^hp tel-[0-9a-f]{16}$') AND source_id = 'kpu'")
    const file = await writeInto(siaga, 'kirim.log', `nik ${p.nik('siaga send')}\n`)
    expect(await siaga.run('send', '--source', 'demo', file)).toMatchObject({ code: 0 })

    await sendByShippers(siaga, p)
    ofFormats = await sendFormats(siaga, p)

    // All that was accepted has been processed, and nothing more comes.
    let before = -1
    await until(
      async () => {
        const [accepted, done] = [
          await siaga.metric('siaga_collector_accepted_total'),
          await siaga.metric('siaga_processor_in_total'),
        ]
        const still = accepted === done && accepted === before
        before = accepted
        if (!still) await sleep(1_500)
        return still
      },
      'everything accepted is processed',
      90_000,
    )
    report(`privacy: ${plants.count} identifiers planted, ${before} events`)
  }, 150_000)

  afterAll(async () => {
    await siaga?.stop()
    await siaga?.remove()
  })

  test('at least 40 were planted, and the events around them have landed', async () => {
    expect(plants.count).toBeGreaterThanOrEqual(40)
    for (const needle of plants.needles.keys()) expect(plants.in(`x${needle}x`)).toHaveLength(1)
    const rows = await siaga.sql(
      "SELECT source_id, count() AS n, countIf(match(message, '(nik|tel)-[0-9a-f]{16}')) AS with FROM events GROUP BY source_id",
    )
    report(`privacy: ${JSON.stringify(rows)}`)
    const total = rows.reduce((sum, { n }) => sum + Number(n), 0)
    expect(total).toBeGreaterThan(60)
    expect(rows.reduce((sum, row) => sum + Number(row.with), 0)).toBeGreaterThan(50)
  })

  test('no Kafka topic holds one, in key, value or header', async () => {
    const kafka = createKafka({ brokers: [`127.0.0.1:${siaga.ports.kafka}`], clientId: 'privacy-test', log: silentLog })
    const folders = readdirSync(join(siaga.dataDir, 'kafka/data'))
    const topics = new Set(folders.flatMap((folder) => /^(.+)-\d+$/.exec(folder)?.[1] ?? []))
    expect([...topics]).toEqual(
      expect.arrayContaining(['siaga.raw', 'siaga.dlq', 'siaga.findings', 'siaga.in.lewat-kafka']),
    )
    let messages = 0
    // Kafka's own topics are not compressed: they are searched with the files. What others produce is theirs until it has been relayed.
    for (const topic of [...topics].filter((name) => !name.startsWith('__') && !name.startsWith('siaga.in.'))) {
      await kafka.readAll(topic, ({ key, value, headers }) => {
        messages += 1
        const text = [key, value, ...Object.entries(headers ?? {}).flat(2)].map(
          (part) => part?.toString('latin1') ?? '',
        )
        expect(plants.in(text.join('\n')), `topic ${topic}`).toEqual([])
      })
    }
    expect(messages).toBeGreaterThan(60)
  })

  test('no table of ClickHouse holds one', async () => {
    const tables = await siaga.sql(
      "SELECT database, name FROM system.tables WHERE engine NOT LIKE '%View' AND (database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA') OR (database = 'system' AND name LIKE '%_log'))",
      'admin',
    )
    expect(tables.map(({ name }) => name)).toContain('events')
    for (const { database, name } of tables) {
      const rows = await siaga.sql(`SELECT * FROM ${database}.\`${name}\``, 'admin')
      expect(plants.in(JSON.stringify(rows)), `${database}.${name}`).toEqual([])
    }
  })

  test('no file under the data directory holds one, nor what was printed, the metrics and the status', async () => {
    let files = 0
    for (const entry of readdirSync(siaga.dataDir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      if (path.includes('/cache/') || path.includes('/siaga.in.')) continue
      const text = contentOf(path)
      if (text === undefined) continue
      files += 1
      expect(plants.in(text), path).toEqual([])
    }
    expect(files).toBeGreaterThan(20)
    expect(plants.in(siaga.stdout() + siaga.stderr())).toEqual([])
    for (const page of ['/metrics', '/v1/status', '/'])
      expect(plants.in(await (await fetch(siaga.web + page)).text()), page).toEqual([])
    const { stdout, stderr } = await siaga.run('dlq', 'list', '--all', '--json')
    expect(stdout).toMatch(/"dead\\":\\"nik-[0-9a-f]{16}/)
    expect(plants.in(stdout + stderr)).toEqual([])
  })

  test('of one that lay across a cut, no digit is left at the end', async () => {
    const rows = await siaga.sql("SELECT right(message, 40) AS tail FROM events WHERE has(tags, 'truncated')")
    expect(rows.length).toBeGreaterThanOrEqual(6)
    for (const { tail } of rows) expect(String(tail).replace(/(nik|tel)-[0-9a-f]*$/, '')).not.toMatch(/\d+$/)
  })

  test('the same NIK is the same token, however it was written and whichever way it came', async () => {
    const rows = await siaga.sql(
      "SELECT extract(message, 'nik-[0-9a-f]{16}') AS token, count() AS n, uniqExact(source_id) AS sources FROM events WHERE token != '' GROUP BY token HAVING n > 1",
    )
    expect(rows).toMatchObject([{ n: 5, sources: 2 }])
  })

  test('what others produced has been relayed and deleted from their topic', async () => {
    const kafka = createKafka({ brokers: [`127.0.0.1:${siaga.ports.kafka}`], clientId: 'privacy-test', log: silentLog })
    let left = -1
    await until(async () => {
      left = 0
      await kafka.readAll('siaga.in.lewat-kafka', () => {
        left += 1
      })
      return left === 0
    }, 'nothing is left in siaga.in.lewat-kafka')
    const rows = await siaga.sql("SELECT message FROM events WHERE source_id = 'lewat-kafka'")
    expect(rows.map(({ message }) => String(message))).toEqual([expect.stringMatching(/^nik nik-[0-9a-f]{16}$/)])
  })

  test('every shipper protocol has brought tokens', async () => {
    const rows = await siaga.sql(
      "SELECT countIf(match(message, '(nik|tel)-[0-9a-f]{16}')) AS n, countIf(startsWith(message, '{\"otlp\"')) AS otlp, countIf(startsWith(message, '{\"loki\"')) AS loki, countIf(startsWith(message, '{\"event\"')) AS hec, countIf(startsWith(message, '{\"bulk\"')) AS bulk FROM events WHERE source_id = 'pengirim'",
    )
    expect(rows).toMatchObject([{ n: 8, otlp: 2, loki: 2, hec: 2, bulk: 1 }])
  })

  test('a line of every dataset has brought its token, in the event or in the dead letter', async () => {
    const rows = await siaga.sql(
      "SELECT count() AS n, countIf(match(message, '(nik|tel)-[0-9a-f]{16}|(6E696B|74656C)2D(3[0-9]|6[1-6]){16}')) AS tokens, uniqExact(dataset) AS datasets FROM events WHERE source_id = 'format'",
    )
    const [{ n, tokens, datasets }] = rows as [Record<string, unknown>]
    report(`privacy: ${ofFormats} lines of formats, ${n} events of ${datasets} datasets, ${tokens} with a token`)
    expect(Number(tokens)).toBe(Number(n))
    expect(Number(n)).toBeGreaterThan(ofFormats / 2)
    const { stdout } = await siaga.run('dlq', 'list', '--all', '--json')
    const dead = stdout.split('\n').filter((line) => line.includes('"source":"format"'))
    expect(Number(n) + dead.length).toBe(ofFormats)
  })

  test('valid JSON stays valid', async () => {
    const rows = await siaga.sql("SELECT message FROM events WHERE source_id = 'demo' AND startsWith(message, '{')")
    expect(rows.length).toBe(jsonSent.length + 1)
    for (const { message } of rows) expect(() => JSON.parse(String(message)), String(message)).not.toThrow()
    const nested = rows.map(({ message }) => JSON.parse(String(message))).find((object) => 'body' in object)
    expect(() => JSON.parse(nested.body)).not.toThrow()
  })
})
