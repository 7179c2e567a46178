import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Over } from '../../../processors/silence/decide.ts'
import { createRhythmBook } from '../../../processors/silence/learning.ts'
import { DAY_MS, HOUR_MS, type LocalCalendar, MINUTE_MS } from '../../../processors/silence/rhythm.ts'
import { createSilence, type Silence } from '../../../processors/silence/round.ts'
import type { Sensor } from '../../../processors/silence/states.ts'
import { at, type ClickHouse, createClickHouse, quote } from '../../../runtime/clickhouse.ts'
import type { Finding } from '../../../schemas/detection.ts'
import type { Heartbeat } from '../../../schemas/heartbeat.ts'
import { ScoreWeights } from '../../../schemas/score.ts'
import { type OwnServices, startOwnServices } from '../../services.ts'

/** Wednesday 14:00 WIB. */
const T = Date.parse('2026-10-28T14:00:00+07:00')
const SECOND = 1_000
const calendar: LocalCalendar = { offsetMs: 7 * HOUR_MS, holidays: new Set() }
const sensor = (id: string, region: string): Sensor => ({
  id,
  kind: 'source',
  name: '',
  region,
  owner: 'kpu',
  asset: '',
})
const sensors = [sensor('busy', '32'), sensor('other', '32'), sensor('night', '73'), sensor('away', '51')]

let services: OwnServices
let clickhouse: ClickHouse
let admin: ClickHouse
let clock = T
let behind: number[] = []
let sent: Finding[] = []
let over: Over[] = []

beforeAll(async () => {
  services = await startOwnServices({ kafka: false, migrated: true })
  const { url, users } = services.clickhouse
  admin = createClickHouse({ url, ...users.admin })
  clickhouse = createClickHouse({ url, ...users.pipeline })
}, 60_000)

afterAll(async () => {
  await clickhouse?.close()
  await admin?.close()
  await services?.stop()
})

beforeEach(async () => {
  for (const table of ['events', 'source_minutes', 'source_states', 'silence_rounds', 'findings_rows'])
    await admin.command(`TRUNCATE TABLE siaga.${table}`)
  clock = T
  behind = []
  sent = []
  over = []
})

/** Minutes with so many events in the four weeks before T, up to `gapMs` before it. */
async function history(source: string, where: string, events: number, gapMs = 0): Promise<void> {
  const end = `toDateTime(${(T - gapMs) / 1000}, 'UTC')`
  await admin.command(
    `INSERT INTO siaga.source_minutes (source_id, minute, _stream, _partition, events, last_timestamp, last_ingested_at, last_received_at)
     SELECT ${quote(source)}, ${end} - INTERVAL number + 1 MINUTE AS minute, 'old', 0, ${events}, minute + 59, minute + 59, minute + 59
     FROM numbers(${28 * 1440 - gapMs / MINUTE_MS}) WHERE ${where}`,
  )
}

/** Lands events of a source that were received at these times. */
async function land(
  source: string,
  times: readonly number[],
  message = 'x',
  landed = (time: number) => time + SECOND,
): Promise<void> {
  const rows = times.map(
    (time, n) =>
      `(${quote(source)}, ${at(time)}, ${at(time)}, ${at(landed(time))}, ${quote(message)}, 's', 0, ${time + n})`,
  )
  await admin.command(
    `INSERT INTO siaga.events (source_id, timestamp, received_at, ingested_at, message, _stream, _partition, _offset) VALUES ${rows.join(', ')}`,
  )
}

const every = (seconds: number, from: number, to: number): number[] =>
  Array.from({ length: Math.floor((to - from) / (seconds * SECOND)) + 1 }, (_, n) => from + n * seconds * SECOND)

/** Heartbeats of an instance every ten seconds. */
async function beats(
  instance: string,
  sources: string[],
  from: number,
  to: number,
  landed?: (time: number) => number,
): Promise<void> {
  const record: Heartbeat = {
    '@timestamp': new Date(from).toISOString(),
    'event.kind': 'metric',
    'event.action': 'heartbeat',
    'host.name': 'h',
    'siaga.collector.instance': instance,
    'siaga.collector.run': 'r',
    'siaga.collector.kinds': ['HTTP'],
    'siaga.collector.sources': sources,
    message: '',
  }
  await land('siaga-heartbeat', every(10, from, to), JSON.stringify(record), landed)
}

