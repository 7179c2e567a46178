// How are alerts shown to people? As a table, and one with everything that explains it; Indonesian or English.

import type { ActionItem, AlertDetail, AlertItem, CaseDetail } from '../../schemas/alert-api.ts'
import type { TimeZone } from '../../schemas/place.ts'
import { severityWords } from '../../sinks/alerts/message/words.ts'
import { type Language, localTime, number, type Paint, printable, table } from '../terminal.ts'
import { outcomeWords, reasonWords, severityStyle, statusWords, verbWords, words } from './words.ts'

type Line = readonly [label: string, text: string]

/** Alerts as a table. Times are local to the region, and say so. */
export function showAlerts(alerts: readonly AlertItem[], total: number, language: Language, paint: Paint): string {
  const text = words[language]
  if (alerts.length === 0) return `${text.none}\n`
  const rows = alerts.map((alert) => [
    alert.id,
    severityText(alert, language, paint),
    String(alert.score),
    statusText(alert, language, paint),
    regionText(alert),
    alert.local_time,
    countText(alert, language),
    printable(alert.assignee) || '-',
    printable(alert.title),
  ])
  const columns = text.headers.map((title, n) => ({ title, align: n === 2 || n === 6 ? 'right' : 'left' }) as const)
  const more = alerts.length < total ? `${text.more(number(alerts.length, language), number(total, language))}\n` : ''
  return table(columns, rows, paint) + more
}

/** One line about an alert, for live changes and answers. */
export function alertLine(alert: AlertItem, language: Language, paint: Paint): string {
  const status = statusText(alert, language, paint)
  const severity = severityText(alert, language, paint)
  return `${alert.id}  ${severity}  ${status}  ${regionText(alert)}  ${printable(alert.title)} (${countText(alert, language)})`
}

export interface ShownAlert {
  readonly alert: AlertDetail
  /** What the room sees of its case. */
  readonly case: CaseDetail | undefined
  /** Zone of its region. */
  readonly zone: TimeZone
}

/** One alert: what, why, who was told, what was done, what to do. */
export function showAlert({ alert, case: known, zone }: ShownAlert, language: Language, paint: Paint): string {
  const text = words[language]
  const time = (at: string): string => localTime(Date.parse(at), zone)
  const some = (label: string, value: string): Line[] => (value === '' ? [] : [[label, printable(value)]])
  const head = [
    paint('bold', alert.id),
    severityText(alert, language, paint),
    `${text.score} ${alert.score}`,
    statusText(alert, language, paint),
  ].join('  ')
  const matters = alert.matters > 1 ? `, ${number(alert.matters, language)} ${text.matters}` : ''
  const facts: Line[] = [
    [text.region, regionText(alert)],
    ...some(text.owner, alert.owner),
    ...some(text.asset, alert.asset),
    ...some(text.entity, alert.entity),
    [text.first, time(alert.first_seen)],
    [text.last, time(alert.last_seen)],
    [text.findings, `${countText(alert, language)}${matters}`],
    ...some(text.election, [alert.election, alert.phase].filter((part) => part !== '').join(', ')),
    ...some(text.assignee, alert.assignee),
    ...some(text.merged, alert.merged_into),
    ...caseLines(alert, known, language),
  ]
  const guidance = alert.guidance[language]
  const events = [...new Set(alert.worst.map(({ event_id }) => event_id).filter((id) => id !== ''))]
  const evidence = (alert.worst[0]?.evidence ?? []).map(({ field, value }) => `${field}: ${value}`)
  return [
    `${head}\n${paint('bold', printable(alert.title))}\n\n`,
    lines(facts, paint),
    part(text.why, guidance.why, paint),
    part(text.evidence, [...evidence, ...events.slice(0, 3).map((id) => `${text.event} ${id}`)], paint),
    part(
      text.rules,
      alert.rules.map(({ rule_id, title, severity, findings }) => {
        return `${number(findings, language)} × ${title} (${severityWords[severity][language].toLowerCase()}, ${rule_id})`
      }),
      paint,
    ),
    part(text.techniques, alert.attack.length === 0 ? [] : [alert.attack.join(', ')], paint),
    toldText(alert, time, language, paint),
    part(
      text.actions,
      alert.actions.length === 0 ? [text.noActions] : alert.actions.map((one) => actionText(one, time, language)),
      paint,
    ),
    part(text.steps, guidance.steps, paint),
    part(text.rule, guidance.rule, paint),
    part(text.call, guidance.call, paint),
    part(text.never, guidance.never, paint),
    part(text.report, guidance.report, paint),
    part(text.next, nextCommands(alert), paint),
  ].join('')
}

