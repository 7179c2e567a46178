// Are all regions and calendars there, and does each phase change at local midnight?
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SiagaError } from '../../runtime/errors.ts'
import { loadReference, phaseAt, phasesOf, type Reference, shippedCalendars } from '../../runtime/reference.ts'

const reference = loadReference({ calendars: [...shippedCalendars] }, '.')
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-reference-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function withCalendar(yaml: string): Reference {
  writeFileSync(join(folder, 'own.yaml'), yaml)
  return loadReference({ calendars: ['own.yaml'] }, folder)
}

function refusal(yaml: string): string {
  try {
    withCalendar(yaml)
  } catch (error) {
    if (error instanceof SiagaError && error.code === 'CONFIG_INVALID') return error.message
    throw error
  }
  return ''
}

function phase(region: string, time: string, from: Reference = reference): string {
  const found = phaseAt(from, region, Date.parse(time))
  return found === undefined ? '' : `${found.election} ${found.phase}`
}

describe('regions', () => {
  const codes = [...reference.regions.keys()]
  const provinces = codes.filter((code) => code.length === 2 && code !== '00')
  const districts = codes.filter((code) => code.length === 5)

  it('holds 38 provinces, 514 kabupaten and kota, and the national region', () => {
    expect(provinces).toHaveLength(38)
    expect(districts).toHaveLength(514)
    expect(reference.regions.get('00')).toMatchObject({ name: 'Nasional', zone: 'WIB' })
    expect(codes).toHaveLength(553)
  })

  it('takes additions and corrections from the configuration', () => {
    const own = { code: '96.99', name: 'Kabupaten Baru', zone: 'WIT', lat: -1, lng: 131 } as const
    const corrected = { code: '11.01', name: 'Aceh Selatan Baru', zone: 'WIB', lat: 3, lng: 97 } as const
    const { regions, phases } = loadReference({ calendars: ['pemilu-2024'], regions: [own, corrected] }, '.')
    expect(regions.get('96.99')).toEqual(own)
    expect(regions.get('11.01')?.name).toBe('Aceh Selatan Baru')
    expect(regions.size).toBe(554)
    expect(phases.has('96.99')).toBe(true)
  })

  it('gives every kabupaten and kota a province and its zone', () => {
    for (const code of districts) {
      expect(reference.regions.get(code)?.zone).toBe(reference.regions.get(code.slice(0, 2))?.zone)
    }
  })

  it.each([
    ['WIB', '11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 61 62'],
    ['WITA', '51 52 53 63 64 65 71 72 73 74 75 76'],
    ['WIT', '81 82 91 92 93 94 95 96'],
  ])('places the provinces of %s', (zone, expected) => {
    expect(provinces.filter((code) => reference.regions.get(code)?.zone === zone).join(' ')).toBe(expected)
  })

  it('keeps every centre point inside the box around Indonesia', () => {
    for (const { lat, lng } of reference.regions.values()) {
      expect(lat).toBeGreaterThan(-11.5)
      expect(lat).toBeLessThan(6.5)
      expect(lng).toBeGreaterThan(94.5)
      expect(lng).toBeLessThan(141.5)
    }
  })
})

