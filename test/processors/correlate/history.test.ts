// Is a new indicator found in the events of before, all of it and nothing else, once? On a real ClickHouse and Kafka, against the matcher of the stream.
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createHistory, type History } from '../../../processors/correlate/history.ts'
import { createIndicatorMatch, MAX_MATCHES } from '../../../processors/detect/indicators/match.ts'
import { createKafka } from '../../../runtime/kafka.ts'
import { createBatchingProducer } from '../../../runtime/kafka-producer.ts'
import { silentLog } from '../../../runtime/log.ts'
import { topicSettings } from '../../../runtime/topics.ts'
import { Config } from '../../../schemas/config.ts'
import { Finding } from '../../../schemas/detection.ts'
import type { Event } from '../../../schemas/event.ts'
import type { Indicator, IndicatorType } from '../../../schemas/indicator.ts'
import { topics } from '../../../schemas/raw-event.ts'
import { createIndicatorStore, type IndicatorStore } from '../../../sinks/clickhouse/indicators.ts'
import { findingMessage } from '../../../sinks/findings.ts'
import { getServices } from '../../services.ts'
import { indicator, tableOf } from '../detect/indicators/table.ts'
import { createRig, DAY, eventOf, HOUR, MINUTE, type Rig } from './rig.ts'

const NOW = Date.parse('2024-11-27T05:00:00Z')
const DAYS = 30
const weights = { indicator: 50 }

const ends: (() => Promise<void>)[] = []
let seed: Rig
beforeAll(async () => {
  seed = await createRig(1)
})
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})
afterAll(() => seed?.drop())

interface Place {
  readonly rig: Rig
  readonly store: IndicatorStore
  /** What was sent, and a way to break the sending. */
  readonly sent: Finding[]
  readonly history: (overrides?: {
    send?: (findings: readonly Finding[]) => Promise<void>
    settleMs?: number
    sliceRows?: number
  }) => History
  /** The events, landed an hour ago or so long. */
  land(events: readonly Partial<Event>[], ago?: number): Promise<void>
}

/** Events, feeds and hunts of one test. */
async function setUp(): Promise<Place> {
  const rig = await createRig(1)
  const name = randomBytes(5).toString('hex')
  const own = {
    rows: `siaga.rows_${name}`,
    next: `siaga.next_${name}`,
    given: `siaga.given_${name}`,
    hunts: `siaga.hunts_${name}`,
  }
  const likes = {
    rows: 'indicator_rows',
    next: 'indicator_next',
    given: 'indicator_given',
    hunts: 'history_hunts',
  } as const
  for (const key of ['rows', 'next', 'given', 'hunts'] as const)
    await rig.clickhouse.command(`CREATE TABLE ${own[key]} AS siaga.${likes[key]}`)
  ends.push(async () => {
    for (const table of Object.values(own)) await rig.clickhouse.command(`DROP TABLE ${table}`)
    await rig.drop()
  })
  const sent: Finding[] = []
  return {
    rig,
    sent,
    store: createIndicatorStore(rig.clickhouse, own),
    history: (overrides = {}) =>
      createHistory({
        clickhouse: rig.pipeline,
        send: async (findings) => {
          sent.push(...findings)
        },
        days: DAYS,
        weights,
        tables: {
          events: rig.tables.events,
          indicators: own.rows,
          given: own.given,
          candidates: 'siaga.history_candidates',
          matches: 'siaga.history_matches',
          hunts: own.hunts,
        },
        ...overrides,
      }),
    land: (events, ago = HOUR) =>
      rig.land(
        events.map((values) => eventOf([], NOW - ago - MINUTE, { source_ip: '', ...values })),
        { ingestedAt: NOW - ago },
      ),
  }
}

const seen = (finding: Finding, field: string) => finding.evidence.find((one) => one.field === field)?.value ?? ''
const told = (finding: Finding) =>
  `${seen(finding, 'threat.indicator.type')} ${seen(finding, 'threat.indicator.name')}: ${finding.evidence[0]?.field}=${finding.evidence[0]?.value}`

const before = NOW - 10 * MINUTE

