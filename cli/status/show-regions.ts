// How are regions shown to people? A table in which nothing but working sensors is green.
import { type Language, localTime, number, type Paint, printable, table } from '../terminal.ts'
import type { RegionReport, RegionState, RegionStatus } from './regions.ts'

interface Words {
  readonly headers: readonly string[]
  readonly states: Readonly<Record<RegionState, string>>
  readonly unknown: string
  readonly never: string
  readonly incident: string
  readonly none: string
  readonly silent: (region: string, ids: string) => string
  readonly totals: (report: RegionReport['totals']) => string
}

const words: Readonly<Record<Language, Words>> = {
  id: {
    headers: ['Wilayah', 'Nama', 'Keadaan', 'Sumber', 'Melapor', 'Diam', 'Ruang', 'Laporan terakhir'],
    states: { monitored: 'terpantau', partly: 'SEBAGIAN', unmonitored: 'TIDAK TERPANTAU' },
    unknown: '(tidak diketahui)',
    never: 'belum pernah',
    incident: 'insiden',
    none: 'Belum ada sumber maupun ruang dalam siaga.yaml.',
    silent: (region, ids) => `Diam di ${region}: ${ids}`,
    totals: ({ expected, reporting, silent, provinces, provincesUnmonitored }) =>
      `${number(expected, 'id')} sumber, ${number(reporting, 'id')} melapor, ${number(silent, 'id')} diam. ` +
      `${provincesUnmonitored} dari ${provinces} provinsi tanpa sensor yang bekerja: nihil di sana bukan berarti aman.`,
  },
  en: {
    headers: ['Region', 'Name', 'State', 'Sources', 'Reporting', 'Silent', 'Room', 'Last report'],
    states: { monitored: 'monitored', partly: 'PARTLY', unmonitored: 'NOT MONITORED' },
    unknown: '(unknown)',
    never: 'never',
    incident: 'incident',
    none: 'There are no sources and no rooms in siaga.yaml yet.',
    silent: (region, ids) => `Silent in ${region}: ${ids}`,
    totals: ({ expected, reporting, silent, provinces, provincesUnmonitored }) =>
      `${number(expected)} sources, ${number(reporting)} reporting, ${number(silent)} silent. ` +
      `${provincesUnmonitored} of ${provinces} provinces without a working sensor: nothing reported there is not safety.`,
  },
}

const columns = (titles: readonly string[]) =>
  titles.map((title, index) => ({ title, align: index >= 3 && index <= 5 ? ('right' as const) : ('left' as const) }))

/** The regions as text. */
export function showRegions(report: RegionReport, language: Language, paint: Paint): string {
  const text = words[language]
  if (report.regions.length === 0) return `${text.none}\n`
  const rows = report.regions.flatMap((region) => rowsOf(region, text, paint))
  const silent = report.regions
    .filter(({ silentSources }) => silentSources.length > 0)
    .map(
      ({ region, silentSources }) =>
        `${text.silent(region || text.unknown, silentSources.map(printable).join(', '))}\n`,
    )
  return [
    `${paint('bold', 'Siaga')}  ${localTime(report.at)}\n`,
    table(columns(text.headers), rows, paint),
    ...(silent.length > 0 ? [silent.join('')] : []),
    `${paint(report.totals.silent + report.totals.provincesUnmonitored > 0 ? 'red' : 'green', text.totals(report.totals))}\n`,
  ].join('\n')
}

/** One line for each room of the region, the first with the figures. */
function rowsOf(region: RegionStatus, text: Words, paint: Paint): string[][] {
  const { state, zone, rooms } = region
  const colour = state === 'monitored' ? 'green' : state === 'partly' ? 'yellow' : 'red'
  const figures = [
    region.region || text.unknown,
    printable(region.name),
    paint(colour, text.states[state]),
    String(region.expected),
    String(region.reporting),
    region.silent > 0 ? paint('red', String(region.silent)) : '0',
  ]
  if (rooms.length === 0) return [[...figures, '-', '-']]
  return rooms.map(({ id, lastReport, lastKind }, n) => [
    ...(n === 0 ? figures : ['', '', '', '', '', '']),
    printable(id),
    lastReport === undefined
      ? paint('red', text.never)
      : `${localTime(lastReport, zone)} (${lastKind === 'incident' ? text.incident : 'nihil'})`,
  ])
}
