// The same as alerts.test.ts at full size: 20 SIGKILLs during 3,000 alerts.
import { expect, test } from 'vitest'
import { report } from '../e2e/siaga.ts'
import { alertFaults } from './alerts.ts'

test('3,000 alerts, 20 kills: each alert exists once and is told at least once, under one key, whatever other receivers do', async () => {
  const result = await alertFaults({ alerts: 3_000, kills: 20, seed: 20_241_127, say: report })
  report(`kills ${JSON.stringify(result.kills)}, repeated deliveries ${result.repeats}`)
  expect(result).toMatchObject({ rows: 3_000, matters: 3_000, merged: 0 })
  for (const channel of ['sehat', 'galat', 'sibuk']) {
    const alerts = result.taken.get(channel) ?? new Map()
    expect(alerts.size).toBe(3_000)
    expect([...alerts.values()].filter((keys) => keys.size !== 1)).toEqual([])
  }
  expect(result.taken.get('macet')?.size).toBe(0)
}, 1_800_000)
