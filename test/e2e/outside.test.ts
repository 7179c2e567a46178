// Does what Siaga sees from outside become findings that show their evidence? A feed, a look-alike, a certificate and a cloaked page, all the way.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { certificateMaker } from '../ingest/certificate-log/ct-certificates.ts'
import { type CtLog, startCtLog } from '../ingest/certificate-log/ct-log.ts'
import { closeAll, serve, serveDns } from '../runtime/guard/serve.ts'
import { type Siaga, startSiaga, until } from './siaga.ts'

const LOOKALIKE = 'kpu.or.id'
const CERTIFICATE = 'login.kpu-go.id'
const COMMAND = 'perintah.jahat.example.com'

const honest = `<html lang="id"><head><title>KPU Kabupaten Contoh</title></head><body><h1>Jadwal rekapitulasi</h1>
<p>Rekapitulasi tingkat kecamatan berlangsung sampai tanggal 3 Desember di aula kantor camat.</p></body></html>`
const gambling = `<html lang="id"><head><title>RAJACUAN88 - Situs Slot Gacor Maxwin Hari Ini</title></head><body><h1>Slot gacor gampang maxwin</h1>
<p>Daftar situs slot gacor RAJACUAN88, bonus new member 100, deposit pulsa tanpa potongan, RTP live tertinggi.</p>
<a href="https://rajacuan88.example/daftar">Link alternatif slot88 togel</a></body></html>`

let siaga: Siaga
let log: CtLog

beforeAll(async () => {
  const site = await serve((request, response) => {
    const crawler =
      /bot|crawl|spider/i.test(request.headers['user-agent'] ?? '') &&
      !/siaga/i.test(request.headers['user-agent'] ?? '')
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(request.url === '/sitemap.xml' ? '' : crawler ? gambling : honest)
  })
  const feeds = await serve((_request, response) => {
    response.setHeader('content-type', 'text/plain')
    response.end(`# feed of a test\n${COMMAND}\n`)
  })
  const dns = await serveDns((name, type) => {
    if (name !== LOOKALIKE) return 3
    if (type === 'NS') return [{ name, type, ttl: 60, data: 'ns1.murah.example' }]
    if (type === 'A') return [{ name, type, ttl: 60, data: '203.0.113.66' }]
    if (type === 'MX') return [{ name, type, ttl: 60, data: { preference: 10, exchange: 'mx.murah.example' } }]
    return []
  })
  log = await startCtLog()
  const maker = await certificateMaker()
  log.add(await maker.certificate(['toko-buku.example']))
  log.publish()
  siaga = await startSiaga({
    yaml: `
probes: {when: "*/3 * * * * *", jitter_seconds: 0, host_interval_ms: 0, allow_private: [127.0.0.1/32]}
lookalikes:
  protected: [kpu.go.id]
  when: "*/5 * * * * *"
  queries_per_second: 1000
  max_per_name: 400
  resolvers: ["${dns.address}"]
certificate_logs:
  every_seconds: 1
  allow_private: [127.0.0.1/32]
  logs:
    - {id: log-uji, url: "${log.rfcUrl}", key: "${log.key}"}
intelligence:
  feeds:
    - {id: umpan-uji, format: list, url: "${feeds.origin}/list.txt", when: "*/2 * * * * *", allow_private: [127.0.0.1/32], confidence: 90}
assets:
  - {id: situs-contoh, criticality: high, region: "32", owner: kpu, url: "${site.origin}/"}
`,
  })
})
afterAll(async () => {
  await siaga?.stop()
  await siaga?.remove()
  await log?.close()
  await closeAll()
})

interface Row {
  readonly rule_id: string
  readonly title: string
  readonly severity: string
  readonly region_code: string
  readonly asset_id: string
  readonly entity: string
  readonly score: number
  readonly evidence: readonly { readonly field: string; readonly value: string }[]
}

/** The first finding that matches, once it has landed. */
async function finding(where: string): Promise<Row & { evidenceOf(field: string): string }> {
  let row: Row | undefined
  await until(
    async () => {
      const rows = await siaga.sql(`SELECT * FROM siaga.findings WHERE ${where} ORDER BY score DESC LIMIT 1`)
      row = rows[0] as Row | undefined
      return row !== undefined
    },
    `a finding where ${where}`,
    60_000,
  )
  const found = row as Row
  return { ...found, evidenceOf: (field) => found.evidence.find((part) => part.field === field)?.value ?? '' }
}

