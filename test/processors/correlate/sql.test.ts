// Can a text out of a rule or an event become part of a statement? On a real ClickHouse.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createCorrelator, createMemoryStore } from '../../../processors/correlate/round.ts'
import { fieldText } from '../../../processors/correlate/sql.ts'
import { quote } from '../../../runtime/clickhouse.ts'
import { correlationsOf, createRig, DAY, eventOf, type Rig, T0 } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await createRig(1)
})
afterAll(() => rig.drop())

const hostile = [
  "'",
  "\\'",
  '\\',
  "') OR 1=1 --",
  "'; DROP TABLE siaga.events; --",
  '{x:String}',
  '\0\n\t',
  '`"',
  '%{1}',
  '$$a$$',
  "\\\\' || '",
]

test('any text comes back from a literal as it went in', async () => {
  const texts = [...hostile, ...fc.sample(fc.string({ unit: 'binary', maxLength: 60 }), 300)].map((text) =>
    text.toWellFormed(),
  )
  const rows = await rig.clickhouse.rows(
    z.object({ text: z.string() }),
    `SELECT arrayJoin([${texts.map(quote).join(', ')}]) AS text`,
  )
  expect(rows.map(({ text }) => text)).toEqual(texts)
})

test('a field that is no column is looked up in the map by a quoted name', () => {
  expect(fieldText("x'] OR sleep(3) --")).toContain("fields['x\\'] OR sleep(3) --']")
  expect(fieldText('source.ip')).toBe('source_ip')
})

test('hostile ids, fields, aliases and values do no more than correlate', async () => {
  const names = hostile.map((text, n) => ({ id: `id-${n}${text}`, name: `n${n}` }))
  const one = ({ id }: { id: string }, n: number, type: string, more: string) =>
    JSON.stringify({
      title: 't',
      id: `c-${type}-${n}${hostile[n]}`,
      correlation: {
        type,
        rules: [id],
        'group-by': [`g${hostile[n]}`, 'alias'],
        aliases: { alias: { [id]: `a${hostile[n]}` } },
        timespan: '1h',
        ...JSON.parse(more),
      },
    })
  const correlations = correlationsOf(
    names.flatMap((rule, n) => [
      one(rule, n, 'value_count', JSON.stringify({ condition: { field: `v${hostile[n]}`, gte: 2 } })),
      one(rule, n, 'first_seen', JSON.stringify({ field: `v${hostile[n]}`, learn: '1s' })),
      one(rule, n, 'absence', JSON.stringify({})),
      one(rule, n, 'baseline', JSON.stringify({ minimum: 0 })),
    ]),
    names,
  )
  let now = T0
  const correlator = createCorrelator({
    clickhouse: rig.pipeline,
    store: createMemoryStore(),
    correlations: () => correlations,
    watermark: () => now,
    graceMs: 0,
    keepMs: 1_000 * DAY,
    tables: rig.tables,
  })
  await correlator.round()
  const eventsAt = (t: number, value: string) =>
    names.map(({ id }, n) => {
      const text = hostile[n] ?? ''
      const fields = new Map([
        [`g${text}`, text],
        [`a${text}`, `${text}!`],
        [`v${text}`, `${text}${value}`],
      ])
      return { ...eventOf([], t, { fields }), rule_ids: [id] }
    })
  await rig.land([...eventsAt(T0 + 1, 'one'), ...eventsAt(T0 + 60_000, 'two')])
  now = T0 + DAY / 12
  const findings = [...(await correlator.round()).findings]
  // Once more, so that fired windows, which are quoted as well, lie beside new events.
  await rig.land(eventsAt(T0 + 61_000, 'three'))
  findings.push(...(await correlator.round()).findings)
  for (const [n, { id }] of names.entries()) {
    const own = findings.filter(
      ({ rule_id }) => correlations.find(({ rule }) => rule.id === rule_id)?.rule.rules[0] === id,
    )
    expect(own.map(({ rule_id }) => rule_id.split('-')[1]).sort()).toEqual([
      'absence',
      'first_seen',
      'first_seen',
      'value_count',
    ])
    for (const { evidence } of own)
      expect(evidence.slice(0, 2).map(({ value }) => value)).toEqual([hostile[n], `${hostile[n]}!`])
  }
})
