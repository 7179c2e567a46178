// What does the owner of a hacked system do? Short steps in the words of whoever runs a site, beside the advice for Operation Rooms.
import type { Language } from '../../../../schemas/language.ts'
import type { Words } from '../words.ts'
import type { Topic } from './advice.ts'

interface OwnerAdvice {
  readonly steps: Readonly<Record<Language, readonly string[]>>
  readonly never: Words
}

const site: OwnerAdvice = {
  steps: {
    id: [
      'Simpan bukti lebih dahulu: tangkapan layar, salinan berkas situs, dan semua log.',
      'Alihkan situs ke halaman pemeliharaan; biarkan server menyala.',
      'Cari celahnya: plugin atau CMS usang, kata sandi lemah, folder unggahan yang dapat menjalankan program, berkas asing (webshell), pengguna admin baru.',
      'Tutup celahnya, ganti semua kata sandi admin, FTP, panel, dan basis data dari komputer lain, lalu pulihkan dari cadangan yang bersih.',
    ],
    en: [
      'Save evidence first: screenshots, a copy of the files of the site, and all logs.',
      'Put up a maintenance page; leave the server running.',
      'Look for the way in: an old plug-in or CMS, a weak password, an upload folder that runs programs, files that are not yours (web shells), new administrators.',
      'Close it, change all passwords of administrators, FTP, panel and database from another computer, then restore from a clean backup.',
    ],
  },
  never: {
    id: 'Jangan hanya menghapus atau menimpa halamannya: lubangnya masih ada. Jangan menghapus log.',
    en: 'Do not just delete or overwrite the page: the hole is still there. Do not delete logs.',
  },
}

const gambling: OwnerAdvice = {
  steps: {
    id: [
      'Cari di mesin pencari: site:NAMA-SITUS-ANDA slot, dan buka hasilnya dari ponsel: konten itu sering disembunyikan dari pengunjung biasa.',
      ...site.steps.id,
      'Setelah bersih, minta mesin pencari menghapus halaman itu (Google Search Console: Hapus URL).',
    ],
    en: [
      'Ask a search engine for: site:YOUR-SITE slot, and open what it finds on a phone: it is often hidden from ordinary visitors.',
      ...site.steps.en,
      'Once clean, ask search engines to drop the pages (Google Search Console: Removals).',
    ],
  },
  never: site.never,
}

const general: OwnerAdvice = {
  steps: {
    id: [
      'Periksa sistem ini sekarang bersama adminnya: apakah yang disebut di atas memang perubahan atau kegiatan Anda sendiri?',
      'Bila ya, tulis itu sebagai jawaban. Bila tidak: simpan log dan bukti, batasi akses, dan hubungi TTIS provinsi.',
      'Perbaiki sebabnya, ganti kata sandi yang terkait dari komputer lain, lalu pastikan layanannya pulih.',
    ],
    en: [
      'Look at this system now, together with its administrator: is what is named above your own change or work?',
      'If so, write that as your answer. If not: save logs and evidence, restrict access, and call the TTIS of the province.',
      'Mend the cause, change the passwords concerned from another computer, and make sure that the service works.',
    ],
  },
  never: {
    id: 'Jangan mematikan atau memasang ulang server sebelum bukti disimpan. Jangan menghapus log.',
    en: 'Do not switch off or reinstall the server before evidence is saved. Do not delete logs.',
  },
}

const byTopic: Readonly<Partial<Record<Topic, OwnerAdvice>>> = { defacement: site, gambling, webshell: site }

/** Steps for the owner of the system that an alert of this kind is about. */
export function ownerAdvice(topic: Topic): OwnerAdvice {
  return byTopic[topic] ?? general
}
