// What does the title of a message say? Severity, region and what happened; outside of government networks only words of our own.
import type { Alert, Notification } from '../../../schemas/alert.ts'
import type { Region, TimeZone } from '../../../schemas/place.ts'
import { advice, type Topic, topicOf } from './advice/advice.ts'
import { foreign, plainText } from './clean.ts'
import type { MessageOptions } from './options.ts'
import { closedPrefix, reasonPrefix, severityWords, type Words } from './words.ts'

/** Longest title of a rule in a message. */
const MAX_TITLE = 140

/** Titles of detections that come from Siaga's own code, by the beginning of the rule's id. Their findings' titles hold words of others. */
const ownTitles: readonly (readonly [string, Words])[] = [
  ['siaga.builtin.missing_report', { id: 'Ruang Operasi belum melapor', en: 'Operation Room has not reported' }],
  ['siaga.builtin.device_alert', { id: 'Peringatan perangkat keamanan', en: 'Alert of a security device' }],
  ['siaga.builtin.failed_login', { id: 'Gagal masuk', en: 'Failed log-in' }],
  [
    'siaga.indicator.history',
    { id: 'Indikator ancaman ditemukan di riwayat', en: 'Indicator of a threat found in history' },
  ],
  ['siaga.indicator.', { id: 'Cocok dengan intelijen ancaman', en: 'Known by threat intelligence' }],
]

type Titled = Pick<Alert, 'rule_id' | 'title' | 'attack'>

/**
 * What an alert is about. `outside`: made of the texts of rules in force and of Siaga's own words alone, since titles of findings may hold the name
 * that a device or a feed gave, an indicator or an asset.
 */
function matterOf(alert: Titled, options: MessageOptions): string {
  const { language, outside } = options
  const rule = options.rules?.get(alert.rule_id)
  const ruleTitle = language === 'id' ? rule?.judul : rule?.title
  if (ruleTitle !== undefined && ruleTitle !== '') return plainText(ruleTitle, MAX_TITLE)
  const own = ownTitles.find(([start]) => alert.rule_id.startsWith(start))?.[1][language]
  const general = own ?? advice[topicFor(alert, options)].title[language]
  if (outside) return general
  const said = foreign(alert.title, MAX_TITLE)
  // Rules of others have an English title only: a reader of Indonesian gets the kind of attack before it.
  if (said === '' || general.toLowerCase() === said.toLowerCase()) return general
  return own === undefined && language === 'en' ? said : `${general}: ${said}`
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
