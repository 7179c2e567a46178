// Is everything that was accepted there once? What Kafka took against rows, dead letters and drops, and what people were told.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { z } from 'zod'
import { PROCESSOR_GROUP } from '../../runtime/topics.ts'
import { topics } from '../../schemas/raw-event.ts'
import { toDeadLetter } from '../../sinks/dlq/dead-letters.ts'
import { expectRollupsAgree } from '../faults/exactly-once.ts'
import type { Stack } from './stack.ts'

const Landed = z.object({ rows: z.number(), lines: z.number(), events: z.number(), offsets: z.number() })

/** What has landed of a run: rows, different lines, different ids of events, different places in Kafka. */
export async function landedOf(
  { clickhouse }: Pick<Stack, 'clickhouse'>,
  run: string,
): Promise<z.infer<typeof Landed>> {
  const [row] = await clickhouse.rows(
    Landed,
    `SELECT count() AS rows, uniqExact(message) AS lines, uniqExact(event_id) AS events, uniqExact(_stream, _partition, _offset) AS offsets
     FROM siaga.events WHERE position(message, {run:String}) > 0`,
    { run: `/${run}/` },
  )
  return row ?? { rows: 0, lines: 0, events: 0, offsets: 0 }
}

/** Waits until `done` answers true; what throws meanwhile (a part that is down) counts as no. Throws with `what` after `ms`. */
export async function waitFor(what: string, done: () => Promise<boolean> | boolean, ms = 240_000): Promise<void> {
  const until = Date.now() + ms
  let last: unknown
  for (;;) {
    try {
      if (await done()) return
      last = undefined
    } catch (error) {
      last = error
    }
    if (Date.now() > until) throw new Error(`waited ${ms / 1000} s in vain: ${what}`, { cause: last })
    await sleep(250)
  }
}

/** What the processors commit beside an offset: the last offset of the range that they land from there on. */
const Intent = z.object({ last: z.number().optional() })

/** Resolves when the processors have accounted for all that Kafka has: nothing more can come. */
export async function allAccounted({ kafka }: Pick<Stack, 'kafka'>): Promise<void> {
  const admin = await kafka.connectAdmin()
  try {
    await waitFor('processors are behind', async () => {
      const ends = await admin.offsets(topics.raw)
      const done = new Map<number, number>()
      for (const { partition, offset, metadata } of await admin.committed(PROCESSOR_GROUP, topics.raw))
        if (offset >= 0) done.set(partition, (Intent.parse(JSON.parse(metadata || '{}')).last ?? offset - 1) + 1)
      return ends.every(({ partition, high }) => high === 0 || done.get(partition) === high)
    })
  } finally {
    await admin.disconnect()
  }
}

/**
 * in = landed + dropped + dead, over everything that was ever written to siaga.raw, and rollups that agree. Answers the parts. Heartbeats come all the
 * time and the parts are read one after the other, so what differs is looked at again before it counts.
 */
export async function expectLedgerExact(stack: Stack, dropped: number): Promise<Ledger> {
  await allAccounted(stack)
  const until = Date.now() + 60_000
  for (;;) {
    try {
      const parts = await ledgerOf(stack, dropped)
      expect(parts.rows, 'a place in Kafka has landed twice').toBe(parts.landed)
      expect(parts.landed + parts.dropped + parts.dead, JSON.stringify(parts)).toBe(parts.accepted)
      await expectRollupsAgree(stack, `the ledger: ${JSON.stringify(await rollupsThatDiffer(stack))}`)
      return parts
    } catch (error) {
      if (Date.now() > until) throw error
      await sleep(1_000)
    }
  }
}

type Ledger = Record<'accepted' | 'landed' | 'rows' | 'dropped' | 'dead', number>

async function ledgerOf({ kafka, clickhouse }: Stack, dropped: number): Promise<Ledger> {
  const letters = new Set<string>()
  await kafka.readAll(topics.deadLetters, (message) => {
    const letter = toDeadLetter(message)
    if (letter !== undefined) letters.add(letter.id)
  })
  const Places = z.object({ rows: z.number(), landed: z.number() })
  const [places = { rows: 0, landed: 0 }] = await clickhouse.rows(
    Places,
    'SELECT count() AS rows, uniqExact(_stream, _partition, _offset) AS landed FROM siaga.events',
  )
  const admin = await kafka.connectAdmin()
  const ends = await admin.offsets(topics.raw).finally(() => admin.disconnect())
  return { accepted: ends.reduce((sum, { high }) => sum + high, 0), ...places, dropped, dead: letters.size }
}

/** For the message of a failure: where a rollup and the raw rows do not say the same. */
function rollupsThatDiffer({ clickhouse }: Stack): Promise<unknown[]> {
  return clickhouse.rows(
    z.unknown(),
    `SELECT source_id, toString(minute) AS minute, _stream, _partition, sum(e) AS d FROM (
       SELECT source_id, minute, _stream, _partition, sum(events) AS e FROM siaga.source_minutes GROUP BY ALL
       UNION ALL
       SELECT source_id, toStartOfMinute(ingested_at) AS minute, _stream, _partition, -toInt64(count()) AS e FROM siaga.events GROUP BY ALL
     ) GROUP BY ALL HAVING d != 0`,
  )
}

/** Each attacker has one alert, and was told of in one message, however often that was sent. */
export async function expectToldOnce(stack: Stack, attackers: readonly string[]): Promise<void> {
  const wanted = new Set(attackers.map((address) => `source_ip:${address}`))
  const Entity = z.object({ entity: z.string(), n: z.number() })
  const alerts = () =>
    stack.clickhouse.rows(
      Entity,
      'SELECT entity, count() AS n FROM siaga.alerts GROUP BY entity HAVING has({wanted:Array(String)}, entity)',
      {
        wanted: [...wanted],
      },
    )
  const ids = (): ReadonlyMap<string, ReadonlySet<string>> => {
    const found = new Map<string, Set<string>>()
    for (const { alert, reason, notification_id } of stack.receiver.told)
      if (reason === 'opened' && wanted.has(alert.entity))
        found.set(alert.entity, (found.get(alert.entity) ?? new Set()).add(notification_id))
    return found
  }
  await waitFor('an attacker has no alert', async () => (await alerts()).length === wanted.size)
  await waitFor('people were not told of an attacker', () => ids().size === wanted.size)
  expect((await alerts()).filter(({ n }) => n !== 1)).toEqual([])
  expect([...ids()].filter(([, messages]) => messages.size !== 1).map(([entity]) => entity)).toEqual([])
}
