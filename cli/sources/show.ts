// How is a trial of a source shown? Counts by dataset, one line of each field by field, what fell back to plain, and what to set instead.
import type { Source } from '../../schemas/config.ts'
import {
  AUDIT_SOURCE,
  CERTIFICATE_SOURCE,
  HEARTBEAT_SOURCE,
  LOOKALIKE_SOURCE,
  PROBE_SOURCE,
  UNKNOWN_PEER_SOURCE,
} from '../../schemas/raw-event.ts'
import { type Language, number, type Paint, printable, table } from '../terminal.ts'
import type { TryReport } from './try.ts'

interface Words {
  readonly head: (report: TryReport) => string
  readonly datasets: readonly string[]
  readonly dropped: (reason: string) => string
  readonly dead: (reason: string) => string
  readonly plain: string
  readonly fields: readonly string[]
  readonly sample: (line: number, dataset: string) => string
  readonly columns: readonly string[]
  readonly unread: string
  readonly line: string
  readonly marks: string
  readonly suggestion: (report: NonNullable<TryReport['suggestion']>) => string
  readonly nothing: string
  readonly allRead: string
  readonly empty: string
  readonly list: readonly string[]
}

const words: Readonly<Record<Language, Words>> = {
  id: {
    head: ({ source, format, lines }) => `${source}: ${number(lines, 'id')} baris dibaca sebagai format: ${format}`,
    datasets: ['Dataset', 'Baris', 'Bagian'],
    dropped: (reason) => `(dilewati: ${reason})`,
    dead: (reason) => `(GAGAL: ${reason})`,
    plain: 'plain (tidak dikenali)',
    fields: ['Kolom', 'Nilai'],
    sample: (line, dataset) => `Baris ${line}, ${dataset}`,
    columns: ['Kolom', 'Terisi', 'Contoh'],
    unread: 'Tidak terurai (beberapa yang pertama):',
    line: 'baris',
    marks: 'Tanda',
    suggestion: ({ format, lines, now, of }) =>
      `Maksudnya format: ${format}? Format itu mengurai ${lines} dari ${of} baris, yang sekarang ${now}.`,
    nothing:
      'Tidak ada format yang mengurai lebih banyak; dengan auto, baris yang tidak dikenali disimpan utuh sebagai plain.',
    allRead: 'Semua baris terurai.',
    empty: 'Tidak ada baris dalam contoh.',
    list: ['Sumber', 'Format', 'Wilayah', 'Pemilik', 'Zona', 'Masuk lewat'],
  },
  en: {
    head: ({ source, format, lines }) => `${source}: ${number(lines)} lines read as format: ${format}`,
    datasets: ['Dataset', 'Lines', 'Share'],
    dropped: (reason) => `(left out: ${reason})`,
    dead: (reason) => `(DEAD: ${reason})`,
    plain: 'plain (not recognised)',
    fields: ['Column', 'Value'],
    sample: (line, dataset) => `Line ${line}, ${dataset}`,
    columns: ['Column', 'Set', 'Example'],
    unread: 'Not read (the first ones):',
    line: 'line',
    marks: 'Marks',
    suggestion: ({ format, lines, now, of }) =>
      `Did you mean format: ${format}? It reads ${lines} of ${of} lines, the present one ${now}.`,
    nothing: 'No format reads more of them; with auto, lines that no parser knows are kept whole as plain.',
    allRead: 'Every line was read.',
    empty: 'There are no lines in the sample.',
    list: ['Source', 'Format', 'Region', 'Owner', 'Zone', 'Comes in by'],
  },
}

const MAX_VALUE = 100

const cell = (value: string): string => {
  const one = printable(value).replaceAll('\n', '\\n').replaceAll('\t', '\\t')
  return one.length > MAX_VALUE ? `${one.slice(0, MAX_VALUE - 1)}…` : one
}