describe('shipped calendars', () => {
  const votesIn = (election: string): string[] =>
    [...reference.regions.keys()].filter((code) => phasesOf(reference, code).some((one) => one.election === election))
  const listed = (election: string) => {
    const regions = reference.calendars.find((calendar) => calendar.election === election)?.regions
    const codes = regions === undefined || regions === 'all' ? [] : regions
    return {
      provinces: codes.filter((code) => code.length === 2).length,
      kabupaten: codes.filter((code) => code.length === 5 && Number(code.slice(3)) < 71).length,
      kota: codes.filter((code) => code.length === 5 && Number(code.slice(3)) >= 71).length,
    }
  }

  it('lists 37 provinces, 415 kabupaten and 93 kota for Pilkada 2024', () => {
    expect(listed('pilkada-2024')).toEqual({ provinces: 37, kabupaten: 415, kota: 93 })
  })

  it('lists 171 regions for Pilkada 2018, and the three provinces that were part of Papua then', () => {
    expect(listed('pilkada-2018')).toEqual({ provinces: 17 + 3, kabupaten: 115, kota: 39 })
  })

  it('reaches all regions in general elections', () => {
    expect(votesIn('pemilu-2019')).toHaveLength(553)
    expect(votesIn('pemilu-2024')).toHaveLength(553)
  })

  it('closes every phase, so that no past election swallows later time', () => {
    for (const code of reference.regions.keys()) {
      for (const { to } of phasesOf(reference, code)) expect(to).toBeLessThan(Date.parse('2025-03-01T00:00:00Z'))
    }
  })

  it('knows that Yogyakarta elects no governor while its kabupaten vote', () => {
    expect(phase('34', '2024-11-27T12:00:00+07:00')).toBe('')
    expect(phase('34.02', '2024-11-27T12:00:00+07:00')).toBe('pilkada-2024 pemungutan')
  })

  it('lets a kabupaten inherit the election of its province', () => {
    expect(phase('31.71', '2024-11-27T12:00:00+07:00')).toBe('pilkada-2024 pemungutan')
    expect(phase('12.71', '2018-06-27T12:00:00+07:00')).toBe('pilkada-2018 pemungutan')
  })

  it('leaves regions without an election alone', () => {
    expect(phase('31', '2018-06-27T12:00:00+07:00')).toBe('')
    expect(phase('31.71', '2018-06-27T12:00:00+07:00')).toBe('')
  })

  it('counts the national region in every election', () => {
    expect(phase('00', '2018-06-27T12:00:00+07:00')).toBe('pilkada-2018 pemungutan')
    expect(phase('00', '2024-02-14T12:00:00+07:00')).toBe('pemilu-2024 pemungutan')
  })

  it('knows no phase for an empty or unknown region', () => {
    expect(phase('', '2024-02-14T12:00:00+07:00')).toBe('')
    expect(phase('99', '2024-02-14T12:00:00+07:00')).toBe('')
  })

  it('lets the vote win over the count on the day that has both', () => {
    expect(phase('35', '2024-11-27T23:59:59.999+07:00')).toBe('pilkada-2024 pemungutan')
    expect(phase('35', '2024-11-28T00:00:00+07:00')).toBe('pilkada-2024 rekapitulasi')
  })
})

describe('boundaries', () => {
  it.each([
    ['31.71', '+07:00', 'WIB'],
    ['00', '+07:00', 'WIB'],
    ['51.71', '+08:00', 'WITA'],
    ['81.71', '+09:00', 'WIT'],
  ])('change at midnight of %s (%s) to the millisecond', (region, zone) => {
    const steps: [string, string, string][] = [
      ['2024-09-25', '', 'pilkada-2024 kampanye'],
      ['2024-11-24', 'pilkada-2024 kampanye', 'pilkada-2024 masa_tenang'],
      ['2024-11-27', 'pilkada-2024 masa_tenang', 'pilkada-2024 pemungutan'],
      ['2024-11-28', 'pilkada-2024 pemungutan', 'pilkada-2024 rekapitulasi'],
      ['2024-12-17', 'pilkada-2024 rekapitulasi', 'pilkada-2024 sengketa'],
      ['2025-02-25', 'pilkada-2024 sengketa', ''],
    ]
    for (const [date, before, after] of steps) {
      const midnight = Date.parse(`${date}T00:00:00.000${zone}`)
      expect(phase(region, new Date(midnight - 1).toISOString())).toBe(before)
      expect(phase(region, new Date(midnight).toISOString())).toBe(after)
    }
  })

  it('gives the same answer whatever was asked before', () => {
    const fresh = loadReference({ calendars: [...shippedCalendars] }, '.')
    const region = fc.constantFrom('00', '31', '31.71', '34', '34.02', '51', '81.71', '95', '', '99')
    const time = fc.integer({ min: Date.parse('2017-01-01'), max: Date.parse('2026-01-01') })
    fc.assert(
      fc.property(fc.array(fc.tuple(region, time), { maxLength: 30 }), (questions) => {
        for (const [code, ms] of questions) {
          const slow = phasesOf(fresh, code).find(({ from, to }) => ms >= from && ms < to)
          expect(phaseAt(reference, code, ms)).toEqual(slow)
        }
      }),
    )
  })
})

