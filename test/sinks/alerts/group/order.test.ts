import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Finding } from '../../../../schemas/detection.ts'
import type { AlertContent } from '../../../../sinks/alerts/group/content.ts'
import { type Board, createBoard, finding, HOUR, START } from './board.ts'
import { type Expected, expectedAlerts } from './oracle.ts'

/** A failing case is made smaller for so long, no longer. */
const interruptAfterTimeLimit = 45_000
const settings = { windowMs: 3 * HOUR, stormMatters: 2, stormRegionMatters: 4 }

const moment = fc.oneof(
  // Around the borders of hours.
  fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(-1, 0, 1, 1_800_000))
    .map(([hour, by]) => START + hour * HOUR + by),
  fc.constantFrom(0, -1, START + 8760 * HOUR, START + 8760 * HOUR + 3 * HOUR, START + 8760 * HOUR + 6 * HOUR + 1),
)

/** Few values, so that things meet. The id says everything else, as a finding of a position does. */
const someFinding: fc.Arbitrary<Finding> = fc
  .record({
    rule: fc.constantFrom('web_sqli', 'web_scan'),
    entity: fc.constantFrom('', 'source_ip:192.0.2.1', 'source_ip:192.0.2.2', 'source_ip:192.0.2.3', 'user:budi'),
    asset: fc.constantFrom('', 'web-1', 'web-2', 'web-3'),
    region: fc.constantFrom('', '31', '32'),
    owner: fc.constantFrom('', 'kpu', 'bawaslu'),
    severity: fc.constantFrom('low', 'high', 'high', 'critical'),
    score: fc.integer({ min: 0, max: 3 }),
    attack: fc.subarray(['T1190', 'T1110', 'T1498']),
    at: moment,
    again: fc.boolean(),
    byGroup: fc.boolean(),
  })
  .map(({ rule, entity, asset, region, owner, severity, score, attack, at, again, byGroup }) => {
    const parts = [rule, entity, asset, region, owner, severity, score, attack, at, again, byGroup]
    return finding(0, {
      finding_id: JSON.stringify(parts),
      rule_id: rule,
      entity,
      asset_id: asset,
      region_code: region,
      owner,
      severity: severity as Finding['severity'],
      score,
      attack,
      window_start: at,
      window_end: at,
      // Correlations name the group alone, and one group may reach into several places.
      dedup_key: byGroup ? `${rule}|["${entity}"]` : `${rule}|${entity}|${asset}`,
    })
  })

interface Play {
  readonly findings: readonly Finding[]
  /** Where a page ends, and whether everything is started anew there. */
  readonly breaks: readonly { at: number; restart: boolean }[]
}

const played = (findings: readonly Finding[]): fc.Arbitrary<Play> =>
  fc.record({
    findings: fc
      .tuple(fc.shuffledSubarray([...findings], { minLength: findings.length }), fc.subarray([...findings]))
      .chain(([once, twice]) => fc.shuffledSubarray([...once, ...twice], { minLength: once.length + twice.length })),
    breaks: fc.array(fc.record({ at: fc.nat({ max: 2 * findings.length + 1 }), restart: fc.boolean() }), {
      maxLength: 12,
    }),
  })

function play({ findings, breaks }: Play): Board {
  const board = createBoard(settings)
  findings.forEach((one, at) => {
    for (const { restart } of breaks.filter((end) => end.at === at)) {
      board.hear()
      if (restart) board.restart()
    }
    board.grouper.add(one)
  })
  board.hear()
  return board
}

function summary({ dedup_key, kind, first_seen, last_seen, findings, matters, rules }: AlertContent): Expected {
  return {
    dedup_key,
    kind,
    first_seen,
    last_seen,
    findings,
    matters,
    rules: rules.map(({ rule_id }) => rule_id).sort(),
  }
}
const summaries = (board: Board): Expected[] =>
  [...board.alerts.values()].map(summary).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

const someFindings = fc.oneof(
  fc.array(someFinding, { maxLength: 12, size: 'max' }),
  fc.array(someFinding, { minLength: 20, maxLength: 120, size: 'max' }),
)

test('order, repeats, pages and restarts never change the set of alerts, which is the one that the rules name', () => {
  let storms = 0
  let own = 0
  fc.assert(
    fc.property(
      someFindings.chain((findings) => fc.tuple(fc.constant(findings), played(findings), played(findings))),
      ([findings, one, other]) => {
        const [a, b] = [play(one), play(other)]
        expect(a.contents()).toEqual(b.contents())
        expect(summaries(a)).toEqual(expectedAlerts(findings, settings))
        for (const { kind } of a.alerts.values()) kind === 'storm' ? storms++ : own++
      },
    ),
    { numRuns: 400, interruptAfterTimeLimit },
  )
  expect(storms).toBeGreaterThan(100)
  expect(own).toBeGreaterThan(100)
})

test('a restart between any two pages changes nothing that is said after it, ids included', () => {
  fc.assert(
    fc.property(someFindings.chain(played), (scenario) => {
      const through = play({ ...scenario, breaks: scenario.breaks.map(({ at }) => ({ at, restart: false })) })
      const anew = play({ ...scenario, breaks: scenario.breaks.map(({ at }) => ({ at, restart: true })) })
      expect(anew.alerts).toEqual(through.alerts)
      expect(anew.gone).toEqual(through.gone)
      expect([...anew.records.keys()].sort()).toEqual([...through.records.keys()].sort())
    }),
    { numRuns: 200, interruptAfterTimeLimit },
  )
})

test('what has been said already changes nothing and is not said again', () => {
  fc.assert(
    fc.property(someFindings.chain(played), (scenario) => {
      const board = play(scenario)
      board.restart()
      expect(board.hear()).toEqual({ contents: 0, records: 0 })
      for (const one of scenario.findings) board.grouper.add(one)
      expect(board.hear()).toEqual({ contents: 0, records: 0 })
    }),
    { numRuns: 100, interruptAfterTimeLimit },
  )
})

test('where an alert went that two storms took at one moment does not hang on a restart, nor on which came first', () => {
  const region = (code: string): Finding[] =>
    Array.from({ length: 40 }, (_, n) =>
      finding(n, { region_code: code, asset_id: `${code}-${n}`, entity: `source_ip:10.${code}.0.${n}` }),
    )
  const part = (code: string): Finding =>
    finding(0, { region_code: code, asset_id: `bersama-${code}`, entity: 'user:budi', dedup_key: 'bersama' })
  const gone = [['31', '32'] as const, ['32', '31'] as const].flatMap(([one, other]) =>
    [false, true].map((restart) => {
      const board = createBoard()
      board.page([part('31'), part('32')])
      expect(board.alerts.size).toBe(1)
      if (restart) board.restart()
      board.page([...region(one), ...region(other)])
      return [...board.gone.values()]
    }),
  )
  expect(gone[0]).toHaveLength(1)
  expect(new Set(gone.map(String)).size).toBe(1)
})
