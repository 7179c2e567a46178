// Which regions are there, and which phase of which election is it there at a given time? Loaded once from shipped and own files.
import { readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import type { Config } from '../schemas/config.ts'
import { Calendar, type Phase, type PhaseWindow, Region, type TimeZone, zoneOffsetHours } from '../schemas/place.ts'
import { errorText, SiagaError } from './errors.ts'

const dataDir = fileURLToPath(new URL('data/', import.meta.url))

/** Region of national systems and overseas voting. */
export const NATIONAL = '00'

/** Calendars that come with Siaga, by the names used in `calendars:`. */
export const shippedCalendars = ['pilkada-2018', 'pemilu-2019', 'pemilu-2024', 'pilkada-2024'] as const

/** An election and the phase that it is in. */
interface ElectionPhase {
  readonly election: string
  readonly phase: Phase
}

/** A stretch of time in which a region is in one phase: from (included) to (excluded), milliseconds since 1970 UTC. */
export interface PhaseInterval extends ElectionPhase {
  readonly from: number
  /** Infinity while the dispute phase is open. */
  readonly to: number
}

/** Intervals of one region in time order, without overlap, and the place of the last answer. */
interface PhaseTable {
  readonly intervals: readonly PhaseInterval[]
  /** Stretch of time for which `hit` is the answer. */
  from: number
  to: number
  hit: PhaseInterval | undefined
}

/** Who runs a research scanner of the internet, and how it is known. */
const Scanner = z.strictObject({
  name: z.string().min(1),
  /** Numbers of autonomous systems that only scan. */
  systems: z.array(z.int().positive()).default([]),
  networks: z.array(z.string()).default([]),
  /** Parts of the User-Agent, in small letters. */
  agents: z.array(z.string().min(4).lowercase()).default([]),
})
export type Scanner = z.infer<typeof Scanner>

/** Regions and election calendars, read-only for the life of the process. */
export interface Reference {
  /** By Kemendagri code; provinces, kabupaten/kota and `00`. */
  readonly regions: ReadonlyMap<string, Region>
  readonly calendars: readonly Calendar[]
  readonly phases: ReadonlyMap<string, PhaseTable>
  readonly scanners: readonly Scanner[]
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** Where phases overlap the first of these wins. */
const precedence: readonly Phase[] = ['pemungutan', 'masa_tenang', 'rekapitulasi', 'kampanye', 'sengketa', 'persiapan']

/**
 * Regions and calendars. `calendars` names shipped calendars, or YAML files relative to `baseDir`.
 * Throws CONFIG_INVALID naming file and line.
 */
export function loadReference(
  config: Pick<Config, 'calendars'> & Partial<Pick<Config, 'regions'>>,
  baseDir: string,
): Reference {
  const regions = new Map(loadRegions())
  // A region of the configuration stands in place of the shipped one, or beside them: districts are split and founded anew.
  for (const region of config.regions ?? []) regions.set(region.code, region)
  const calendars: Calendar[] = []
  for (const name of config.calendars) {
    const file = calendarFile(name, baseDir)
    const calendar = loadCalendar(file, regions)
    if (calendars.some((other) => other.election === calendar.election)) {
      throw invalid(`${file}: election ${calendar.election} is in the list of calendars twice`)
    }
    calendars.push(calendar)
  }
  return { regions, calendars, phases: compilePhases(regions, calendars), scanners: loadScanners() }
}

/**
 * Election and phase of a region at a time in milliseconds since 1970 UTC. A phase starts at 00:00 of the region's zone; a
 * kabupaten inherits its province's election. `00` is in the phase of every election, regional ones too, since the centre watches them all.
 * Undefined outside of every window, and for an empty or unknown region.
 */
export function phaseAt(
  reference: Pick<Reference, 'phases'>,
  regionCode: string,
  ms: number,
): PhaseInterval | undefined {
  const table = reference.phases.get(regionCode)
  if (table === undefined) return undefined
  if (ms >= table.from && ms < table.to) return table.hit
  return lookUp(table, ms)
}

/** Every interval of a region in time order, for dictionaries and timelines. */
export function phasesOf(reference: Pick<Reference, 'phases'>, regionCode: string): readonly PhaseInterval[] {
  return reference.phases.get(regionCode)?.intervals ?? []
}

/** Minutes east of UTC of a zone by name. */
export function zoneMinutes(zone: TimeZone | 'UTC'): number {
  return zone === 'UTC' ? 0 : zoneOffsetHours[zone] * 60
}

function lookUp(table: PhaseTable, ms: number): PhaseInterval | undefined {
  const { intervals } = table
  let low = 0
  let high = intervals.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const interval = intervals[middle]
    if (interval !== undefined && interval.from <= ms) low = middle + 1
    else high = middle
  }
  const before = intervals[low - 1]
  const inside = before !== undefined && ms < before.to
  table.hit = inside ? before : undefined
  table.from = inside ? before.from : (before?.to ?? -Infinity)
  table.to = inside ? before.to : (intervals[low]?.from ?? Infinity)
  return table.hit
}

function loadRegions(): ReadonlyMap<string, Region> {
  const file = `${dataDir}regions.csv`
  const [header, ...lines] = readText(file).trimEnd().split('\n')
  const columns = (header ?? '').split(',')
  const regions = new Map<string, Region>()
  for (const [index, line] of lines.entries()) {
    const values = line.split(',')
    const row: Record<string, string | number> = {}
    for (const [at, column] of columns.entries()) {
      const value = values[at] ?? ''
      row[column] = column === 'lat' || column === 'lng' ? Number(value) : value
    }
    const parsed = Region.safeParse(row)
    if (!parsed.success) throw invalid(`${file}:${index + 2}: ${describe(parsed.error)}`)
    if (regions.has(parsed.data.code)) throw invalid(`${file}:${index + 2}: region ${parsed.data.code} stands twice`)
    regions.set(parsed.data.code, parsed.data)
  }
  return regions
}

function calendarFile(name: string, baseDir: string): string {
  if (shippedCalendars.some((shipped) => shipped === name)) return `${dataDir}calendars/${name}.yaml`
  if (!/\.ya?ml$/.test(name)) {
    throw invalid(`calendars: "${name}" is neither a shipped calendar (${shippedCalendars.join(', ')}) nor a YAML file`)
  }
  return isAbsolute(name) ? name : resolve(baseDir, name)
}

function loadCalendar(file: string, regions: ReadonlyMap<string, Region>): Calendar {
  const { value, at } = loadYaml(file, Calendar)
  checkCalendar(value, regions, at)
  return value
}

function loadScanners(): Scanner[] {
  return loadYaml(`${dataDir}scanners.yaml`, z.array(Scanner)).value
}

/** A YAML file by its schema, and the `file:line` of a path in it: of the deepest part that the file holds. */
function loadYaml<T>(file: string, schema: z.ZodType<T>): { value: T; at: (path: Path) => string } {
  const lineCounter = new LineCounter()
  const document = parseDocument(readText(file), { lineCounter })
  const syntax = document.errors[0]
  if (syntax !== undefined) {
    throw invalid(`${file}:${lineCounter.linePos(syntax.pos[0]).line}: ${syntax.message.split('\n')[0]}`)
  }
  const at = (path: Path): string => {
    for (let length = path.length; length >= 0; length--) {
      const node: unknown = document.getIn(path.slice(0, length), true)
      const range = rangeOf(node)
      if (range !== undefined) return `${file}:${lineCounter.linePos(range).line}`
    }
    return file
  }
  const parsed = schema.safeParse(document.toJS())
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
    throw invalid(`${at([...(issue?.path ?? []), ...unknown])}: ${describe(parsed.error)}`)
  }
  return { value: parsed.data, at }
}

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined
  const start: unknown = node.range[0]
  return typeof start === 'number' ? start : undefined
}

