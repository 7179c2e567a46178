// How do correlations run beside everything else? A scheduled job with the rules in force, in the process that holds the schedule.
import type { Duty } from '../../processors/correlate/duty.ts'
import { type LinkedCorrelation, loadCorrelations } from '../../processors/correlate/link.ts'
import { createCorrelator } from '../../processors/correlate/round.ts'
import { CORRELATION_ID, createKafkaStore } from '../../processors/correlate/store.ts'
import type { RuleSet } from '../../processors/detect/sigma/load.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { dutySchedule } from '../../runtime/duty.ts'
import { SiagaError } from '../../runtime/errors.ts'
import type { KafkaAdmin, KafkaClient } from '../../runtime/kafka.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { loadReference, type Reference } from '../../runtime/reference.ts'
import type { Job } from '../../runtime/scheduler.ts'
import { topics } from '../../schemas/raw-event.ts'
import { findingMessage } from '../../sinks/findings.ts'
import type { RulesInForce } from '../worker/rules.ts'
import { partitionsBehind } from './jobs.ts'

export interface CorrelationParts {
  readonly config: ResolvedConfig
  readonly baseDir: string
  readonly rules: RulesInForce
  readonly kafka: KafkaClient
  readonly admin: KafkaAdmin
  readonly clickhouse: ClickHouse
  readonly metrics: Metrics
  readonly log: Log
}

const DAY_MS = 86_400_000

/** The job of correlations; `stop` waits for the round under way. Rules that change are taken up by the next round. */
export function correlationJob(parts: CorrelationParts): { job: Job; stop(): Promise<void> } {
  const { config, baseDir, rules, kafka, admin, clickhouse, metrics, log } = parts
  const { interval_seconds, grace_seconds } = config.correlations
  let correlations = linked(rules.current, log)
  const endRules = rules.onChange((set) => {
    correlations = linked(set, log)
  })
  const startedAt = Date.now()
  const create = () =>
    createCorrelator({
      clickhouse,
      store: createKafkaStore({
        kafka,
        transactionalId: CORRELATION_ID,
        stateTopic: topics.correlations,
        findingsTopic: topics.findings,
        findingMessage,
      }),
      correlations: () => correlations,
      duties: dutiesOf(config, loadReference(config, baseDir)),
      async watermark(received) {
        const behind = await partitionsBehind(admin)
        return Math.min(Date.now(), ...behind.map(({ partition }) => received.get(partition) || startedAt))
      },
      graceMs: grace_seconds * 1000,
      keepMs: Math.max(config.retention.days, config.retention.election_days) * DAY_MS,
    })
  let correlator = create()
  let ended = false
  let running: Promise<unknown> = Promise.resolve()

  const round = async (): Promise<void> => {
    const end = metrics.correlationSeconds.startTimer()
    try {
      const { findings } = await correlator.round()
      for (const { severity } of findings) metrics.findings.inc({ severity })
    } catch (error) {
      if (!(error instanceof SiagaError) || error.code !== 'SCHEDULER_FENCED') throw error
      // Another process had the schedule meanwhile. If this one has it (again), its next round begins from what is kept and takes over.
      await correlator.close()
      correlator = create()
      log.warn(
        { code: error.code, action: error.action },
        'another process has correlated meanwhile; the next round begins anew',
      )
    } finally {
      end()
    }
  }
  return {
    job: {
      name: 'correlations',
      when: `*/${interval_seconds} * * * * *`,
      // A round goes on from where the last one ended, whoever ran it.
      catchUp: 'none',
      async run({ signal }) {
        if (ended || signal.aborted) return
        const begun = round()
        running = begun.catch(() => undefined)
        await begun
      },
    },
    async stop() {
      ended = true
      endRules()
      await running
      await correlator.close()
    },
  }
}

/** What the configured rooms have to do. */
function dutiesOf(
  { rooms, reports }: Pick<ResolvedConfig, 'rooms' | 'reports'>,
  reference: Pick<Reference, 'regions' | 'phases'>,
): Duty[] {
  return rooms.map(({ id, region, owner }) => ({
    room: id,
    region,
    owner,
    ...dutySchedule({ region }, reports, reference),
  }))
}

function linked(set: RuleSet, log: Log): readonly LinkedCorrelation[] {
  const { correlations, problems } = loadCorrelations(set.correlations, set.rules)
  for (const { file, line, rule, reason } of problems)
    log.warn({ file, line, rule, reason }, 'a correlation is not used')
  return correlations
}
