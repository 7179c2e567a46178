// What can be said to somebody whose request about an alert is refused? Status of HTTP, and in Indonesian what is wrong and what to do.
import type { AlertStatus } from '../schemas/alert.ts'
import { type ErrorCode, SiagaError } from './errors.ts'

interface AlertErrorSpec {
  /** Of an answer over HTTP. */
  readonly status: number
  /** Sentence with {placeholders}, as in the table of errors. */
  readonly pesan: string
  readonly tindakan: string
}

/** Beside the English of `errorTable`. */
const spoken = {
  ALERT_UNKNOWN: {
    status: 404,
    pesan: 'Tidak ada peringatan {alert} yang boleh ditangani ruang ini.',
    tindakan: 'Cari dengan: siaga alerts list',
  },
  ALERT_STATUS: {
    status: 409,
    pesan: 'Peringatan {alert} berstatus {status}; {verb} tidak dapat dilakukan.',
    tindakan:
      'Lihat riwayatnya dengan: siaga alerts show {alert}. Peringatan yang ditutup dapat dibuka lagi dengan: siaga alerts reopen {alert}',
  },
  ALERT_MERGED: {
    status: 409,
    pesan: 'Peringatan {alert} sudah menjadi bagian dari {into}.',
    tindakan: 'Tangani {into}, atau keluarkan lagi dengan: siaga alerts reopen {alert}',
  },
  ALERT_REASON_MISSING: {
    status: 422,
    pesan: '{verb} memerlukan alasan.',
    tindakan: 'Tulis alasannya dalam satu kalimat: orang lain mengandalkannya.',
  },
  ALERT_ASSIGNEE_MISSING: {
    status: 422,
    pesan: 'assign memerlukan nama seseorang.',
    tindakan: 'Sebutkan kepada siapa peringatan ini diserahkan.',
  },
  ALERT_OTHER_MISSING: {
    status: 422,
    pesan: '{verb} memerlukan nomor peringatan lain.',
    tindakan: 'Sebutkan peringatan lain itu; cari dengan: siaga alerts list',
  },
  ALERT_MERGE_REFUSED: {
    status: 409,
    pesan: 'Peringatan {alert} tidak dapat digabung ke {other}: {sebab}.',
    tindakan:
      'Tautkan saja keduanya: peringatan dari beberapa wilayah atau pemilik tetap terpisah dan menjadi satu kasus. Bila yang lain sudah ditutup, buka lagi dahulu.',
  },
  NOTICE_UNKNOWN: {
    status: 404,
    pesan: 'Tidak ada pemberitahuan {notice} yang boleh ditangani ruang ini.',
    tindakan: 'Cari dengan: GET /v1/notices',
  },
  NOTICE_NO_CONTACT: {
    status: 409,
    pesan: 'Tidak diketahui siapa yang bertanggung jawab atas aset {asset}.',
    tindakan: 'Tambahkan contacts pada aset itu di siaga.yaml, atau telepon pemiliknya.',
  },
  NOTICE_NO_LINK: {
    status: 409,
    pesan: 'Pemberitahuan memerlukan tautan, dan Siaga tidak tahu di alamat mana pemilik sistem dapat membukanya.',
    tindakan: 'Atur alerts.notices.public_url atau alerts.public_url di siaga.yaml.',
  },
  NOTICE_EXISTS: {
    status: 409,
    pesan: 'Pemberitahuan {notice} tentang peringatan {alert} masih terbuka.',
    tindakan: 'Tunggu pemiliknya, atau tarik kembali dahulu.',
  },
  NOTICE_OFTEN: {
    status: 409,
    pesan: 'Pemilik aset {asset} sudah menerima {most} pemberitahuan dari ruang operasi dalam sehari.',
    tindakan: 'Telepon pemiliknya.',
  },
  NOTICE_STATE: {
    status: 409,
    pesan: 'Status pemberitahuan {notice} tidak memungkinkan langkah ini ({state}, {what}).',
    tindakan: 'Lihat riwayatnya dengan: GET /v1/notices',
  },
  NOTICE_FULL: {
    status: 409,
    pesan: 'Jawaban pada pemberitahuan {notice} sudah sebanyak yang dapat disimpan.',
    tindakan: 'Telepon Ruang Operasi.',
  },
  SUPPRESSION_INVALID: {
    status: 422,
    pesan: 'Penahanan tidak dapat dibuat: {detail}.',
    tindakan: 'Perbaiki; penahanan memerlukan penanggung jawab, alasan, batas waktu, dan sesuatu yang cocok.',
  },
  SUPPRESSION_UNKNOWN: {
    status: 404,
    pesan: 'Tidak ada penahanan {id}.',
    tindakan: 'Cari dengan: siaga alerts suppressions',
  },
  SUPPRESSION_NOT_YOURS: {
    status: 403,
    pesan: 'Penahanan {id} tidak dapat diubah oleh ruang ini, atau sudah tidak dapat diubah lagi.',
    tindakan: 'Minta ruang yang membuatnya, atau pusat.',
  },
  SECOND_PERSON_NEEDED: {
    status: 409,
    pesan: '{id} memerlukan orang kedua, dan salah satunya harus dari pusat.',
    tindakan: 'Minta orang dengan nama lain dan kunci lain.',
  },
  POLICY_NOT_WAITING: {
    status: 409,
    pesan: 'Kebijakan {id} tidak menunggu siapa pun.',
    tindakan: 'Lihat yang menunggu dengan: siaga alerts policy',
  },
} as const satisfies Partial<Record<ErrorCode, AlertErrorSpec>>

export type AlertErrorCode = keyof typeof spoken

export function isAlertErrorCode(code: string): code is AlertErrorCode {
  return Object.hasOwn(spoken, code)
}

/** Words of a status, for people. */
const statusWords: Readonly<Record<AlertStatus, { en: string; id: string }>> = {
  open: { en: 'open', id: 'terbuka' },
  acknowledged: { en: 'acknowledged', id: 'diterima' },
  in_work: { en: 'in work', id: 'sedang ditangani' },
  resolved: { en: 'resolved', id: 'selesai' },
  false_positive: { en: 'a false positive', id: 'positif palsu' },
  accepted: { en: 'accepted as a risk', id: 'diterima sebagai risiko' },
  merged: { en: 'part of another one', id: 'bagian dari yang lain' },
}

/** A refusal as it stands in the body of an answer, and the status of that answer. */
export interface AlertRefusal {
  readonly status: number
  readonly body: {
    readonly error: AlertErrorCode
    readonly message: string
    readonly action: string
    readonly pesan: string
    readonly tindakan: string
  }
}

/** A refusal in English and Indonesian. `params.status`, where the code has one, is a status of an alert. */
export function alertRefusal(code: AlertErrorCode, params: Readonly<Record<string, string>>): AlertRefusal {
  const { status, pesan, tindakan } = spoken[code]
  const words = Object.entries(statusWords).find(([name]) => name === params.status)?.[1]
  const { message, action } = new SiagaError(code, { ...params, ...(words && { status: words.en }) })
  const indonesian = { ...params, ...(words && { status: words.id }) }
  return {
    status,
    body: { error: code, message, action, pesan: fill(pesan, indonesian), tindakan: fill(tindakan, indonesian) },
  }
}

function fill(template: string, params: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => params[name] ?? whole)
}
