// Do the parsers of feeds take what is an indicator, and say what they could not take?
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { observableOf } from '../../../ingest/feeds/canonical.ts'
import { parseCsv, parseUrlhaus } from '../../../ingest/feeds/csv.ts'
import { parserOf } from '../../../ingest/feeds/draft.ts'
import { timeOf, tlpOf } from '../../../ingest/feeds/intake.ts'
import { parseList } from '../../../ingest/feeds/list.ts'
import { parseMisp, readManifest } from '../../../ingest/feeds/misp.ts'
import { readPattern } from '../../../ingest/feeds/stix-pattern.ts'
import { FeedFormat } from '../../../schemas/feed.ts'
import { Indicator, IndicatorType } from '../../../schemas/indicator.ts'
import { brief, DAY, NOW, settings } from './rig.ts'

const reasons = (problems: readonly { reason: string; count: number }[]): Record<string, number> =>
  Object.fromEntries(problems.map(({ reason, count }) => [reason, count]))

describe('values', () => {
  test.each([
    ['hxxps://jahat[.]example[.]com/a[.]php', 'url jahat.example.com/a.php'],
    ['hXXp://jahat(dot)example(.)com', 'url jahat.example.com/'],
    ['jahat[dot]example{.}com', 'domain jahat.example.com'],
    ['jahat\\.example\\.com', 'domain jahat.example.com'],
    ['penipu[@]jahat[.]example[.]com', 'email penipu@jahat.example.com'],
    ['45[.]9[.]148[.]3', 'ip 45.9.148.3'],
    ['45.9.148.3:8080', 'ip 45.9.148.3'],
    ['[2A03:2880::1]:443', 'ip 2a03:2880::1'],
    ['http[://]45.9.148.3[:]8080/x', 'url 45.9.148.3:8080/x'],
    ['"jahat.example.com",', 'domain jahat.example.com'],
    ['*.jahat.example.com', 'domain jahat.example.com'],
    ['jahat.example.com:8443', 'domain jahat.example.com'],
    ['jahat.example.com/masuk', 'url jahat.example.com/masuk'],
    ['45.9.148.7/24', 'network 45.9.148.0/24'],
    ['45.9.148.7/32', 'ip 45.9.148.7'],
    ['2a03:2880::/32', 'network 2a03:2880::/32'],
    ['D41D8CD98F00B204E9800998ECF8427E', 'file_hash d41d8cd98f00b204e9800998ecf8427e'],
    [`sha256:${'A'.repeat(64)}`, `file_hash ${'a'.repeat(64)}`],
    ['t13d1516h2_8daaf6152771_b186095e22b6', 'ja4 t13d1516h2_8daaf6152771_b186095e22b6'],
    ['mailto:a@jahat.example.com', 'email a@jahat.example.com'],
  ])('%s', (text, expected) => {
    const found = observableOf(text)
    expect(`${found?.type} ${found?.value}`).toBe(expected)
  })

  test.each([
    '',
    'halo',
    'jahat.tidakada',
    '999.1.1.1',
    '45.9.148.3/33',
    'a'.repeat(5000),
    'http://',
    'C:\\x.exe',
    'z'.repeat(32),
  ])('nothing: %s', (text) => expect(observableOf(text)).toBeUndefined())

  test('a type that is set is what it is read as', () => {
    expect(observableOf('E7D705A3286E19EA42F587B344EE6865', 'ja3')?.type).toBe('ja3')
    expect(observableOf('jahat.example.com', 'url')).toEqual({ type: 'url', value: 'jahat.example.com/' })
    expect(observableOf('jahat.example.com', 'ip')).toBeUndefined()
    expect(observableOf('45.9.148.0/24', 'ip')?.type).toBe('network')
  })

  test('any text of any type: no throw, and what it becomes is what it stays', () => {
    const type = fc.option(fc.constantFrom(...IndicatorType.options), { nil: undefined })
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc.domain(),
      fc.emailAddress(),
      fc.ipV6(),
      fc.ipV4(),
    )
    fc.assert(
      fc.property(value, type, (text, as) => {
        const once = observableOf(text, as)
        if (once === undefined) return
        expect(observableOf(once.value, once.type)).toEqual(once)
      }),
      { numRuns: 2000 },
    )
  })

  test('times and TLP as feeds write them', () => {
    expect(timeOf('2026-11-27 08:00:00')).toBe(Date.UTC(2026, 10, 27, 8))
    expect(timeOf('2026-11-27 08:00:00 UTC')).toBe(Date.UTC(2026, 10, 27, 8))
    expect(timeOf('2026-11-27T08:00:00.5+07:00')).toBe(Date.UTC(2026, 10, 27, 1, 0, 0, 500))
    expect(timeOf('2026-11-27')).toBe(Date.UTC(2026, 10, 27))
    expect(timeOf('1795737600')).toBe(NOW)
    expect(timeOf(`${NOW}`)).toBe(NOW)
    expect(timeOf('kemarin')).toBeUndefined()
    expect(timeOf('2026-13-45')).toBeUndefined()
    expect(['TLP:WHITE', 'tlp:amber+strict', 'Amber Strict', 'red', 'ungu'].map(tlpOf)).toEqual([
      'clear',
      'amber+strict',
      'amber+strict',
      'red',
      undefined,
    ])
  })
})

