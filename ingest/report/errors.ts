// What can the report collector answer but a receipt? One table: code, status, and in Indonesian and English what is wrong and what to do.
import { HttpError } from '../http/errors.ts'

interface Words {
  /** Sentence with {placeholders}. */
  readonly message: string
  readonly action: string
}

interface ReportErrorSpec {
  readonly status: number
  readonly en: Words
  readonly id: Words
}

export const reportErrors = {
  REQUEST_INVALID: {
    status: 400,
    en: { message: 'The request cannot be read: {detail}.', action: 'Send POST /v1/reports with a JSON body.' },
    id: { message: 'Permintaan tidak dapat dibaca: {detail}.', action: 'Kirim POST /v1/reports dengan isi JSON.' },
  },
  REQUEST_CUT: {
    status: 400,
    en: { message: 'The connection ended before the body was complete; nothing was kept.', action: 'Send it again.' },
    id: {
      message: 'Koneksi terputus sebelum isi lengkap; tidak ada yang disimpan.',
      action: 'Kirim sekali lagi.',
    },
  },
  JSON_INVALID: {
    status: 400,
    en: { message: 'The body is no JSON object: {detail}.', action: 'Send one JSON object in UTF-8.' },
    id: { message: 'Isi bukan objek JSON: {detail}.', action: 'Kirim satu objek JSON dalam UTF-8.' },
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    en: {
      message: 'The Idempotency-Key is not 1 to 255 printable ASCII characters.',
      action: 'Send a UUID, a new one for each report.',
    },
    id: {
      message: 'Idempotency-Key bukan 1 sampai 255 karakter ASCII.',
      action: 'Kirim UUID, yang baru untuk tiap laporan.',
    },
  },
  KEY_MISSING: {
    status: 401,
    en: {
      message: 'No API key was sent.',
      action: 'Send it as "Authorization: Bearer <key>". The centre makes one with: siaga keys create --room <room>',
    },
    id: {
      message: 'Kunci API tidak disertakan.',
      action:
        'Kirim sebagai "Authorization: Bearer <kunci>". Pusat membuatnya dengan: siaga keys create --room <ruang>',
    },
  },
  KEY_REFUSED: {
    status: 401,
    en: {
      message: 'The API key is unknown or was revoked.',
      action: 'Check the key, or ask the centre for a new one: siaga keys create --room <room>',
    },
    id: {
      message: 'Kunci API tidak dikenal atau sudah dicabut.',
      action: 'Periksa kuncinya, atau minta yang baru dari pusat: siaga keys create --room <ruang>',
    },
  },
  KEY_NOT_OF_A_ROOM: {
    status: 403,
    en: {
      message: 'This is the key of the source {source}, not of an Operation Room.',
      action: 'Use the key of your room: siaga keys create --room <room>',
    },
    id: {
      message: 'Ini kunci sumber {source}, bukan kunci Ruang Operasi.',
      action: 'Pakai kunci ruang Anda: siaga keys create --room <ruang>',
    },
  },
  ROOM_UNKNOWN: {
    status: 403,
    en: {
      message: 'The room {room} of this key is not configured any more.',
      action: 'Ask the centre to add it under rooms in siaga.yaml.',
    },
    id: {
      message: 'Ruang {room} milik kunci ini tidak ada lagi dalam konfigurasi.',
      action: 'Minta pusat menambahkannya di bawah rooms dalam siaga.yaml.',
    },
  },
  REGION_OF_ANOTHER: {
    status: 403,
    en: {
      message: 'The report names region {region}, but this key reports for region {own}; nothing was filed.',
      action: 'Leave region out, or use the key of the room of that region.',
    },
    id: {
      message: 'Laporan menyebut wilayah {region}, padahal kunci ini untuk wilayah {own}; tidak ada yang dicatat.',
      action: 'Hapus region, atau pakai kunci ruang wilayah itu.',
    },
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    en: { message: 'Reports are sent with POST, attachments with PUT.', action: 'Send POST /v1/reports.' },
    id: { message: 'Laporan dikirim dengan POST, lampiran dengan PUT.', action: 'Kirim POST /v1/reports.' },
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 409,
    en: {
      message: 'This Idempotency-Key came with another report before; nothing was filed.',
      action: 'Send a new Idempotency-Key with each new report.',
    },
    id: {
      message: 'Idempotency-Key ini sudah dipakai untuk laporan lain; tidak ada yang dicatat.',
      action: 'Kirim Idempotency-Key baru untuk tiap laporan baru.',
    },
  },
  ATTACHMENT_OFFSET: {
    status: 409,
    en: {
      message: 'This piece does not join on: {received} bytes of the attachment have been received.',
      action: 'Go on from there, or begin again at 0.',
    },
    id: {
      message: 'Potongan ini tidak bersambung: baru {received} bita lampiran yang diterima.',
      action: 'Lanjutkan dari situ, atau mulai lagi dari 0.',
    },
  },
  RANGE_INVALID: {
    status: 400,
    en: {
      message: 'The Content-Range is none.',
      action: 'Send "Content-Range: bytes from-to/total", or the whole without it.',
    },
    id: {
      message: 'Content-Range tidak benar.',
      action: 'Kirim "Content-Range: bytes dari-sampai/total", atau seluruhnya tanpa itu.',
    },
  },
  BODY_TOO_LARGE: {
    status: 413,
    en: {
      message: 'The report is larger than {limit} bytes; nothing was filed.',
      action: 'Shorten the texts; send long ones as attachments.',
    },
    id: {
      message: 'Laporan lebih besar dari {limit} bita; tidak ada yang dicatat.',
      action: 'Ringkas teksnya; kirim yang panjang sebagai lampiran.',
    },
  },
  ATTACHMENT_TOO_LARGE: {
    status: 413,
    en: {
      message: 'The attachment is larger than {limit} bytes; it was not kept.',
      action: 'Send a part of it, or hand it over another way and say so in the description.',
    },
    id: {
      message: 'Lampiran lebih besar dari {limit} bita; tidak disimpan.',
      action: 'Kirim sebagian, atau serahkan dengan cara lain dan sebutkan dalam uraian.',
    },
  },
  CONTENT_TYPE_UNSUPPORTED: {
    status: 415,
    en: { message: 'The Content-Type {type} is not understood.', action: 'Use application/json.' },
    id: { message: 'Content-Type {type} tidak dikenal.', action: 'Pakai application/json.' },
  },
  CONTENT_ENCODING_UNSUPPORTED: {
    status: 415,
    en: { message: 'Reports and attachments are sent without Content-Encoding.', action: 'Leave it out.' },
    id: { message: 'Laporan dan lampiran dikirim tanpa Content-Encoding.', action: 'Hilangkan.' },
  },
  REPORT_INVALID: {
    status: 422,
    en: {
      message: 'The report is not complete: {detail}.',
      action: 'Correct the fields that are named and send it again.',
    },
    id: { message: 'Laporan belum lengkap: {detail}.', action: 'Perbaiki isian yang disebut, lalu kirim lagi.' },
  },
  ATTACHMENT_HASH_INVALID: {
    status: 422,
    en: {
      message: 'The address names no SHA-256 hash.',
      action: 'Send PUT /v1/reports/attachments/{64 hex letters}.',
    },
    id: { message: 'Alamat tidak menyebut hash SHA-256.', action: 'Kirim PUT /v1/reports/attachments/{64 huruf hex}.' },
  },
  ATTACHMENT_HASH_MISMATCH: {
    status: 422,
    en: {
      message: 'The bytes received have the SHA-256 {found}, not the one that was named; they were not kept.',
      action: 'The file changed or was damaged on the way: count its hash and send it again.',
    },
    id: {
      message: 'Bita yang diterima ber-SHA-256 {found}, bukan yang disebut; tidak disimpan.',
      action: 'Berkas berubah atau rusak di jalan: hitung hash-nya dan kirim lagi.',
    },
  },
  ATTACHMENT_MISSING: {
    status: 422,
    en: {
      message: 'The attachment {name} has not been sent; nothing was filed.',
      action: 'Send its bytes first: PUT /v1/reports/attachments/{sha256}',
    },
    id: {
      message: 'Lampiran {name} belum dikirim; tidak ada yang dicatat.',
      action: 'Kirim bitanya lebih dulu: PUT /v1/reports/attachments/{sha256}',
    },
  },
  TOO_MANY_UNFILED: {
    status: 429,
    en: {
      message: 'This room has sent {limit} attachments that no report names.',
      action: 'File the report; what is not named by one is removed after a day.',
    },
    id: {
      message: 'Ruang ini sudah mengirim {limit} lampiran yang tidak disebut laporan mana pun.',
      action: 'Kirim laporannya; lampiran tanpa laporan dihapus setelah sehari.',
    },
  },
  RATE_LIMITED: {
    status: 429,
    en: { message: 'This key sends too often.', action: 'Send it again after the seconds in Retry-After.' },
    id: { message: 'Kunci ini terlalu sering mengirim.', action: 'Kirim lagi setelah detik dalam Retry-After.' },
  },
  BUSY: {
    status: 503,
    en: { message: 'Too much is being received.', action: 'Send it again after the seconds in Retry-After.' },
    id: { message: 'Terlalu banyak yang sedang diterima.', action: 'Kirim lagi setelah detik dalam Retry-After.' },
  },
  KAFKA_UNAVAILABLE: {
    status: 503,
    en: {
      message: 'Kafka has not confirmed the report yet; it may still be filed.',
      action: 'Send the same again after the seconds in Retry-After: it gets the same receipt.',
    },
    id: {
      message: 'Kafka belum mengonfirmasi laporan; mungkin masih akan tercatat.',
      action: 'Kirim hal yang sama setelah detik dalam Retry-After: nomor tandanya tetap sama.',
    },
  },
  INTERNAL: {
    status: 500,
    en: {
      message: 'Something failed inside Siaga; the report may not have been filed.',
      action: 'Send it again; if it goes on, tell the operator to read the log.',
    },
    id: {
      message: 'Terjadi kegagalan di dalam Siaga; laporan mungkin belum tercatat.',
      action: 'Kirim lagi; bila berulang, minta operator membaca log.',
    },
  },
} as const satisfies Record<string, ReportErrorSpec>

