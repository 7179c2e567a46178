// How is a daily report made? Figures and matters of all regions of a zone, each in one insert, then the run itself: what is there never changes.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { at, type ClickHouse } from '../../runtime/clickhouse.ts'
import type { Due } from '../../runtime/duty.ts'
import { dayBounds, dayOf, provinceZone, zoneFilter, zones } from '../../runtime/local-day.ts'
import { phaseAt, type Reference } from '../../runtime/reference.ts'
import type { TimeZone } from '../../schemas/place.ts'
import { REPORT_FORMAT } from '../../schemas/raw-event.ts'
import { askMatters, type Matter } from './matters.ts'
import { askFigures, type Cell, type DaySpan } from './questions.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Reports that were not made in time are made up for so many days. */
const MADE_UP_DAYS = 7

/** A room, and when it had to report. */
export interface DailyDuty {
  readonly room: string
  readonly name: string
  readonly region: string
  readonly owner: string
  between(from: number, to: number): readonly Due[]
}

export interface DailyParts {
  readonly clickhouse: Pick<ClickHouse, 'rows' | 'insert'>
  readonly reference: Pick<Reference, 'regions' | 'phases'>
  readonly duties: readonly DailyDuty[]
  /** Sources of the configuration, for the time that their events took. */
  readonly sources: readonly { readonly id: string; readonly region: string; readonly owner: string }[]
  /** Local time at which the report of the day before is made, `06:00`. */
  readonly time: string
}

const Run = z.object({ day: z.string(), zone: z.string(), landed_before: z.number() })
const First = z.object({ first: z.number() })
const Came = z.object({ room: z.string(), t: z.number() })
const Lag = z.object({ source_id: z.string(), lag: z.number() })

/** Makes every report that is due and was not made, the oldest first; answers how many. `now` in milliseconds since 1970 UTC. */
export async function makeDue(parts: DailyParts, now: number, signal?: AbortSignal): Promise<number> {
  const { clickhouse } = parts
  const runs = await clickhouse.rows(
    Run,
    `SELECT toString(day) AS day, zone, toUnixTimestamp(max(landed_before)) * 1000 AS landed_before FROM siaga.daily_runs
     WHERE daily_runs.day >= toDate(${at(now - (MADE_UP_DAYS + 3) * DAY_MS)}) GROUP BY daily_runs.day, zone`,
  )
  const [since] = await clickhouse.rows(
    First,
    'SELECT toUnixTimestamp(min(minute)) * 1000 AS first FROM siaga.source_minutes',
  )
  const first = since?.first ?? 0
  const landedOf = new Map(runs.map(({ day, zone, landed_before }) => [`${day} ${zone}`, landed_before]))
  const [hours = '6', minutes = '0'] = parts.time.split(':')
  const wait = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS
  let made = 0
  for (let ago = MADE_UP_DAYS; ago >= 1; ago -= 1) {
    for (const zone of zones) {
      const day = dayOf(now - ago * DAY_MS, zone)
      const { begins, ends } = dayBounds(day, zone)
      // Of a day before the first event there is nothing to tell. It ends last in the west: the centre's report waits for every zone, also where nothing came.
      const known = first > 0 && dayBounds(day, 'WIB').ends > first
      if (now < ends + wait || landedOf.has(`${day} ${zone}`) || !known) continue
      signal?.throwIfAborted()
      const before = landedOf.get(`${dayOf(begins - DAY_MS / 2, zone)} ${zone}`)
      landedOf.set(`${day} ${zone}`, await makeOne(parts, { day, zone, now, lateSince: before ?? begins }))
      made += 1
    }
  }
  return made
}

/** Makes the report of a day for one zone; answers up to which landing time events are in it. */
async function makeOne(
  parts: DailyParts,
  { day, zone, now, lateSince }: { day: string; zone: TimeZone; now: number; lateSince: number },
): Promise<number> {
  const { clickhouse, reference } = parts
  const bounds = dayBounds(day, zone)
  const landedBefore = Math.floor(now / MINUTE_MS) * MINUTE_MS
  const span: DaySpan = { ...bounds, landedBefore, lateSince, where: zoneFilter(reference, zone) }
  const inZone = ({ region }: { readonly region: string }): boolean => provinceZone(reference, region) === zone
  const duty = await duties(parts, span, parts.duties.filter(inZone))
  const cells = [
    ...(await askFigures(clickhouse, span)),
    ...(await lags(parts, span, inZone)),
    ...duty.cells,
    ...phases(reference, zone, bounds.begins + DAY_MS / 2),
  ]
  const matters = [...(await askMatters(clickhouse, span)), ...duty.matters]
  const run_id = `${day}-${zone}-${landedBefore / 1000}`
  const own = { day, run_id }
  await insert(
    clickhouse,
    'daily_figures',
    added(cells).map((cell) => ({ ...cell, ...own })),
    run_id,
  )
  await insert(
    clickhouse,
    'daily_matters',
    matters.map(({ since, due, ...matter }) => ({
      ...matter,
      ...own,
      since: seconds(since),
      due: due === undefined ? null : seconds(due),
    })),
    run_id,
  )
  const run = {
    ...own,
    zone,
    begins: seconds(bounds.begins),
    ends: seconds(bounds.ends),
    landed_before: landedBefore / 1000,
    late_since: lateSince / 1000,
    made_at: seconds(now),
  }
  await insert(clickhouse, 'daily_runs', [run], run_id)
  return landedBefore
}

