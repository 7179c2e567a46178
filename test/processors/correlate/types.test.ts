// Does each type of correlation fire when it should, and only then? On a real ClickHouse.
import { afterAll, describe, expect, test } from 'vitest'
import type { LinkedCorrelation } from '../../../processors/correlate/link.ts'
import { type CorrelationStore, createCorrelator, createMemoryStore } from '../../../processors/correlate/round.ts'
import type { Finding } from '../../../schemas/detection.ts'
import type { Event } from '../../../schemas/event.ts'
import { correlationsOf, createRig, DAY, eventOf, HOUR, MINUTE, type Rig, rulesNamed, T0 } from './rig.ts'

const rules = rulesNamed('failed', 'ok', 'beat', 'backup', 'lookup', 'scan')
const head = (name: string, level = 'high') => `
title: ${name}
id: corr-${name}
name: ${name}
level: ${level}
tags: [attack.t1110.001]`

const rigs: Rig[] = []
afterAll(async () => {
  for (const rig of rigs) await rig.drop()
})

interface Run {
  land: Rig['land']
  round(now?: number): Promise<readonly Finding[]>
}

/** A correlator over tables of its own that has had its first, empty round. */
async function begin(
  correlations: readonly LinkedCorrelation[],
  start: number,
  store?: CorrelationStore,
): Promise<Run> {
  const rig = await createRig()
  rigs.push(rig)
  let time = start
  const correlator = createCorrelator({
    clickhouse: rig.pipeline,
    store: store ?? createMemoryStore(),
    correlations: () => correlations,
    watermark: () => time,
    graceMs: 0,
    keepMs: 10_000 * DAY,
    tables: rig.tables,
  })
  await correlator.round()
  return {
    land: rig.land,
    async round(now = time) {
      time = now
      return (await correlator.round()).findings
    },
  }
}

const starts = (findings: readonly Finding[]) => findings.map(({ window_start }) => (window_start - T0) / 1000)

describe('event_count', () => {
  const guessing = correlationsOf(
    [
      `${head('guessing')}
correlation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: 5m, condition: {gte: 5}}`,
    ],
    rules,
  )

  test('fires for the group that reaches the count, at the earliest event, with what the finding needs', async () => {
    const run = await begin(guessing, T0)
    const events = Array.from({ length: 6 }, (_, n) =>
      eventOf(['failed'], T0 + n * 10_000, { region_code: '32.73', owner: 'kpu', asset_id: 'sirekap', score: 10 + n }),
    )
    const others = Array.from({ length: 20 }, (_, n) =>
      eventOf(['failed'], T0 + n * 1000, { source_ip: `198.51.100.${n}` }),
    )
    await run.land([...events, ...others])
    const [finding, ...rest] = await run.round()
    expect(rest).toEqual([])
    expect(finding).toMatchObject({
      rule_id: 'corr-guessing',
      severity: 'high',
      attack: ['T1110.001'],
      event_id: events[4]?.event_id,
      entity: 'source_ip:203.0.113.7',
      region_code: '32.73',
      owner: 'kpu',
      asset_id: 'sirekap',
      score: 14,
      window_start: T0,
      window_end: T0 + 40_000,
      evidence: [
        { field: 'source.ip', value: '203.0.113.7' },
        { field: 'events', value: '5' },
      ],
    })
    expect(await run.round()).toEqual([])
  })

  test('counts over the edge of any hour, and fires again when the window is over and the attack is not', async () => {
    const run = await begin(guessing, T0)
    // One a minute: five within five minutes (from minute 0), the rest of that window belongs to it, then from minute 6 again.
    for (let n = 0; n <= 12; n += 1) {
      await run.land([eventOf(['failed'], T0 + n * MINUTE)], { partition: n % 2 })
      const findings = await run.round()
      expect(starts(findings)).toEqual(n === 4 ? [0] : n === 10 ? [360] : [])
    }
  })

  test('takes no part of events whose group is unknown, and counts a repeat of the sender once', async () => {
    const run = await begin(guessing, T0)
    const one = eventOf(['failed'], T0)
    await run.land(Array.from({ length: 9 }, () => eventOf(['failed'], T0, { source_ip: '' })))
    await run.land([one, one, one, one])
    await run.land([one, eventOf(['failed'], T0 + 1)], { partition: 1 })
    expect(await run.round()).toEqual([])
  })

  test("says that a finding across regions and owners is the centre's", async () => {
    const run = await begin(guessing, T0)
    await run.land(
      Array.from({ length: 5 }, (_, n) =>
        eventOf(['failed'], T0 + n, { region_code: n > 2 ? '32' : '11', owner: n > 2 ? 'kpu' : 'pemda' }),
      ),
    )
    expect(await run.round()).toMatchObject([{ region_code: '00', owner: '', asset_id: '' }])
  })

  test('with an upper bound only counts when the window is over', async () => {
    const quiet = correlationsOf(
      [
        `${head('quiet')}
correlation: {type: event_count, rules: [beat], group-by: [host.name], timespan: 10m, condition: {lt: 3}}`,
      ],
      rules,
    )
    const run = await begin(quiet, T0)
    const beat = (minute: number, host: string) => eventOf(['beat'], T0 + minute * MINUTE, { host_name: host })
    await run.land([0, 3, 6, 9, 12, 15].map((minute) => beat(minute, 'well')))
    await run.land([0, 9].map((minute) => beat(minute, 'ill')))
    expect(await run.round(T0 + 9 * MINUTE)).toEqual([])
    expect(await run.round(T0 + 11 * MINUTE)).toMatchObject([{ entity: 'host:ill', window_start: T0 }])
    expect(await run.round(T0 + 12 * MINUTE)).toEqual([])
  })
})