describe('lists', () => {
  const parse = (text: string, change = {}) => parseList(Buffer.from(text), settings(change), NOW)

  test('comments, hosts files, defanged values, ranges, descriptions behind a value', () => {
    const { indicators, problems, total } = parse(
      [
        '\ufeff# Daftar',
        '; juga komentar',
        '// ini juga',
        '45.9.148.3 # C2',
        '45.9.148.4 ; C2',
        '0.0.0.0 iklan.example.com pelacak.example.net',
        '127.0.0.1\tlocalhost',
        'evil [dot] example [dot] com',
        '45.9.149.0 - 45.9.149.255',
        '45.9.150.1-45.9.150.3',
        'jahat.example.com   domain penipuan',
        'hxxp://jahat.example.com/kpu?x=1#y',
        'bukan apa-apa',
        '',
      ].join('\r\n'),
    )
    expect(brief(indicators)).toEqual(
      [
        'ip 45.9.148.3',
        'ip 45.9.148.4',
        'domain iklan.example.com',
        'domain pelacak.example.net',
        'domain evil.example.com',
        'network 45.9.149.0/24',
        'ip 45.9.150.1',
        'network 45.9.150.2/31',
        'domain jahat.example.com',
        'url jahat.example.com/kpu?x=1',
      ].sort(),
    )
    expect(reasons(problems)).toEqual({ not_recognised: 1 })
    expect(problems[0]?.examples).toEqual(['bukan'])
    expect(total).toBe(11)
  })

  test('one value twice is one indicator; settings give what the list does not; too many are counted', () => {
    const { indicators, problems } = parse('45.9.148.3\n45.9.148.3\n45.9.148.4\n45.9.148.5\n', {
      max_indicators: 2,
      confidence: 90,
      max_confidence: 80,
      tlp: 'amber',
      expire_days: 7,
    })
    expect(indicators).toHaveLength(2)
    expect(reasons(problems)).toEqual({ too_many: 1 })
    expect(indicators[0]).toEqual({
      type: 'ip',
      value: '45.9.148.3',
      source: 'uji',
      confidence: 80,
      first_seen: NOW,
      last_seen: NOW,
      expires: NOW + 7 * DAY,
      tlp: 'amber',
      threat: '',
      reference: '',
      labels: [],
    })
  })

  test('the same list later on the same day gives the same indicators', () => {
    const one = parseList(Buffer.from('45.9.148.3'), settings(), NOW + 1000)
    const two = parseList(Buffer.from('45.9.148.3'), settings(), NOW + 3_600_000)
    expect(two.indicators).toEqual(one.indicators)
  })

  test('OpenPhish: a URL a line', () => {
    const { indicators } = parserOf('openphish')(
      Buffer.from('https://masuk-bank.example.com/\nhttp://kpu.example.net:8080/cek-dpt\n'),
      settings({ format: 'openphish' }),
      NOW,
    )
    expect(brief(indicators)).toEqual(['url kpu.example.net:8080/cek-dpt', 'url masuk-bank.example.com/'])
  })

  test('a line without end is left out and counted', () => {
    expect(reasons(parse(`${'a'.repeat(100_000)}\n45.9.148.3`).problems)).toEqual({ line_too_long: 1 })
  })
})

