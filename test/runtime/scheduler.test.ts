// Do jobs run in one process at a time, and is what was missed made up for as each job says? On real Kafka.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createJobRuns } from '../../runtime/job-runs.ts'
import { createKafka, type KafkaClient } from '../../runtime/kafka.ts'
import { silentLog } from '../../runtime/log.ts'
import { keepSchedule } from '../../runtime/schedule.ts'
import { type Job, MAX_MISSED, type Occasion, runAsHolder } from '../../runtime/scheduler.ts'
import { topicSettings } from '../../runtime/topics.ts'
import { Config } from '../../schemas/config.ts'
import { topics } from '../../schemas/raw-event.ts'
import { getServices } from '../services.ts'

const wait = { timeout: 40_000, interval: 20 }
const DAY = 86_400_000
const NOON = Date.parse('2024-11-27T12:00:00Z')
const topic = `schedule-${randomBytes(5).toString('hex')}`
let kafka: KafkaClient

beforeAll(async () => {
  kafka = createKafka({ brokers: (await getServices()).brokers, clientId: 'schedule-test', log: silentLog })
  const admin = await kafka.connectAdmin()
  const settings = topicSettings(Config.parse({})).filter((one) => one.topic === topics.leases)
  await admin.ensureTopics(settings.map((one) => ({ ...one, topic })))
  await admin.disconnect()
})
afterAll(async () => {
  const admin = await kafka.connectAdmin()
  await admin.deleteTopic(topic)
  await admin.disconnect()
})

const runsOf = (id: string) => createJobRuns(kafka, { topic, transactionalId: id })
const named = (name: string): string => `${name}-${randomBytes(4).toString('hex')}`

/** A daily job that was last run some days before `NOON`, and what it ran for once it is held again. */
async function afterDays(days: number, catchUp: Job['catchUp'], run = async (_: Occasion): Promise<void> => undefined) {
  const name = named('daily')
  const ran: string[] = []
  const before = runsOf(name)
  await before.open()
  await before.note(name, NOON - (NOON % DAY) - days * DAY)
  await before.close()
  const ending = new AbortController()
  const job: Job = {
    name,
    when: '0 0 * * *',
    ...(catchUp === undefined ? {} : { catchUp }),
    async run(occasion) {
      ran.push(new Date(occasion.at).toISOString().slice(0, 10))
      await run(occasion)
    },
  }
  const held = runAsHolder([job], { signal: ending.signal, runs: runsOf(name), now: () => NOON, log: silentLog })
  return {
    ran,
    /** Ends the holder; answers when the job last ran, as the next holder will see it. */
    async end(): Promise<string | undefined> {
      ending.abort()
      await held
      const after = runsOf(name)
      const last = (await after.open()).get(name)
      await after.close()
      return last === undefined ? undefined : new Date(last).toISOString().slice(0, 10)
    },
  }
}

test('once: a run for all that were missed, and for none if none was', async () => {
  const three = await afterDays(3, 'once')
  await expect.poll(() => three.ran, wait).toEqual(['2024-11-27'])
  expect(await three.end()).toBe('2024-11-27')
  const none = await afterDays(0, 'once')
  expect(await none.end()).toBe('2024-11-27')
  expect(none.ran).toEqual([])
})

test('every: each in order, the latest hundred at most', async () => {
  const three = await afterDays(3, 'every')
  await expect.poll(() => three.ran, wait).toEqual(['2024-11-25', '2024-11-26', '2024-11-27'])
  expect(await three.end()).toBe('2024-11-27')
  const many = await afterDays(150, 'every')
  await expect.poll(() => many.ran.length, wait).toBe(MAX_MISSED)
  await many.end()
  expect(many.ran.at(-1)).toBe('2024-11-27')
})

test('none: nothing, and nothing is kept of its runs', async () => {
  for (const catchUp of ['none', undefined] as const) {
    const job = await afterDays(3, catchUp)
    expect(await job.end()).toBe('2024-11-24')
    expect(job.ran).toEqual([])
  }
})

