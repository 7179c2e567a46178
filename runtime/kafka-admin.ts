// What is asked of the brokers beside messages: topics, offsets, what a group has committed.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { z } from 'zod'
import { SiagaError } from './errors.ts'
import type { KafkaAdmin } from './kafka.ts'

/** Kafka's number of this kind of resource (protocol, DescribeConfigs). */
const TOPIC = 2

/** Connects it. */
export async function connectAdmin(admin: Admin): Promise<KafkaAdmin> {
  await admin.connect()
  return {
    async ensureTopics(topics) {
      const existing = new Set(await admin.listTopics())
      const made: string[] = []
      for (const { topic, partitions, replication, config } of topics) {
        if (existing.has(topic)) continue
        const created = await admin.createTopics({
          // kafkajs gives up at once if the broker it asks has not heard of the new topic yet; `leadersOf` waits.
          waitForLeaders: false,
          topics: [
            {
              topic,
              numPartitions: partitions,
              replicationFactor: replication,
              configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
            },
          ],
        })
        if (created) made.push(topic)
      }
      if (made.length > 0) await leadersOf(admin, made)
      return made
    },
    async offsets(topic) {
      const rows = await admin.fetchTopicOffsets(topic)
      return rows.map((row) => ({ partition: row.partition, low: Number(row.low), high: Number(row.high) }))
    },
    async committed(groupId, topic) {
      const [row] = await admin.fetchOffsets({ groupId, topics: [topic] })
      return (row?.partitions ?? []).map((p) => ({
        partition: p.partition,
        offset: Number(p.offset),
        metadata: p.metadata ?? '',
      }))
    },
    async members(groupId) {
      const { groups } = await admin.describeGroups([groupId])
      return groups.reduce((sum, { members }) => sum + members.length, 0)
    },
    async setCommitted(groupId, topic, offsets) {
      const partitions = offsets.map(({ partition, offset }) => ({ partition, offset: String(offset) }))
      if (partitions.length > 0) await admin.setOffsets({ groupId, topic, partitions })
    },
    async forgetGroup(groupId) {
      // A group that is not there is refused as one that cannot be deleted.
      const { groups } = await admin.listGroups()
      if (groups.some((group) => group.groupId === groupId)) await admin.deleteGroups([groupId])
    },
    async clusterId() {
      return (await admin.describeCluster()).clusterId
    },
    async describe(wanted) {
      const [cluster, existing] = await Promise.all([admin.describeCluster(), admin.listTopics()])
      const names = wanted.filter((topic) => existing.includes(topic))
      // Without a name kafkajs asks for all.
      if (names.length === 0) return { brokers: cluster.brokers.length, topics: [] }
      const [{ topics }, { resources }] = await Promise.all([
        admin.fetchTopicMetadata({ topics: names }),
        admin.describeConfigs({
          includeSynonyms: false,
          resources: names.map((name) => ({ type: TOPIC, name })),
        }),
      ])
      const configs = new Map(
        resources.map(({ resourceName, configEntries }) => [
          resourceName,
          Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
        ]),
      )
      return {
        brokers: cluster.brokers.length,
        topics: topics.map(({ name, partitions }) => ({
          topic: name,
          partitions: partitions.map(({ partitionId, leader, replicas, isr }) => ({
            partition: partitionId,
            leader,
            replicas: replicas.length,
            inSync: isr.length,
          })),
          config: configs.get(name) ?? {},
        })),
      }
    },
    async alterTopics(topics) {
      await admin.alterConfigs({
        validateOnly: false,
        resources: topics.map(({ topic, config }) => ({
          type: TOPIC,
          name: topic,
          configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
        })),
      })
    },
    deleteTopic: (topic) => admin.deleteTopics({ topics: [topic] }),
    async deleteRecords(topic, offsets) {
      // kafkajs deletes only from topics that it has asked about before. Behind the end are offsets of a topic that was made anew since.
      const bounds = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, ...row }) => [partition, row]))
      const partitions = offsets.flatMap(({ partition, offset }) => {
        const { low = 0, high = 0 } = bounds.get(partition) ?? {}
        return offset > Number(low) && offset <= Number(high) ? [{ partition, offset: String(offset) }] : []
      })
      try {
        if (partitions.length > 0) await admin.deleteTopicRecords({ topic, partitions })
      } catch (cause) {
        throw forbidden(cause) ? new SiagaError('KAFKA_FORBIDDEN', { detail: `Delete on ${topic}` }, { cause }) : cause
      }
    },
    disconnect: () => admin.disconnect(),
  }
}

/** kafkajs tells of each partition what the broker said, within what it says itself. */
const Refusal = z.object({ partitions: z.array(z.object({ error: z.object({ type: z.string() }) })) })

function forbidden(error: unknown): boolean {
  const { data } = Refusal.safeParse(error instanceof Error ? (error.cause ?? error) : undefined)
  return data?.partitions.some((partition) => partition.error.type === 'TOPIC_AUTHORIZATION_FAILED') ?? false
}

const LEADERS_WAIT_MS = 15_000

/** Resolves when every partition of the topics has a leader. */
async function leadersOf(admin: Admin, topics: string[]): Promise<void> {
  const deadline = Date.now() + LEADERS_WAIT_MS
  for (;;) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics })
      if (found.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)))
        return
    } catch (error) {
      if (Date.now() > deadline || !(error instanceof Error && 'retriable' in error && error.retriable === true))
        throw error
    }
    if (Date.now() > deadline)
      throw new SiagaError('KAFKA_UNAVAILABLE', { detail: `no leader for ${topics.join(', ')}` })
    await sleep(100)
  }
}