test('every type of indicator is found in every place of an event', async () => {
  const { store, history, land, sent } = await setUp()
  const sha = 'ab'.repeat(32)
  const md5 = 'cd'.repeat(16)
  await store.replace(
    'umpan',
    [
      indicator('ip', '198.51.100.7'),
      indicator('ip', '2001:db8::7'),
      indicator('network', '203.0.113.0/24'),
      indicator('network', '2001:db8:5::/48'),
      indicator('domain', 'evil.example'),
      indicator('domain', 'xn--bcher-kva.example'),
      indicator('url', 'shop.example/gate.php?id=7'),
      indicator('url', 'shop.example:8443/x'),
      indicator('url', 'odd.example/a%20b'),
      indicator('file_hash', sha),
      indicator('file_hash', md5),
      indicator('email', 'penipu@surat.example'),
      indicator('ja3', 'ef'.repeat(16)),
      indicator('ja4', 't13d1516h2_8daaf6152771_b186095e22b6'),
    ],
    before,
  )
  await land(
    [
      { source_ip: '198.51.100.7' },
      { destination_ip: '::ffff:198.51.100.7', source_ip: '10.0.0.1' },
      { source_ip: '2001:0DB8:0::0007' },
      { source_ip: '203.0.113.200' },
      { destination_ip: '2001:db8:5:9::1' },
      { url_domain: 'EVIL.example', url_original: '/' },
      { dns_question_name: 'a.b.evil.example.' },
      { tls_server_name: 'www.evil.example:443' },
      { http_referrer: 'https://user@cdn.evil.example:8080/x?y' },
      { url_original: 'http://evil.example' },
      { fields: new Map([['email.from.address', 'x@mail.evil.example']]) },
      { dns_question_name: 'bücher.example' },
      { url_domain: 'shop.example', url_original: '/gate.php?id=7' },
      { url_original: 'HTTP://Shop.Example:80/gate.php?id=7#top' },
      { url_original: 'https://shop.example:8443/x' },
      { url_domain: 'odd.example', url_original: '/./c/../a b' },
      { http_referrer: 'http://odd.example/a%20b' },
      { file_hash: sha.toUpperCase() },
      { fields: new Map([['file.hash.md5', md5]]) },
      { user_name: 'Penipu@Surat.example' },
      { fields: new Map([['email.to.address', 'penipu@surat.example']]) },
      { tls_ja3: 'ef'.repeat(16) },
      { tls_ja3: 't13d1516h2_8daaf6152771_b186095e22b6' },
    ].map((values, n) => ({ asset_id: `asset-${n}`, ...values })),
  )
  const hunt = await history().hunt(NOW)
  expect(hunt).toMatchObject({ indicators: 14, cut: false })
  expect(sent.map(told).sort()).toEqual(
    [
      'ip 198.51.100.7: source_ip=198.51.100.7',
      'ip 198.51.100.7: destination_ip=::ffff:198.51.100.7',
      'ip 2001:db8::7: source_ip=2001:0DB8:0::0007',
      'network 203.0.113.0/24: source_ip=203.0.113.200',
      'network 2001:db8:5::/48: destination_ip=2001:db8:5:9::1',
      'domain evil.example: url_domain=EVIL.example',
      'domain evil.example: dns_question_name=a.b.evil.example.',
      'domain evil.example: tls_server_name=www.evil.example:443',
      'domain evil.example: http_referrer=cdn.evil.example:8080',
      'domain evil.example: url_original=evil.example',
      'domain evil.example: email.from.address=mail.evil.example',
      'domain xn--bcher-kva.example: dns_question_name=bücher.example',
      'url shop.example/gate.php?id=7: url_original=shop.example/gate.php?id=7',
      'url shop.example/gate.php?id=7: url_original=HTTP://Shop.Example:80/gate.php?id=7#top',
      'url shop.example:8443/x: url_original=https://shop.example:8443/x',
      'url odd.example/a%20b: url_original=odd.example/./c/../a b',
      'url odd.example/a%20b: http_referrer=http://odd.example/a%20b',
      `file_hash ${sha}: file_hash=${sha.toUpperCase()}`,
      `file_hash ${md5}: file.hash.md5=${md5}`,
      'email penipu@surat.example: user_name=Penipu@Surat.example',
      'email penipu@surat.example: email.to.address=penipu@surat.example',
      `ja3 ${'ef'.repeat(16)}: tls_ja3=${'ef'.repeat(16)}`,
      'ja4 t13d1516h2_8daaf6152771_b186095e22b6: tls_ja3=t13d1516h2_8daaf6152771_b186095e22b6',
    ].sort(),
  )
})

