// When are daily reports made? A job that looks every few minutes what is due: by the local time of each zone, also after downtime.
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { dutySchedule } from '../../runtime/duty.ts'
import type { Reference } from '../../runtime/reference.ts'
import type { Job } from '../../runtime/scheduler.ts'
import { type DailyParts, makeDue } from '../../sinks/daily/make.ts'

export interface DailyWork {
  readonly config: Pick<ResolvedConfig, 'rooms' | 'reports' | 'sources'>
  readonly reference: Pick<Reference, 'regions' | 'phases'>
  readonly clickhouse: ClickHouse
}

/** What daily reports are made of, out of the configuration. */
export function dailyParts({ config, reference, clickhouse }: DailyWork): DailyParts {
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
    },
  }
}
