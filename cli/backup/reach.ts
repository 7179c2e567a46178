// How does a back-up reach Kafka and ClickHouse? As they run; embedded ones that nobody runs are started for as long as it takes.
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { createKafka, type KafkaAdmin, type KafkaClient } from '../../runtime/kafka.ts'
import { silentLog } from '../../runtime/log.ts'
import { clickHouseOptions, explainUnavailable } from '../clickhouse-access.ts'
import { CommandError, type Frame } from '../frame.ts'
import { holderOf } from '../holder.ts'
import { kafkaConnection, reachKafka, soon } from '../kafka-access.ts'
import { startServices } from '../start/services.ts'
import type { Progress } from '../terminal.ts'

export interface Reach {
  readonly clickhouse: ClickHouse
  readonly kafka: KafkaClient
  readonly admin: KafkaAdmin
  /** Lets go of both, and stops what was started here. */
  close(): Promise<void>
}

export interface ReachOptions {
  readonly alone: boolean
  readonly masterKey: Buffer
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** `alone`: nobody else may use the data directory meanwhile. `masterKey`: of embedded services. Rejects with the errors of both, or DATA_DIR_IN_USE; nothing is left running then. */
export async function reachServices(
  config: ResolvedConfig,
  frame: Pick<Frame, 'env'>,
  { alone, masterKey, progress, signal }: ReachOptions,
): Promise<Reach> {
  // It would be one without the events: they lie on the shards.
  if (config.clickhouse.cluster !== undefined)
    throw new CommandError(
      'siaga backup and siaga restore know one ClickHouse server, and clickhouse.cluster names several.',
      'Back up each server with BACKUP DATABASE siaga, siaga_shard of ClickHouse itself.',
    )
  const runs = !alone && holderOf(config.data_dir) !== undefined
  const services = runs ? undefined : await startServices(config, masterKey, progress, signal)
  const clickhouse = createClickHouse(clickHouseOptions(config, frame.env, 'admin'))
  let admin: KafkaAdmin | undefined
  const close = async (): Promise<void> => {
    await admin?.disconnect().catch(() => undefined)
    await clickhouse.close()
    await services?.stop()
  }
  try {
    if (!(await clickhouse.ping()))
      throw explainUnavailable(new SiagaError('CLICKHOUSE_UNAVAILABLE', { detail: 'no answer' }), config)
    const kafka =
      config.kafka.brokers.length > 0 || runs
        ? await reachKafka(config, frame.env)
        : createKafka({ ...kafkaConnection(config, frame.env), clientId: 'siaga-cli', log: silentLog })
    admin = await soon(kafka.connectAdmin())
    return { clickhouse, kafka, admin, close }
  } catch (error) {
    await close()
    throw error
  }
}
