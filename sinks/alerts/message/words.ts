// Which words do messages use, in Indonesian and English?
import type { AlertStatus, HeldReason, Level, NotificationReason } from '../../../schemas/alert.ts'
import type { Severity } from '../../../schemas/detection.ts'
import type { Language } from '../../../schemas/language.ts'
import type { Phase } from '../../../schemas/place.ts'

/** A text in both languages. */
export type Words = Readonly<Record<Language, string>>

export const severityWords: Readonly<Record<Severity, Words>> = {
  critical: { id: 'KRITIS', en: 'CRITICAL' },
  high: { id: 'TINGGI', en: 'HIGH' },
  medium: { id: 'SEDANG', en: 'MEDIUM' },
  low: { id: 'RENDAH', en: 'LOW' },
  informational: { id: 'INFORMASI', en: 'INFORMATION' },
}

export const phaseWords: Readonly<Record<Phase, Words>> = {
  persiapan: { id: 'persiapan', en: 'preparation' },
  kampanye: { id: 'kampanye', en: 'campaign' },
  masa_tenang: { id: 'masa tenang', en: 'quiet days (masa tenang)' },
  pemungutan: { id: 'pemungutan suara', en: 'voting (pemungutan)' },
  rekapitulasi: { id: 'rekapitulasi', en: 'count (rekapitulasi)' },
  sengketa: { id: 'sengketa hasil', en: 'disputes (sengketa)' },
}

export const levelWords: Readonly<Record<Level, Words>> = {
  kabupaten: { id: 'tingkat kabupaten/kota', en: 'level of the kabupaten/kota' },
  provinsi: { id: 'tingkat provinsi', en: 'level of the province' },
  pusat: { id: 'tingkat pusat', en: 'level of the centre' },
}

/** Who is told when nobody of a level acknowledges. */
export const nextLevelWords: Readonly<Record<Level, Words>> = {
  kabupaten: { id: 'ruang operasi provinsi diberi tahu', en: "the province's Operation Room is told" },
  provinsi: { id: 'pusat diberi tahu', en: 'the centre is told' },
  pusat: { id: 'pusat diberi tahu lagi', en: 'the centre is told again' },
}

/** What stands before the title, by reason; of `closed` see `closedWords`. */
export const reasonPrefix: Readonly<Record<Exclude<NotificationReason, 'closed' | 'summary' | 'test'>, Words>> = {
  opened: { id: '', en: '' },
  reopened: { id: 'Terjadi lagi: ', en: 'Again: ' },
  severity: { id: 'Memburuk: ', en: 'Worse: ' },
  stage: { id: 'Tahap baru: ', en: 'New stage: ' },
  escalated: { id: 'Belum ditanggapi: ', en: 'Not acknowledged: ' },
  warning: { id: 'Peringatan dini: ', en: 'Early warning: ' },
  notice: { id: 'Pemberitahuan kepada pemilik: ', en: 'Notice to the owner: ' },
  notice_silent: { id: 'Pemilik belum menanggapi: ', en: 'Owner is silent: ' },
  notice_failed: { id: 'Belum pulih: ', en: 'Not fixed yet: ' },
}

export const closedPrefix: Readonly<Record<AlertStatus, Words>> = {
  resolved: { id: 'Selesai: ', en: 'Resolved: ' },
  false_positive: { id: 'Bukan ancaman: ', en: 'False alarm: ' },
  accepted: { id: 'Risiko diterima: ', en: 'Risk accepted: ' },
  merged: { id: 'Digabung: ', en: 'Merged: ' },
  open: { id: 'Ditutup: ', en: 'Closed: ' },
  acknowledged: { id: 'Ditutup: ', en: 'Closed: ' },
  in_work: { id: 'Ditutup: ', en: 'Closed: ' },
}

