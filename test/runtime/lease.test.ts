// Is there one holder at a time, whoever is killed, paused, stopped or cut off? Processes of their own on real Kafka.
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { createKafka, type KafkaClient } from '../../runtime/kafka.ts'
import { keepLease } from '../../runtime/lease.ts'
import { silentLog } from '../../runtime/log.ts'
import { topicSettings } from '../../runtime/topics.ts'
import { Config } from '../../schemas/config.ts'
import { topics } from '../../schemas/raw-event.ts'
import { getServices, type OwnServices, startOwnServices } from '../services.ts'

const wait = { timeout: 50_000, interval: 50 }
const topic = `leases-${randomBytes(5).toString('hex')}`
let brokers: string[]
let kafka: KafkaClient

beforeAll(async () => {
  brokers = (await getServices()).brokers
  kafka = createKafka({ brokers, clientId: 'lease-test', log: silentLog })
  await makeTopic(kafka, topic)
})

async function makeTopic(client: KafkaClient, name: string): Promise<void> {
  const admin = await client.connectAdmin()
  const settings = topicSettings(Config.parse({})).filter((one) => one.topic === topics.leases)
  await admin.ensureTopics(settings.map((one) => ({ ...one, topic: name })))
  await admin.disconnect()
}

interface Contender {
  readonly child: ChildProcess
  readonly holds: boolean
}

/** Contenders of one lease, gone when the test ends. `story` is what they told, in the order in which it was heard. */
function arena({ onTestFinished }: Pick<TestContext, 'onTestFinished'>, on = { brokers, topic }) {
  const name = randomBytes(5).toString('hex')
  const story: string[] = []
  const contenders: Contender[] = []
  onTestFinished(() => {
    for (const { child } of contenders) child.kill('SIGKILL')
  })
  return {
    story,
    name,
    contenders,
    holders: () => contenders.filter(({ holds }) => holds),
    async add(label: string): Promise<Contender> {
      const script = join(import.meta.dirname, 'lease-process.ts')
      const child = fork(script, [on.brokers[0] ?? '', on.topic, name], {
        stdio: 'inherit',
      })
      let holds = false
      child.on('message', (what) => {
        story.push(`${label} ${String(what)}`)
        if (what === 'held') holds = true
        if (what === 'lost') holds = false
      })
      child.on('exit', () => {
        holds = false
      })
      const contender = {
        child,
        get holds() {
          return holds
        },
      }
      contenders.push(contender)
      await once(child, 'message')
      return contender
    },
  }
}

// Leases have names of their own, and their tests wait for sessions to end: those that do not mind a busy machine wait together.

test.concurrent('who joins later waits; a clean stop hands over at once, after the holder has ended', async (context) => {
  const { expect } = context
  const { add, story, holders } = arena(context)
  const a = await add('a')
  await expect.poll(() => a.holds, wait).toBe(true)
  const b = await add('b')
  const c = await add('c')
  a.child.send('stop')
  await expect.poll(() => holders().length === 1 && !a.holds, wait).toBe(true)
  const first = b.holds ? b : c
  const second = b.holds ? c : b
  first.child.send('stop')
  await expect.poll(() => second.holds, wait).toBe(true)
  const turns = story.filter((line) => /held|lost/.test(line))
  const [x, y] = b === first ? ['b', 'c'] : ['c', 'b']
  expect(turns).toEqual(['a held', 'a lost', `${x} held`, `${x} lost`, `${y} held`])
})

test.concurrent('who is killed loses it: another takes over, each time one', async (context) => {
  const { expect } = context
  const { add, story, holders, contenders } = arena(context)
  for (const label of ['a', 'b', 'c']) await add(label)
  for (let kills = 0; kills < 3; kills += 1) {
    await expect.poll(() => holders().length, wait).toBe(1)
    const [holder] = holders()
    if (holder === undefined) throw new Error('nobody holds')
    story.push('kill')
    const gone = once(holder.child, 'exit')
    holder.child.kill('SIGKILL')
    await gone
    if (kills === 0) await add('d')
  }
  await expect.poll(() => holders().length, wait).toBe(1)
  // Each was killed while it held; nobody else held before, and nobody lost it otherwise.
  expect(story.filter((line) => /held|lost|kill/.test(line)).map((line) => line.replace(/^[a-d] /, ''))).toEqual(
    Array.from({ length: 4 }, () => ['held', 'kill'])
      .flat()
      .slice(0, -1),
  )
  expect(contenders).toHaveLength(4)
}, 120_000)

