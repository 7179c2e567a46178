// What can the API of alerts answer but an alert? Code, status, and in Indonesian and English what is wrong and what to do.
import { type AlertErrorCode, alertRefusal, isAlertErrorCode } from '../../runtime/alert-errors.ts'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import type { Refusal } from '../../schemas/alert-api.ts'
import { WebError } from '../errors.ts'

interface Spec {
  readonly status: number
  readonly message: string
  readonly action: string
  readonly pesan: string
  readonly tindakan: string
}

const doorErrors = {
  KEY_MISSING: {
    status: 401,
    message: 'No API key was sent.',
    action: 'Send it as "Authorization: Bearer <key>". The centre makes one with: siaga keys create --room <room>',
    pesan: 'Kunci API tidak disertakan.',
    tindakan:
      'Kirim sebagai "Authorization: Bearer <kunci>". Pusat membuatnya dengan: siaga keys create --room <ruang>',
  },
  KEY_REFUSED: {
    status: 401,
    message: 'The API key is not valid.',
    action: 'Check it; a revoked key is replaced with: siaga keys create --room <room>',
    pesan: 'Kunci API tidak berlaku.',
    tindakan: 'Periksa lagi; kunci yang dicabut diganti dengan: siaga keys create --room <ruang>',
  },
  KEY_NOT_OF_A_ROOM: {
    status: 403,
    message: 'This key sends events; it cannot see alerts.',
    action: 'Use the key of an Operation Room: siaga keys create --room <room>',
    pesan: 'Kunci ini untuk mengirim log, bukan untuk melihat peringatan.',
    tindakan: 'Pakai kunci Ruang Operasi: siaga keys create --room <ruang>',
  },
  ROOM_UNKNOWN: {
    status: 403,
    message: 'Room {room} is not in siaga.yaml.',
    action: 'Ask the centre to add it under rooms.',
    pesan: 'Ruang {room} tidak ada di siaga.yaml.',
    tindakan: 'Minta pusat menambahkannya di bagian rooms.',
  },
  RATE_LIMITED: {
    status: 429,
    message: 'Too many requests with this key.',
    action: 'Wait as long as Retry-After says.',
    pesan: 'Terlalu banyak permintaan dengan kunci ini.',
    tindakan: 'Tunggu selama yang disebut Retry-After.',
  },
  STREAMS_LIMITED: {
    status: 429,
    message: 'Too many live connections.',
    action: 'Close some, or ask for pages instead.',
    pesan: 'Terlalu banyak sambungan langsung.',
    tindakan: 'Tutup sebagian, atau minta halaman biasa.',
  },
  CENTRE_ONLY: {
    status: 403,
    message: 'This is for the centre.',
    action: 'Ask the centre.',
    pesan: 'Ini hanya untuk pusat.',
    tindakan: 'Tanyakan kepada pusat.',
  },
  CASE_UNKNOWN: {
    status: 404,
    message: 'There is no case {case} that this room may see.',
    action: 'Its id stands with the alerts that belong to it.',
    pesan: 'Tidak ada kasus {case} yang boleh dilihat ruang ini.',
    tindakan: 'Nomornya tertulis pada peringatan yang termasuk di dalamnya.',
  },
  REQUEST_INVALID: {
    status: 400,
    message: 'The request cannot be read: {detail}',
    action: 'See /v1/alerts/openapi.json.',
    pesan: 'Permintaan tidak dapat dibaca: {detail}',
    tindakan: 'Lihat /v1/alerts/openapi.json.',
  },
  NOT_READY: {
    status: 503,
    message: 'Alerts are still being read.',
    action: 'Try again in some seconds.',
    pesan: 'Peringatan masih dibaca.',
    tindakan: 'Coba lagi beberapa detik lagi.',
  },
  UNAVAILABLE: {
    status: 503,
    message: 'Kafka or ClickHouse does not answer; nothing was changed.',
    action: 'Try again; repeating with the same Idempotency-Key is safe.',
    pesan: 'Kafka atau ClickHouse tidak menjawab; tidak ada yang berubah.',
    tindakan: 'Coba lagi; mengulang dengan Idempotency-Key yang sama aman.',
  },
  INTERNAL: {
    status: 500,
    message: 'Something went wrong here.',
    action: 'Tell the centre; the log of Siaga has the cause.',
    pesan: 'Ada kesalahan di sini.',
    tindakan: 'Beri tahu pusat; sebabnya ada di log Siaga.',
  },
} as const satisfies Record<string, Spec>

export type AlertApiErrorCode = keyof typeof doorErrors

/** A request that is refused. */
export class AlertApiError extends Error {
  readonly status: number
  readonly body: Refusal
  /** Seconds, 0 unless it helps to wait. */
  readonly retryAfter: number

  constructor(code: AlertApiErrorCode | AlertErrorCode, params: Readonly<Record<string, string>> = {}, retryAfter = 0) {
    super(code)
    this.name = 'AlertApiError'
    this.retryAfter = retryAfter
    if (isAlertErrorCode(code)) {
      const { status, body } = alertRefusal(code, params)
      this.status = status
      this.body = body
    } else {
      const { status, message, action, pesan, tindakan } = doorErrors[code]
      const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => params[name] ?? whole)
      this.status = status
      this.body = {
        error: code,
        message: fill(message),
        action: fill(action),
        pesan: fill(pesan),
        tindakan: fill(tindakan),
      }
    }
  }

  /** The refusal of an answer; of a code that is not known here it is our own mistake. */
  static of(code: string, params: Readonly<Record<string, string>>): AlertApiError {
    return isAlertErrorCode(code) ? new AlertApiError(code, params) : new AlertApiError('INTERNAL')
  }
}

/** Any error as it is answered. `invalid`: the request does not fit the schema. */
export function answerError(error: unknown, invalid: boolean): AlertApiError | WebError {
  // What the page's door refuses, it has said in the same form.
  if (error instanceof AlertApiError || error instanceof WebError) return error
  if (invalid) return new AlertApiError('REQUEST_INVALID', { detail: errorText(error).slice(0, 500) })
  if (error instanceof SiagaError && error.retryable) return new AlertApiError('UNAVAILABLE', {}, 5)
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  return status >= 400 && status < 500
    ? new AlertApiError('REQUEST_INVALID', { detail: errorText(error) })
    : new AlertApiError('INTERNAL')
}
