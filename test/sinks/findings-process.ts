// A sink of findings in a process of its own that dies between insert and commit: `findings-process.ts BROKER CLICKHOUSE(JSON) TOPIC GROUP TABLE DEAD`.
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { createKafka } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { createLog } from '../../runtime/log.ts'
import { startFindingsSink } from '../../sinks/clickhouse/findings.ts'

const [broker = '', access = '', topic = '', groupId = '', table = '', deadLetters = ''] = process.argv.slice(2)
const log = createLog('error', 'findings-process')
const kafka = createKafka({ brokers: [broker], clientId: 'findings-process', log })
startFindingsSink({
  kafka: {
    consume: (options) =>
      kafka.consume({
        ...options,
        onBatch: (batch) =>
          options.onBatch({
            ...batch,
            // As the machine does it: no goodbye to the group, nothing flushed.
            commit: async () => {
              process.kill(process.pid, 'SIGKILL')
            },
          }),
      }),
  },
  clickhouse: createClickHouse(JSON.parse(access)),
  producer: createBatchingProducer(kafka, log),
  log,
  metrics: { done: () => undefined, retried: () => undefined, lag: () => undefined },
  topic,
  groupId,
  table,
  deadLetters,
})
// Its parent is gone: nobody waits for it any more.
process.on('disconnect', () => process.exit())
