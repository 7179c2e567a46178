// Which hunts run by the clock? Those that siaga.yaml names, one behind the other, each kept once for each time.
import { createHash } from 'node:crypto'
import pLimit from 'p-limit'
import type { ClickHouse, ClickHouseOptions } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { nearest } from '../../runtime/config-nearest.ts'
import { errorText } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import type { Job } from '../../runtime/scheduler.ts'
import type { ScheduledHunt } from '../../schemas/hunt.ts'
import { keepHunt } from '../hunt/keep.ts'
import { type Hunt, type HuntSet, huntFolders, readHunts } from '../hunt/read.ts'
import { huntValues } from '../hunt/values.ts'

export interface HuntParts {
  readonly config: Pick<ResolvedConfig, 'hunts'>
  readonly baseDir: string
  readonly reader: ClickHouseOptions
  readonly clickhouse: ClickHouse
  readonly log: Log
}

/** What keeps hunts of the schedule from being run: those that are not there, values that they do not take. */
export function scheduleProblems({ hunts: { schedule } }: Pick<ResolvedConfig, 'hunts'>, set: HuntSet): string[] {
  return schedule.flatMap((entry, index) => {
    const problem = problemOf(entry, set)
    return problem === undefined ? [] : [`hunts.schedule.${index}: ${problem}`]
  })
}

function problemOf(entry: ScheduledHunt, set: HuntSet): string | undefined {
  const hunt = set.hunts.get(entry.id)
  if (hunt === undefined) {
    const broken = set.problems.find(({ file }) => file.endsWith(`/${entry.id}.sql`))
    if (broken !== undefined) return `hunt \`${entry.id}\` cannot be used: ${broken.reason}`
    const near = nearest(entry.id, set.hunts.keys())
    return `there is no hunt \`${entry.id}\`${near === undefined ? '' : `; did you mean \`${near}\`?`}`
  }
  try {
    valuesAt(hunt, entry, Date.now())
    return undefined
  } catch (error) {
    return errorText(error)
  }
}

const valuesAt = (hunt: Hunt, { since, params }: ScheduledHunt, at: number) => huntValues(hunt, { since, params }, at)

/** A job for each hunt of the schedule; one that cannot run is logged and left out, as a broken rule is. */
export function huntJobs({ config, baseDir, reader, clickhouse, log }: HuntParts): Job[] {
  const folders = huntFolders(config, baseDir)
  const { schedule } = config.hunts
  if (schedule.length === 0) return []
  const set = readHunts(folders)
  const able = schedule.filter((entry) => {
    const problem = problemOf(entry, set)
    if (problem !== undefined) log.warn({ hunt: entry.id, problem }, 'a scheduled hunt is not run')
    return problem === undefined
  })
  const oneByOne = pLimit(1)
  return able.map((entry) => ({
    name: `hunt ${entry.id} ${entryHash(entry)}`,
    when: entry.cron,
    catchUp: 'once',
    run: ({ at, signal }) =>
      oneByOne(async () => {
        if (signal.aborted) return
        // Read anew: a hunt that somebody has just put right runs at its next time.
        const hunt = readHunts(folders).hunts.get(entry.id)
        if (hunt === undefined) {
          log.warn({ hunt: entry.id }, 'a scheduled hunt cannot be read: siaga hunt list')
          return
        }
        const time = Math.floor(at / 1000) * 1000
        const parts = { reader, clickhouse, now: Date.now, signal }
        await keepHunt(parts, hunt, valuesAt(hunt, entry, time), { at: time, by: 'schedule' })
      }),
  }))
}

/** Tells two entries of one hunt apart, whatever their order in siaga.yaml. */
function entryHash({ cron, since = '', params }: ScheduledHunt): string {
  const text = JSON.stringify([cron, since, Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))])
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
