// What does the daily report of a room say? Kept figures added up: its own region's, what lies beneath, and both, each with its query.
import { z } from 'zod'
import type { ClickHouse } from '../../../runtime/clickhouse.ts'
import { provinceZone, zoneFilter, zones } from '../../../runtime/local-day.ts'
import { NATIONAL, type Reference } from '../../../runtime/reference.ts'
import { isCentre, mayRead } from '../../../runtime/scope.ts'
import { derivedFigures, type FigureName, figureNames, figureSpecs, matterKinds } from '../../../schemas/daily.ts'
import type { DailyFigure, DailyMatter, DailyReport } from '../../../schemas/daily-api.ts'
import { TimeZone } from '../../../schemas/place.ts'
import type { Room } from '../../../schemas/room.ts'
import { type Period, queryOf, type Scope } from './queries.ts'

const Run = z.object({
  day: z.string(),
  zone: TimeZone,
  run_id: z.string(),
  begins: z.number(),
  ends: z.number(),
  landed_before: z.number(),
  late_since: z.number(),
  made_at: z.number(),
})
type Run = z.infer<typeof Run>

const Figure = z.object({
  region_code: z.string(),
  owner: z.string(),
  figure: z.string(),
  label: z.string(),
  value: z.number(),
})
type Figure = z.infer<typeof Figure>

const Matter = z.object({
  region_code: z.string(),
  owner: z.string(),
  kind: z.enum(matterKinds),
  ref: z.string(),
  severity: z.string(),
  title: z.string(),
  since: z.number(),
  due: z.number().nullable(),
  detail: z.string(),
})

export interface DailyParts {
  /** As the viewer's own user. */
  readonly clickhouse: Pick<ClickHouse, 'rows'>
  readonly reference: Pick<Reference, 'regions'>
}

const DAYS = 60
/** Matters of one kind in a report. */
const MATTERS = 200

/** Zones that the regions of a room lie in. */
function zonesOf(room: Pick<Room, 'region'>, reference: DailyParts['reference']): readonly TimeZone[] {
  return isCentre(room) ? zones : [provinceZone(reference, room.region)]
}

const first = (column: string): string => `argMin(r.${column}, (r.made_at, r.run_id))`
// Of several runs of a day the first counts.
const runColumns = `toString(r.day) AS day, r.zone AS zone, ${first('run_id')} AS run_id,
  toUnixTimestamp64Milli(${first('begins')}) AS begins, toUnixTimestamp64Milli(${first('ends')}) AS ends,
  toUnixTimestamp(${first('landed_before')}) * 1000 AS landed_before, toUnixTimestamp(${first('late_since')}) * 1000 AS late_since,
  toUnixTimestamp64Milli(${first('made_at')}) AS made_at`

/** Days of which there is a report for every zone of the room, the latest first. */
export async function daysOf(room: Room, { clickhouse, reference }: DailyParts): Promise<string[]> {
  const needed = zonesOf(room, reference)
  const rows = await clickhouse.rows(
    z.object({ day: z.string() }),
    `SELECT toString(r.day) AS day FROM siaga.daily_runs AS r WHERE r.zone IN {zones:Array(String)} GROUP BY r.day
     HAVING uniqExact(r.zone) = {needed:UInt8} ORDER BY r.day DESC LIMIT {most:UInt16}`,
    { zones: [...needed], needed: needed.length, most: DAYS },
  )
  return rows.map(({ day }) => day)
}

/**
 * The report of a room on a day, of rows that both it and the viewer may read; undefined if no zone of it has been made.
 */
export async function readDaily(room: Room, day: string, parts: DailyParts): Promise<DailyReport | undefined> {
  const { clickhouse, reference } = parts
  const needed = zonesOf(room, reference)
  const found = await clickhouse.rows(
    Run,
    `SELECT ${runColumns} FROM siaga.daily_runs AS r WHERE r.day = {day:Date} AND r.zone IN {zones:Array(String)} GROUP BY r.day, r.zone`,
    { day, zones: [...needed] },
  )
  if (found.length === 0) return undefined
  const runs = found.sort((a, b) => zones.indexOf(a.zone) - zones.indexOf(b.zone))
  const asked = { day, runs: runs.map(({ run_id }) => run_id) }
  const kept = await clickhouse.rows(
    Figure,
    'SELECT region_code, owner, figure, label, value FROM siaga.daily_figures WHERE day = {day:Date} AND run_id IN {runs:Array(String)}',
    asked,
  )
  const matters = await clickhouse.rows(
    Matter,
    `SELECT region_code, owner, kind, ref, severity, title, toUnixTimestamp64Milli(m.since) AS since,
       if(isNull(m.due), NULL, toUnixTimestamp64Milli(assumeNotNull(m.due))) AS due, detail
     FROM siaga.daily_matters AS m WHERE day = {day:Date} AND run_id IN {runs:Array(String)}
     ORDER BY kind, m.due, severity, m.since, ref`,
    asked,
  )
  const seen = kept.filter((row) => mayRead(room, row))
  const name = nameOf(reference)
  const blind = blindOf(seen)
  const cells = [
    ...seen,
    ...blind.map((region_code) => ({ region_code, owner: '', figure: 'regions_blind', label: '', value: 1 })),
  ]
  const periods = runs.map((run) => periodOf(run, room, reference))
  const counted = new Map(matterKinds.map((kind) => [kind, 0]))
  return {
    day,
    room: room.id,
    room_name: room.name || room.id,
    region: room.region,
    region_name: name(room.region),
    zone: provinceZone(reference, room.region),
    periods: runs.map(({ zone, begins, ends, landed_before, made_at }) => ({
      zone,
      begins,
      ends,
      landed_before,
      made_at,
    })),
    waits_for: needed.filter((zone) => !runs.some((run) => run.zone === zone)),
    phases: phasesOf(seen, room),
    figures: figuresOf(cells, room, periods),
    children: childrenOf(cells, room, name),
    blind_regions: blind.map((region) => ({ region, name: name(region) })),
    matters: matters
      .filter((row) => mayRead(room, row))
      .filter(({ kind }) => {
        const before = counted.get(kind) ?? 0
        counted.set(kind, before + 1)
        return before < MATTERS
      })
      .map(
        ({ region_code, owner: _, ...matter }): DailyMatter => ({
          ...matter,
          region: region_code,
          region_name: name(region_code),
        }),
      ),
  }
}