test('what only looks like an indicator is not found', async () => {
  const { store, history, land, sent } = await setUp()
  await store.replace(
    'umpan',
    [
      indicator('ip', '198.51.100.7'),
      indicator('network', '203.0.113.0/25'),
      indicator('network', '::/8'),
      indicator('domain', 'example.com'),
      indicator('url', 'shop.example/gate'),
      indicator('email', 'a@surat.example'),
    ],
    before,
  )
  await land([
    { source_ip: '198.51.100.70', destination_ip: '203.0.113.128' },
    { source_ip: '198.51.100.07' },
    { source_ip: 'not an address' },
    { url_domain: 'evil-example.com', url_original: '/' },
    { url_domain: 'example.com.evil', url_original: '/' },
    { dns_question_name: 'example.co' },
    { dns_question_name: 'com' },
    { url_domain: 'shop.example', url_original: '/gate/' },
    { url_domain: 'shop.example', url_original: '/Gate' },
    { url_domain: 'shop.example', url_original: '/gate?x=1' },
    { url_original: 'https://shop.example:8443/gate' },
    { url_domain: 'notshop.example', url_original: '/gate' },
    { user_name: 'ba@surat.example' },
    { message: 'example.com 198.51.100.7' },
  ])
  expect(await history().hunt(NOW)).toMatchObject({ indicators: 6, findings: [] })
  expect(sent).toEqual([])
})

test('a finding says what was seen, how often, when, by whom, and how sure the feed is', async () => {
  const { store, history, land, sent } = await setUp()
  const known = {
    confidence: 60,
    last_seen: NOW - 30 * DAY,
    threat: 'Judol',
    tlp: 'amber',
    reference: 'https://umpan.example/1',
  } as const
  await store.replace('umpan', [indicator('domain', 'evil.example', known)], before)
  await store.replace('lain', [indicator('domain', 'evil.example', { confidence: 40 })], before)
  const common = {
    dns_question_name: 'www.evil.example',
    source_ip: '10.0.0.5',
    asset_id: 'a1',
    region_code: '32',
    owner: 'kpu',
  }
  await land([{ ...common, score: 10, event_id: 'old', http_referrer: 'http://evil.example/abc' }], 20 * DAY)
  await land(Array.from({ length: 8 }, (_, n) => ({ ...common, score: 20 + n, event_id: `new-${n}` })))
  await land([
    { ...common, region_code: '31' },
    { ...common, owner: 'bawaslu' },
    { ...common, asset_id: 'a2' },
  ])
  // In many slices: what belongs together is put together behind them.
  await history({ sliceRows: 1 }).hunt(NOW)
  expect(sent.length).toBe(4)
  const [one, ...others] = sent.toSorted(
    (a, b) => Number(seen(b, 'siaga.history.events')) - Number(seen(a, 'siaga.history.events')),
  )
  if (one === undefined) throw new Error('none')
  expect(Finding.parse(one)).toMatchObject({
    rule_id: 'siaga.indicator.history',
    title: 'Ditemukan di riwayat / Found in history: Judol (evil.example)',
    severity: 'medium',
    region_code: '32',
    owner: 'kpu',
    asset_id: 'a1',
    entity: 'source_ip:10.0.0.5',
    source_id: 'rig',
    window_start: NOW - 20 * DAY - MINUTE,
    window_end: NOW - HOUR - MINUTE,
    // Log-odds of 27 are -9.9 points; the indicator adds 50 · 0.6, halved for 30 days: 15 points.
    score: Math.round(100 / (1 + Math.exp(-(10 * Math.log(27 / 73) + 15 * 2 ** ((HOUR + MINUTE) / (30 * DAY))) / 10))),
  })
  expect(one.evidence.filter(({ field }) => field !== 'event.id')).toEqual([
    { field: 'dns_question_name', value: 'www.evil.example' },
    { field: 'threat.indicator.type', value: 'domain' },
    { field: 'threat.indicator.name', value: 'evil.example' },
    { field: 'threat.indicator.provider', value: 'umpan' },
    { field: 'threat.indicator.confidence', value: '60' },
    { field: 'threat.indicator.description', value: 'Judol' },
    { field: 'threat.indicator.first_seen', value: '2024-11-01T00:00:00.000Z' },
    { field: 'threat.indicator.last_seen', value: new Date(NOW - 30 * DAY).toISOString() },
    { field: 'threat.indicator.marking.tlp', value: 'amber' },
    { field: 'threat.indicator.reference', value: 'https://umpan.example/1' },
    { field: 'threat.indicator.also_provided_by', value: 'lain' },
    { field: 'siaga.history.added', value: new Date(before).toISOString() },
    { field: 'siaga.history.days', value: '30' },
    { field: 'siaga.history.events', value: '9' },
    { field: 'siaga.history.first', value: new Date(NOW - 20 * DAY - MINUTE).toISOString() },
    { field: 'siaga.history.last', value: new Date(NOW - HOUR - MINUTE).toISOString() },
  ])
  expect(one.evidence.filter(({ field }) => field === 'event.id').length).toBe(5)
  expect(others.map(({ region_code, owner, asset_id }) => [region_code, owner, asset_id]).sort()).toEqual([
    ['31', 'kpu', 'a1'],
    ['32', 'bawaslu', 'a1'],
    ['32', 'kpu', 'a2'],
  ])
  expect(new Set(sent.map(({ finding_id }) => finding_id)).size).toBe(4)
})

