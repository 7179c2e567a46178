// Does the cost of a round stay the same however much history there is? Rows that ClickHouse read, from its own query log.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createCorrelator, createMemoryStore } from '../../../processors/correlate/round.ts'
import { correlationsOf, createRig, DAY, eventOf, HOUR, rulesNamed } from './rig.ts'

const head = (name: string) => `title: ${name}\nid: corr-${name}\nlevel: high`
const correlations = correlationsOf(
  [
    `${head('count')}\ncorrelation: {type: event_count, rules: [base], group-by: [source.ip], timespan: 5m, condition: {gte: 20}}`,
    `${head('values')}\ncorrelation: {type: value_count, rules: [base], group-by: [source.ip], timespan: 1h, condition: {field: user.name, gte: 20}}`,
    `${head('order')}\ncorrelation: {type: temporal_ordered, rules: [base, other], group-by: [user.name], timespan: 1d}`,
    `${head('quiet')}\ncorrelation: {type: absence, rules: [base], group-by: [host.name], timespan: 1h}`,
    `${head('new')}\ncorrelation: {type: first_seen, rules: [base], group-by: [user.name], field: source_country, timespan: 30d}`,
    `${head('usual')}\ncorrelation: {type: baseline, rules: [base], group-by: [host.name], minimum: 5}`,
  ],
  rulesNamed('base', 'other'),
)

/** Rows read by a round with 2,000 new events, and by one with none, behind so many weeks of history. */
async function cost(weeks: number): Promise<{ busy: number; idle: number; fired: number; rows: number }> {
  const rig = await createRig(2)
  try {
    const end = Math.floor(Date.now() / HOUR) * HOUR
    await rig.fill(weeks, 10_000, end, 'base')
    const comment = `cost-${randomBytes(6).toString('hex')}`
    let now = end
    let query = 0
    const store = createMemoryStore()
    // A scheduler for each round, so that the query log keeps the rounds apart.
    const round = async () => {
      query += 1
      const correlator = createCorrelator({
        clickhouse: rig.pipeline,
        store,
        correlations: () => correlations,
        watermark: () => now,
        graceMs: 0,
        keepMs: 10_000 * DAY,
        tables: rig.tables,
        settings: { log_comment: `${comment}-${query}` },
      })
      return (await correlator.round()).findings
    }
    const read = async (of: number) => {
      await rig.clickhouse.command('SYSTEM FLUSH LOGS query_log')
      const [row] = await rig.clickhouse.rows(
        z.object({ rows: z.number(), queries: z.number() }),
        "SELECT sum(read_rows) AS rows, count() AS queries FROM system.query_log WHERE type = 'QueryFinish' AND log_comment = {comment:String}",
        { comment: `${comment}-${of}` },
      )
      return row ?? { rows: 0, queries: 0 }
    }
    await round()
    const events = Array.from({ length: 2_000 }, (_, n) =>
      eventOf(n % 50 === 0 ? ['base'] : [], end + n * 100, {
        user_name: `user${n % 40}`,
        host_name: `host${n % 20}`,
        source_country: 'ID',
        region_code: String(11 + (n % 38)),
      }),
    )
    await rig.land(events.slice(0, 1_000), { partition: 0, ingestedAt: end + 1 })
    await rig.land(events.slice(1_000), { partition: 1, ingestedAt: end + 2 })
    now = end + HOUR
    const fired = await round()
    await round()
    const busy = await read(2)
    const idle = await read(3)
    expect(busy.queries).toBeGreaterThan(correlations.length)
    return { busy: busy.rows, idle: idle.rows, fired: fired.length, rows: weeks * 10_000 }
  } finally {
    await rig.drop()
  }
}

test('a round reads no more behind ten times the history', async () => {
  const short = await cost(10)
  const long = await cost(100)
  expect(short.fired).toBeGreaterThan(0)
  expect(long.fired).toBe(short.fired)
  expect(long.busy).toBeLessThan(short.busy * 1.2)
  expect(long.idle).toBeLessThan(short.idle * 1.2 + 100)
  // And it is little of what is there.
  expect(long.busy).toBeLessThan(long.rows / 4)
}, 110_000)
