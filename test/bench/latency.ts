// How long from the HTTP answer 202 until the row can be queried, at a steady rate?
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { at } from '../../runtime/clickhouse.ts'
import { push, type Rig, startRig } from '../faults/rig.ts'
import { nginxLines } from './lines.ts'
import { memory } from './rig.ts'

const Seen = z.object({ b: z.coerce.number(), n: z.coerce.number() })
const BATCH = 100
const POLL_MS = 20

export interface Waited {
  /** When the batch was answered with 202, as performance.now() tells time. */
  readonly acceptedAt: number
  /** Milliseconds from there until all of its rows could be queried. */
  readonly waitedMs: number
}

/** Pushes `rate` events a second for `seconds` in batches of 100 and looks every 20 ms which batches are there whole. */
export async function acceptToRow(rig: Rig, rate: number, seconds: number): Promise<Waited[]> {
  const total = Math.floor((rate * seconds) / BATCH)
  const lines = nginxLines(BATCH * 50, Date.now(), 7)
  const acceptedAt = new Map<number, number>()
  const visibleAt = new Map<number, number>()
  let sending = true
  const watch = async () => {
    // As far back as the last look was, so that a look that was late misses nothing.
    let looked = Date.now()
    while (sending || visibleAt.size < total) {
      const since = looked - 8_000
      looked = Date.now()
      const rows = await rig.clickhouse.rows(
        Seen,
        `SELECT toUInt32OrZero(extract(url_original, '[?]b=(\\\\d+)$')) AS b, count() AS n FROM siaga.events
         WHERE ingested_at >= ${at(since)} AND source_id = 'demo' GROUP BY b HAVING n = ${BATCH}`,
      )
      const now = performance.now()
      for (const { b } of rows) if (!visibleAt.has(b)) visibleAt.set(b, now)
      await sleep(POLL_MS)
    }
  }
  const send = async () => {
    const began = performance.now()
    const open = new Set<Promise<void>>()
    for (let b = 0; b < total; b += 1) {
      const wait = began + ((b * BATCH) / rate) * 1000 - performance.now()
      if (wait > 0) await sleep(wait)
      const from = (b % 50) * BATCH
      const batch = lines.slice(from, from + BATCH).map((line) => line.replace(' HTTP/1.1"', `?b=${b} HTTP/1.1"`))
      const sent = push(rig, `bench-${b}`, batch, Date.now() + 60_000).then(() => {
        acceptedAt.set(b, performance.now())
        open.delete(sent)
      })
      open.add(sent)
    }
    await Promise.all(open)
    sending = false
  }
  await Promise.all([send(), watch()])
  return [...acceptedAt].map(([b, accepted]) => ({
    acceptedAt: accepted,
    waitedMs: Math.max(0, (visibleAt.get(b) ?? Number.NaN) - accepted),
  }))
}

/** p50, p95 and p99 in words, with how many events they are of. */
export function quantiles(waits: readonly Waited[]): string {
  const sorted = waits.map(({ waitedMs }) => waitedMs).toSorted((x, y) => x - y)
  const of = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
  return `p50 ${of(0.5)} ms, p95 ${of(0.95)} ms, p99 ${of(0.99)} ms (${sorted.length * BATCH} events, looked at every ${POLL_MS} ms)`
}

/** The time of a steady rate on a rig of its own. */
export async function latency(rate: number, seconds: number, say: (line: string) => void): Promise<void> {
  const rig = await startRig({ workers: 2, flushMs: 400 })
  try {
    const waits = await acceptToRow(rig, rate, seconds)
    // The first seconds are those of a process that is just starting.
    const measured = waits.toSorted((a, b) => a.acceptedAt - b.acceptedAt).slice(Math.floor(waits.length / 5))
    say(`HTTP 202 → queryable row at ${rate.toLocaleString('en')} events/s for ${seconds} s: ${quantiles(measured)}`)
    say(`memory of the workers together: ${memory(rig.workers().pids()).peak} MB at most`)
  } finally {
    await rig.stop()
  }
}
