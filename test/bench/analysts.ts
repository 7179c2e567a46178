// How long from the HTTP answer 202 until the row can be queried, while ten analysts run the heaviest queries they are allowed?
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { startRig } from '../faults/rig.ts'
import { AT_ONCE, analystRooms, analystsAtWork, heavyQueries, seedEvents } from './heavy-queries.ts'
import { acceptToRow, quantiles, type Waited } from './latency.ts'

/** Kafka's JVM and V8 compile what is hot in the first seconds of a start. */
const WARM_UP_MS = 20_000
/** The line that is to be met. */
const LIMIT_MS = 5_000
const Peak = z.object({ queries: z.coerce.number(), memory: z.coerce.number() })

/**
 * Pushes `rate` events a second throughout, `rows` seeded rows beside: a third of `seconds` without analysts, two thirds with ten of them, a third
 * without again. Prints what was waited for in each, and what the analysts got. Throws if the p99 with analysts is over the line.
 */
export async function analysts(
  rows: number,
  rate: number,
  seconds: number,
  say: (line: string) => void,
): Promise<void> {
  const rig = await startRig({ workers: 2, flushMs: 400, rooms: analystRooms })
  try {
    await seedEvents(rig.clickhouse, rows)
    const third = (seconds * 1000) / 3
    const began = performance.now()
    const whole = WARM_UP_MS + 4 * third
    const waited = acceptToRow(rig, rate, whole / 1000)
    await sleep(WARM_UP_MS + third)
    const from = performance.now()
    const stop = new AbortController()
    const work = analystsAtWork(rig.services, stop.signal)
    const peak = { queries: 0, memory: 0 }
    while (performance.now() < from + 2 * third) {
      const [now] = await rig.clickhouse.rows(
        Peak,
        "SELECT count() AS queries, sum(memory_usage) AS memory FROM system.processes WHERE startsWith(user, 'siaga_room_')",
      )
      peak.queries = Math.max(peak.queries, now?.queries ?? 0)
      peak.memory = Math.max(peak.memory, now?.memory ?? 0)
      await sleep(500)
    }
    const to = performance.now()
    stop.abort()
    const outcomes = await work
    const waits = await waited
    const between = (a: number, b: number): Waited[] =>
      waits.filter(({ acceptedAt }) => acceptedAt >= a && acceptedAt < b)
    const measured = between(from, to)
    say(`${rows.toLocaleString('en')} rows before, ${rate.toLocaleString('en')} events/s; HTTP 202 → queryable row:`)
    say(`  without analysts: ${quantiles(between(began + WARM_UP_MS, from))}`)
    say(`  with ${analystRooms.length}, ${AT_ONCE} queries at once each: ${quantiles(measured)}`)
    say(`  without again: ${quantiles(between(to + 5_000, Number.POSITIVE_INFINITY))}`)
    say(`  at most ${peak.queries} queries of analysts at once, with ${Math.round(peak.memory / 2 ** 20)} MiB`)
    for (const name of Object.keys(heavyQueries)) {
      const got = [...(outcomes.get(name) ?? [])].map(([outcome, n]) => `${n} ${outcome}`)
      say(`  ${name}: ${got.join(', ')}`)
    }
    const slow = measured.filter(({ waitedMs }) => !(waitedMs <= LIMIT_MS)).length
    say(`  over ${LIMIT_MS / 1000} s: ${((slow / measured.length) * 100).toFixed(2)} % (line: 1 %)`)
    if (slow > measured.length / 100) throw new Error('accept-to-row p99 is over 5 s while analysts work')
  } finally {
    await rig.stop()
  }
}
