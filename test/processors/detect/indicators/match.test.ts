import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createIndicatorMatch, type IndicatorFields } from '../../../../processors/detect/indicators/match.ts'
import { emptyAddress, parseAddress } from '../../../../runtime/address.ts'
import { canonicalNetwork, canonicalUrl } from '../../../../runtime/indicator-value.ts'
import { type Event, emptyEvent } from '../../../../schemas/event.ts'
import type { Indicator } from '../../../../schemas/indicator.ts'
import { indicator, tableOf } from './table.ts'

const at = Date.UTC(2024, 10, 27)

function event(columns: Partial<Event>): IndicatorFields {
  return { ...emptyEvent(), timestamp: at, ...columns }
}

async function matcher(...indicators: Indicator[]): Promise<(columns: Partial<Event>) => string[]> {
  const match = createIndicatorMatch(await tableOf(indicators))
  return (columns) =>
    match(event(columns)).map(({ field, value, indicator }) => `${field} ${value} = ${indicator.value}`)
}

describe('an address', () => {
  test('is found as source and as destination, in every way it is written', async () => {
    const match = await matcher(indicator('ip', '198.51.100.7'), indicator('ip', '2001:db8::1'))
    expect(match({ source_ip: '198.51.100.7', destination_ip: '2001:0db8:0:0::0:1' })).toEqual([
      'source_ip 198.51.100.7 = 198.51.100.7',
      'destination_ip 2001:0db8:0:0::0:1 = 2001:db8::1',
    ])
    expect(match({ source_ip: '::ffff:198.51.100.7' })).toEqual(['source_ip ::ffff:198.51.100.7 = 198.51.100.7'])
    expect(match({ source_ip: '198.51.100.8', destination_ip: '2001:db8::2' })).toEqual([])
  })

  test('is in every network that holds it, and in none beside it', async () => {
    const match = await matcher(
      indicator('network', '198.51.100.0/24'),
      indicator('network', '198.51.0.0/16'),
      indicator('network', '2001:db8:aa00::/40'),
      indicator('network', '2001:db8:0:1::/64'),
    )
    expect(match({ source_ip: '198.51.100.200' })).toEqual([
      'source_ip 198.51.100.200 = 198.51.100.0/24',
      'source_ip 198.51.100.200 = 198.51.0.0/16',
    ])
    expect(match({ source_ip: '198.52.100.200' })).toEqual([])
    expect(match({ destination_ip: '2001:db8:aaff::9' })).toEqual([
      'destination_ip 2001:db8:aaff::9 = 2001:db8:aa00::/40',
    ])
    expect(match({ destination_ip: '2001:db8:0:1:ffff::' })).toHaveLength(1)
    expect(match({ destination_ip: '2001:db8:0:2::' })).toEqual([])
  })
})

describe('a domain', () => {
  test('matches itself and all beneath it, whatever the case and the last dot, and no name that only ends like it', async () => {
    const match = await matcher(indicator('domain', 'evil.example'))
    for (const name of ['evil.example', 'EVIL.Example.', 'a.evil.example', 'x.y.z.evil.example'])
      expect(match({ dns_question_name: name })).toEqual([`dns_question_name ${name} = evil.example`])
    for (const name of ['notevil.example', 'evil.example.com', 'example', 'vil.example', 'evil-example', ''])
      expect(match({ dns_question_name: name })).toEqual([])
  })

  test('is looked for in URL, TLS name, referrer and sender', async () => {
    const match = await matcher(indicator('domain', 'evil.example'))
    const fields = new Map([['email.from.address', 'info@mail.evil.example']])
    expect(
      match({
        url_domain: 'www.evil.example:8443',
        tls_server_name: 'evil.example',
        http_referrer: 'https://u:p@login.evil.example:8443/x',
        fields,
      }).map((text) => text.split(' ')[0]),
    ).toEqual(['url_domain', 'tls_server_name', 'http_referrer', 'email.from.address'])
  })

  test('is found as people see it too', async () => {
    const match = await matcher(indicator('domain', 'xn--kp-yka.example'))
    expect(match({ dns_question_name: 'www.kpü.example' })).toHaveLength(1)
    expect(match({ url_domain: 'KPÜ.example:8443' })).toHaveLength(1)
  })
})

