// Is Siaga's user at brokers with access lists let do all that it must by the rights in docs/operations.md, and is the lack of one told?
import { afterAll, beforeAll, expect, test } from 'vitest'
import { examineTopics, examineTransactions } from '../../cli/doctor/kafka.ts'
import { examineRelayed } from '../../cli/doctor/relay.ts'
import type { Collector } from '../../ingest/collector.ts'
import { relayGroup, startRelay } from '../../ingest/relay/relay.ts'
import { createKafka, type KafkaAdmin, type KafkaClient } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { loadKafka } from '../../runtime/kafkajs.ts'
import { silentLog } from '../../runtime/log.ts'
import { topicSettings } from '../../runtime/topics.ts'
import { Config, Source } from '../../schemas/config.ts'
import { relayTopic, topics } from '../../schemas/raw-event.ts'
import { readDocument } from '../docs/markdown.ts'
import { fakeDependencies } from '../ingest/http/fakes.ts'
import { type SecureKafka, startSecureKafka, user } from '../runtime/secure-kafka.ts'

const { Kafka, logLevel, AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = loadKafka()
const source = Source.parse({ id: 'kpu', kafka: true })
const topic = relayTopic(source.id)
const settings = topicSettings(Config.parse({ kafka: { partitions: 2 } }), [source])

/** As the table of the handbook has them: | kind | names begin with | rights |. */
const kinds = {
  Topics: AclResourceTypes.TOPIC,
  Groups: AclResourceTypes.GROUP,
  'Transactional ids': AclResourceTypes.TRANSACTIONAL_ID,
}
const operations = {
  Create: AclOperationTypes.CREATE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Delete: AclOperationTypes.DELETE,
}
const keysOf = <T extends object>(object: T) => Object.keys(object) as (keyof T)[]
const rights = keysOf(kinds).flatMap((kind) => {
  const [, prefix = '', list = ''] =
    new RegExp(`^\\| ${kind} \\| \`([^\`]+)\` \\| ([^|]+) \\|`, 'm').exec(readDocument('docs/operations.md')) ?? []
  return keysOf(operations)
    .filter((name) => list.split(', ').includes(name))
    .map((name) => ({ kind, prefix, name }))
})
const acl = rights.map(({ kind, prefix, name }) => ({
  ...{ resourceType: kinds[kind], resourceName: prefix, resourcePatternType: ResourcePatternTypes.PREFIXED },
  ...{ principal: `User:${user.username}`, host: '*' },
  ...{ operation: operations[name], permissionType: AclPermissionTypes.ALLOW },
}))
const ofDelete = acl.filter((_, index) => rights[index]?.kind === 'Topics' && rights[index]?.name === 'Delete')

let broker: SecureKafka
/** Whoever runs the brokers: may all. */
let owner: ReturnType<InstanceType<typeof Kafka>['admin']>
let foreign: KafkaClient
let kafka: KafkaClient
let admin: KafkaAdmin
const running: Collector[] = []

beforeAll(async () => {
  broker = await startSecureKafka('localhost', 'localhost', 1, {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  })
  owner = new Kafka({ brokers: [broker.inner], logLevel: logLevel.NOTHING }).admin()
  await owner.connect()
  await owner.createAcls({ acl })
  foreign = createKafka({ brokers: [broker.inner], clientId: 'foreign', log: silentLog })
  const sasl = { mechanism: 'scram-sha-512' as const, ...user }
  kafka = createKafka({ brokers: [broker.sasl], clientId: 'siaga', log: silentLog, tls: { ca: broker.ca }, sasl })
  admin = await kafka.connectAdmin()
}, 90_000)
afterAll(async () => {
  for (const collector of running) await collector.stop()
  await admin?.disconnect()
  await owner?.disconnect()
  await broker?.stop()
})

const wait = { timeout: 30_000, interval: 50 }
const left = async () => (await admin.offsets(topic)).reduce((sum, { low, high }) => sum + high - low, 0)
async function produce(): Promise<void> {
  const producer = createBatchingProducer(foreign, silentLog)
  await producer.send(topic, [{ key: 'k', value: Buffer.from('nik 3174066107910003'), headers: {} }])
  await producer.close()
}

test('with them it makes its topics, reads, writes, relays, deletes, remembers and takes turns', async () => {
  expect(rights.map(({ kind, name }) => `${kind} ${name}`)).toContain('Topics Delete')
  await admin.ensureTopics(settings)
  const state = await admin.describe(settings.map((one) => one.topic))
  expect(examineTopics(state, settings).map(({ state: judged }) => judged)).toEqual(['ok', 'ok'])
  expect(await examineTransactions(kafka)).toMatchObject({ state: 'ok' })

  const producer = createBatchingProducer(kafka, silentLog)
  await producer.send(topics.raw, [{ key: 'k', value: Buffer.from('v'), headers: {} }])
  await producer.close()
  const read: string[] = []
  await kafka.readAll(topics.raw, ({ value }) => read.push(String(value)))
  expect(read).toEqual(['v'])
  // Of its own for each reading: those that stay are many.
  const groups = async () => (await owner.listGroups()).groups.map(({ groupId }) => groupId)
  expect((await groups()).filter((name) => name.startsWith('siaga-read-'))).toEqual([])

  const member = await kafka.join({
    ...{ groupId: 'siaga-lease-uji', topic: topics.leases, now: Date.now },
    ...{ onChange: () => undefined, onCrash: () => undefined },
  })
  await expect.poll(() => member.holds(), wait).toBe(true)
  await member.leave()

  // As a restore does.
  await admin.setCommitted('siaga-uji', topics.raw, [{ partition: 0, offset: 0 }])
  expect(await admin.members('siaga-uji')).toBe(0)
  await admin.forgetGroup('siaga-uji')
  expect(await groups()).not.toContain('siaga-uji')
  await admin.ensureTopics([{ topic: 'siaga.uji', partitions: 1, replication: 1, config: {} }])
  await admin.deleteTopic('siaga.uji')

  await produce()
  const { deps, writer } = fakeDependencies([{ id: source.id, format: '' }])
  running.push(startRelay([source], deps, { kafka, deleteMs: 100 }))
  await expect.poll(() => writer.count, wait).toBe(1)
  await expect.poll(left, wait).toBe(0)
  expect(await examineRelayed(admin, [source], [topic])).toMatchObject([{ state: 'ok' }])
  for (const collector of running.splice(0)) await collector.stop()
})

test('without Delete what was relayed stays: the log warns once, each time is counted, the doctor tells; given the right, it goes', async () => {
  await admin.ensureTopics(settings)
  await owner.deleteAcls({
    filters: ofDelete.map(({ permissionType, ...filter }) => ({ ...filter, permissionType })),
  })
  await produce()
  const { deps, writer } = fakeDependencies([{ id: source.id, format: '' }])
  const warned: unknown[] = []
  const log = Object.assign(Object.create(silentLog), { warn: (fields: unknown) => warned.push(fields) })
  let kept = 0
  const onKept = () => (kept += 1)
  running.push(startRelay([source], { ...deps, log }, { kafka, deleteMs: 100, onKept }))
  await expect.poll(() => writer.count, wait).toBe(1)
  await expect.poll(() => kept, wait).toBeGreaterThan(3)
  expect(warned).toEqual([
    {
      topic,
      error: expect.stringContaining(`Delete on ${topic}`),
      todo: expect.stringContaining('docs/operations.md'),
    },
  ])
  expect(await left()).toBe(1)
  expect(await examineRelayed(admin, [source], [topic], 1_000)).toMatchObject([
    { state: 'wrong', found: { en: expect.stringContaining(topic) }, todo: { en: expect.stringContaining('Delete') } },
  ])
  await owner.createAcls({ acl: ofDelete })
  await expect.poll(left, wait).toBe(0)
  expect((await admin.committed(relayGroup(source.id), topic)).some(({ offset }) => offset > 0)).toBe(true)
})