describe('what is new', () => {
  test('an indicator is hunted once, also when its feed says more of it or another feed tells it too', async () => {
    const { store, history, land, sent } = await setUp()
    await land([{ source_ip: '198.51.100.7' }, { source_ip: '198.51.100.8' }])
    const [seven, eight] = ['198.51.100.7', '198.51.100.8'].map((value) => indicator('ip', value))
    if (seven === undefined || eight === undefined) throw new Error('two')
    const hunter = history()
    await store.replace('umpan', [seven], before)
    expect(await hunter.hunt(NOW)).toMatchObject({ indicators: 1, findings: [{ entity: 'source_ip:198.51.100.7' }] })
    expect(await hunter.hunt(NOW + MINUTE)).toMatchObject({ indicators: 0, findings: [] })
    await store.replace('umpan', [{ ...seven, confidence: 99 }, eight], NOW)
    await store.replace('lain', [seven], NOW)
    expect(await hunter.hunt(NOW + 10 * MINUTE)).toMatchObject({
      indicators: 1,
      findings: [{ entity: 'source_ip:198.51.100.8' }],
    })
    expect(await hunter.hunt(NOW + 20 * MINUTE)).toMatchObject({ indicators: 0 })
    expect(sent.length).toBe(2)
  })

  test('one that was added just now waits until processors have it', async () => {
    const { store, history, land } = await setUp()
    await land([{ source_ip: '198.51.100.7' }])
    await store.replace('umpan', [indicator('ip', '198.51.100.7')], NOW - MINUTE)
    const hunter = history()
    expect(await hunter.hunt(NOW)).toMatchObject({ indicators: 0 })
    expect(await hunter.hunt(NOW + 2 * MINUTE)).toMatchObject({ indicators: 1 })
  })

  test('one that has expired is not hunted, nor are events older than the days', async () => {
    const { store, history, land, sent } = await setUp()
    await land([{ source_ip: '198.51.100.7' }, { source_ip: '198.51.100.8' }])
    await land([{ source_ip: '198.51.100.9' }], (DAYS + 1) * DAY)
    await store.replace(
      'umpan',
      [
        indicator('ip', '198.51.100.7', { expires: NOW }),
        indicator('ip', '198.51.100.8', { expires: NOW + 1 }),
        indicator('ip', '198.51.100.9'),
      ],
      before,
    )
    expect(await history().hunt(NOW)).toMatchObject({ indicators: 2 })
    expect(sent.map(({ entity }) => entity)).toEqual(['source_ip:198.51.100.8'])
  })

  test('killed between send and remember: the next hunt sends the same findings, which readers know by their ids', async () => {
    const { store, history, land, sent } = await setUp()
    await land(Array.from({ length: 40 }, (_, n) => ({ source_ip: `198.51.100.${n}`, asset_id: `a${n % 3}` })))
    await store.replace('umpan', [indicator('network', '198.51.100.0/24')], before)
    const dying = history({
      send: async (findings) => {
        sent.push(...findings)
        throw new Error('killed')
      },
    })
    await expect(dying.hunt(NOW)).rejects.toThrow('killed')
    // Meanwhile more has landed, and another feed tells the same.
    await land([{ source_ip: '198.51.100.3', asset_id: 'a0' }], 0)
    await store.replace('lain', [indicator('network', '198.51.100.0/24')], NOW - 5 * MINUTE)
    const first = sent.splice(0).map(({ finding_id }) => finding_id)
    expect(first.length).toBe(40)
    await history().hunt(NOW + MINUTE)
    expect(sent.map(({ finding_id }) => finding_id).sort()).toEqual(first.sort())
    expect(await history().hunt(NOW + 2 * MINUTE)).toMatchObject({ indicators: 0 })
  })

  test('a hunt that is told to stop remembers nothing', async () => {
    const { store, history, land, sent } = await setUp()
    await land([{ source_ip: '198.51.100.7' }])
    await land([{ source_ip: '198.51.100.7' }], 3 * DAY)
    await store.replace('umpan', [indicator('ip', '198.51.100.7')], before)
    const stopping = new AbortController()
    const hunted = history({ sliceRows: 1 }).hunt(NOW, { signal: stopping.signal, onProgress: () => stopping.abort() })
    expect(await hunted).toBeUndefined()
    expect(sent).toEqual([])
    const progress: number[] = []
    expect(
      await history({ sliceRows: 1 }).hunt(NOW, { onProgress: (done, of) => progress.push(done, of) }),
    ).toMatchObject({
      indicators: 1,
    })
    expect(progress.slice(-2)).toEqual([2, 2])
    expect(sent.length).toBe(1)
  })
})

