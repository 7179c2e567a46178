// Which Indonesia do the browser tests look at? Rooms, sources and assets of 38 provinces as configuration, some of them silent, some not watched.
import { loadReference } from '../../runtime/reference.ts'
import type { Role } from '../../schemas/account.ts'
import { hostile } from './hostile.ts'

/** `hostile`: strings of attackers stand wherever they can be written. `believable`: a day of work without them, for people to look at. */
export type Mood = 'hostile' | 'believable'

/** Provinces without any source. */
const unwatched = ['95', '96'] as const
/** Provinces whose sources have said nothing for hours, or never. */
export const silentFor: Readonly<Record<string, number>> = { '82': 9, '65': 24, '94': 3 }
const kabupaten = ['32.73', '32.04', '32.01', '73.71', '31.71', '35.78', '33.74', '12.71', '51.71', '91.71'] as const

/** Shares of events, in parts: where people are, logs are. What is not named has 6. */
const busy: Readonly<Record<string, number>> = {
  '00': 60,
  '32': 70,
  '35': 60,
  '33': 52,
  '31': 48,
  '36': 28,
  '12': 26,
  '73': 22,
  '18': 14,
  '16': 14,
  '32.73': 24,
  '73.71': 14,
  '31.71': 18,
  '35.78': 20,
}

export interface Place {
  readonly code: string
  readonly name: string
  readonly source: string
  readonly asset: string
  readonly owner: string
  readonly zoneHours: number
  readonly weight: number
}

const zoneHours = { WIB: 7, WITA: 8, WIT: 9 } as const
const reference = loadReference({ calendars: [] }, '.')

/** Every province and some kabupaten/kota, with the national systems; those without a source are left out. */
export const places: readonly Place[] = [...reference.regions.values()]
  .filter(({ code }) => code.length === 2 || kabupaten.some((wanted) => wanted === code))
  .filter(({ code }) => !unwatched.some((silent) => silent === code))
  .map(({ code, name, zone }) => ({
    code,
    name,
    source: `web-${code}`,
    asset: `situs-${code}`,
    owner: code === '00' ? 'kpu' : 'pemda',
    zoneHours: zoneHours[zone],
    weight: busy[code] ?? 6,
  }))

/** Election offices log on their own: an owner of its own, which the region's government does not see. */
export const kpuPlaces = places.filter(({ code }) => ['00', '32', '73', '31', '35', '32.73'].includes(code))

export const HOSTILE_SOURCE = 'sumber-uji'
export const HOSTILE_ASSET = 'aset-uji'

/** JSON is YAML, and quotes itself. */
const quoted = (text: string): string => JSON.stringify(text)

