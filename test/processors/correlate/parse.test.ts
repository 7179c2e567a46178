// What can a correlation document say, and what is told about one that can't be used?
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readCorrelationCases } from '../../../processors/correlate/cases.ts'
import { linkCorrelations } from '../../../processors/correlate/link.ts'
import { readCorrelation } from '../../../processors/correlate/parse.ts'
import { blocksOf, readDocument } from '../../docs/markdown.ts'
import { correlationsOf, rulesNamed } from './rig.ts'

const read = (yaml: string) => readCorrelation(parse(yaml), 'a.yml', 7)
const ruleOf = (yaml: string) => {
  const result = read(yaml)
  if ('problem' in result) throw new Error(result.problem.reason)
  return result.rule
}
const reasonOf = (correlation: string, head = 'title: t\nid: an-id') => {
  const result = read(`${head}\ncorrelation: ${correlation}`)
  return 'problem' in result ? result.problem.reason : 'can be used'
}

describe('a correlation document', () => {
  test('of the specification is read whole', () => {
    expect(
      ruleOf(`
title: Failed logins
id: 0e95725d-7320-415d-80f7-004da920fc12
name: many
description: d
status: test
level: high
tags: [attack.credential-access, attack.t1110.003, attack.T1078]
falsepositives: [a script]
siaga: {judul: Gagal login, response: {id: Blokir., en: Block.}}
correlation:
  type: value_count
  rules: [5638f7c0-ac70-491d-8465-2a65075e0d86, firewall_block]
  group-by: [ComputerName, WorkstationName]
  timespan: 1d
  aliases: {who: {firewall_block: src_ip}}
  generate: true
  condition: {field: User, gt: 100, lte: 200}`),
    ).toEqual({
      id: '0e95725d-7320-415d-80f7-004da920fc12',
      name: 'many',
      title: 'Failed logins',
      description: 'd',
      status: 'test',
      level: 'high',
      tags: ['attack.credential-access', 'attack.t1110.003', 'attack.T1078'],
      attack: ['T1110.003', 'T1078'],
      falsePositives: ['a script'],
      guidance: { judul: 'Gagal login', response: { id: 'Blokir.', en: 'Block.' } },
      rules: ['5638f7c0-ac70-491d-8465-2a65075e0d86', 'firewall_block'],
      groupBy: ['ComputerName', 'WorkstationName'],
      aliases: new Map([['who', new Map([['firewall_block', 'src_ip']])]]),
      timespanMs: 86_400_000,
      pattern: {
        type: 'value_count',
        fields: ['User'],
        condition: [
          { operator: 'gt', value: 100 },
          { operator: 'lte', value: 200 },
        ],
      },
      generate: true,
      file: 'a.yml',
      line: 7,
    })
  })

  test.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['1M', 2_592_000_000],
    ['1y', 31_536_000_000],
  ])('knows the timespan %s', (timespan, ms) => {
    expect(ruleOf(`title: t\ncorrelation: {type: temporal, rules: [a, b], timespan: ${timespan}}`).timespanMs).toBe(ms)
  })

  test.each([
    ['{type: event_count, rules: [a], timespan: 1h}', 'is of type event_count and has no condition'],
    ['{type: event_count, rules: [a], timespan: 1h, condition: {about: 3}}', /^has a condition with about/],
    ['{type: event_count, rules: [a], timespan: 1h, condition: {gte: many}}', 'has a gte that is not a number'],
    ['{type: event_count, rules: [a], timespan: 1h, condition: {}}', /^has a condition without gt/],
    ['{type: event_count, rules: [a], timespan: 1H, condition: {gte: 1}}', /^has no timespan such as/],
    ['{type: event_count, rules: [a], timespan: 0s, condition: {gte: 1}}', /^has no timespan such as/],
    ['{type: event_count, rules: [], timespan: 1h, condition: {gte: 1}}', 'names no rules'],
    ['{type: event_count, rules: [a, a], timespan: 1h, condition: {gte: 1}}', 'names a rule twice'],
    ['{type: event_count, rules: [a], timespan: 1h, condition: {gte: 1}, groupby: x}', /^has groupby, which/],
    ['{type: value_count, rules: [a], timespan: 1h, condition: {gte: 1}}', /names no field$/],
    [
      '{type: value_percentile, rules: [a], timespan: 1h, condition: {gte: 1, field: x, percentile: 101}}',
      /^has a percentile/,
    ],
    ['{type: temporal, rules: [a], timespan: 1h}', 'is temporal and names only one rule'],
    ['{type: value_sum, rules: [a], timespan: 1h, condition: {gte: 1, field: [x, y]}}', /names several fields$/],
    [
      '{type: value_median, rules: [a], timespan: 1h, condition: {gte: 1, field: x, percentile: 9}}',
      /^is of type value_median/,
    ],
    ['{type: temporal, rules: [a, b], timespan: 1h, condition: a and not b}', /^has a condition written as text/],
    ['{type: temporal_ordered, rules: [a, b, c], timespan: 1h, condition: {gte: 2}}', /^is temporal_ordered with/],
    ['{type: near, rules: [a], timespan: 1h}', /^has the correlation type near, which is none of/],
    ['{type: baseline, rules: [a], timespan: 7h}', 'has a timespan that does not divide a day'],
    ['{type: baseline, rules: [a], direction: up}', /^has a direction/],
    ['{type: first_seen, rules: [a], timespan: 30d}', 'has no field'],
    ['{rules: [a]}', 'has no type'],
    ['nothing', /^has a bad correlation/],
  ])('%s: %s', (correlation, reason) => {
    expect(reasonOf(correlation)).toMatch(reason)
  })

  test('knows the median, and combinations of fields', () => {
    const of = (more: string) => ruleOf(`title: t\ncorrelation: {rules: [a], timespan: 1h, ${more}}`).pattern
    expect(of('type: value_median, condition: {gt: 1, field: x}')).toMatchObject({
      type: 'value_percentile',
      percentile: 50,
    })
    expect(of('type: value_count, condition: {gt: 1, field: [x, y]}')).toMatchObject({ fields: ['x', 'y'] })
  })

  test('that is no document at all is a problem as well', () => {
    for (const document of [null, 'x', [], { correlation: { type: 'temporal' } }])
      expect(readCorrelation(document, 'a.yml', 1)).toHaveProperty('problem.reason')
  })
})

