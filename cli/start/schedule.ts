// What does `siaga start` do by the clock, and who of several does it? Every job, under one lease.
import type { ClickHouse, ClickHouseOptions } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { KafkaAdmin, KafkaClient } from '../../runtime/kafka.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { loadReference } from '../../runtime/reference.ts'
import { keepSchedule } from '../../runtime/schedule.ts'
import type { EventStores } from '../../sinks/clickhouse/event-stores.ts'
import type { IndicatorStore } from '../../sinks/clickhouse/indicators.ts'
import type { RulesInForce } from '../worker/rules.ts'
import { correlationJob } from './correlate.ts'
import { dailyJob } from './daily.ts'
import { type HistoryWork, historyWork } from './history.ts'
import { huntJobs } from './hunts.ts'
import { jobs } from './jobs.ts'
import { silenceJob } from './silence.ts'
import type { Teardown } from './teardown.ts'
import { webFloodJob } from './web-flood.ts'

export interface ScheduleParts {
  readonly config: ResolvedConfig
  readonly baseDir: string
  readonly kafka: KafkaClient
  readonly admin: KafkaAdmin
  readonly clickhouse: ClickHouse
  /** Where the rows of events lie. */
  readonly stores: EventStores
  /** Asks the scheduled hunts. */
  readonly reader: ClickHouseOptions
  readonly store: IndicatorStore
  readonly rules: RulesInForce
  readonly metrics: Metrics
  readonly log: Log
}

/** Starts the schedule; answers the hunt in history, which feeds ask too. */
export function startSchedule(parts: ScheduleParts, teardown: Teardown): HistoryWork {
  const { config, kafka, clickhouse, stores, store, metrics, log } = parts
  const history = historyWork({ config, kafka, clickhouse, stores, indicators: store, metrics, log })
  teardown.add('history', 1, () => history.stop())
  const work = [
    { name: 'correlations', wanted: config.correlations.enabled, make: () => correlationJob(parts) },
    { name: 'silence', wanted: config.alerts.silence.enabled, make: () => silenceJob(parts) },
    { name: 'web floods', wanted: config.alerts.web_flood.enabled, make: () => webFloodJob(parts) },
  ]
  const { baseDir } = parts
  const daily = dailyJob({ config, baseDir, reference: loadReference(config, baseDir), clickhouse })
  const scheduled = [...jobs(clickhouse, stores, metrics, config.data_dir), daily, ...history.jobs, ...huntJobs(parts)]
  for (const { name, wanted, make } of work) {
    if (!wanted) continue
    const { job, stop } = make()
    teardown.add(name, 1, stop)
    scheduled.push(job)
  }
  const schedule = keepSchedule(scheduled, {
    kafka,
    log,
    now: Date.now,
    onHeld: (held) => metrics.leaseHeld.set({ lease: 'schedule' }, held ? 1 : 0),
  })
  teardown.add('scheduler', 0, () => schedule.stop())
  return history
}
