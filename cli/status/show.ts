// How is the status shown to people? Tables in Indonesian or English, trouble in colour and in words.
import { duration, type Language, localTime, number, type Paint, printable, table } from '../terminal.ts'
import type { SourceState, SourceStatus, StatusReport } from './read.ts'

interface Words {
  readonly sources: readonly string[]
  readonly partitions: readonly string[]
  readonly states: Readonly<Record<SourceState, string>>
  readonly none: string
  readonly kafkaAway: string
  readonly totals: (report: StatusReport['totals']) => string
  readonly blind: (count: number) => string
  readonly ahead: string
  readonly lastDays: string
}

const words: Readonly<Record<Language, Words>> = {
  id: {
    sources: ['Sumber', 'Keadaan', '/detik', '/menit', '/jam', 'Kejadian terakhir', 'Jeda p95', 'Selisih jam', 'Gagal'],
    partitions: ['Partisi', 'Sudah masuk', 'Ujung', 'Antre'],
    states: { live: 'hidup', blind: 'BUTA', never: 'BELUM ADA' },
    none: 'Belum ada sumber. Kirim satu baris: siaga send --source demo berkas.log',
    kafkaAway: 'Kafka tidak menjawab: antrean dan kejadian gagal tidak diketahui.',
    totals: ({ events, perHour, rate, waiting, deadLetters }) =>
      [
        `${number(events, 'id')} kejadian`,
        `${number(perHour, 'id')} dalam satu jam`,
        `${number(rate, 'id', 1)}/detik`,
        ...(waiting === undefined ? [] : [`${number(waiting, 'id')} antre`]),
        ...(deadLetters === undefined ? [] : [`${number(deadLetters, 'id')} gagal`]),
      ].join(', '),
    blind: (count) => `${count} sumber tidak terdengar selama satu jam: buta bukan berarti aman.`,
    ahead: 'mendahului',
    lastDays: '> 7 hari',
  },
  en: {
    sources: ['Source', 'State', '/second', '/minute', '/hour', 'Last event', 'Lag p95', 'Clock skew', 'Dead'],
    partitions: ['Partition', 'Landed', 'End', 'Waiting'],
    states: { live: 'live', blind: 'BLIND', never: 'NEVER' },
    none: 'There are no sources yet. Send a line: siaga send --source demo file.log',
    kafkaAway: 'Kafka does not answer: what waits and what is dead is not known.',
    totals: ({ events, perHour, rate, waiting, deadLetters }) =>
      [
        `${number(events)} events`,
        `${number(perHour)} in the last hour`,
        `${number(rate, 'en', 1)}/s`,
        ...(waiting === undefined ? [] : [`${number(waiting)} waiting`]),
        ...(deadLetters === undefined ? [] : [`${number(deadLetters)} dead letters`]),
      ].join(', '),
    blind: (count) =>
      `${count} ${count === 1 ? 'source was' : 'sources were'} not heard for an hour: blind is not safe.`,
    ahead: 'ahead',
    lastDays: '> 7 days',
  },
}

/** Above these a figure is marked: the pipeline promises two seconds, and clocks of devices two minutes. */
const LATE_MS = 2_048
const SKEWED_MS = 120_000

/** The whole report as text. */
export function showStatus(report: StatusReport, language: Language, paint: Paint): string {
  const text = words[language]
  const { totals, partitions } = report
  const parts = [`${paint('bold', 'Siaga')}  ${localTime(report.at)}  ${text.totals(totals)}\n`]
  if (report.sources.length === 0) parts.push(`${text.none}\n`)
  else {
    const columns = text.sources.map((title, index) => ({
      title,
      align: index >= 2 && index !== 5 ? ('right' as const) : ('left' as const),
    }))
    parts.push(
      table(
        columns,
        report.sources.map((source) => row(source, text, language, paint)),
        paint,
      ),
    )
  }
  if (totals.blind > 0) parts.push(`${paint('red', text.blind(totals.blind))}\n`)
  if (partitions === undefined) parts.push(`${paint('yellow', text.kafkaAway)}\n`)
  else {
    const rows = partitions.map(({ partition, landed, end, waiting }) => [
      String(partition),
      number(landed, language),
      number(end, language),
      waiting > 0 ? paint('yellow', number(waiting, language)) : '0',
    ])
    parts.push(
      table(
        text.partitions.map((title) => ({ title, align: 'right' })),
        rows,
        paint,
      ),
    )
  }
  return parts.join('\n')
}

function row(source: SourceStatus, text: Words, language: Language, paint: Paint): string[] {
  const { state, lagP95Ms, skewMs, deadLetters } = source
  const stateText = text.states[state]
  const lag = lagP95Ms === undefined ? '-' : `≤ ${duration(lagP95Ms / 1_000)}`
  return [
    printable(source.id),
    state === 'live' ? paint('green', stateText) : paint('red', stateText),
    number(source.rate, language, source.rate < 10 ? 1 : 0),
    number(source.perMinute, language),
    number(source.perHour, language),
    source.lastEvent === undefined
      ? state === 'never'
        ? text.lastDays
        : '-'
      : localTime(source.lastEvent, source.zone),
    lagP95Ms !== undefined && lagP95Ms > LATE_MS ? paint('yellow', lag) : lag,
    skewMs === undefined ? '-' : skewText(skewMs, text, paint),
    deadLetters === undefined ? '?' : deadLetters > 0 ? paint('red', number(deadLetters, language)) : '0',
  ]
}

function skewText(skewMs: number, text: Words, paint: Paint): string {
  const size = duration(Math.abs(skewMs) / 1_000)
  const shown = skewMs < -500 ? `${size} ${text.ahead}` : size
  return Math.abs(skewMs) > SKEWED_MS ? paint('yellow', shown) : shown
}