describe('CSV', () => {
  test('columns by name, with types, times, confidence, labels, TLP of each row', () => {
    const { indicators, problems, total } = parseCsv(
      Buffer.from(
        [
          '# komentar',
          'Jenis;Nilai;Yakin;Pertama;Terakhir;Nama;Tanda;TLP',
          'ipv4;45.9.148.3;85;2026-11-01;2026-11-20 10:00:00;"Bot;Net";ssh,brute;TLP:AMBER',
          'fqdn;jahat[.]example[.]com;;2026-11-25;;;;',
          'md5;bukan-hash;;;;;;',
          'mutex;45.9.148.9;;;;;;',
          'ip;45.9.148.1;;2020-01-01;;;;',
          ';;;;;;;',
        ].join('\n'),
      ),
      settings({
        format: 'csv',
        delimiter: ';',
        columns: {
          value: 'nilai',
          type: 'jenis',
          confidence: 'Yakin',
          first_seen: 'Pertama',
          last_seen: 'Terakhir',
          threat: 'Nama',
          labels: 'Tanda',
          tlp: 'TLP',
        },
      }),
      NOW,
    )
    expect(brief(indicators)).toEqual(['domain jahat.example.com', 'ip 45.9.148.3', 'ip 45.9.148.9'])
    expect(indicators[0]).toMatchObject({
      confidence: 85,
      first_seen: Date.UTC(2026, 10, 1),
      last_seen: Date.UTC(2026, 10, 20, 10),
      expires: Date.UTC(2026, 10, 20, 10) + 30 * DAY,
      threat: 'Bot;Net',
      labels: ['ssh', 'brute'],
      tlp: 'amber',
    })
    // Dated once: that is when it was seen, or an old entry would stay for ever.
    expect(indicators.find(({ type }) => type === 'domain')).toMatchObject({
      last_seen: Date.UTC(2026, 10, 25),
      confidence: 70,
    })
    expect(reasons(problems)).toEqual({ not_file_hash: 1, expired: 1, no_value: 1 })
    expect(total).toBe(5)
  })

  test('columns by number without a header; a header in a comment; a header that is recognised', () => {
    const byNumber = settings({ format: 'csv', columns: { value: 2, threat: 1 } })
    expect(parseCsv(Buffer.from('Bot,45.9.148.3\nBot,45.9.148.4'), byNumber, NOW).indicators).toHaveLength(2)
    const commented = settings({ format: 'csv', columns: { value: 'dst_ip' } })
    const feodo = '# Ditulis 2026-11-27\n# first_seen,dst_ip,port\n2026-11-20,45.9.148.3,443\n'
    expect(brief(parseCsv(Buffer.from(feodo), commented, NOW).indicators)).toEqual(['ip 45.9.148.3'])
    const plain = parseCsv(Buffer.from('indicator,threat\njahat.example.com,Bot\n'), settings({ format: 'csv' }), NOW)
    expect(plain.indicators[0]).toMatchObject({ value: 'jahat.example.com', threat: 'Bot' })
  })

  test('a quotation mark that never closes costs its own line', () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => `45.${n >> 8}.${n & 255}.1,"x, y"`).join('\n')
    const text = `value,threat\n45.200.1.2,y\n"45.200.1.1,x\n${rows}\n45.200.1.3,x"`
    const { indicators, problems } = parseCsv(Buffer.from(text), settings({ format: 'csv' }), NOW)
    expect(problems).toEqual([{ reason: 'bad_record', count: 2, examples: ['"45.200.1.1,x', '45.200.1.3,x"'] }])
    expect(indicators).toHaveLength(20_001)
    expect(indicators[1]?.threat).toBe('x, y')
  })

  test('URLhaus', () => {
    const { indicators, problems } = parseUrlhaus(
      Buffer.from(
        [
          '################',
          '# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter',
          '"31","2026-11-26 10:00:12","http://45.9.148.3:55615/i","online","2026-11-26 10:00:12","malware_download","32-bit,elf,Mozi","https://lapor.example.com/31/","geenensp"',
          '"32","2026-11-20 10:00:12","https://unduh.example.com/a.exe","offline","","malware_download","None","https://lapor.example.com/32/","x"',
          '"33","2026-01-20 10:00:12","https://lama.example.com/a.exe","offline","","malware_download","None","https://lapor.example.com/33/","x"',
        ].join('\r\n'),
      ),
      settings({ format: 'urlhaus' }),
      NOW,
    )
    expect(brief(indicators)).toEqual(['url 45.9.148.3:55615/i', 'url unduh.example.com/a.exe'])
    expect(indicators[0]).toMatchObject({
      threat: 'malware_download',
      labels: ['32-bit', 'elf', 'Mozi'],
      reference: 'https://lapor.example.com/31/',
      last_seen: Date.UTC(2026, 10, 26, 10, 0, 12),
    })
    expect(reasons(problems)).toEqual({ expired: 1 })
  })
})