describe('an URL', () => {
  test('is found by host, path and query, without scheme, default port and fragment', async () => {
    const match = await matcher(indicator('url', 'evil.example/Login?id=1'), indicator('url', 'evil.example:8080/'))
    expect(match({ url_original: 'https://EVIL.example:443/Login?id=1#top' })).toHaveLength(1)
    expect(match({ url_domain: 'evil.example', url_original: '/Login?id=1' })).toHaveLength(1)
    expect(match({ http_referrer: 'http://evil.example/x/../Login?id=1' })).toHaveLength(1)
    expect(match({ url_original: 'http://evil.example:8080' })).toHaveLength(1)
    expect(match({ url_original: 'https://evil.example/login?id=1' })).toEqual([])
    expect(match({ url_original: 'https://evil.example/Login?id=2' })).toEqual([])
    expect(match({ url_original: 'https://other.example/Login?id=1' })).toEqual([])
  })
})

test('hashes, fingerprints and addresses of mail are found whatever their case', async () => {
  const match = await matcher(
    indicator('file_hash', 'd41d8cd98f00b204e9800998ecf8427e'),
    indicator('ja3', 'e7d705a3286e19ea42f587b344ee6865'),
    indicator('ja4', 't13d1516h2_8daaf6152771_b186095e22b6'),
    indicator('email', 'admin@evil.example'),
  )
  expect(match({ file_hash: 'D41D8CD98F00B204E9800998ECF8427E' })).toHaveLength(1)
  expect(match({ tls_ja3: 'e7d705a3286e19ea42f587b344ee6865' })).toHaveLength(1)
  expect(match({ tls_ja3: 't13d1516h2_8daaf6152771_b186095e22b6' })).toHaveLength(1)
  expect(match({ user_name: 'Admin@Evil.example' })).toHaveLength(1)
  // A fingerprint is no hash of a file.
  expect(match({ file_hash: 'e7d705a3286e19ea42f587b344ee6865' })).toEqual([])
})

test('what has expired at the time of the event counts no more; all feeds that tell a value are answered', async () => {
  const match = createIndicatorMatch(
    await tableOf([
      indicator('ip', '198.51.100.7', { source: 'a', expires: at }),
      indicator('ip', '198.51.100.7', { source: 'b', expires: at + 1 }),
      indicator('ip', '198.51.100.7', { source: 'c' }),
    ]),
  )
  const sources = (timestamp: number) =>
    match(event({ source_ip: '198.51.100.7', timestamp }))
      .map(({ indicator }) => indicator.source)
      .sort()
  expect(sources(at)).toEqual(['b', 'c'])
  expect(sources(at - 1)).toEqual(['a', 'b', 'c'])
})

test('an empty table matches nothing', async () => {
  const match = createIndicatorMatch(await tableOf([]))
  expect(match(event({ source_ip: '198.51.100.7', url_domain: 'a.example', url_original: '/' }))).toEqual([])
})

test('a value that is not of its type is left out', async () => {
  const table = await tableOf([
    indicator('ip', 'evil.example'),
    indicator('network', '10.0.0.0/99'),
    indicator('url', '/x'),
  ])
  expect(table.meta.count).toBe(0)
})

// Small alphabets, so that values and events meet often.
const label = fc.stringMatching(/^[ab][ab1]{0,2}$/)
const host = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'))
const address = fc.oneof(
  fc.tuple(fc.constantFrom(10, 192), fc.nat(2), fc.nat(2), fc.nat(3)).map((parts) => parts.join('.')),
  fc.tuple(fc.nat(2), fc.nat(2)).map(([a, b]) => `2001:db8:${a}::${b}`),
)
const network = fc
  .tuple(address, fc.nat(32), fc.constantFrom(0, 32, 64, 96))
  .map(
    ([ip, length, more]) =>
      canonicalNetwork(`${ip}/${ip.includes(':') ? Math.min(128, length + more) : length}`) ?? '10.0.0.0/8',
  )