type Path = readonly PropertyKey[]

function checkCalendar(calendar: Calendar, regions: ReadonlyMap<string, Region>, at: (path: Path) => string): void {
  const checkRegions = (codes: readonly string[], path: Path): void => {
    const seen = new Set<string>()
    for (const [index, code] of codes.entries()) {
      const where = at([...path, index])
      if (!regions.has(code)) throw invalid(`${where}: there is no region ${code}`)
      if (seen.has(code)) throw invalid(`${where}: region ${code} stands twice`)
      seen.add(code)
    }
  }
  const checkPhases = (windows: readonly PhaseWindow[], path: Path): void => {
    for (const [index, window] of windows.entries()) {
      const where = at([...path, index])
      if (window.to === undefined && window.phase !== 'sengketa') {
        throw invalid(`${where}: phase ${window.phase} needs "to"; only sengketa may stay open`)
      }
      if (window.to !== undefined && window.to < window.from) {
        throw invalid(`${where}: phase ${window.phase} ends on ${window.to}, before it starts on ${window.from}`)
      }
    }
  }
  if (calendar.regions !== 'all') checkRegions(calendar.regions, ['regions'])
  checkPhases(calendar.phases, ['phases'])
  for (const [index, exception] of calendar.exceptions.entries()) {
    checkRegions(exception.regions, ['exceptions', index, 'regions'])
    checkPhases(exception.phases, ['exceptions', index, 'phases'])
  }
}

