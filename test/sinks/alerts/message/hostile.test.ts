// Can what an attacker wrote into a log hurt whoever reads a message about it?
import fc from 'fast-check'
import { Parser } from 'htmlparser2'
import { describe, expect, test } from 'vitest'
import type { NotificationReason } from '../../../../schemas/alert.ts'
import type { Message } from '../../../../sinks/alerts/channels/channel.ts'
import { defang, foreign, gsmText, plainText } from '../../../../sinks/alerts/message/clean.ts'
import { renderMessage } from '../../../../sinks/alerts/message/message.ts'
import { finding, hostile, notification, options } from './notification.ts'

const reasons: readonly NotificationReason[] = [
  'opened',
  'reopened',
  'severity',
  'stage',
  'escalated',
  'closed',
  'warning',
  'summary',
  'test',
]

/** A notification in which everything that can come from outside is `text`. */
function filledWith(
  text: string,
  reason: NotificationReason,
  kind: 'findings' | 'storm' = 'findings',
  rule_id = 'siaga.builtin.device_alert',
) {
  const evil = finding({
    title: text,
    entity: `source_ip:${text}`,
    evidence: [
      { field: text, value: text },
      { field: 'user_name', value: text },
    ],
    factors: [
      { name: text, points: 5, detail: text },
      { name: `rule:${text}`, points: 9, detail: text },
    ],
  })
  const actor = { name: text, room: text, region: text, from: text }
  return notification(
    {
      reason,
      room: text,
      warning: {
        case_id: 'k-1',
        regions: 2,
        attack: [text, 'T1190'],
        indicators: [{ type: text, value: text, tlp: 'green' }],
        asset_kind: text,
      },
      summary: { from: 0, to: 1, counts: [{ reason: text, detail: text, findings: 1 }] },
    },
    {
      kind,
      rule_id,
      title: text,
      dedup_key: text,
      entity: `user:${text}`,
      owner: text,
      asset_id: text,
      election: text,
      region_code: text,
      case_id: text,
      merged_into: text,
      attack: [text],
      worst: [evil],
      rules: [{ rule_id, title: text, severity: 'high', score: 70, findings: 2 }],
      status: 'resolved',
      actions: [
        {
          action_id: 'x',
          at: 1,
          actor,
          verb: 'resolve',
          reason: text,
          assignee: text,
          other: text,
          from_status: 'open',
          to_status: 'resolved',
        },
      ],
    },
  )
}

const textsOf = (message: Message): string[] => [
  message.title,
  message.subject ?? '',
  message.severity,
  message.region,
  message.link,
  message.text,
  message.html,
  message.short,
  ...message.parts.flatMap(({ label, lines }) => [label, ...lines]),
]

const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom(...Object.values(hostile)),
  fc.tuple(fc.constantFrom(...Object.values(hostile)), fc.string()).map(([a, b]) => b + a.slice(0, 500)),
)
const anyReason = fc.constantFrom(...reasons)
const anyKind = fc.constantFrom('findings', 'storm')
const language = fc.constantFrom('id', 'en')