function toldText(alert: AlertDetail, time: (at: string) => string, language: Language, paint: Paint): string {
  const text = words[language]
  const unknown = alert.deliveries_known ? '' : `  ${paint('yellow', text.unknown)}\n`
  if (alert.deliveries.length === 0) return part(text.told, unknown === '' ? [text.nobody] : [], paint) + unknown
  const rows = alert.deliveries.map((one) => [
    `  ${time(one.at)}`,
    printable(one.room) || '-',
    printable(one.recipient) || '-',
    one.channel,
    reasonWords[one.reason][language],
    [
      paint(
        one.outcome === 'delivered' ? 'green' : one.outcome === 'waiting' ? 'yellow' : 'red',
        outcomeWords[one.outcome][language],
      ),
      one.attempt > 1 ? `(${text.attempt} ${one.attempt})` : '',
      one.outcome === 'delivered' ? '' : printable(one.detail),
    ]
      .filter((word) => word !== '')
      .join(' '),
  ])
  const columns = text.toldHeaders.map((title, n) => ({ title: n === 0 ? `  ${title}` : title }))
  return `\n${paint('bold', text.told)}\n${table(columns, rows, paint)}${unknown}`
}

function actionText(action: ActionItem, time: (at: string) => string, language: Language): string {
  const text = words[language]
  const who = action.room === '' ? action.actor : `${action.actor} (${action.room})`
  const whom = action.assignee === '' ? '' : ` ${text.to} ${action.assignee}`
  const other =
    action.other === ''
      ? ''
      : ` ${action.verb === 'merge' ? text.into : action.verb === 'link' ? text.with : ''} ${action.other}`
  const why = action.reason === '' ? '' : `: ${action.reason}`
  return `${time(action.at)}  ${who}  ${verbWords[action.verb][language]}${whom}${other}${why}`
}

function caseLines(alert: AlertItem, known: CaseDetail | undefined, language: Language): Line[] {
  const text = words[language]
  if (alert.case === '') return []
  if (known === undefined) return [[text.case, alert.case]]
  const others = known.alerts.filter(({ id }) => id !== alert.id)
  const about = [text.inRegions(known.regions), others.length > 0 ? `${others.length} ${text.others}` : '']
  return [
    [text.case, `${alert.case}  ${printable(known.title)} (${about.filter((word) => word !== '').join(', ')})`],
    ...others.slice(0, 5).map((other): Line => ['', `${other.id}  ${regionText(other)}  ${printable(other.title)}`]),
  ]
}

/** What is usually done next, ready to be pasted. */
function nextCommands({ id, status, merged_into, unacknowledged }: AlertDetail): string[] {
  switch (status) {
    case 'open':
      return [`siaga alerts ack ${id}`]
    case 'acknowledged':
      return [...(unacknowledged ? [`siaga alerts ack ${id}`] : []), `siaga alerts start ${id}`]
    case 'in_work':
      return [`siaga alerts resolve ${id} --reason …`, `siaga alerts false-positive ${id} --reason …`]
    case 'merged':
      return [`siaga alerts show ${merged_into}`]
    default:
      return [`siaga alerts reopen ${id} --reason …`]
  }
}

function severityText({ severity }: Pick<AlertItem, 'severity'>, language: Language, paint: Paint): string {
  return paint(severityStyle[severity], severityWords[severity][language])
}

function statusText({ status, unacknowledged }: AlertItem, language: Language, paint: Paint): string {
  const word = statusWords[status][language]
  return unacknowledged ? paint('yellow', `${word} (${words[language].waiting})`) : word
}

function regionText({ region, region_name }: Pick<AlertItem, 'region' | 'region_name'>): string {
  return region === '' ? '?' : `${region} ${printable(region_name)}`.trimEnd()
}

function countText({ findings, findings_exact }: AlertItem, language: Language): string {
  return findings_exact ? number(findings, language) : `± ${number(findings, language)}`
}

export function lines(all: readonly Line[], paint: Paint): string {
  const longest = Math.max(...all.map(([label]) => label.length))
  return all.map(([label, text]) => `  ${paint('bold', label.padEnd(longest))}  ${text}\n`).join('')
}

export function part(title: string, said: readonly string[], paint: Paint): string {
  if (said.length === 0) return ''
  return `\n${paint('bold', title)}\n${said.map((line) => `  ${printable(line)}\n`).join('')}`
}
