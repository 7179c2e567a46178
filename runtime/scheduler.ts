// What happens by the clock? Jobs run by node-cron, never twice at once; a failing job is logged and comes again.
import cron from 'node-cron'
import { errorText } from './errors.ts'
import type { Log } from './log.ts'

export interface Job {
  name: string
  /** Cron expression with seconds, UTC. */
  when: string
  run(): Promise<void>
}

/** Starts the jobs; answers a function that ends them. */
export function startScheduler(jobs: readonly Job[], log: Log): () => Promise<void> {
  const tasks = jobs.map(({ name, when, run }) =>
    cron.schedule(
      when,
      async () => {
        try {
          await run()
        } catch (error) {
          log.warn({ job: name, error: errorText(error) }, 'a scheduled job failed and comes again')
        }
      },
      { name, noOverlap: true, timezone: 'UTC' },
    ),
  )
  return async () => {
    await Promise.all(tasks.map((task) => task.destroy()))
  }
}