describe('MISP', () => {
  const attribute = (type: string, value: string, more = {}) => ({
    type,
    value,
    to_ids: true,
    timestamp: '1795651200',
    ...more,
  })
  const event = {
    Event: {
      uuid: '5f0b2e4e-1111-4222-8333-444455556666',
      info: 'Penipuan undangan pernikahan (APK)',
      timestamp: '1795651200',
      Tag: [
        { name: 'tlp:green' },
        { name: 'misp:confidence-level="usually-confident"' },
        { name: 'misp-galaxy:android="Sms"' },
      ],
      Attribute: [
        attribute('ip-dst', '45.9.148.3'),
        attribute('ip-dst|port', '45.9.148.4|8443'),
        attribute('domain|ip', 'jahat.example.com|45.9.148.5'),
        attribute('filename|sha256', `undangan.apk|${'AB'.repeat(32)}`),
        attribute('malware-sample', `x.apk|${'ab'.repeat(16)}`),
        attribute('ip-dst', '45.9.148.6', { to_ids: false }),
        attribute('ip-dst', '45.9.148.7', { deleted: true }),
        attribute('mutex', 'Global\\x'),
        attribute('url', 'https://unduh.example.com/a.apk', {
          Tag: [{ name: 'tlp:amber' }, { name: 'misp:confidence-level="fairly-confident"' }],
          first_seen: '2026-11-01T00:00:00+00:00',
          last_seen: '2026-11-24T00:00:00+00:00',
        }),
      ],
      Object: [
        {
          name: 'network-connection',
          Attribute: [
            attribute('hostname', 'c2.example.net'),
            attribute('ja3-fingerprint-md5', 'e7d705a3286e19ea42f587b344ee6865'),
          ],
        },
        { name: 'file', deleted: true, Attribute: [attribute('md5', 'cd'.repeat(16))] },
      ],
    },
  }

  test('attributes for detection, composite ones, those of objects, tags', () => {
    const { indicators, problems } = parseMisp(Buffer.from(JSON.stringify(event)), settings({ format: 'misp' }), NOW)
    expect(brief(indicators)).toEqual(
      [
        'ip 45.9.148.3',
        'ip 45.9.148.4',
        'domain jahat.example.com',
        'ip 45.9.148.5',
        `file_hash ${'ab'.repeat(32)}`,
        `file_hash ${'ab'.repeat(16)}`,
        'url unduh.example.com/a.apk',
        'domain c2.example.net',
        'ja3 e7d705a3286e19ea42f587b344ee6865',
      ].sort(),
    )
    expect(reasons(problems)).toEqual({ type_mutex: 1 })
    const by = (value: string) => indicators.find((one) => one.value === value)
    expect(by('45.9.148.3')).toMatchObject({
      confidence: 75,
      tlp: 'green',
      threat: 'Penipuan undangan pernikahan (APK)',
      reference: '5f0b2e4e-1111-4222-8333-444455556666',
      labels: ['misp-galaxy:android="Sms"'],
      last_seen: NOW - DAY,
    })
    expect(by('unduh.example.com/a.apk')).toMatchObject({
      confidence: 50,
      tlp: 'amber',
      first_seen: Date.UTC(2026, 10, 1),
      last_seen: Date.UTC(2026, 10, 24),
    })
  })

  test('a manifest names its events; names that are no UUID are no files', () => {
    const manifest = {
      '5f0b2e4e-1111-4222-8333-444455556666': { info: 'a', timestamp: '1795651200' },
      '../../etc/passwd': { info: 'b', timestamp: '1' },
    }
    expect(readManifest(Buffer.from(JSON.stringify(manifest)))).toEqual([
      { uuid: '5f0b2e4e-1111-4222-8333-444455556666', timestamp: '1795651200' },
    ])
    expect(readManifest(Buffer.from(JSON.stringify(event)))).toBeUndefined()
    expect(readManifest(Buffer.from('{"error": "masuk"}'))).toBeUndefined()
    expect(readManifest(Buffer.from('[]'))).toBeUndefined()
  })
})