/** What siaga.yaml says. */
export function worldYaml(mood: Mood): string {
  const hostileOnly = (...lines: string[]): string[] => (mood === 'hostile' ? lines : [])
  const sources = [
    ...places.map(
      ({ code, name, source, asset, owner }) =>
        `  - {id: ${source}, name: ${quoted(`Server web ${name}`)}, format: nginx, region: "${code}", owner: ${owner}, asset: ${asset}}`,
    ),
    ...kpuPlaces.map(
      ({ code, name }) =>
        `  - {id: kpu-${code}, name: ${quoted(`Server KPU ${name}`)}, format: auto, region: "${code}", owner: kpu, asset: sirekap-${code}}`,
    ),
    ...hostileOnly(
      `  - {id: ${HOSTILE_SOURCE}, name: ${quoted(hostile.image)}, format: auto, region: "32.73", owner: pemda, asset: ${HOSTILE_ASSET}}`,
    ),
  ]
  const criticality = (code: string): string => (code === '00' ? 'critical' : code.length === 2 ? 'high' : 'medium')
  const assets = [
    ...places.map(
      ({ code, name, asset, owner }) =>
        `  - {id: ${asset}, name: ${quoted(`Situs ${name}`)}, criticality: ${criticality(code)}, region: "${code}", owner: ${owner}, kind: web, hosts: [web-${code}.go.example]}`,
    ),
    ...kpuPlaces.map(
      ({ code, name }) =>
        `  - {id: sirekap-${code}, name: ${quoted(`Sirekap ${name}`)}, criticality: critical, region: "${code}", owner: kpu, kind: results}`,
    ),
    ...hostileOnly(
      `  - {id: ${HOSTILE_ASSET}, name: ${quoted(hostile.vector)}, criticality: high, region: "32.73", owner: pemda, kind: web}`,
    ),
  ]
  return `
finding_severity: low
correlations: {interval_seconds: 2, grace_seconds: 5}
probes: {enabled: false}
lookalikes: {enabled: false}
processors: {workers: 1}
rooms:
  - {id: pusat, name: Ruang Operasi Nasional, region: "00", roster: [{recipients: [catatan]}]}
  - {id: jabar, name: Ruang Operasi Jawa Barat, region: "32", owner: pemda, contact: ${quoted(mood === 'hostile' ? hostile.script : 'piket 022-555-0132')}, roster: [{recipients: [catatan]}]}
  - {id: sulsel, name: Ruang Operasi Sulawesi Selatan, region: "73", owner: pemda}
  - {id: bandung, name: Ruang Operasi Kota Bandung, region: "32.73", owner: pemda}
  - {id: kpu-jabar, name: KPU Jawa Barat, region: "32", owner: kpu, sees: [pemda]}
sources:
${sources.join('\n')}
assets:
${assets.join('\n')}
alerts:
  public_url: https://siaga.example
  thresholds: [{score: 30, severity: low}]
  channels: [{id: berkas, kind: file, path: alerts.jsonl}]
  recipients: [{id: catatan, channel: berkas}]
`
}

export interface Person {
  readonly login: string
  readonly name: string
  readonly role: Role
  readonly room: string
}

export const PASSWORD = 'hujan turun di atas genteng'

/** Everybody who logs in, by the name that tests call them. */
export const people = {
  admin: { login: 'bayu', name: 'Bayu Pratama', role: 'admin', room: 'pusat' },
  pusat: { login: 'sari', name: 'Sari Wulandari', role: 'pusat', room: 'pusat' },
  daerah: { login: 'dedi', name: 'Dedi Kurnia', role: 'daerah', room: 'jabar' },
  kota: { login: 'citra', name: 'Citra Lestari', role: 'daerah', room: 'bandung' },
  sulsel: { login: 'andi', name: 'Andi Mappanyukki', role: 'daerah', room: 'sulsel' },
  analis: { login: 'yusuf', name: 'Yusuf Hidayat', role: 'analis', room: 'pusat' },
  petugas: { login: 'rina', name: 'Rina Astuti', role: 'petugas', room: 'bandung' },
  hostile: { login: 'jahat', name: hostile.script, role: 'daerah', room: 'bandung' },
} as const satisfies Record<string, Person>

export type Who = keyof typeof people

const whos = Object.keys(people).filter((who): who is Who => Object.hasOwn(people, who))

/** Everybody who is there. */
export const whosIn = (mood: Mood): Who[] => whos.filter((who) => mood === 'hostile' || who !== 'hostile')

/** What a room files of an incident, as POST /v1/reports takes it. */
export const incident = (
  severity: string,
  category: string,
  description: string,
  asset: string,
): Record<string, unknown> => ({
  contact: { name: people.petugas.name, organisation: 'Diskominfo', email: 'rina@jabar.example' },
  description,
  chronology: 'Sejak pagi, warga menelepon.',
  impact: 'Halaman hasil tidak terbuka dua jam.',
  category,
  asset,
  severity,
  discovered_at: new Date(Date.now() - 3 * 3_600_000).toISOString(),
  iiv: severity === 'critical',
  personal_data: category === 'data_breach',
})
