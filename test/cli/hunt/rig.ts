// On what are hunts tried? A ClickHouse of its own with the real schema, users of rooms, and made-up rows: attacks, and what looks like them.
import { type RoomScope, roomUserName } from '../../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../../deploy/clickhouse/users.ts'
import { type ClickHouse, type ClickHouseOptions, createClickHouse } from '../../../runtime/clickhouse.ts'
import { type OwnServices, startOwnServices } from '../../services.ts'

/** A row of a table, by column; times are minutes after the beginning of the window. */
export type Made = Readonly<Record<string, unknown>> & { readonly at?: number; readonly table?: string }

export interface HuntCase {
  readonly hunt: string
  /** Everything that is inserted: the attack, and what looks like one. */
  readonly rows: readonly Made[]
  /** Entities that it must find, and no others. */
  readonly finds: readonly string[]
  readonly params?: Readonly<Record<string, string>>
  /** Length of the window in hours; 24 unless told. */
  readonly hours?: number
  /** For tables that forget: the window ends now. */
  readonly recent?: true
}

/** A span of rows, one every so many minutes. */
export function every(count: number, minutes: number, from: number, make: (n: number) => Made): Made[] {
  return Array.from({ length: count }, (_, n) => ({ at: from + n * minutes, ...make(n) }))
}

export const rooms: RoomScope[] = [
  { id: 'jabar', name: '', region: '32', owner: 'kpu', sees: [] },
  { id: 'dki', name: '', region: '31', owner: 'pemda', sees: ['bawaslu'] },
  { id: 'pusat', name: '', region: '00', owner: 'bssn', sees: [] },
]

/** Where the rows of a case are put: once for each, so that a hunt that mixes regions or owners is caught. */
export const places = [
  { region_code: '32.73', owner: 'kpu' },
  { region_code: '31.71', owner: 'pemda' },
  { region_code: '31.71', owner: 'kpu' },
] as const

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** When the window of a case begins, milliseconds since 1970 UTC: far from those of the others, whose rows would be its past. */
export function beginOf({ recent, hours = 24 }: HuntCase, index: number, now: number): number {
  return recent ? now - hours * HOUR_MS : Date.UTC(2002, 0, 7) + index * 120 * DAY_MS
}

export interface HuntRig {
  readonly services: OwnServices
  readonly admin: ClickHouse
  readonly reader: ClickHouseOptions
  readonly pipeline: ClickHouse
  as(room: string): ClickHouse
  stop(): Promise<void>
}

export async function startHuntRig(): Promise<HuntRig> {
  const services = await startOwnServices({ kafka: false, migrated: true, rooms })
  const { url, users } = services.clickhouse
  const admin = createClickHouse({ url, ...users.admin })
  const pipeline = createClickHouse({ url, ...users.pipeline })
  const open = new Map<string, ClickHouse>()
  return {
    services,
    admin,
    reader: { url, ...users.reader, database: 'siaga' },
    pipeline,
    as(room) {
      const username = roomUserName(room)
      const client =
        open.get(room) ??
        createClickHouse({
          url,
          username,
          password: clickhousePassword(services.masterKey, username),
          database: 'siaga',
        })
      open.set(room, client)
      return client
    },
    async stop() {
      await Promise.all([admin, pipeline, ...open.values()].map((client) => client.close()))
      await services.stop()
    },
  }
}

/** Columns that are times, which a case gives in minutes of its window, beside `at`. */
const timesOf: Readonly<Record<string, readonly string[]>> = {
  events: ['received_at'],
  findings_rows: ['window_start', 'window_end'],
  alerts_rows: ['first_seen', 'last_seen'],
  indicator_rows: ['first_seen', 'last_seen'],
  verdicts: ['marked_at', 'timestamp'],
  web_flood_verdicts: ['window_start'],
  alert_held_rows: ['hour'],
}

/** Inserts the rows of every case. */
export async function fill(admin: ClickHouse, cases: readonly HuntCase[], now: number): Promise<void> {
  const byTable = new Map<string, string[]>()
  cases.forEach((one, index) => {
    const begin = beginOf(one, index, now)
    for (const made of one.rows) {
      const { table = 'events' } = made
      for (const [copy, place] of placesOf(made, table).entries()) {
        const lines = byTable.get(table) ?? []
        lines.push(JSON.stringify(rowOf(made, table, place, begin, `${index}-${copy}-${lines.length}`, now)))
        byTable.set(table, lines)
      }
    }
  })
  for (const [table, lines] of byTable) {
    await admin.insert({
      statement: `INSERT INTO siaga.${table} FORMAT JSONEachRow`,
      body: [Buffer.from(lines.join('\n'))],
      queryId: `fill-${table}`,
      settings: { max_partitions_per_insert_block: 0, input_format_defaults_for_omitted_fields: 1 },
      timeoutMs: 60_000,
    })
  }
}

type Place = Readonly<Record<string, string>>

/** A row that says its region itself, or that has none, stands once. */
function placesOf(made: Made, table: string): readonly Place[] {
  if ('region_code' in made || table === 'indicator_rows' || table.startsWith('alert_')) return [{}]
  return places
}

function rowOf(made: Made, table: string, place: Place, begin: number, id: string, now: number) {
  const { at = 0, table: _table, ...given } = made
  const time = (minutes: number): string => seconds(begin + minutes * 60_000)
  const times = timesOf[table] ?? []
  const columns = Object.entries(given).map(([name, value]) => [
    name,
    times.includes(name) && typeof value === 'number' ? time(value) : value,
  ])
  return { ...place, ...defaultsOf(table, time(at), id, seconds(now)), ...Object.fromEntries(columns) }
}

function defaultsOf(table: string, time: string, id: string, now: string): Readonly<Record<string, unknown>> {
  switch (table) {
    case 'events':
      return {
        timestamp: time,
        received_at: time,
        ingested_at: now,
        retain_until: 4_000_000_000,
        event_id: id,
        _stream: 's',
      }
    case 'findings_rows':
      return { finding_id: id, window_start: time, window_end: time, landed_at: now }
    case 'alerts_rows':
      return { alert_id: id, first_seen: time, last_seen: time, opened_at: now, changed_at: now, version: 1 }
    case 'verdicts':
      return { verdict_id: id, marked_at: time, timestamp: time, event_id: id }
    case 'web_flood_verdicts':
      return { window_start: time, judged_at: now }
    case 'alert_held_rows':
      return { hour: time.split('.')[0] }
    default:
      return {}
  }
}

function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`
}
