import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Finding } from '../../../../schemas/detection.ts'
import { createBoard, finding, START } from './board.ts'

/** Of one matter and hour. Ids come again with other words, as when something is detected anew with other rules. */
const some: fc.Arbitrary<Finding[]> = fc.array(
  fc
    .record({
      n: fc.nat({ max: 40 }),
      severity: fc.constantFrom<Finding['severity']>('low', 'medium', 'high'),
      score: fc.integer({ min: 50, max: 52 }),
      window_end: fc.integer({ min: START, max: START + 3 }),
      title: fc.constantFrom('a', 'b'),
      owner: fc.constantFrom('kpu', 'bawaslu', ''),
    })
    .map(({ n, ...part }) => finding(n, part)),
  { minLength: 30, maxLength: 150, size: 'max' },
)

test('the worst twenty are kept, then the earliest, each once, whatever the order', () => {
  fc.assert(
    fc.property(
      some.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        const boards = [all, shuffled].map((findings) => {
          const board = createBoard()
          for (let at = 0; at < findings.length; at += 17) {
            board.page(findings.slice(at, at + 17))
            if (at % 3 === 0) board.restart()
          }
          return board
        })
        expect(boards[0]?.contents()).toEqual(boards[1]?.contents())
        const rank = { informational: 0, low: 1, medium: 2, high: 3, critical: 4 }
        const weights = [...Map.groupBy(all, ({ finding_id }) => finding_id).values()].flatMap((twins) =>
          twins
            .map(({ severity, score, window_end }) => [-rank[severity], -score, window_end - START] as const)
            .sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
            .slice(0, 1),
        )
        weights.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
        const [content] = boards[0]?.contents() ?? []
        expect(content?.worst.map(({ severity, score, at }) => [-rank[severity], -score, at - START])).toEqual(
          weights.slice(0, 20),
        )
        expect(content?.findings).toBe(weights.length)
      },
    ),
    { numRuns: 100, interruptAfterTimeLimit: 30_000 },
  )
})
