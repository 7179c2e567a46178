// How does a simulation look? Who would have been told what and when, then how much it would have been; Indonesian or English.
import { HeldReason } from '../../schemas/alert.ts'
import type { TimeZone } from '../../schemas/place.ts'
import { heldWords, severityWords } from '../../sinks/alerts/message/words.ts'
import { type Language, localTime, number, type Paint, printable, table } from '../terminal.ts'
import { loadOf, type Simulation } from './simulate.ts'
import { reasonWords, severityStyle } from './words.ts'

const words = {
  id: {
    headers: ['Waktu', 'Tingkatan', 'Ruang', 'Penerima', 'Saluran', 'Sebab', 'Tingkat', 'Peringatan', 'Judul'],
    nobody: 'Tidak ada yang diberi tahu.',
    sum: (findings: string, alerts: string, storms: string, messages: string) =>
      `${findings} temuan, ${alerts} peringatan (${storms} badai), ${messages} pesan. Tidak ada yang dikirim.`,
    loadHeaders: ['Penerima', 'Saluran', 'Pesan', 'Jam tersibuk', 'Mulai'],
    held: 'Tidak menjadi peringatan',
    findings: 'temuan',
    unrouted: 'peringatan tidak sampai ke siapa pun: tidak ada yang bertugas dan tidak ada alerts.fallback',
    machine: '(mesin)',
  },
  en: {
    headers: ['Time', 'Level', 'Room', 'Recipient', 'Channel', 'Reason', 'Severity', 'Alert', 'Title'],
    nobody: 'Nobody is told.',
    sum: (findings: string, alerts: string, storms: string, messages: string) =>
      `${findings} findings, ${alerts} alerts (${storms} storms), ${messages} messages. Nothing was sent.`,
    loadHeaders: ['Recipient', 'Channel', 'Messages', 'Busiest hour', 'From'],
    held: 'Did not become alerts',
    findings: 'findings',
    unrouted: 'alerts reach nobody: nobody is on duty and there is no alerts.fallback',
    machine: '(machine)',
  },
} as const

/** Times are local to the region of each alert. */
export function showSimulation(
  simulation: Simulation,
  zoneOf: (region: string) => TimeZone,
  language: Language,
  paint: Paint,
): string {
  const text = words[language]
  const { told, alerts, held, unrouted, findings } = simulation
  const rows = told.map((one) => [
    localTime(one.at, zoneOf(one.region)),
    one.level === '' ? '-' : one.level,
    printable(one.room) || '-',
    printable(one.recipient) || text.machine,
    one.channel,
    reasonWords[one.reason][language],
    paint(severityStyle[one.severity], severityWords[one.severity][language]),
    one.alert || '-',
    printable(one.title),
  ])
  const columns = (titles: readonly string[], right: readonly number[] = []) =>
    titles.map((title, n) => ({ title, align: right.includes(n) ? 'right' : 'left' }) as const)
  const loads = loadOf(told).map((load) => [
    printable(load.recipient) || text.machine,
    load.channel,
    number(load.messages, language),
    number(load.worst, language),
    localTime(load.worstHour),
  ])
  const figure = (value: number): string => number(value, language)
  const storms = alerts.filter(({ kind }) => kind === 'storm').length
  return [
    rows.length === 0 ? `${text.nobody}\n` : table(columns(text.headers), rows, paint),
    `\n${paint('bold', text.sum(figure(findings), figure(alerts.length), figure(storms), figure(told.length)))}\n`,
    loads.length === 0 ? '' : `\n${table(columns(text.loadHeaders, [2, 3]), loads, paint)}`,
    held.length === 0 ? '' : `\n${paint('bold', text.held)}\n`,
    ...held.map(({ reason, detail, findings: count }) => {
      const known = HeldReason.safeParse(reason)
      const why = known.success ? heldWords[known.data][language] : printable(reason)
      return `  ${figure(count)} ${text.findings}: ${why}${detail === '' ? '' : ` (${printable(detail)})`}\n`
    }),
    unrouted === 0 ? '' : `\n${paint('red', `${figure(unrouted)} ${text.unrouted}`)}\n`,
  ].join('')
}
