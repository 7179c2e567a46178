// The Kafka relay against a real broker: whose events they are, once each, what cannot be read, what is left in the topic.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Collector, RawWriter } from '../../../ingest/collector.ts'
import { createRawWriter } from '../../../ingest/raw-writer.ts'
import { startRelay } from '../../../ingest/relay/relay.ts'
import { createKafka, type KafkaAdmin, type KafkaClient, type KafkaMessage } from '../../../runtime/kafka.ts'
import { type BatchingProducer, createBatchingProducer } from '../../../runtime/kafka-producer.ts'
import { silentLog } from '../../../runtime/log.ts'
import { topicSettings } from '../../../runtime/topics.ts'
import { Config, Source } from '../../../schemas/config.ts'
import { decodeEnvelope, emptyEnvelope, RAW_HEADER, relayTopic } from '../../../schemas/raw-event.ts'
import { getServices } from '../../services.ts'
import { fakeDependencies } from '../http/fakes.ts'

const noKcat =
  spawnSync('kcat', ['-V']).status === 0 ? '' : ' (skipped: kcat is not installed; Debian: apt install kcat)'
let brokers: string[]
let kafka: KafkaClient
let admin: KafkaAdmin
let producer: BatchingProducer
let number = 0
const running: Collector[] = []

beforeAll(async () => {
  brokers = (await getServices()).brokers
  kafka = createKafka({ brokers, clientId: 'relay-test', log: silentLog })
  admin = await kafka.connectAdmin()
  producer = createBatchingProducer(kafka, silentLog)
})

afterEach(async () => {
  for (const collector of running.splice(0)) await collector.stop()
})

afterAll(async () => {
  await producer?.close()
  await admin?.disconnect()
})

/** A source with its topic. */
async function makeSource(config: Record<string, string> = {}): Promise<Source> {
  const source = Source.parse({ id: `relay-${process.pid}-${number++}`, kafka: true, format: 'sshd' })
  const [settings] = topicSettings(Config.parse({}), [source]).slice(-1)
  if (settings === undefined) throw new Error('no topic')
  await admin.ensureTopics([{ ...settings, config: { ...settings.config, ...config } }])
  return source
}

/** Relays a source into the memory of a writer. */
function relay(source: Source, { writer: other, deleteMs = 60_000 }: { writer?: RawWriter; deleteMs?: number } = {}) {
  const { deps, writer, metrics } = fakeDependencies([{ id: source.id, format: source.format }])
  const collector = startRelay(
    [source, Source.parse({ id: 'no-kafka' })],
    { ...deps, writer: other ?? writer },
    { kafka, deleteMs },
  )
  running.push(collector)
  return { collector, writer, metrics }
}

const wait = { timeout: 20_000, interval: 20 }

it('takes source and format from the configuration, whatever the producer says', async () => {
  const source = await makeSource()
  const forged = 'other\tnginx\t1\t10.0.0.1\tid\thash\t'
  await producer.send(relayTopic(source.id), [
    { key: 'k', value: Buffer.from('nik 3174066107910003'), headers: { [RAW_HEADER]: forged, source: 'other' } },
  ])
  const { writer, metrics, collector } = relay(source)
  await expect.poll(() => writer.count, wait).toBe(1)
  expect(collector.addresses).toEqual([relayTopic(source.id)])
  const [event] = writer.events
  expect(event).toMatchObject({ source: source.id, format: 'sshd', peer: '' })
  expect(event?.value.toString()).toMatch(/^nik nik-\w{16}$/)
  expect(event?.id).toMatch(new RegExp(`^${source.id}\\.\\d\\.0\\.\\w+$`))
  expect(metrics.counts).toEqual({ received: 1, accepted: 1, refused: 0, lost: 0 })
})

it('goes on where it left off, and leaves out what is empty', async () => {
  const source = await makeSource()
  const send = (from: number, to: number) =>
    producer.send(
      relayTopic(source.id),
      Array.from({ length: to - from }, (_, n) => ({
        key: `${from + n}`,
        value: Buffer.from(`line ${from + n}`),
        headers: {},
      })),
    )
  await send(0, 5_000)
  await producer.send(relayTopic(source.id), [{ key: 'k', value: null, headers: {} }])
  const first = relay(source)
  await expect.poll(() => first.metrics.counts.received, wait).toBe(5_001)
  expect(first.metrics.reasons).toEqual({ relay_empty: 1 })
  await first.collector.stop()
  await send(5_000, 6_000)
  const second = relay(source)
  await expect.poll(() => second.writer.count, wait).toBeGreaterThanOrEqual(1_000)
  const texts = [...first.writer.texts, ...second.writer.texts]
  expect(texts.length).toBe(6_000)
  expect(new Set(texts).size).toBe(6_000)
})