/** Findings and rows travel apart: a finding may be there a moment before the row that it is about. */
const landed = (where: string): Promise<void> =>
  until(
    async () => Number(await siaga.value(`SELECT count() FROM siaga.events WHERE ${where}`)) > 0,
    `${where} has landed`,
  )

test('an indicator of a feed becomes a scored finding about the host that asked for it', {
  timeout: 120_000,
}, async () => {
  await until(async () => (await siaga.metric('siaga_indicators')) === 1, 'the indicator is in force')
  // Workers take the table up within moments of the main process.
  await sleep(500)
  const line = (host: string, name: string) => `Nov 27 01:00:00 ${host} dnsmasq[411]: query[A] ${name} from 10.32.1.9`
  const sent = await siaga.post(`${line('ns1', `www.${COMMAND}`)}\n${line('ns1', 'www.wajar.example')}\n`)
  expect(sent.status).toBe(202)
  const found = await finding(`rule_id = 'siaga.indicator.domain'`)
  expect(found).toMatchObject({ severity: 'high', entity: 'source_ip:10.32.1.9' })
  expect(found.evidenceOf('dns_question_name')).toBe(`www.${COMMAND}`)
  expect(found.evidenceOf('threat.indicator.name')).toBe(COMMAND)
  expect(found.evidenceOf('threat.indicator.provider')).toBe('umpan-uji')
  expect(found.evidenceOf('threat.indicator.confidence')).toBe('90')
  await landed(`dns_question_name = 'www.${COMMAND}'`)
  const [event] = await siaga.sql(`SELECT score, factors FROM siaga.events WHERE dns_question_name = 'www.${COMMAND}'`)
  expect(event).toMatchObject({ score: found.score })
  expect(JSON.stringify(event?.factors)).toContain('umpan-uji')
  expect(await siaga.value(`SELECT count() FROM siaga.findings WHERE rule_id LIKE 'siaga.indicator%'`)).toBe(1)
})

test('a registered look-alike becomes a finding with where it leads to', { timeout: 120_000 }, async () => {
  const found = await finding(`entity = 'domain:${LOOKALIKE}'`)
  expect(found.region_code).toBe('00')
  expect(found.score).toBeGreaterThan(0)
  const seen = JSON.stringify(found.evidence)
  expect(seen).toContain('kpu.go.id')
  await landed(`dataset = 'siaga.lookalike'`)
  const [event] = await siaga.sql(
    `SELECT fields['siaga.lookalike.addresses'] AS addresses, fields['siaga.lookalike.mail_servers'] AS mail
     FROM siaga.events WHERE dataset = 'siaga.lookalike' LIMIT 1`,
  )
  expect(event).toEqual({ addresses: '203.0.113.66', mail: 'mx.murah.example' })
})

test('a certificate for a look-alike in a log becomes a finding, once', { timeout: 120_000 }, async () => {
  const maker = await certificateMaker()
  log.add(await maker.certificate(['toko-roti.example', CERTIFICATE]))
  log.publish()
  const found = await finding(`entity = 'domain:${CERTIFICATE}'`)
  expect(found.severity).toBe('high')
  expect(JSON.stringify(found.evidence)).toContain('kpu.go.id')
  await landed(`dataset = 'siaga.certificate'`)
  expect(await siaga.value(`SELECT count() FROM siaga.events WHERE dataset = 'siaga.certificate'`)).toBe(1)
})

test('a page that only search engines are shown becomes a finding with the words that speak', {
  timeout: 120_000,
}, async () => {
  const found = await finding(`asset_id = 'situs-contoh' AND severity IN ('high', 'critical')`)
  expect(found).toMatchObject({ region_code: '32', entity: 'asset:situs-contoh' })
  expect(found.score).toBeGreaterThanOrEqual(50)
  expect(JSON.stringify(found.evidence)).toMatch(/gacor|maxwin|rajacuan88/i)
  // The page as people see it is nothing to worry about, and was seen.
  const [event] = await siaga.sql(
    `SELECT fields['siaga.probe.title'] AS title FROM siaga.events WHERE event_action = 'page_probe' LIMIT 1`,
  )
  expect(event).toEqual({ title: 'KPU Kabupaten Contoh' })
})
