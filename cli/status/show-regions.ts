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
  readonly quiet: (region: string, id: string, expected: string) => string
  readonly unjudged: (region: string, ids: string) => string
  readonly unprobed: (region: string, ids: string) => string
  /** The judge of silence is behind or does not run. */
  readonly stale: (until: string) => string
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
    quiet: (region, id, expected) => `Biasa diam pada jam ini di ${region}: ${id}, ditunggu lagi ${expected}`,
    unjudged: (region, ids) => `Tidak dapat dinilai di ${region}, pengumpulnya berhenti: ${ids}`,
    unprobed: (region, ids) => `Situs tidak lagi diperiksa di ${region}: ${ids}`,
    stale: (until) => `Siaga tidak menilai sejak ${until}: keadaan di bawah belum tentu masih benar.`,
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
    quiet: (region, id, expected) => `Quiet as usual at this hour in ${region}: ${id}, expected again ${expected}`,
    unjudged: (region, ids) => `Cannot be judged in ${region}, their collector has stopped: ${ids}`,
    unprobed: (region, ids) => `Sites not probed any more in ${region}: ${ids}`,
    stale: (until) => `Siaga has judged nothing since ${until}: the states below may hold no more.`,
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
  const stale = report.judgedUntil !== undefined && !report.judged
  const rows = report.regions.flatMap((region) => rowsOf(region, stale, text, paint))
  const notes = report.regions.flatMap((region) => notesOf(region, text))
  return [
    `${paint('bold', 'Siaga')}  ${localTime(report.at)}\n`,
    ...(stale ? [`${paint('red', text.stale(localTime(report.judgedUntil ?? 0)))}\n`] : []),
    table(columns(text.headers), rows, paint),
    ...(notes.length > 0 ? [notes.join('')] : []),
    `${paint(report.totals.silent + report.totals.provincesUnmonitored > 0 ? 'red' : 'green', text.totals(report.totals))}\n`,
  ].join('\n')
}

/** What of the region needs a word, a line each. */
function notesOf(region: RegionStatus, text: Words): string[] {
  const { silentSources, quietSources, unjudgedSources, unprobedSites, zone } = region
  const name = region.region || text.unknown
  const list = (ids: readonly string[]): string => ids.map(printable).join(', ')
  return [
    ...(silentSources.length > 0 ? [text.silent(name, list(silentSources))] : []),
    ...quietSources.map(({ id, expectedAt }) =>
      text.quiet(name, printable(id), expectedAt === undefined ? '?' : localTime(expectedAt, zone)),
    ),
    ...(unjudgedSources.length > 0 ? [text.unjudged(name, list(unjudgedSources))] : []),
    ...(unprobedSites.length > 0 ? [text.unprobed(name, list(unprobedSites))] : []),
  ].map((line) => `${line}\n`)
}

/** One line for each room of the region, the first with the figures. */
function rowsOf(region: RegionStatus, stale: boolean, text: Words, paint: Paint): string[][] {
  const { state, zone, rooms } = region
  // What is not known to be watched now is not green.
  const doubtful = stale || region.unjudgedSources.length > 0
  const colour =
    state === 'monitored' && !doubtful
      ? 'green'
      : state === 'monitored'
        ? 'yellow'
        : state === 'partly'
          ? 'yellow'
          : 'red'
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