test('what is kept while a hunt lasts is gone behind it', async () => {
  const { store, history, land, rig } = await setUp()
  await land([{ source_ip: '198.51.100.7' }])
  await store.replace('umpan', [indicator('ip', '198.51.100.7')], before)
  await history().hunt(NOW)
  const Left = z.object({ n: z.coerce.number() })
  const query = (table: string) => `SELECT count() AS n FROM siaga.history_${table} WHERE value = '198.51.100.7'`
  for (const table of ['candidates', 'matches']) expect(await rig.pipeline.rows(Left, query(table))).toEqual([{ n: 0 }])
})

test('traffic: how many of the last hour would match', async () => {
  const { store, history, land } = await setUp()
  await land(
    Array.from({ length: 50 }, (_, n) => ({
      source_ip: `198.51.100.${n}`,
      dns_question_name: n < 10 ? 'x.evil.example' : '',
    })),
    30 * MINUTE,
  )
  await land([{ source_ip: '198.51.100.1' }], 2 * HOUR)
  const given = await store.give([
    indicator('ip', '198.51.100.1'),
    indicator('ip', '198.51.100.1'),
    indicator('network', '198.51.100.16/28'),
    indicator('domain', 'evil.example'),
  ])
  expect(await history().traffic(given.version, NOW)).toEqual({ events: 50, matched: 26 })
  await given.drop()
  expect(await history().traffic(given.version, NOW)).toEqual({ events: 50, matched: 0 })
})

