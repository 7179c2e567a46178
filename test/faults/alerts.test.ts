// Each alert once, each message at least once and under one key, with Siaga killed in the middle; 3,000 alerts and 20 kills are in alerts.long.test.ts.
import { expect, test } from 'vitest'
import { report } from '../e2e/siaga.ts'
import { alertFaults } from './alerts.ts'

test('120 alerts, 2 kills: each alert exists once and is told at least once, under one key, whatever other receivers do', async () => {
  const result = await alertFaults({ alerts: 120, kills: 2, seed: 7, say: () => undefined })
  report(`kills ${JSON.stringify(result.kills)}, repeated deliveries ${result.repeats}`)
  expect(result.kills).toEqual({ all: 1, worker: 1 })
  expect(result).toMatchObject({ rows: 120, matters: 120, merged: 0 })
  for (const channel of ['sehat', 'galat', 'sibuk']) {
    const alerts = result.taken.get(channel) ?? new Map()
    expect(alerts.size).toBe(120)
    expect([...alerts.values()].filter((keys) => keys.size !== 1)).toEqual([])
  }
  expect(result.taken.get('macet')?.size).toBe(0)
}, 300_000)