/** What a message is about, in its first sentence. */
export const reasonSentence: Readonly<Record<NotificationReason, Words>> = {
  opened: { id: 'Peringatan baru.', en: 'A new alert.' },
  reopened: {
    id: 'Peringatan ini pernah ditutup, dan sekarang terjadi lagi.',
    en: 'This alert had been closed; now it happens again.',
  },
  severity: {
    id: 'Peringatan yang sudah Anda ketahui menjadi lebih berat.',
    en: 'An alert that you know of has become more severe.',
  },
  stage: {
    id: 'Penyerang melangkah lebih jauh: ada teknik yang belum terlihat sebelumnya.',
    en: 'The attacker has gone further: a technique was seen that had not been seen before.',
  },
  escalated: {
    id: 'Belum ada yang menanggapi peringatan ini sampai batas waktunya; karena itu Anda diberi tahu.',
    en: 'Nobody acknowledged this alert in time; that is why you are told.',
  },
  closed: {
    id: 'Peringatan ini ditutup. Tidak ada lagi yang perlu dikerjakan.',
    en: 'This alert was closed. Nothing is left to do.',
  },
  warning: {
    id: 'Serangan yang sama sedang terjadi di wilayah lain. Wilayah Anda punya sistem sejenis; bersiaplah sebelum giliran Anda.',
    en: 'The same attack is under way in other regions. Your region has systems of the same kind; prepare before it is your turn.',
  },
  summary: {
    id: 'Temuan berikut tidak dijadikan peringatan. Tidak ada yang hilang: semuanya tersimpan dan dapat dilihat.',
    en: 'The following findings did not become alerts. Nothing is lost: all of them are kept and can be looked at.',
  },
  notice: {
    id: 'Siaga, pemantau keamanan pemilu, menemukan masalah pada sistem yang Anda kelola.',
    en: 'Siaga, which watches over the security of elections, found a problem in a system that you run.',
  },
  notice_silent: {
    id: 'Pemilik sistem ini diberi tahu, tetapi belum menanggapi.',
    en: 'The owner of this system was told and has not reacted.',
  },
  notice_failed: {
    id: 'Pemilik menyatakan sudah diperbaiki, tetapi pemeriksaan sesudahnya menemukan hal yang sama.',
    en: 'The owner says that it is fixed, but a look after that found the same again.',
  },
  test: {
    id: 'Ini pesan uji coba. Tidak terjadi apa-apa dan tidak ada yang perlu dikerjakan.',
    en: 'This is a test. Nothing happened and there is nothing to do.',
  },
}

export const heldWords: Readonly<Record<HeldReason, Words>> = {
  below_threshold: { id: 'di bawah ambang', en: 'below the threshold' },
  suppressed: { id: 'ditahan oleh aturan pengecualian', en: 'held back by a suppression' },
  maintenance: { id: 'dalam masa pemeliharaan', en: 'in a maintenance window' },
  storm: { id: 'digabung ke dalam banjir temuan', en: 'taken into a storm' },
  probe_network: { id: 'jaringan pemeriksa sendiri terputus', en: 'the network of the probes themselves was gone' },
}

export const labels = {
  what: { id: 'Apa yang terjadi', en: 'What happened' },
  where: { id: 'Di mana', en: 'Where' },
  when: { id: 'Kapan', en: 'When' },
  count: { id: 'Berapa kali', en: 'How often' },
  who: { id: 'Tentang siapa', en: 'About' },
  rules: { id: 'Aturan', en: 'Rules' },
  why: { id: 'Mengapa skor ini', en: 'Why this score' },
  evidence: { id: 'Bukti', en: 'Evidence' },
  closed: { id: 'Bagaimana ditutup', en: 'How it was closed' },
  specific: { id: 'Khusus temuan ini', en: 'For this finding' },
  steps: { id: 'Yang harus dikerjakan', en: 'What to do' },
  call: { id: 'Hubungi siapa', en: 'Whom to call' },
  never: { id: 'Jangan', en: 'Do not' },
  report: { id: 'Kewajiban lapor', en: 'Duty to report' },
  told: { id: 'Diberitahukan kepada', en: 'Told to' },
  deadline: { id: 'Batas waktu', en: 'Deadline' },
  case: { id: 'Kasus', en: 'Case' },
  link: { id: 'Bukti dan tanggapan', en: 'Evidence and acknowledgement' },
  severity: { id: 'Tingkat', en: 'Severity' },
  region: { id: 'Wilayah', en: 'Region' },
  title: { id: 'Judul', en: 'Title' },
  techniques: { id: 'Cara penyerang', en: 'How they attack' },
  indicators: { id: 'Tanda pengenal', en: 'Marks to look for' },
  kind: { id: 'Sistem yang diincar', en: 'Systems aimed at' },
  owner_text: { id: 'Pesan dari Ruang Operasi', en: 'From the Operation Room' },
  answer: { id: 'Tanggapi di sini', en: 'Answer here' },
  answer_by: { id: 'Paling lambat', en: 'By' },
  notice: { id: 'Pemberitahuan', en: 'Notice' },
  held: { id: 'Yang ditahan', en: 'What was held back' },
} as const satisfies Readonly<Record<string, Words>>