test('value_count counts different values, through aliases of two rules, in fields without a column', async () => {
  const spraying = correlationsOf(
    [
      `${head('spraying')}
correlation:
  type: value_count
  rules: [failed, scan]
  aliases:
    who: {failed: source.ip, scan: destination.ip}
  group-by: [who]
  timespan: 1h
  condition: {field: TargetAccount, gte: 3}`,
    ],
    rules,
  )
  const run = await begin(spraying, T0)
  const account = (name: string) => new Map([['TargetAccount', name]])
  await run.land([
    eventOf(['failed'], T0, { fields: account('a') }),
    eventOf(['failed'], T0 + 1, { fields: account('a') }),
    eventOf(['failed'], T0 + 2, { fields: account('') }),
    eventOf(['failed'], T0 + 3, { fields: account("b' OR 1=1 --\\") }),
    eventOf(['scan'], T0 + 4, { fields: account('c'), source_ip: '192.0.2.1', destination_ip: '192.0.2.99' }),
  ])
  expect(await run.round()).toEqual([])
  await run.land([
    eventOf(['scan'], T0 + 5, { fields: account('c'), source_ip: '192.0.2.1', destination_ip: '203.0.113.7' }),
  ])
  expect(await run.round()).toMatchObject([
    { evidence: [{ value: '203.0.113.7' }, { value: '5' }, { value: "a, b' OR 1=1 --\\, c" }] },
  ])
})

test('value_count of several fields counts combinations that are whole', async () => {
  const pairs = correlationsOf(
    [
      `${head('pairs')}
correlation: {type: value_count, rules: [failed], group-by: [source.ip], timespan: 1h, condition: {field: [user.name, host.name], gte: 4}}`,
    ],
    rules,
  )
  const run = await begin(pairs, T0)
  const pair = (user_name: string, host_name: string) => eventOf(['failed'], T0, { user_name, host_name })
  await run.land([pair('a', 'x'), pair('a', 'y'), pair('b', 'x'), pair('a', 'x'), pair('c', ''), pair('', 'z')])
  expect(await run.round()).toEqual([])
  await run.land([pair('b', 'y')])
  expect(await run.round()).toHaveLength(1)
})

test('value_sum, value_avg and value_percentile reckon with numbers', async () => {
  const of = (type: string, condition: string) => `${head(type)}
correlation: {type: ${type}, rules: [lookup], group-by: [user.name], timespan: 1m, condition: {field: http.response.bytes, ${condition}}}`
  const run = await begin(
    correlationsOf(
      [of('value_sum', 'gt: 1000'), of('value_avg', 'gte: 300'), of('value_percentile', 'percentile: 95, gte: 900')],
      rules,
    ),
    T0,
  )
  const sizes = [100, 200, 300, 400, 900]
  await run.land(
    sizes.map((size, n) => eventOf(['lookup'], T0 + n * 1000, { user_name: 'ani', http_response_bytes: size })),
  )
  const fired = (await run.round()).map(({ rule_id, event_id, evidence }) => [
    rule_id,
    event_id,
    evidence.at(-1)?.value,
  ])
  expect(fired.map(([rule, , value]) => [rule, value])).toEqual([
    ['corr-value_sum', '1900'],
    ['corr-value_avg', '380'],
    ['corr-value_percentile', '900'],
  ])
})

