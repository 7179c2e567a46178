// Can events flow? Asked of every part, with the reason in words for each that cannot.
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { errorText } from '../../runtime/errors.ts'
import type { KafkaAdmin } from '../../runtime/kafka.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { topics } from '../../schemas/raw-event.ts'

const TIMEOUT_MS = 2_000

export interface ReadinessParts {
  kafka?: KafkaAdmin
  clickhouse?: ClickHouse
  workers?: { readonly running: number }
  /** False until everything has been started, and again when stopping begins. */
  started: () => boolean
}

/** A function that answers the reasons why this process is not ready; none means ready. */
export function createReadiness({ kafka, clickhouse, workers, started }: ReadinessParts): () => Promise<string[]> {
  return async () => {
    const reasons: string[] = []
    if (!started()) reasons.push('starting or stopping')
    if (workers !== undefined && workers.running === 0) reasons.push('no processor worker is running')
    const [kafkaTrouble, clickhouseTrouble] = await Promise.all([
      kafka === undefined ? '' : trouble(kafka.offsets(topics.raw)),
      clickhouse === undefined ? '' : trouble(clickhouse.command('SELECT 1')),
    ])
    if (kafkaTrouble !== '') reasons.push(`Kafka does not answer: ${kafkaTrouble}`)
    if (clickhouseTrouble !== '') reasons.push(`ClickHouse does not answer: ${clickhouseTrouble}`)
    return reasons
  }
}

async function trouble(work: Promise<unknown>): Promise<string> {
  const timeout = Promise.withResolvers<string>()
  const timer = setTimeout(() => timeout.resolve('no answer in time'), TIMEOUT_MS)
  try {
    return await Promise.race([work.then(() => ''), timeout.promise])
  } catch (error) {
    return errorText(error)
  } finally {
    clearTimeout(timer)
  }
}

/** The metrics as Prometheus reads them, with whether this process is ready at this moment. */
export async function metricsText(
  { ready, registry }: Pick<Metrics, 'ready' | 'registry'>,
  notReady: () => Promise<readonly string[]>,
): Promise<string> {
  ready.set((await notReady()).length === 0 ? 1 : 0)
  return registry.metrics()
}