describe('STIX patterns', () => {
  const values = (pattern: string): string => {
    const outcome = readPattern(pattern)
    if (outcome.kind === 'bad') return `bad ${outcome.cause}`
    return `${outcome.values.map(({ type, value }) => `${type} ${value}`).join(', ')}${outcome.wider ? ' (wider)' : ''}`
  }
  test.each([
    ["[ipv4-addr:value = '45.9.148.3']", 'ip 45.9.148.3'],
    ["[ipv4-addr:value ISSUBSET '45.9.148.0/24']", 'ip 45.9.148.0/24'],
    ["[ipv4-addr:value IN ('45.9.148.3', '45.9.148.4')]", 'ip 45.9.148.3, ip 45.9.148.4'],
    ["[ipv6-addr:value = '2a03::1'] OR [domain-name:value = 'a.example.com']", 'ip 2a03::1, domain a.example.com'],
    ["[url:value = 'https://a.example.com/it\\'s\\\\x']", "url https://a.example.com/it's\\x"],
    ["[file:hashes.MD5 = 'aa' AND file:hashes.'SHA-256' = 'bb' AND file:name = 'x.exe']", 'file_hash aa, file_hash bb'],
    ["[file:hashes.'SHA-1' = 'aa' AND file:size > 10]", 'file_hash aa'],
    ["[ipv4-addr:value = '45.9.148.3' AND network-traffic:dst_port = 443]", 'ip 45.9.148.3 (wider)'],
    [
      "[domain-name:value = 'a.example.com' AND domain-name:resolves_to_refs[*].value = '45.9.148.3']",
      'domain a.example.com (wider)',
    ],
    [
      "[email-addr:value = 'a@a.example.com'] FOLLOWEDBY [url:value = 'http://a.example.com/'] WITHIN 600 SECONDS",
      'email a@a.example.com, url http://a.example.com/ (wider)',
    ],
    [
      "([ipv4-addr:value = '45.9.148.3'] OR [ipv4-addr:value = '45.9.148.4']) REPEATS 5 TIMES",
      'ip 45.9.148.3, ip 45.9.148.4',
    ],
    ["[ipv4-addr:value = '45.9.148.3'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'", 'ip 45.9.148.3'],
    [
      "[NOT ipv4-addr:value = '45.9.148.3' OR ipv4-addr:value NOT IN ('45.9.148.4') OR ipv4-addr:value != '45.9.148.5']",
      '',
    ],
    [
      "[(domain-name:value = 'a.example.com' OR domain-name:value = 'b.example.com') AND process:pid = 1]",
      'domain a.example.com, domain b.example.com (wider)',
    ],
    [
      "[network-traffic:extensions.'tls-ext'.ja3_hash = 'e7d705a3286e19ea42f587b344ee6865']",
      'ja3 e7d705a3286e19ea42f587b344ee6865',
    ],
    ["[file:name LIKE '%.exe']", ''],
    ["[x509-certificate:hashes.'SHA-256' = 'aa']", ''],
    ['[ipv4-addr:value = ', 'bad it ends too early'],
    ["[ipv4-addr:value = '45.9.148.3", 'bad a string does not end'],
    ["ipv4-addr:value = 'x'", 'bad [ is missing at 0'],
    ["[ipv4-addr:value = 'x'] nonsense", 'bad nonsense at 24 is not expected'],
    [`${'('.repeat(500)}[a:b = 'c']`, 'bad too deep'],
  ])('%s', (pattern, expected) => expect(values(pattern)).toBe(expected))

  test('any text: an outcome, never an exception', () => {
    const part = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      "'",
      ' AND ',
      ' OR ',
      ' NOT ',
      ' IN ',
      '=',
      ',',
      'a:b',
      ':',
      '.',
      "'x'",
      ' START ',
      '\\',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(part, { maxLength: 40 }).map((parts) => parts.join('')),
        ),
        (text) => {
          expect(['ok', 'bad']).toContain(readPattern(text).kind)
        },
      ),
      { numRuns: 3000 },
    )
  })
})

