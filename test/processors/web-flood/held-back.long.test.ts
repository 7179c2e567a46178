// Do voters let people sleep, and are floods inside a crowd found? On all hours that the weights have never seen; the table is printed.
import { expect, test } from 'vitest'
import { judge, table } from './held-back-judge.ts'
import { heldBackHours } from './hours.ts'

test('voters behind carrier NAT hardly ever page as an attack; floods inside a crowd are found', () => {
  const { crowd, flood, text } = table(judge(heldBackHours()))
  const blind = table(judge(heldBackHours('blind sites')))
  const beyond = table(judge(heldBackHours('beyond sight')))
  const last = (lines: string, n: number) => lines.split('\n').slice(-n)
  process.stdout.write(
    `${[
      text,
      ...last(blind.text, 2).map((line) => line.replaceAll('**', '').replace('| ', '| logs that show less: ')),
      ...beyond.text
        .split('\n')
        .slice(2, -2)
        .map((line) => line.replace('flood: ', 'like people: ')),
    ].join('\n')}\n`,
  )
  expect(crowd.hours).toBeGreaterThanOrEqual(20)
  expect(crowd.told / crowd.windows).toBeLessThanOrEqual(0.05)
  expect(crowd.toldHours / crowd.hours).toBeLessThanOrEqual(0.05)
  // Of the minutes of floods fewer, since the smallest are told in some of their minutes only.
  expect(flood.told / flood.windows).toBeGreaterThanOrEqual(0.8)
  expect(flood.toldHours / flood.hours).toBeGreaterThanOrEqual(0.9)
})
