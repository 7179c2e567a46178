// Does the board know that it has read everything, also when nobody holds the alerts and nothing comes after it?
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createKafka } from '../../../runtime/kafka.ts'
import { createBatchingProducer } from '../../../runtime/kafka-producer.ts'
import { createKafkaState } from '../../../runtime/kafka-state.ts'
import { silentLog } from '../../../runtime/log.ts'
import { startAlertBoard } from '../../../sinks/alerts/board.ts'
import { getServices } from '../../services.ts'

test('a board is ready when it has read what was kept, whose last record is the end of a transaction', async () => {
  const { brokers } = await getServices()
  const topic = `board-${randomUUID()}`
  const kafka = createKafka({ brokers, clientId: 'board-test', log: silentLog })
  const admin = await kafka.connectAdmin()
  await admin.ensureTopics([{ topic, partitions: 1, replication: 1, config: { 'cleanup.policy': 'compact' } }])
  const state = createKafkaState({ kafka, transactionalId: topic, topic })
  await state.open()
  await state.commit([['suppression/s-1', { kind: 'suppression', suppression: { suppression_id: 's-1' } }]])
  await state.close()
  // The broker writes that mark after it has answered.
  await expect.poll(async () => (await admin.offsets(topic))[0]?.high).toBe(4)

  const producer = createBatchingProducer(kafka, silentLog)
  const board = startAlertBoard({ kafka, admin, producer, log: silentLog, topic })
  await board.ready
  expect(board.last()).toBe(3)
  await board.stop()
  await producer.close()
  await admin.deleteTopic(topic)
  await admin.disconnect()
})