/** A window in absolute time; the lowest rank wins where windows overlap. */
interface Candidate {
  readonly from: number
  readonly to: number
  readonly rank: number
  readonly hit: ElectionPhase
}

function compilePhases(regions: ReadonlyMap<string, Region>, calendars: readonly Calendar[]): Map<string, PhaseTable> {
  const elections = calendars.map((calendar) => ({
    calendar,
    votes: calendar.regions === 'all' ? undefined : new Set(calendar.regions),
  }))
  const tables = new Map<string, PhaseTable>()
  for (const region of regions.values()) {
    const province = region.code.slice(0, 2)
    const candidates: Candidate[] = []
    for (const { calendar, votes } of elections) {
      if (votes !== undefined && region.code !== NATIONAL && !votes.has(region.code) && !votes.has(province)) continue
      candidates.push(...candidatesOf(calendar, region, province))
    }
    tables.set(region.code, { intervals: flatten(candidates), from: 0, to: 0, hit: undefined })
  }
  return tables
}

function candidatesOf(calendar: Calendar, region: Region, province: string): Candidate[] {
  const exceptionsFor = (code: string) => calendar.exceptions.filter((exception) => exception.regions.includes(code))
  const own = exceptionsFor(region.code)
  const exceptions = own.length > 0 ? own : exceptionsFor(province)
  const offset = zoneOffsetHours[region.zone] * HOUR_MS
  const candidate = (window: PhaseWindow, base: number): Candidate => ({
    from: Date.parse(window.from) - offset,
    to: window.to === undefined ? Infinity : Date.parse(window.to) + DAY_MS - offset,
    rank: base + precedence.indexOf(window.phase),
    hit: { election: calendar.election, phase: window.phase },
  })
  const usual = exceptions.some((exception) => exception.replace) ? [] : calendar.phases
  return [
    ...exceptions.flatMap((exception) => exception.phases.map((window) => candidate(window, 0))),
    ...usual.map((window) => candidate(window, precedence.length)),
  ]
}

/** Overlapping candidates as intervals without overlap. Of two with the same rank the one that started later wins, then the later in the list. */
function flatten(candidates: readonly Candidate[]): PhaseInterval[] {
  const edges = [...new Set(candidates.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b)
  const intervals: PhaseInterval[] = []
  for (const [index, from] of edges.entries()) {
    const to = edges[index + 1]
    if (to === undefined) break
    let best: Candidate | undefined
    for (const candidate of candidates) {
      if (candidate.from > from || candidate.to < to) continue
      const wins =
        best === undefined ||
        candidate.rank < best.rank ||
        (candidate.rank === best.rank && candidate.from >= best.from)
      if (wins) best = candidate
    }
    if (best === undefined) continue
    const last = intervals.at(-1)
    if (
      last !== undefined &&
      last.to === from &&
      last.election === best.hit.election &&
      last.phase === best.hit.phase
    ) {
      intervals[intervals.length - 1] = { ...last, to }
    } else intervals.push({ ...best.hit, from, to })
  }
  return intervals
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SiagaError('CONFIG_INVALID', { detail: `${file} cannot be read: ${errorText(cause)}` }, { cause })
  }
}

function describe(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue === undefined) return error.message
  const path = issue.path.join('.')
  const number = issue.code === 'invalid_union' || issue.message.endsWith('received number')
  const hint = path.includes('regions') && number ? " (write codes in quotation marks: '31.10')" : ''
  return path === '' ? issue.message : `${path}: ${issue.message}${hint}`
}

function invalid(detail: string): SiagaError {
  return new SiagaError('CONFIG_INVALID', { detail })
}
