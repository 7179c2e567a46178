// What does a notification say to a person? One message, in their language, that says what happened, where, why it matters and what to do.
import { localTime } from '../../../runtime/local-time.ts'
import { type Alert, HeldReason, type Notification } from '../../../schemas/alert.ts'
import type { Message, MessagePart } from '../channels/channel.ts'
import { advice, reportDuty } from './advice/advice.ts'
import type { Advice } from './advice/kind.ts'
import { preparation, warnedCall, warnedNever } from './advice/prepare.ts'
import { foreign, plainText } from './clean.ts'
import { whyLines } from './factors.ts'
import { countLines, countText, entityLines, evidenceLines, ruleLines, whenLines, whereLines } from './facts.ts'
import { htmlOf, shortOf, textOf } from './layout.ts'
import { noticeLink, noticeParts } from './notice.ts'
import type { MessageOptions } from './options.ts'
import { techniqueText } from './techniques.ts'
import {
  regionCodeOf,
  regionText,
  severityOf,
  threadTitleOf,
  titleOf,
  topicFor,
  warningTopic,
  whatOf,
  zoneOf,
} from './titles.ts'
import {
  closedPrefix,
  heldWords,
  type Label,
  labels,
  levelWords,
  nextLevelWords,
  numberText,
  reasonSentence,
  severityWords,
} from './words.ts'

/**
 * The message of a notification for one recipient. Pure: times come from the notification and the options. Everything that came from outside is
 * visible text, cut, and nothing that a program would make a link of. `outside`: severity, region, title and link alone, without a word of an event.
 */
export function renderMessage(notification: Notification, options: MessageOptions): Message {
  const { language } = options
  const title = titleOf(notification, options)
  const severity = severityOf(notification, options)
  const region = regionText(regionCodeOf(notification, options), options)
  const link = linkOf(notification, options)
  const parts = options.outside ? [] : partsOf(notification, link, options)
  const shown = options.outside ? fourFacts(severity, region, whatOf(notification, options), link, options) : parts
  const short = `${severity} ${region}: ${whatOf(notification, options)}`
  return {
    language,
    title,
    subject: threadTitleOf(notification, options),
    severity,
    region,
    link,
    parts,
    text: textOf(title, shown),
    html: htmlOf(title, shown, { language, severity: notification.alert.severity, link }),
    short: shortOf(`SIAGA ${short}`, options.outside ? '' : shortFacts(notification, options), link),
  }
}

type Builder = (label: Label, lines: readonly (string | undefined)[]) => void

/** Collects the parts that have something to say. */
function collect({ language }: MessageOptions): { readonly parts: MessagePart[]; readonly add: Builder } {
  const parts: MessagePart[] = []
  return {
    parts,
    add: (label, lines) => {
      const said = lines.filter((line) => line !== undefined && line !== '')
      if (said.length > 0) parts.push({ label: labels[label][language], lines: said.map((line) => line ?? '') })
    },
  }
}

function fourFacts(
  severity: string,
  region: string,
  what: string,
  link: string,
  options: MessageOptions,
): MessagePart[] {
  const { parts, add } = collect(options)
  add('severity', [severity])
  add('region', [region])
  add('title', [what])
  add('link', [link])
  return parts
}

function partsOf(notification: Notification, link: string, options: MessageOptions): MessagePart[] {
  switch (notification.reason) {
    case 'test':
      return testParts(notification, link, options)
    case 'summary':
      return summaryParts(notification, link, options)
    case 'warning':
      return warningParts(notification, link, options)
    case 'notice':
    case 'notice_silent':
    case 'notice_failed':
      return noticeParts(notification, link, options)
    case 'closed':
      return closedParts(notification, link, options)
    default:
      return alertParts(notification, link, options)
  }
}

function alertParts(notification: Notification, link: string, options: MessageOptions): MessagePart[] {
  const { alert, reason } = notification
  const { parts, add } = collect(options)
  const techniques = alert.attack.map((id) => techniqueText(id, options.language))
  add('what', [
    `${whatOf(notification, options)}.`,
    reasonSentence[reason][options.language],
    reason === 'severity' ? severityChange(alert, options) : undefined,
    reason === 'escalated' ? unanswered(notification, options) : undefined,
  ])
  add('deadline', deadlineLines(notification, options))
  add('link', [link])
  add('where', whereLines(alert, options))
  add('when', whenLines(alert, options))
  add('count', countLines(alert, options))
  add('who', alert.kind === 'storm' ? [] : entityLines(alert, options))
  addAdvice(alert, add, options)
  add('why', whyLines(alert, options))
  add('evidence', evidenceLines(alert.worst[0], options))
  add('rules', ruleLines(alert, options))
  add('techniques', techniques.slice(0, 6))
  add('told', toldLines(notification, options))
  add('case', [foreign(alert.case_id, 100)])
  return parts
}

