// What does a Kafka say to us that takes messages and begins no transactions, since it has fewer brokers than it wants copies? Alerts would never come, in silence.
import { afterAll, beforeAll, test } from 'vitest'
import { examineTransactions } from '../../cli/doctor/kafka.ts'
import { createKafka, type KafkaClient } from '../../runtime/kafka.ts'
import { silentLog } from '../../runtime/log.ts'
import { keepSchedule } from '../../runtime/schedule.ts'
import { topics } from '../../schemas/raw-event.ts'
import { type SecureKafka, startSecureKafka, user } from '../runtime/secure-kafka.ts'

let broker: SecureKafka
let kafka: KafkaClient
beforeAll(async () => {
  broker = await startSecureKafka('localhost', 'localhost', 3)
  kafka = createKafka({
    brokers: [broker.sasl],
    clientId: 'uji',
    log: silentLog,
    tls: { ca: broker.ca },
    sasl: { mechanism: 'plain', ...user },
  })
  const admin = await kafka.connectAdmin()
  await admin.ensureTopics([{ topic: topics.leases, partitions: 1, replication: 1, config: {} }])
  await admin.disconnect()
})
afterAll(() => broker?.stop())

test.concurrent('the doctor says so, and which setting of the brokers it is', async ({ expect }) => {
  const { state, found, todo } = await examineTransactions(kafka)
  expect(state).toBe('wrong')
  expect(found.en).toContain('no transaction has begun within 20 s')
  expect(todo?.id).toContain('transaction.state.log.replication.factor')
})

test.concurrent('whoever has the lease and cannot keep what has run does not say that it works', async ({ expect }) => {
  const told: boolean[] = []
  const errors: unknown[] = []
  const log = Object.assign(Object.create(silentLog), { error: (entry: unknown) => errors.push(entry) })
  const schedule = keepSchedule([{ name: 'harian', when: '0 3 * * *', catchUp: 'once', run: async () => undefined }], {
    ...{ kafka, log, now: Date.now, name: 'tanpa-transaksi' },
    onHeld: (held) => told.push(held),
  })
  await expect.poll(() => errors.length, { timeout: 50_000 }).toBeGreaterThan(0)
  expect(schedule.held).toBe(false)
  expect(told.includes(true)).toBe(false)
  await schedule.stop()
})
