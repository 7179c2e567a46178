// What can a room be told about its list but the list? One table: code, status, and in Indonesian and English what is wrong and what to do.
import { HttpError } from '../http/errors.ts'
import { MAX_URL_LENGTH, type UrlProblem } from './watchlist.ts'

interface Words {
  /** Sentence with {placeholders}. */
  readonly message: string
  readonly action: string
}

interface WatchErrorSpec {
  readonly status: number
  readonly en: Words
  readonly id: Words
}

export const watchErrors = {
  REQUEST_INVALID: {
    status: 400,
    en: { message: 'The request cannot be read: {detail}.', action: 'Send PUT /v1/watch with a JSON body.' },
    id: { message: 'Permintaan tidak dapat dibaca: {detail}.', action: 'Kirim PUT /v1/watch dengan isi JSON.' },
  },
  REQUEST_CUT: {
    status: 400,
    en: { message: 'The connection ended before the body was complete; nothing changed.', action: 'Send it again.' },
    id: { message: 'Koneksi terputus sebelum isi lengkap; tidak ada yang berubah.', action: 'Kirim sekali lagi.' },
  },
  JSON_INVALID: {
    status: 400,
    en: {
      message: 'The body is not {"urls": [...]} with texts: {detail}.',
      action: 'Send one JSON object in UTF-8 with all addresses to be probed; the list replaces the one before.',
    },
    id: {
      message: 'Isi bukan {"urls": [...]} berisi teks: {detail}.',
      action: 'Kirim satu objek JSON dalam UTF-8 dengan semua alamat; daftar ini menggantikan yang lama.',
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
    en: { message: 'The API key is unknown or was revoked.', action: 'Ask the centre for a new one.' },
    id: { message: 'Kunci API tidak dikenal atau sudah dicabut.', action: 'Minta kunci baru ke pusat.' },
  },
  KEY_NOT_OF_A_ROOM: {
    status: 403,
    en: {
      message: 'This API key is of the source {source}, not of an Operation Room.',
      action: 'Use a key of the room: siaga keys create --room <room>',
    },
    id: {
      message: 'Kunci API ini milik sumber {source}, bukan Ruang Operasi.',
      action: 'Pakai kunci ruang: siaga keys create --room <ruang>',
    },
  },
  ROOM_UNKNOWN: {
    status: 403,
    en: {
      message: 'The room {room} of this key is not in siaga.yaml.',
      action: 'Ask the centre to add it, or for a key of a room that is there.',
    },
    id: {
      message: 'Ruang {room} milik kunci ini tidak ada di siaga.yaml.',
      action: 'Minta pusat menambahkannya, atau minta kunci ruang yang ada.',
    },
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    en: { message: 'The list is read with GET and replaced with PUT.', action: 'Send GET or PUT /v1/watch.' },
    id: {
      message: 'Daftar dibaca dengan GET dan diganti dengan PUT.',
      action: 'Kirim GET atau PUT /v1/watch.',
    },
  },
  BODY_TOO_LARGE: {
    status: 413,
    en: { message: 'The list is larger than {limit} bytes; nothing changed.', action: 'Send fewer addresses.' },
    id: { message: 'Daftar lebih besar dari {limit} bita; tidak ada yang berubah.', action: 'Kurangi alamatnya.' },
  },
  CONTENT_TYPE_UNSUPPORTED: {
    status: 415,
    en: { message: 'The Content-Type {type} is not understood.', action: 'Use application/json.' },
    id: { message: 'Content-Type {type} tidak dikenal.', action: 'Pakai application/json.' },
  },
  CONTENT_ENCODING_UNSUPPORTED: {
    status: 415,
    en: { message: 'The list is sent without Content-Encoding.', action: 'Leave it out.' },
    id: { message: 'Daftar dikirim tanpa Content-Encoding.', action: 'Hilangkan.' },
  },
  TOO_MANY_URLS: {
    status: 422,
    en: {
      message: 'The list has {count} addresses; a room may list {limit}. Nothing changed.',
      action: 'List the front pages; what lies beneath them changes with them.',
    },
    id: {
      message: 'Daftar berisi {count} alamat; satu ruang paling banyak {limit}. Tidak ada yang berubah.',
      action: 'Cukup halaman depan tiap situs.',
    },
  },
  URLS_REFUSED: {
    status: 422,
    en: {
      message: 'Some addresses cannot be probed; nothing changed: {detail}.',
      action:
        'Correct or leave out the addresses that are named. The centre verifies domains (rooms[].domains in siaga.yaml).',
    },
    id: {
      message: 'Sebagian alamat tidak dapat dipantau; tidak ada yang berubah: {detail}.',
      action: 'Perbaiki atau hilangkan alamat yang disebut. Pusat yang memverifikasi domain.',
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
  INTERNAL: {
    status: 500,
    en: {
      message: 'Something failed inside Siaga; the list may not have changed.',
      action: 'Read it with GET /v1/watch; if it goes on, tell the operator to read the log.',
    },
    id: {
      message: 'Terjadi kegagalan di dalam Siaga; daftar mungkin belum berubah.',
      action: 'Baca dengan GET /v1/watch; bila berulang, minta operator membaca log.',
    },
  },
} as const satisfies Record<string, WatchErrorSpec>

export type WatchErrorCode = keyof typeof watchErrors

const problems: Readonly<Record<UrlProblem, { readonly message: string; readonly pesan: string }>> = {
  not_http: { message: 'is no http or https address', pesan: 'bukan alamat http atau https' },
  too_long: {
    message: `is longer than ${MAX_URL_LENGTH} characters`,
    pesan: `lebih panjang dari ${MAX_URL_LENGTH} karakter`,
  },
  not_verified: {
    message: 'is not beneath a domain that the centre has verified for this room',
    pesan: 'tidak berada di bawah domain ruang ini yang sudah diverifikasi pusat',
  },
}

/** An address that cannot be listed. */
export interface RefusedUrl {
  readonly url: string
  readonly problem: UrlProblem
}

/** A request refused: a code of the table, its parameters, and the addresses that are wrong. `retryAfter` in seconds. */
export class WatchError extends Error {
  readonly code: WatchErrorCode
  readonly status: number
  readonly retryAfter: number | undefined
  /** What stands in the body of the answer: English and Indonesian. */
  readonly body: Readonly<Record<string, unknown>>

  constructor(
    code: WatchErrorCode,
    params: Readonly<Record<string, string | number>> = {},
    { retryAfter, refused }: { retryAfter?: number | undefined; refused?: readonly RefusedUrl[] } = {},
  ) {
    const { status, en, id }: WatchErrorSpec = watchErrors[code]
    const detail = (language: 'message' | 'pesan') =>
      refused?.map(({ url, problem }) => `${url.slice(0, 100)} ${problems[problem][language]}`).join('; ')
    const english = refused === undefined ? params : { ...params, detail: detail('message') ?? '' }
    const indonesian = refused === undefined ? params : { ...params, detail: detail('pesan') ?? '' }
    super(fill(en.message, english))
    this.name = 'WatchError'
    this.code = code
    this.status = status
    this.retryAfter = retryAfter
    this.body = {
      error: code,
      message: this.message,
      action: fill(en.action, english),
      pesan: fill(id.message, indonesian),
      tindakan: fill(id.action, indonesian),
      ...(refused === undefined
        ? {}
        : { refused: refused.map(({ url, problem }) => ({ url, problem, ...problems[problem] })) }),
    }
  }
}

const isCode = (code: string): code is WatchErrorCode => Object.hasOwn(watchErrors, code)

/** Any thrown value as a refusal; those of the body's bounds keep their meaning. */
export function asWatchError(error: unknown): WatchError {
  if (error instanceof WatchError) return error
  if (error instanceof HttpError && isCode(error.code)) {
    const [limit = ''] = /\d+/.exec(error.message) ?? []
    return new WatchError(error.code, { limit }, { retryAfter: error.retryAfter })
  }
  // Fastify's own: a Content-Type that is none, an address that cannot be decoded.
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500
  if (status === 415) return new WatchError('CONTENT_TYPE_UNSUPPORTED', { type: '(?)' })
  if (typeof status === 'number' && status < 500) return new WatchError('REQUEST_INVALID', { detail: `HTTP ${status}` })
  return new WatchError('INTERNAL')
}

function fill(template: string, params: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole).slice(0, 2000))
}
