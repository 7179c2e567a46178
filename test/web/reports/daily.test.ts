// Does a daily report say what the raw rows say, by its own queries too, do parts make the whole, and does it stay as it was made?
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { dailyParts } from '../../../cli/start/daily.ts'
import { roomUserName } from '../../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../../deploy/clickhouse/users.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { dayBounds, dayOf, provinceZone } from '../../../runtime/local-day.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { mayRead } from '../../../runtime/scope.ts'
import { Config } from '../../../schemas/config.ts'
import { eventCategories, figureSpecs } from '../../../schemas/daily.ts'
import type { DailyFigure, DailyReport } from '../../../schemas/daily-api.ts'
import type { Room } from '../../../schemas/room.ts'
import { makeDue } from '../../../sinks/daily/make.ts'
import { daysOf, readDaily } from '../../../web/reports/daily/report.ts'
import { type OwnServices, startOwnServices } from '../../services.ts'
import {
  alertsAbout,
  DAY,
  eventOf,
  eventsAbout,
  HOUR,
  insertRows,
  keepAlerts,
  type Landed,
  landPages,
  rooms,
} from './day.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const seed = Number(process.env.SIAGA_TEST_SEED ?? Date.now() % 1_000_000)
const day = dayOf(Date.now() - 5 * DAY, 'WIB')
const nextDay = dayOf(Date.now() - 4 * DAY, 'WIB')
const { begins, ends } = dayBounds(day, 'WIB')
/** All three zones are over and six in the morning has come everywhere. */
const made = ends + 6 * HOUR + 5 * 60_000
const madeNext = made + DAY

const { assets: _, ...config } = Config.parse({
  calendars: ['pilkada-2024'],
  rooms,
  sources: [
    { id: 'web', region: '32', owner: 'pemda' },
    { id: 'ssh', region: '91', owner: 'kpu' },
  ],
})
const reference = loadReference(config, '.')
const closed = new Set(['resolved', 'false_positive', 'accepted', 'merged'])

let services: OwnServices
let admin: ClickHouse
let pipeline: ClickHouse
const clients = new Map<string, ClickHouse>()
const pages = eventsAbout(begins, [begins + 12 * HOUR, begins + 23 * HOUR, ends + HOUR, made - 60_000], 250, seed)
const latePages = eventsAbout(begins, [made + 60_000, madeNext - 3 * HOUR], 250, seed + 1)
const alerts = alertsAbout(begins, 120, seed)
const reports: Landed[] = [
  filed('LAP-32-A', 'jabar', '32', 'pemda', begins + 9 * HOUR, {
    kind: 'incident',
    severity: 'high',
    category: 'web_shell',
    iiv_due: new Date(begins + 30 * HOUR).toISOString(),
  }),
  // The same receipt again, as a repeat lands.
  filed('LAP-32-A', 'jabar', '32', 'pemda', begins + 9 * HOUR, {
    kind: 'incident',
    severity: 'high',
    category: 'web_shell',
    iiv_due: new Date(begins + 30 * HOUR).toISOString(),
  }),
  filed('NIL-32-B', 'jabar', '32', 'pemda', begins + 20 * HOUR, { kind: 'nihil' }),
  filed('NIL-91-C', 'papua', '91', 'kpu', begins + 18 * HOUR + 10 * 60_000, { kind: 'nihil' }),
]

function filed(
  receipt: string,
  room: string,
  region: string,
  owner: string,
  at: number,
  said: Record<string, string>,
): Landed {
  const fields = new Map(Object.entries(said).map(([name, value]) => [`siaga.report.${name}`, value]))
  const columns = {
    dataset: 'siaga.report',
    event_code: receipt,
    event_id: receipt,
    source_id: room,
    region_code: region,
    owner,
  }
  return {
    event: eventOf({ ...columns, timestamp: at, event_category: 'threat', fields }),
    ingestedAt: begins + 21 * HOUR,
  }
}

const ask = (room: Room): ClickHouse => {
  const known = clients.get(room.id)
  if (known !== undefined) return known
  const username = roomUserName(room.id)
  const client = createClickHouse({
    url: services.clickhouse.url,
    username,
    password: clickhousePassword(services.masterKey, username),
    database: 'siaga',
  })
  clients.set(room.id, client)
  return client
}
const reportOf = async (room: Room, of = day, by = room): Promise<DailyReport> => {
  const report = await readDaily(room, of, { clickhouse: ask(by), reference })
  if (report === undefined) throw new Error(`no report of ${room.id} on ${of}`)
  return report
}