it('what is read again after a death has the ids it had', async () => {
  const source = await makeSource()
  await producer.send(relayTopic(source.id), [{ key: 'k', value: Buffer.from('x'), headers: {} }])
  const seen: string[] = []
  const dying: RawWriter = {
    // Written, and dead before it could be committed.
    write: async (events) => {
      seen.push(...events.map(({ id }) => id))
      await new Promise(() => undefined)
    },
  }
  const first = relay(source, { writer: dying })
  await expect.poll(() => seen.length, wait).toBe(1)
  await first.collector.stop()
  const second = relay(source)
  await expect.poll(() => second.writer.count, wait).toBe(1)
  expect(second.writer.events.map(({ id }) => id)).toEqual(seen)
})

it('a write that failed is tried again, and counted', async () => {
  const source = await makeSource()
  await producer.send(relayTopic(source.id), [{ key: 'k', value: Buffer.from('x'), headers: {} }])
  const { writer, metrics } = relay(source)
  writer.failures = 1
  await expect.poll(() => writer.count, wait).toBe(1)
  expect(metrics.counts).toEqual({ received: 2, accepted: 1, refused: 1, lost: 0 })
})

it('deletes what it has relayed', async () => {
  const source = await makeSource()
  await producer.send(relayTopic(source.id), [{ key: 'k', value: Buffer.from('nik 3174066107910003'), headers: {} }])
  const { writer } = relay(source, { deleteMs: 100 })
  await expect.poll(() => writer.count, wait).toBe(1)
  const left = async () =>
    (await admin.offsets(relayTopic(source.id))).reduce((sum, { low, high }) => sum + high - low, 0)
  await expect.poll(left, wait).toBe(0)
})

it('deletes what a relay before it had relayed and could not delete any more, though nothing new comes', async () => {
  const source = await makeSource()
  await producer.send(relayTopic(source.id), [{ key: 'k', value: Buffer.from('nik 3174066107910003'), headers: {} }])
  const first = relay(source)
  const committed = async () =>
    (await admin.committed(`siaga-relay.${source.id}`, relayTopic(source.id))).some(({ offset }) => offset === 1)
  await expect.poll(committed, wait).toBe(true)
  await first.collector.stop()
  relay(source, { deleteMs: 100 })
  const left = async () =>
    (await admin.offsets(relayTopic(source.id))).reduce((sum, { low, high }) => sum + high - low, 0)
  await expect.poll(left, wait).toBe(0)
})

it('writes to Kafka what the processors read', async () => {
  const source = await makeSource()
  const topic = `relay-out-${process.pid}`
  await admin.ensureTopics([{ topic, partitions: 1, replication: 1, config: {} }])
  await producer.send(relayTopic(source.id), [{ key: 'k', value: Buffer.from('halo'), headers: {} }])
  const { metrics } = relay(source, { writer: createRawWriter(producer, topic) })
  await expect.poll(() => metrics.counts.accepted, wait).toBe(1)
  const messages: KafkaMessage[] = []
  await kafka.readAll(topic, (message) => messages.push(message))
  const envelope = emptyEnvelope()
  decodeEnvelope(String(messages[0]?.headers[RAW_HEADER]), envelope)
  expect([messages.length, messages[0]?.value?.toString(), envelope.source]).toEqual([1, 'halo', source.id])
})

describe.skipIf(noKcat !== '')(`codecs of others${noKcat}`, () => {
  async function kcat(source: Source, codec: string, ...lines: string[]): Promise<void> {
    const child = spawn('kcat', ['-P', '-b', brokers.join(','), '-t', relayTopic(source.id), '-p', '0', '-z', codec])
    child.stdin.end(lines.join('\n'))
    expect((await once(child, 'close'))[0]).toBe(0)
  }
  /** Long enough to be packed at all. */
  const long = (text: string) => `${text} ${'x'.repeat(2000)}`

  it.each(['snappy', 'lz4', 'gzip', 'zstd'])('%s: the broker packs anew what we cannot unpack', async (codec) => {
    const source = await makeSource()
    await kcat(source, codec, long('satu'), long('dua'))
    const { writer } = relay(source)
    await expect.poll(() => writer.texts.map((text) => text.split(' ')[0]), wait).toEqual(['satu', 'dua'])
  })

  it('in a topic that somebody else made: what cannot be unpacked is left out and counted, and holds up nothing', async () => {
    const source = await makeSource({ 'compression.type': 'producer' })
    await kcat(source, 'lz4', long('satu'))
    await kcat(source, 'snappy', long('dua'))
    await kcat(source, 'gzip', long('tiga'))
    const { writer, metrics } = relay(source)
    await expect.poll(() => writer.texts.map((text) => text.split(' ')[0]), wait).toEqual(['tiga'])
    expect(metrics.reasons).toEqual({ relay_unreadable: 2 })
    expect(metrics.counts.received).toBe(3)
  })
})
