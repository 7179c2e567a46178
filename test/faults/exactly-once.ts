// Is every accepted event in ClickHouse exactly once, whatever is killed? The body of the fault test; seeded, in a small and a large size.
import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import { expect } from 'vitest'
import { z } from 'zod'
import { PROCESSOR_GROUP } from '../../runtime/topics.ts'
import { topics } from '../../schemas/raw-event.ts'
import { random } from '../bench/lines.ts'
import { push, type Rig } from './rig.ts'

export interface FaultPlan {
  events: number
  batch: number
  /** Times that each is killed. */
  kills: number
  seed: number
  /** Most time between two kills. */
  gapMs: number
  /** What else is killed, by name; worker, ClickHouse and Kafka unless told. Of 'worker' a random one. */
  victims?: Readonly<Record<string, () => void | Promise<void>>>
}

const Ledger = z.object({ rows: z.coerce.number(), numbers: z.coerce.number(), offsets: z.coerce.number() })
const Sum = z.object({ n: z.coerce.number() })

export const ledgerOf = async ({ clickhouse }: Rig, run: string) => {
  const [row] = await clickhouse.rows(
    Ledger,
    `SELECT count() AS rows, uniqExact(message) AS numbers, uniqExact(_stream, _partition, _offset) AS offsets
     FROM siaga.events WHERE startsWith(message, {run:String})`,
    { run },
  )
  return row ?? { rows: 0, numbers: 0, offsets: 0 }
}

/** Offsets that are there more than once, for the message of a failure. */
const REPEATS = `
  SELECT _stream, _partition, min(o) AS first, max(o) AS last, groupUniqArrayArray(times) AS ingested_at, groupUniqArrayArray(parts) AS parts FROM (
    SELECT _stream, _partition, _offset AS o, count() AS n, groupUniqArray(toString(ingested_at)) AS times, groupUniqArray(_part) AS parts
    FROM siaga.events WHERE startsWith(message, {run:String}) GROUP BY ALL HAVING n > 1) GROUP BY ALL`

/** How much each partition of siaga.raw has had, and where the group stands: for the message of a failure. */
async function kafkaOf({ admin }: Rig): Promise<string[]> {
  const committed = await admin.committed(PROCESSOR_GROUP, topics.raw).catch(() => [])
  const offsets = await admin.offsets(topics.raw).catch(() => [])
  return offsets.map(({ partition, high }) => {
    const { offset, metadata } = committed.find((row) => row.partition === partition) ?? {}
    return `${partition}: ${high} in Kafka, ${offset} committed ${metadata}`
  })
}

/** Waits until `count` numbers have landed and nothing more comes. */
export async function settled(rig: Rig, run: string, count: number, deadline: number): Promise<void> {
  while (Date.now() < deadline) {
    const ledger = await ledgerOf(rig, run).catch(() => undefined)
    if (ledger !== undefined && ledger.numbers >= count) {
      // What a twin or a repeat would add comes within a few seconds.
      await sleep(3_000)
      return
    }
    await sleep(500)
  }
}