/** The whole trial as text. */
export function showTrial(report: TryReport, language: Language, paint: Paint): string {
  const text = words[language]
  if (report.lines === 0) return `${text.empty}\n`
  const share = (n: number): string => `${Math.round((n / report.lines) * 100)} %`
  const rows = [
    ...byCount(report.datasets).map(([name, n]) => {
      const shown = name === 'plain' ? paint('yellow', text.plain) : printable(name)
      return [shown, number(n, language), share(n)]
    }),
    ...byCount(report.dropped).map(([reason, n]) => [text.dropped(reason), number(n, language), share(n)]),
    ...byCount(report.dead).map(([reason, n]) => [paint('red', text.dead(reason)), number(n, language), share(n)]),
  ]
  const right = (titles: readonly string[], at: readonly number[]) =>
    titles.map((title, n) => ({ title, align: at.includes(n) ? ('right' as const) : ('left' as const) }))
  const parts = [
    `${paint('bold', text.head(report))}\n`,
    table(right(text.datasets, [1, 2]), rows, paint),
    ...report.samples.map(
      ({ line, dataset, fields, text: raw }) =>
        `${paint('bold', text.sample(line, printable(dataset)))}\n  ${cell(raw)}\n${table(
          right(text.fields, []),
          fields.map(([name, value]) => [cell(name), cell(value)]),
          paint,
        )}`,
    ),
  ]
  if (report.columns.size > 0) {
    const set = [...report.columns].map(([name, { lines, example }]) => [cell(name), share(lines), cell(example)])
    parts.push(table(right(text.columns, [1]), set, paint))
  }
  if (report.tags.size > 0) {
    const marks = byCount(report.tags).map(([name, n]) => `${name} ${number(n, language)}`)
    parts.push(`${text.marks}: ${marks.join(', ')}\n`)
  }
  if (report.unread.length > 0) {
    const all = report.unread.map(({ line, why, text: raw }) => `  ${text.line} ${line} (${cell(why)}): ${cell(raw)}\n`)
    parts.push(`${paint('yellow', text.unread)}\n${all.join('')}`)
  }
  parts.push(`${conclusion(report, text, paint)}\n`)
  return parts.join('\n')
}

function conclusion({ suggestion, unread }: TryReport, text: Words, paint: Paint): string {
  if (suggestion !== undefined) return paint('bold', text.suggestion(suggestion))
  return unread.length > 0 ? paint('yellow', text.nothing) : paint('green', text.allRead)
}

function byCount(counts: ReadonlyMap<string, number>): (readonly [string, number])[] {
  return [...counts].toSorted((a, b) => b[1] - a[1])
}

/** What Siaga itself writes and nobody sends. */
const ownSources: ReadonlySet<string> = new Set([
  AUDIT_SOURCE,
  HEARTBEAT_SOURCE,
  PROBE_SOURCE,
  LOOKALIKE_SOURCE,
  CERTIFICATE_SOURCE,
])

/** How events of a source come in, for people and programs. */
export function waysOf({ id, networks, certificates, files }: Source): string[] {
  if (ownSources.has(id)) return ['Siaga']
  if (id === UNKNOWN_PEER_SOURCE) return ['syslog', 'RELP']
  return [
    ...networks.map((network) => `syslog ${network}`),
    ...certificates.map((name) => `TLS ${name}`),
    ...files,
    ...(networks.length + certificates.length + files.length === 0 ? ['HTTP'] : []),
  ]
}

/** The configured sources as a table. */
export function showSources(
  sources: readonly Source[],
  zoneOf: (source: Source) => string,
  language: Language,
  paint: Paint,
): string {
  const rows = sources.map((source) => [
    source.id,
    source.format,
    source.region || '-',
    printable(source.owner) || '-',
    zoneOf(source),
    printable(waysOf(source).join(', ')),
  ])
  return table(
    words[language].list.map((title) => ({ title })),
    rows,
    paint,
  )
}
