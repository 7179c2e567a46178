import { expect, test } from 'vitest'
import type { Finding } from '../../../../schemas/detection.ts'
import { createGrouper } from '../../../../sinks/alerts/group/group.ts'
import { createBoard, finding, HOUR, options, START } from './board.ts'

const FINDINGS = 300_000
const SOURCES = 50_000
const PAGE = 1_000
const rules = ['web_sqli', 'web_scan', 'web_xss', 'web_lfi', 'http_flood']
const source = (n: number): string => `source_ip:10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`

function* flood(): Generator<Finding> {
  for (let n = 0; n < FINDINGS; n++) {
    const at = START + Math.floor((n / FINDINGS) * HOUR)
    const entity = source((n * 7919) % SOURCES)
    yield finding(n, { rule_id: rules[n % rules.length] ?? '', entity, score: 40 + (n % 7), window_end: at })
    // The one real intrusion, from an address that takes part in the flood.
    if (n === 123_456)
      yield finding(n, {
        rule_id: 'web_shell',
        attack: ['T1505.003'],
        entity,
        severity: 'high',
        score: 90,
        window_end: at,
      })
  }
}

test('a flood of 300,000 findings by 50,000 addresses is one alert beside that of the web shell inside it, in bounded records', () => {
  const board = createBoard()
  let page: Finding[] = []
  let written = 0
  let most = 0
  let pages = 0
  const hear = (): void => {
    board.page(page)
    page = []
    pages++
    most = Math.max(most, board.records.size)
    for (const record of board.records.values()) written += Buffer.byteLength(record)
  }
  for (const one of flood()) {
    page.push(one)
    if (page.length >= PAGE) hear()
  }
  hear()
  const alerts = board.contents()
  expect(alerts.map(({ dedup_key }) => dedup_key)).toEqual([
    'storm|asset:web-1',
    expect.stringMatching(/^web_shell\|source_ip:/),
  ])
  const [storm, shell] = alerts
  expect(shell).toMatchObject({ kind: 'findings', severity: 'high', score: 90, findings: 1 })
  expect(storm?.rules.map(({ rule_id }) => rule_id).sort()).toEqual(rules.toSorted())
  // Five counts whose errors are independent.
  expect(Math.abs((storm?.findings ?? 0) / FINDINGS - 1)).toBeLessThan(0.04)
  const matters = new Set(Array.from(flood(), ({ dedup_key }) => dedup_key)).size - 1
  expect(Math.abs((storm?.matters ?? 0) / matters - 1)).toBeLessThan(0.07)
  // A record for each rule of the flood and one of the web shell, whatever the number of findings.
  expect(board.records.size).toBe(rules.length + 1)
  const bytes = [...board.records.values()].reduce((sum, record) => sum + Buffer.byteLength(record), 0)
  expect(bytes).toBeLessThan(rules.length * 40_000)
  expect(most).toBeLessThan(100)
  board.restart()
  expect(board.hear()).toEqual({ contents: 0, records: 0 })

  // A figure to look at, not a test.
  const grouper = createGrouper(options)
  const all = [...flood()]
  const before = process.cpuUsage()
  all.forEach((one, n) => {
    grouper.add(one)
    if (n % PAGE === PAGE - 1) grouper.take()
  })
  grouper.take()
  const { user, system } = process.cpuUsage(before)
  process.stdout.write(
    `flood: ${((user + system) / all.length).toFixed(2)} µs of CPU a finding, ${bytes} bytes in ${board.records.size} records, at most ${Math.round(written / pages)} bytes written a page\n`,
  )
})

test('ten thousand matters that are no storm are ten thousand alerts, each of one record', () => {
  const board = createBoard()
  const all = Array.from({ length: 10_000 }, (_, n) =>
    finding(n, {
      entity: source(n),
      asset_id: `web-${n % 500}`,
      region_code: `${11 + (n % 83)}`,
      rule_id: `rule-${n % 50}`,
      window_end: START + (n % 24) * HOUR,
    }),
  )
  for (let at = 0; at < all.length; at += PAGE) board.page(all.slice(at, at + PAGE))
  expect(board.alerts.size).toBe(10_000)
  expect(board.records.size).toBe(10_000)
  for (const record of board.records.values()) expect(Buffer.byteLength(record)).toBeLessThan(1_500)
  board.restart()
  expect(board.hear()).toEqual({ contents: 0, records: 0 })
})
