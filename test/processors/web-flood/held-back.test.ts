// Do voters let people sleep, and are floods inside a crowd found? On a third of the hours that held-back.long.test.ts judges.
import { expect, test } from 'vitest'
import { judge, table } from './held-back-judge.ts'
import { heldBackHours } from './hours.ts'

test('voters behind carrier NAT hardly ever page as an attack; floods inside a crowd are found', () => {
  const { crowd, flood } = table(judge(heldBackHours('judged', true)))
  expect(crowd.hours).toBe(8)
  expect(crowd.toldHours).toBe(0)
  expect(flood.hours).toBe(12)
  expect(flood.told / flood.windows).toBeGreaterThanOrEqual(0.8)
  expect(flood.toldHours / flood.hours).toBeGreaterThanOrEqual(0.9)
}, 120_000)
