// What do exports and their checks say? Indonesian first, English second.
import type { Language } from '../terminal.ts'
import type { FileState, Verdict } from './verify.ts'

export interface ExportWords {
  readonly rows: (n: string) => string
  readonly signedBy: (fingerprint: string) => string
  readonly cancelled: string
  readonly states: Readonly<Record<FileState, string>>
  readonly archive: Readonly<Record<NonNullable<Verdict['archive']>, string>>
  readonly signature: Readonly<Record<Verdict['signature'], string>>
  readonly keyInside: (fingerprint: string) => string
  readonly good: string
  readonly bad: string
  readonly by: string
  readonly at: string
  readonly case: string
  readonly reason: string
  readonly rowsOf: string
}

export const exportWords: Readonly<Record<Language, ExportWords>> = {
  id: {
    rows: (n) => `${n} baris`,
    signedBy: (print) => `Ditandatangani dengan kunci ${print} (siaga export key)`,
    cancelled: 'Ekspor dibatalkan; tidak ada yang tertinggal.',
    states: { ok: 'utuh', changed: 'BERUBAH', missing: 'HILANG', added: 'DITAMBAHKAN', repeated: 'GANDA' },
    archive: {
      broken: 'Arsip rusak: kepala sebuah berkas tidak terbaca.',
      not_a_file: 'Arsip berisi sesuatu yang bukan berkas biasa.',
      cut: 'Arsip terpotong.',
      more_behind: 'Ada byte lain di belakang akhir arsip.',
    },
    signature: {
      ok: 'Tanda tangan cocok.',
      wrong: 'Tanda tangan TIDAK cocok.',
      missing: 'Tanda tangan atau SHA256SUMS tidak ada.',
      inside:
        'Tanda tangan cocok dengan kunci di dalam paket, tetapi belum ada yang menjamin kunci itu; minta kuncinya dari pengirim: --key KUNCI.pem',
    },
    keyInside: (print) => `Kunci di dalam paket: ${print}`,
    good: 'Paket ini utuh.',
    bad: 'Paket ini tidak dapat dipercaya begitu saja.',
    by: 'Oleh',
    at: 'Waktu',
    case: 'Perkara',
    reason: 'Alasan',
    rowsOf: 'Baris',
  },
  en: {
    rows: (n) => `${n} rows`,
    signedBy: (print) => `Signed with the key ${print} (siaga export key)`,
    cancelled: 'The export was cancelled; nothing was left behind.',
    states: { ok: 'whole', changed: 'CHANGED', missing: 'MISSING', added: 'ADDED', repeated: 'TWICE' },
    archive: {
      broken: 'The archive is broken: the head of a file cannot be read.',
      not_a_file: 'The archive holds something that is no plain file.',
      cut: 'The archive was cut.',
      more_behind: 'There are other bytes behind the end of the archive.',
    },
    signature: {
      ok: 'The signature fits.',
      wrong: 'The signature does NOT fit.',
      missing: 'The signature or SHA256SUMS is missing.',
      inside:
        'The signature fits the key inside the package, for which nobody vouches yet; ask the sender for the key: --key KEY.pem',
    },
    keyInside: (print) => `Key inside the package: ${print}`,
    good: 'The package is whole.',
    bad: 'The package is not to be relied on as it is.',
    by: 'By',
    at: 'When',
    case: 'Case',
    reason: 'Reason',
    rowsOf: 'Rows',
  },
}
