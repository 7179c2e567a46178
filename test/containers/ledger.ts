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
const Count = z.object({ n: z.number() })

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

/** in = landed + dropped + dead, over everything that was ever written to siaga.raw. Answers the parts. */
export async function expectLedgerExact(stack: Stack, dropped: number): Promise<Record<string, number>> {
  await allAccounted(stack)
  const admin = await stack.kafka.connectAdmin()
  const ends = await admin.offsets(topics.raw).finally(() => admin.disconnect())
  const accepted = ends.reduce((sum, { high }) => sum + high, 0)
  const [rows] = await stack.clickhouse.rows(Count, 'SELECT count() AS n FROM siaga.events')
  const [places] = await stack.clickhouse.rows(
    Count,
    'SELECT uniqExact(_stream, _partition, _offset) AS n FROM siaga.events',
  )
  const letters = new Set<string>()
  await stack.kafka.readAll(topics.deadLetters, (message) => {
    const letter = toDeadLetter(message)
    if (letter !== undefined) letters.add(letter.id)
  })
  const parts = { accepted, landed: places?.n ?? 0, dropped, dead: letters.size }
  expect(rows?.n, 'a place in Kafka has landed twice').toBe(parts.landed)
  expect(parts.landed + parts.dropped + parts.dead, JSON.stringify(parts)).toBe(accepted)
  await expectRollupsAgree(stack, 'the ledger')
  return parts
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
