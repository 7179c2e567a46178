// What happens by the clock? Jobs run by node-cron, never twice at once; a failing job is logged and comes again; what was missed is made up for.
import cron from 'node-cron'
import { errorText } from './errors.ts'
import type { JobRuns } from './job-runs.ts'
import type { Log } from './log.ts'
import { missedRuns } from './missed.ts'

/** Runs that were missed: none is made up for, one for all of them, or each, the latest hundred. */
export type CatchUp = 'none' | 'once' | 'every'

/** Missed runs of a job that are made up for at most. */
export const MAX_MISSED = 100

export interface Occasion {
  /** The time for which it runs, milliseconds since 1970 UTC: of a missed run the one in the past. */
  readonly at: number
  /** The schedule ends: so should the run, soon. */
  readonly signal: AbortSignal
}

export interface Job {
  readonly name: string
  /** Cron expression with or without seconds, UTC. */
  readonly when: string
  /** What happens after downtime; `none` unless told. */
  readonly catchUp?: CatchUp
  /** Each process runs it for itself. Otherwise one process does, the holder of the schedule. */
  readonly everywhere?: boolean
  run(occasion: Occasion): Promise<void>
}

/** Runs the jobs in this process, whatever others do; nothing is made up for. Answers a function that ends them. */
export function startScheduler(jobs: readonly Job[], log: Log): () => Promise<void> {
  const ending = new AbortController()
  const tasks = jobs.map((job) => {
    const run = async (at: number): Promise<void> => {
      try {
        await job.run({ at, signal: ending.signal })
      } catch (error) {
        logFailure(log, job, error)
      }
    }
    return cron.schedule(job.when, ({ date }) => run(date.getTime()), {
      name: job.name,
      noOverlap: true,
      timezone: 'UTC',
    })
  })
  return async () => {
    ending.abort()
    await Promise.all(tasks.map((task) => task.destroy()))
  }
}

export interface HolderOptions {
  readonly signal: AbortSignal
  readonly runs: JobRuns
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  readonly log: Log
  /** Told true once the jobs run by the clock. */
  readonly onWorking?: (works: boolean) => void
}

/**
 * Runs the jobs of the holder until the signal: first those that were missed since their last run, then by the clock. A run that was begun and
 * not finished counts as missed, one that failed comes again at its next time. Resolves when the last run has ended; rejects if it cannot be
 * kept what has run.
 */
export async function runAsHolder(
  jobs: readonly Job[],
  { signal, runs, now, log, onWorking }: HolderOptions,
): Promise<void> {
  const known = jobs.some(isKept) ? await runs.open() : new Map<string, number>()
  const failed = Promise.withResolvers<void>()
  failed.promise.catch(() => undefined)
  const ended = new AbortController()
  const ending = AbortSignal.any([signal, ended.signal])
  const queues = jobs.map((job) => createQueue(job, { signal: ending, runs, log, onLost: failed.reject }))
  const tasks = new Set<ReturnType<typeof cron.schedule>>()
  const onEnd = (): void => failed.resolve()
  signal.addEventListener('abort', onEnd, { once: true })
  if (signal.aborted) onEnd()
  try {
    const began = now()
    for (const { job, push } of queues) {
      for (const at of missedOf(job, known.get(job.name), began, log)) push(at)
      tasks.add(
        cron.schedule(job.when, ({ date }) => push(date.getTime()), {
          name: job.name,
          timezone: 'UTC',
          suppressMissedWarning: true,
        }),
      )
      // The first start: what is missed from here on is known.
      if (isKept(job) && !known.has(job.name)) await runs.note(job.name, began)
    }
    onWorking?.(true)
    await failed.promise
  } finally {
    signal.removeEventListener('abort', onEnd)
    ended.abort()
    await Promise.all(Array.from(tasks, (task) => task.destroy()))
    await Promise.all(queues.map((queue) => queue.idle()))
    await runs.close()
  }
}

const isKept = ({ catchUp = 'none' }: Job): boolean => catchUp !== 'none'

function missedOf(job: Job, last: number | undefined, now: number, log: Log): number[] {
  if (last === undefined || !isKept(job)) return []
  if (job.catchUp === 'once') return missedRuns(job.when, last, now, 1)
  const missed = missedRuns(job.when, last, now, MAX_MISSED + 1)
  if (missed.length <= MAX_MISSED) return missed
  log.warn(
    { job: job.name, since: new Date(last).toISOString(), runs: MAX_MISSED },
    'too many runs of a job were missed: only the latest are made up for',
  )
  return missed.slice(1)
}

interface QueueOptions {
  readonly signal: AbortSignal
  readonly runs: JobRuns
  readonly log: Log
  /** What has run cannot be kept. */
  onLost(error: unknown): void
}

/** One run of a job after the other. While one runs, a further time is left out, but for a job of which every run counts. */
function createQueue(job: Job, { signal, runs, log, onLost }: QueueOptions) {
  const waiting: number[] = []
  let running: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    try {
      await runAll()
    } finally {
      running = undefined
    }
  }
  const runAll = async (): Promise<void> => {
    for (let at = waiting.shift(); at !== undefined && !signal.aborted; at = waiting.shift()) {
      try {
        await job.run({ at, signal })
      } catch (error) {
        if (!signal.aborted) logFailure(log, job, error)
        continue
      }
      // Broken off, or ended: only the job knows. It runs once more, which it must bear anyway.
      if (!isKept(job) || signal.aborted) continue
      try {
        await runs.note(job.name, at)
      } catch (error) {
        onLost(error)
        return
      }
    }
  }
  return {
    job,
    push(at: number): void {
      if (signal.aborted) return
      if (job.catchUp !== 'every' && (running !== undefined || waiting.length > 0)) return
      // Behind a run that never ends nothing is heaped up: the oldest time goes.
      if (waiting.length >= MAX_MISSED) waiting.shift()
      waiting.push(at)
      running ??= drain()
    },
    idle: async (): Promise<void> => running,
  }
}

function logFailure(log: Log, { name }: Job, error: unknown): void {
  log.warn({ job: name, error: errorText(error) }, 'a scheduled job failed and comes again')
}