describe('own calendars', () => {
  const head = 'election: psu-2031\nname: Uji\nregions: all\n'
  const vote = 'phases:\n  - { phase: pemungutan, from: 2031-05-01, to: 2031-05-01 }\n'

  it('may leave the dispute phase open', () => {
    const own = withCalendar(`${head}${vote}  - { phase: sengketa, from: 2031-05-10 }\n`)
    expect(phase('31', '2099-01-01T00:00:00Z', own)).toBe('psu-2031 sengketa')
  })

  it('lay an exception over the regions that it names and those beneath', () => {
    const own = withCalendar(
      `${head}${vote}exceptions:\n  - regions: ['35']\n    phases: [{ phase: pemungutan, from: 2031-06-01, to: 2031-06-01 }]\n`,
    )
    expect(phase('35.01', '2031-06-01T05:00:00+07:00', own)).toBe('psu-2031 pemungutan')
    expect(phase('35.01', '2031-05-01T05:00:00+07:00', own)).toBe('psu-2031 pemungutan')
    expect(phase('31', '2031-06-01T05:00:00+07:00', own)).toBe('')
  })

  it('replace the usual phases where an exception says so', () => {
    const own = withCalendar(
      `${head}${vote}exceptions:\n  - regions: ['35']\n    replace: true\n    phases: [{ phase: pemungutan, from: 2031-06-01, to: 2031-06-01 }]\n`,
    )
    expect(phase('35', '2031-05-01T05:00:00+07:00', own)).toBe('')
    expect(phase('35', '2031-06-01T05:00:00+07:00', own)).toBe('psu-2031 pemungutan')
  })

  it.each([
    [
      'an unknown region',
      "election: a\nname: A\nregions: ['99']\nphases: [{ phase: kampanye, from: 2031-01-01, to: 2031-01-02 }]",
      /own\.yaml:3: there is no region 99/,
    ],
    [
      'an open campaign',
      `${head}phases:\n  - { phase: kampanye, from: 2031-01-01 }`,
      /own\.yaml:5: phase kampanye needs "to"/,
    ],
    [
      'an end before its start',
      `${head}phases:\n  - { phase: kampanye, from: 2031-01-02, to: 2031-01-01 }`,
      /own\.yaml:5: .*before it starts/,
    ],
    [
      'a date that is none',
      `${head}phases:\n  - { phase: kampanye, from: 2031-02-30, to: 2031-03-01 }`,
      /own\.yaml:5: phases\.0\.from/,
    ],
    [
      'a code without quotation marks',
      'election: a\nname: A\nregions: [31.10]\nphases: []',
      /own\.yaml:3: regions.*quotation marks/,
    ],
    ['an unknown key', `${head}${vote}fase: []\n`, /own\.yaml:6: .*fase/],
    ['broken YAML', 'election: "a\nname', /own\.yaml:\d+: /],
  ])('are refused with file and line for %s', (_case, yaml, message) => {
    expect(refusal(yaml)).toMatch(message)
  })

  it('must be named by a shipped name or a YAML file', () => {
    expect(() => loadReference({ calendars: ['pilkada-2023'] }, folder)).toThrow(/pilkada-2018.*nor a YAML file/)
    expect(() => loadReference({ calendars: ['missing.yaml'] }, folder)).toThrow(/missing\.yaml cannot be read/)
    expect(() => loadReference({ calendars: ['pemilu-2024', 'pemilu-2024'] }, folder)).toThrow(/twice/)
  })
})
