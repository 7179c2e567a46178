// What are kinds, severities and states of reports called? In both languages, plainly.
import type { Severity } from '../../../../schemas/detection.ts'
import type { IncidentCategory } from '../../../../schemas/report.ts'
import type { ReportState } from '../../../../schemas/reports-api.ts'
import { t } from '../../language.ts'

type Words = readonly [id: string, en: string]

export const categories: Readonly<Record<IncidentCategory, Words>> = {
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

/** The worst first; a shape stands beside the word, so that colour is never alone. */
export const severities: readonly (readonly [severity: Severity, shape: string, words: Words, hint: Words])[] = [
  ['critical', '◆', ['Kritis', 'Critical'], ['Tahapan pemilu terhenti', 'The election is held up']],
  ['high', '▲', ['Tinggi', 'High'], ['Layanan penting terganggu', 'An important service is hit']],
  ['medium', '●', ['Sedang', 'Medium'], ['Ada gangguan, masih dapat bekerja', 'Disturbed, work goes on']],
  ['low', '▽', ['Rendah', 'Low'], ['Gangguan kecil', 'A small matter']],
  ['informational', '○', ['Informasi', 'Information'], ['Sekadar diketahui', 'To be known only']],
]

const states: Readonly<Record<ReportState, Words>> = {
  filed: ['Tercatat', 'Filed'],
  open: ['Belum ditanggapi', 'Nobody on it yet'],
  acknowledged: ['Sudah ditanggapi', 'Acknowledged'],
  in_work: ['Sedang ditangani', 'In work'],
  resolved: ['Selesai', 'Resolved'],
  false_positive: ['Bukan insiden', 'False alarm'],
  accepted: ['Risiko diterima', 'Risk accepted'],
  merged: ['Digabung dengan yang lain', 'Part of another'],
}

const stateShapes: Readonly<Record<ReportState, string>> = {
  filed: '·',
  open: '○',
  acknowledged: '◔',
  in_work: '◑',
  resolved: '✓',
  false_positive: '✕',
  accepted: '✓',
  merged: '⇢',
}

export const say = ([id, en]: Words): string => t(id, en)

export const categoryWord = (category: IncidentCategory | ''): string =>
  category === '' ? '' : say(categories[category])

export function severityWord(severity: Severity | ''): string {
  const found = severities.find(([name]) => name === severity)
  return found === undefined ? '' : `${found[1]} ${say(found[2])}`
}

export const stateWord = (state: ReportState): string => `${stateShapes[state]} ${say(states[state])}`
