import { expect, test } from 'vitest'
import type { Finding } from '../../../../schemas/detection.ts'
import { type Board, createBoard, finding, HOUR, START } from './board.ts'

const HOURS = 900
const PAGE = 500
/** A finding of each hour's 30 attackers of one asset, which is a storm, and 30 of one matter that is not. */
const all: Finding[] = Array.from({ length: HOURS * 60 }, (_, n) => {
  const window_end = START + Math.floor(n / 60) * HOUR + (n % 60) * 60_000
  return n % 2 === 0
    ? finding(n, { window_end, entity: `source_ip:192.0.2.${n % 60}`, score: n % 100 })
    : finding(n, { window_end, asset_id: 'web-2', score: n % 100 })
})

function played(findings: readonly Finding[], restarts: boolean): Board {
  const board = createBoard()
  for (let at = 0; at < findings.length; at += PAGE) {
    board.page(findings.slice(at, at + PAGE))
    if (restarts && at % (PAGE * 10) === 0) board.restart()
  }
  return board
}
const bytesOf = (board: Board): number => [...board.records.values()].reduce((sum, { length }) => sum + length, 0)

test('an alert that goes on for weeks says the same in any order, in records that hardly grow', () => {
  const inOrder = played(all, true)
  expect(inOrder.contents()).toMatchObject([
    { kind: 'storm', first_seen: START, last_seen: START + HOURS * HOUR - 120_000, matters: 30 },
    { kind: 'findings', first_seen: START + 60_000, findings_exact: false, matters: 1, worst: { length: 20 } },
  ])
  for (const { findings } of inOrder.alerts.values()) {
    expect(Math.abs(findings / (HOURS * 30) - 1)).toBeLessThan(0.06)
  }
  // Pages come in another order, and each of them twice.
  const pages = Array.from({ length: all.length / PAGE }, (_, n) => all.slice(n * PAGE, (n + 1) * PAGE))
  const mixed = pages.map((_, n) => pages[(n * 37) % pages.length] ?? [])
  const inAnother = played([...mixed.flat(), ...all], false)
  expect(inAnother.contents()).toEqual(inOrder.contents())
  // Full cells of either alert are about 8 KB each here; those that have handed over are marks.
  expect(inOrder.records.size).toBe(2 * HOURS)
  const full = [...inOrder.records.values()].filter(({ length }) => length > 3_000)
  expect(full.length).toBeLessThanOrEqual(2 * 512)
  expect(bytesOf(inOrder)).toBeLessThan(2 * (512 * 12_000 + HOURS * 3_000))
  inOrder.restart()
  expect(inOrder.hear()).toEqual({ contents: 0, records: 0 })
})