beforeAll(async () => {
  services = await startOwnServices({ kafka: false, migrated: true, rooms })
  const { url, users } = services.clickhouse
  admin = createClickHouse({ url, ...users.admin })
  pipeline = createClickHouse({ url, ...users.pipeline })
  await landPages(pipeline, pages, 'first')
  await landPages(pipeline, [reports], 'reports')
  await keepAlerts(pipeline, alerts)
  const states = (source_id: string, region_code: string, owner: string, counted_as: string, at: number) => ({
    source_id,
    kind: 'source',
    region_code,
    owner,
    state: counted_as,
    counted_as,
    last_event: (at / 1000).toFixed(3),
    changed_at: (at / 1000).toFixed(3),
  })
  await insertRows(pipeline, 'source_states', [
    states('web', '32', 'pemda', 'live', begins + HOUR),
    states('web', '32', 'pemda', 'silent', ends + HOUR),
    states('fw', '32', 'kpu', 'silent', begins + HOUR),
    states('ssh', '91', 'kpu', 'silent', begins + HOUR),
    states('dns', '32.73', 'pemda', 'live', begins + HOUR),
    states('old', '32.73', 'pemda', 'gone', begins + HOUR),
  ])
  expect(await makeDue(dailyParts({ config, reference, clickhouse: pipeline }), made)).toBe(3)
})
afterAll(async () => {
  await Promise.all([...clients.values(), admin, pipeline].map((client) => client?.close()))
  await services?.stop()
})

/** The day of the zone that a row's region lies in. */
const dayAt = (region: string) => dayBounds(day, provinceZone(reference, region))

/** A figure out of the rows as they were made up, without a query. */
function counted(room: Room, figure: string, label: string, where: (region: string) => boolean = () => true): number {
  const seen = <T extends { region_code: string; owner: string }>(rows: readonly T[]): T[] =>
    rows.filter((row) => mayRead(room, row) && where(row.region_code))
  const all = [...pages.flat(), ...reports].filter(({ ingestedAt }) => ingestedAt < made)
  const events = seen(all.map(({ event }) => event)).filter(({ region_code, timestamp }) => {
    const span = dayAt(region_code)
    return timestamp >= span.begins && timestamp < span.ends
  })
  const own = seen(alerts)
  const level = (score: number): string =>
    score >= 90 ? 'critical' : score >= 70 ? 'high' : score >= 40 ? 'medium' : score >= 20 ? 'low' : 'none'
  const named: readonly string[] = eventCategories
  switch (figure) {
    case 'events':
      return events.length
    case 'events_by_category':
      return events.filter(
        ({ event_category }) => (named.includes(event_category) ? event_category : 'other') === label,
      ).length
    case 'events_by_severity':
      return events.filter(({ score }) => level(score) === label).length
    case 'failed_logins':
      return events.filter(
        ({ event_category, event_outcome }) => event_category === 'authentication' && event_outcome === 'failure',
      ).length
    case 'web_errors':
      return events.filter(({ http_status_code }) => http_status_code >= 500).length
    case 'late_events':
      return seen(
        all
          .filter(
            ({ event, ingestedAt }) =>
              event.timestamp < dayAt(event.region_code).begins && ingestedAt >= dayAt(event.region_code).begins,
          )
          .map(({ event }) => event),
      ).length
    case 'alerts_opened':
      return own.filter(
        (a) =>
          (label === '' || a.severity === label) &&
          a.opened_at >= dayAt(a.region_code).begins &&
          a.opened_at < dayAt(a.region_code).ends,
      ).length
    case 'alerts_closed':
      return own.filter(
        (a) =>
          (label === '' || a.severity === label) &&
          a.acts.some(
            ({ at, from, to }) =>
              at >= dayAt(a.region_code).begins &&
              at < dayAt(a.region_code).ends &&
              closed.has(to) &&
              !closed.has(from),
          ),
      ).length
    case 'alerts_open':
      return own.filter((a) => {
        const end = dayAt(a.region_code).ends
        const status = a.acts.findLast(({ at }) => at < end)?.to ?? 'open'
        return (label === '' || a.severity === label) && a.opened_at < end && !closed.has(status)
      }).length
    default:
      throw new Error(figure)
  }
}

const recomputed = [
  'events',
  'events_by_category',
  'events_by_severity',
  'failed_logins',
  'web_errors',
  'late_events',
  'alerts_opened',
  'alerts_closed',
  'alerts_open',
]

describe.each(rooms.map((room) => [room.id, room] as const))('the report of %s', (_id, room) => {
  test(`has the figures of the raw rows (seed ${seed})`, async () => {
    const { figures } = await reportOf(room)
    const told = figures.filter(({ figure }) => recomputed.includes(figure))
    const said = (rows: readonly DailyFigure[]) => rows.map(({ figure, label, total }) => [figure, label, total])
    expect(said(told)).toEqual(told.map(({ figure, label }) => [figure, label, counted(room, figure, label)]))
    expect(told.length).toBeGreaterThan(12)
    // What has no row is not there, and nothing else is left out.
    const level = told
      .filter(({ figure }) => figure === 'events_by_severity')
      .reduce((sum, { total }) => sum + total, 0)
    const category = told
      .filter(({ figure }) => figure === 'events_by_category')
      .reduce((sum, { total }) => sum + total, 0)
    expect([level, category]).toEqual([counted(room, 'events', ''), counted(room, 'events', '')])
  })

  test('each figure is the answer of the query beside it', async () => {
    const { figures } = await reportOf(room)
    const asked = figures.filter(({ sql }) => sql !== '')
    expect(new Set(asked.map(({ figure }) => figure)).size).toBe(Object.keys(figureSpecs).length - 5)
    for (const { figure, label, total, sql } of asked) {
      const [row] = await ask(room).rows(z.record(z.string(), z.coerce.number()), sql)
      expect({ figure, label, total: Object.values(row ?? {})[0] }, sql).toEqual({ figure, label, total })
    }
  })

  test('its own figures and those beneath are the whole, and the children are what is beneath', async () => {
    const { figures, children, region } = await reportOf(room)
    for (const { figure, label, own, beneath, total } of figures) {
      expect(figure === 'lag_ms_max' ? Math.max(own, beneath) : own + beneath, `${figure} ${label}`).toBe(total)
      if (label !== '' || children[0] === undefined || !(figure in children[0].values)) continue
      expect(
        children.reduce((sum, { values }) => sum + (values[figure] ?? 0), 0),
        figure,
      ).toBe(beneath)
    }
    for (const child of children) {
      const inside = (code: string): boolean => code === child.region || code.startsWith(`${child.region}.`)
      for (const figure of ['events', 'failed_logins', 'alerts_open'])
        expect(child.values[figure], `${region} ${child.region} ${figure}`).toBe(counted(room, figure, '', inside))
    }
  })
})

