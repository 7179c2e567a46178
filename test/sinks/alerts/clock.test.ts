// A machine whose clock was hours ahead (a real-time clock in local time, before NTP has set it right): is anything told late, twice or never?
import { expect, test } from 'vitest'
import type { AlertRequest } from '../../../schemas/alert.ts'
import { Config } from '../../../schemas/config.ts'
import type { Finding } from '../../../schemas/detection.ts'
import { createEngine, type Engine } from '../../../sinks/alerts/engine.ts'
import { shared } from './cases/made.ts'

const T0 = Date.parse('2026-11-20T03:00:00Z')
const MINUTE = 60_000
const AHEAD = 7 * 60 * MINUTE
const config = Config.parse({
  rooms: [
    { id: 'bandung', region: '32.04', roster: [{ recipients: ['budi'] }] },
    { id: 'pusat', region: '00', roster: [{ recipients: ['piket'] }] },
  ],
  alerts: {
    deadlines: { high: 15 },
    channels: [{ id: 'berkas', kind: 'file', path: 'alerts.jsonl' }],
    recipients: ['budi', 'piket'].map((id) => ({ id, channel: 'berkas' })),
  },
})

/** An engine whose store is what it gave away. */
function made(now: number) {
  const store = new Map<string, unknown>()
  const fresh = (at: number): Engine => {
    const engine = createEngine({ config, assets: [], reference: { regions: new Map(), phases: new Map() }, shared })
    engine.restore(store, at)
    return engine
  }
  let engine = fresh(now)
  let n = 0
  /** Who is told of the last step. */
  const told = (): string[] => {
    const { records, offers } = engine.take()
    for (const [key, record] of records)
      if (record === null) store.delete(key)
      else store.set(key, JSON.parse(JSON.stringify(record)))
    return offers.map(({ recipient, reason }) => `${recipient} ${reason}`)
  }
  return {
    find(at: number, changed: Partial<Finding> = {}): string[] {
      n += 1
      const one: Finding = {
        ...{ finding_id: `f-${n}`, rule_id: 'sqli', title: 'x', severity: 'high', attack: ['T1190'], source_id: 's' },
        ...{ event_id: `e-${n}`, region_code: '32.04', owner: '', asset_id: 'portal', entity: 'source_ip:203.0.113.9' },
        ...{ evidence: [], window_start: at, window_end: at, score: 90, dedup_key: 'sqli|portal' },
        ...changed,
      }
      engine.findings([one], n, at)
      return told()
    },
    act(at: number, verb: 'acknowledge' | 'resolve'): string[] {
      n += 1
      const [alert] = engine.alerts()
      const actor = { name: 'Budi', room: 'bandung', region: '32.04', from: '', key: 'k1' }
      const blank = { dedup_key: '', reason: 'sebab', assignee: '', other: '', alert_id: alert?.alert_id ?? '' }
      const request: AlertRequest = { kind: 'act', request_id: `q-${n}`, at, actor, verb, ...blank }
      engine.requests([request], n, at)
      return told()
    },
    tick(at: number): string[] {
      engine.tick(at)
      return told()
    },
    restart(at: number): string[] {
      engine = fresh(at)
      return told()
    },
    statuses: () => [...engine.alerts()].map(({ status }) => status),
  }
}

test.each(['while it runs', 'and it begins anew'])(
  'what was asked by a clock ahead climbs when its time has come, and is told to nobody twice: %s',
  (how) => {
    const siaga = made(T0 + AHEAD)
    expect(siaga.find(T0 + AHEAD)).toEqual(['budi opened'])
    expect(siaga.tick(T0 + AHEAD)).toEqual([])
    if (how !== 'while it runs') expect(siaga.restart(T0 + MINUTE)).toEqual([])
    expect(siaga.tick(T0 + MINUTE)).toEqual([])
    expect(siaga.tick(T0 + 15 * MINUTE)).toEqual([])
    expect(siaga.tick(T0 + 16 * MINUTE)).toEqual(['piket escalated'])
  },
)

test('what was acknowledged by a clock ahead is told at once when it becomes more severe', () => {
  const siaga = made(T0 + AHEAD)
  siaga.find(T0 + AHEAD)
  siaga.act(T0 + AHEAD + MINUTE, 'acknowledge')
  siaga.tick(T0 + AHEAD + MINUTE)
  expect(siaga.tick(T0 + 2 * MINUTE)).toEqual([])
  expect(siaga.find(T0 + 3 * MINUTE, { severity: 'critical' })).toEqual(['budi severity', 'piket severity'])
})

test('what was resolved by a clock ahead opens again when it happens again', () => {
  const siaga = made(T0)
  siaga.find(T0)
  siaga.tick(T0 + AHEAD)
  siaga.act(T0 + AHEAD, 'resolve')
  siaga.tick(T0 + AHEAD)
  expect(siaga.statuses()).toEqual(['resolved'])
  siaga.tick(T0 + 10 * MINUTE)
  expect(siaga.find(T0 + 20 * MINUTE)).toEqual(['budi reopened'])
  expect(siaga.statuses()).toEqual(['open'])
})

test('two machines whose clocks differ by seconds change nothing', () => {
  const siaga = made(T0)
  siaga.find(T0 + 5_000)
  expect(siaga.restart(T0)).toEqual([])
  expect(siaga.tick(T0)).toEqual([])
  expect(siaga.tick(T0 + 5_000 + 15 * MINUTE)).toEqual(['piket escalated'])
})