test.concurrent('who is paused longer than a session has lost it when it goes on', async (context) => {
  const { expect } = context
  const { add, story } = arena(context)
  const a = await add('a')
  await expect.poll(() => a.holds, wait).toBe(true)
  const b = await add('b')
  a.child.kill('SIGSTOP')
  await expect.poll(() => b.holds, wait).toBe(true)
  a.child.kill('SIGCONT')
  await expect.poll(() => a.holds, wait).toBe(false)
  // It stands by again and takes over in its turn.
  b.child.send('stop')
  await expect.poll(() => a.holds, wait).toBe(true)
  expect(story.filter((line) => /held|lost/.test(line))).toEqual(['a held', 'b held', 'a lost', 'b lost', 'a held'])
}, 120_000)

test.concurrent('a holder that fails gives it away and asks again', async ({ expect }) => {
  const name = randomBytes(5).toString('hex')
  const told: string[] = []
  const asked = { name, topic, now: Date.now, log: silentLog }
  const failing = keepLease(kafka, {
    ...asked,
    async hold() {
      told.push('failing')
      throw new Error('the disk is full')
    },
  })
  await expect.poll(() => told, wait).toEqual(['failing'])
  const working = keepLease(kafka, {
    ...asked,
    async hold({ signal }) {
      told.push('working')
      await once(signal, 'abort')
      told.push('done')
    },
  })
  await expect.poll(() => working.held, wait).toBe(true)
  const before = told.filter((who) => who === 'failing').length
  await working.stop()
  expect(working.held).toBe(false)
  await expect.poll(() => told.filter((who) => who === 'failing').length > before, wait).toBe(true)
  expect(told.slice(told.indexOf('working'), told.indexOf('working') + 3)).toEqual(['working', 'done', 'failing'])
  await failing.stop()
}, 120_000)

test.concurrent('stopped before it has joined, it holds nothing', async ({ expect }) => {
  const stopping = new AbortController()
  let begun = 0
  const lease = keepLease(kafka, {
    name: randomBytes(5).toString('hex'),
    topic,
    now: Date.now,
    log: silentLog,
    stopping: stopping.signal,
    async hold() {
      begun += 1
    },
  })
  stopping.abort()
  await lease.stop()
  expect([begun, lease.held]).toEqual([0, false])
})

test.concurrent('without Kafka nobody holds; when it is back one holds again', async (context) => {
  const { expect, onTestFinished } = context
  const own: OwnServices = await startOwnServices()
  onTestFinished(() => own.stop())
  const client = createKafka({ brokers: own.brokers, clientId: 'lease-test', log: silentLog })
  await makeTopic(client, topic)
  const { add, holders } = arena(context, { brokers: own.brokers, topic })
  const a = await add('a')
  await expect.poll(() => a.holds, wait).toBe(true)
  const b = await add('b')
  own.embedded.kafka?.kill('SIGSTOP')
  await expect.poll(() => holders().length, wait).toBe(0)
  own.embedded.kafka?.kill('SIGCONT')
  await expect.poll(() => holders().length, wait).toBe(1)
  // And after one that has forgotten its connections.
  own.embedded.kafka?.kill('SIGKILL')
  await own.embedded.kafka?.ready()
  await expect.poll(() => holders().length, wait).toBe(1)
  const [holder, other] = a.holds ? [a, b] : [b, a]
  holder.child.send('stop')
  await expect.poll(() => other.holds && !holder.holds, wait).toBe(true)
}, 180_000)

// By itself: on a busy machine the pause could be longer than a session.
test('a pause shorter than a session changes nothing', async (context) => {
  const { add, story } = arena(context)
  const a = await add('a')
  await expect.poll(() => a.holds, wait).toBe(true)
  const b = await add('b')
  a.child.kill('SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  a.child.kill('SIGCONT')
  b.child.send('stop')
  await once(b.child, 'exit')
  expect(story).toEqual(['a started', 'a held', 'b started', 'b stopped'])
  expect(a.holds).toBe(true)
})

afterAll(async () => {
  const admin = await kafka.connectAdmin()
  await admin.deleteTopic(topic)
  await admin.disconnect()
})
