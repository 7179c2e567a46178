import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadReference } from '../../../runtime/reference.ts'
import { Config } from '../../../schemas/config.ts'
import { noticeText, noticeTime } from '../../../sinks/alerts/notices/text.ts'
import type { NoticeDesk } from '../../../web/notices/desk.ts'
import { noticePages } from '../../../web/notices/plugin.ts'
import { createWebServer } from '../../../web/server.ts'
import { DAY, HOUR, sent, tokens } from '../../sinks/alerts/notices/rig.ts'

const reference = loadReference({ calendars: [] }, '.')
let made: ReturnType<typeof sent>
let app: FastifyInstance
let web: string
/** What was asked for, whatever came of it. */
let asked: number
/** What the desk does with a press: asks the engine, answers nothing, or fails. */
let holder: 'there' | 'away' | 'broken'
let token: string

const desk: NoticeDesk = {
  ready: Promise.resolve(),
  noticeOf: (hash) =>
    made.notices().find(({ contacts }) => contacts.some(({ token_hashes }) => token_hashes.includes(hash))),
  async ask(request) {
    asked += 1
    if (holder === 'broken') throw new Error('Kafka does not answer')
    if (holder === 'away') return undefined
    const code = made.asked(request)
    return { request_id: request.request_id, at: made.now(), ok: code === '', code, message: '', alerts: [] }
  },
  text: (notice, language) => noticeText(notice, { language, reference }),
  when: (notice, ms) => noticeTime(notice, ms, { reference }),
}

beforeEach(async () => {
  made = sent()
  asked = 0
  holder = 'there'
  token = tokens.token(made.notice()?.notice_id ?? '', 0)
  app = createWebServer({
    http: Config.parse({}).http,
    notReady: async () => [],
    metrics: async () => '',
    metricsContentType: 'text/plain',
    status: async () => ({}),
  })
  await app.register(noticePages({ desk, log: pino({ level: 'silent' }), now: () => made.now() }))
  web = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(() => app.close())

interface Press {
  readonly step?: string
  readonly form?: Record<string, string>
  readonly of?: string
}

const press = ({ step = 'received', form = { tekan: 'ya' }, of = token }: Press = {}) =>
  fetch(`${web}/n/${of}/${step}`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })
const look = async (of = token) => (await fetch(`${web}/n/${of}`)).text()

describe('looking', () => {
  test('shows what was found, where, since when, what to do and until when, in both languages, within 20 kB and without script', async () => {
    const answer = await fetch(`${web}/n/${token}`)
    const page = await answer.text()
    expect(answer.status).toBe(200)
    for (const word of [
      'Isi situs diubah',
      'Protected site was defaced',
      'Kabupaten Bandung',
      'Situs Kabupaten',
      'Sejak 2026-11-23 12:00:00 WIB',
      '2026-11-26 12:00:00 WIB',
      'Mohon segera.',
      'Sudah saya terima',
      'Yang harus dikerjakan',
    ])
      expect(page).toContain(word)
    expect(page.indexOf('Isi situs diubah')).toBeLessThan(page.indexOf('Notice to the owner'))
    expect(page).not.toMatch(/<script|<img|<link|javascript:|\son\w+=/i)
    expect(page).not.toContain('RAHASIA-BUKTI')
    expect(Buffer.byteLength(page)).toBeLessThan(20_000)
    const policy = answer.headers.get('content-security-policy')
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    )
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.get('x-robots-tag')).toContain('noindex')
  })

  test('changes nothing, by whatever method, with whatever headers and fields, however often', async () => {
    const state = () => JSON.stringify([made.notices(), made.offers, made.log])
    const before = state()
    const paths = ['', '/received', '/answer', '/fixed', '?tekan=ya', '/received?tekan=ya&teks=x', '/fixed?tekan=ya']
    const headers = [
      {},
      { purpose: 'prefetch', 'sec-purpose': 'prefetch;prerender' },
      { 'user-agent': 'WhatsApp/2.23 A' },
      { 'user-agent': 'TelegramBot (like TwitterBot)' },
      { 'user-agent': 'Mozilla/5.0 (compatible; Microsoft SafeLinks)' },
      { 'x-http-method-override': 'POST' },
    ]
    const agent = new Agent({ keepAlive: true })
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'TRACE', 'PUT', 'PATCH', 'DELETE'])
      for (const path of paths)
        for (const header of headers) {
          await new Promise<void>((resolve, reject) => {
            const sending = httpRequest(`${web}/n/${token}${path}`, { method, agent, headers: header }, (answer) => {
              answer.resume().once('end', resolve)
            })
            sending.once('error', reject).end()
          })
          made.tick(1_000)
        }
    agent.destroy()
    expect(asked).toBe(0)
    expect(state()).toBe(before)
    expect(made.notice()?.state).toBe('sent')
  })

  test('a scanner that sends forms off without a button changes nothing', async () => {
    for (const step of ['received', 'answer', 'fixed'])
      for (const form of [{}, { teks: 'x' }, { tekan: '' }, { tekan: 'no' }]) {
        made.tick(10_000)
        expect((await press({ step, form })).status).toBe(400)
      }
    expect(asked).toBe(0)
  })
})

