import fc from 'fast-check'
import { Parser } from 'htmlparser2'
import { parse as parseHost } from 'tldts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebhookInside } from '../../../../schemas/webhook.ts'
import { createChannel } from '../../../../sinks/alerts/channels/index.ts'
import { defuse } from '../../../../sinks/alerts/channels/text.ts'
import { closeAll } from '../../../runtime/guard/serve.ts'
import { LINK, parts, type Receiver, receiver, settingsOf, withEvidence } from './outgoing.ts'

let server: Receiver
beforeAll(async () => {
  server = await receiver()
})
afterAll(closeAll)

/** What has a meaning in some format, in any order, with anything between. */
const evidence = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          '<!channel>',
          '<!here>',
          '<@U012>',
          '<https://jahat.example.com|klik>',
          '@channel',
          '@all',
          '@here',
          '@sari',
          '~town-square',
          'https://jahat.com/x',
          'HTTP://JAHAT.COM',
          'www.jahat.co.id',
          'jahat.com',
          'judi。com',
          'jahat．com',
          'xn--80ak6aa92e.com',
          'ไทย.com',
          'é\u0301.com',
          'budi@jahat.com',
          'tg://resolve?domain=x',
          'javascript://x',
          '//jahat.com',
          '[klik](https://jahat.com)',
          '![x](http://jahat.com/p.png)',
          '**',
          '__',
          '~~',
          '`',
          '```',
          '````',
          '\n```\n',
          '\n',
          '\r\n',
          '\u2028',
          '# ',
          '> ',
          '| a |',
          '- ',
          '</pre>',
          '</b>',
          '<a href="https://jahat.com">',
          '<script>',
          '&lt;',
          '&amp;',
          '&#x3c;',
          '"',
          "'",
          '\\',
          '\\`',
          '","x":"',
          '}',
          '{{DATE(2017-02-14T06:08:39Z)}}',
          '<at>Sari</at>',
          '$' + '{x}',
          '@{x}',
          '/hapus',
          ':fire:',
          '#tagar',
          '\u202e',
          '\u200b',
          '\u0000',
          '\u001b[31m',
          '\ud800',
          '\udc00',
          '😀',
          '%0d%0a',
          '\t',
          '     ',
          LINK,
          `${LINK}.jahat.com`,
          LINK.replace('/alerts/a-1', ''),
        ),
      },
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.string({ maxLength: 6 }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((pieces) => pieces.join(''))

/** Would a client make a link or a mention of something in this text? Hosts as the public suffix list has them. */
function lures(text: string): string[] {
  const hosts = (text.match(/[\p{L}\p{M}\p{N}._。．｡-]+/gu) ?? [])
    .map((word) => word.replace(/[。．｡]/g, '.').replace(/^[.\-_]+|[.\-_]+$/g, ''))
    .filter((word) => word.length < 200 && parseHost(word).isIcann === true && parseHost(word).domain !== null)
  return [...hosts, ...(text.match(/[a-z][a-z0-9+.-]*:\/\//gi) ?? []), ...(text.match(/@[\p{L}\p{N}]/gu) ?? [])]
}

/** One line without anything that is not seen. */
function expectInert(text: string): void {
  expect(lures(text.replaceAll(LINK, ''))).toEqual([])
  expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u)
}

/** What a channel sends of this evidence. */
async function sent(kind: 'webhook' | 'telegram' | 'whatsapp' | 'sms', given: object, text: string): Promise<string> {
  server.received.length = 0
  const settings = settingsOf(kind, { url: server.origin, ...given })
  await createChannel(settings, parts).send(withEvidence(text, { to: '628123456789' }), AbortSignal.timeout(20_000))
  expect(server.received).toHaveLength(1)
  return server.received[0]?.body ?? ''
}

async function holds(check: (evidence: string) => Promise<void>): Promise<void> {
  const examples: [string][] = [['```'], ['`````` '], ['</pre>'], ['@channel'], ['<!here>']]
  await fc.assert(fc.asyncProperty(evidence, check), { numRuns: 100, examples })
}

/** All strings inside a value, keys too. */
function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => [...(Array.isArray(value) ? [] : [key]), ...stringsOf(one)])
}

test('the judge of links and mentions sees them', () => {
  for (const lure of [
    'https://x',
    'www.jahat.co.id',
    'a jahat.com b',
    'judi。com',
    '@channel',
    'budi@kpu.go.id',
    'ไทย.com',
  ]) {
    expect(lures(lure), lure).not.toEqual([])
  }
  for (const text of [
    '192.0.2.7',
    '2024-11-27 08:00:00 WIB',
    '/a/b?c=d',
    'hxxps[:]//jahat[.]com',
    'budi[at]kpu[.]go[.]id',
  ]) {
    expect(lures(text), text).toEqual([])
  }
})

test('what is defused holds no link and no mention, and stays as it is when it is defused again', () => {
  fc.assert(
    fc.property(evidence, (text) => {
      expectInert(defuse(text))
      expect(defuse(defuse(text))).toBe(defuse(text))
    }),
  )
  expect(defuse('http://jahat.com/x.php?a=1 dari 192.0.2.7')).toBe('http[:]//jahat[.]com/x[.]php?a=1 dari 192.0.2.7')
})

describe('evidence stays text', () => {
  test('in Slack', () =>
    holds(async (text) => {
      const body: { text: string; blocks: { text?: { type: string; text: string } }[] } = JSON.parse(
        await sent('webhook', { preset: 'slack' }, text),
      )
      const link = body.blocks.pop()
      expect(link?.text?.text).toBe(`<${LINK}|Buka di Siaga>`)
      for (const one of stringsOf(body)) {
        // The three characters of control are references, and nothing else is.
        expect(one).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/)
        for (const line of one.split('\n')) expectInert(line)
      }
      expect(body.blocks.every((block) => block.text === undefined || block.text.type === 'plain_text')).toBe(true)
    }))

  test('in Mattermost', () =>
    holds(async (text) => {
      const { attachments }: { attachments: { fallback: string; text: string }[] } = JSON.parse(
        await sent('webhook', { preset: 'mattermost' }, text),
      )
      const { fallback = '', text: markdown = '' } = attachments[0] ?? {}
      expectInert(fallback)
      const outside: string[] = []
      let fence = ''
      let blocks = 0
      for (const line of markdown.split('\n')) {
        // CommonMark section 4.5: a closing fence is at least as long as the opening one and stands alone.
        const run = /^ {0,3}(`{3,})[ \t]*$/.exec(line)?.[1] ?? ''
        if (fence === '' && run !== '') {
          fence = run
          blocks++
        } else if (fence !== '' && run.length >= fence.length) fence = ''
        else if (fence === '') outside.push(line)
        expectInert(line)
      }
      expect([fence, blocks]).toEqual(['', 1])
      expect(outside.pop()).toBe(`[Buka di Siaga](${LINK})`)
      // Outside of code every sign is escaped, but for the bold of whole lines.
      for (const line of outside) {
        const words = line.startsWith('**') && line.endsWith('**') ? line.slice(2, -2) : line
        expect(words.replace(/\\[!-/:-@[-`{-~]/g, '')).not.toMatch(/[!-/:-@[-`{-~]/)
      }
    }))

  test('in Teams', () =>
    holds(async (text) => {
      const {
        attachments,
      }: { attachments: { content: { body: { inlines: { type: string; text: string }[] }[]; actions: unknown } }[] } =
        JSON.parse(await sent('webhook', { preset: 'teams' }, text))
      const { content } = attachments[0] ?? {}
      for (const { inlines } of content?.body ?? []) {
        for (const { type, text: run } of inlines) {
          expect(type).toBe('TextRun')
          expectInert(run)
        }
      }
      expect(content?.actions).toEqual([{ type: 'Action.OpenUrl', title: 'Buka di Siaga', url: LINK }])
      expect(content).not.toHaveProperty('msteams.entities')
    }))

  test('in PagerDuty and Alertmanager', () =>
    holds(async (text) => {
      const { payload }: { payload: object } = JSON.parse(
        await sent('webhook', { preset: 'pagerduty', token: { env: 'TOKEN' } }, text),
      )
      for (const one of stringsOf(payload)) for (const line of one.split('\n')) expectInert(line)
      const [alert]: { labels: object; annotations: object }[] = JSON.parse(
        await sent('webhook', { preset: 'alertmanager' }, text),
      )
      for (const one of stringsOf([alert?.labels, alert?.annotations])) {
        expect(one).not.toMatch(/[<>]/)
        for (const line of one.split('\n')) expectInert(line)
      }
      expect(Object.keys(alert?.labels ?? {}).sort()).toEqual([
        'alert_id',
        'alertname',
        'province',
        'region',
        'severity',
      ])
    }))

  test('in Telegram', () =>
    holds(async (text) => {
      const { text: html }: { text: string } = JSON.parse(
        await sent('telegram', { token: { env: 'TOKEN' }, outside: false }, text),
      )
      const tags: string[] = []
      let shown = ''
      const parser = new Parser({
        onopentag: (name, attributes) => tags.push(`${name}${Object.keys(attributes).join()}`),
        onclosetag: (name, implied) => tags.push(implied ? `implied ${name}` : `/${name}`),
        ontext: (piece) => {
          shown += piece
        },
      })
      parser.end(html)
      expect(tags).toEqual(['b', '/b', 'b', '/b', 'pre', '/pre'])
      expect(html).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/)
      for (const line of shown.split('\n')) expectInert(line)
      expect(shown.endsWith(`\n${LINK}`)).toBe(true)
    }))

  test('in WhatsApp and SMS', () =>
    holds(async (text) => {
      const given = { token: { env: 'TOKEN' }, phone_number_id: '1', template: 't' }
      const whatsapp: { template: { components: { parameters: { text: string }[] }[] } } = JSON.parse(
        await sent('whatsapp', given, text),
      )
      const words = whatsapp.template.components[0]?.parameters ?? []
      expect(words.map(({ text: word }) => word).at(-1)).toBe(LINK)
      expect(words).toHaveLength(4)
      const { text: short }: { text: string } = JSON.parse(await sent('sms', {}, text))
      const form = new URLSearchParams(await sent('sms', { body: 'form' }, text))
      expect([...form.keys()]).toEqual(['to', 'text'])
      expect(form.get('text')).toBe(short)
      for (const word of [...words.slice(0, 3).map(({ text: one }) => one), short]) expectInert(word)
    }))

  test('in the JSON of Siaga, exactly as it was', () =>
    holds(async (text) => {
      const body = WebhookInside.parse(JSON.parse(await sent('webhook', {}, text)))
      expect(body.alert.worst[0]?.evidence).toEqual([{ field: text.toWellFormed(), value: text.toWellFormed() }])
      expect(body.alert.entity).toBe(`user:${text.toWellFormed()}`)
    }))
})