describe('temporal', () => {
  const both = (type: string) =>
    correlationsOf(
      [
        `${head(type)}
correlation: {type: ${type}, rules: [failed, ok], group-by: [user.name], timespan: 10m}`,
      ],
      rules,
    )
  const of = (rule: string, minute: number, user: string) => eventOf([rule], T0 + minute * MINUTE, { user_name: user })
  const land = [
    of('ok', 0, 'ani'),
    of('failed', 5, 'ani'),
    of('failed', 0, 'budi'),
    of('ok', 5, 'budi'),
    of('failed', 0, 'cici'),
    of('ok', 11, 'cici'),
    of('failed', 0, 'dedi'),
    of('ok', 5, 'edi'),
  ]

  test('in any order', async () => {
    const run = await begin(both('temporal'), T0)
    await run.land(land)
    expect((await run.round()).map(({ entity }) => entity).sort()).toEqual(['user:ani', 'user:budi'])
  })

  test('in the order of the rule', async () => {
    const run = await begin(both('temporal_ordered'), T0)
    await run.land(land)
    expect((await run.round()).map(({ entity }) => entity)).toEqual(['user:budi'])
  })

  test('one event plays one part of an order', async () => {
    const run = await begin(both('temporal_ordered'), T0)
    await run.land([eventOf(['failed', 'ok'], T0, { user_name: 'ani' })])
    expect(await run.round()).toEqual([])
    await run.land([of('failed', -1, 'ani')])
    expect(await run.round()).toHaveLength(1)
  })
})

test('a chain: the inner correlation fires silently, and its values stand in for groups it does not have', async () => {
  const chain = (generate: boolean) =>
    correlationsOf(
      [
        `${head('worked', 'critical')}
correlation: {type: temporal_ordered, rules: [guessing, ok], group-by: [user.name], timespan: 1h, generate: ${generate}}`,
        `${head('guessing')}
correlation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: 5m, condition: {gte: 3}}`,
      ],
      rules,
    )
  const guesses = ['ani', 'budi', 'cici'].map((user, n) => eventOf(['failed'], T0 + n * 1000, { user_name: user }))
  const login = (user: string, minute: number) =>
    eventOf(['ok'], T0 + minute * MINUTE, { user_name: user, source_ip: '198.51.100.9' })
  const run = await begin(chain(false), T0)
  await run.land(guesses)
  expect(await run.round()).toEqual([])
  await run.land([login('dedi', 5), login('budi', 10), login('cici', 90)])
  expect(await run.round()).toMatchObject([{ rule_id: 'corr-worked', severity: 'critical', entity: 'user:budi' }])

  const loud = await begin(chain(true), T0)
  await loud.land([...guesses, login('budi', 10)])
  expect((await loud.round()).map(({ rule_id }) => rule_id)).toEqual(['corr-guessing', 'corr-worked'])
})

describe('absence', () => {
  const beat = (minute: number, host = 'web1') => eventOf(['beat'], T0 + minute * MINUTE, { host_name: host })

  test('of the next heartbeat, judged once, and not before time is up', async () => {
    const silent = correlationsOf(
      [`${head('silent')}\ncorrelation: {type: absence, rules: [beat], group-by: [host.name], timespan: 15m}`],
      rules,
    )
    const run = await begin(silent, T0)
    await run.land([0, 5, 10, 15, 20, 25, 30, 35].map((minute) => beat(minute)))
    await run.land([0, 5].map((minute) => beat(minute, 'web2')))
    expect(await run.round(T0 + 18 * MINUTE)).toEqual([])
    expect(await run.round(T0 + 21 * MINUTE)).toMatchObject([{ entity: 'host:web2', window_start: T0 + 5 * MINUTE }])
    expect(await run.round(T0 + 40 * MINUTE)).toEqual([])
    expect(await run.round(T0 + 51 * MINUTE)).toMatchObject([{ entity: 'host:web1', window_start: T0 + 35 * MINUTE }])
    expect(await run.round(T0 + 500 * MINUTE)).toEqual([])
  })

  test('of what is expected after something', async () => {
    const unfinished = correlationsOf(
      [
        `${head('unfinished')}\ncorrelation: {type: absence, rules: [ok], after: backup, group-by: [host.name], timespan: 1h}`,
      ],
      rules,
    )
    const run = await begin(unfinished, T0)
    const at = (rule: string, minute: number, host: string) =>
      eventOf([rule], T0 + minute * MINUTE, { host_name: host })
    await run.land([at('backup', 1, 'db1'), at('ok', 60, 'db1'), at('backup', 2, 'db2'), at('ok', 70, 'db2')])
    await run.land([at('ok', 3, 'db3')])
    expect(await run.round(T0 + 3 * HOUR)).toMatchObject([{ entity: 'host:db2', window_start: T0 + 2 * MINUTE }])
  })
})