describe('whatever stands in the evidence', () => {
  test('no text has control characters, bidi overrides, invisible or broken characters', () => {
    fc.assert(
      fc.property(anything, anyReason, anyKind, language, (text, reason, kind, of) => {
        const message = renderMessage(filledWith(text, reason, kind), options({ language: of }))
        for (const one of textsOf(message)) {
          expect(one.isWellFormed()).toBe(true)
          expect(one.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/u)
        }
        for (const one of [message.title, message.subject ?? '', message.short, message.region])
          expect(one).not.toContain('\n')
      }),
      { numRuns: 400 },
    )
  })

  test('nothing of it reaches a message that leaves government networks', () => {
    // A word that no text of ours has, inside and beside everything else.
    const marked = fc
      .tuple(anything, anything)
      .map(([a, b]) => `${a.slice(0, 60)}ZQXJ-203.0.113.66-budi@evil.example${b}`)
    fc.assert(
      fc.property(
        marked,
        anyReason,
        anyKind,
        language,
        fc.constantFrom('siaga.builtin.device_alert', 'siaga.indicator.url', 'unknown'),
        (text, reason, kind, of, rule) => {
          const about = filledWith(text, reason, kind, rule)
          const message = renderMessage(about, options({ language: of, outside: true }))
          const plain = renderMessage(filledWith('', reason, kind, rule), options({ language: of, outside: true }))
          expect(JSON.stringify(message)).not.toMatch(/ZQXJ|203\.0\.113|evil/)
          // Not a single character differs but where words of a title choose the kind of attack.
          expect(message.parts).toEqual(plain.parts)
          expect(message.region).toBe(plain.region)
          expect(message.link).toBe(plain.link)
        },
      ),
      { numRuns: 400 },
    )
  })

  test('HTML is well-formed and inert: our elements and attributes, one link, and the text as text', () => {
    fc.assert(
      fc.property(anything, anyReason, anyKind, language, fc.boolean(), (text, reason, kind, of, outside) => {
        const message = renderMessage(filledWith(text, reason, kind), options({ language: of, outside }))
        const { elements, attributes, links, open, shown } = parsed(message.html)
        expect(open).toEqual([])
        expect([...elements].filter((name) => !allowed.has(name))).toEqual([])
        expect([...attributes].filter((name) => !['lang', 'charset', 'style', 'href'].includes(name))).toEqual([])
        expect(links.filter((link) => link !== message.link)).toEqual([])
        expect(links.length).toBeLessThanOrEqual(1)
        for (const { lines } of message.parts) for (const line of lines) expect(shown).toContain(line)
      }),
      { numRuns: 400 },
    )
  })

  test('nothing in it can be clicked on: the one address is that of Siaga', () => {
    for (const text of Object.values(hostile)) {
      for (const reason of reasons) {
        const { text: body, short, parts } = renderMessage(filledWith(text, reason), options())
        const own = (one: string) => one.replaceAll('https://siaga.example', '').replaceAll('Google Search Console', '')
        expect(own(body)).not.toMatch(/https?:\/\/|evil\.example|@evil|javascript:|@channel/i)
        expect(own(short)).not.toMatch(/https?:\/\//i)
        expect(own(JSON.stringify(parts))).not.toMatch(/https?:\/\/|evil\.example/i)
      }
    }
  })

  test('an SMS has at most 320 characters of its alphabet', () => {
    const alphabet = /^[@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*$/
    fc.assert(
      fc.property(anything, anyReason, anyKind, fc.boolean(), (text, reason, kind, outside) => {
        const { short } = renderMessage(filledWith(text, reason, kind), options({ outside }))
        expect(short.length).toBeLessThanOrEqual(320)
        expect(short).toMatch(alphabet)
      }),
    )
  })

  test('a message stays small, and lines of its text short', () => {
    for (const reason of reasons) {
      const message = renderMessage(filledWith(hostile.long, reason), options())
      expect(message.text.length).toBeLessThan(20_000)
      expect(message.html.length).toBeLessThan(30_000)
      expect(message.text.split('\n').filter((line) => line.length > 100)).toEqual([])
    }
  })
})

const allowed = new Set(['html', 'head', 'meta', 'title', 'body', 'h1', 'h2', 'p', 'br', 'a'])

function parsed(html: string) {
  const elements = new Set<string>()
  const attributes = new Set<string>()
  const links: string[] = []
  const open: string[] = []
  let shown = ''
  const parser = new Parser({
    onopentag(name, attribs) {
      elements.add(name)
      for (const [attribute, value] of Object.entries(attribs)) {
        attributes.add(attribute)
        if (attribute === 'href') links.push(value)
      }
      if (name !== 'br' && name !== 'meta') open.push(name)
    },
    onclosetag(name, implied) {
      if (name === 'br' || name === 'meta') return
      expect(implied).toBe(false)
      expect(open.pop()).toBe(name)
    },
    ontext(text) {
      shown += text
    },
  })
  parser.end(html)
  return { elements, attributes, links, open, shown }
}

describe('cleaning', () => {
  test.each([
    ['http://evil.example/a?b=c.d', 'hxxp://evil[.]example/a?b=c[.]d'],
    ['HTTPS://Evil.Example', 'hxxpS://Evil[.]Example'],
    ['ftp://evil.example', 'ftp[:]//evil[.]example'],
    ['www.evil.example', 'www[.]evil[.]example'],
    ['budi@evil.example', 'budi[@]evil[.]example'],
    ['mailto:budi', 'mailto[:]budi'],
    ['\\\\evil\\share', '[\\]evil\\share'],
    ['203.0.113.9', '203.0.113.9'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['203.0.113.9:8080', '203.0.113[.]9:8080'],
    ['203.0.113.9/login', '203.0.113[.]9/login'],
    ['evil\u3002example', 'evil[.]example'],
    ['2001:db8::1', '2001:db8::1'],
    ['versi 1.2.3', 'versi 1.2.3'],
    ['xn--80ak6aa92e.example', 'xn--80ak6aa92e[.]example'],
  ])('%s becomes %s', (text, shown) => {
    expect(defang(text)).toBe(shown)
  })

  test.each([
    [hostile.lines, 'a Bcc: korban@evil.example isi palsu'],
    [hostile.bidi, 'gpj.exe.laporanx'],
    [hostile.control, 'x [31mmerah 0m y'],
    ['x\ufff9y\ufffbz\u{e0041}', 'xyz'],
    [hostile.lone, '\ufffdx\ufffd'],
    [hostile.marks, 'z\u0301\u0301…'],
  ])('%j becomes plain', (text, shown) => {
    expect(plainText(text, 100)).toBe(shown)
  })

  test('what is cut says so, and is cut between characters', () => {
    expect(plainText('abcdef', 4)).toBe('abc…')
    expect(plainText('👍👍👍👍👍', 3)).toBe('👍👍…')
    expect(foreign(hostile.long, 50).length).toBeLessThanOrEqual(90)
    expect(foreign(hostile.long, 50)).toMatch(/…$/)
    expect(foreign('a.b'.repeat(60), 50).length).toBeLessThanOrEqual(90)
  })

  test('an SMS keeps what it can', () => {
    expect(gsmText('[KRITIS] “Kabupaten” – 3 × é ç 日')).toBe('(KRITIS) "Kabupaten" - 3 x é c ?')
  })
})
