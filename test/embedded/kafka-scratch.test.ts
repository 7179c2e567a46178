import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKafka } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { silentLog } from '../../runtime/log.ts'
import { ensureTopics, topicSettings } from '../../runtime/topics.ts'
import { Config } from '../../schemas/config.ts'
import { topics } from '../../schemas/raw-event.ts'
import { type OwnServices, startOwnServices } from '../services.ts'

let services: OwnServices
beforeAll(async () => {
  services = await startOwnServices()
})
afterAll(() => services?.stop())

test.skipIf(process.platform !== 'linux')(
  'the broker runs its codec from the data directory: in /tmp many a server lets nothing run (told by /proc, so Linux only)',
  async () => {
    const kafka = createKafka({ brokers: services.brokers, clientId: 'test-scratch', log: silentLog })
    await (await ensureTopics(kafka, topicSettings(Config.parse({})))).disconnect()
    const producer = createBatchingProducer(kafka, silentLog)
    await producer.send(topics.raw, [{ key: 'a', value: Buffer.from('a line'), headers: {} }])
    await producer.close()
    const pid = services.embedded.kafka?.pid()
    const mapped = readFileSync(`/proc/${pid}/maps`, 'utf8')
      .split('\n')
      .filter((line) => /\/libzstd-jni/.test(line))
    expect(mapped.length).toBeGreaterThan(0)
    expect(mapped.filter((line) => !line.includes(join(services.dataDir, 'kafka', 'tmp')))).toEqual([])
  },
)