test('what failed, or was broken off, has not run', async () => {
  const failing = await afterDays(1, 'once', async () => {
    throw new Error('no')
  })
  await expect.poll(() => failing.ran, wait).toEqual(['2024-11-27'])
  expect(await failing.end()).toBe('2024-11-26')
  const broken = await afterDays(1, 'once', async ({ signal }) => {
    await once(signal, 'abort')
  })
  await expect.poll(() => broken.ran, wait).toEqual(['2024-11-27'])
  expect(await broken.end()).toBe('2024-11-26')
})

test('a job that is new has missed nothing; from then on it is known', async () => {
  const name = named('new')
  const ran: number[] = []
  const job: Job = { name, when: '0 0 * * *', catchUp: 'every', run: async ({ at }) => void ran.push(at) }
  for (const now of [NOON, NOON + DAY, NOON + DAY]) {
    const ending = new AbortController()
    const before = ran.length
    const held = runAsHolder([job], { signal: ending.signal, runs: runsOf(name), now: () => now, log: silentLog })
    if (now > NOON && before === 0) await expect.poll(() => ran.length, wait).toBe(1)
    ending.abort()
    await held
  }
  expect(ran.map((at) => new Date(at).toISOString())).toEqual(['2024-11-28T00:00:00.000Z'])
})

// A broker that is busy may answer that it is away, which is tried again in life too.
test('who has been taken over keeps nothing and ends', { retry: 2 }, async () => {
  const name = named('fenced')
  const first = runsOf(name)
  await first.open()
  const second = runsOf(name)
  await second.open()
  await expect(first.note(name, 1)).rejects.toMatchObject({ code: 'SCHEDULER_FENCED' })
  await second.note(name, 2)
  const running = runAsHolder([{ name, when: '* * * * * *', catchUp: 'once', run: async () => undefined }], {
    signal: new AbortController().signal,
    runs: { ...second, open: async () => new Map([[name, NOON]]) },
    now: Date.now,
    log: silentLog,
  })
  const third = runsOf(name)
  onTestFinished(() => third.close())
  const told = expect(running).rejects.toMatchObject({ code: 'SCHEDULER_FENCED' })
  // Both looked at: a broker that is away may end either.
  await Promise.all([third.open(), told])
})

test('of two processes one runs a job, both run what is for everywhere; the other takes over without a gap in what counts', async () => {
  const name = named('turns')
  const told: { who: string; job: string; at: number }[] = []
  const keep = (who: string) =>
    keepSchedule(
      [
        {
          name: 'each',
          when: '* * * * * *',
          catchUp: 'every',
          run: async ({ at }) => void told.push({ who, job: 'each', at }),
        },
        {
          name: 'own',
          when: '* * * * * *',
          everywhere: true,
          run: async ({ at }) => void told.push({ who, job: 'own', at }),
        },
      ],
      { kafka, log: silentLog, now: Date.now, name, topic },
    )
  const times = (job: string, who?: string) =>
    told.filter((one) => one.job === job && (who === undefined || one.who === who)).map(({ at }) => at)
  const a = keep('a')
  onTestFinished(() => a.stop())
  await expect.poll(() => times('each', 'a').length, wait).toBeGreaterThan(1)
  const b = keep('b')
  onTestFinished(() => b.stop())
  await expect.poll(() => times('own', 'b').length, wait).toBeGreaterThan(1)
  expect(times('own', 'a').length).toBeGreaterThan(1)
  expect(times('each', 'b')).toEqual([])
  await a.stop()
  await expect.poll(() => times('each', 'b').length, wait).toBeGreaterThan(2)
  await b.stop()
  const seconds = times('each')
  expect(seconds.every((at) => at % 1000 === 0)).toBe(true)
  // Every second from first to last; the one that was under way at the change may have run twice.
  const distinct = [...new Set(seconds)].sort((x, y) => x - y)
  const [first = 0] = distinct
  expect(distinct).toEqual(distinct.map((_, n) => first + n * 1000))
})