export type ReportErrorCode = keyof typeof reportErrors

/** A field of a report that is missing or wrong. */
export interface FieldProblem {
  readonly field: string
  readonly message: string
  readonly pesan: string
}

/** A request refused: a code of the table, its parameters, and the fields that are wrong. `retryAfter` in seconds. */
export class ReportError extends Error {
  readonly code: ReportErrorCode
  readonly status: number
  readonly retryAfter: number | undefined
  /** What stands in the body of the answer: English and Indonesian. */
  readonly body: {
    readonly error: ReportErrorCode
    readonly message: string
    readonly action: string
    readonly pesan: string
    readonly tindakan: string
    readonly fields?: readonly FieldProblem[]
  }

  constructor(
    code: ReportErrorCode,
    params: Readonly<Record<string, string | number>> = {},
    { retryAfter, fields }: { retryAfter?: number | undefined; fields?: readonly FieldProblem[] } = {},
  ) {
    const { status, en, id }: ReportErrorSpec = reportErrors[code]
    const detail = (of: (problem: FieldProblem) => string) => fields?.map((one) => `${one.field} ${of(one)}`).join('; ')
    const english = fields === undefined ? params : { ...params, detail: detail(({ message }) => message) ?? '' }
    const indonesian = fields === undefined ? params : { ...params, detail: detail(({ pesan }) => pesan) ?? '' }
    super(fill(en.message, english))
    this.name = 'ReportError'
    this.code = code
    this.status = status
    this.retryAfter = retryAfter
    this.body = {
      error: code,
      message: this.message,
      action: fill(en.action, english),
      pesan: fill(id.message, indonesian),
      tindakan: fill(id.action, indonesian),
      ...(fields === undefined ? {} : { fields }),
    }
  }
}

const isCode = (code: string): code is ReportErrorCode => Object.hasOwn(reportErrors, code)

/** Any thrown value as a refusal; those of the body's bounds keep their meaning. */
export function asReportError(error: unknown): ReportError {
  if (error instanceof ReportError) return error
  if (error instanceof HttpError && isCode(error.code)) {
    const [limit = ''] = /\d+/.exec(error.message) ?? []
    return new ReportError(error.code, { limit }, { retryAfter: error.retryAfter })
  }
  // Fastify's own: a Content-Type that is none, an address that cannot be decoded.
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500
  if (status === 415) return new ReportError('CONTENT_TYPE_UNSUPPORTED', { type: '(?)' })
  if (typeof status === 'number' && status < 500)
    return new ReportError('REQUEST_INVALID', { detail: `HTTP ${status}` })
  return new ReportError('INTERNAL')
}

function fill(template: string, params: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole).slice(0, 2000))
}