/** Pushes numbered events while everything is killed at random moments; the ledger must come out exact. */
export async function exactlyOnceUnderKills(rig: Rig, plan: FaultPlan): Promise<void> {
  const next = random(plan.seed)
  const run = `run-${plan.seed}-`
  const victims: NonNullable<FaultPlan['victims']> = plan.victims ?? {
    clickhouse: () => rig.services.embedded.clickhouse?.kill('SIGKILL'),
    kafka: () => rig.services.embedded.kafka?.kill('SIGKILL'),
  }
  const kinds = Array.from({ length: plan.kills }, () => ['worker', ...Object.keys(victims)]).flat()
  const deadline = Date.now() + 60_000 + kinds.length * (plan.gapMs + 25_000)
  const limit = pLimit(4)
  // Paced so that events are on their way for as long as there is killing.
  const span = kinds.length * (200 + plan.gapMs / 2)
  const began = Date.now()
  const count = Math.ceil(plan.events / plan.batch)
  let pushed = 0
  const batches = Array.from({ length: count }, (_, i) =>
    limit(async () => {
      await sleep(Math.max(0, began + (i / count) * span - Date.now()))
      const first = i * plan.batch
      const lines = Array.from(
        { length: Math.min(plan.batch, plan.events - first) },
        (_, k) => `${run}${first + k} level=info`,
      )
      await push(rig, `${run}${i}`, lines, deadline)
      pushed += lines.length
    }),
  )
  const kills = kinds.map((kind) => ({ kind, order: next() })).sort((a, b) => a.order - b.order)
  const story: string[] = []
  const chaos = async () => {
    for (const { kind } of kills) {
      await sleep(200 + next() * plan.gapMs)
      story.push(`${kind} at ${pushed}`)
      if (kind === 'worker') {
        const pids = rig.workers().pids()
        const pid = pids[Math.floor(next() * pids.length)]
        if (pid !== undefined) process.kill(pid, 'SIGKILL')
      } else await victims[kind]?.()
    }
  }
  await Promise.all([chaos(), ...batches])
  await settled(rig, run, plan.events, deadline)

  process.stdout.write(`killed: ${story.join(', ')} events accepted\n`)
  const ledger = await ledgerOf(rig, run)
  const repeats = await rig.clickhouse.rows(z.unknown(), REPEATS, { run })
  const waiting = await kafkaOf(rig)
  expect(ledger, `${story.join(', ')} ${JSON.stringify({ repeats, waiting })}`).toEqual({
    rows: plan.events,
    numbers: plan.events,
    offsets: plan.events,
  })
  await expectRollupsAgree(rig, story.join(', '))
}

/** Rollups that are compared with raw rows, row by row of their keys. */
export const comparedRollups = ['source_minutes', 'ingest_lag'] as const

/** How many keys of a rollup have another sum than the raw rows, as `n`. */
export const differenceOf = (rollup: (typeof comparedRollups)[number]): string =>
  `SELECT count() AS n FROM (
     SELECT source_id, minute, _stream, _partition, sum(e) AS d FROM (
       SELECT source_id, minute, _stream, _partition, sum(events) AS e FROM siaga.${rollup} GROUP BY ALL
       UNION ALL
       SELECT source_id, toStartOfMinute(ingested_at) AS minute, _stream, _partition, -toInt64(count()) AS e FROM siaga.events GROUP BY ALL
     ) GROUP BY ALL HAVING d != 0)`

/** Every rollup equals the same question on raw rows. */
export async function expectRollupsAgree({ clickhouse }: Pick<Rig, 'clickhouse'>, story: string): Promise<void> {
  for (const table of comparedRollups) {
    const [difference] = await clickhouse.rows(Sum, differenceOf(table))
    expect(difference?.n, `${table} differs from raw rows after ${story}`).toBe(0)
  }
}

/** A topic that somebody deletes while everything runs is made anew, and what is accepted after that lands. */
export async function topicMadeAnew(rig: Rig, events: number): Promise<void> {
  const deadline = Date.now() + 120_000
  const before = Array.from({ length: events }, (_, i) => `before-${i} level=info`)
  await push(rig, 'before', before, deadline)
  await settled(rig, 'before-', events, deadline)
  expect((await ledgerOf(rig, 'before-')).rows).toBe(events)

  await rig.admin.deleteTopic('siaga.raw')
  const after = Array.from({ length: events * 2 }, (_, i) => `after-${i} level=info`)
  await push(rig, 'after', after, deadline)
  await settled(rig, 'after-', events * 2, deadline)
  expect(await ledgerOf(rig, 'after-')).toEqual({ rows: events * 2, numbers: events * 2, offsets: events * 2 })
  expect((await ledgerOf(rig, 'before-')).rows).toBe(events)
  const [streams] = await rig.clickhouse.rows(
    Sum,
    "SELECT uniqExact(_stream) AS n FROM siaga.events WHERE startsWith(message, 'after-')",
  )
  const [shared] = await rig.clickhouse.rows(
    Sum,
    `SELECT count() AS n FROM siaga.events WHERE startsWith(message, 'after-') AND _stream IN
       (SELECT _stream FROM siaga.events WHERE startsWith(message, 'before-'))`,
  )
  expect(streams?.n).toBeGreaterThan(0)
  expect(shared?.n).toBe(0)
  await expectRollupsAgree(rig, 'the topic was made anew')
}
