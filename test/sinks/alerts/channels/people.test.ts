import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { closeAll } from '../../../runtime/guard/serve.ts'
import { bodyBy, LINK, outgoing, receiver, sendBy, TOKEN } from './outgoing.ts'

afterEach(closeAll)

const BOT = '12345:AAbbCCddEEff_gg-HH'
const parts = { secret: () => BOT }

describe('telegram', () => {
  const given = { token: { env: 'TOKEN' } }
  const to = '-1001234'
  const answered = async (status: number, body: string, headers: Record<string, string> = {}) => {
    const server = await receiver((response) => response.writeHead(status, headers).end(body))
    const result = await sendBy('telegram', { ...given, url: server.origin }, { outgoing: outgoing({ to }), parts })
    expect(result.detail).not.toContain('AAbbCC')
    expect(result.detail).not.toContain(to)
    return { result, server }
  }
  const reply = (code: number, description: string, parameters?: object) =>
    JSON.stringify({ ok: code === 200, error_code: code, description, ...(parameters ? { parameters } : {}) })
  // core.telegram.org/bots/api#sendmessage
  const Body = z.strictObject({
    chat_id: z.literal(to),
    text: z.string().min(1),
    parse_mode: z.literal('HTML'),
    link_preview_options: z.strictObject({ is_disabled: z.literal(true) }),
    disable_web_page_preview: z.literal(true),
  })

  test('gets title and link, by its token, without a preview', async () => {
    const { result, server } = await answered(200, reply(200, ''))
    expect(result).toEqual({ kind: 'delivered', detail: 'HTTP 200' })
    expect(server.received[0]?.url).toBe(`/bot${BOT}/sendMessage`)
    const { text } = Body.parse(JSON.parse(server.received[0]?.body ?? ''))
    expect(text).toBe(
      `<b>KRITIS 31.71 Jakarta Pusat: Webshell dipanggil</b>\n\nKRITIS · Jakarta Pusat (31.71)\n\n${LINK}`,
    )
  })

  test('inside gets evidence in blocks of code', async () => {
    const body = await bodyBy('telegram', { ...given, outside: false }, { outgoing: outgoing({ to }), parts })
    expect(Body.parse(body).text).toContain('<b>Bukti</b>\n<pre>/uploads/x[.]php?cmd=id\nsource_ip 192.0.2.7</pre>')
  })

  test.each(['x', '<&>"', '😀', 'a.b ', '``` '])('stays within 4096 characters of %s', async (piece) => {
    const long = piece.repeat(10_000)
    for (const count of [1, 60, 2000]) {
      const message = {
        title: long,
        region: long,
        parts: Array.from({ length: count }, () => ({ label: long, lines: [long, long] })),
      }
      const body = await bodyBy(
        'telegram',
        { ...given, outside: false },
        { outgoing: outgoing({ to, message }), parts },
      )
      const shown = Body.parse(body)
        .text.replace(/<\/?(?:b|pre)>/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&')
      expect(shown.length).toBeLessThanOrEqual(4096)
      expect(shown).toContain(LINK)
    }
  })

  test.each([
    [429, reply(429, 'Too Many Requests: retry after 14', { retry_after: 14 }), 'retry', 14_000],
    [429, reply(429, 'Too Many Requests', { retry_after: 999_999 }), 'retry', 3_600_000],
    [403, reply(403, 'Forbidden: bot was blocked by the user'), 'refused', undefined],
    [400, reply(400, 'Bad Request: chat not found'), 'refused', undefined],
    [400, reply(400, 'Bad Request: upgraded', { migrate_to_chat_id: -100987 }), 'retry', undefined],
    [401, reply(401, 'Unauthorized'), 'retry', undefined],
    [404, reply(404, 'Not Found'), 'retry', undefined],
    [500, reply(500, 'Internal Server Error'), 'retry', undefined],
    [502, '<html>Bad Gateway</html>', 'retry', undefined],
    [200, '<html>Silakan masuk ke Wi-Fi</html>', 'retry', undefined],
    [200, reply(400, 'no'), 'retry', undefined],
    [403, 'proxy', 'retry', undefined],
  ])('answers %i %s', async (status, body, kind, retryAfterMs) => {
    const { result } = await answered(status, body)
    expect(result).toMatchObject({ kind, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
    if (retryAfterMs === undefined) expect(result).not.toHaveProperty('retryAfterMs')
  })

  test('an answer that names the token is told without it', async () => {
    const { result } = await answered(400, reply(400, `no bot ${BOT} at /bot${BOT}/sendMessage for ${to}`))
    expect(result.kind).toBe('refused')
  })

  test('the token is in no failure of the network', async () => {
    const { origin } = await receiver()
    await closeAll()
    for (const url of [origin, 'http://tidak-ada.invalid', `${origin.replace('http:', 'https:')}`]) {
      const result = await sendBy('telegram', { ...given, url }, { outgoing: outgoing({ to }), parts })
      expect(result).toMatchObject({ kind: 'retry', detail: expect.not.stringContaining('AAbbCC') })
    }
  })

  test('without a chat nobody can be told', async () => {
    for (const one of [outgoing(), outgoing({ to: ' ' })]) {
      expect(await sendBy('telegram', { ...given, url: 'http://127.0.0.1:1' }, { outgoing: one })).toMatchObject({
        kind: 'refused',
      })
    }
  })
})

describe('whatsapp', () => {
  const given = { token: { env: 'TOKEN' }, phone_number_id: '1055', template: 'siaga_peringatan' }
  const to = '+62 812-3456-789'
  const Body = z.strictObject({
    messaging_product: z.literal('whatsapp'),
    recipient_type: z.literal('individual'),
    to: z.literal('628123456789'),
    type: z.literal('template'),
    template: z.strictObject({
      name: z.literal('siaga_peringatan'),
      language: z.strictObject({ code: z.enum(['id', 'en']) }),
      components: z.tuple([
        z.strictObject({
          type: z.literal('body'),
          // No line ends, no tabs, at most four spaces in a row, not empty.
          parameters: z
            .array(
              z.strictObject({
                type: z.literal('text'),
                text: z
                  .string()
                  .min(1)
                  .regex(/^(?!.* {5})[^\n\t]+$/),
              }),
            )
            .length(4),
        }),
      ]),
    }),
  })
  const answered = async (status: number, body: unknown) => {
    const server = await receiver((response) => response.writeHead(status).end(JSON.stringify(body)))
    const result = await sendBy('whatsapp', { ...given, url: `${server.origin}/v21.0` }, { outgoing: outgoing({ to }) })
    expect(result.detail).not.toContain(TOKEN)
    expect(result.detail).not.toContain('3456789')
    return { result, server }
  }

  test('gets a template with severity, region, title and link', async () => {
    const { result, server } = await answered(200, {
      messages: [{ id: 'wamid.1' }],
      contacts: [{ wa_id: '628123456789' }],
    })
    expect(result).toEqual({ kind: 'delivered', detail: 'HTTP 200' })
    const [one] = server.received
    expect(one).toMatchObject({ url: '/v21.0/1055/messages', headers: { authorization: `Bearer ${TOKEN}` } })
    const { parameters } = Body.parse(JSON.parse(one?.body ?? '')).template.components[0]
    expect(parameters.map(({ text }) => text)).toEqual([
      'KRITIS',
      'Jakarta Pusat (31.71)',
      'KRITIS 31.71 Jakarta Pusat: Webshell dipanggil',
      LINK,
    ])
  })

  test('gets parameters that Meta takes, whatever the message holds', async () => {
    const message = { severity: '', region: '\n\t', title: `a${' '.repeat(50)}b\u2028c\n${'x'.repeat(5000)}`, link: '' }
    Body.parse(await bodyBy('whatsapp', given, { outgoing: outgoing({ to, message }) }))
  })

  test.each([
    [400, 130429, 'retry'],
    [400, 131056, 'retry'],
    [400, 131048, 'retry'],
    [400, 80007, 'retry'],
    [500, 131000, 'retry'],
    [503, 131016, 'retry'],
    [503, 2, 'retry'],
    [401, 190, 'retry'],
    [401, 0, 'retry'],
    [403, 10, 'retry'],
    [403, 230, 'retry'],
    [404, 132001, 'retry'],
    [400, 132000, 'retry'],
    [400, 131026, 'refused'],
    [400, 131030, 'refused'],
    [400, 100, 'refused'],
    [400, 999_999, 'refused'],
    [503, 999_999, 'retry'],
    [404, 999_999, 'retry'],
  ])('answers %i with code %i: %s', async (status, code, kind) => {
    const { result } = await answered(status, {
      error: { code, message: `(#${code}) sesuatu`, error_data: { details: `to 628123456789 ${TOKEN}` } },
    })
    expect(result.kind).toBe(kind)
    expect(result.detail).toContain(String(code))
  })

  test('200 from somebody else is no delivery', async () => {
    expect((await answered(200, { halo: 1 })).result.kind).toBe('retry')
  })

  test.each(['', 'sari@kpu.example', '12', 'x'])('%j is no phone number', async (wrong) => {
    expect(
      await sendBy('whatsapp', { ...given, url: 'http://127.0.0.1:1' }, { outgoing: outgoing({ to: wrong }) }),
    ).toMatchObject({ kind: 'refused' })
    expect(await sendBy('sms', { url: 'http://127.0.0.1:1' }, { outgoing: outgoing({ to: wrong }) })).toMatchObject({
      kind: 'refused',
    })
  })
})

describe('sms', () => {
  test('goes as JSON or as a form, with the names that are set', async () => {
    const server = await receiver()
    const one = outgoing({ to: '+62 812 3456 789' })
    await sendBy('sms', { url: `${server.origin}/send?akun=1`, token: { env: 'TOKEN' } }, { outgoing: one })
    await sendBy('sms', { url: server.origin, body: 'form', to_field: 'nomor', text_field: 'pesan' }, { outgoing: one })
    const [json, form] = server.received
    expect(json).toMatchObject({
      url: '/send?akun=1',
      headers: { authorization: `Bearer ${TOKEN}`, 'idempotency-key': 'n-1' },
    })
    const text = `KRITIS 31.71 Webshell dipanggil ${LINK}`
    expect(JSON.parse(json?.body ?? '')).toEqual({ to: '+628123456789', text })
    expect(form?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(Object.fromEntries(new URLSearchParams(form?.body))).toEqual({ nomor: '+628123456789', pesan: text })
    expect(form?.headers).not.toHaveProperty('authorization')
  })

  test('stays within 320 characters and keeps our link', async () => {
    const short = `KRITIS ${'a.b '.repeat(70)} ${LINK}`
    const body = z
      .object({ text: z.string().max(320) })
      .parse(await bodyBy('sms', {}, { outgoing: outgoing({ to: '08123456789', message: { short } }) }))
    expect(body.text.endsWith(` ${LINK}`)).toBe(true)
  })

  test('a number is in no detail, nor is the message', async () => {
    const { origin } = await receiver((response, { body }) => response.writeHead(400).end(body))
    const result = await sendBy('sms', { url: origin }, { outgoing: outgoing({ to: '+628123456789' }) })
    expect(result).toEqual({ kind: 'refused', detail: 'HTTP 400: [the message]' })
  })
})
