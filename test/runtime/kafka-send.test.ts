// Is every partition sent until its leader has confirmed it, once, while leaders change between two tries? kafkajs' own way is shown to fail.
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { createSendMessages, type SendParts } from '../../runtime/kafka-send.ts'

const require = createRequire(import.meta.url)
const own = require('kafkajs/src/producer/sendMessages') as typeof createSendMessages

/** Two brokers that lead a partition each, until broker 2 fails and broker 1 leads both. What each took is noted. */
function rig({ hides = false } = {}) {
  const took: string[] = []
  let leaders: Record<number, string> = { 0: '1', 1: '2' }
  let hidden = hides
  const sequences = new Map<number, number>()
  const brokerOf = (nodeId: string) => ({
    nodeId,
    async produce(request: object) {
      const { topicData } = request as { topicData: { topic: string; partitions: { partition: number }[] }[] }
      if (nodeId === '2' && leaders[1] === '2') {
        leaders = { 0: '1', 1: '1' }
        throw Object.assign(new Error('not the leader'), {
          name: 'KafkaJSProtocolError',
          retriable: true,
          type: 'NOT_LEADER_FOR_PARTITION',
        })
      }
      for (const { partitions } of topicData)
        for (const { partition } of partitions) took.push(`${nodeId}:${partition}`)
      return { topics: topicData.map(({ topic, partitions }) => ({ topicName: topic, partitions })) }
    },
  })
  const brokers: Record<string, ReturnType<typeof brokerOf>> = { 1: brokerOf('1'), 2: brokerOf('2') }
  const parts: SendParts = {
    logger: { debug: () => undefined, error: () => undefined },
    cluster: {
      addMultipleTargetTopics: async () => undefined,
      async refreshMetadata() {
        hidden = false
      },
      refreshMetadataIfNecessary: async () => undefined,
      findTopicPartitionMetadata: () => [{ partitionId: 0 }, { partitionId: 1 }],
      findLeaderForPartitions(_topic, partitions) {
        const found: Record<string, number[]> = {}
        for (const id of partitions.map(Number)) {
          if (hidden && id === 1) continue
          const leader = leaders[id] ?? ''
          found[leader] = [...(found[leader] ?? []), id]
        }
        return found
      },
      findBroker: async ({ nodeId }) => brokers[nodeId] as NonNullable<(typeof brokers)[string]>,
      isConnected: () => true,
      connect: async () => undefined,
      removeBroker: () => undefined,
    },
    partitioner: ({ message }) => Number(message.key),
    eosManager: {
      acquireBrokerLock: async () => undefined,
      releaseBrokerLock: async () => undefined,
      isTransactional: () => false,
      addPartitionsToTransaction: async () => undefined,
      getSequence: (_topic, partition) => sequences.get(partition) ?? 0,
      updateSequence: (_topic, partition, by) => void sequences.set(partition, (sequences.get(partition) ?? 0) + by),
      getTransactionalId: () => undefined,
      getProducerId: () => 1,
      getProducerEpoch: () => 0,
    },
    async retrier(attempt) {
      for (let n = 0; ; n += 1)
        try {
          return await attempt(
            (error) => {
              throw error
            },
            n,
            0,
          )
        } catch (error) {
          if (n === 3) throw error
        }
    },
  }
  return { parts, took, sequences }
}

const options = {
  acks: -1,
  timeout: 1,
  compression: 0,
  topicMessages: [{ topic: 't', messages: [{ key: '0' }, { key: '1' }] }],
}

test('a partition whose new leader has answered already is sent to it', async () => {
  const { parts, took, sequences } = rig()
  const confirmed = await createSendMessages(parts)(options)
  expect(took).toEqual(['1:0', '1:1'])
  expect(confirmed).toMatchObject([
    { topicName: 't', partition: 0 },
    { topicName: 't', partition: 1 },
  ])
  expect([...sequences]).toEqual([
    [0, 1],
    [1, 1],
  ])
})

test('a partition that is not in the metadata is waited for', async () => {
  const { parts, took } = rig({ hides: true })
  await createSendMessages(parts)(options)
  expect(took.sort()).toEqual(['1:0', '1:1'])
})

test('what cannot be sent is an error in the end', async () => {
  const { parts } = rig()
  const cluster = { ...parts.cluster, findTopicPartitionMetadata: () => [] }
  await expect(createSendMessages({ ...parts, cluster })(options)).rejects.toThrow('without metadata')
})

test('kafkajs by itself leaves it out and succeeds: the day this fails ours can go', async () => {
  const { parts, took } = rig()
  await own(parts)(options)
  expect(took).toEqual(['1:0'])
})
