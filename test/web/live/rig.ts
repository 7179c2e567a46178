// What do live figures run against? A ClickHouse of its own with users of rooms, and rows of several regions and owners.
import { type RoomScope, roomUserName } from '../../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../../deploy/clickhouse/users.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { Room } from '../../../schemas/room.ts'
import { startOwnServices } from '../../services.ts'

const room = (id: string, region: string, owner: string, sees: string[] = []): Room =>
  Room.parse({ id, region, owner, sees })

export const rooms: readonly Room[] = [
  room('pusat', '00', 'bssn'),
  room('jabar', '32', 'pemda', ['kpu']),
  room('jabar-kpu', '32', 'kpu'),
  room('bandung', '32.73', 'bawaslu', ['pemda']),
  room('dki', '31', ''),
  room('papua', '91', 'kpu', ['bawaslu', 'pemda']),
]

/** `320` and `3` are near to `32` and not within it. */
const regions = ['32', '32.73', '32.01', '320', '3', '31', '31.74', '91.03', '00', '']
const owners = ['', 'pemda', 'kpu', 'bawaslu']

export interface LiveRig {
  readonly admin: ClickHouse
  readonly pipeline: ClickHouse
  of(room: Pick<RoomScope, 'id'>): ClickHouse
  stop(): Promise<void>
}

export async function startLiveRig(): Promise<LiveRig> {
  const services = await startOwnServices({ kafka: false, migrated: true, rooms })
  const { url, users } = services.clickhouse
  const admin = createClickHouse({ url, ...users.admin })
  const pipeline = createClickHouse({ url, ...users.pipeline })
  const open = new Map<string, ClickHouse>()
  return {
    admin,
    pipeline,
    of({ id }) {
      const username = roomUserName(id)
      const known =
        open.get(id) ?? createClickHouse({ url, username, password: clickhousePassword(services.masterKey, username) })
      open.set(id, known)
      return known
    },
    async stop() {
      await Promise.all([admin, pipeline, ...open.values()].map((store) => store.close()))
      await services.stop()
    },
  }
}

/** Rows at random, the same for the same seed: events that landed within the last minutes, alerts, states of sources, verdicts. `to`: milliseconds since 1970. */
export async function fill(admin: ClickHouse, seed: number, to: number): Promise<void> {
  const pick = (list: readonly string[], salt: number): string =>
    `[${list.map((text) => `'${text}'`).join(', ')}][1 + cityHash64(number, ${seed}, ${salt}) % ${list.length}]`
  const part = (most: number, salt: number): string => `cityHash64(number, ${seed}, ${salt}) % ${most}`
  const time = `fromUnixTimestamp64Milli(toInt64(${to}) - toInt64(${part(40_000, 3)}), 'UTC')`
  await admin.command(
    `INSERT INTO siaga.events (timestamp, received_at, ingested_at, retain_until, event_id, source_id, dataset, message, region_code, owner, asset_id, source_ip, user_name, event_category, score, rule_ids, _stream, _partition, _offset)
     SELECT ${time} - toIntervalHour(${part(60, 4)}) AS t, ${time}, ${time}, now() + INTERVAL 1 YEAR, toString(number), 's', 'd', concat('line ', toString(number)), ${pick(regions, 1)}, ${pick(owners, 2)},
       concat('a', toString(${part(20, 8)})), concat('203.0.113.', toString(${part(30, 6)})), 'u', 'web', ${part(101, 5)}, ['r'], 'seed-${seed}', ${part(4, 7)}, number FROM numbers(6000)`,
  )
  await admin.command(
    `INSERT INTO siaga.alerts_rows (alert_id, kind, status, severity, score, region_code, owner, opened_at, changed_at, version)
     SELECT concat('${seed}-', toString(number)), 'findings', ${pick(['open', 'acknowledged', 'in_work', 'resolved', 'false_positive', 'merged'], 11)},
       ${pick(['critical', 'high', 'medium', 'low', 'informational'], 12)}, 50, ${pick(regions, 13)}, ${pick(owners, 14)}, ${time}, ${time}, 1 FROM numbers(500)`,
  )
  await admin.command(
    `INSERT INTO siaga.source_states (source_id, kind, region_code, owner, state, counted_as, changed_at)
     SELECT concat('${seed}-', toString(number)), ${pick(['source', 'probe'], 21)}, ${pick(regions, 22)}, ${pick(owners, 23)}, ${pick(['live', 'silent', 'quiet', 'unjudged', 'gone'], 24)} AS state,
       if(state = 'unjudged', 'live', state), ${time} FROM numbers(200)`,
  )
  await admin.command(
    `INSERT INTO siaga.verdicts (verdict_id, marked_at, verdict, timestamp, region_code, owner, score, _stream, _partition, _offset)
     SELECT 'v', now64(3), 'false', timestamp, region_code, owner, score, _stream, _partition, _offset FROM siaga.events WHERE _stream = 'seed-${seed}' AND _offset % 7 = 0`,
  )
}
