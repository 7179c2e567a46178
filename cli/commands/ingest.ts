// siaga ingest: the collectors alone, near the devices they listen to.
import { createKafka } from '../../runtime/kafka.ts'
import { createLog } from '../../runtime/log.ts'
import { createMetrics } from '../../runtime/metrics.ts'
import { adoptMasterKey } from '../../runtime/secrets.ts'
import { ensureTopics, keepTopics, topicSettings } from '../../runtime/topics.ts'
import { createWebServer } from '../../web/server.ts'
import type { CliCommand, Frame } from '../frame.ts'
import { kafkaConnection, tellTrouble } from '../kafka-access.ts'
import { startCollectors } from '../start/collectors.ts'
import { createReadiness, metricsText } from '../start/readiness.ts'
import { takeSockets } from '../start/sockets.ts'
import { Teardown } from '../start/teardown.ts'
import { openWebPort } from '../start/web-port.ts'

export const ingest: CliCommand = {
  name: 'ingest',
  summary: 'Run the collectors alone: HTTP, syslog, RELP and files into Kafka.',
  ringkasan: 'Jalankan pengumpul saja: HTTP, syslog, RELP, dan berkas ke Kafka.',
  details:
    'Every collector that shares a Kafka must have the same master key (SIAGA_MASTER_KEY), so that tokens agree.',
  examples: [
    { run: 'KAFKA_BROKERS=k1:9092,k2:9092 siaga ingest', what: 'pengumpul di satu kantor / collectors in one office' },
  ],
  build(command, frame) {
    command.action(() => run(frame))
  },
}

async function run(frame: Frame): Promise<void> {
  const { config, baseDir } = frame.config()
  const sockets = takeSockets(config, frame.env)
  const progress = frame.progress()
  const teardown = new Teardown()
  const asked = teardown.onSignal(() => progress.doing('stopping'))
  try {
    // Before Kafka is waited for: a wrong key is told at once.
    const masterKey = adoptMasterKey(config.data_dir, frame.env)
    const log = createLog(config.log_level)
    const metrics = createMetrics()
    const connection = kafkaConnection(config, frame.env)
    const kafka = createKafka({ ...connection, clientId: 'siaga-ingest', log })
    progress.doing(`connecting to Kafka at ${connection.brokers.join(', ')}`)
    await tellTrouble(connection, progress)
    const settings = topicSettings(config, config.sources)
    const connected = await Promise.race([ensureTopics(kafka, settings), teardown.aborted])
    if (connected === undefined) return
    teardown.add('topics', 1, keepTopics(connected, settings, log))
    teardown.add('kafka admin', 2, () => connected.disconnect())
    const notReady = createReadiness({ kafka: connected, started: () => !teardown.signalled })
    const app = createWebServer({
      http: config.http,
      notReady,
      metrics: () => metricsText(metrics, notReady),
      metricsContentType: metrics.registry.contentType,
      status: async () => ({ reasons: [] }),
    })
    const collectors = await startCollectors({
      config,
      baseDir,
      kafka,
      masterKey,
      log,
      metrics,
      app,
      role: 'ingest',
      sockets,
    })
    teardown.add('collectors', 1, () => collectors.stop())
    progress.done(`HTTP ${await openWebPort(app, config.http, sockets)}`)
    teardown.add('web', 0, () => app.close())
    for (const { name, addresses } of collectors.collectors) progress.done(`${name} ${addresses.join(', ')}`)
    progress.done('collecting; Ctrl-C stops')
    await asked
  } finally {
    await teardown.run()
    progress.stop()
  }
}
