// Where, since when, how often, about whom, with which evidence? The facts of an alert, as lines for people.
import { localTime } from '../../../runtime/local-time.ts'
import type { Alert, AlertFinding } from '../../../schemas/alert.ts'
import type { Language } from '../../../schemas/language.ts'
import { foreign, plainText } from './clean.ts'
import type { MessageOptions } from './options.ts'
import { regionText, zoneOf } from './titles.ts'
import { criticalityWords, fieldWords, numberText, phaseWords, severityWords } from './words.ts'

/** Fields of evidence, and rules of a storm, that a message shows. */
const MAX_EVIDENCE = 5
const MAX_RULES = 6
const MAX_VALUE = 160

/** Reasons of the crowd-or-attack verdict stand in both languages. */
const otherReason: Readonly<Record<Language, string>> = {
  id: 'siaga.web_flood.reason',
  en: 'siaga.web_flood.alasan',
}

export function whereLines(alert: Alert, options: MessageOptions): string[] {
  const { language } = options
  const code = alert.region_code
  const lines = [regionText(code, options)]
  const province = code.includes('.') ? options.reference.regions.get(code.slice(0, 2)) : undefined
  if (province !== undefined) {
    lines[0] += `, ${language === 'id' ? 'Provinsi' : 'province'} ${plainText(province.name, 60)}`
  }
  if (alert.asset_id !== '') lines.push(assetLine(alert.asset_id, options))
  if (alert.owner !== '') lines.push(`${language === 'id' ? 'Pemilik' : 'Owner'}: ${foreign(alert.owner, 80)}`)
  if (alert.phase !== '') {
    const election = alert.election === '' ? '' : `${foreign(alert.election, 60)}, `
    lines.push(`${language === 'id' ? 'Pemilu' : 'Election'}: ${election}${phaseWords[alert.phase][language]}`)
  }
  return lines
}

function assetLine(id: string, { language, assets }: MessageOptions): string {
  const asset = assets?.get(id)
  const name = asset === undefined || asset.name === '' ? '' : `${foreign(asset.name, 80)} `
  const more = [
    asset?.kind ?? '',
    asset === undefined
      ? ''
      : `${language === 'id' ? 'tingkat penting' : 'criticality'}: ${criticalityWords[asset.criticality]?.[language] ?? ''}`,
  ].filter((part) => part !== '')
  const shownId = name === '' ? foreign(id, 64) : `(${foreign(id, 64)})`
  return `${language === 'id' ? 'Sistem' : 'System'}: ${name}${shownId}${more.length > 0 ? `, ${more.join(', ')}` : ''}`
}

/** Event times of the first and the last finding, in the zone of the region. */
export function whenLines(alert: Alert, options: MessageOptions): string[] {
  const zone = zoneOf(alert.region_code, options.reference.regions)
  const first = localTime(alert.first_seen, zone)
  const last = localTime(alert.last_seen, zone)
  const since = options.language === 'id' ? `Sejak ${first}` : `Since ${first}`
  if (first === last) return [since]
  return [since, options.language === 'id' ? `Terakhir ${last}` : `Last ${last}`]
}

export function countLines(alert: Alert, { language }: MessageOptions): string[] {
  const lines = [countText(alert, { language })]
  if (alert.kind === 'storm') {
    const matters = numberText(alert.matters, language)
    lines.push(
      language === 'id'
        ? `${matters} perkara berbeda (sumber, akun, atau sistem) digabung menjadi satu peringatan; hitungannya berjalan terus dan tidak ada yang dibuang.`
        : `${matters} different matters (sources, accounts or systems) were taken into one alert; the count goes on and nothing is thrown away.`,
    )
  }
  return lines
}

/** `14 temuan`, `sekitar 12.400 temuan (perkiraan, selisih sampai 3 %)`. */
export function countText(
  alert: Pick<Alert, 'findings' | 'findings_exact'>,
  { language }: Pick<MessageOptions, 'language'>,
): string {
  const n = numberText(alert.findings, language)
  if (alert.findings_exact) {
    return language === 'id' ? `${n} temuan` : `${n} ${alert.findings === 1 ? 'finding' : 'findings'}`
  }
  return language === 'id'
    ? `sekitar ${n} temuan (perkiraan, selisih sampai 3 %)`
    : `about ${n} findings (an estimate, within 3 %)`
}

/** Rules that take part, the worst first as the alert has them; of one rule alone nothing. */
export function ruleLines(alert: Alert, options: MessageOptions): string[] {
  if (alert.rules.length < 2 && alert.kind !== 'storm') return []
  const { language } = options
  const shown = alert.rules.slice(0, MAX_RULES).map(({ rule_id, title, severity, findings }) => {
    const text = options.rules?.get(rule_id)
    const name =
      text === undefined ? foreign(title, 100) : plainText((language === 'id' && text.judul) || text.title, 100)
    return `${numberText(findings, language)} × ${name} (${severityWords[severity][language].toLowerCase()})`
  })
  return [...shown, ...moreLine(alert.rules.length - shown.length, options)]
}

export function entityLines(alert: Pick<Alert, 'entity'>, { language }: MessageOptions): string[] {
  const colon = alert.entity.indexOf(':')
  if (colon <= 0) return []
  const type = alert.entity.slice(0, colon)
  const value = foreign(alert.entity.slice(colon + 1), MAX_VALUE)
  if (value === '' || type === 'rule') return []
  return [`${fieldName(type, language)}: ${value}`]
}

/** Some fields of the worst finding. */
export function evidenceLines(finding: AlertFinding | undefined, options: MessageOptions): string[] {
  const fields = (finding?.evidence ?? []).filter(
    ({ field, value }) => value !== '' && field !== otherReason[options.language],
  )
  const shown = fields
    .slice(0, MAX_EVIDENCE)
    .map(({ field, value }) => `${fieldName(field, options.language)}: ${foreign(value, MAX_VALUE)}`)
  return [...shown, ...moreLine(fields.length - shown.length, options)]
}

function moreLine(n: number, { language }: MessageOptions): string[] {
  if (n <= 0) return []
  return [language === 'id' ? `dan ${numberText(n, language)} lagi` : `and ${numberText(n, language)} more`]
}

/** The word for a field; else its name as its column is called, since programs make links of dotted names. */
function fieldName(field: string, language: Language): string {
  return fieldWords[field]?.[language] ?? foreign(plainText(field, 60).replaceAll('.', '_'), 60)
}
