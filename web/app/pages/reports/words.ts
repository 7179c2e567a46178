// What are kinds, severities and states of reports called? In both languages, plainly.
import type { Severity } from '../../../../schemas/detection.ts'
import type { IncidentCategory } from '../../../../schemas/report.ts'
import { incidentWords as categories } from '../../../../schemas/report-words.ts'
import type { ReportState } from '../../../../schemas/reports-api.ts'
import { t } from '../../language.ts'

export { categories }

type Words = readonly [id: string, en: string]

/** What a severity means for whoever reports. */
export const severityHints: Readonly<Record<Severity, Words>> = {
  critical: ['Tahapan pemilu terhenti', 'The election is held up'],
  high: ['Layanan penting terganggu', 'An important service is hit'],
  medium: ['Ada gangguan, masih dapat bekerja', 'Disturbed, work goes on'],
  low: ['Gangguan kecil', 'A small matter'],
  informational: ['Sekadar diketahui', 'To be known only'],
}

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

export const stateWord = (state: ReportState): string => `${stateShapes[state]} ${say(states[state])}`