const nameOf =
  ({ regions }: Pick<Reference, 'regions'>) =>
  (code: string): string =>
    code === '' ? '?' : (regions.get(code)?.name ?? code)

function periodOf(run: Run, room: Pick<Room, 'region'>, reference: DailyParts['reference']): Period {
  const { begins, ends, landed_before: landedBefore, late_since: lateSince, zone } = run
  return { begins, ends, landedBefore, lateSince, where: isCentre(room) ? zoneFilter(reference, zone) : '' }
}

/** The child that a region lies in: directly beneath the room's. Undefined: the room's own, and of the centre what is of no region. */
function childOf(room: Pick<Room, 'region'>, region: string): string | undefined {
  if (!isCentre(room)) return region === room.region ? undefined : region.slice(0, room.region.length + 3)
  return region === NATIONAL || region === '' ? undefined : region.slice(0, 2)
}

/** Two parts of a figure together. */
const together = (figure: FigureName, a: number, b: number): number =>
  figureSpecs[figure].how === 'max' ? Math.max(a, b) : a + b

function figuresOf(cells: readonly Figure[], room: Room, periods: readonly Period[]): DailyFigure[] {
  const scope: Scope = isCentre(room)
    ? { region: undefined, owners: undefined }
    : { region: room.region, owners: [...new Set(['', room.owner, ...room.sees])] }
  return figureNames.flatMap((figure) => {
    const own = new Map<string, number>()
    const beneath = new Map<string, number>()
    const spec = figureSpecs[figure]
    const labels: readonly string[] = spec.labels
    for (const { region_code, figure: of, label, value } of cells) {
      if (of !== figure) continue
      const into = childOf(room, region_code) === undefined ? own : beneath
      const told = figure === 'regions' ? '' : label
      into.set(told, together(figure, into.get(told) ?? 0, value))
      // The whole of what is kept by label alone.
      if (told !== '') into.set('', together(figure, into.get('') ?? 0, value))
    }
    const row = (label: string): DailyFigure => {
      const [a, b] = [own.get(label) ?? 0, beneath.get(label) ?? 0]
      const sql = derivedFigures.has(figure) ? '' : queryOf(figure, label, scope, periods)
      return { figure, label, own: a, beneath: b, total: together(figure, a, b), sql }
    }
    // Categories and severities of events are told under the one figure `events`.
    const whole = figure === 'events_by_category' || figure === 'events_by_severity' ? [] : [row('')]
    return [...whole, ...labels.filter((label) => own.has(label) || beneath.has(label)).map(row)]
  })
}

function childrenOf(cells: readonly Figure[], room: Room, name: (code: string) => string): DailyReport['children'] {
  const beside = figureNames.filter((figure) => 'beside' in figureSpecs[figure])
  const children = new Map<string, Record<string, number>>()
  for (const { region_code, figure, value } of cells) {
    const child = childOf(room, region_code)
    const known = beside.find((one) => one === figure)
    if (child === undefined || known === undefined) continue
    const values = children.get(child) ?? Object.fromEntries(beside.map((one) => [one, 0]))
    values[known] = together(known, values[known] ?? 0, value)
    children.set(child, values)
  }
  return Array.from(children, ([region, values]) => ({ region, name: name(region), values })).sort((a, b) =>
    a.region.localeCompare(b.region),
  )
}

/** Regions of which no source was heard, among those that the report is about. */
function blindOf(cells: readonly Figure[]): string[] {
  const heard = new Map<string, number>()
  for (const { region_code, figure, value } of cells) {
    if (figure === 'sources') heard.set(region_code, (heard.get(region_code) ?? 0) + value)
    if (figure === 'sources_silent') heard.set(region_code, (heard.get(region_code) ?? 0) - value)
  }
  return cells
    .filter(({ figure, region_code }) => figure === 'regions' && (heard.get(region_code) ?? 0) <= 0)
    .map(({ region_code }) => region_code)
    .sort()
}

/** Elections and phases; the room's own region first. */
function phasesOf(cells: readonly Figure[], room: Room): DailyReport['phases'] {
  const found = new Map<string, number>()
  const rows = cells.filter(({ figure, label }) => figure === 'regions' && label !== '')
  for (const { label } of [...rows].sort(
    (a, b) => Number(b.region_code === room.region) - Number(a.region_code === room.region),
  ))
    found.set(label, (found.get(label) ?? 0) + 1)
  return Array.from(found, ([label, regions]) => {
    const [election = '', phase = ''] = label.split('/')
    return { election, phase, regions }
  })
}