function closedParts(notification: Notification, link: string, options: MessageOptions): MessagePart[] {
  const { alert } = notification
  const { language } = options
  const { parts, add } = collect(options)
  add('what', [
    `${whatOf(notification, options)}.`,
    alert.status === 'merged' ? mergedText(alert, options) : reasonSentence.closed[language],
  ])
  add('where', whereLines(alert, options))
  add('when', whenLines(alert, options))
  add('count', countLines(alert, options))
  const last = alert.actions.findLast(({ to_status }) => to_status === alert.status)
  const zone = zoneOf(alert.region_code, options.reference.regions)
  const status = closedPrefix[alert.status][language].replace(/: $/, '')
  const by = last === undefined ? '' : foreign(last.actor.name, 80)
  add('closed', [
    last === undefined ? status : `${status}, ${localTime(last.at, zone)}`,
    by === '' ? undefined : `${language === 'id' ? 'Oleh' : 'By'}: ${by}`,
    last === undefined || last.reason === ''
      ? undefined
      : `${language === 'id' ? 'Alasan' : 'Reason'}: ${foreign(last.reason, 300)}`,
  ])
  add('case', [foreign(alert.case_id, 100)])
  add('link', [link])
  return parts
}

/** Indicators of a warning that are shown, and the markings of TLP 2.0 that let them go to rooms of other regions. */
const MAX_INDICATORS = 20
const permitted: ReadonlySet<string> = new Set(['clear', 'white', 'green', 'amber'])

/** Of the alert behind a warning nothing is said but its severity: it is another region's. */
function warningParts(notification: Notification, link: string, options: MessageOptions): MessagePart[] {
  const { warning } = notification
  const { language } = options
  const { parts, add } = collect(options)
  const regions = numberText(warning?.regions ?? 0, language)
  add('what', [
    `${whatOf(notification, options)}.`,
    reasonSentence.warning[language],
    language === 'id' ? `Terjadi di ${regions} wilayah.` : `It happens in ${regions} regions.`,
  ])
  add('kind', [warning?.asset_kind === undefined ? undefined : foreign(warning.asset_kind, 60)])
  add(
    'techniques',
    (warning?.attack ?? []).slice(0, 10).map((id) => techniqueText(id, language)),
  )
  const indicators = (warning?.indicators ?? []).filter(({ tlp }) => permitted.has(tlp.toLowerCase()))
  const shown = indicators.slice(0, MAX_INDICATORS)
  const more = indicators.length - shown.length
  add('steps', numbered(preparation(warningTopic(notification), language)))
  add('call', [warnedCall[language]])
  add('never', [warnedNever[language]])
  add('indicators', [
    ...shown.map(({ type, value, tlp }) => `${foreign(type, 20)}: ${foreign(value, 200)} (TLP:${tlp.toUpperCase()})`),
    more > 0 ? `${language === 'id' ? 'dan' : 'and'} ${numberText(more, language)}` : undefined,
    shown.length > 0
      ? language === 'id'
        ? 'Cari tanda ini di log Anda dan blokir di firewall; jangan disebarkan melampaui tanda TLP-nya.'
        : 'Look for these in your logs and block them at the firewall; do not pass them on beyond their TLP.'
      : undefined,
  ])
  add('told', toldLines(notification, options))
  add('case', [warning === undefined ? undefined : foreign(warning.case_id, 100)])
  add('link', [link])
  return parts
}

const MAX_HELD = 20

function summaryParts(notification: Notification, link: string, options: MessageOptions): MessagePart[] {
  const { summary, alert } = notification
  const { language } = options
  const { parts, add } = collect(options)
  const zone = zoneOf(alert.region_code, options.reference.regions)
  const counts = [...(summary?.counts ?? [])].sort((a, b) => b.findings - a.findings)
  const total = counts.reduce((sum, { findings }) => sum + findings, 0)
  add('what', [
    reasonSentence.summary[language],
    language === 'id'
      ? `Seluruhnya ${numberText(total, language)} temuan ditahan.`
      : `${numberText(total, language)} findings were held back in all.`,
  ])
  add('where', [regionText(alert.region_code, options)])
  add('when', summary === undefined ? [] : [`${localTime(summary.from, zone)} – ${localTime(summary.to, zone)}`])
  const rest = counts.slice(MAX_HELD).reduce((sum, { findings }) => sum + findings, 0)
  add('held', [
    ...counts.slice(0, MAX_HELD).map(({ reason, detail, findings }) => {
      const known = HeldReason.safeParse(reason)
      const why = known.success ? heldWords[known.data][language] : foreign(reason, 60)
      const about = foreign(detail, 120)
      return `${numberText(findings, language)} ${why}${about === '' ? '' : `: ${about}`}`
    }),
    rest > 0
      ? `${numberText(rest, language)} ${language === 'id' ? 'karena sebab lain' : 'for other causes'}`
      : undefined,
  ])
  add('steps', [
    language === 'id'
      ? 'Lihat angka yang besar: apakah ambang dan pengecualiannya masih benar? Pengecualian yang tidak perlu lagi, akhiri.'
      : 'Look at the large figures: are thresholds and suppressions still right? End suppressions that are no longer needed.',
  ])
  add('link', [link])
  return parts
}

