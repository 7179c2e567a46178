// siaga process: the processors alone, for a machine of their own beside others in the same consumer group.
import { createKafka } from '../../runtime/kafka.ts'
import { createLog } from '../../runtime/log.ts'
import { createMetrics } from '../../runtime/metrics.ts'
import { loadReference } from '../../runtime/reference.ts'
import { ensureTopics, topicSettings } from '../../runtime/topics.ts'
import { clickHouseOptions, shardOptions } from '../clickhouse-access.ts'
import type { CliCommand, Frame } from '../frame.ts'
import { kafkaConnection, tellTrouble } from '../kafka-access.ts'
import { cacheDir } from '../start/folders.ts'
import { serveHealth } from '../start/health.ts'
import { startIndicators } from '../start/indicators.ts'
import { configInForce } from '../start/policy.ts'
import { Teardown } from '../start/teardown.ts'
import { prepareAddresses } from '../worker/addresses.ts'
import { startWorkers } from '../worker/pool.ts'
import { keepRules } from '../worker/rules.ts'

export const processCommand: CliCommand = {
  name: 'process',
  summary: 'Run the processors alone: Kafka in, ClickHouse out.',
  ringkasan: 'Jalankan pemroses saja: dari Kafka ke ClickHouse.',
  details:
    'Run it on as many machines as you like: they share the partitions of siaga.raw. Health and metrics: processors.metrics_port.',
  examples: [
    {
      run: 'KAFKA_BROKERS=k1:9092 CLICKHOUSE_URL=http://siaga:secret@ch:8123 siaga process',
      what: 'Kafka dan ClickHouse sendiri / services of your own',
    },
  ],
  build(command, frame) {
    command.action(() => run(frame))
  },
}

async function run(frame: Frame): Promise<void> {
  const progress = frame.progress()
  const teardown = new Teardown()
  const asked = teardown.onSignal(() => progress.doing('stopping: landing what is held'))
  const up = bringUp(frame, progress, teardown)
  up.catch(() => undefined)
  try {
    // Whoever asks it to stop while it still waits for Kafka or ClickHouse does not wait for them too.
    await Promise.race([up, asked])
  } catch (error) {
    if (!teardown.signalled) throw error
  }
  await asked
  await teardown.run()
  progress.done('stopped')
}

async function bringUp(frame: Frame, progress: ReturnType<Frame['progress']>, teardown: Teardown): Promise<void> {
  const { config, baseDir } = frame.config()
  const log = createLog(config.log_level)
  const metrics = createMetrics()
  progress.doing('address databases (made once)')
  await prepareAddresses(cacheDir(config), teardown.signal)
  const connection = kafkaConnection(config, frame.env)
  const clickhouse = clickHouseOptions(config, frame.env, 'pipeline')
  progress.doing(`connecting to Kafka at ${connection.brokers.join(', ')}`)
  await tellTrouble(connection, progress)
  const kafka = createKafka({ ...connection, clientId: 'siaga-process', log })
  await (await ensureTopics(kafka, topicSettings(config, config.sources))).disconnect()
  const reference = loadReference(config, baseDir)
  const inForce = await configInForce({ config, reference, kafka, log, say: (line) => progress.done(line) })
  const rules = keepRules(inForce, baseDir, log)
  teardown.add('rules', 0, async () => rules.stop())
  const { indicators } = await startIndicators(config, clickhouse, metrics, log, teardown)
  const shards = shardOptions(config, frame.env, 'pipeline')
  const parts = { config: inForce, baseDir, cacheDir: cacheDir(config), kafka: connection, clickhouse, shards }
  teardown.signal.throwIfAborted()
  const workers = startWorkers(parts, rules, indicators, metrics, log)
  teardown.add('workers', 0, () => workers.stop(10_000))
  if (config.processors.metrics_port > 0) {
    const address = await serveHealth(
      config,
      metrics,
      async () => (workers.running > 0 ? [] : ['no worker is running']),
      teardown,
    )
    progress.done(`health and metrics ${address}`)
  }
  await Promise.race([workers.ready(), teardown.aborted])
  if (!teardown.signalled) progress.done(`${workers.running} workers run; Ctrl-C stops`)
}
