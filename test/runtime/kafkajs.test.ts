// Is a connection to Kafka at rest when nothing waits to be sent, and does what waits get sent? Against a real Kafka.
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { loadKafka } from '../../runtime/kafkajs.ts'
import { getServices } from '../services.ts'

const require = createRequire(import.meta.url)
const RequestQueue = require('kafkajs/src/network/requestQueue')

test('a connection at rest looks for waiting requests when one is answered, and not by the clock', async () => {
  const { brokers } = await getServices()
  const { Kafka, logLevel } = loadKafka()
  const looks = vi.spyOn(RequestQueue.prototype, 'checkPendingRequests')
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  try {
    await admin.connect()
    await admin.listTopics()
    expect(looks).toHaveBeenCalled()
    looks.mockClear()
    await sleep(300)
    expect(looks).not.toHaveBeenCalled()
  } finally {
    looks.mockRestore()
    await admin.disconnect()
  }
})

test.each([
  ['until the broker lets it', { maxInFlightRequests: null, throttle: 40 }],
  ['behind one that is never answered, until that is given up', { maxInFlightRequests: 1, throttle: 0 }],
])('a request waits %s, then it is sent', async (_, { maxInFlightRequests, throttle }) => {
  loadKafka()
  const queue = new RequestQueue({
    maxInFlightRequests,
    requestTimeout: 100,
    enforceRequestTimeout: true,
    clientId: 'queue-test',
    broker: 'none',
    logger: { debug: () => {}, warn: () => {} },
  })
  const sent: number[] = []
  const push = (correlationId: number): void =>
    queue.push({
      entry: { correlationId, reject: () => {}, resolve: () => {} },
      expectResponse: true,
      sendRequest: () => sent.push(correlationId),
    })
  queue.scheduleRequestTimeoutCheck()
  try {
    queue.maybeThrottle(throttle)
    push(1)
    push(2)
    expect(sent).toEqual(throttle > 0 ? [] : [1])
    await vi.waitFor(() => expect(sent).toEqual([1, 2]), { timeout: 5_000 })
  } finally {
    queue.destroy()
  }
})
