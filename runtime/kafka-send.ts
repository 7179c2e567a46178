// How do messages reach the leaders of their partitions while leaders change? Each partition is sent until its own leader has confirmed it.
import { createRequire } from 'node:module'
import { groupByPartition } from './kafka-partitioner.ts'

const require = createRequire(import.meta.url)

interface Message {
  readonly key?: unknown
}

interface PartitionData {
  readonly partition: number
  readonly messages: readonly Message[]
  firstSequence?: number
}

interface TopicData {
  readonly topic: string
  readonly partitions: readonly PartitionData[]
}

interface ProduceResponse {
  readonly topics: readonly { readonly topicName: string; readonly partitions: readonly object[] }[]
}

interface Broker {
  produce(request: object): Promise<ProduceResponse>
}

/** The parts of kafkajs that its producer hands over. */
export interface SendParts {
  readonly logger: Record<'debug' | 'error', (text: string, more: object) => void>
  readonly cluster: {
    addMultipleTargetTopics(topics: readonly string[]): Promise<void>
    refreshMetadata(): Promise<void>
    refreshMetadataIfNecessary(): Promise<void>
    findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[]
    /** Partitions by the node that leads them; one that is not in the metadata is left out. */
    findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, readonly number[]>>
    findBroker(node: { nodeId: string }): Promise<Broker>
    isConnected(): boolean
    connect(): Promise<void>
    removeBroker(place: { host: unknown; port: unknown }): void
  }
  readonly partitioner: Parameters<typeof groupByPartition<Message>>[0]['partitioner']
  readonly eosManager: {
    acquireBrokerLock(broker: Broker): Promise<void>
    releaseBrokerLock(broker: Broker): Promise<void>
    isTransactional(): boolean
    addPartitionsToTransaction(data: readonly TopicData[]): Promise<void>
    getSequence(topic: string, partition: number): number
    updateSequence(topic: string, partition: number, by: number): void
    getTransactionalId(): string | undefined
    getProducerId(): unknown
    getProducerEpoch(): unknown
  }
  readonly retrier: <T>(
    attempt: (bail: (error: unknown) => void, retryCount: number, retryTime: number) => Promise<T>,
  ) => Promise<T>
}

export interface SendOptions {
  readonly acks: number
  readonly timeout: number
  readonly compression: number
  readonly topicMessages: readonly { readonly topic: string; readonly messages: readonly Message[] }[]
}

interface KafkaFailure extends Error {
  readonly retriable?: boolean
  readonly type?: string
  readonly host?: unknown
  readonly port?: unknown
}

/** Failures after which leaders may be others than the metadata says. */
const stale: ReadonlySet<string> = new Set([
  'KafkaJSMetadataNotLoaded',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
])

/**
 * In place of `kafkajs/src/producer/sendMessages`, which remembers brokers that have answered: a partition whose leader becomes one of those between two tries is
 * never sent, and the send succeeds; one that leaves such a broker is sent twice. Here partitions are remembered, and none of them is forgotten for want of metadata.
 */
