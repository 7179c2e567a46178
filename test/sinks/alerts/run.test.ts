// Do alerts go on whatever findings they are given? History, and findings that the engine fails on, on real Kafka.
import { randomBytes } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { createKafka, type KafkaClient } from '../../../runtime/kafka.ts'
import { silentLog } from '../../../runtime/log.ts'
import { topicSettings } from '../../../runtime/topics.ts'
import type { Alert } from '../../../schemas/alert.ts'
import { Config } from '../../../schemas/config.ts'
import type { Finding } from '../../../schemas/detection.ts'
import { topics } from '../../../schemas/raw-event.ts'
import { createEngine, type Engine } from '../../../sinks/alerts/engine.ts'
import { holdAlerts } from '../../../sinks/alerts/run.ts'
import { getServices } from '../../services.ts'
import { shared } from './cases/made.ts'

const HOUR = 3_600_000
const wait = { timeout: 60_000, interval: 100 }
const config = { ...Config.parse({}), rooms: [] }

function makeEngine(): Engine {
  return createEngine({ config, assets: [], reference: { regions: new Map(), phases: new Map() }, shared })
}

function finding(n: number, changed: Partial<Finding> = {}): Finding {
  return {
    ...{
      finding_id: `f-${n}`,
      rule_id: `rule-${n}`,
      title: 'x',
      severity: 'high',
      attack: [],
      event_id: '',
      source_id: 's',
    },
    ...{
      region_code: '',
      owner: '',
      asset_id: '',
      entity: '',
      evidence: [],
      window_start: 0,
      window_end: 0,
      score: 90,
    },
    dedup_key: `rule-${n}|x`,
    ...changed,
  }
}

async function holding(engine: () => Engine) {
  const { brokers } = await getServices()
  const kafka: KafkaClient = createKafka({ brokers, clientId: 'alerts-test', log: silentLog })
  const id = randomBytes(5).toString('hex')
  const own = { findings: `f-${id}`, requests: `r-${id}`, state: `s-${id}`, log: `l-${id}` }
  const admin = await kafka.connectAdmin()
  const [settings] = topicSettings(Config.parse({})).filter(({ topic }) => topic === topics.findings)
  if (settings !== undefined) await admin.ensureTopics(Object.values(own).map((topic) => ({ ...settings, topic })))
  await admin.disconnect()
  const producer = await kafka.connectProducer()
  let held: Engine | undefined
  const clock = { aheadMs: 0 }
  const ended = new AbortController()
  const working: boolean[] = []
  return {
    clock,
    /** What was told of whether the alerts are followed. */
    working,
    async read(): Promise<number> {
      const client = await kafka.connectAdmin()
      const [partition] = await client.committed(own.findings, own.findings)
      await client.disconnect()
      return partition?.offset ?? -1
    },
    async send(findings: readonly Finding[]) {
      const messages = findings.map((one) => ({ key: 'k', value: JSON.stringify(one) }))
      await producer.send({ topic: own.findings, messages })
    },
    start() {
      const running = holdAlerts(
        {
          ...{ kafka, log: silentLog, topics: own, tickMs: 100, onCounts: () => undefined },
          onWorking: (works) => working.push(works),
          now: () => Date.now() + clock.aheadMs,
          names: { findings: own.findings, requests: own.requests, transactional: id },
          engine: () => {
            held = engine()
            return held
          },
          dispatcher: () => ({
            ...{ offer: () => undefined, withdraw: () => false, close: async () => undefined, waiting: 0 },
            idle: async () => undefined,
          }),
        },
        ended.signal,
      )
      return async () => {
        ended.abort()
        await running
        await producer.disconnect()
      }
    },
    alerts: (): Alert[] => [...(held?.alerts() ?? [])],
  }
}

test('the first look makes no alerts of history, however much of it there is', async () => {
  const run = await holding(makeEngine)
  // Several fetches of it.
  for (let n = 0; n < 8; n += 1) await run.send([finding(n, { title: randomBytes(400_000).toString('hex') })])
  run.clock.aheadMs = 5 * HOUR
  const stop = run.start()
  await vi.waitFor(async () => expect(await run.read()).toBe(8), wait)
  run.clock.aheadMs = 0
  await run.send([finding(100)])
  await vi.waitFor(() => expect(run.alerts().map(({ rule_id }) => rule_id)).toContain('rule-100'), wait)
  expect(run.alerts()).toHaveLength(1)
  expect(run.working).toEqual([true])
  await stop()
  expect(run.working).toEqual([true, false])
}, 90_000)

test('of a page with findings that the engine fails on the others become alerts, soon', async () => {
  let failed = 0
  const run = await holding(() => {
    const engine = makeEngine()
    return {
      ...engine,
      get progress() {
        return engine.progress
      },
      findings(findings, next, now) {
        if (findings.some(({ title }) => title === 'poison')) {
          failed += 1
          throw new Error('a mistake in Siaga')
        }
        engine.findings(findings, next, now)
      },
    }
  })
  await run.send(Array.from({ length: 60 }, (_, n) => finding(n, n === 20 || n === 40 ? { title: 'poison' } : {})))
  const stop = run.start()
  await vi.waitFor(() => expect(run.alerts()).toHaveLength(58), wait)
  // The page twice, then each of the two by itself twice.
  expect(failed).toBe(6)
  await stop()
}, 90_000)
