// What does a daily report count? Each figure with its name in both languages, and what a child's and a parent's make together. No zod: the page reads it too.

type Words = readonly [id: string, en: string]

/** Categories that are told by name; all others are `other`. */
export const eventCategories = [
  'authentication',
  'web',
  'network',
  'intrusion_detection',
  'threat',
  'malware',
  'process',
  'session',
  'iam',
  'host',
  'file',
  'email',
  'database',
  'configuration',
  'driver',
  'package',
] as const

/** By score, as in activity_minutes. */
const scoreSeverities = ['critical', 'high', 'medium', 'low', 'none'] as const
const severityLabels = ['critical', 'high', 'medium', 'low', 'informational'] as const

export interface FigureSpec {
  readonly words: Words
  /** Labels that it is told by; none: the whole alone. */
  readonly labels: readonly string[]
  /** What the parts make together. */
  readonly how: 'sum' | 'max'
  readonly group: 'activity' | 'alerts' | 'reports' | 'blind'
  /** It is told beside each child. */
  readonly beside?: true
  /** It is told in units of so many; 1 unless told. */
  readonly per?: number
}

/** Every figure that is kept, in the order in which it is told. */
export const figureSpecs = {
  events: { words: ['Kejadian', 'Events'], labels: [], how: 'sum', group: 'activity', beside: true },
  events_by_category: {
    words: ['Kejadian menurut jenis', 'Events by category'],
    labels: [...eventCategories, 'other'],
    how: 'sum',
    group: 'activity',
  },
  events_by_severity: {
    words: ['Kejadian menurut tingkat skor', 'Events by level of score'],
    labels: scoreSeverities,
    how: 'sum',
    group: 'activity',
  },
  failed_logins: { words: ['Gagal masuk', 'Failed log-ins'], labels: [], how: 'sum', group: 'activity', beside: true },
  web_errors: {
    words: ['Galat situs (HTTP 500 ke atas)', 'Web errors (HTTP 500 and more)'],
    labels: [],
    how: 'sum',
    group: 'activity',
    beside: true,
  },
  late_events: {
    words: ['Kejadian hari-hari lalu yang baru tiba', 'Events of earlier days that came only now'],
    labels: [],
    how: 'sum',
    group: 'activity',
  },
  alerts_opened: {
    words: ['Peringatan dibuka', 'Alerts opened'],
    labels: severityLabels,
    how: 'sum',
    group: 'alerts',
    beside: true,
  },
  alerts_closed: {
    words: ['Peringatan ditutup', 'Alerts closed'],
    labels: severityLabels,
    how: 'sum',
    group: 'alerts',
  },
  alerts_open: {
    words: ['Peringatan terbuka di akhir hari', 'Alerts open at the end of the day'],
    labels: severityLabels,
    how: 'sum',
    group: 'alerts',
    beside: true,
  },
  reports_incident: {
    words: ['Laporan insiden', 'Incident reports'],
    labels: severityLabels,
    how: 'sum',
    group: 'reports',
    beside: true,
  },
  reports_nihil: { words: ['Laporan nihil', 'Reports of nothing (nihil)'], labels: [], how: 'sum', group: 'reports' },
  reports_due: { words: ['Tenggat lapor', 'Reports due'], labels: [], how: 'sum', group: 'reports' },
  reports_missed: {
    words: ['Tenggat lapor terlewat', 'Reports missed'],
    labels: [],
    how: 'sum',
    group: 'reports',
    beside: true,
  },
  sources: { words: ['Sumber log', 'Log sources'], labels: [], how: 'sum', group: 'blind' },
  sources_silent: {
    words: ['Sumber diam di akhir hari', 'Sources silent at the end of the day'],
    labels: [],
    how: 'sum',
    group: 'blind',
    beside: true,
  },
  regions: { words: ['Wilayah', 'Regions'], labels: [], how: 'sum', group: 'blind' },
  regions_blind: {
    words: ['Wilayah tidak terpantau', 'Regions not monitored'],
    labels: [],
    how: 'sum',
    group: 'blind',
    beside: true,
  },
  lag_ms_max: {
    words: ['Waktu terlama sampai tersimpan (detik)', 'Longest time until stored (seconds)'],
    labels: [],
    how: 'max',
    group: 'blind',
    per: 1000,
  },
} as const satisfies Readonly<Record<string, FigureSpec>>

export type FigureName = keyof typeof figureSpecs
export const figureNames = Object.keys(figureSpecs).filter((name): name is FigureName => name in figureSpecs)

/** Made of others when a report is put together, and not kept. */
export const derivedFigures: ReadonlySet<FigureName> = new Set(['regions_blind'])

export const groupWords: Readonly<Record<FigureSpec['group'], Words>> = {
  activity: ['Kejadian', 'Activity'],
  alerts: ['Peringatan', 'Alerts'],
  reports: ['Laporan ruang', 'Reports of rooms'],
  blind: ['Titik buta', 'Blind spots'],
}

export const labelWords: Readonly<Record<string, Words>> = {
  authentication: ['masuk (autentikasi)', 'log-ins (authentication)'],
  web: ['situs web', 'web'],
  network: ['jaringan', 'network'],
  intrusion_detection: ['deteksi intrusi', 'intrusion detection'],
  threat: ['ancaman', 'threat'],
  malware: ['program jahat', 'malware'],
  process: ['proses', 'process'],
  session: ['sesi', 'session'],
  iam: ['akun dan hak', 'accounts and rights'],
  host: ['peladen', 'host'],
  file: ['berkas', 'file'],
  email: ['surel', 'e-mail'],
  database: ['basis data', 'database'],
  configuration: ['konfigurasi', 'configuration'],
  driver: ['driver', 'driver'],
  package: ['paket', 'package'],
  other: ['lainnya', 'other'],
  critical: ['kritis', 'critical'],
  high: ['tinggi', 'high'],
  medium: ['sedang', 'medium'],
  low: ['rendah', 'low'],
  none: ['tanpa', 'none'],
  informational: ['informasi', 'informational'],
}

/** A value as people read it: in the unit that its name says. */
export function toldOf(figure: string, value: number): number {
  const specs: Readonly<Record<string, FigureSpec>> = figureSpecs
  return value / (specs[figure]?.per ?? 1)
}

export const matterKinds = ['alert', 'clock', 'silent_source', 'missed_report'] as const
export type MatterKind = (typeof matterKinds)[number]

export const matterWords: Readonly<Record<MatterKind, Words>> = {
  alert: ['Peringatan kritis dan tinggi yang terbuka', 'Open alerts, critical and high'],
  clock: ['Insiden dengan tenggat hukum', 'Incidents with a legal deadline'],
  silent_source: ['Sumber log yang diam', 'Silent log sources'],
  missed_report: ['Ruang yang tidak melapor', 'Rooms that did not report'],
}

/** What is kept as a code in the detail of a matter: how an alert stands, or which clock runs. */
const detailWords: Readonly<Record<string, Words>> = {
  open: ['belum ditanggapi', 'nobody on it'],
  acknowledged: ['ditanggapi', 'acknowledged'],
  in_work: ['ditangani', 'in work'],
  iiv: ['tenggat IIV', 'IIV clock'],
  personal_data: ['tenggat data pribadi', 'personal data clock'],
}

/** The detail of a matter in words; who is on it stands as it is. */
export function detailOf(detail: string): Words {
  const comma = detail.indexOf(', ')
  const [code, rest] = comma < 0 ? [detail, ''] : [detail.slice(0, comma), detail.slice(comma)]
  const [id, en] = detailWords[code] ?? [code, code]
  return [id + rest, en + rest]
}
