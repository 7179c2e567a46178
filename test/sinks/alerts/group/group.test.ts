import { describe, expect, test } from 'vitest'
import type { Finding } from '../../../../schemas/detection.ts'
import { createGrouper } from '../../../../sinks/alerts/group/group.ts'
import { type Board, createBoard, finding, HOUR, options, START } from './board.ts'

const only = (board: Board) => {
  expect(board.alerts.size).toBe(1)
  const [alert] = board.alerts.values()
  if (alert === undefined) throw new Error('one')
  return alert
}
const byKey = (board: Board, key: string) => [...board.alerts.values()].filter(({ dedup_key }) => dedup_key === key)
const source = (n: number): string => `source_ip:198.51.${Math.floor(n / 250)}.${n % 250}`
/** Findings of as many matters: sources that attack one asset. */
const attackers = (count: number, part: Partial<Finding> = {}, from = 0): Finding[] =>
  Array.from({ length: count }, (_, n) => finding(from + n, { entity: source(from + n), ...part }))

describe('an alert', () => {
  test('is what its findings are', () => {
    const board = createBoard()
    const first = finding(1, { severity: 'low', score: 80, attack: ['T1190', 'T1059'] })
    const worst = finding(2, {
      severity: 'high',
      score: 20,
      title: 'Worse',
      owner: 'bawaslu',
      window_end: START + HOUR,
    })
    board.page([first, worst, finding(3, { score: 60, window_end: START + 2 * HOUR })])
    expect(only(board)).toMatchObject({
      dedup_key: 'web_sqli|source_ip:192.0.2.1|web-1',
      kind: 'findings',
      rule_id: 'web_sqli',
      title: 'Worse',
      severity: 'high',
      score: 20,
      region_code: '31',
      owner: 'bawaslu',
      asset_id: 'web-1',
      entity: 'source_ip:192.0.2.1',
      first_seen: START,
      last_seen: START + 2 * HOUR,
      findings: 3,
      findings_exact: true,
      matters: 1,
      rules: [{ rule_id: 'web_sqli', title: 'Worse', severity: 'high', score: 20, findings: 3 }],
      attack: ['T1059', 'T1190'],
    })
    expect(only(board).worst.map(({ score }) => score)).toEqual([20, 60, 80])
    expect(only(board).alert_id).toMatch(/^A-[0-9A-HJKMNP-TV-Z]{10}$/)
  })

  test('has the same id in every replay', () => {
    const ids = [1, 2].map(() => {
      const board = createBoard()
      board.page(attackers(5))
      return [...board.alerts.keys()]
    })
    expect(ids[0]).toEqual(ids[1])
    expect(new Set(ids[0]).size).toBe(5)
  })

  test('goes on while no pause is longer than the window, to the millisecond', () => {
    const board = createBoard()
    board.page([finding(1), finding(2, { window_end: START + 24 * HOUR })])
    expect(only(board).findings).toBe(2)
    board.page([finding(3, { window_end: START + 48 * HOUR + 1 })])
    expect([...board.alerts.values()].map(({ findings }) => findings)).toEqual([2, 1])
  })

  test('takes a late finding in at its beginning and keeps its id', () => {
    const board = createBoard()
    board.page([finding(1)])
    const { alert_id } = only(board)
    board.page([finding(2, { window_end: START - 20 * HOUR })])
    expect(only(board)).toMatchObject({ alert_id, first_seen: START - 20 * HOUR, findings: 2 })
  })

  test('is bridged with the next by a late finding: the earlier id survives, whichever came first', () => {
    const board = createBoard()
    board.page([finding(1, { window_end: START + 40 * HOUR })])
    const later = only(board).alert_id
    board.page([finding(2)])
    const [earlier] = [...board.alerts.keys()].filter((id) => id !== later)
    board.page([finding(3, { window_end: START + 20 * HOUR })])
    expect(only(board)).toMatchObject({ alert_id: earlier, findings: 3 })
    expect([...board.gone]).toEqual([[later, earlier]])
  })

  test('counts beyond 512 findings are an estimate, and say so', () => {
    const board = createBoard()
    board.page(Array.from({ length: 5_000 }, (_, n) => finding(n)))
    const { findings, findings_exact, rules, worst } = only(board)
    expect(findings_exact).toBe(false)
    expect(Math.abs(findings / 5_000 - 1)).toBeLessThan(0.05)
    expect(rules[0]?.findings).toBe(findings)
    // Of findings that weigh the same, the earliest, then by id.
    expect(worst).toHaveLength(20)
  })

  test('holds no more of a finding than people read', () => {
    const long = 'x'.repeat(100_000)
    const board = createBoard()
    const evidence = Array.from({ length: 500 }, () => ({ field: long, value: `${long}🗳` }))
    const factors = Array.from({ length: 500 }, () => ({ name: long, points: 1, detail: long }))
    const attack = Array.from({ length: 500 }, (_, n) => `T${n}${long}`)
    for (let n = 0; n < 40; n++) {
      const part = {
        title: long,
        entity: long,
        dedup_key: long,
        owner: long,
        asset_id: long,
        evidence,
        factors,
        attack,
      }
      board.page([finding(n, { ...part, finding_id: `${long}${n}` })])
    }
    expect(only(board)).toMatchObject({ findings: 40, worst: { length: 20 } })
    expect(Buffer.byteLength(JSON.stringify(only(board)))).toBeLessThan(150_000)
    expect(board.records.size).toBe(1)
    for (const record of board.records.values()) expect(Buffer.byteLength(record)).toBeLessThan(150_000)
  })

  test('may lie in any year, and may be about nothing known', () => {
    const board = createBoard()
    const years = [0, -5 * HOUR, START - 20 * 365 * 24 * HOUR, START, START + 30 * 365 * 24 * HOUR, 8.64e15]
    board.page(years.map((at, n) => finding(n, { window_end: at })))
    board.page([finding(9, { asset_id: '', region_code: '', entity: '', owner: '' })])
    expect([...board.alerts.values()].map(({ findings }) => findings).sort()).toEqual([1, 1, 1, 1, 1, 2])
    board.restart()
    expect(board.hear()).toEqual({ contents: 0, records: 0 })
  })
})

