// Are cases of correlations read as they are written down in docs/correlations.md, and judged right?
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readCorrelationCases, runCorrelationCase } from '../../../processors/correlate/cases.ts'
import { correlationsOf, createRig, DAY, eventOf, MINUTE, type Rig, rulesNamed, T0 } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await createRig(1)
})
afterAll(() => rig.drop())

test('entries become lines with times, counted placeholders and columns', () => {
  const cases = readCorrelationCases(
    parse(`
format: sshd
hit:
  - note: n
    start: 2024-02-14T00:00:00Z
    until: 20m
    events:
      - {repeat: 2, every: 90s, at: -10d, line: 'a {i} {i}', set: {source.ip: '203.0.113.{i}', http_status_code: 200}}
      - {at: 1.5h, format: nginx, line: b}
miss:
  - {format: auto, events: [{line: c}]}`),
  )
  const start = Date.parse('2024-02-14T00:00:00Z')
  const set = (ip: string) =>
    new Map([
      ['source_ip', ip],
      ['http_status_code', '200'],
    ])
  expect(cases).toEqual([
    {
      hit: true,
      note: 'n',
      start,
      until: start + 20 * MINUTE,
      lines: [
        { timestamp: start - 10 * DAY, format: 'sshd', line: 'a 1 1', set: set('203.0.113.1') },
        { timestamp: start - 10 * DAY + 90_000, format: 'sshd', line: 'a 2 2', set: set('203.0.113.2') },
        { timestamp: start + 90 * MINUTE, format: 'nginx', line: 'b', set: new Map() },
      ],
    },
    {
      hit: false,
      note: '',
      start: T0,
      until: undefined,
      lines: [{ timestamp: T0, format: 'auto', line: 'c', set: new Map() }],
    },
  ])
})

test.each([
  ['no misses', 'hit: [{events: [{line: a}]}]'],
  ['an offset without a unit', 'hit: [{events: [{line: a, at: 5}]}]\nmiss: [{events: [{line: a}]}]'],
  ['a key that is none', 'hit: [{events: [{line: a, evry: 5s}]}]\nmiss: [{events: [{line: a}]}]'],
  ['a start that is no time', 'hit: [{start: soon, events: [{line: a}]}]\nmiss: [{events: [{line: a}]}]'],
  ['a column that is none', 'hit: [{events: [{line: a, set: {colour: red}}]}]\nmiss: [{events: [{line: a}]}]'],
])('%s is refused', (_, yaml) => {
  expect(() => readCorrelationCases(parse(yaml))).toThrow()
})

test('a case fires for what its correlation says, silence and weeks of history included', async () => {
  const rules = rulesNamed('failed', 'beat')
  const of = (name: string, correlation: string) =>
    correlationsOf([`title: ${name}\nid: corr-${name}\nname: ${name}\nlevel: high\ncorrelation: ${correlation}`], rules)
  const count = of(
    'count',
    '{type: event_count, rules: [failed], group-by: [source.ip], timespan: 1m, condition: {gte: 3}}',
  )
  const three = [0, 1, 2].map((n) => eventOf(['failed'], T0 + n))
  expect(await runCorrelationCase(count, three, rig.clickhouse)).toHaveLength(1)
  expect(await runCorrelationCase(count, three.slice(1), rig.clickhouse)).toEqual([])
  const silent = of('silent', '{type: absence, rules: [beat], group-by: [host.name], timespan: 10m}')
  const beats = [0, 5, 10].map((minute) => eventOf(['beat'], T0 + minute * MINUTE, { host_name: 'web1' }))
  expect(await runCorrelationCase(silent, beats, rig.clickhouse, { start: T0 })).toHaveLength(1)
  expect(await runCorrelationCase(silent, beats, rig.clickhouse, { start: T0, until: T0 + 19 * MINUTE })).toEqual([])
  const busy = of('busy', '{type: baseline, rules: [failed], group-by: [source.ip], minimum: 5}')
  const week = (n: number, much: number) =>
    Array.from({ length: much }, (_, i) => eventOf(['failed'], T0 - n * 7 * DAY + i))
  const history = [1, 2, 3, 4].flatMap((n) => week(n, 2))
  expect(await runCorrelationCase(busy, [...history, ...week(0, 30)], rig.clickhouse, { start: T0 })).toHaveLength(1)
  expect(await runCorrelationCase(busy, [...history, ...week(0, 6)], rig.clickhouse, { start: T0 })).toEqual([])
  const chain = correlationsOf(
    [
      'title: c\nid: corr-c\nname: c\ncorrelation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: 1m, condition: {gte: 3}}',
      'title: o\nid: corr-o\ncorrelation: {type: temporal, rules: [c, beat], group-by: [source.ip], timespan: 1h}',
    ],
    rules,
  )
  const login = eventOf(['beat'], T0 - 30 * MINUTE)
  expect((await runCorrelationCase(chain, [...three, login], rig.clickhouse)).map(({ rule_id }) => rule_id)).toEqual([
    'corr-o',
  ])
})