test('a child room has in its own report what its parent has of it, where both see the same owners', async () => {
  const jabar = rooms.find(({ id }) => id === 'jabar')
  const bandung = rooms.find(({ id }) => id === 'bandung')
  if (jabar === undefined || bandung === undefined) throw new Error('rooms')
  const child = (await reportOf(jabar)).children.find(({ region }) => region === '32.73')
  const own = await reportOf(bandung)
  for (const [figure, value] of Object.entries(child?.values ?? {}))
    expect([figure, own.figures.find((one) => one.figure === figure && one.label === '')?.total]).toEqual([
      figure,
      value,
    ])
  expect(Object.keys(child?.values ?? {}).length).toBeGreaterThan(5)
  // Read by the parent, or by the centre: the same report.
  expect(await reportOf(bandung, day, jabar)).toEqual(own)
  expect(await reportOf(bandung, day, rooms[0])).toEqual(own)
})

test('reports filed and missed, sources and regions that nobody hears, and clocks', async () => {
  const jabar = rooms.find(({ id }) => id === 'jabar')
  if (jabar === undefined) throw new Error('rooms')
  const report = await reportOf(jabar)
  const total = (figure: string, label = '') =>
    report.figures.find((one) => one.figure === figure && one.label === label)?.total
  expect(total('reports_incident')).toBe(1)
  expect(total('reports_incident', 'high')).toBe(1)
  expect(total('reports_nihil')).toBe(1)
  // Its own and Bandung's; those of KPU are not for it.
  expect(total('reports_due')).toBe(2)
  expect(total('reports_missed')).toBe(1)
  expect(total('sources')).toBe(2)
  expect(total('sources_silent')).toBe(0)
  const kinds = (kind: string) => report.matters.filter((one) => one.kind === kind)
  expect(kinds('missed_report')).toMatchObject([{ ref: 'bandung', region: '32.73' }])
  expect(kinds('clock')).toMatchObject([{ ref: 'LAP-32-A', detail: 'iiv', due: begins + 30 * HOUR }])
  const blind = report.blind_regions.map(({ region }) => region)
  expect(blind).not.toContain('32')
  expect(blind).not.toContain('32.73')
  expect(blind).toContain('32.75')
  expect(total('regions_blind')).toBe(blind.length)
  expect(total('regions')).toBe(blind.length + 2)
  const centre = await reportOf(rooms[0] ?? jabar)
  expect(
    centre.matters
      .filter(({ kind }) => kind === 'silent_source')
      .map(({ ref }) => ref)
      .sort(),
  ).toEqual(['fw', 'ssh'])
  expect(centre.waits_for).toEqual([])
  expect(centre.periods.map(({ zone }) => zone).sort()).toEqual(['WIB', 'WIT', 'WITA'])
})

test('what lands afterwards changes no report that was made, and is told as late in the next one', async () => {
  const before = await Promise.all(rooms.map((room) => reportOf(room)))
  await landPages(pipeline, latePages, 'late')
  expect(await makeDue(dailyParts({ config, reference, clickhouse: pipeline }), made + HOUR)).toBe(0)
  expect(await Promise.all(rooms.map((room) => reportOf(room)))).toEqual(before)
  expect(await makeDue(dailyParts({ config, reference, clickhouse: pipeline }), madeNext)).toBe(3)
  expect(await Promise.all(rooms.map((room) => reportOf(room)))).toEqual(before)
  for (const room of rooms) {
    const { figures } = await reportOf(room, nextDay)
    const late = [...latePages, ...pages].flat().filter(({ event, ingestedAt }) => {
      const cut = Math.floor(made / 60_000) * 60_000
      return mayRead(room, event) && ingestedAt >= cut && event.timestamp < dayAt(event.region_code).ends
    })
    expect(figures.find(({ figure }) => figure === 'late_events')?.total).toBe(late.length)
    expect(await daysOf(room, { clickhouse: ask(room), reference })).toEqual([nextDay, day])
  }
})
