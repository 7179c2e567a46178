// What lands in the tests of daily reports? Random events, alerts, actions, sources and reports of rooms around one day, also late ones.
import fc from 'fast-check'
import type { ClickHouse } from '../../../runtime/clickhouse.ts'
import { type Event, emptyEvent } from '../../../schemas/event.ts'
import { Room } from '../../../schemas/room.ts'
import { land } from '../../deploy/rollups-landing.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

export const rooms = [
  Room.parse({ id: 'pusat', name: 'Pusat', region: '00' }),
  Room.parse({ id: 'jabar', name: 'Ruang Operasi Jawa Barat', region: '32', owner: 'pemda' }),
  Room.parse({ id: 'kpu-jabar', region: '32', owner: 'kpu', sees: ['bawaslu'] }),
  Room.parse({ id: 'bandung', region: '32.73', owner: 'pemda' }),
  Room.parse({ id: 'sulsel', region: '73', owner: 'pemda' }),
  Room.parse({ id: 'papua', region: '91', owner: 'kpu' }),
]

const regions = ['', '00', '32', '32.73', '32.75', '35.78', '73.71', '91', '91.03']
const severities = ['critical', 'high', 'medium', 'low', 'informational']
const statuses = ['acknowledged', 'in_work', 'resolved', 'false_positive', 'accepted', 'open']

const event = fc.record({
  region_code: fc.constantFrom(...regions),
  owner: fc.constantFrom('', 'kpu', 'pemda', 'bawaslu'),
  source_id: fc.constantFrom('web', 'ssh'),
  event_category: fc.constantFrom('web', 'authentication', 'network', 'made-up', ''),
  event_outcome: fc.constantFrom('success', 'failure', ''),
  http_status_code: fc.constantFrom(0, 200, 499, 500, 503),
  score: fc.constantFrom(0, 19, 20, 39, 40, 69, 70, 89, 90, 100),
  // From the day before to the day after, edges of the day in each zone among them.
  after: fc.oneof(
    fc.integer({ min: -2 * DAY, max: 2 * DAY }),
    fc.constantFrom(0, -1, DAY - 1, DAY, -HOUR, -2 * HOUR, DAY - HOUR, DAY - HOUR - 1),
  ),
})

export interface Landed {
  readonly event: Event
  readonly ingestedAt: number
}

/**
 * Pages of random events about the WIB day that begins at `begins`; none is older than its landing, as none ever is.
 * @param landings when each page lands, milliseconds since 1970 UTC, on whole seconds
 */
export function eventsAbout(begins: number, landings: readonly number[], rows: number, seed: number): Landed[][] {
  const draws = fc.sample(event, { seed, numRuns: landings.length * rows })
  return landings.map((ingestedAt, page) =>
    Array.from({ length: rows }, (_, row) => {
      const { after = 0, ...columns } = draws[page * rows + row] ?? {}
      const timestamp = Math.min(begins + after, ingestedAt)
      return { event: eventOf({ ...columns, timestamp, event_id: `e-${seed}-${page}-${row}` }), ingestedAt }
    }),
  )
}

export function eventOf(columns: Partial<Event>): Event {
  return Object.assign(emptyEvent(), {
    dataset: 'test',
    message: 'x',
    received_at: columns.timestamp ?? 0,
    retain_until: Date.now() + 400 * DAY,
    ...columns,
  })
}

/** Lands pages as the pipeline does, in a stream of their own. */
export async function landPages(clickhouse: ClickHouse, pages: readonly Landed[][], stream: string): Promise<void> {
  let first = 0
  for (const page of pages) {
    const range = {
      stream,
      partition: 0,
      first,
      last: first + page.length - 1,
      ingestedAt: page[0]?.ingestedAt ?? 0,
    }
    const events = page.map(({ event: one }, n) =>
      Object.assign(one, { _stream: stream, _partition: 0, _offset: first + n }),
    )
    await land(clickhouse, { range, events })
    first += page.length
  }
}

export interface AlertAct {
  readonly alert_id: string
  readonly region_code: string
  readonly owner: string
  readonly severity: string
  readonly opened_at: number
  readonly acts: readonly { readonly at: number; readonly from: string; readonly to: string }[]
}

/** Random alerts with what was done about them, around the day. */
export function alertsAbout(begins: number, count: number, seed: number): AlertAct[] {
  const one = fc.record({
    region_code: fc.constantFrom(...regions),
    owner: fc.constantFrom('', 'kpu', 'pemda'),
    severity: fc.constantFrom(...severities),
    opened: fc.integer({ min: -DAY, max: 1.5 * DAY }),
    steps: fc.array(fc.record({ later: fc.integer({ min: 1, max: DAY }), to: fc.constantFrom(...statuses) }), {
      maxLength: 4,
    }),
  })
  return fc.sample(one, { seed, numRuns: count }).map(({ region_code, owner, severity, opened, steps }, n) => {
    let at = begins + opened
    let from = 'open'
    const acts = steps.map(({ later, to }) => {
      at += later
      const act = { at, from, to }
      from = to
      return act
    })
    return { alert_id: `a-${seed}-${n}`, region_code, owner, severity, opened_at: begins + opened, acts }
  })
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3)

export async function insertRows(clickhouse: ClickHouse, table: string, rows: readonly object[]): Promise<void> {
  await clickhouse.insert({
    statement: `INSERT INTO siaga.${table} FORMAT JSONEachRow`,
    body: [Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'))],
    queryId: `test-${crypto.randomUUID()}`,
    settings: {},
    timeoutMs: 60_000,
  })
}

export async function keepAlerts(clickhouse: ClickHouse, alerts: readonly AlertAct[]): Promise<void> {
  await insertRows(
    clickhouse,
    'alerts_rows',
    alerts.map(({ acts, opened_at, ...alert }) => ({
      ...alert,
      status: acts.at(-1)?.to ?? 'open',
      title: `alert ${alert.alert_id}`,
      dedup_key: alert.alert_id,
      opened_at: seconds(opened_at),
      first_seen: seconds(opened_at),
      last_seen: seconds(opened_at),
      version: 1,
    })),
  )
  await insertRows(
    clickhouse,
    'alert_actions_rows',
    alerts.flatMap(({ alert_id, region_code, owner, acts }) =>
      acts.map(({ at, from, to }, n) => ({
        action_id: `${alert_id}-${n}`,
        alert_id,
        region_code,
        owner,
        at: seconds(at),
        verb: 'comment',
        from_status: from,
        to_status: to,
      })),
    ),
  )
}