test('it finds what the matcher of the stream finds, whatever indicators and events look like', async () => {
  const hosts = [
    'evil.example',
    'a.evil.example',
    'evil-example.com',
    'x.co',
    'EVIL.Example.',
    'bücher.example',
    '203.0.113.7',
    '',
  ]
  const addresses = [
    '203.0.113.7',
    '203.0.113.200',
    '::ffff:203.0.113.7',
    '2001:db8::1',
    '2001:DB8:0:0::1',
    '10.0.0.1',
    '',
    'x',
    '203.0.113.07',
  ]
  const targets = [
    '/',
    '/a',
    '/a/',
    '/A?b=c',
    '/a?b=%7e',
    '/a?b=~',
    '/./a',
    '/a/../a',
    '/é',
    '/a b',
    '/a?',
    '/a#x',
    '/.env',
    '//a',
  ]
  const ports = ['', ':80', ':443', ':8443', ':080', ':']
  const url = fc
    .tuple(
      fc.constantFrom('http://', 'HTTPS://', 'x://u:p@'),
      fc.constantFrom(...hosts),
      fc.constantFrom(...ports),
      fc.constantFrom('', ...targets),
    )
    // A host of other letters with a port is found here, and not by the matcher.
    .filter(([, host, port]) => !host.startsWith('b') || port === '')
    .map((parts) => parts.join(''))
  const original = fc.oneof(fc.constantFrom(...targets), url, fc.constantFrom('', '*', 'example.com:443'))
  const mails = fc.constantFrom('a@evil.example', 'A@Evil.example', 'b@sub.evil.example', 'none', '')
  const event = fc.record({
    source_ip: fc.constantFrom(...addresses),
    destination_ip: fc.constantFrom(...addresses),
    url_domain: fc.constantFrom(...hosts),
    url_original: original,
    http_referrer: fc.oneof(url, fc.constant('')),
    dns_question_name: fc.constantFrom(...hosts),
    tls_server_name: fc
      .tuple(fc.constantFrom(...hosts), fc.constantFrom(...ports))
      .filter(([host, port]) => !host.startsWith('b') || port === '')
      .map((parts) => parts.join('')),
    tls_ja3: fc.constantFrom('', 'ef'.repeat(16), 'EF'.repeat(16)),
    file_hash: fc.constantFrom('', 'ab'.repeat(16), 'AB'.repeat(16)),
    user_name: mails,
    fields: fc.tuple(mails, mails).map(
      ([from, to]) =>
        new Map([
          ['email.from.address', from],
          ['email.to.address', to],
        ]),
    ),
  })
  const indicators: Indicator[] = [
    ...['evil.example', 'a.evil.example', 'xn--bcher-kva.example', 'x.co'].map((value) => indicator('domain', value)),
    ...['203.0.113.7', '2001:db8::1'].map((value) => indicator('ip', value)),
    ...['203.0.113.0/24', '203.0.113.128/25', '2001:db8::/32', '0.0.0.0/4'].map((value) => indicator('network', value)),
    ...[
      'evil.example/',
      'evil.example/a',
      'evil.example:8443/a',
      'a.evil.example/a?b=~',
      'xn--bcher-kva.example/%C3%A9',
      'x.co/a%20b',
      'x.co/.env',
      '203.0.113.7/a',
    ].map((value) => indicator('url', value)),
    indicator('ja3', 'ef'.repeat(16)),
    indicator('file_hash', 'ab'.repeat(16)),
    indicator('email', 'a@evil.example'),
  ]
  const match = createIndicatorMatch(await tableOf(indicators))
  const { store, history, land, sent } = await setUp()
  const events = fc
    .sample(event, 3_000)
    // An event that carries more than the matcher tells of is found here for all of them.
    .filter((values) => match(eventOf([], NOW, values)).length < MAX_MATCHES)
    .map((values, n) => ({ ...values, asset_id: 'one', event_id: `e${n}` }))
  await land(events)
  await store.replace('umpan', indicators, before)
  expect(await history().hunt(NOW)).toMatchObject({ indicators: indicators.length, cut: false })
  const key = (type: string, value: string) => `${type} ${value}`
  const expected = new Map<string, number>()
  for (const values of events) {
    const found = new Set(match(eventOf([], NOW, values)).map(({ indicator: { type, value } }) => key(type, value)))
    for (const one of found) expected.set(one, (expected.get(one) ?? 0) + 1)
  }
  const counted = new Map<string, number>()
  for (const finding of sent) {
    const one = key(seen(finding, 'threat.indicator.type'), seen(finding, 'threat.indicator.name'))
    counted.set(one, (counted.get(one) ?? 0) + Number(seen(finding, 'siaga.history.events')))
  }
  expect(Object.fromEntries([...counted].sort())).toEqual(Object.fromEntries([...expected].sort()))
  expect(expected.size).toBe(indicators.length)
}, 120_000)

test('its findings go to Kafka and are read there as findings', async () => {
  const { store, history, land } = await setUp()
  const kafka = createKafka({ brokers: (await getServices()).brokers, clientId: 'history-test', log: silentLog })
  const topic = `history-${randomBytes(5).toString('hex')}`
  const settings = topicSettings(Config.parse({})).find((one) => one.topic === topics.findings)
  if (settings === undefined) throw new Error('no settings')
  const admin = await kafka.connectAdmin()
  await admin.ensureTopics([{ ...settings, topic }])
  const producer = createBatchingProducer(kafka, silentLog)
  ends.push(async () => {
    await producer.close()
    await admin.disconnect()
  })
  await land([{ source_ip: '198.51.100.7', owner: 'kpu', region_code: '32' }])
  await store.replace('umpan', [indicator('ip', '198.51.100.7')], before)
  await history({ send: (findings) => producer.send(topic, findings.map(findingMessage)) }).hunt(NOW)
  const read: Finding[] = []
  await kafka.readAll(topic, ({ value }) => {
    read.push(Finding.parse(JSON.parse(value?.toString() ?? '')))
  })
  expect(read).toMatchObject([
    { rule_id: 'siaga.indicator.history', region_code: '32', owner: 'kpu', severity: 'high' },
  ])
})

