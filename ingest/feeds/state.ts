// How is a feed doing? Kept in its folder, so that people can ask without a running collector.
import { mkdir } from 'node:fs/promises'
import cron from 'node-cron'
import { z } from 'zod'
import { SiagaError } from '../../runtime/errors.ts'
import { writeJson } from '../../runtime/whole-file.ts'
import { feedFiles } from './folders.ts'
import { readJson } from './held.ts'

/** `same`: the server has nothing new. `held`: an update waits for a person. `rejected`: the feed still serves what a person refused. */
export const FeedOutcome = z.enum(['never', 'updated', 'same', 'failed', 'held', 'rejected'])
export type FeedOutcome = z.infer<typeof FeedOutcome>

/** Times are milliseconds since 1970 UTC, 0 never. */
export const FeedState = z.object({
  version: z.literal(1),
  outcome: FeedOutcome,
  attempted: z.number(),
  /** When the feed was last fetched and read, whatever became of the update. */
  succeeded: z.number(),
  /** When the copy in force last changed. */
  changed: z.number(),
  /** Indicators in force. */
  indicators: z.int(),
  /** Failures one after the other, since when, and the last. */
  failures: z.int(),
  failing_since: z.number(),
  failure: z.object({ reason: z.string(), message: z.string() }).optional(),
})
export type FeedState = z.infer<typeof FeedState>

const none: FeedState = {
  version: 1,
  outcome: 'never',
  attempted: 0,
  succeeded: 0,
  changed: 0,
  indicators: 0,
  failures: 0,
  failing_since: 0,
}

export async function readState(dataDir: string, feed: string): Promise<FeedState> {
  return FeedState.safeParse(await readJson(feedFiles(dataDir, feed).state)).data ?? none
}

export async function writeState(dataDir: string, feed: string, state: FeedState): Promise<void> {
  const { folder, state: file } = feedFiles(dataDir, feed)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeJson(file, state)
}

/** When a schedule is due next, in milliseconds since 1970 UTC; undefined where it never is. Throws CONFIG_INVALID for what is none. */
export function nextRun(when: string): number | undefined {
  const { valid, errors } = cron.validateDetailed(when)
  if (!valid) {
    const why = errors.map(({ message }) => message).join('; ')
    throw new SiagaError('CONFIG_INVALID', { detail: `intelligence.feeds: when "${when}" is no schedule: ${why}` })
  }
  const task = cron.createTask(when, () => undefined, { timezone: 'UTC' })
  try {
    return task.getNextRuns(1)[0]?.getTime()
  } finally {
    void task.destroy()
  }
}
