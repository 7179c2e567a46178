// What does whoever opens a link of a notice hear when it cannot be shown, or what they sent not be done?
import type { Said } from './page.ts'

export const said = {
  /** Never was, is over, or was cut when it was copied: nobody learns which. */
  unknown: {
    status: 404,
    judul: 'Tautan ini tidak berlaku',
    pesan:
      'Tautan salah ketik, terpotong saat disalin, atau masa berlakunya sudah habis. Buka lagi tautan di pesan terakhir yang Anda terima, atau telepon Ruang Operasi yang mengirimnya. Tidak ada yang berubah.',
    title: 'This link is not valid',
    message:
      'It was mistyped, cut when it was copied, or has expired. Open the link of the last message that you got, or phone the Operation Room that sent it. Nothing was changed.',
  },
  unpressed: {
    status: 400,
    judul: 'Tombol belum ditekan',
    pesan: 'Tidak ada yang berubah. Kembali ke halaman pemberitahuan, lalu tekan salah satu tombolnya.',
    title: 'No button was pressed',
    message: 'Nothing was changed. Go back to the page of the notice and press one of its buttons.',
  },
  empty: {
    status: 400,
    judul: 'Jawaban masih kosong',
    pesan: 'Tulis jawaban Anda, lalu kirim lagi. Tidak ada yang berubah.',
    title: 'The answer is empty',
    message: 'Write your answer and send it again. Nothing was changed.',
  },
  long: {
    status: 413,
    judul: 'Jawaban terlalu panjang',
    pesan: 'Paling banyak 1.000 karakter. Persingkat, lalu kirim lagi. Tidak ada yang berubah.',
    title: 'The answer is too long',
    message: 'At most 1,000 characters. Shorten it and send it again. Nothing was changed.',
  },
  unreadable: {
    status: 415,
    judul: 'Kiriman tidak dapat dibaca',
    pesan: 'Gunakan tombol di halaman pemberitahuan. Tidak ada yang berubah.',
    title: 'This cannot be read',
    message: 'Use the buttons of the page of the notice. Nothing was changed.',
  },
  often: {
    status: 429,
    judul: 'Terlalu sering',
    pesan: 'Tunggu satu menit, lalu coba lagi. Tidak ada yang berubah.',
    title: 'Too often',
    message: 'Wait a minute and try again. Nothing was changed.',
  },
  refused: {
    status: 409,
    judul: 'Langkah ini tidak dapat dilakukan lagi',
    pesan: 'Status pemberitahuan sudah berubah, atau jawabannya sudah terlalu banyak. Buka halamannya lagi.',
    title: 'This is not possible any more',
    message: 'The notice has moved on, or holds too many answers. Open its page again.',
  },
  /** Kept by Kafka, and nobody holds the alerts just now. */
  underWay: {
    status: 202,
    judul: 'Sudah tersimpan',
    pesan: 'Tanggapan Anda tersimpan dan segera dicatat. Anda tidak perlu mengirimnya lagi.',
    title: 'It is kept',
    message: 'What you sent is kept and will be noted soon. You need not send it again.',
  },
  unavailable: {
    status: 503,
    judul: 'Sedang tidak dapat dilayani',
    pesan: 'Tidak ada yang berubah. Coba lagi satu menit lagi, atau telepon Ruang Operasi.',
    title: 'Not available just now',
    message: 'Nothing was changed. Try again in a minute, or phone the Operation Room.',
  },
} as const satisfies Readonly<Record<string, Said & { readonly status: number }>>
