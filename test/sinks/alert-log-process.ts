// A sink of the alert log in a process of its own that dies between insert and commit: `alert-log-process.ts BROKER CLICKHOUSE(JSON) TOPIC GROUP DEAD`.
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { createKafka } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { createLog } from '../../runtime/log.ts'
import { startAlertLogSink } from '../../sinks/clickhouse/alert-log.ts'

const [broker = '', access = '', topic = '', groupId = '', deadLetters = ''] = process.argv.slice(2)
const log = createLog('error', 'alert-log-process')
const kafka = createKafka({ brokers: [broker], clientId: 'alert-log-process', log })
startAlertLogSink({
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
  deadLetters,
})
// Its parent is gone: nobody waits for it any more.
process.on('disconnect', () => process.exit())
