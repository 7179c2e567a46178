// How is a report shown to people? The receipt with its clocks, a list, and one report with its four parts; Indonesian or English.

import type { TimeZone } from '../../schemas/place.ts'
import type { ReportAnswer } from '../../schemas/report.ts'
import type { Room } from '../../schemas/room.ts'
import { type Language, localTime, number, type Paint, printable, table } from '../terminal.ts'
import type { ReportRow } from './read.ts'

const words = {
  id: {
    filed: 'Laporan diterima',
    nihil: 'Laporan nihil diterima',
    before: 'Laporan ini sudah diterima sebelumnya; tidak dicatat dua kali',
    receipt: 'Nomor tanda terima',
    region: 'Wilayah',
    reported: 'Diterima',
    discovered: 'Ditemukan',
    iiv: 'Tenggat IIV (1 × 24 jam)',
    personal_data: 'Tenggat data pribadi (3 × 24 jam)',
    due: 'Untuk jadwal',
    late: 'terlambat',
    passed: 'LEWAT',
    attachment: 'Lampiran',
    bytes: 'bita',
    room: 'Ruang',
    roomContact: 'Kontak ruang',
    category: 'Kategori',
    severity: 'Tingkat',
    asset: 'Aset',
    contact: 'Pelapor',
    description: 'Uraian',
    chronology: 'Kronologi',
    impact: 'Dampak',
    note: 'Catatan',
    none: 'Tidak ada laporan.',
    headers: ['Tanda terima', 'Diterima', 'Wilayah', 'Ruang', 'Kategori', 'Tingkat', 'Tenggat terdekat'],
  },
  en: {
    filed: 'Report filed',
    nihil: 'Report of nothing (nihil) filed',
    before: 'This report had been filed before; it is not filed twice',
    receipt: 'Receipt number',
    region: 'Region',
    reported: 'Received',
    discovered: 'Discovered',
    iiv: 'Due, vital infrastructure (1 × 24 hours)',
    personal_data: 'Due, personal data (3 × 24 hours)',
    due: 'For the schedule',
    late: 'late',
    passed: 'PASSED',
    attachment: 'Attachment',
    bytes: 'bytes',
    room: 'Room',
    roomContact: 'Contact of the room',
    category: 'Category',
    severity: 'Severity',
    asset: 'Asset',
    contact: 'Reporter',
    description: 'Description',
    chronology: 'Chronology',
    impact: 'Impact',
    note: 'Note',
    none: 'There are no reports.',
    headers: ['Receipt', 'Received', 'Region', 'Room', 'Category', 'Severity', 'Next due'],
  },
} as const

type Line = readonly [label: string, text: string]

function lines(all: readonly Line[], paint: Paint): string {
  const longest = Math.max(...all.map(([label]) => label.length))
  return all.map(([label, text]) => `  ${paint('bold', label.padEnd(longest))}  ${text}\n`).join('')
}

/** What the room is told: receipt, region, clocks. */
export function showAnswer(answer: ReportAnswer, repeated: boolean, language: Language, paint: Paint): string {
  const text = words[language]
  const head = repeated ? text.before : answer.kind === 'nihil' ? text.nihil : text.filed
  const passed = (is: boolean): string => (is ? ` ${paint('red', text.passed)}` : '')
  const all: Line[] = [
    [text.receipt, paint('green', answer.receipt)],
    [text.region, `${answer.region} ${printable(answer.region_name)}`],
    [text.reported, answer.reported_at_local],
    ...answer.clocks.map((one): Line => [text[one.clock], `${one.due_local}${passed(one.passed)}`]),
    ...(answer.due_local === undefined
      ? []
      : [[text.due, `${answer.due_local}${answer.late ? ` (${text.late})` : ''}`] as const]),
    ...answer.attachments.map(
      (one): Line => [
        text.attachment,
        `${printable(one.name)}, ${number(one.bytes, language)} ${text.bytes}, sha256 ${one.sha256}`,
      ],
    ),
  ]
  return `${head}.\n${lines(all, paint)}`
}

/** The clocks that run, the earliest first. */
function clocksOf({ iiv_end, personal_data_end }: ReportRow): number[] {
  return [iiv_end, personal_data_end].filter((end) => end !== null).sort((a, b) => a - b)
}

/** Reports as a table. `now` and times in milliseconds since 1970 UTC. */
export function showReports(
  reports: readonly ReportRow[],
  zoneOf: (region: string) => TimeZone,
  now: number,
  language: Language,
  paint: Paint,
): string {
  const text = words[language]
  if (reports.length === 0) return `${text.none}\n`
  const rows = reports.map((report) => {
    const zone = zoneOf(report.region_code)
    // A clock that is over says nothing of what still has to be done.
    const next = clocksOf(report).find((end) => end > now)
    return [
      report.receipt,
      localTime(report.reported, zone),
      report.region_code,
      printable(report.room),
      report.kind === 'nihil' ? `nihil${report.late ? ` (${text.late})` : ''}` : report.category,
      report.severity === '' ? '-' : report.severity,
      next === undefined ? '-' : paint('yellow', localTime(next, zone)),
    ]
  })
  return table(
    text.headers.map((title) => ({ title })),
    rows,
    paint,
  )
}

/** One report, whole. */
export function showReport(
  report: ReportRow,
  room: Room | undefined,
  zone: TimeZone,
  language: Language,
  paint: Paint,
): string {
  const text = words[language]
  const clock = (label: string, end: number | null): Line[] => (end === null ? [] : [[label, localTime(end, zone)]])
  const some = (label: string, value: string): Line[] => (value === '' ? [] : [[label, printable(value)]])
  const contact = [report.contact_name, report.contact_organisation, report.contact_email, report.contact_phone]
  const all: Line[] = [
    [text.receipt, report.receipt],
    [text.room, printable(room?.name ? `${report.room} (${room.name})` : report.room)],
    ...some(text.roomContact, room?.contact ?? ''),
    [text.region, report.region_code],
    [text.reported, localTime(report.reported, zone)],
    ...clock(text.discovered, report.discovered),
    ...clock(text.iiv, report.iiv_end),
    ...clock(text.personal_data, report.personal_data_end),
    ...clock(text.due, report.due_end).map(([label, at]): Line => [label, report.late ? `${at} (${text.late})` : at]),
    ...some(text.category, report.category),
    ...some(text.severity, report.severity),
    ...some(text.asset, report.asset),
    ...some(text.contact, contact.filter((part) => part !== '').join(', ')),
    ...some(text.note, report.note),
    ...report.attachments.map(
      (one): Line => [
        text.attachment,
        `${printable(one.name)}, ${number(one.bytes, language)} ${text.bytes}, sha256 ${one.sha256}`,
      ],
    ),
  ]
  const part = (title: string, body: string): string =>
    body === '' ? '' : `\n${paint('bold', title)}\n${printable(body.trimEnd())}\n`
  return `${lines(all, paint)}${part(text.description, report.description)}${part(text.chronology, report.chronology)}${part(text.impact, report.impact)}`
}
