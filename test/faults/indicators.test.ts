// Feeds are updated while events pour in: no event is lost, and no match with what stays in the feeds.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { Indicator } from '../../schemas/indicator.ts'
import { indicator } from '../processors/detect/indicators/table.ts'
import { push, type Rig, startRig } from './rig.ts'

const BATCH = 200
const BATCHES = 100
/** Every tenth event comes from an address that is in the feed all the time. */
const KNOWN = '198.51.100.7'
const LATE = '198.51.100.99'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig?.stop())

function line(ip: string, n: number): string {
  return `${ip} - - [27/Nov/2024:01:00:00 +0000] "GET /hasil/${n} HTTP/1.1" 200 12 "-" "Mozilla/5.0"`
}

/** A feed of many indicators that are others in each round, and the one that stays. */
function feed(round: number): Indicator[] {
  const passing = Array.from({ length: 20_000 }, (_, n) => indicator('domain', `d${n}.putaran-${round}.example`))
  return [...passing, indicator('ip', KNOWN, { source: 'umpan' })]
}

test('an update of the feeds under load loses no event and no match', { timeout: 180_000 }, async () => {
  const deadline = Date.now() + 150_000
  await rig.store.replace('umpan', feed(0), Date.now())
  await rig.indicators.refresh()
  // The workers load the table beside their work.
  await rig.indicatorsInForce()

  let sending = true
  let updates = 0
  const updating = (async () => {
    while (sending) {
      await rig.store.replace('umpan', feed(++updates), Date.now())
      await rig.indicators.refresh()
    }
  })()
  for (let batch = 0; batch < BATCHES; batch++) {
    const lines = Array.from({ length: BATCH }, (_, n) => {
      const at = batch * BATCH + n
      return line(at % 10 === 0 ? KNOWN : `203.0.113.${at % 250}`, at)
    })
    await push(rig, `indicators-${batch}`, lines, deadline)
    await sleep(60)
  }
  sending = false
  await updating
  expect(updates).toBeGreaterThanOrEqual(3)

  // A new indicator matches from the moment on that it is in force.
  await rig.store.replace('lain', [indicator('ip', LATE, { source: 'lain' })], Date.now())
  await rig.indicators.refresh()
  await rig.indicatorsInForce()
  await push(rig, 'late', [line(LATE, 999_999)], deadline)

  const total = BATCH * BATCHES + 1
  const Counts = z.object({ events: z.number(), known: z.number(), matched: z.number(), late: z.number() })
  for (;;) {
    const [counts] = await rig.clickhouse.rows(
      Counts,
      `SELECT count() AS events, countIf(source_ip = '${KNOWN}') AS known,
         countIf(source_ip = '${KNOWN}' AND has(rule_ids, 'siaga.indicator.ip')) AS matched,
         countIf(source_ip = '${LATE}' AND has(rule_ids, 'siaga.indicator.ip')) AS late
       FROM siaga.events WHERE source_id = 'demo'`,
    )
    if (counts?.events === total || Date.now() > deadline) {
      expect(counts).toEqual({ events: total, known: (BATCH * BATCHES) / 10, matched: (BATCH * BATCHES) / 10, late: 1 })
      break
    }
    await sleep(250)
  }
})