function start(): Silence {
  return createSilence({
    clickhouse,
    sensors,
    calendar: () => calendar,
    places: { zone: () => 'WIB', name: () => '' },
    weights: { score: ScoreWeights.parse({}), criticality: () => '', phase: () => undefined },
    settings: {
      learnDays: 28,
      floorMs: 90 * SECOND,
      maxMs: 26 * HOUR_MS,
      stoppedMs: MINUTE_MS,
      pauseMs: 2 * MINUTE_MS,
      reconnectMs: 5 * MINUTE_MS,
    },
    behind: async () => behind,
    async send(findings, ended) {
      sent.push(...findings)
      over.push(...ended)
    },
    now: () => clock,
  })
}

const keys = (): string[] => sent.map(({ dedup_key }) => dedup_key)

const State = z.object({ id: z.string(), state: z.string(), counted: z.string() })
const Region = z.object({ region: z.string(), state: z.string(), quiet: z.number(), unjudged: z.number() })
async function states(): Promise<Record<string, string>> {
  const rows = await clickhouse.rows(
    State,
    'SELECT source_id AS id, state, counted_as AS counted FROM siaga.source_states_now',
  )
  return Object.fromEntries(
    rows.map(({ id, state, counted }) => [id, state === counted ? state : `${state} (${counted})`]),
  )
}
async function regions(): Promise<Record<string, string>> {
  const rows = await clickhouse.rows(
    Region,
    'SELECT region_code AS region, state, quiet, unjudged FROM siaga.region_states_now',
  )
  return Object.fromEntries(rows.map(({ region, state }) => [region, state]))
}

/** Four weeks in which all were heard as they are, up to T + 10 minutes. */
async function usual(): Promise<void> {
  await history('siaga-heartbeat', '1', 6)
  for (const source of ['busy', 'other', 'away']) await history(source, '1', 1200)
  await history('night', 'toHour(minute + INTERVAL 7 HOUR) < 10', 100, 4 * HOUR_MS)
  const end = T + 10 * MINUTE_MS
  await beats('a', ['busy', 'other', 'night'], T, end)
  await beats('b', ['away'], T, end)
  for (const source of ['busy', 'other', 'away']) await land(source, every(5, T, end))
  clock = end + 2 * SECOND
}

