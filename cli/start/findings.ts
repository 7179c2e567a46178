// How do findings land beside everything else? A consumer in the main process; its dead letters go by a producer of its own.
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { KafkaClient } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { startFindingsSink } from '../../sinks/clickhouse/findings.ts'

export interface FindingsParts {
  readonly kafka: KafkaClient
  readonly clickhouse: ClickHouse
  readonly metrics: Metrics
  readonly log: Log
}

/** Lands findings until `stop`, which finishes the page under way. */
export function landFindings({ kafka, clickhouse, metrics, log }: FindingsParts): { stop(): Promise<void> } {
  const producer = createBatchingProducer(kafka, log)
  const sink = startFindingsSink({
    kafka,
    clickhouse,
    producer,
    log,
    metrics: {
      done({ landed, repeats, dead }) {
        metrics.findingsLanded.inc(landed)
        metrics.findingsRepeats.inc(repeats)
        metrics.findingsDead.inc(dead)
      },
      retried: () => metrics.findingsRetries.inc(),
      lag: (messages) => metrics.findingsLag.set(messages),
    },
  })
  return {
    async stop() {
      await sink.stop()
      await producer.close(500)
    },
  }
}