test('many events and many indicators', async () => {
  const events = Number(process.env.SIAGA_HISTORY_EVENTS ?? 200_000)
  const count = Number(process.env.SIAGA_HISTORY_INDICATORS ?? 20_000)
  const { store, history, rig, sent } = await setUp()
  await rig.clickhouse.command(
    `INSERT INTO ${rig.tables.events} (timestamp, received_at, ingested_at, retain_until, event_id, region_code, source_id, source_ip, destination_ip,
       url_domain, url_original, http_referrer, dns_question_name, tls_server_name, user_name, file_hash, fields, score, _stream, _partition, _offset)
     WITH fromUnixTimestamp64Milli(toInt64(${NOW} - number * ${DAYS - 1} * ${DAY} / ${events})) AS t, cityHash64(number) AS r
     SELECT t, t, t, now() + INTERVAL 5 YEAR, concat('e-', toString(number)), toString(11 + number % 38), 'rig',
       IPv4NumToString(toUInt32(r % 4000000000)), concat('10.0.', toString(r % 200), '.', toString(number % 250)),
       if(number % 3 = 0, concat('www', toString(r % 50), '.kpu.go.id'), ''), if(number % 3 = 0, concat('/p/', toString(r % 100000), '?q=', toString(number)), ''),
       if(number % 6 = 0, concat('https://cari.example/?q=', toString(r)), ''), if(number % 3 = 1, concat('n', toString(r % 300000), '.host.example'), ''),
       if(number % 9 = 2, concat('s', toString(r % 1000), '.sni.example'), ''), concat('u', toString(r % 1000)), '', map('a', 'b'), r % 60, 'many', 0, number
     FROM numbers(${events})`,
    {},
    { max_partitions_per_insert_block: 1000, async_insert: 0 },
  )
  const many = function* (): Generator<Indicator> {
    const of = (type: IndicatorType, value: string) => indicator(type, value, { last_seen: NOW })
    for (let n = 0; n < count; n += 1) {
      if (n % 4 === 0) yield of('ip', `${1 + (n % 199)}.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`)
      else if (n % 4 === 1) yield of('domain', n % 8 === 1 ? `n${n}.host.example` : `evil-${n}.example`)
      else if (n % 4 === 2) yield of('url', `www${n % 50}.kpu.go.id/p/${n}?q=${n}`)
      else yield of('file_hash', n.toString(16).padStart(64, '0'))
    }
    for (let n = 0; n < 100; n += 1) yield of('network', `198.18.${n}.0/24`)
  }
  await store.replace('umpan', many(), before)
  const began = performance.now()
  const hunt = await history().hunt(NOW)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stdout.write(
    `${events} events of ${DAYS} days × ${hunt?.indicators} indicators: ${seconds} s, ${sent.length} findings${hunt?.cut ? ' (cut)' : ''}\n`,
  )
  expect(hunt?.indicators).toBe(count + 100)
  expect(sent.length).toBeGreaterThan(0)
  const given = await store.give(many())
  const asked = performance.now()
  const { matched, events: hour } = await history().traffic(given.version, NOW)
  await given.drop()
  process.stdout.write(
    `of ${hour} events of the last hour ${matched} match: ${((performance.now() - asked) / 1000).toFixed(1)} s\n`,
  )
  expect(hour).toBeGreaterThan(0)
}, 600_000)

test('what was told as it passed is no history; what landed before the indicator came is', async () => {
  const { store, history, land, sent } = await setUp()
  await store.replace('umpan', [indicator('ip', '198.51.100.7'), indicator('domain', 'evil.example')], before)
  const told_ = { rule_ids: ['siaga.indicator.ip'], source_ip: '198.51.100.7' }
  await land([{ ...told_, asset_id: 'after' }], 5 * MINUTE)
  // Another feed had told it then, and has taken it back since.
  await land([{ ...told_, asset_id: 'before' }])
  // Told of its address, and not of the name that it asked for.
  await land([{ ...told_, asset_id: 'name', dns_question_name: 'www.evil.example' }], 5 * MINUTE)
  await history().hunt(NOW)
  expect(sent.map((finding) => `${finding.asset_id} ${told(finding)}`).sort()).toEqual([
    'before ip 198.51.100.7: source_ip=198.51.100.7',
    'name domain evil.example: dns_question_name=www.evil.example',
  ])
})