describe('rounds against ClickHouse', () => {
  test('sources are live or quiet; one that is killed is told; restarted, nothing is told again; back, it is over', async () => {
    await usual()
    const silence = start()
    await silence.round()
    expect(sent).toEqual([])
    expect(await states()).toEqual({ busy: 'live', other: 'live', night: 'quiet', away: 'live' })
    expect(await regions()).toEqual({ '32': 'terpantau', '73': 'terpantau', '51': 'terpantau' })

    const end = T + 10 * MINUTE_MS
    await beats('a', ['other'], end + 10 * SECOND, end + 2 * MINUTE_MS)
    await beats('b', ['away'], end + 10 * SECOND, end + 2 * MINUTE_MS)
    for (const source of ['other', 'away']) await land(source, every(5, end + 5 * SECOND, end + 2 * MINUTE_MS))
    clock = end + 80 * SECOND
    await silence.round()
    expect(sent).toEqual([])
    clock = end + 122 * SECOND
    await silence.round()
    expect(sent).toMatchObject([
      { finding_id: `siaga-silence-source-busy-${end}`, severity: 'high', region_code: '32', source_id: 'busy' },
    ])
    expect(await states()).toMatchObject({ busy: 'silent', other: 'live' })
    expect(await regions()).toMatchObject({ '32': 'sebagian', '73': 'terpantau' })

    const again = start()
    clock += 5 * SECOND
    await again.round()
    expect(sent).toHaveLength(1)

    await land('busy', [clock])
    clock += 5 * SECOND
    await again.round()
    expect(over.map(({ dedupKey }) => dedupKey)).toContain('siaga-silence-source|busy')
    expect(await regions()).toMatchObject({ '32': 'terpantau' })
  })

  test('a collector that stops is one finding; its sources are not judged and no region changes', async () => {
    await usual()
    const silence = start()
    await silence.round()
    const end = T + 10 * MINUTE_MS
    for (let minute = 1; minute <= 15; minute += 1) {
      const from = end + (minute - 1) * MINUTE_MS
      await beats('a', ['busy', 'other'], from + 10 * SECOND, from + MINUTE_MS)
      for (const source of ['busy', 'other']) await land(source, every(5, from + 5 * SECOND, from + MINUTE_MS))
      clock = from + MINUTE_MS + 2 * SECOND
      await silence.round()
    }
    expect(keys()).toEqual(['siaga-collector-stopped|b'])
    expect(await states()).toMatchObject({ away: 'unjudged (live)', busy: 'live' })
    expect(await regions()).toMatchObject({ '51': 'terpantau' })
  })

  test('Siaga was down for an hour: one finding says so, nobody is silent because of it, and it teaches nothing', async () => {
    await usual()
    await start().round()
    const back = T + 70 * MINUTE_MS
    const end = back + 4 * MINUTE_MS
    await beats('a', [], back, end)
    await beats('b', [], back, end)
    clock = end + 2 * SECOND
    const silence = start()
    await silence.round()
    expect(sent).toMatchObject([
      { rule_id: 'siaga-pipeline-stopped', window_start: T + 10 * MINUTE_MS + SECOND, window_end: back + SECOND },
    ])
    expect(await states()).toMatchObject({ busy: 'live', other: 'live', night: 'quiet', away: 'live' })

    const later = back + 8 * MINUTE_MS
    await beats('a', [], end + 10 * SECOND, later)
    await beats('b', [], end + 10 * SECOND, later)
    clock = later + 2 * SECOND
    await silence.round()
    // Nobody came back in five minutes and the floor: now it is their silence.
    expect(keys().sort()).toEqual([
      'siaga-pipeline-stopped|siaga',
      'siaga-silence-region|32',
      'siaga-silence-source|away',
    ])
  })

  test('while processors are behind nothing is judged beyond what has landed', async () => {
    await usual()
    const silence = start()
    await silence.round()
    const end = T + 10 * MINUTE_MS
    await beats('a', ['other'], end + 10 * SECOND, end + 5 * MINUTE_MS)
    await beats('b', [], end + 10 * SECOND, end + 5 * MINUTE_MS)
    // Partition 0 landed nothing newer than the heartbeats; partition 7 not since the beginning.
    behind = [0, 7]
    clock = end + 5 * MINUTE_MS
    const { watermark } = await silence.round()
    expect(watermark).toBeLessThanOrEqual(end + 2 * SECOND)
    expect(keys()).toEqual([])
  })
})

test('rhythms are learnt from ClickHouse as they were written', async () => {
  await history('siaga-heartbeat', '1', 6)
  await history('night', 'toHour(minute + INTERVAL 7 HOUR) < 10', 100)
  const book = createRhythmBook({ clickhouse, sources: ['night', 'none'], learnDays: 28, calendar: () => calendar })
  await book.refresh(T)
  const rhythm = book.of('night')
  // Wednesday: Sunday is the first day.
  expect(rhythm?.slots[3 * 24 + 9]).toMatchObject({ rate: 100, seen: true })
  expect(rhythm?.slots[3 * 24 + 10]).toMatchObject({ rate: 0, wake: 0, seen: true })
  expect(rhythm?.hours).toBeGreaterThan(28 * 24 - 25)
  expect(rhythm?.recurringGapMs).toBe(14 * HOUR_MS)
  expect(book.of('none')?.hours).toBe(0)
  expect(rhythm?.longestGapMs).toBeLessThan(DAY_MS)
})
