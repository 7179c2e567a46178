// Does each (rule, group, window) fire once, whatever order events come in, however often, and whoever is killed? The tests, for some seeds.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCorrelator } from '../../../processors/correlate/round.ts'
import { createKafkaStore } from '../../../processors/correlate/store.ts'
import { createKafka, type KafkaClient } from '../../../runtime/kafka.ts'
import { silentLog } from '../../../runtime/log.ts'
import { ensureTopics, topicSettings } from '../../../runtime/topics.ts'
import { Config } from '../../../schemas/config.ts'
import { Finding } from '../../../schemas/detection.ts'
import type { Event } from '../../../schemas/event.ts'
import { topics } from '../../../schemas/raw-event.ts'
import { findingMessage } from '../../../sinks/findings.ts'
import { getServices } from '../../services.ts'
import { correlationsOf, createRig, DAY, eventOf, HOUR, MINUTE, type Rig, rulesNamed, T0 } from './rig.ts'

const rules = rulesNamed('failed', 'ok', 'beat', 'step1', 'step2', 'step3', 'pay', 'seen')
const head = (name: string) => `title: ${name}\nid: corr-${name}\nname: ${name}\nlevel: high`
const correlations = correlationsOf(
  [
    `${head('count')}\ncorrelation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: 5m, condition: {gte: 4}}`,
    `${head('values')}\ncorrelation: {type: value_count, rules: [failed], group-by: [source.ip], timespan: 5m, condition: {field: user.name, gte: 4}}`,
    `${head('sum')}\ncorrelation: {type: value_sum, rules: [pay], group-by: [user.name], timespan: 5m, condition: {field: network.bytes, gte: 100}}`,
    `${head('near')}\ncorrelation: {type: temporal, rules: [step1, step2, step3], group-by: [user.name], timespan: 5m}`,
    `${head('order')}\ncorrelation: {type: temporal_ordered, rules: [step1, step2, step3], group-by: [user.name], timespan: 5m}`,
    `${head('chain')}\ncorrelation: {type: temporal_ordered, rules: [count, ok], group-by: [source.ip], timespan: 15m, generate: true}`,
    `${head('silent')}\ncorrelation: {type: absence, rules: [beat], group-by: [host.name], timespan: 10m}`,
    `${head('travel')}\ncorrelation: {type: impossible_travel, rules: [seen], group-by: [user.name], timespan: 20m}`,
  ],
  rules,
)

let kafka: KafkaClient
const rigs: Rig[] = []

/** Topics, tables and a transactional id of one test; `engine` makes a scheduler, as many as you like. */
async function setUp() {
  const rig = await createRig(2)
  rigs.push(rig)
  const name = randomBytes(5).toString('hex')
  const stateTopic = `correlate-${name}`
  const findingsTopic = `findings-${name}`
  const settings = topicSettings(Config.parse({}))
  const like = (topic: string, as: string) =>
    settings.filter((one) => one.topic === as).map((one) => ({ ...one, topic }))
  const wanted = [...like(stateTopic, topics.correlations), ...like(findingsTopic, topics.findings)]
  const admin = await ensureTopics(kafka, wanted)
  await admin.disconnect()
  const clock = { now: T0 }
  return {
    rig,
    clock,
    transactionalId: `correlate-${name}`,
    engine: () =>
      createCorrelator({
        clickhouse: rig.pipeline,
        store: createKafkaStore({
          kafka,
          transactionalId: `correlate-${name}`,
          stateTopic,
          findingsTopic,
          findingMessage,
        }),
        correlations: () => correlations,
        watermark: () => clock.now,
        graceMs: 3 * MINUTE,
        keepMs: 10_000 * DAY,
        tables: rig.tables,
      }),
    async findings(): Promise<Finding[]> {
      const all: Finding[] = []
      await kafka.readAll(findingsTopic, ({ value }) => {
        all.push(Finding.parse(JSON.parse(value?.toString() ?? '')))
      })
      return all
    },
  }
}