/** Due times of the day, and those for which nothing came. */
async function duties(
  { clickhouse }: Pick<DailyParts, 'clickhouse'>,
  { begins, ends, landedBefore }: DaySpan,
  rooms: readonly DailyDuty[],
): Promise<{ cells: Cell[]; matters: Matter[] }> {
  const all = rooms.flatMap((room) => room.between(begins, ends).map((due) => ({ room, due })))
  if (all.length === 0) return { cells: [], matters: [] }
  const came = await clickhouse.rows(
    Came,
    `SELECT toString(source_id) AS room, toUnixTimestamp64Milli(timestamp) AS t FROM siaga.events
     WHERE dataset = '${REPORT_FORMAT}' AND timestamp >= ${at(begins - DAY_MS)} AND timestamp < ${at(ends + DAY_MS)} AND ingested_at < ${at(landedBefore)}`,
  )
  const times = Map.groupBy(came, ({ room }) => room)
  const cells: Cell[] = []
  const matters: Matter[] = []
  for (const { room, due } of all) {
    const place = { region_code: room.region, owner: room.owner }
    cells.push({ ...place, figure: 'reports_due', label: '', value: 1 })
    if (times.get(room.room)?.some(({ t }) => t > due.after && t <= due.until)) continue
    cells.push({ ...place, figure: 'reports_missed', label: '', value: 1 })
    matters.push({
      ...place,
      kind: 'missed_report',
      ref: room.room,
      severity: due.votingDay ? 'high' : 'medium',
      title: room.name,
      since: due.at,
      due: due.at,
      detail: '',
    })
  }
  return { cells, matters }
}

/** The longest time that an event of a source took from receipt to landing, where and whose the source is. */
async function lags(
  { clickhouse, sources }: Pick<DailyParts, 'clickhouse' | 'sources'>,
  { begins, ends }: DaySpan,
  inZone: (source: { readonly region: string }) => boolean,
): Promise<Cell[]> {
  const known = new Map(sources.filter(inZone).map((source) => [source.id, source]))
  if (known.size === 0) return []
  const rows = await clickhouse.rows(
    Lag,
    `SELECT toString(source_id) AS source_id, max(m.lag_ms_max) AS lag FROM siaga.source_minutes AS m
     WHERE minute >= ${at(begins)} AND minute < ${at(ends)} GROUP BY source_id`,
  )
  return rows.flatMap(({ source_id, lag }): Cell[] => {
    const source = known.get(source_id)
    return source === undefined
      ? []
      : [{ region_code: source.region, owner: source.owner, figure: 'lag_ms_max', label: '', value: Math.max(0, lag) }]
  })
}

/** Every region of the zone, with its election and phase at noon: also one without any row is a region that nobody watches. */
function phases(reference: DailyParts['reference'], zone: TimeZone, noon: number): Cell[] {
  return [...reference.regions.keys()]
    .filter((code) => code !== '00' && provinceZone(reference, code) === zone)
    .map((region_code) => {
      const hit = phaseAt(reference, region_code, noon)
      const label = hit === undefined ? '' : `${hit.election}/${hit.phase}`
      return { region_code, owner: '', figure: 'regions', label, value: 1 }
    })
}

/** One cell for each region, owner, figure and label. */
function added(cells: readonly Cell[]): Cell[] {
  const all = new Map<string, Cell>()
  for (const cell of cells) {
    const key = JSON.stringify([cell.region_code, cell.owner, cell.figure, cell.label])
    const before = all.get(key)?.value ?? 0
    const value = cell.figure === 'lag_ms_max' ? Math.max(before, cell.value) : before + cell.value
    all.set(key, { ...cell, value })
  }
  return [...all.values()]
}

/** As DateTime64(3) reads it from JSON, whatever the session says. */
function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)}.${String(((ms % 1000) + 1000) % 1000).padStart(3, '0')}`
}

async function insert(
  clickhouse: Pick<ClickHouse, 'insert'>,
  table: string,
  rows: readonly object[],
  run: string,
): Promise<void> {
  if (rows.length === 0) return
  await clickhouse.insert({
    statement: `INSERT INTO siaga.${table} FORMAT JSONEachRow`,
    body: [Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))],
    queryId: `siaga-daily-${randomBytes(8).toString('hex')}`,
    settings: { insert_deduplication_token: `daily-${run}`, async_insert: 0 },
    timeoutMs: 60_000,
  })
}