describe('pressing', () => {
  test('received, answered and fixed are noted with name and address, and shown', async () => {
    const received = await press()
    expect([received.status, received.headers.get('location')]).toEqual([303, `../${token}`])
    expect(made.notice()).toMatchObject({ state: 'received', received_at: made.now() })
    expect(await look()).not.toContain('Sudah saya terima')
    await press({ step: 'answer', form: { tekan: 'ya', teks: 'Kami periksa hari ini.' } })
    expect(await look()).toContain('Kami periksa hari ini.')
    await press({ step: 'fixed', form: { tekan: 'ya', teks: 'Plugin dihapus.' } })
    expect(made.notice()).toMatchObject({
      state: 'fixed',
      answers: [{ by: 'Budi' }, { by: 'Budi', text: 'Plugin dihapus.' }],
    })
    const step = made.log.findLast(({ kind }) => kind === 'notice')
    expect(step).toMatchObject({ step: { by: { name: 'Budi', from: '127.0.0.1' } } })
    expect(await look()).toContain('sedang diperiksa')
  })

  test('twice is once', async () => {
    await Promise.all([press(), press(), press()])
    const again = await press()
    expect(again.status).toBe(303)
    expect(made.log.filter((entry) => entry.kind === 'notice' && entry.step.what === 'received')).toHaveLength(1)
  })

  test('the second contact has a link of its own, and does not see what the first wrote', async () => {
    await press({ step: 'answer', form: { tekan: 'ya', teks: 'RAHASIA-BUDI' } })
    const other = tokens.token(made.notice()?.notice_id ?? '', 1)
    expect(await look(other)).not.toContain('RAHASIA-BUDI')
    await press({ of: other, step: 'answer', form: { tekan: 'ya', teks: 'dari Sari' } })
    expect(made.notice()?.answers.map(({ by }) => by)).toEqual(['Budi', 'Sari'])
  })

  test('an empty answer is asked for again; one that is too long is not cut silently', async () => {
    expect((await press({ step: 'answer', form: { tekan: 'ya', teks: ' \r\n ' } })).status).toBe(400)
    expect((await press({ step: 'answer', form: { tekan: 'ya', teks: 'x'.repeat(1001) } })).status).toBe(413)
    expect(asked).toBe(0)
    // As many as the field takes in a browser, each of the longest kind, with line ends of two characters.
    const longest = `${'\u20ac'.repeat(900)}${'\r\n'.repeat(99)}z`
    expect((await press({ step: 'answer', form: { tekan: 'ya', teks: longest } })).status).toBe(303)
    expect(made.notice()?.answers[0]?.text).toHaveLength(1000)
  })

  test('says that it is kept while nobody holds the alerts, and that nothing changed while Kafka is away', async () => {
    holder = 'away'
    const kept = await press()
    expect([kept.status, (await kept.text()).includes('tersimpan')]).toEqual([202, true])
    holder = 'broken'
    const lost = await press()
    expect([lost.status, (await lost.text()).includes('Tidak ada yang berubah')]).toEqual([503, true])
  })

  test('is bounded for one link, and another link is not held up by it', async () => {
    const statuses: number[] = []
    for (let n = 0; n < 10; n += 1) statuses.push((await press()).status)
    expect(statuses.filter((status) => status === 429).length).toBe(5)
    expect((await press({ of: tokens.token(made.notice()?.notice_id ?? '', 1) })).status).toBe(303)
    made.tick(60_000)
    expect((await press()).status).toBe(303)
  })
})