export function createSendMessages({ logger, cluster, partitioner, eosManager, retrier }: SendParts) {
  const { KafkaJSMetadataNotLoaded } = require('kafkajs/src/errors') as {
    KafkaJSMetadataNotLoaded: new (text: string, more?: object) => Error
  }

  async function produce(broker: Broker, topicData: readonly TopicData[], options: SendOptions): Promise<object[]> {
    const { acks, timeout, compression } = options
    const all = topicData.flatMap(({ topic, partitions }) => partitions.map((data) => ({ topic, data })))
    await eosManager.acquireBrokerLock(broker)
    try {
      if (eosManager.isTransactional()) await eosManager.addPartitionsToTransaction(topicData)
      for (const { topic, data } of all) {
        data.firstSequence = eosManager.getSequence(topic, data.partition)
        eosManager.updateSequence(topic, data.partition, data.messages.length)
      }
      try {
        const response = await broker.produce({
          ...{ acks, timeout, compression, topicData },
          transactionalId: eosManager.isTransactional() ? eosManager.getTransactionalId() : undefined,
          producerId: eosManager.getProducerId(),
          producerEpoch: eosManager.getProducerEpoch(),
        })
        if (acks === 0) return []
        return response.topics.flatMap(({ topicName, partitions }) =>
          partitions.map((one) => Object.assign({ topicName }, one)),
        )
      } catch (error) {
        // The next try has the same numbers, so that a broker that took them knows them again.
        for (const { topic, data } of all) eosManager.updateSequence(topic, data.partition, -data.messages.length)
        throw error
      }
    } finally {
      await eosManager.releaseBrokerLock(broker)
    }
  }

  return async (options: SendOptions): Promise<object[]> => {
    const topics = options.topicMessages.map(({ topic }) => topic)
    /** What no leader has confirmed, by topic and partition; divided once, so that a topic that gets more partitions meanwhile changes nothing. */
    const left = new Map<string, Map<number, readonly Message[]>>()
    const confirmed: object[] = []

    const divide = (): void => {
      for (const { topic, messages } of options.topicMessages) {
        if (left.has(topic)) continue
        const partitionMetadata = cluster.findTopicPartitionMetadata(topic)
        if (partitionMetadata.length === 0)
          throw new KafkaJSMetadataNotLoaded('Producing to topic without metadata', { topic })
        const groups = groupByPartition({ topic, partitionMetadata, messages, partitioner })
        left.set(topic, new Map(Object.entries(groups).map(([partition, group]) => [Number(partition), group])))
      }
    }

    /** What is left, by the broker that leads it now. */
    const byLeader = async (): Promise<Map<Broker, TopicData[]>> => {
      const found = new Map<Broker, TopicData[]>()
      for (const [topic, partitions] of left) {
        const leaders = Object.entries(cluster.findLeaderForPartitions(topic, [...partitions.keys()]))
        if (leaders.reduce((sum, [, led]) => sum + led.length, 0) < partitions.size)
          throw new KafkaJSMetadataNotLoaded('A partition is not in the metadata', { topic })
        for (const [nodeId, led] of leaders) {
          const broker = await cluster.findBroker({ nodeId })
          const data = led.map((partition) => ({ partition, messages: partitions.get(partition) ?? [] }))
          found.set(broker, [...(found.get(broker) ?? []), { topic, partitions: data }])
        }
      }
      return found
    }

    const attempt = async (): Promise<void> => {
      await cluster.refreshMetadataIfNecessary()
      divide()
      const requests = [...(await byLeader())].map(async ([broker, topicData]) => {
        confirmed.push(...(await produce(broker, topicData, options)))
        for (const { topic, partitions } of topicData)
          for (const { partition } of partitions) left.get(topic)?.delete(partition)
      })
      // All of them, also after the first failure: what is still on its way must not be sent beside itself.
      const failed = (await Promise.allSettled(requests)).find(({ status }) => status === 'rejected')
      if (failed?.status === 'rejected') throw failed.reason
    }

    return retrier(async (bail, retryCount, retryTime) => {
      await cluster.addMultipleTargetTopics(topics)
      try {
        await attempt()
        return confirmed
      } catch (caught) {
        const error = caught as KafkaFailure
        if (error.name === 'KafkaJSConnectionClosedError') cluster.removeBroker({ host: error.host, port: error.port })
        if (!cluster.isConnected()) {
          logger.debug(`Cluster has disconnected, reconnecting: ${error.message}`, { retryCount, retryTime })
          await cluster.connect()
          await cluster.refreshMetadata()
          throw error
        }
        logger.error(`Failed to send messages: ${error.message}`, { retryCount, retryTime })
        if (stale.has(error.name) || (error.name === 'KafkaJSProtocolError' && error.retriable === true)) {
          await cluster.refreshMetadata()
          throw error
        }
        if (error.retriable === true) throw error
        bail(error)
        return confirmed
      }
    })
  }
}
