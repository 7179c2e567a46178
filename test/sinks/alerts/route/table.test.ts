import { describe, expect, test } from 'vitest'
import type { Ask } from '../../../../schemas/alert.ts'
import type { Severity } from '../../../../schemas/detection.ts'
import type { TimeZone } from '../../../../schemas/place.ts'
import type { Room } from '../../../../schemas/room.ts'
import { createRouter, type RoutedAlert } from '../../../../sinks/alerts/route/router.ts'
import { at, clock, roomOf, settingsOf, testReference, told } from './watch.ts'

const reference = testReference()

const alertOf = (region_code: string, asks: readonly Ask[], changed: Partial<RoutedAlert> = {}): RoutedAlert => ({
  region_code,
  owner: '',
  status: 'open',
  asks: [...asks],
  acknowledged_at: 0,
  ...changed,
})
const opened = (severity: Severity, ms: number): Ask => ({ at: ms, reason: 'opened', severity })

describe('every phase, severity, route and zone, asked at 10:00 local time with everybody on duty', () => {
  /** A Wednesday of each phase. */
  const days = {
    persiapan: '2030-01-09',
    kampanye: '2030-01-16',
    masa_tenang: '2030-01-23',
    pemungutan: '2030-01-30',
    rekapitulasi: '2030-02-06',
    sengketa: '2030-02-13',
    none: '2030-02-27',
  } as const
  const places: Record<TimeZone, { kabupaten: string; provinsi: string }> = {
    WIB: { kabupaten: '32.73', provinsi: '32' },
    WITA: { kabupaten: '73.71', provinsi: '73' },
    WIT: { kabupaten: '91.71', provinsi: '91' },
  }
  /**
   * Routes. In each place the kabupaten's and the province's room are of the regional government; the province's may see what is KPU's by
   * agreement, neither what is Bawaslu's.
   */
  const routes = {
    kabupaten: { region: 'kabupaten', owner: '' },
    kpu: { region: 'kabupaten', owner: 'KPU' },
    bawaslu: { region: 'kabupaten', owner: 'Bawaslu' },
    provinsi: { region: 'provinsi', owner: '' },
    nasional: { region: 'nasional', owner: '' },
    tak_dikenal: { region: 'tak_dikenal', owner: '' },
  } as const

  /**
   * Expected: minutes after the ask at which k(abupaten), p(rovince) and c(entre) are told, with the shipped deadlines and two repetitions of
   * an hour. Critical: all at once, and the centre again when the deadline has passed. Low: from 22:00 to 06:00 it waits, on the clock of
   * the room; 06:00 in Jakarta is 07:00 WITA and 08:00 WIT.
   *
   * Deadlines: critical 5, high 15, medium 60, low 480, informational 1440; masa_tenang and rekapitulasi high 10; pemungutan critical 3,
   * high 5, medium 30. An alert of no region is in no phase.
   */
  const usual = {
    critical: {
      kabupaten: 'k0 p0 c0 c5 c65',
      kpu: 'p0 c0 c5 c65',
      bawaslu: 'c0 c5 c65',
      provinsi: 'p0 c0 c5 c65',
      nasional: 'c0 c5 c65',
      tak_dikenal: 'c0 c5 c65',
    },
    high: {
      kabupaten: 'k0 p15 c30 c90 c150',
      kpu: 'p0 c15 c75 c135',
      bawaslu: 'c0 c60 c120',
      provinsi: 'p0 c15 c75 c135',
      nasional: 'c0 c15 c75',
      tak_dikenal: 'c0 c60 c120',
    },
    medium: {
      kabupaten: 'k0 p60 c120 c180 c240',
      kpu: 'p0 c60 c120 c180',
      bawaslu: 'c0 c60 c120',
      provinsi: 'p0 c60 c120 c180',
      nasional: 'c0 c60 c120',
      tak_dikenal: 'c0 c60 c120',
    },
  } as const
  const quiet = {
    critical: usual.critical,
    high: {
      ...usual.high,
      kabupaten: 'k0 p10 c20 c80 c140',
      kpu: 'p0 c10 c70 c130',
      provinsi: 'p0 c10 c70 c130',
      nasional: 'c0 c10 c70',
    },
    medium: usual.medium,
  } as const
  const voting = {
    critical: {
      kabupaten: 'k0 p0 c0 c3 c63',
      kpu: 'p0 c0 c3 c63',
      bawaslu: 'c0 c3 c63',
      provinsi: 'p0 c0 c3 c63',
      nasional: 'c0 c3 c63',
      tak_dikenal: 'c0 c5 c65',
    },
    high: {
      kabupaten: 'k0 p5 c10 c70 c130',
      kpu: 'p0 c5 c65 c125',
      bawaslu: 'c0 c60 c120',
      provinsi: 'p0 c5 c65 c125',
      nasional: 'c0 c5 c65',
      tak_dikenal: 'c0 c60 c120',
    },
    medium: {
      kabupaten: 'k0 p30 c60 c120 c180',
      kpu: 'p0 c30 c90 c150',
      bawaslu: 'c0 c60 c120',
      provinsi: 'p0 c30 c90 c150',
      nasional: 'c0 c30 c90',
      tak_dikenal: 'c0 c60 c120',
    },
  } as const
  /** The same in every phase. Province at 18:00; its deadline ends at 02:00, when it is 01:00 or 00:00 in Jakarta. */
  const low = {
    WIB: { kabupaten: 'k0 p480 c1200 c1260 c1320', provinsi: 'p0 c480 c540 c600' },
    WITA: { kabupaten: 'k0 p480 c1260 c1320 c1380', provinsi: 'p0 c480 c540 c600' },
    WIT: { kabupaten: 'k0 p480 c1320 c1380 c1440', provinsi: 'p0 c480 c540 c600' },
  } as const
  const informational = { kabupaten: 'k0 p1440 c2880 c2940 c3000', provinsi: 'p0 c1440 c1500 c1560' } as const
  const centreAlone = 'c0 c60 c120'
  const byPhase = {
    persiapan: usual,
    kampanye: usual,
    masa_tenang: quiet,
    pemungutan: voting,
    rekapitulasi: quiet,
    sengketa: usual,
    none: usual,
  } as const

  const expected = (
    phase: keyof typeof days,
    severity: Severity,
    route: keyof typeof routes,
    zone: TimeZone,
  ): string => {
    if (severity !== 'low' && severity !== 'informational') return byPhase[phase][severity][route]
    const waiting = severity === 'low' ? low[zone] : informational
    if (route === 'kabupaten') return waiting.kabupaten
    return route === 'kpu' || route === 'provinsi' ? waiting.provinsi : centreAlone
  }

  const all = keys(days).flatMap((phase) =>
    (['critical', 'high', 'medium', 'low', 'informational'] as const).flatMap((severity) =>
      keys(places).map((zone) => [phase, severity, zone] as const),
    ),
  )
  test('the walk is complete: 7 phases, 5 severities, 3 zones, 6 routes', () => {
    expect([all.length, keys(routes).length]).toEqual([7 * 5 * 3, 6])
  })

  test.each(all)('%s, %s, %s', (phase, severity, zone) => {
    const { kabupaten, provinsi } = places[zone]
    const government = { owner: 'Pemda' }
    const router = createRouter({
      reference,
      settings: settingsOf(['k', 'p', 'c'], { repeats: 2 }),
      rooms: [
        roomOf('pusat', '00', [{ recipients: ['c'] }], { owner: 'BSSN' }),
        roomOf('provinsi', provinsi, [{ recipients: ['p'] }], { ...government, sees: ['KPU'] }),
        roomOf('kabupaten', kabupaten, [{ recipients: ['k'] }], government),
        // Elsewhere: never told.
        roomOf('tetangga', '33', [{ recipients: ['k'] }], { sees: ['KPU', 'Bawaslu'] }),
      ],
    })
    const ask = at(`${days[phase]} 10:00`, zone)
    const codes = { kabupaten, provinsi, nasional: '00', tak_dikenal: '' }
    const found = keys(routes).map((route) => {
      const { region, owner } = routes[route]
      const alert = alertOf(codes[region], [opened(severity, ask)], { owner })
      const pages = told(router, { alert, from: ask, until: ask + 30 * 86_400_000 })
      expect(pages.map(({ reason }) => reason)).toEqual(pages.map((page) => (page.at === ask ? 'opened' : 'escalated')))
      return [route, pages.map((page) => `${page.recipient}${(page.at - ask) / 60_000}`).join(' ')]
    })
    expect(found).toEqual(keys(routes).map((route) => [route, expected(phase, severity, route, zone)]))
  })
})