/** A generator of numbers from 0 to 1 that a seed determines (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Incidents an hour and more apart, each just enough to fire once, and near misses that sender's repeats must not complete. Answers the events
 * and what should fire, as `rule group`, in no order.
 */
function story(random: () => number): { events: Event[]; expected: string[] } {
  const events: Event[] = []
  const expected: string[] = []
  const within = (start: number, span: number) => start + Math.floor(random() * span)
  for (let n = 0; n < 6; n += 1) {
    const hour = T0 + n * HOUR
    for (let who = 0; who < 3; who += 1) {
      const ip = `203.0.113.${who}`
      const user = `user${who}`
      const failed = (values: Partial<Event>) =>
        eventOf(['failed'], within(hour, 4 * MINUTE), { source_ip: ip, ...values })
      // Four failures of four users: count and values fire; on even hours a login follows.
      for (let i = 0; i < 4; i += 1) events.push(failed({ user_name: `victim${i}` }))
      expected.push(`count source_ip:${ip}`, `values source_ip:${ip}`)
      if (n % 2 === 0) {
        events.push(eventOf(['ok'], within(hour + 5 * MINUTE, MINUTE), { source_ip: ip }))
        expected.push(`chain source_ip:${ip}`)
      }
      // Three of one address: one too few, however often they are sent.
      for (let i = 0; i < 3; i += 1) events.push(failed({ source_ip: `198.51.100.${who}`, user_name: `victim${i}` }))
      // The sum is reached by both payments only.
      for (const bytes of [60, 40])
        events.push(eventOf(['pay'], within(hour, 4 * MINUTE), { user_name: user, network_bytes: bytes }))
      expected.push(`sum user:${user}`)
      events.push(eventOf(['pay'], within(hour + 20 * MINUTE, 4 * MINUTE), { user_name: user, network_bytes: 99 }))
      // The steps in order for some, backwards for others.
      const [first, last] = who === 0 ? ['step3', 'step1'] : ['step1', 'step3']
      events.push(
        eventOf([first], within(hour, MINUTE), { user_name: user }),
        eventOf(['step2'], within(hour + MINUTE, MINUTE), { user_name: user }),
        eventOf([last], within(hour + 2 * MINUTE, MINUTE), { user_name: user }),
      )
      expected.push(`near user:${user}`)
      if (who !== 0) expected.push(`order user:${user}`)
      events.push(
        eventOf(['seen'], within(hour, MINUTE), { user_name: user, source_country: 'ID', source_asn: 7713 }),
        eventOf(['seen'], within(hour + 2 * MINUTE, MINUTE), {
          user_name: user,
          source_country: 'NL',
          source_asn: 1103,
        }),
      )
      expected.push(`travel user:${user}`)
    }
    // A beat every five minutes but for a gap in each odd hour.
    for (let minute = 0; minute < 60; minute += 5) {
      if (n % 2 === 1 && minute >= 20 && minute < 40) continue
      events.push(eventOf(['beat'], hour + minute * MINUTE, { host_name: 'web1' }))
    }
    if (n % 2 === 1) expected.push('silent host:web1')
  }
  return { events, expected }
}

const told = ({ rule_id, entity }: Finding) => `${rule_id.replace('corr-', '')} ${entity}`