function testParts(notification: Notification, link: string, options: MessageOptions): MessagePart[] {
  const { language } = options
  const { parts, add } = collect(options)
  const zone = zoneOf(notification.alert.region_code, options.reference.regions)
  add('what', [
    reasonSentence.test[language],
    language === 'id'
      ? 'Bila Anda membaca ini, saluran ini berfungsi dan Anda akan menerima peringatan lewat jalan yang sama.'
      : 'If you read this, the channel works and alerts will reach you the same way.',
  ])
  add('when', [localTime(notification.created_at, zone)])
  add('told', [
    `${language === 'id' ? 'Saluran' : 'Channel'}: ${foreign(notification.channel, 64)}`,
    ...toldLines(notification, options),
  ])
  add('link', [link])
  return parts
}

/** What to do: for the kind of attack, and what the rule itself says. */
function addAdvice(alert: Alert, add: Builder, options: MessageOptions): void {
  const { language } = options
  const about: Advice = advice[topicFor(alert, options)]
  const specific = options.rules?.get(alert.rule_id)?.response?.[language]
  add('steps', numbered(about.steps[language]))
  add('specific', [specific === undefined ? undefined : plainText(specific, 500)])
  add('call', [about.call[language]])
  add('never', [about.never[language]])
  if (about.report === undefined || (alert.severity !== 'critical' && alert.severity !== 'high')) return
  add('report', [
    reportDuty.incident[language],
    about.report === 'personal_data' ? reportDuty.personal_data[language] : undefined,
  ])
}

function numbered(steps: readonly string[]): string[] {
  return steps.map((step, n) => `${n + 1}. ${step}`)
}

function mergedText({ merged_into }: Alert, { language }: MessageOptions): string {
  const other = foreign(merged_into, 100)
  return language === 'id'
    ? `Peringatan ini menjadi bagian dari peringatan ${other}; lanjutkan di sana.`
    : `This alert became part of alert ${other}; go on there.`
}

/** Since when nobody has answered, and what whoever is told now does first. */
function unanswered({ alert, level }: Notification, { language, reference }: MessageOptions): string | undefined {
  const ask = alert.asks.at(-1)
  if (ask === undefined) return undefined
  const since = localTime(ask.at, zoneOf(alert.region_code, reference.regions))
  const below = level === 'provinsi' || level === 'pusat'
  if (language === 'id') {
    return `Ditunggu sejak ${since}.${below ? ' Telepon dahulu ruang operasi di bawah Anda; bila tidak terjangkau, tangani sendiri.' : ''}`
  }
  return `Waited for since ${since}.${below ? ' Phone the Operation Room beneath you first; if it cannot be reached, take it over.' : ''}`
}

function severityChange(alert: Alert, { language }: MessageOptions): string | undefined {
  const before = alert.asks.at(-2)?.severity
  if (before === undefined || before === alert.severity) return undefined
  const [was, is] = [severityWords[before][language], severityWords[alert.severity][language]]
  return language === 'id' ? `Sebelumnya ${was}, sekarang ${is}.` : `It was ${was}, now it is ${is}.`
}

function toldLines({ room, level }: Notification, { language, rooms }: MessageOptions): string[] {
  const name = rooms?.get(room)?.name ?? ''
  const shown = foreign(name === '' ? room : name, 80)
  const where = level === '' ? '' : levelWords[level][language]
  return [[shown, where].filter((part) => part !== '').join(', ')]
}

function deadlineLines({ alert, level }: Notification, options: MessageOptions): string[] {
  if (options.deadline === undefined) return []
  const { language } = options
  const until = localTime(options.deadline, zoneOf(alert.region_code, options.reference.regions))
  const next = level === '' ? '' : nextLevelWords[level][language]
  return [
    language === 'id'
      ? `Tanggapi di Siaga paling lambat ${until}${next === '' ? '.' : `; sesudah itu ${next}.`}`
      : `Acknowledge in Siaga by ${until}${next === '' ? '.' : `; after that ${next}.`}`,
  ]
}

/** What an SMS says beside the title. */
function shortFacts(notification: Notification, options: MessageOptions): string {
  const { alert, reason } = notification
  if (reason === 'test' || reason === 'summary' || reason === 'warning') return ''
  const since = localTime(alert.first_seen, zoneOf(alert.region_code, options.reference.regions))
  return `${options.language === 'id' ? 'Sejak' : 'Since'} ${since}, ${countText(alert, options)}`
}

/** Where the evidence is: the alert, of a warning the case. Ids are those that Siaga makes; anything else is escaped. */
function linkOf(notification: Notification, { publicUrl, noticeLink: notice }: MessageOptions): string {
  if (notification.notice?.contact !== undefined) return noticeLink(notification.notice, notice)
  if (!/^https?:\/\/[^\s"'<>]+$/.test(publicUrl)) return ''
  const base = publicUrl.replace(/\/$/, '')
  if (notification.reason === 'summary' || notification.reason === 'test') return `${base}/alerts`
  if (notification.reason === 'warning') return `${base}/cases/${segment(notification.warning?.case_id ?? '')}`
  return `${base}/alerts/${segment(notification.alert_id)}`
}

function segment(id: string): string {
  return encodeURIComponent(id.toWellFormed().slice(0, 200))
}