describe('on the clock', () => {
  interface Scenario {
    readonly rooms: readonly Room[]
    readonly region?: string
    readonly zone?: TimeZone
    readonly owner?: string
    /** Severity and local time of the first ask. */
    readonly ask: readonly [Severity, string]
    readonly changes?: readonly (readonly [string, Partial<RoutedAlert>])[]
    readonly down?: readonly [string, string]
    readonly muted?: readonly string[]
    readonly fallback?: readonly string[]
    readonly repeats?: number
    readonly until?: string
    /** Local time, recipient, reason. */
    readonly told: readonly string[]
  }
  const everybody = (kabupaten: string, provinsi: string) => [
    roomOf('kabupaten', kabupaten, [{ recipients: ['k'] }]),
    roomOf('provinsi', provinsi, [{ recipients: ['p'] }]),
    roomOf('pusat', '00', [{ recipients: ['c'] }]),
  ]
  const bandung = everybody('32.73', '32')
  const office = ['mon', 'tue', 'wed', 'thu', 'fri']
  const centre = roomOf('pusat', '00', [{ recipients: ['c'] }])
  const acknowledgedAt = (text: string, zone: TimeZone = 'WIB'): Partial<RoutedAlert> => ({
    status: 'acknowledged',
    acknowledged_at: at(text, zone),
    seen: { at: at(text, zone), severity: 'high', attack: [] },
  })
  const asks = (...list: (readonly [Ask['reason'], Severity, string])[]): Ask[] =>
    list.map(([reason, severity, text]) => ({ reason, severity, at: at(text, 'WIB') }))

  const scenarios: Record<string, Scenario> = {
    'over midnight, WIB': {
      rooms: bandung,
      ask: ['high', '2030-02-27 23:50'],
      told: ['2030-02-27 23:50 k opened', '2030-02-28 00:05 p escalated', '2030-02-28 00:20 c escalated'],
    },
    'over midnight, WITA': {
      rooms: everybody('73.71', '73'),
      region: '73.71',
      zone: 'WITA',
      ask: ['high', '2030-02-27 23:50'],
      told: ['2030-02-27 23:50 k opened', '2030-02-28 00:05 p escalated', '2030-02-28 00:20 c escalated'],
    },
    'over midnight, WIT': {
      rooms: everybody('91.71', '91'),
      region: '91.71',
      zone: 'WIT',
      ask: ['high', '2030-02-27 23:50'],
      told: ['2030-02-27 23:50 k opened', '2030-02-28 00:05 p escalated', '2030-02-28 00:20 c escalated'],
    },
    // 10 minutes in masa_tenang, 5 in pemungutan. A deadline that runs keeps its length; the next one is that of the new phase.
    'voting day begins while it climbs, WIB': {
      rooms: bandung,
      ask: ['high', '2030-01-27 23:55'],
      told: ['2030-01-27 23:55 k opened', '2030-01-28 00:05 p escalated', '2030-01-28 00:10 c escalated'],
    },
    'voting day begins while it climbs, WITA': {
      rooms: everybody('73.71', '73'),
      region: '73.71',
      zone: 'WITA',
      ask: ['high', '2030-01-27 23:55'],
      told: ['2030-01-27 23:55 k opened', '2030-01-28 00:05 p escalated', '2030-01-28 00:10 c escalated'],
    },
    'voting day begins while it climbs, WIT': {
      rooms: everybody('91.71', '91'),
      region: '91.71',
      zone: 'WIT',
      ask: ['high', '2030-01-27 23:55'],
      told: ['2030-01-27 23:55 k opened', '2030-01-28 00:05 p escalated', '2030-01-28 00:10 c escalated'],
    },
    // One moment, 15:58 UTC: voting day has begun in Papua, begins in Makassar in two minutes and in Bandung in an hour and two.
    'the same moment in WIT': {
      rooms: everybody('91.71', '91'),
      region: '91.71',
      zone: 'WIT',
      ask: ['high', '2030-01-28 00:58'],
      told: ['2030-01-28 00:58 k opened', '2030-01-28 01:03 p escalated', '2030-01-28 01:08 c escalated'],
    },
    'the same moment in WITA': {
      rooms: everybody('73.71', '73'),
      region: '73.71',
      zone: 'WITA',
      ask: ['high', '2030-01-27 23:58'],
      told: ['2030-01-27 23:58 k opened', '2030-01-28 00:08 p escalated', '2030-01-28 00:13 c escalated'],
    },
    'the same moment in WIB': {
      rooms: bandung,
      ask: ['high', '2030-01-27 22:58'],
      told: ['2030-01-27 22:58 k opened', '2030-01-27 23:08 p escalated', '2030-01-27 23:18 c escalated'],
    },
    'voting day ends while it climbs: the last deadline is the longer one of the count': {
      rooms: bandung,
      ask: ['high', '2030-02-03 23:57'],
      told: ['2030-02-03 23:57 k opened', '2030-02-04 00:02 p escalated', '2030-02-04 00:12 c escalated'],
    },

    // 2030-02-27 is a Wednesday, 2030-03-01 a Friday.
    'office hours: on duty on a weekday': {
      rooms: [roomOf('kabupaten', '32.73', [{ days: office, hours: '08:00-17:00', recipients: ['k'] }]), centre],
      ask: ['high', '2030-02-27 16:59'],
      told: ['2030-02-27 16:59 k opened', '2030-02-27 17:14 c escalated'],
    },
    'after office hours the room is passed over without waiting, and told in the morning': {
      rooms: [
        roomOf('kabupaten', '32.73', [{ days: office, hours: '08:00-17:00', recipients: ['k'] }]),
        ...everybody('32.01', '32').slice(1),
      ],
      ask: ['high', '2030-02-27 17:00'],
      told: ['2030-02-27 17:00 p opened', '2030-02-27 17:15 c escalated', '2030-02-28 08:00 k opened'],
    },
    'on Saturday the room waits for Monday': {
      rooms: [roomOf('kabupaten', '32.73', [{ days: office, hours: '08:00-17:00', recipients: ['k'] }]), centre],
      ask: ['high', '2030-03-02 10:00'],
      told: ['2030-03-02 10:00 c opened', '2030-03-04 08:00 k opened'],
    },
    'nobody comes on duty for what was acknowledged in the night': {
      rooms: [roomOf('kabupaten', '32.73', [{ hours: '08:00-17:00', recipients: ['k'] }]), centre],
      ask: ['high', '2030-02-27 20:00'],
      changes: [['2030-02-28 07:59', acknowledgedAt('2030-02-28 07:59')]],
      told: ['2030-02-27 20:00 c opened'],
    },
    'a night shift that begins on Friday is on duty on Saturday at 05:59': {
      rooms: [roomOf('kabupaten', '32.73', [{ days: ['fri'], hours: '20:00-06:00', recipients: ['k'] }]), centre],
      ask: ['high', '2030-03-02 05:59'],
      until: '2030-03-03 00:00',
      told: ['2030-03-02 05:59 k opened', '2030-03-02 06:14 c escalated'],
    },
    'and is over at 06:00': {
      rooms: [roomOf('kabupaten', '32.73', [{ days: ['fri'], hours: '20:00-06:00', recipients: ['k'] }]), centre],
      ask: ['high', '2030-03-02 06:00'],
      until: '2030-03-03 00:00',
      told: ['2030-03-02 06:00 c opened'],
    },
    'no night shift begins on Thursday: Friday 05:00 is nobody’s': {
      rooms: [roomOf('kabupaten', '32.73', [{ days: ['fri'], hours: '20:00-06:00', recipients: ['k'] }]), centre],
      ask: ['high', '2030-03-01 05:00'],
      until: '2030-03-02 00:00',
      told: ['2030-03-01 05:00 c opened', '2030-03-01 20:00 k opened'],
    },
    'two shifts: who is there is told': {
      rooms: [
        roomOf('kabupaten', '32.73', [
          { hours: '06:00-18:00', recipients: ['siang'] },
          { hours: '18:00-06:00', recipients: ['malam', 'kepala'] },
        ]),
        centre,
      ],
      ask: ['high', '2030-02-27 18:00'],
      told: ['2030-02-27 18:00 malam opened', '2030-02-27 18:00 kepala opened', '2030-02-27 18:15 c escalated'],
    },
    'a roster in another zone than its region’s: the centre on the clock of Papua': {
      rooms: [
        roomOf('pusat', '00', [{ hours: '08:00-16:00', zone: 'WIT', recipients: ['c'] }]),
        roomOf('kabupaten', '32.73', [{ recipients: ['k'] }]),
      ],
      // 13:50 WIB is 15:50 WIT; 15 minutes later it is 16:05 there.
      ask: ['high', '2030-02-27 13:50'],
      told: ['2030-02-27 13:50 k opened', '2030-02-28 06:00 c opened'],
    },
    'several rooms of a region are told at once, one of them when somebody comes': {
      rooms: [
        roomOf('satu', '32.73', [{ recipients: ['k'] }]),
        roomOf('dua', '32.73', [{ recipients: ['k2'] }]),
        roomOf('tiga', '32.73', [{ hours: '11:00-12:00', recipients: ['k3'] }]),
        centre,
      ],
      ask: ['high', '2030-02-27 10:00'],
      told: [
        '2030-02-27 10:00 k opened',
        '2030-02-27 10:00 k2 opened',
        '2030-02-27 10:15 c escalated',
        '2030-02-27 11:00 k3 opened',
      ],
    },
    'one person on duty in two rooms gets one message at one time': {
      rooms: [
        roomOf('kabupaten', '32.73', [{ recipients: ['k', 'bersama'] }]),
        roomOf('provinsi', '32', [{ recipients: ['bersama'] }]),
        centre,
      ],
      ask: ['critical', '2030-02-27 10:00'],
      told: ['2030-02-27 10:00 k opened', '2030-02-27 10:00 bersama opened', '2030-02-27 10:00 c opened'],
    },

    'critical at night: those who are there, at once, whatever the quiet hours; the others when they come': {
      rooms: [
        roomOf('kabupaten', '32.73', [{ hours: '08:00-17:00', recipients: ['k'] }]),
        roomOf('provinsi', '32', [{ recipients: ['p'] }]),
        centre,
      ],
      ask: ['critical', '2030-02-27 23:00'],
      told: ['2030-02-27 23:00 p opened', '2030-02-27 23:00 c opened', '2030-02-28 08:00 k opened'],
    },
    'an empty centre: the fallback stands in at its turn': {
      rooms: bandung.slice(0, 2),
      fallback: ['f'],
      ask: ['high', '2030-02-27 10:00'],
      told: ['2030-02-27 10:00 k opened', '2030-02-27 10:15 p escalated', '2030-02-27 10:30 f escalated'],
    },
    'nobody anywhere: the fallback at once, the centre when it comes': {
      rooms: [roomOf('pusat', '00', [{ hours: '08:00-17:00', recipients: ['c'] }])],
      fallback: ['f'],
      ask: ['high', '2030-02-27 03:00'],
      told: ['2030-02-27 03:00 f opened', '2030-02-27 08:00 c opened'],
    },
    'nobody and no fallback: whoever comes first': {
      rooms: [
        roomOf('kabupaten', '32.73', [{ days: ['mon'], hours: '08:00-17:00', recipients: ['k'] }]),
        roomOf('pusat', '00', [{ days: ['sun'], hours: '08:00-17:00', recipients: ['c'] }]),
      ],
      ask: ['high', '2030-02-27 03:00'],
      told: ['2030-03-03 08:00 c opened', '2030-03-04 08:00 k opened'],
    },
    'the province’s room has left: repetitions go to the highest level that is there': {
      rooms: [
        roomOf('kabupaten', '32.73', [{ recipients: ['k'] }]),
        roomOf('provinsi', '32', [{ hours: '08:00-11:00', recipients: ['p'] }]),
      ],
      repeats: 2,
      ask: ['high', '2030-02-27 09:50'],
      // The centre's turn at 10:20; again 11:20 and 12:20.
      told: [
        '2030-02-27 09:50 k opened',
        '2030-02-27 10:05 p escalated',
        '2030-02-27 11:20 k escalated',
        '2030-02-27 12:20 k escalated',
      ],
    },

    'quiet hours: a low one waits for the morning and climbs from there': {
      rooms: bandung,
      ask: ['low', '2030-02-27 22:00'],
      told: ['2030-02-28 06:00 k opened', '2030-02-28 14:00 p escalated', '2030-03-01 06:00 c escalated'],
    },
    'quiet hours: a minute before, it does not wait': {
      rooms: bandung,
      ask: ['low', '2030-02-27 21:59'],
      told: ['2030-02-27 21:59 k opened', '2030-02-28 06:00 p escalated', '2030-02-28 14:00 c escalated'],
    },
    'quiet hours are over at 06:00': {
      rooms: bandung,
      ask: ['low', '2030-02-28 06:00'],
      told: ['2030-02-28 06:00 k opened', '2030-02-28 14:00 p escalated', '2030-03-01 06:00 c escalated'],
    },
    'quiet hours: medium does not wait': {
      rooms: bandung,
      ask: ['medium', '2030-02-27 23:30'],
      told: ['2030-02-27 23:30 k opened', '2030-02-28 00:30 p escalated', '2030-02-28 01:30 c escalated'],
    },
    'quiet hours are those of the room: it is 22:30 in Papua and 20:30 in Jakarta': {
      rooms: [roomOf('kabupaten', '91.71', []), centre],
      region: '91.71',
      zone: 'WIT',
      ask: ['informational', '2030-02-27 22:30'],
      told: ['2030-02-27 22:30 c opened'],
    },
    'repetitions that wait for one morning are one': {
      rooms: [centre],
      region: '',
      repeats: 4,
      ask: ['low', '2030-02-27 20:30'],
      // Again at 21:30; 22:30, 23:30 and 00:30 wait for 06:00.
      told: ['2030-02-27 20:30 c opened', '2030-02-27 21:30 c escalated', '2030-02-28 06:00 c escalated'],
    },

    'it is still evening in Jakarta, but not for the only room that is there': {
      rooms: [roomOf('provinsi', '91', [{ recipients: ['p'] }])],
      region: '91',
      zone: 'WIT',
      repeats: 3,
      ask: ['low', '2030-02-27 13:00'],
      // The centre's turn at 21:00 WIT; again at 22:00, 23:00 and, in Jakarta 22:00, when its quiet hours end at 08:00 WIT.
      told: ['2030-02-27 13:00 p opened', '2030-02-28 08:00 p escalated'],
    },

    'what is KPU’s passes the government’s room and reaches the one with an agreement': {
      rooms: [
        roomOf('pemkot', '32.73', [{ recipients: ['k'] }], { owner: 'Pemkot' }),
        roomOf('kpu', '32.73', [{ recipients: ['kpu'] }], { owner: 'KPU' }),
        roomOf('pemprov', '32', [{ recipients: ['p'] }], { owner: 'Pemprov' }),
        centre,
      ],
      owner: 'KPU',
      ask: ['critical', '2030-02-27 10:00'],
      told: ['2030-02-27 10:00 kpu opened', '2030-02-27 10:00 c opened'],
    },
    'a muted room is passed over and delays nobody': {
      rooms: bandung,
      muted: ['kabupaten'],
      ask: ['high', '2030-02-27 10:00'],
      told: ['2030-02-27 10:00 p opened', '2030-02-27 10:15 c escalated'],
    },

    'an acknowledgement ends the climb': {
      rooms: bandung,
      ask: ['high', '2030-02-27 10:00'],
      changes: [['2030-02-27 10:14', acknowledgedAt('2030-02-27 10:14')]],
      told: ['2030-02-27 10:00 k opened'],
    },
    'closing it ends the climb': {
      rooms: bandung,
      ask: ['high', '2030-02-27 10:00'],
      changes: [['2030-02-27 10:16', { status: 'false_positive' }]],
      told: ['2030-02-27 10:00 k opened', '2030-02-27 10:15 p escalated'],
    },
    'an acknowledgement ends the repetitions': {
      rooms: [centre],
      region: '00',
      repeats: 5,
      ask: ['critical', '2030-02-27 10:00'],
      changes: [['2030-02-27 11:06', acknowledgedAt('2030-02-27 11:06')]],
      told: ['2030-02-27 10:00 c opened', '2030-02-27 10:05 c escalated', '2030-02-27 11:05 c escalated'],
    },
    'a new stage after the acknowledgement starts from below': {
      rooms: bandung,
      ask: ['high', '2030-02-27 10:00'],
      changes: [
        ['2030-02-27 10:20', acknowledgedAt('2030-02-27 10:20')],
        [
          '2030-02-27 12:00',
          {
            ...acknowledgedAt('2030-02-27 10:20'),
            asks: asks(['opened', 'high', '2030-02-27 10:00'], ['stage', 'high', '2030-02-27 12:00']),
          },
        ],
      ],
      told: [
        '2030-02-27 10:00 k opened',
        '2030-02-27 10:15 p escalated',
        '2030-02-27 12:00 k stage',
        '2030-02-27 12:15 p escalated',
        '2030-02-27 12:30 c escalated',
      ],
    },
    'critical after the acknowledgement tells all at once': {
      rooms: bandung,
      ask: ['high', '2030-02-27 10:00'],
      changes: [
        ['2030-02-27 10:05', acknowledgedAt('2030-02-27 10:05')],
        [
          '2030-02-27 12:00',
          {
            ...acknowledgedAt('2030-02-27 10:05'),
            asks: asks(['opened', 'high', '2030-02-27 10:00'], ['severity', 'critical', '2030-02-27 12:00']),
          },
        ],
      ],
      told: [
        '2030-02-27 10:00 k opened',
        '2030-02-27 12:00 k severity',
        '2030-02-27 12:00 p severity',
        '2030-02-27 12:00 c severity',
      ],
    },
    'more severe while nobody has answered: those who know at once, the others no later than before': {
      rooms: bandung,
      ask: ['medium', '2030-02-27 10:00'],
      changes: [
        [
          '2030-02-27 10:50',
          { asks: asks(['opened', 'medium', '2030-02-27 10:00'], ['severity', 'high', '2030-02-27 10:50']) },
        ],
      ],
      // Province: 11:00 by the first ask, 11:05 by the second. Centre: 12:00 by the first, 11:20 by the second.
      told: [
        '2030-02-27 10:00 k opened',
        '2030-02-27 10:50 k severity',
        '2030-02-27 11:00 p escalated',
        '2030-02-27 11:20 c escalated',
      ],
    },
    'reopened after it was closed': {
      rooms: bandung,
      ask: ['high', '2030-02-27 10:00'],
      changes: [
        ['2030-02-27 10:05', { ...acknowledgedAt('2030-02-27 10:05'), status: 'resolved' }],
        [
          '2030-02-28 02:00',
          {
            ...acknowledgedAt('2030-02-27 10:05'),
            status: 'open',
            asks: asks(['opened', 'high', '2030-02-27 10:00'], ['reopened', 'high', '2030-02-28 02:00']),
          },
        ],
      ],
      told: [
        '2030-02-27 10:00 k opened',
        '2030-02-28 02:00 k reopened',
        '2030-02-28 02:15 p escalated',
        '2030-02-28 02:30 c escalated',
      ],
    },

    'a restart in between changes nothing': {
      rooms: bandung,
      ask: ['high', '2030-02-27 10:00'],
      down: ['2030-02-27 10:05', '2030-02-27 10:10'],
      told: ['2030-02-27 10:00 k opened', '2030-02-27 10:15 p escalated', '2030-02-27 10:30 c escalated'],
    },
    'down for four hours: each room once, the centre not for every repetition, then as ever': {
      rooms: bandung,
      repeats: 5,
      ask: ['high', '2030-02-27 10:00'],
      down: ['2030-02-27 10:05', '2030-02-27 14:00'],
      // Missed: P 10:15, C 10:30, 11:30, 12:30 and 13:30.
      told: [
        '2030-02-27 10:00 k opened',
        '2030-02-27 14:00 p escalated',
        '2030-02-27 14:00 c escalated',
        '2030-02-27 14:30 c escalated',
        '2030-02-27 15:30 c escalated',
      ],
    },
    'down for four hours, and only the fallback: once, as what it is by now': {
      rooms: [],
      fallback: ['f'],
      repeats: 5,
      ask: ['high', '2030-02-27 10:00'],
      down: ['2030-02-27 09:59', '2030-02-27 14:00'],
      told: ['2030-02-27 14:00 f escalated', '2030-02-27 15:00 f escalated'],
    },
    'down over a change of shift: whoever is there now is told': {
      rooms: [
        roomOf('kabupaten', '32.73', [
          { hours: '20:00-08:00', recipients: ['malam'] },
          { hours: '08:00-20:00', recipients: ['siang'] },
        ]),
        roomOf('provinsi', '32', [{ hours: '06:00-07:40', recipients: ['p'] }]),
        centre,
      ],
      ask: ['high', '2030-02-27 07:20'],
      down: ['2030-02-27 07:19', '2030-02-27 08:30'],
      // The province's people have gone and nobody came after them: then they are told.
      told: ['2030-02-27 08:30 siang opened', '2030-02-27 08:30 p escalated', '2030-02-27 08:30 c escalated'],
    },
    'acknowledged before it stood still: silence afterwards': {
      rooms: bandung,
      ask: ['high', '2030-02-27 10:00'],
      changes: [['2030-02-27 10:04', acknowledgedAt('2030-02-27 10:04')]],
      down: ['2030-02-27 10:05', '2030-02-27 14:00'],
      told: ['2030-02-27 10:00 k opened'],
    },
  }

  test.each(Object.entries(scenarios))('%s', (_, scenario) => {
    const { rooms, region = '32.73', zone = 'WIB', ask, changes = [], down, muted = [], fallback = [] } = scenario
    const recipients = ['k', 'k2', 'k3', 'p', 'c', 'f', 'kpu', 'siang', 'malam', 'kepala', 'bersama']
    const settings = settingsOf(recipients, { repeats: scenario.repeats ?? 0, fallback })
    const router = createRouter({ settings, rooms, reference })
    const [severity, text] = ask
    const from = at(text, zone)
    const alert = alertOf(region, [opened(severity, from)], { owner: scenario.owner ?? '' })
    const found = told(router, {
      alert,
      from: down !== undefined && at(down[0], zone) < from ? at(down[1], zone) : from,
      until: scenario.until === undefined ? from + 20 * 86_400_000 : at(scenario.until, zone),
      muted,
      changes: changes.map(([when, changed]) => ({ at: at(when, zone), alert: { ...alert, ...changed } })),
      ...(down !== undefined && { down: { from: at(down[0], zone), to: at(down[1], zone) } }),
    })
    expect(found.map((page) => `${clock(page.at, zone)} ${page.recipient} ${page.reason}`)).toEqual(scenario.told)
  })

  test('whom nobody can be told of is counted, until somebody comes on duty', () => {
    const rooms = [roomOf('pusat', '00', [{ days: ['sun'], hours: '08:00-17:00', recipients: ['c'] }])]
    const router = createRouter({ settings: settingsOf(['c']), rooms, reference })
    const alert = alertOf('32.73', [opened('high', at('2030-02-27 03:00', 'WIB'))])
    const sunday = at('2030-03-03 08:00', 'WIB')
    expect(router.plan(alert, at('2030-02-27 03:00', 'WIB'))).toMatchObject({
      pages: [],
      unrouted: true,
      nextAt: sunday,
    })
    expect(router.plan(alert, sunday)).toMatchObject({ pages: [{ recipient: 'c' }], unrouted: false })
    const nobody = createRouter({ settings: settingsOf([]), rooms: [], reference })
    expect(nobody.plan(alert, sunday)).toEqual({ pages: [], nextAt: undefined, unrouted: true })
    // What waits for the end of the quiet hours is on its way.
    const calm = createRouter({
      settings: settingsOf(['c']),
      rooms: [roomOf('pusat', '00', [{ recipients: ['c'] }])],
      reference,
    })
    const low = alertOf('', [opened('low', at('2030-02-27 03:00', 'WIB'))])
    expect(calm.plan(low, at('2030-02-27 03:00', 'WIB'))).toMatchObject({ pages: [], unrouted: false })
  })
})

function keys<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  const names: string[] = Object.keys(record)
  return names.filter((name): name is K => Object.hasOwn(record, name))
}
