import { describe, expect, test } from 'vitest'
import { type LastReport, regionsOf } from '../../../cli/status/regions.ts'
import { showRegions } from '../../../cli/status/show-regions.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { builtInSources, Source } from '../../../schemas/config.ts'
import { Room } from '../../../schemas/room.ts'

const reference = loadReference({ calendars: [] }, '.')
const source = (id: string, region: string) => Source.parse({ id, region })
const config = {
  sources: [source('a', '32'), source('b', '32'), source('c', '73.71'), source('lost', ''), ...builtInSources],
  rooms: [
    Room.parse({ id: 'ruang-jabar', region: '32' }),
    Room.parse({ id: 'ruang-papua', name: 'Papua', region: '91' }),
    Room.parse({ id: 'ruang-makassar', region: '73.71' }),
  ],
}
const at = Date.parse('2024-11-27T03:00:00Z')
const reported: LastReport[] = [
  { room: 'ruang-jabar', at: at - 3_600_000, kind: 'incident' },
  { room: 'ruang-papua', at: at - 60_000, kind: 'nihil' },
]
type States = Record<string, 'live' | 'blind' | 'never'>
const of = (states: States, lastReports = reported, all = false) =>
  regionsOf({
    at,
    sources: Object.entries({ demo: 'live' as const, 'siaga-audit': 'live' as const, ...states }).map(
      ([id, state]) => ({ id, state }),
    ),
    config,
    reference,
    lastReports,
    all,
  })
const stateOf = (states: States, region: string) => of(states).regions.find((one) => one.region === region)?.state

describe('a region', () => {
  test.each<[States, string, string]>([
    [{ a: 'live', b: 'live' }, '32', 'monitored'],
    [{ a: 'live', b: 'blind' }, '32', 'partly'],
    [{ a: 'blind', b: 'never' }, '32', 'unmonitored'],
    [{}, '32', 'unmonitored'],
    [{ c: 'live' }, '73.71', 'monitored'],
  ])('with sources %j: %s is %s', (states, region, expected) => {
    expect(stateOf(states, region)).toBe(expected)
  })

  test('without a sensor is not monitored, whatever its room reports; Siaga’s own sources are no sensors', () => {
    expect(of({ a: 'live' }).regions.find(({ region }) => region === '91')).toMatchObject({
      state: 'unmonitored',
      expected: 0,
      rooms: [{ id: 'ruang-papua', lastReport: at - 60_000, lastKind: 'nihil' }],
    })
    // 00 has siaga-audit alone.
    expect(of({}).regions.map(({ region }) => region)).toEqual(['', '32', '73.71', '91'])
  })

  test('has figures, and the names of what is silent', () => {
    const { regions, totals } = of({ a: 'live', b: 'blind', c: 'live', lost: 'never' })
    expect(regions.find(({ region }) => region === '32')).toMatchObject({
      name: 'Jawa Barat',
      zone: 'WIB',
      expected: 2,
      reporting: 1,
      silent: 1,
      silentSources: ['b'],
      rooms: [{ id: 'ruang-jabar', lastKind: 'incident' }],
    })
    // A kabupaten's or kota's sensor watches its province too.
    expect(totals).toEqual({
      expected: 4,
      reporting: 2,
      silent: 2,
      unmonitored: 2,
      provinces: 38,
      provincesUnmonitored: 36,
    })
    expect(of({}, [], true).regions.filter(({ region }) => region.length === 2)).toHaveLength(38)
  })
})