describe('a storm', () => {
  test('is more than so many matters of one rule about one asset in an hour', () => {
    const board = createBoard()
    board.page(attackers(10))
    expect(board.alerts.size).toBe(10)
    board.page(attackers(1, {}, 10))
    expect(only(board)).toMatchObject({
      dedup_key: 'storm|asset:web-1',
      kind: 'storm',
      title: 'Storm: Title of web_sqli, about asset:web-1',
      matters: 11,
      findings: 11,
      region_code: '31',
      owner: 'kpu',
      asset_id: 'web-1',
      entity: 'asset:web-1',
    })
    expect(board.gone.size).toBe(10)
    expect(new Set(board.gone.values())).toEqual(new Set(board.alerts.keys()))
  })

  test('recognised late takes what had been alerts of their own, and repeats do not make one', () => {
    const board = createBoard()
    board.page(attackers(10))
    board.page(attackers(10))
    board.restart()
    board.page(attackers(10, { window_end: START + HOUR }, 0))
    expect(board.alerts.size).toBe(10)
    // The hour before is over when its eleventh matter comes.
    board.page(attackers(1, {}, 50))
    expect(only(board)).toMatchObject({ kind: 'storm', matters: 11 })
  })

  test('of several rules about one asset is one alert that lists them', () => {
    const board = createBoard()
    const rules = ['web_sqli', 'web_scan', 'web_xss']
    board.page(rules.flatMap((rule_id, n) => attackers(20 + n, { rule_id, score: 50 + n })))
    expect(only(board)).toMatchObject({
      title: 'Storm: Title of web_xss and 2 more rules, about asset:web-1',
      rules: [
        { rule_id: 'web_xss', findings: 22 },
        { rule_id: 'web_scan', findings: 21 },
        { rule_id: 'web_sqli', findings: 20 },
      ],
      matters: 63,
    })
  })

  test('of an asset comes before that of an entity or region, whichever was seen first', () => {
    const scan = Array.from({ length: 12 }, (_, n) => finding(n, { asset_id: `web-${n}` }))
    const onOne = attackers(12, { asset_id: 'web-3' }, 100)
    const boards = [createBoard(), createBoard()]
    boards[0]?.page(scan)
    expect([...(boards[0]?.alerts.values() ?? [])].map(({ dedup_key }) => dedup_key)).toEqual([
      'storm|source_ip:192.0.2.1',
    ])
    boards[0]?.page(onOne)
    boards[1]?.page(onOne)
    boards[1]?.page(scan)
    expect(boards[0]?.contents()).toEqual(boards[1]?.contents())
    expect(boards[0]?.contents().map(({ dedup_key, matters }) => [dedup_key, matters])).toEqual([
      ['storm|asset:web-3', 13],
      ['storm|source_ip:192.0.2.1', 11],
    ])
  })

  test('of a region is neither made by one source nor by one flooded asset', () => {
    const board = createBoard()
    board.page(Array.from({ length: 60 }, (_, n) => finding(n, { asset_id: `web-${n}` })))
    board.page(attackers(60, { asset_id: 'flooded' }, 100))
    board.page([finding(900, { entity: 'source_ip:203.0.113.9', asset_id: 'quiet' })])
    expect(board.contents().map(({ dedup_key, kind }) => [dedup_key, kind])).toEqual([
      ['storm|asset:flooded', 'storm'],
      ['storm|source_ip:192.0.2.1', 'storm'],
      ['web_sqli|source_ip:203.0.113.9|quiet', 'findings'],
    ])
    // Many sources and assets do.
    board.page(Array.from({ length: 9 }, (_, n) => finding(500 + n, { entity: source(n), asset_id: `other-${n}` })))
    expect(byKey(board, 'storm|region:31')).toMatchObject([{ matters: 10, asset_id: '', owner: 'kpu' }])
  })

  test('over several regions and owners is nobody’s but the centre’s', () => {
    const board = createBoard()
    const regions = ['31', '32', '']
    const part = (n: number) => ({ asset_id: `web-${n}`, region_code: regions[n % 3] ?? '', owner: `owner${n % 2}` })
    board.page(Array.from({ length: 12 }, (_, n) => finding(n, part(n))))
    expect(only(board)).toMatchObject({ region_code: '00', owner: '', asset_id: '', entity: 'source_ip:192.0.2.1' })
  })

  test('without an asset is one of its region', () => {
    const board = createBoard()
    board.page(attackers(30, { asset_id: '' }))
    expect(board.alerts.size).toBe(30)
    board.page(attackers(1000, { asset_id: '' }, 30))
    expect(only(board)).toMatchObject({ dedup_key: 'storm|region:31', region_code: '31', kind: 'storm' })
    expect(board.records.size).toBe(1)
  })

  test('reaches into the hours beside it, but takes nothing critical there', () => {
    const board = createBoard()
    board.page([
      finding(900, { window_end: START - 1, entity: source(900) }),
      finding(901, { window_end: START + HOUR, entity: source(901) }),
      finding(902, { window_end: START + HOUR, entity: source(902), severity: 'critical' }),
      finding(903, { window_end: START + 2 * HOUR, entity: source(903) }),
      ...attackers(11),
    ])
    expect(byKey(board, 'storm|asset:web-1')).toMatchObject([{ matters: 13 }])
    expect(board.alerts.size).toBe(3)
  })

  test('leaves a rule of few matters alone that tells of no attempt', () => {
    const board = createBoard()
    board.page(attackers(500))
    board.page([finding(900, { rule_id: 'web_shell', attack: ['T1505.003'], entity: source(7) })])
    expect(board.contents().map(({ kind, rule_id }) => [kind, rule_id])).toContainEqual(['findings', 'web_shell'])
    expect(board.alerts.size).toBe(2)
  })

  test('under a siege takes the few attempts of every other rule, and nothing critical', () => {
    const board = createBoard()
    const few = (rule_id: string, n: number, part: Partial<Finding> = {}): Finding =>
      finding(n, { rule_id, entity: source(n), ...part })
    board.page(Array.from({ length: 8 }, (_, n) => few('sqli', n)))
    board.page(Array.from({ length: 2 }, (_, n) => few('guessing', 20 + n, { attack: ['T1110.001'] })))
    expect(board.contents().filter(({ kind }) => kind === 'storm')).toEqual([])
    // The same entities again are no more of them.
    board.page([few('xss', 0), few('xss', 1)])
    expect(board.contents().filter(({ kind }) => kind === 'storm')).toEqual([])
    board.page([few('scan', 40, { attack: ['T1595.003'] })])
    const critical = few('exploited', 41, { severity: 'critical' })
    board.page([critical, few('shell', 42, { attack: ['T1505.003'] })])
    expect(board.contents().map(({ dedup_key, findings }) => [dedup_key, findings])).toEqual([
      [critical.dedup_key, 1],
      [few('shell', 42).dedup_key, 1],
      ['storm|asset:web-1', 13],
    ])
    board.restart()
    expect(board.hear()).toEqual({ contents: 0, records: 0 })
  })

  test('never takes an alert that people have touched, nor what its matter adds', () => {
    for (const restarts of [false, true]) {
      const board = createBoard()
      const between = () => (restarts ? board.restart() : undefined)
      board.page(attackers(10))
      const [touched] = byKey(board, `web_sqli|${source(3)}|web-1`)
      board.grouper.pin(touched?.alert_id ?? '')
      board.hear()
      between()
      board.page(attackers(200))
      between()
      board.page([finding(999, { entity: source(3), window_end: START + HOUR })])
      board.page(attackers(200, { window_end: START + HOUR }, 1000))
      between()
      board.page([finding(998, { entity: source(3), window_end: START + HOUR + 1 })])
      board.page([finding(997, { entity: source(3), window_end: START + 40 * 24 * HOUR })])
      const own = byKey(board, `web_sqli|${source(3)}|web-1`)
      expect(own.map(({ findings }) => findings)).toEqual([3, 1])
      expect(own[0]?.alert_id).toBe(touched?.alert_id)
      expect(byKey(board, 'storm|asset:web-1')).toMatchObject([{ matters: 399 }])
    }
  })
})