describe('a link that is not valid', () => {
  test('never was, cut, too long, of another form or another case: one answer for all of them', async () => {
    const wrong = [
      'A'.repeat(32),
      token.slice(1),
      `${token}A`,
      token.toUpperCase(),
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
      made.notice()?.notice_id ?? '',
      tokens.hash(made.notice()?.notice_id ?? '', 0),
      '__proto__',
      'constructor',
      '..%2f..%2fetc%2fpasswd',
      '%00',
      '%F0%9F%98%80',
    ]
    const answers = await Promise.all(
      wrong.map(async (one) => {
        const answer = await fetch(`${web}/n/${one}`)
        return `${answer.status} ${await answer.text()}`
      }),
    )
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toMatch(/^404 <!DOCTYPE html>/)
    expect(answers[0]).toContain('Tautan ini tidak berlaku')
    for (const one of wrong.slice(0, 6)) expect((await press({ of: one })).status).toBe(404)
    expect(asked).toBe(0)
  })

  test('a flood of wrong links does not hold up a right one', async () => {
    const statuses = new Set<number>()
    for (let n = 0; n < 600; n += 1) statuses.add((await fetch(`${web}/n/${String(n).padStart(32, 'x')}`)).status)
    expect([...statuses].sort()).toEqual([404, 429])
    expect((await fetch(`${web}/n/${token}`)).status).toBe(200)
    expect((await press()).status).toBe(303)
  })

  test('after the end the page says so for 30 days, without buttons, and then is like any wrong link', async () => {
    made.ask({ what: 'withdraw', text: 'keliru' })
    const page = await look()
    expect(page).toContain('ditarik kembali')
    expect(page).not.toContain('<form')
    expect((await press({ step: 'fixed' })).status).toBe(409)
    made.tick(30 * DAY - HOUR)
    expect((await fetch(`${web}/n/${token}`)).status).toBe(200)
    // What nobody has forgotten yet is not shown either.
    const notice = made.notice()
    made.tick(2 * HOUR)
    const { noticeOf } = desk
    Object.assign(desk, { noticeOf: () => notice })
    expect((await fetch(`${web}/n/${token}`)).status).toBe(404)
    Object.assign(desk, { noticeOf })
  })
})

describe('somebody hostile', () => {
  const hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\u0000&lt;b&gt;\'</textarea></form>'

  test('cannot bring HTML into the page by an answer or a title', async () => {
    await press({ step: 'answer', form: { tekan: 'ya', teks: hostile } })
    const page = await look()
    expect(page).toContain('&lt;script&gt;alert(1)')
    expect(page).not.toMatch(/<script|<img/)
    for (const hidden of ['\u0000', '\u202e']) expect(page).not.toContain(hidden)
    expect(page.match(/<form/g)?.length).toBe(page.match(/<\/form>/g)?.length)
  })

  test('cannot make the page larger than 20 kB', async () => {
    const notice = made.notice()
    if (notice === undefined) throw new Error('there is a notice')
    const worst = '"'.repeat(1_000)
    const { noticeOf } = desk
    const answers = Array.from({ length: 20 }, (_, n) => ({ at: n, by: 'Budi', contact: 0, text: worst }))
    const whole = { ...notice, text: worst, title: worst, asset_name: worst, owner: worst, answers }
    Object.assign(desk, { noticeOf: () => whole })
    expect(Buffer.byteLength(await look())).toBeLessThan(20_000)
    Object.assign(desk, { noticeOf })
  })

  test('gets a readable refusal for huge and strange bodies', async () => {
    const huge = await fetch(`${web}/n/${token}/answer`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `tekan=ya&teks=${'a'.repeat(5_000_000)}`,
    }).catch(() => undefined)
    if (huge !== undefined) expect(huge.status).toBe(413)
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/xml']) {
      const answer = await fetch(`${web}/n/${token}/received`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{"tekan":"ya"}',
      })
      expect([answer.status, (await answer.text()).includes('tidak dapat dibaca')]).toEqual([415, true])
    }
    expect((await press({ step: '__proto__' })).status).toBe(404)
    expect((await press({ form: { tekan: 'ya', __proto__: 'x', 'a[b]': 'c' } })).status).toBe(303)
    expect(made.notice()?.state).toBe('received')
  })

  test('cannot end the server by half a request', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(web).port), '127.0.0.1', () => {
        socket.write(
          `POST /n/${token}/received HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ntekan=ya`,
        )
        setTimeout(() => socket.destroy(), 50)
      })
      socket.once('close', () => resolve())
    })
    expect(asked).toBe(0)
    expect((await fetch(`${web}/n/${token}`)).status).toBe(200)
  })
})
