// Does a room that has not reported become exactly one finding for each due time, whoever is killed and however many look? On real Kafka and ClickHouse.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Duty } from '../../../processors/correlate/duty.ts'
import { createCorrelator } from '../../../processors/correlate/round.ts'
import { createKafkaStore } from '../../../processors/correlate/store.ts'
import { dutySchedule } from '../../../runtime/duty.ts'
import { createKafka, type KafkaClient } from '../../../runtime/kafka.ts'
import { silentLog } from '../../../runtime/log.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { ensureTopics, topicSettings } from '../../../runtime/topics.ts'
import { Config } from '../../../schemas/config.ts'
import { Finding } from '../../../schemas/detection.ts'
import { REPORT_FORMAT, topics } from '../../../schemas/raw-event.ts'
import { findingMessage } from '../../../sinks/findings.ts'
import { getServices } from '../../services.ts'
import { createRig, DAY, eventOf, HOUR, MINUTE, type Rig } from './rig.ts'

const reference = loadReference({ calendars: ['pilkada-2024'] }, '.')
const settings = Config.parse({}).reports
const rooms = { jabar: '32', makassar: '73.71', papua: '91' }
const duties: Duty[] = Object.entries(rooms).map(([room, region]) => ({
  room,
  region,
  owner: 'pemda',
  ...dutySchedule({ region }, settings, reference),
}))

let kafka: KafkaClient
const rigs: Rig[] = []
beforeAll(async () => {
  kafka = createKafka({ brokers: (await getServices()).brokers, clientId: 'duty-test', log: silentLog })
})
afterAll(async () => {
  for (const rig of rigs) await rig.drop()
})

async function setUp(start: number) {
  const rig = await createRig(1)
  rigs.push(rig)
  const name = randomBytes(5).toString('hex')
  const all = topicSettings(Config.parse({}))
  const like = (topic: string, as: string) => all.filter((one) => one.topic === as).map((one) => ({ ...one, topic }))
  const names = { state: `duty-state-${name}`, findings: `duty-findings-${name}` }
  const wanted = [...like(names.state, topics.correlations), ...like(names.findings, topics.findings)]
  await (await ensureTopics(kafka, wanted)).disconnect()
  const clock = { now: start }
  return {
    rig,
    clock,
    engine: () =>
      createCorrelator({
        clickhouse: rig.pipeline,
        store: createKafkaStore({
          kafka,
          transactionalId: `duty-${name}`,
          stateTopic: names.state,
          findingsTopic: names.findings,
          findingMessage,
        }),
        correlations: () => [],
        duties,
        watermark: () => clock.now,
        graceMs: 2 * MINUTE,
        keepMs: 10_000 * DAY,
        tables: rig.tables,
        now: () => clock.now,
      }),
    reported: (room: keyof typeof rooms, timestamp: number) =>
      rig.land([
        eventOf([], timestamp, { dataset: REPORT_FORMAT, source_id: room, region_code: rooms[room], source_ip: '' }),
      ]),
    async findings(): Promise<Finding[]> {
      const found: Finding[] = []
      await kafka.readAll(names.findings, ({ value }) => {
        found.push(Finding.parse(JSON.parse(value?.toString() ?? '')))
      })
      return found
    },
  }
}

const told = ({ source_id, severity, evidence }: Finding) => `${source_id} ${severity} ${evidence[1]?.value}`

test('a day before the vote and the vote, in three zones, with restarts and two schedulers', async () => {
  const start = Date.parse('2024-11-26T09:00:00Z')
  const { rig, clock, engine, reported, findings } = await setUp(start)
  const local = (room: keyof typeof rooms, text: string) =>
    Date.parse(`${text}Z`) - { jabar: 7, makassar: 8, papua: 9 }[room] * HOUR
  // Jabar reports each time but at 09:00 of voting day; Makassar not on the eve, and the 12:00 one 31 minutes late; Papua never.
  const reports: ['jabar' | 'makassar', number][] = [
    ['jabar', local('jabar', '2024-11-26T20:29:59')],
    ...['03:00', '05:31', '11:00', '15:30', '17:00', '21:10'].map((time): ['jabar', number] => [
      'jabar',
      local('jabar', `2024-11-27T${time}:00`),
    ]),
    ['jabar', local('jabar', '2024-11-28T00:05:00')],
    ...['02:50', '05:50', '08:50', '12:31', '14:50', '17:50', '20:50', '23:50'].map((time): ['makassar', number] => [
      'makassar',
      local('makassar', `2024-11-27T${time}:00`),
    ]),
  ]
  reports.sort((a, b) => a[1] - b[1])
  let current = engine()
  let zombies = 0
  await current.round()
  for (let n = 0; clock.now < start + 36 * HOUR; n += 1) {
    clock.now += 7 * MINUTE
    while ((reports[0]?.[1] ?? Number.POSITIVE_INFINITY) <= clock.now)
      await reported(...(reports.shift() ?? ['jabar', 0]))
    if (n % 40 === 13) {
      // A second scheduler takes over while the first still runs; what the first then finds is not kept.
      const old = current
      current = engine()
      await current.round()
      await rig.land([eventOf([], clock.now)])
      await expect(old.round()).rejects.toMatchObject({ code: 'SCHEDULER_FENCED' })
      await old.close()
      zombies += 1
    } else if (n % 40 === 31) {
      // Down for an hour, over a due time or not.
      await current.close()
      clock.now += HOUR
      while ((reports[0]?.[1] ?? Number.POSITIVE_INFINITY) <= clock.now)
        await reported(...(reports.shift() ?? ['jabar', 0]))
      current = engine()
      await current.round()
    } else await current.round()
  }
  await current.round()
  await current.close()
  const all = await findings()
  const voting = ['03', '06', '09', '12', '15', '18', '21'].map((hour) => `papua high 2024-11-27 ${hour}:00:00 WIT`)
  expect(all.map(told).sort()).toEqual(
    [
      'jabar high 2024-11-27 09:00:00 WIB',
      'makassar medium 2024-11-26 20:00:00 WITA',
      'makassar high 2024-11-27 12:00:00 WITA',
      'papua medium 2024-11-26 20:00:00 WIT',
      ...voting,
      'papua high 2024-11-28 00:00:00 WIT',
    ].sort(),
  )
  expect(new Set(all.map(({ finding_id }) => finding_id)).size).toBe(all.length)
  expect(all.find(({ source_id }) => source_id === 'makassar')).toMatchObject({
    rule_id: 'siaga.builtin.missing_report',
    region_code: '73.71',
    owner: 'pemda',
    entity: 'source_id:makassar',
    window_start: local('makassar', '2024-11-26T20:00:00'),
    window_end: local('makassar', '2024-11-26T20:30:00'),
  })
  expect(zombies).toBeGreaterThan(3)
}, 240_000)

test('a room that is new is judged from now on, and nothing is judged before everything has landed', async () => {
  const due = Date.parse('2024-11-20T13:00:00Z')
  const { clock, engine, findings } = await setUp(due + 10 * DAY)
  const one = engine()
  await one.round()
  await one.round()
  expect(await findings()).toEqual([])
  clock.now = due + 10 * DAY + 31 * MINUTE
  await one.round()
  expect(await findings()).toEqual([])
  clock.now += MINUTE
  await one.round()
  await expect
    .poll(async () => (await findings()).map(told), { timeout: 20_000 })
    .toEqual(['jabar medium 2024-11-30 20:00:00 WIB'])
  await one.close()
})
