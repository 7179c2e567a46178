// What does the title of a message say? Severity, region and what happened; outside of government networks only words of our own.
import type { Alert, Notification } from '../../../schemas/alert.ts'
import { HISTORY_RULE } from '../../../schemas/indicator.ts'
import type { Language } from '../../../schemas/language.ts'
import { oneLanguage } from '../../../schemas/one-language.ts'
import type { Region, TimeZone } from '../../../schemas/place.ts'
import { reportTitle } from '../../../schemas/report-words.ts'
import { advice, type Topic, topicOf } from './advice/advice.ts'
import { foreign, plainText } from './clean.ts'
import type { MessageOptions } from './options.ts'
import { closedPrefix, reasonPrefix, severityWords, type Words } from './words.ts'

/** Longest title of a rule in a message. */
const MAX_TITLE = 140

const MISSING_REPORT = 'siaga.builtin.missing_report'

/** Titles of detections that come from Siaga's own code, by the beginning of the rule's id. Their findings' titles hold words of others. */
const ownTitles: readonly (readonly [string, Words])[] = [
  [MISSING_REPORT, { id: 'Ruang Operasi belum melapor', en: 'Operation Room has not reported' }],
  ['siaga.builtin.device_alert', { id: 'Peringatan perangkat keamanan', en: 'Alert of a security device' }],
  ['siaga.builtin.failed_login', { id: 'Gagal masuk', en: 'Failed log-in' }],
  [HISTORY_RULE, { id: 'Indikator ancaman ditemukan di riwayat', en: 'Indicator of a threat found in history' }],
  ['siaga.indicator.', { id: 'Cocok dengan intelijen ancaman', en: 'Known by threat intelligence' }],
  ['siaga-web-flood-attack', { id: 'Banjir permintaan ke situs', en: 'Flood of requests to a site' }],
  ['siaga-web-flood-crowd', { id: 'Situs ramai pengunjung', en: 'Crowd of visitors on a site' }],
  ['siaga-web-flood-outage', { id: 'Situs tidak melayani pengunjung', en: 'Site does not serve its visitors' }],
  ['siaga-silence-source', { id: 'Sumber log diam', en: 'Log source silent' }],
  ['siaga-silence-region', { id: 'Wilayah tidak terpantau', en: 'Region not monitored' }],
  ['siaga-silence-probe', { id: 'Situs tidak lagi diperiksa', en: 'Site not probed any more' }],
  ['siaga-probe-network', { id: 'Jaringan pemeriksa terputus', en: "The probes' own network is gone" }],
  ['siaga-collector-stopped', { id: 'Pengumpul log berhenti', en: 'Collector stopped' }],
  ['siaga-pipeline-stopped', { id: 'Siaga berhenti memproses', en: 'Siaga stands still' }],
]

type Titled = Pick<Alert, 'rule_id' | 'title' | 'attack'>

/**
 * What an alert is about. `outside`: made of the texts of rules in force and of Siaga's own words alone, since titles of findings may hold the name
 * that a device or a feed gave, an indicator or an asset.
 */
export function matterOf(alert: Titled, options: Pick<MessageOptions, 'language' | 'outside' | 'rules'>): string {
  const { language, outside } = options
  const rule = options.rules?.get(alert.rule_id)
  const ruleTitle = language === 'id' ? rule?.judul : rule?.title
  if (ruleTitle !== undefined && ruleTitle !== '') return plainText(ruleTitle, MAX_TITLE)
  const report = reportTitle(alert.title, language)
  if (report !== undefined) return report
  const own = ownTitles.find(([start]) => alert.rule_id.startsWith(start))?.[1][language]
  const general = own ?? advice[topicFor(alert, options)].title[language]
  if (outside) return general
  return insideTitle(alert, general, own !== undefined, language)
}

/** The title of a finding whose rule is not among those in force: of Siaga's own code, or of a rule that was taken out. */
function insideTitle(alert: Titled, general: string, own: boolean, language: Language): string {
  if (alert.rule_id.startsWith('siaga-') || alert.rule_id === HISTORY_RULE) {
    return foreign(oneLanguage(alert.title, language), MAX_TITLE) || general
  }
  const [, feed, threat] = /^Known by threat intelligence \(([^()]*)\)(?:: (.*))?$/.exec(alert.title) ?? []
  if (feed !== undefined) {
    return foreign(`${general} (${feed})${threat === undefined ? '' : `: ${threat}`}`, MAX_TITLE)
  }
  const said = foreign(alert.title, MAX_TITLE)
  if (said === '' || alert.rule_id === MISSING_REPORT || general.toLowerCase() === said.toLowerCase()) return general
  // Rules of others have an English title only: a reader of Indonesian gets the kind of attack before it.
  return !own && language === 'en' ? said : `${general}: ${said}`
}

