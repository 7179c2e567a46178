// Does `siaga doctor` find what is wrong with an installation, say what to do, and leave alone what is in order?
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { judgeClock, judgeVersion } from '../../cli/doctor/clickhouse.ts'
import { judgeRoom } from '../../cli/doctor/disk.ts'
import { durableSettings, judgeDurability } from '../../cli/doctor/durability.ts'
import type { Examined } from '../../cli/doctor/examined.ts'
import { examineTopics } from '../../cli/doctor/kafka.ts'
import { examineProcess } from '../../cli/doctor/process.ts'
import { loadConfig } from '../../runtime/config.ts'
import type { KafkaState } from '../../runtime/kafka.ts'
import { loadKafka } from '../../runtime/kafkajs.ts'
import { topicSettings } from '../../runtime/topics.ts'
import { Config } from '../../schemas/config.ts'
import { topics } from '../../schemas/raw-event.ts'
import { type Siaga, startSiaga } from '../e2e/siaga.ts'

const GIB = 1024 ** 3
const stateOf = ({ state }: Examined): string => state

test.each([
  [50, 'ok'],
  [20, 'ok'],
  [19, 'warning'],
  [7, 'wrong'],
])('with %i percent free a disk is %s', (percent, state) => {
  const examined = judgeRoom({ path: '/srv/siaga', free: percent * GIB, total: 100 * GIB })
  expect(examined.state).toBe(state)
  expect(examined.found.id).toBe(`/srv/siaga: ${percent} GiB (${percent} %) kosong`)
  expect(examined.todo === undefined).toBe(state === 'ok')
})

test('versions: the one that was tried and newer are in order, older are not', () => {
  expect(['26.7.1.1315', '26.10.2', '27.1.0'].map(judgeVersion).map(stateOf)).toEqual(['ok', 'ok', 'ok'])
  expect(['25.12.1', '26.3.9'].map(judgeVersion).map(stateOf)).toEqual(['warning', 'warning'])
})