test('the table: only working sensors are green, times in the zone of the region', () => {
  const green: string[] = []
  const paint = (style: unknown, text: string) => {
    if (style === 'green') green.push(text)
    return text
  }
  const text = showRegions(of({ a: 'live', b: 'live', c: 'blind' }), 'id', paint)
  expect(green).toEqual(['terpantau'])
  expect(text).toMatch(/\n32 +Jawa Barat +terpantau +2 +2 +0 +ruang-jabar +2024-11-27 09:00:00 WIB \(insiden\)\n/)
  expect(text).toMatch(/\n91 +Papua +TIDAK TERPANTAU +0 +0 +0 +ruang-papua +2024-11-27 11:59:00 WIT \(nihil\)\n/)
  expect(text).toMatch(/\n73\.71 +Kota Makassar +TIDAK TERPANTAU +1 +0 +1 +ruang-makassar +belum pernah\n/i)
  expect(text).toMatch(/\nDiam di 73\.71: c\n/)
  expect(text).toMatch(/37 dari 38 provinsi tanpa sensor yang bekerja: nihil di sana bukan berarti aman\.\n$/)
  expect(showRegions(of({}), 'en', paint)).toMatch(/\n91 +Papua +NOT MONITORED /)
})

describe('with what the judge of silence says', () => {
  const judgedBy = (
    rows: readonly { id: string; region: string; state: string; counted?: string; expected?: number; kind?: 'probe' }[],
    until = at - 5_000,
  ) =>
    regionsOf({
      at,
      // All were heard in the last hour: without the judge everything would be green.
      sources: ['a', 'b', 'c', 'lost'].map((id) => ({ id, state: 'live' as const })),
      config,
      reference,
      lastReports: [],
      judgement: {
        until,
        sources: rows.map(({ id, region, state, counted = state, expected = 0, kind = 'source' as const }) => ({
          id,
          kind,
          region,
          asset: id.replace('probe:', ''),
          state,
          counted,
          expected,
        })),
      },
      all: false,
    })
  const silent = { id: 'c', region: '73.71', state: 'silent' }
  const one = (report: ReturnType<typeof judgedBy>, region: string) =>
    report.regions.find((entry) => entry.region === region)
  const greenOf = (report: ReturnType<typeof judgedBy>): string[] => {
    const green: string[] = []
    showRegions(report, 'id', (style, text) => {
      if (style === 'green') green.push(text)
      return text
    })
    return green
  }

  test('a source that is silent counts no more, though it was heard in the last hour', () => {
    expect(one(judgedBy([silent]), '73.71')).toMatchObject({ state: 'unmonitored', silentSources: ['c'] })
    expect(one(judgedBy([silent]), '32')).toMatchObject({ state: 'monitored', reporting: 2 })
  })

  test('one that is quiet as usual counts, and it is shown when it is expected again', () => {
    const report = judgedBy([{ id: 'c', region: '73.71', state: 'quiet', expected: at + 3_600_000 }])
    expect(one(report, '73.71')).toMatchObject({ state: 'monitored', silent: 0 })
    expect(showRegions(report, 'id', (_, text) => text)).toContain(
      'Biasa diam pada jam ini di 73.71: c, ditunggu lagi 2024-11-27 12:00:00 WITA\n',
    )
  })

  test('one that cannot be judged leaves its region as it was, but not green', () => {
    const live = judgedBy([{ id: 'c', region: '73.71', state: 'unjudged', counted: 'live' }])
    expect(one(live, '73.71')).toMatchObject({ state: 'monitored', unjudgedSources: ['c'] })
    // The other two regions are green still.
    expect(greenOf(live)).toHaveLength(2)
    expect(greenOf(judgedBy([{ id: 'c', region: '73.71', state: 'live' }]))).toHaveLength(3)
    const before = judgedBy([{ id: 'c', region: '73.71', state: 'unjudged', counted: 'silent' }])
    expect(one(before, '73.71')).toMatchObject({ state: 'unmonitored' })
  })

  test('a site that is not probed any more leaves its region partly watched', () => {
    const report = judgedBy([{ id: 'probe:portal', region: '32', state: 'silent', kind: 'probe' }])
    expect(one(report, '32')).toMatchObject({ state: 'partly', unprobedSites: ['portal'], silent: 0 })
  })

  test('what was judged long ago holds no more: nothing is green, and it says since when', () => {
    const report = judgedBy([silent], at - 3_600_000)
    expect(one(report, '73.71')).toMatchObject({ state: 'monitored' })
    expect(greenOf(report)).toEqual([])
    expect(showRegions(report, 'en', (_, text) => text)).toContain('judged nothing since 2024-11-27 09:00:00 WIB')
  })
})