export type Label = keyof typeof labels

/** Words for what a finding is about and for common fields of evidence; others are shown by their name. */
export const fieldWords: Readonly<Record<string, Words>> = {
  source_ip: { id: 'alamat sumber', en: 'source address' },
  source_country: { id: 'negara sumber', en: 'source country' },
  destination_ip: { id: 'alamat tujuan', en: 'destination address' },
  destination_port: { id: 'porta tujuan', en: 'destination port' },
  user: { id: 'pengguna', en: 'user' },
  user_name: { id: 'pengguna', en: 'user' },
  asset: { id: 'sistem', en: 'system' },
  asset_id: { id: 'sistem', en: 'system' },
  host: { id: 'host', en: 'host' },
  host_name: { id: 'host', en: 'host' },
  source: { id: 'sumber log', en: 'log source' },
  source_id: { id: 'sumber log', en: 'log source' },
  domain: { id: 'domain', en: 'domain' },
  url_original: { id: 'alamat web', en: 'web address' },
  url_path: { id: 'halaman', en: 'page' },
  user_agent: { id: 'program pengunjung', en: 'user agent' },
  http_status_code: { id: 'jawaban server', en: "server's answer" },
  event_action: { id: 'tindakan', en: 'action' },
  event_count: { id: 'jumlah peristiwa', en: 'events' },
  event_severity: { id: 'tingkat menurut perangkat', en: 'severity by the device' },
  process_command_line: { id: 'perintah', en: 'command' },
  message: { id: 'baris log', en: 'log line' },
  region: { id: 'wilayah', en: 'region' },
  collector: { id: 'pengumpul', en: 'collector' },
  'siaga.silence.last': { id: 'terakhir terdengar', en: 'last heard' },
  'siaga.silence.so_far': { id: 'lamanya diam', en: 'silent for' },
  'siaga.silence.from': { id: 'sejak', en: 'from' },
  'siaga.silence.to': { id: 'sampai', en: 'to' },
  'siaga.silence.usual_per_minute': { id: 'biasanya per menit', en: 'usually a minute' },
  'siaga.silence.sources': { id: 'sumber log', en: 'log sources' },
  'siaga.region.state': { id: 'keadaan wilayah', en: 'state of the region' },
  'siaga.web_flood.site': { id: 'situs', en: 'site' },
  'siaga.web_flood.verdict': { id: 'penilaian', en: 'verdict' },
  'siaga.web_flood.requests': { id: 'permintaan semenit', en: 'requests a minute' },
  'siaga.web_flood.usual': { id: 'biasanya semenit', en: 'usually a minute' },
  'siaga.web_flood.alasan': { id: 'alasan', en: 'reason (Indonesian)' },
  'siaga.web_flood.reason': { id: 'alasan (Inggris)', en: 'reason' },
  'threat.indicator.name': { id: 'indikator', en: 'indicator' },
  'threat.indicator.provider': { id: 'umpan intelijen', en: 'feed' },
  'threat.indicator.confidence': { id: 'keyakinan umpan (0–100)', en: 'confidence of the feed (0–100)' },
  'threat.indicator.description': { id: 'ancaman', en: 'threat' },
  'threat.indicator.last_seen': { id: 'indikator terakhir terlihat', en: 'indicator last seen' },
}

export const criticalityWords: Readonly<Record<string, Words>> = {
  low: { id: 'rendah', en: 'low' },
  medium: { id: 'sedang', en: 'medium' },
  high: { id: 'tinggi', en: 'high' },
  critical: { id: 'kritis', en: 'critical' },
}

// Made when first asked for: reading the locales takes a tenth of what a short command does, and most write no number.
const numbers = new Map<Language, Intl.NumberFormat>()

/** A number as it is written in the language: 12.400 or 12,400. */
export function numberText(value: number, language: Language): string {
  const format = numbers.get(language) ?? new Intl.NumberFormat(language === 'id' ? 'id-ID' : 'en-GB')
  numbers.set(language, format)
  return format.format(value)
}