test('a process with a Kafka and a ClickHouse of yours holds no directory: it is there if it answers', async () => {
  const yours = { KAFKA_BROKERS: 'k1:9092', CLICKHOUSE_URL: 'http://ch:8123' }
  const settings = (port: number) => loadConfig({ env: { ...yours, SIAGA_HTTP_PORT: String(port) }, cwd: '/' }).config
  const server = createServer((_request, response) => response.end('{"reasons":[]}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  expect(await examineProcess(settings(port))).toMatchObject({ state: 'ok', found: { en: /^Siaga runs \(http/ } })
  await new Promise((resolve) => server.close(resolve))
  expect(await examineProcess(settings(port))).toMatchObject({
    state: 'wrong',
    found: { en: /^Siaga does not answer/ },
  })
})

test('a clock is off by what the time of the question cannot explain', () => {
  expect(judgeClock(10_500, 10_000, 13_000)).toMatchObject({ state: 'ok' })
  expect(judgeClock(13_900, 10_000, 13_000)).toMatchObject({ state: 'ok' })
  expect(judgeClock(15_000, 10_000, 13_000)).toMatchObject({ state: 'warning', found: { id: /2 s/ } })
  expect(judgeClock(0, 10_000, 13_000)).toMatchObject({ state: 'wrong', found: { en: /10 s/ } })
})

describe('topics', () => {
  const settings = topicSettings(Config.parse({ kafka: { replication: 3, partitions: 4 } }))
  /** Three brokers and every topic as it should be, but for what is changed. */
  const healthy = (): KafkaState => ({
    brokers: 3,
    topics: settings.map(({ topic, partitions, replication, config }) => ({
      topic,
      config,
      partitions: Array.from({ length: partitions }, (_, partition) => ({
        partition,
        leader: 1,
        replicas: replication,
        inSync: replication,
      })),
    })),
  })
  const changed = (change: (raw: KafkaState['topics'][number]) => KafkaState['topics'][number]): KafkaState => ({
    brokers: 3,
    topics: healthy().topics.map((topic) => (topic.topic === topics.raw ? change(topic) : topic)),
  })
  const partly = (of: Partial<KafkaState['topics'][number]['partitions'][number]>) =>
    changed((raw) => ({ ...raw, partitions: raw.partitions.map((p, n) => (n === 1 ? { ...p, ...of } : p)) }))

  test('as they should be: nothing to do', () => {
    const examined = examineTopics(healthy(), settings)
    expect(examined.map(stateOf)).toEqual(['ok', 'ok'])
    expect(examined[1]?.found.en).toBe('8 topics, 11 partitions, every copy in step')
  })

  test.each<[string, KafkaState, Partial<Examined['found']>, string]>([
    [
      'a broker is away',
      { ...healthy(), brokers: 2 },
      { en: '2 brokers answer, where kafka.replication is 3' },
      'wrong',
    ],
    [
      'a topic is missing',
      { brokers: 3, topics: healthy().topics.filter(({ topic }) => topic !== topics.raw) },
      { id: `${topics.raw}: belum ada` },
      'wrong',
    ],
    ['no leader', partly({ leader: -1 }), { en: `${topics.raw}: no leader for partition 1` }, 'wrong'],
    ['a copy behind', partly({ inSync: 2 }), { en: `${topics.raw}: copies of partition 1 are behind` }, 'warning'],
    [
      'fewer copies in step than a record must have',
      partly({ inSync: 1 }),
      { en: `${topics.raw}: partition 1 accepts nothing: fewer copies in step than min.insync.replicas 2` },
      'wrong',
    ],
    [
      'too few copies',
      changed((raw) => ({ ...raw, partitions: raw.partitions.map((p) => ({ ...p, replicas: 2, inSync: 2 })) })),
      { en: `${topics.raw}: 2 copies, where kafka.replication is 3` },
      'warning',
    ],
    [
      'too few partitions',
      changed((raw) => ({ ...raw, partitions: raw.partitions.slice(0, 2) })),
      { en: `${topics.raw}: 2 partitions for 4 workers: some have nothing to do` },
      'warning',
    ],
    [
      'one record may be lost with one broker',
      changed((raw) => ({ ...raw, config: { ...raw.config, 'min.insync.replicas': '1' } })),
      { en: `${topics.raw}: min.insync.replicas is 1, by siaga.yaml 2` },
      'warning',
    ],
    [
      'records go by the clocks of their producers, as in a topic that an earlier Siaga made',
      changed((raw) => ({ ...raw, config: { ...raw.config, 'message.timestamp.type': 'CreateTime' } })),
      { en: `${topics.raw}: message.timestamp.type is CreateTime, by siaga.yaml LogAppendTime` },
      'warning',
    ],
  ])('%s', (_, state, found, judged) => {
    const troubles = examineTopics(state, settings).filter(({ state: one }) => one !== 'ok')
    expect(troubles).toMatchObject([{ state: judged, found }])
    expect(troubles[0]?.todo?.id).toMatch(/\S/)
  })
})

test('the only copy that is written to the disk later is told, and what to set', () => {
  const settings = durableSettings.map((name) => ({ name, value: '1' }))
  expect(judgeDurability(settings).state).toBe('ok')
  const examined = judgeDurability(settings.map((one, n) => (n === 2 ? { ...one, value: '0' } : one)))
  expect(examined).toMatchObject({ state: 'warning', found: { en: expect.stringContaining('fsync_after_merge is 0') } })
  expect(examined.todo?.en).toContain('deploy/compose/clickhouse/server.xml')
  // Copies on other machines are the safety where there are any.
  const flushes = (replication: number): unknown =>
    topicSettings(Config.parse({ kafka: { replication } })).map(({ config }) => config['flush.messages'])
  expect(flushes(3)).toEqual(Array.from({ length: 8 }, () => undefined))
  expect(flushes(1)).toEqual(Array.from({ length: 8 }, () => '1'))
})

describe('of a Siaga that runs', () => {
  let siaga: Siaga
  beforeAll(async () => {
    siaga = await startSiaga()
  }, 120_000)
  afterAll(async () => {
    await siaga.stop()
    await siaga.remove()
  })
  const List = z.array(
    z.object({ area: z.string(), state: z.string(), found: z.object({ id: z.string(), en: z.string() }) }),
  )
  const doctor = async () => {
    const { code, stdout } = await siaga.run('doctor', '--json')
    return { code, examined: List.parse(JSON.parse(stdout)) }
  }

  test('everything is in order, in both languages', async () => {
    const { code, examined } = await doctor()
    // The disk of the machine that tests is not ours to judge.
    const ours = examined.filter(({ area }) => area !== 'disk')
    expect(ours.filter(({ state }) => state !== 'ok')).toEqual([])
    expect(ours.map(({ area }) => area)).toEqual([
      'process',
      'kafka',
      'topics',
      'transactions',
      'processors',
      'clickhouse',
      'clock',
      'clickhouse',
      'schema',
      'access',
      'collectors',
    ])
    if (examined.every(({ state }) => state !== 'wrong')) expect(code).toBe(0)
    const { stdout: id } = await siaga.run('doctor', '--lang', 'id')
    expect(id).toMatch(/^✓ proses {6}Siaga berjalan \(proses \d+\) dan siap$/m)
    const { stdout: en } = await siaga.run('doctor', '--lang', 'en')
    expect(en).toMatch(/^✓ ClickHouse {2}what has landed survives a power cut$/m)
    expect(en).toMatch(/^✓ schema {6}newest schema \(\d{4}\)$/m)
  })

  test('a setting that somebody changed, and a migration that is not there, are found', async () => {
    const { Kafka, logLevel } = loadKafka()
    const admin = new Kafka({ brokers: [`127.0.0.1:${siaga.ports.kafka}`], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    // What is not named falls back to the broker's own.
    const [asked] = topicSettings(Config.parse({}))
    const configEntries = Object.entries({ ...asked?.config, 'retention.ms': '3600000' }).map(([name, value]) => ({
      name,
      value,
    }))
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: topics.raw, configEntries }],
    })
    await admin.disconnect()
    await siaga.sql("ALTER TABLE siaga.migrations DELETE WHERE file LIKE '0003%' SETTINGS mutations_sync = 1", 'admin')
    const { code, examined } = await doctor()
    expect(code).toBe(1)
    const troubles = examined.filter(({ area, state }) => area !== 'disk' && state !== 'ok')
    expect(troubles.map(({ found }) => found.en)).toEqual([
      expect.stringMatching(new RegExp(`^${topics.raw}: retention.ms is 3600000, by siaga.yaml \\d+$`)),
      expect.stringMatching(/^1 not applied: 0003_\w+\.sql$/),
    ])
  })

  test('one that has stopped is told so, and what to do', async () => {
    await siaga.stop()
    const { code, stdout } = await siaga.run('doctor', '--lang', 'id')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^✗ proses {6}Siaga tidak berjalan/m)
    expect(stdout).toMatch(/^✗ Kafka .*\n.*→ Start Siaga/m)
    expect(stdout).toMatch(/^✗ ClickHouse /m)
  })
})
