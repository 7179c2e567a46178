// What lands in the tests of rollups? Pages of several streams and partitions from a seed, the same in every process.
import fc from 'fast-check'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { silentLog } from '../../runtime/log.ts'
import { type Event, emptyEvent } from '../../schemas/event.ts'
import { insertOnce, type LandingRange } from '../../sinks/clickhouse/insert.ts'
import { createRowBuffer } from '../../sinks/clickhouse/rows.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
export const regions = ['', '00', '32', '32.73', '35.78', '91.03']

export interface Page {
  readonly range: LandingRange
  readonly events: readonly Event[]
}

export interface Plan {
  readonly seed: number
  readonly streams: number
  readonly pages: number
  readonly rows: number
  /** Landing times lie in the days before this one; milliseconds since 1970 UTC. */
  readonly until: number
}

/** Device clocks: of this minute, of the minutes and days before, and of logs that somebody found years later. */
const lateness = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: MINUTE }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 2 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 80 * DAY }) },
  { weight: 1, arbitrary: fc.integer({ min: 300 * DAY, max: 3000 * DAY }) },
)

const event = fc.record({
  late: lateness,
  lag: fc.integer({ min: 0, max: 90_000 }),
  source_id: fc.constantFrom('web', 'ssh', 'fw'),
  message: fc.string({ maxLength: 40, unit: 'grapheme' }),
  tags: fc.constantFrom([], ['clock_future'], ['truncated']),
  region_code: fc.constantFrom(...regions),
  owner: fc.constantFrom('kpu', 'bawaslu', ''),
  election: fc.constantFrom('', 'pilkada-2024'),
  phase: fc.constantFrom('', 'masa_tenang', 'pemungutan'),
  event_category: fc.constantFrom('web', 'authentication', 'network', ''),
  event_outcome: fc.constantFrom('success', 'failure', 'unknown', ''),
  asset_id: fc.constantFrom('', 'sirekap', 'dpt'),
  score: fc.oneof(fc.constantFrom(0, 1, 19, 20, 39, 40, 69, 70, 89, 90, 100), fc.integer({ min: 0, max: 100 })),
  http_status_code: fc.constantFrom(0, 200, 302, 400, 404, 410, 414, 499, 500, 503),
  source_scope: fc.constantFrom('public', 'private', 'loopback', 'link_local', ''),
  network_transport: fc.constantFrom('', 'tcp', 'udp', 'icmp'),
  source_asn: fc.constantFrom(0, 7713, 17974),
  source_ip: fc.oneof(
    fc.constantFrom('', '203.0.113.9', '2400:9800:1:2::1', '2400:9800:1:2::2', '2400:9800:1:3::1', ':not an address'),
    fc.ipV4(),
    fc.ipV6(),
  ),
  user_name: fc.oneof(
    fc.constantFrom('', 'root', 'operator', "o'brien\\", 'u'.repeat(64), 'u'.repeat(65)),
    fc.string(),
  ),
  url_path: fc.oneof(fc.constantFrom('', '/', '/hasil', `/${'p'.repeat(127)}`, `/${'p'.repeat(128)}`), fc.webPath()),
})

/** The pages of a plan, in the order in which each partition lands them. Every stream has partitions of its own. */
export function pagesOf({ seed, streams, pages, rows, until }: Plan): Page[] {
  const draws = fc.sample(event, { seed, numRuns: streams * pages * rows })
  const gaps = fc.sample(fc.constantFrom(7, 400, MINUTE, 5 * MINUTE, HOUR, 9 * HOUR, DAY), {
    seed,
    numRuns: streams * pages,
  })
  return Array.from({ length: streams }, (_, s) => {
    const stream = `${seed.toString(16)}-stream-${s}`
    let ingestedAt = until - 9 * DAY
    return Array.from({ length: pages }, (_, p) => {
      ingestedAt = Math.min(until, ingestedAt + (gaps[s * pages + p] ?? 0))
      const range = { stream, partition: s % 3, first: p * rows, last: p * rows + rows - 1, ingestedAt }
      const events = Array.from({ length: rows }, (_, r): Event => {
        const { late = 0, lag = 0, ...fields } = draws[(s * pages + p) * rows + r] ?? {}
        const received = ingestedAt - lag
        return Object.assign(emptyEvent(), fields, {
          timestamp: received - late,
          received_at: received,
          retain_until: until + 400 * DAY,
          event_id: `${stream}-${range.first + r}`,
          _stream: stream,
          _partition: range.partition,
          _offset: range.first + r,
        })
      })
      return { range, events }
    })
  }).flat()
}

/** Lands a page as the pipeline does. */
export async function land(
  clickhouse: ClickHouse,
  { range, events }: Page,
  doubtful = false,
  onRetry: () => void = () => undefined,
): Promise<void> {
  const buffer = createRowBuffer()
  for (const event of events) buffer.append(event, null)
  buffer.stamp(range.ingestedAt)
  await insertOnce(range, buffer.view(), doubtful, {
    clickhouse,
    log: silentLog,
    isCurrent: () => true,
    heartbeat: async () => undefined,
    onRetry,
  })
}

/** Lands pages, those of each stream one after the other, streams side by side; tells each that has landed. */
export async function landAll(
  clickhouse: ClickHouse,
  pages: readonly Page[],
  doubtful = false,
  onLanded: () => void = () => undefined,
): Promise<void> {
  const streams = Map.groupBy(pages, ({ range }) => range.stream)
  await Promise.all(
    [...streams.values()].map(async (own) => {
      for (const page of own) {
        await land(clickhouse, page, doubtful)
        onLanded()
      }
    }),
  )
}
