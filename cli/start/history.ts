// How are new indicators looked for in history? A scheduled job beside everything else, and a question for feeds: what would these match?
import { createHistory } from '../../processors/correlate/history.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { KafkaClient } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { Job } from '../../runtime/scheduler.ts'
import type { Indicator } from '../../schemas/indicator.ts'
import { topics } from '../../schemas/raw-event.ts'
import type { EventStores } from '../../sinks/clickhouse/event-stores.ts'
import type { IndicatorStore } from '../../sinks/clickhouse/indicators.ts'
import { findingMessage } from '../../sinks/findings.ts'

export interface HistoryParts {
  readonly config: Pick<ResolvedConfig, 'intelligence' | 'score'>
  readonly kafka: KafkaClient
  readonly clickhouse: ClickHouse
  readonly stores: Pick<EventStores, 'all'>
  readonly indicators: Pick<IndicatorStore, 'give'>
  readonly metrics: Metrics
  readonly log: Log
}

export interface HistoryWork {
  /** None if `history_days` is 0. */
  readonly jobs: readonly Job[]
  /** How many of the last hour's events these indicators would match, and how many there were. */
  traffic(indicators: Iterable<Indicator>): Promise<{ readonly matched: number; readonly events: number }>
  /** Ends the hunt under way after its slice; it begins anew with the next start. */
  stop(): Promise<void>
}

export function historyWork({
  config,
  kafka,
  clickhouse,
  stores,
  indicators,
  metrics,
  log,
}: HistoryParts): HistoryWork {
  const { history_days: days, history_when: when } = config.intelligence
  const producer = createBatchingProducer(kafka, log)
  const history = createHistory({
    clickhouse,
    days,
    weights: config.score,
    holders: stores.all.map((store) => ({ clickhouse: store.clickhouse, events: `${store.database}.events` })),
    send: (findings) => producer.send(topics.findings, findings.map(findingMessage)),
  })
  const stopping = new AbortController()
  let running: Promise<unknown> = Promise.resolve()

  const hunt = async (signal: AbortSignal): Promise<void> => {
    const end = metrics.historySeconds.startTimer()
    const hunted = await history.hunt(Date.now(), {
      signal,
      onProgress: (done, of) => metrics.historySlicesLeft.set(of - done),
    })
    if (hunted === undefined || hunted.indicators === 0) return
    end()
    metrics.historyFindings.inc(hunted.findings.length)
    if (hunted.cut)
      log.warn({ indicators: hunted.indicators, findings: hunted.findings.length }, 'more was in history than is told')
  }
  return {
    jobs:
      days === 0
        ? []
        : [
            {
              name: 'indicators in history',
              when,
              // A hunt looks at all that is new since the one before: one makes up for any number.
              catchUp: 'once',
              async run({ signal }) {
                if (stopping.signal.aborted) return
                const begun = hunt(AbortSignal.any([signal, stopping.signal]))
                running = begun.catch(() => undefined)
                await begun
              },
            },
          ],
    async traffic(asked) {
      const { version, drop } = await indicators.give(asked)
      try {
        return await history.traffic(version, Date.now())
      } finally {
        await drop()
      }
    },
    async stop() {
      stopping.abort()
      await running
      await producer.close(500)
    },
  }
}