describe('links', () => {
  const rules = rulesNamed('a', 'b')
  const of = (name: string, named: string, more = '') =>
    `title: ${name}\nid: corr-${name}\nname: ${name}\ncorrelation: {type: temporal, rules: [${named}], timespan: 1h${more}}`
  const problems = (...yaml: string[]) =>
    linkCorrelations(yaml.map(ruleOf), rules).problems.map(({ rule, reason }) => `${rule} ${reason}`)

  test('go by id and by name, inner correlations first, whichever comes first in the file', () => {
    const linked = correlationsOf([of('outer', 'inner, id-a'), of('inner', 'a, id-b')], rules)
    expect(linked.map(({ rule, silent }) => [rule.name, silent])).toEqual([
      ['inner', true],
      ['outer', false],
    ])
    expect(linked[1]?.roles.map(({ kind, id }) => [kind, id])).toEqual([
      ['correlation', 'corr-inner'],
      ['rule', 'id-a'],
    ])
  })

  test('that lead nowhere or in a circle are told, and take down only what rests on them', () => {
    expect(problems(of('x', 'a, gone'))).toEqual(['corr-x names gone, which is not among the rules'])
    expect(problems(of('x', 'y, a'), of('y', 'x, a'), of('z', 'a, b'))).toEqual([
      'corr-y names x, which in the end names it again',
      "corr-x names y, which can't be used",
    ])
    expect(problems(of('x', 'a, b', ', group-by: [c-uri-query]'))).toEqual([
      'corr-x reads c-uri-query, which detections derive and events do not keep',
    ])
    expect(problems(of('x', 'a, b'), of('x', 'a, b'))).toEqual(['corr-x has the id of a.yml'])
    expect(problems(of('x', 'a, b', ', group-by: [who], aliases: {who: {a: source.ip}}'))).toEqual([
      'corr-x has the alias who, which says nothing about b',
    ])
    const sum = `title: s\nid: corr-s\ncorrelation: {type: value_sum, rules: [i], timespan: 1h, condition: {gt: 1, field: x}}`
    expect(problems(of('i', 'a, b'), sum)).toEqual([
      'corr-s is of type value_sum, which looks at events, and names a correlation',
    ])
  })

  test('carry what outer correlations group by through the one in the middle', () => {
    const grouped = (name: string, named: string, by: string) => of(name, named, `, group-by: [${by}]`)
    const linked = correlationsOf(
      [
        grouped('outer', 'middle, a', 'user.name'),
        grouped('middle', 'inner, a', 'host.name'),
        grouped('inner', 'a, b', 'source.ip'),
      ],
      rules,
    )
    expect(linked.map(({ rule, carry }) => [rule.name, carry])).toEqual([
      ['inner', ['host_name', 'user_name']],
      ['middle', ['user_name']],
      ['outer', []],
    ])
  })
})

test('what docs/correlations.md shows can be used', () => {
  const document = readDocument('docs/correlations.md')
  const shown = blocksOf(document).filter(({ language }) => language === 'yml')
  let [correlations, cases] = [0, 0]
  for (const { text } of shown) {
    // A piece of a correlation block, shown on its own.
    const whole = text.startsWith('  ')
      ? `correlation:\n  type: temporal\n  rules: [web_error, new_connection]\n  timespan: 1h\n${text}`
      : text
    const value: unknown = parse(whole)
    if (typeof value !== 'object' || value === null) throw new Error(text)
    if ('hit' in value) cases += readCorrelationCases(value).length
    else if ('correlation' in value) {
      expect(readCorrelation({ title: 'shown', ...value }, 'docs', 1)).toHaveProperty('rule')
      correlations += 1
    } else throw new Error(`neither a correlation nor cases: ${text}`)
  }
  expect(correlations).toBeGreaterThanOrEqual(6)
  expect(cases).toBeGreaterThanOrEqual(3)
})