describe('an alert that is over', () => {
  test('is forgotten with its records, and begins anew when it comes again', () => {
    const board = createBoard()
    board.page(attackers(3))
    board.page(attackers(50, { asset_id: 'web-2' }))
    board.forget([...board.alerts.keys()])
    expect(board.records.size).toBe(0)
    expect(board.hear()).toEqual({ contents: 0, records: 0 })
    board.page(attackers(3))
    expect(board.alerts.size).toBe(3)
    for (const { findings } of board.alerts.values()) expect(findings).toBe(1)
  })

  test('takes nothing away from storms that go on', () => {
    const board = createBoard({ ...options, windowMs: HOUR / 2 })
    const all = Array.from({ length: 12 }, (_, n) => finding(n, { asset_id: `web-${n}`, window_end: START + n }))
    board.page(all)
    // Of the same storm, but an alert of its own: the pause is longer than the window.
    board.page([finding(50, { asset_id: 'web-50', window_end: START + HOUR + 1 })])
    const [over] = byKey(board, 'storm|source_ip:192.0.2.1').filter(({ matters }) => matters === 12)
    board.forget([over?.alert_id ?? ''])
    const rest = board.contents()
    expect(rest).toMatchObject([{ kind: 'storm', matters: 1 }])
    expect(board.hear().contents).toBe(0)
    board.restart()
    expect(board.hear()).toEqual({ contents: 0, records: 0 })
    expect(board.contents()).toEqual(rest)
  })
})

test('a changed limit makes other alerts of what is kept, and says so', () => {
  const before = createBoard()
  before.page(attackers(8))
  const after = createBoard({ ...options, stormMatters: 5 })
  for (const [id, alert] of before.alerts) after.alerts.set(id, alert)
  for (const [key, value] of before.records) {
    after.records.set(key, value)
    after.grouper.restore(key, JSON.parse(value))
  }
  after.hear()
  expect(only(after)).toMatchObject({ kind: 'storm', matters: 8 })
  expect(after.records.size).toBe(1)
})

test('what is no record of a cell is refused', () => {
  expect(() => createGrouper(options).restore('cell/x', { kind: 'cell', rule: 'x' })).toThrow()
  expect(() => createGrouper(options).restore('cell/x', null)).toThrow()
})