const target = fc.stringMatching(/^\/[ab]{0,2}(?:\?[ab]{1,2})?$/)
const anyIndicator = fc.oneof(
  address.map((value) => indicator('ip', value.includes(':') ? canonicalV6(value) : value)),
  network.map((value) => indicator('network', value)),
  host.map((value) => indicator('domain', value)),
  fc.tuple(host, target).map(([name, path]) => indicator('url', canonicalUrl(name + path) ?? 'a.b/')),
)
const anyEvent = fc.record({
  source_ip: fc.option(address, { nil: '' }),
  destination_ip: fc.option(address, { nil: '' }),
  url_domain: fc.option(host, { nil: '' }),
  url_original: fc.oneof(
    target,
    fc.tuple(host, target).map(([name, path]) => `http://${name}${path}`),
  ),
  http_referrer: fc.option(
    fc.tuple(host, target).map(([name, path]) => `https://${name}${path}`),
    { nil: '' },
  ),
  dns_question_name: fc.option(host, { nil: '' }),
})

function canonicalV6(text: string): string {
  return (canonicalNetwork(`${text}/128`) ?? '').replace('/128', '')
}

/** The same question asked of every indicator, one by one. */
function slowly(indicators: readonly Indicator[], columns: Partial<Event>): string[] {
  const {
    source_ip = '',
    destination_ip = '',
    url_domain = '',
    url_original = '',
    http_referrer = '',
    dns_question_name = '',
  } = columns
  const hostOf = (text: string): string => (text.includes('://') ? new URL(text).hostname : '')
  const beneath = (name: string, parent: string): boolean => name === parent || name.endsWith(`.${parent}`)
  const holds = (cidr: string, ip: string): boolean => {
    const length = cidr.slice(cidr.indexOf('/'))
    return parseAddress(ip, emptyAddress()) && canonicalNetwork(ip + length) === cidr
  }
  const found: string[] = []
  for (const { type, value } of indicators) {
    const add = (field: string, yes: boolean): void => {
      if (yes) found.push(`${field} ${type} ${value}`)
    }
    for (const [field, ip] of [
      ['source_ip', source_ip],
      ['destination_ip', destination_ip],
    ] as const) {
      if (ip === '') continue
      if (type === 'ip') add(field, holds(`${value}/${ip.includes(':') ? 128 : 32}`, ip))
      if (type === 'network') add(field, value.includes(':') === ip.includes(':') && holds(value, ip))
    }
    if (type === 'domain') {
      add('url_domain', beneath(url_domain, value))
      add('dns_question_name', beneath(dns_question_name, value))
      // Its host is told as the domain of the URL already.
      add(
        'url_original',
        !url_original.startsWith(`http://${url_domain || '/'}`) && beneath(hostOf(url_original), value),
      )
      add('http_referrer', beneath(hostOf(http_referrer), value))
    }
    if (type === 'url') {
      const own = url_original.startsWith('/') ? (url_domain === '' ? '' : url_domain + url_original) : url_original
      add('url_original', own !== '' && canonicalUrl(own) === value)
      add('http_referrer', http_referrer !== '' && canonicalUrl(http_referrer) === value)
    }
  }
  return found.sort()
}

test('answers what asking every indicator would answer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyIndicator, { maxLength: 12 }),
      fc.array(anyEvent, { minLength: 1, maxLength: 20 }),
      async (indicators, events) => {
        const match = createIndicatorMatch(await tableOf(indicators))
        for (const columns of events) {
          const quick = match(event(columns)).map(
            ({ field, indicator: { type, value } }) => `${field} ${type} ${value}`,
          )
          expect(quick.sort()).toEqual(slowly(indicators, columns))
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('never throws on any text', async () => {
  const match = createIndicatorMatch(
    await tableOf([
      indicator('domain', 'evil.example'),
      indicator('url', 'evil.example/'),
      indicator('ip', '192.0.2.1'),
    ]),
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string().map((tail) => `http://evil.example${tail}`),
    fc.constantFrom('http://', 'http://@', '.', '..', ':', 'a:1', 'http://[::1'),
  )
  fc.assert(
    fc.property(text, text, (a, b) => {
      match(
        event({
          source_ip: a,
          url_domain: b,
          url_original: a,
          http_referrer: b,
          dns_question_name: a,
          tls_server_name: b,
          file_hash: a,
          user_name: b,
        }),
      )
    }),
    { numRuns: 2000 },
  )
})
