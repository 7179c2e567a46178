// A RELP collector in a process of its own, to be killed: `collector-process.ts BROKER TOPIC PORT`. Tells its parent how much was accepted.
import { createRawWriter } from '../../ingest/raw-writer.ts'
import { startRelp } from '../../ingest/relp/relp.ts'
import { createKafka } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { createLog } from '../../runtime/log.ts'
import { testDependencies } from '../ingest/syslog/support.ts'

const [broker = '', topic = '', port = ''] = process.argv.slice(2)
const log = createLog('warn', 'collector-process')
const producer = createBatchingProducer(createKafka({ brokers: [broker], clientId: 'collector-process', log }), log)
const dependencies = testDependencies([{ id: 'kpu', networks: ['127.0.0.1'] }])
await startRelp(
  { host: '127.0.0.1', port: Number(port) },
  {
    ...dependencies,
    log,
    writer: createRawWriter(producer, topic),
    metrics: { ...dependencies.metrics, accepted: (_source, events) => process.send?.(events) },
  },
)
// Its parent is gone: nobody will kill it any more.
process.on('disconnect', () => process.exit())
