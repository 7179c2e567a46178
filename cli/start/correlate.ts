// How do correlations run beside everything else? A scheduled job with the rules in force, until another scheduler takes over.
import { type LinkedCorrelation, loadCorrelations } from '../../processors/correlate/link.ts'
import { createCorrelator } from '../../processors/correlate/round.ts'
import { CORRELATION_ID, createKafkaStore } from '../../processors/correlate/store.ts'
import type { RuleSet } from '../../processors/detect/sigma/load.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { SiagaError } from '../../runtime/errors.ts'
import type { KafkaAdmin, KafkaClient } from '../../runtime/kafka.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { Job } from '../../runtime/scheduler.ts'
import { PROCESSOR_GROUP } from '../../runtime/topics.ts'
import { topics } from '../../schemas/raw-event.ts'
import { findingMessage } from '../../sinks/findings.ts'
import { loadConfiguredRules, watchRules } from '../worker/rules.ts'

export interface CorrelationParts {
  readonly config: ResolvedConfig
  readonly baseDir: string
  readonly kafka: KafkaClient
  readonly admin: KafkaAdmin
  readonly clickhouse: ClickHouse
  readonly metrics: Metrics
  readonly log: Log
}

const DAY_MS = 86_400_000

/** The job of correlations; `stop` waits for the round under way. Rules that change are taken up by the next round. */
export function correlationJob(parts: CorrelationParts): { job: Job; stop(): Promise<void> } {
  const { config, baseDir, kafka, admin, clickhouse, metrics, log } = parts
  const { interval_seconds, grace_seconds } = config.correlations
  let correlations = linked(loadConfiguredRules(config, baseDir), log)
  const endWatch = watchRules(config, baseDir, log, (set) => {
    correlations = linked(set, log)
  })
  const startedAt = Date.now()
  const correlator = createCorrelator({
    clickhouse,
    store: createKafkaStore({
      kafka,
      transactionalId: CORRELATION_ID,
      stateTopic: topics.correlations,
      findingsTopic: topics.findings,
      findingMessage,
    }),
    correlations: () => correlations,
    async watermark(received) {
      const behind = await partitionsBehind(admin)
      return Math.min(Date.now(), ...behind.map((partition) => received.get(partition) || startedAt))
    },
    graceMs: grace_seconds * 1000,
    keepMs: Math.max(config.retention.days, config.retention.election_days) * DAY_MS,
  })
  let ended = false
  let running: Promise<unknown> = Promise.resolve()

  const round = async (): Promise<void> => {
    const end = metrics.correlationSeconds.startTimer()
    try {
      const { findings } = await correlator.round()
      for (const { severity } of findings) metrics.findings.inc({ severity })
    } catch (error) {
      if (!(error instanceof SiagaError) || error.code !== 'SCHEDULER_FENCED') throw error
      ended = true
      await correlator.close()
      log.error({ code: error.code, action: error.action }, 'correlations stop here: another scheduler has taken over')
    } finally {
      end()
    }
  }
  return {
    job: {
      name: 'correlations',
      when: `*/${interval_seconds} * * * * *`,
      async run() {
        if (ended) return
        const begun = round()
        running = begun.catch(() => undefined)
        await begun
      },
    },
    async stop() {
      const last = !ended
      ended = true
      endWatch()
      await running
      if (last) await correlator.close()
    },
  }
}

function linked(set: RuleSet, log: Log): readonly LinkedCorrelation[] {
  const { correlations, problems } = loadCorrelations(set.correlations, set.rules)
  for (const { file, line, rule, reason } of problems)
    log.warn({ file, line, rule, reason }, 'a correlation is not used')
  return correlations
}

/** Partitions with messages that have not landed yet. */
async function partitionsBehind(admin: KafkaAdmin): Promise<number[]> {
  const [offsets, committed] = await Promise.all([
    admin.offsets(topics.raw),
    admin.committed(PROCESSOR_GROUP, topics.raw),
  ])
  const done = new Map(committed.map(({ partition, offset }) => [partition, offset]))
  return offsets.flatMap(({ partition, low, high }) =>
    high > Math.max(low, done.get(partition) ?? low) ? [partition] : [],
  )
}
