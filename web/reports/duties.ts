// Which rooms had to report, and did? Their schedule (runtime/duty.ts) beside what has come, as the correlations judge it.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { type Due, dutySchedule } from '../../runtime/duty.ts'
import type { Reference } from '../../runtime/reference.ts'
import { mayRead } from '../../runtime/scope.ts'
import { REPORT_FORMAT } from '../../schemas/raw-event.ts'
import type { RoomDuty } from '../../schemas/reports-api.ts'
import type { ReportSchedule, Room } from '../../schemas/room.ts'

const DAY_MS = 86_400_000
/** So far back missed times are told. */
const LOOK_BACK_MS = 7 * DAY_MS

const Came = z.object({ room: z.string(), times: z.array(z.number()) })

export interface DutyParts {
  readonly clickhouse: Pick<ClickHouse, 'rows'>
  readonly reference: Pick<Reference, 'regions' | 'phases'>
  readonly schedule: ReportSchedule
  /** Milliseconds since 1970 UTC. */
  readonly now: number
}

/** Rooms that the viewer's room may see, and itself. */
export function roomsSeen(rooms: readonly Room[], viewer: Room): Room[] {
  return rooms.filter(
    (room) => room.id === viewer.id || mayRead(viewer, { region_code: room.region, owner: room.owner }),
  )
}

/** What these rooms had to report within a week, and did. */
export async function dutiesOf(rooms: readonly Room[], parts: DutyParts): Promise<RoomDuty[]> {
  const { reference, schedule, now } = parts
  const came = await reportTimes(rooms, now - LOOK_BACK_MS - DAY_MS, parts)
  return rooms.map((room) => {
    const duty = dutySchedule(room, schedule, reference)
    const times = came.get(room.id) ?? []
    const over = duty.between(now - LOOK_BACK_MS, now).filter(({ until }) => until < now)
    const missed = over.filter((due) => !isMet(due, times))
    const last = over.at(-1)
    const latest = times.at(-1)
    return {
      room: room.id,
      name: room.name || room.id,
      region: room.region,
      region_name: reference.regions.get(room.region)?.name ?? room.region,
      zone: duty.zone,
      last_report: latest ?? null,
      next_due: duty.between(now, now + 2 * DAY_MS)[0]?.at ?? null,
      due: over.length,
      missed: missed.map(({ at }) => at).reverse(),
      overdue: last !== undefined && missed.includes(last) && (latest === undefined || latest < last.until),
    }
  })
}

/** True if something came in the time that counts for it. */
const isMet = ({ after, until }: Pick<Due, 'after' | 'until'>, times: readonly number[]): boolean =>
  times.some((t) => t > after && t <= until)

/** When these rooms reported, earliest first, an incident or nothing. */
export async function reportTimes(
  rooms: readonly Pick<Room, 'id'>[],
  from: number,
  { clickhouse }: Pick<DutyParts, 'clickhouse'>,
): Promise<Map<string, number[]>> {
  if (rooms.length === 0) return new Map()
  const found = await clickhouse.rows(
    Came,
    `SELECT toString(source_id) AS room, arraySort(groupUniqArray(1000)(toUnixTimestamp64Milli(timestamp))) AS times FROM siaga.events
     WHERE dataset = {dataset:String} AND timestamp >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND source_id IN {rooms:Array(String)}
     GROUP BY room`,
    { dataset: REPORT_FORMAT, from, rooms: rooms.map(({ id }) => id) },
  )
  return new Map(found.map(({ room, times }) => [room, times]))
}