describe('any bytes', () => {
  const jsonish = fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text))
  const lines = fc
    .array(fc.oneof(fc.webUrl(), fc.ipV4(), fc.string({ unit: 'binary' })))
    .map((all) => Buffer.from(all.join('\n')))
  const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
  const objects = fc
    .array(
      fc.record(
        {
          type: fc.constantFrom('indicator', 'marking-definition', 'sighting'),
          id: fc.anything(),
          pattern: fc.oneof(fc.constant("[ipv4-addr:value = '45.9.148.3']"), fc.anything()),
          valid_until: fc.anything(),
          confidence: fc.anything(),
          labels: fc.anything(),
          object_marking_refs: fc.anything(),
          external_references: fc.anything(),
          extensions: fc.anything(),
        },
        { requiredKeys: ['type'] },
      ),
    )
    .map((all) =>
      Buffer.from(JSON.stringify({ objects: all }, (_, value) => (typeof value === 'bigint' ? String(value) : value))),
    )
  const events = fc
    .record({
      uuid: fc.anything(),
      Tag: fc.anything(),
      Attribute: fc.array(
        fc.record({
          type: fc.constantFrom('ip-dst', 'url', 'x|y', 'domain|ip'),
          value: fc.anything(),
          to_ids: fc.anything(),
          Tag: fc.anything(),
          timestamp: fc.anything(),
        }),
      ),
      Object: fc.anything(),
    })
    .map((Event) =>
      Buffer.from(JSON.stringify({ Event }, (_, value) => (typeof value === 'bigint' ? String(value) : value))),
    )

  test.each(FeedFormat.options)('%s never throws, and what it gives is an indicator', (format) => {
    fc.assert(
      fc.property(fc.oneof(jsonish, lines, bytes, objects, events), (content) => {
        const parsed = parserOf(format)(content, settings({ format }), NOW)
        for (const indicator of parsed.indicators) {
          expect(Indicator.safeParse(indicator).success).toBe(true)
          expect(indicator.expires).toBeGreaterThan(NOW)
          expect(observableOf(indicator.value, indicator.type)).toEqual({
            type: indicator.type,
            value: indicator.value,
          })
        }
      }),
    )
  })
})
