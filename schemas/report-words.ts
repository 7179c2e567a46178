// What are kinds of incidents called, plainly and in both languages? No zod: the page reads it too.
import type { Language } from './language.ts'
import type { IncidentCategory } from './report.ts'

export const incidentWords: Readonly<Record<IncidentCategory, readonly [id: string, en: string]>> = {
  web_defacement: ['Tampilan situs diubah (defacement)', 'Web page changed (defacement)'],
  online_gambling: ['Situs disusupi judi online', 'Online gambling placed on a site'],
  web_shell: ['Ada berkas jahat di server (web shell)', 'Malicious file on a server (web shell)'],
  unauthorised_access: ['Orang tak berhak masuk ke sistem', 'Somebody got into a system'],
  account_takeover: ['Akun diambil alih', 'Account taken over'],
  data_breach: ['Data bocor', 'Data breach'],
  malware: ['Virus atau program jahat', 'Malware'],
  ransomware: ['Data disandera (ransomware)', 'Data held to ransom (ransomware)'],
  phishing: ['Pesan atau situs penipuan (phishing)', 'Deceiving message or site (phishing)'],
  ddos: ['Situs dibanjiri permintaan (DDoS)', 'Site flooded with requests (DDoS)'],
  outage: ['Layanan mati atau terganggu', 'Service down or disturbed'],
  vulnerability: ['Celah keamanan ditemukan', 'Weakness found'],
  other: ['Lainnya', 'Something else'],
}

const isCategory = (text: string): text is IncidentCategory => Object.hasOwn(incidentWords, text)

/**
 * What a report of a room is called among alerts and events, where it comes as the alert of a device does, under a title that its parser makes
 * (processors/parse/report): `Incident report: outage`. Undefined for any other title.
 */
export function reportTitle(title: string, language: Language): string | undefined {
  const [, category = ''] = /^Incident report: ([a-z_]+)$/.exec(title) ?? []
  if (!isCategory(category)) return undefined
  const [id, en] = incidentWords[category]
  return language === 'id' ? `Laporan insiden: ${id}` : `Incident report: ${en}`
}
