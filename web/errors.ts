// What can the page's own routes refuse? Code, status, and in both languages what is wrong and what to do.
import type { WebRefusal } from '../schemas/account.ts'

interface Spec extends Omit<WebRefusal, 'error'> {
  readonly status: number
}

const specs = {
  LOGIN_NEEDED: {
    status: 401,
    message: 'Nobody is logged in.',
    action: 'Log in.',
    pesan: 'Anda belum masuk.',
    tindakan: 'Silakan masuk.',
  },
  LOGIN_REFUSED: {
    status: 401,
    message: 'Name, password or code is wrong.',
    action: 'Try again; whoever forgot the password asks an administrator for a new link.',
    pesan: 'Nama, kata sandi, atau kode salah.',
    tindakan: 'Coba lagi; bila lupa kata sandi, minta tautan baru kepada admin.',
  },
  CODE_NEEDED: {
    status: 401,
    message: 'This account asks for a second factor.',
    action: 'Type the six digits that the app on your phone shows.',
    pesan: 'Akun ini memakai faktor kedua.',
    tindakan: 'Ketik enam angka dari aplikasi di ponsel Anda.',
  },
  TOO_MANY_TRIES: {
    status: 429,
    message: 'Too many tries from here.',
    action: 'Wait as long as is said, then try again.',
    pesan: 'Terlalu banyak percobaan dari sini.',
    tindakan: 'Tunggu sesuai waktu yang disebut, lalu coba lagi.',
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    message: 'Too many requests.',
    action: 'Wait a moment.',
    pesan: 'Terlalu banyak permintaan.',
    tindakan: 'Tunggu sebentar.',
  },
  FORBIDDEN: {
    status: 403,
    message: 'Your role may not do this.',
    action: 'Ask whoever looks after accounts.',
    pesan: 'Peran Anda tidak boleh melakukan ini.',
    tindakan: 'Hubungi admin.',
  },
  CSRF: {
    status: 403,
    message: 'This request did not come from the page.',
    action: 'Load the page again and repeat it.',
    pesan: 'Permintaan ini tidak berasal dari halaman Siaga.',
    tindakan: 'Muat ulang halaman lalu ulangi.',
  },
  NOT_FOUND: {
    status: 404,
    message: 'There is nothing of that name that you may see.',
    action: 'Check the address.',
    pesan: 'Tidak ada yang bernama itu, atau Anda tidak boleh melihatnya.',
    tindakan: 'Periksa alamatnya.',
  },
  BAD_REQUEST: {
    status: 400,
    message: 'The request is not right: {detail}',
    action: 'Correct what is named.',
    pesan: 'Permintaan keliru: {detail}',
    tindakan: 'Perbaiki yang disebut.',
  },
  LINK_USED: {
    status: 410,
    message: 'This link was used, or is too old.',
    action: 'Ask for a new one.',
    pesan: 'Tautan ini sudah dipakai atau kedaluwarsa.',
    tindakan: 'Minta tautan baru.',
  },
  PASSWORD_WRONG: {
    status: 403,
    message: 'The password or code is wrong.',
    action: 'Type your own, as when you log in.',
    pesan: 'Kata sandi atau kode salah.',
    tindakan: 'Ketik milik Anda sendiri, seperti saat masuk.',
  },
  LOGIN_AGAIN: {
    status: 403,
    message: 'You logged in too long ago for this.',
    action: 'Log out, log in again, and repeat it within fifteen minutes.',
    pesan: 'Anda masuk terlalu lama yang lalu untuk ini.',
    tindakan: 'Keluar, masuk lagi, lalu ulangi dalam lima belas menit.',
  },
  LAST_ADMIN: {
    status: 409,
    message: 'This is the last administrator who can log in.',
    action: 'Make another one first, and let them choose a password.',
    pesan: 'Ini admin terakhir yang dapat masuk.',
    tindakan: 'Buat admin lain lebih dulu, dan tunggu sampai ia memilih kata sandi.',
  },
  ROLE_OF_ANOTHER_ROOM: {
    status: 409,
    message: 'The role {role} is not for the room {room}.',
    action: 'pusat and admin are for a room of the centre (region 00), daerah for a room of a region.',
    pesan: 'Peran {role} bukan untuk ruang {room}.',
    tindakan: 'pusat dan admin untuk ruang pusat (wilayah 00), daerah untuk ruang sebuah wilayah.',
  },
  FULL: {
    status: 409,
    message: 'There are as many {what} as there can be ({most}).',
    action: 'Take one back first.',
    pesan: 'Jumlah {what} sudah penuh ({most}).',
    tindakan: 'Cabut satu lebih dulu.',
  },
  OIDC_REFUSED: {
    status: 403,
    message: 'The log-in with your organisation did not work.',
    action: 'Try again; if it fails again, ask an administrator to bind your account.',
    pesan: 'Masuk lewat akun instansi tidak berhasil.',
    tindakan: 'Coba lagi; bila gagal lagi, minta admin mengaitkan akun Anda.',
  },
  BUSY: {
    status: 503,
    message: 'Too many people log in at this moment.',
    action: 'Try again in a few seconds.',
    pesan: 'Terlalu banyak yang masuk pada saat ini.',
    tindakan: 'Coba lagi beberapa detik lagi.',
  },
  TAKEN: {
    status: 409,
    message: '{what} is there already.',
    action: 'Choose another name.',
    pesan: '{what} sudah ada.',
    tindakan: 'Pilih nama lain.',
  },
  QUERY_REFUSED: {
    status: 422,
    message: '{what}',
    action: 'Give a shorter span of time, a region or another condition, or try again later.',
    pesan: '{apa}',
    tindakan: 'Persempit waktu, wilayah, atau syaratnya, atau coba lagi nanti.',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    message: 'The store does not answer.',
    action: 'It is tried again by itself; tell the centre if it lasts.',
    pesan: 'Penyimpanan tidak menjawab.',
    tindakan: 'Dicoba lagi sendiri; beri tahu pusat bila berlanjut.',
  },
  INTERNAL: {
    status: 500,
    message: 'Something went wrong here.',
    action: 'Try again; tell the centre if it lasts.',
    pesan: 'Ada yang keliru di server.',
    tindakan: 'Coba lagi; beri tahu pusat bila berlanjut.',
  },
} as const satisfies Readonly<Record<string, Spec>>

export type WebErrorCode = keyof typeof specs

/** Thrown by handlers; the door answers with it. */
export class WebError extends Error {
  override name = 'WebError'
  readonly code: WebErrorCode
  readonly status: number
  readonly body: WebRefusal
  /** Seconds, 0 for none. */
  readonly retryAfter: number

  /** @param values fill the places of the texts; @param retryAfter seconds, 0 for none */
  constructor(code: WebErrorCode, values: Readonly<Record<string, string>> = {}, retryAfter = 0) {
    const { status, ...texts } = specs[code]
    const fill = (text: string): string => text.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
    super(fill(texts.message))
    this.code = code
    this.status = status
    this.retryAfter = retryAfter
    this.body = {
      error: code,
      message: fill(texts.message),
      action: texts.action,
      pesan: fill(texts.pesan),
      tindakan: texts.tindakan,
    }
  }
}
