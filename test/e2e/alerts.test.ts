// Does an attack in a log reach people, and what they say Siaga? From HTTP to a webhook, a mail server and a file, then acknowledged, closed and told so.
import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Siaga, startSiaga, until } from './siaga.ts'

const SECRET = 'rahasia-uji'
const received: { headers: IncomingHttpHeaders; body: string }[] = []
const mails: string[] = []
let hook: Server
let mail: SMTPServer
let siaga: Siaga
let key: string

beforeAll(async () => {
  hook = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(parts).toString() })
      response.end()
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  mail = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        mails.push(Buffer.concat(parts).toString())
        done()
      })
    },
  })
  const smtp = await new Promise<number>((resolve) => {
    const server = mail.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
  siaga = await startSiaga({
    env: { SIAGA_HOOK_SECRET: SECRET },
    yaml: `
sources: [{id: web, format: nginx, region: "32.04", owner: pemda, asset: situs}]
assets: [{id: situs, name: Situs Kabupaten Bandung, criticality: high, region: "32.04", owner: pemda, kind: web}]
rooms:
  - {id: bandung, region: "32.04", owner: pemda, roster: [{recipients: [piket]}]}
  - {id: jabar, region: "32", owner: pemda, roster: [{recipients: [provinsi]}]}
  - {id: kota, region: "32.73", owner: pemda, roster: [{recipients: [provinsi]}]}
  - {id: pusat, region: "00", roster: [{recipients: [pusat]}]}
alerts:
  public_url: https://siaga.example
  channels:
    - {id: kait, kind: webhook, url: "http://127.0.0.1:${(hook.address() as AddressInfo).port}/", secret: {env: SIAGA_HOOK_SECRET}}
    - {id: pos, kind: email, host: 127.0.0.1, port: ${smtp}, starttls: optional, from: siaga@siaga.example}
    - {id: berkas, kind: file, path: alerts.jsonl}
  forward: [{channel: kait, severity: low}]
  recipients:
    - {id: piket, channel: pos, to: piket@bandung.example}
    - {id: provinsi, channel: berkas}
    - {id: pusat, channel: berkas, language: en}
`,
  })
  const made = await siaga.run('keys', 'create', 'web')
  key = /siaga_\w{10}_[\w-]{43}/.exec(made.stdout)?.[0] ?? ''
})
afterAll(async () => {
  await siaga?.stop()
  await siaga?.remove()
  hook?.close()
  await new Promise<void>((resolve) => (mail === undefined ? resolve() : mail.close(resolve)))
})

async function roomKey(room: string, label: string): Promise<string> {
  const { stdout } = await siaga.run('keys', 'create', '--room', room, '--label', label)
  const made = /siaga_\w{10}_[\w-]{43}/.exec(stdout)?.[0] ?? ''
  await until(async () => (await ask(made, '/v1/alerts')).status === 200, 'the new key')
  return made
}