test('first_seen fires for a value that is new for a group that is known', async () => {
  const country = correlationsOf(
    [
      `${head('country')}
correlation: {type: first_seen, rules: [ok], group-by: [user.name], field: source.geo.country_iso_code, timespan: 30d}`,
    ],
    rules,
  )
  const from = (place: string, day: number, user = 'ani') =>
    eventOf(['ok'], T0 + day * DAY, { user_name: user, source_country: place })
  const run = await begin(country, T0)
  await run.land([from('ID', -10), from('ID', -3), from('SG', 0, 'budi'), from('NL', 0.1, 'budi')])
  expect(await run.round()).toEqual([])
  await run.land([from('NL', 0), from('NL', 0.5), from('ID', 1)])
  expect(await run.round()).toMatchObject([{ entity: 'user:ani', evidence: [{ value: 'ani' }, { value: 'NL' }] }])
  await run.land([from('NL', -0.5), from('NL', 20), from('ID', 45)])
  expect(await run.round()).toMatchObject([{ window_start: T0 + 45 * DAY, evidence: [{}, { value: 'ID' }] }])
})

test('impossible_travel fires for countries too far apart, not for neighbours or one network', async () => {
  const travel = correlationsOf(
    [`${head('travel')}\ncorrelation: {type: impossible_travel, rules: [ok], group-by: [user.name], timespan: 24h}`],
    rules,
  )
  const login = (user: string, country: string, hour: number, asn: number) =>
    eventOf(['ok'], T0 + hour * HOUR, { user_name: user, source_country: country, source_asn: asn })
  const run = await begin(travel, T0)
  await run.land([
    login('ani', 'ID', 0, 7713),
    login('ani', 'NL', 1, 1103),
    login('budi', 'ID', 0, 7713),
    login('budi', 'SG', 0.1, 9506),
    login('budi', 'MY', 0.2, 4788),
    login('cici', 'ID', 0, 13335),
    login('cici', 'US', 0.1, 13335),
    login('dedi', 'ID', 0, 7713),
    login('dedi', 'NL', 14, 1103),
    login('edi', 'ID', 0, 7713),
    login('edi', '', 0.1, 1103),
  ])
  expect((await run.round()).map(({ entity }) => entity)).toEqual(['user:ani'])
})

test('baseline fires for a count far from that of the same hour in the weeks before', async () => {
  const baseline = correlationsOf(
    [
      `${head('busy')}\ncorrelation: {type: baseline, rules: [lookup], group-by: [asset_id], minimum: 30, direction: both}`,
    ],
    rules,
  )
  const run = await begin(baseline, T0)
  const hour = (asset: string, week: number, count: number): Event[] =>
    Array.from({ length: count }, (_, n) =>
      eventOf(['lookup'], T0 - week * 7 * DAY + n * 1000, { asset_id: asset, region_code: '32' }),
    )
  const usual = [40, 45, 38, 42, 300, 41]
  for (const asset of ['rolls', 'same', 'gone']) await run.land(usual.flatMap((count, n) => hour(asset, n + 1, count)))
  await run.land([...hour('rolls', 0, 120), ...hour('same', 0, 60), ...hour('new', 0, 500)])
  expect(await run.round(T0 + HOUR - 1)).toEqual([])
  expect((await run.round(T0 + HOUR)).map(({ entity, region_code }) => [entity, region_code]).sort()).toEqual([
    ['asset:gone', '32'],
    ['asset:rolls', '32'],
  ])
  expect(await run.round(T0 + HOUR + 5 * MINUTE)).toEqual([])
})
