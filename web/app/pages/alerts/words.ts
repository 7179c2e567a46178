// Which words stand on the pages about alerts? In both languages, beside each other.
import type { AlertStatus, AlertVerb, NotificationReason } from '../../../../schemas/alert.ts'
import { t } from '../../language.ts'

interface Words {
  readonly id: string
  readonly en: string
}

export const say = ({ id, en }: Words): string => t(id, en)

export const statusWords: Readonly<Record<AlertStatus, Words>> = {
  open: { id: 'Terbuka', en: 'Open' },
  acknowledged: { id: 'Ditanggapi', en: 'Acknowledged' },
  in_work: { id: 'Ditangani', en: 'In work' },
  resolved: { id: 'Selesai', en: 'Resolved' },
  false_positive: { id: 'Positif palsu', en: 'False positive' },
  accepted: { id: 'Risiko diterima', en: 'Risk accepted' },
  merged: { id: 'Digabung', en: 'Merged' },
}

/** What a button says. */
export const verbWords: Readonly<Record<AlertVerb, Words>> = {
  acknowledge: { id: 'Tanggapi', en: 'Acknowledge' },
  assign: { id: 'Serahkan', en: 'Assign' },
  start: { id: 'Mulai tangani', en: 'Start work' },
  resolve: { id: 'Selesai', en: 'Resolve' },
  false_positive: { id: 'Positif palsu', en: 'False positive' },
  accept: { id: 'Terima risiko', en: 'Accept risk' },
  reopen: { id: 'Buka lagi', en: 'Reopen' },
  comment: { id: 'Komentar', en: 'Comment' },
  link: { id: 'Tautkan', en: 'Link' },
  merge: { id: 'Gabungkan', en: 'Merge' },
}

/** What was done. */
export const doneWords: Readonly<Record<AlertVerb, Words>> = {
  acknowledge: { id: 'menanggapi', en: 'acknowledged' },
  assign: { id: 'menyerahkan', en: 'assigned' },
  start: { id: 'mulai menangani', en: 'started work' },
  resolve: { id: 'menyelesaikan', en: 'resolved' },
  false_positive: { id: 'menyatakan positif palsu', en: 'called it a false positive' },
  accept: { id: 'menerima risikonya', en: 'accepted the risk' },
  reopen: { id: 'membuka lagi', en: 'reopened' },
  comment: { id: 'menulis', en: 'wrote' },
  link: { id: 'menautkan dengan', en: 'linked with' },
  merge: { id: 'menggabungkan ke', en: 'merged into' },
}

/** What it leads to, for whoever is about to press. */
export const verbHints: Readonly<Partial<Record<AlertVerb, Words>>> = {
  resolve: {
    id: 'Ancamannya nyata dan sudah ditangani. Bila terjadi lagi, peringatan ini terbuka lagi sendiri.',
    en: 'The threat was real and is dealt with. If it happens again, this alert opens again by itself.',
  },
  false_positive: {
    id: 'Bukan ancaman. Risiko pelaku dan aset turun seketika; hanya temuan yang lebih berat membukanya lagi.',
    en: 'No threat. The risk of entity and asset falls at once; only something more severe opens it again.',
  },
  accept: {
    id: 'Nyata, tetapi dibiarkan dengan sengaja. Hanya temuan yang lebih berat membukanya lagi.',
    en: 'Real, but left as it is on purpose. Only something more severe opens it again.',
  },
  reopen: {
    id: 'Ruang yang bertanggung jawab diberi tahu lagi.',
    en: 'The rooms that are responsible are told again.',
  },
  assign: { id: 'Kepada siapa peringatan ini diserahkan?', en: 'Who is to take care of it?' },
  link: {
    id: 'Kedua peringatan menjadi satu kasus dan tetap berdiri sendiri.',
    en: 'Both alerts become one case and stay on their own.',
  },
  merge: {
    id: 'Peringatan ini menjadi bagian dari yang lain, yang sama berat atau lebih berat, dari wilayah dan pemilik yang sama.',
    en: 'This alert becomes part of the other, which is as severe or more, of the same region and owner.',
  },
}

export const reasonWords: Readonly<Record<NotificationReason, Words>> = {
  opened: { id: 'baru', en: 'opened' },
  reopened: { id: 'terjadi lagi', en: 'reopened' },
  severity: { id: 'lebih berat', en: 'more severe' },
  stage: { id: 'tahap baru', en: 'new stage' },
  escalated: { id: 'naik tingkat', en: 'escalated' },
  closed: { id: 'ditutup', en: 'closed' },
  warning: { id: 'peringatan dini', en: 'warned ahead' },
  summary: { id: 'ringkasan', en: 'summary' },
  notice: { id: 'pemberitahuan kepada pemilik', en: 'notice to the owner' },
  notice_silent: { id: 'pemilik tidak menjawab', en: 'the owner does not answer' },
  notice_failed: { id: 'ternyata belum diperbaiki', en: 'not fixed after all' },
  test: { id: 'uji coba', en: 'test' },
}

export const outcomeWords: Readonly<Record<'delivered' | 'retry' | 'refused' | 'given_up' | 'waiting', Words>> = {
  delivered: { id: '✓ sampai', en: '✓ delivered' },
  retry: { id: '↻ gagal, dicoba lagi', en: '↻ failed, tried again' },
  refused: { id: '✕ ditolak', en: '✕ refused' },
  given_up: { id: '✕ dihentikan', en: '✕ given up' },
  waiting: { id: '… menunggu', en: '… waiting' },
}

const entityWords: Readonly<Record<string, Words>> = {
  source_ip: { id: 'Alamat', en: 'Address' },
  user: { id: 'Pengguna', en: 'User' },
  asset: { id: 'Aset', en: 'Asset' },
  source: { id: 'Sumber log', en: 'Source' },
  domain: { id: 'Domain', en: 'Domain' },
  region: { id: 'Wilayah', en: 'Region' },
}

/** `source_ip:203.0.113.9` as people say it. */
export function entityText(entity: string): string {
  const at = entity.indexOf(':')
  const words = entityWords[entity.slice(0, at)]
  return words === undefined ? entity : `${say(words)} ${entity.slice(at + 1)}`
}

export const scoreHelp: Words = {
  id: 'Skor 0–100: dari 100 temuan seperti ini, sekian perlu diperiksa orang. Cara menghitungnya ada pada rincian.',
  en: 'Score 0–100: of 100 findings like this, so many need a person to look. The detail shows how it came about.',
}
export const deadlineHelp: Words = {
  id: 'Batas waktu untuk menanggapi. Bila lewat, tingkat berikutnya (provinsi, lalu pusat) diberi tahu. Sesudah ditanggapi tidak ada tenggat lagi.',
  en: 'Somebody is to acknowledge by then; otherwise the next level (province, then centre) is told. Once acknowledged there is no deadline.',
}