async function ask(
  token: string,
  path: string,
  body?: object,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const answer = await fetch(`${siaga.web}${path}`, {
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> }
}

const attack = (address: string): string => {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(new Date().toUTCString()) ?? []
  return `${address} - - [${day}/${month}/${year}:${time} +0000] "GET /cari?q=1%27%20UNION%20SELECT%20username,password%20FROM%20users-- HTTP/1.1" 200 512 "-" "sqlmap/1.8"`
}

test('an attack is told to the room of the kabupaten by mail, to machines by a signed webhook, once for all rules that it trips', async () => {
  // A running server knows a new key within a second.
  await until(
    async () => (await siaga.post(attack('203.0.113.9'), { source: 'web', key })).status === 202,
    'the new key',
  )
  await until(() => received.length > 0 && mails.length > 0, 'webhook and mail')
  const [first] = received
  const stamp = String(first?.headers['x-siaga-timestamp'])
  const own = createHmac('sha256', SECRET).update(`${stamp}.${first?.body}`).digest('hex')
  expect(first?.headers['x-siaga-signature']).toBe(`v1=${own}`)
  const body = JSON.parse(first?.body ?? '{}')
  expect(body).toMatchObject({ reason: 'opened', alert: { entity: 'source_ip:203.0.113.9', status: 'open' } })
  // Quoted-printable: soft line breaks away.
  const text = (mails[0] ?? '').replace(/=\r\n/g, '')
  expect(text).toContain('To: piket@bandung.example')
  expect(text).toMatch(/Subject: .*TINGGI/)
  expect(text).toContain('Situs Kabupaten Bandung')
  expect(text).toContain('203.0.113.9')
  expect(text).toContain('https://siaga.example/alerts/A-')
  // Three rules know this request; the worst of them speaks for all, and the levels above wait for their turn.
  await until(async () => Number(await siaga.value('SELECT count() FROM siaga.alerts')) >= 2, 'alerts in ClickHouse')
  expect(mails).toHaveLength(1)
  expect(Number(await siaga.value('SELECT uniqExact(case_id) FROM siaga.alerts'))).toBe(1)
})

test('a room sees its own alerts and no others; an acknowledgement and a verdict are rows, and the mail thread says that it is over', async () => {
  const bandung = await roomKey('bandung', 'Ani')
  const kota = await roomKey('kota', 'Budi')
  const own = await ask(bandung, '/v1/alerts')
  const alerts = own.json.alerts as { id: string; severity: string }[]
  expect(alerts.length).toBeGreaterThan(0)
  expect((await ask(kota, '/v1/alerts')).json).toMatchObject({ alerts: [], total: 0 })
  const told = /https:\/\/siaga\.example\/alerts\/(A-[0-9A-Z]+)/.exec((mails[0] ?? '').replace(/=\r\n/g, ''))?.[1] ?? ''
  expect((await ask(kota, `/v1/alerts/${told}`)).status).toBe(404)
  expect((await ask(kota, `/v1/alerts/${told}/acknowledge`, {})).status).toBe(404)
  expect((await ask(bandung, `/v1/alerts/${told}/acknowledge`, { reason: 'dilihat' })).json).toMatchObject({
    alert: { status: 'acknowledged', acknowledged_by: 'Ani', unacknowledged: false },
  })
  expect((await ask(bandung, `/v1/alerts/${told}/false-positive`, {})).status).toBe(422)
  const closed = await ask(bandung, `/v1/alerts/${told}/false-positive`, { reason: 'uji keamanan yang disepakati' })
  expect(closed).toMatchObject({ status: 200, json: { alert: { status: 'false_positive' } } })
  await until(
    () => mails.some((text) => /Bukan ancaman/.test(decoded(text)) && text.includes('References:')),
    'mail that it is over',
  )
  // The others of the same request are closed with it: nobody is told of them now.
  const others = await ask(bandung, '/v1/alerts?status=false_positive')
  expect(others.json.total).toBe(3)
  expect(mails).toHaveLength(2)
  await until(
    async () => Number(await siaga.value(`SELECT count() FROM siaga.alert_actions WHERE alert_id = '${told}'`)) === 2,
    'actions in ClickHouse',
  )
  // The verdict lowers the risk of the address at once.
  await until(
    async () => Number(await siaga.value("SELECT count() FROM siaga.verdicts WHERE verdict = 'false'")) > 0,
    'verdict on the event',
  )
  expect(
    Number(await siaga.value("SELECT sum(points) FROM siaga.entity_risk WHERE entity = '203.0.113.9'")),
  ).toBeLessThan(1)
})

/** Subject and text of a mail, as far as quoted-printable goes. */
function decoded(text: string): string {
  return text
    .replace(/=\r\n/g, '')
    .replace(/=\?utf-8\?q\?([^?]*)\?=/gi, (_, part: string) => part.replaceAll('_', ' '))
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