/** `seeds`: of the stories that are told out of order. */
export function firesOnce(seeds: readonly number[]): void {
  beforeAll(async () => {
    kafka = createKafka({ brokers: (await getServices()).brokers, clientId: 'correlate-test', log: silentLog })
  })
  afterAll(async () => {
    for (const rig of rigs) await rig.drop()
  })

  describe('late, repeated and disordered events, restarts in the middle, two schedulers', () => {
    test.each([...seeds])(
      'seed %i: each fires exactly once',
      async (seed) => {
        const random = seeded(seed)
        const { rig, clock, engine, findings } = await setUp()
        const { events, expected } = story(random)
        let current = engine()
        await current.round()
        // Most come within three minutes, some hours late; heartbeats as late as the grace allows. Every fifth is sent twice or more.
        const arrivals = events.flatMap((event) => {
          const beat = event.rule_ids.includes('id-beat')
          const late = random() < 0.15 && !beat ? random() * 5 * HOUR : random() * 2.9 * MINUTE
          const copies = random() < 0.2 ? 1 + Math.floor(random() * 2) : 0
          return Array.from({ length: 1 + copies }, (_, n) => ({
            event,
            at: event.timestamp + late + (beat ? 0 : n * random() * 2 * HOUR),
          }))
        })
        arrivals.sort((a, b) => a.at - b.at)
        let zombies = 0
        for (let n = 0; n < arrivals.length; ) {
          const size = 1 + Math.floor(random() * 60)
          const page = arrivals.slice(n, n + size)
          n += size
          clock.now = page.at(-1)?.at ?? clock.now
          await rig.land(
            page.map(({ event }) => event),
            { partition: Math.floor(random() * 2) },
          )
          const dice = random()
          if (dice < 0.15) {
            // A new scheduler while the old one still runs: the old one is shut out, and what it found is not kept.
            const old = current
            current = engine()
            await current.round()
            await rig.land([eventOf(['nothing'], clock.now)])
            const change = eventOf(['failed'], T0 - DAY, { source_ip: '192.0.2.1' })
            await rig.land([change])
            await expect(old.round()).rejects.toMatchObject({ code: 'SCHEDULER_FENCED' })
            await expect(old.round()).rejects.toMatchObject({ code: 'SCHEDULER_FENCED' })
            await old.close()
            zombies += 1
          } else if (dice < 0.3) {
            await current.close()
            current = engine()
            await current.round()
          } else if (dice < 0.8) await current.round()
        }
        clock.now += DAY
        await current.round()
        await current.round()
        await current.close()
        const all = await findings()
        // The last beat is followed by silence too.
        expect(all.map(told).sort()).toEqual([...expected, 'silent host:web1'].sort())
        expect(new Set(all.map(({ finding_id }) => finding_id)).size).toBe(all.length)
        expect(zombies).toBeGreaterThan(0)
      },
      180_000,
    )
  })

  test('what a scheduler found and could not commit is found by the next one', async () => {
    const { rig, engine, findings } = await setUp()
    const first = engine()
    await first.round()
    const second = engine()
    await second.round()
    await rig.land(Array.from({ length: 4 }, (_, n) => eventOf(['failed'], T0 + n, { source_ip: '203.0.113.9' })))
    await expect(first.round()).rejects.toMatchObject({ code: 'SCHEDULER_FENCED' })
    expect(await findings()).toEqual([])
    expect((await second.round()).findings.map(told)).toEqual(['count source_ip:203.0.113.9'])
    await expect
      .poll(async () => (await findings()).map(told), { timeout: 20_000 })
      .toEqual(['count source_ip:203.0.113.9'])
    await Promise.all([first.close(), second.close()])
  })

  test('a scheduler whose id is gone though nobody took over goes on by itself', async () => {
    const { rig, engine, findings, transactionalId } = await setUp()
    const only = engine()
    await only.round()
    // As when a transaction takes longer than Kafka allows: the id moves on, and no other scheduler writes its name.
    await (await kafka.connectTransactional(transactionalId)).close()
    await rig.land(Array.from({ length: 4 }, (_, n) => eventOf(['failed'], T0 + n, { source_ip: '203.0.113.8' })))
    await expect(only.round()).rejects.toMatchObject({ code: 'KAFKA_UNAVAILABLE' })
    expect((await only.round()).findings.map(told)).toEqual(['count source_ip:203.0.113.8'])
    // The broker answers before the mark of the transaction's end is written, and until then nothing of it is to be read.
    await expect
      .poll(async () => (await findings()).map(told), { timeout: 20_000 })
      .toEqual(['count source_ip:203.0.113.8'])
    await only.close()
  })
}
