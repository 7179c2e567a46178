// When are daily reports made? A job that looks every few minutes what is due: by the local time of each zone, also after downtime.
import { resolve } from 'node:path'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { dutySchedule } from '../../runtime/duty.ts'
import type { Reference } from '../../runtime/reference.ts'
import type { Job } from '../../runtime/scheduler.ts'
import { type DailyParts, makeDue } from '../../sinks/daily/make.ts'
import { publicData } from '../../sinks/public/data.ts'
import { writePublic } from '../../sinks/public/write.ts'

export interface DailyWork {
  readonly config: Pick<ResolvedConfig, 'rooms' | 'reports' | 'sources' | 'web'>
  /** Folder of siaga.yaml. */
  readonly baseDir: string
  readonly reference: Pick<Reference, 'regions' | 'phases'>
  readonly clickhouse: ClickHouse
}

/** What daily reports are made of, out of the configuration. */
export function dailyParts({
  config,
  reference,
  clickhouse,
}: {
  readonly config: Pick<ResolvedConfig, 'rooms' | 'reports' | 'sources'>
} & Pick<DailyWork, 'reference' | 'clickhouse'>): DailyParts {
  return {
    clickhouse,
    reference,
    duties: config.rooms.map((room) => ({
      room: room.id,
      name: room.name || room.id,
      region: room.region,
      owner: room.owner,
      between: dutySchedule(room, config.reports, reference).between,
    })),
    sources: config.sources,
    time: config.reports.daily_time,
  }
}

export function dailyJob(work: DailyWork): Job {
  return {
    name: 'daily reports',
    // What is due is looked up, so that a missed run needs no making up for.
    when: '10 */5 * * * *',
    async run({ at, signal }) {
      await makeDue(dailyParts(work), at, signal)
      await tellCitizens(work, at)
    },
  }
}

/** The page for citizens, where the configuration asks for it. */
async function tellCitizens({ config, baseDir, clickhouse }: DailyWork, now: number): Promise<void> {
  const { public_dir, public_delay_days } = config.web
  if (public_dir === '') return
  const data = await publicData(clickhouse, now, public_delay_days)
  if (data !== undefined) await writePublic(resolve(baseDir, public_dir), data)
}