/** What the alert is about, for advice. */
export function topicFor(alert: Titled, options: Pick<MessageOptions, 'rules'>): Topic {
  const title = options.rules?.get(alert.rule_id)?.title ?? alert.title
  return topicOf({ ruleId: alert.rule_id, title, attack: alert.attack })
}

/** Severity in words. */
export function severityOf(notification: Notification, { language }: Pick<MessageOptions, 'language'>): string {
  return severityWords[notification.alert.severity][language]
}

/** Region that a message is about: of a warning that of the room that is warned, of others that of the alert. */
export function regionCodeOf(notification: Notification, options: Pick<MessageOptions, 'rooms'>): string {
  if (notification.reason !== 'warning') return notification.alert.region_code
  return options.rooms?.get(notification.room)?.region ?? ''
}

/** `Kabupaten Bandung (32.04)`; a code that nobody knows is not repeated. */
export function regionText(
  code: string,
  { language, reference }: Pick<MessageOptions, 'language' | 'reference'>,
): string {
  const region = reference.regions.get(code)
  if (region === undefined) return language === 'id' ? 'Wilayah tidak diketahui' : 'Unknown region'
  const name = code === '00' && language === 'en' ? 'National' : plainText(region.name, 80)
  return `${name} (${code})`
}

/** The zone that times of a region are shown in; WIB for what is national or unknown. */
export function zoneOf(code: string, regions: ReadonlyMap<string, Pick<Region, 'zone'>>): TimeZone {
  return regions.get(code)?.zone ?? 'WIB'
}

/** What a message says happened, with the reason for it in front. */
export function whatOf(notification: Notification, options: MessageOptions): string {
  const { alert, reason } = notification
  const { language } = options
  switch (reason) {
    case 'test':
      return language === 'id'
        ? 'Uji coba: pesan percobaan dari Siaga'
        : 'Test: a message from Siaga to try the channel'
    case 'summary':
      return language === 'id' ? 'Ringkasan temuan yang ditahan' : 'Summary of findings held back'
    case 'warning':
      return `${reasonPrefix.warning[language]}${advice[warningTopic(notification)].title[language]}`
    case 'closed':
      return `${closedPrefix[alert.status][language]}${subjectMatter(alert, options)}`
    default:
      return `${reasonPrefix[reason][language]}${subjectMatter(alert, options)}`
  }
}

/** What a warning is about, by the techniques that the room may know; the alert behind it is of others. */
export function warningTopic(notification: Pick<Notification, 'warning'>): Topic {
  return topicOf({ ruleId: '', title: '', attack: notification.warning?.attack ?? [] })
}

/** What an alert is about, of a storm with that word. */
function subjectMatter(alert: Alert, options: MessageOptions): string {
  const matter = matterOf(alert.kind === 'storm' ? { ...alert, title: stormRuleTitle(alert) } : alert, options)
  if (alert.kind !== 'storm') return matter
  return options.language === 'id' ? `BANJIR temuan: ${matter}` : `STORM of findings: ${matter}`
}

/** The title of a storm names assets and entities; its worst rule's does not. */
function stormRuleTitle(alert: Alert): string {
  return (alert.rules.find(({ rule_id }) => rule_id === alert.rule_id) ?? alert.rules[0])?.title ?? ''
}

/** `[KRITIS] Kabupaten Bandung (32.04): Tebak sandi SSH yang berhasil`. */
export function titleOf(notification: Notification, options: MessageOptions): string {
  const region = regionText(regionCodeOf(notification, options), options)
  return `[${severityOf(notification, options)}] ${region}: ${whatOf(notification, options)}`
}

/** The title without the reason of this message: mail programs keep a thread together by it. */
export function threadTitleOf(notification: Notification, options: MessageOptions): string {
  const { alert, reason } = notification
  if (reason === 'test' || reason === 'summary' || reason === 'warning') return titleOf(notification, options)
  const region = regionText(alert.region_code, options)
  return `[${severityOf(notification, options)}] ${region}: ${subjectMatter(alert, options)}`
}
