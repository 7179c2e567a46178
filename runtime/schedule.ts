// Who runs which job? Some run in every process, the others in the one that holds the schedule.
import { createJobRuns } from './job-runs.ts'
import type { KafkaClient } from './kafka.ts'
import { keepLease, type Lease } from './lease.ts'
import type { Log } from './log.ts'
import { type Job, runAsHolder, startScheduler } from './scheduler.ts'

export interface ScheduleOptions {
  readonly kafka: KafkaClient
  readonly log: Log
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  /** Name of the lease, and of what is kept of its runs. */
  readonly name?: string
  readonly topic?: string
  readonly onHeld?: (held: boolean) => void
}

/** Runs the jobs until `stop`, which waits for runs under way. */
export function keepSchedule(jobs: readonly Job[], options: ScheduleOptions): Lease {
  const { kafka, log, now, name = 'schedule', topic, onHeld } = options
  const everywhere = jobs.filter((job) => job.everywhere === true)
  const single = jobs.filter((job) => job.everywhere !== true)
  const endLocal = startScheduler(everywhere, log)
  const where = topic === undefined ? {} : { topic }
  const lease = keepLease(kafka, {
    name,
    now,
    log,
    ...where,
    ...(onHeld === undefined ? {} : { onHeld }),
    hold: ({ signal, onWorking }) => {
      const runs = createJobRuns(kafka, { transactionalId: `siaga-${name}`, ...where })
      return runAsHolder(single, { signal, runs, now, log, onWorking })
    },
  })
  return {
    get held() {
      return lease.held
    },
    async stop() {
      await Promise.all([endLocal(), lease.stop()])
    },
  }
}
