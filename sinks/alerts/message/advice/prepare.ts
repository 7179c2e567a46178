// What to do before it happens here? Advice for rooms that are warned ahead: they are not attacked yet, so nothing is cut off.
import type { Language } from '../../../../schemas/language.ts'
import type { Words } from '../words.ts'
import type { Topic } from './advice.ts'

/** What holds for every warning. */
const always: Readonly<Record<Language, readonly string[]>> = {
  id: [
    'Cari tanda pengenal di bawah (bila ada) dalam log dua minggu terakhir. Ditemukan: perlakukan sebagai kejadian dan telepon TTIS provinsi.',
    'Blokir tanda pengenal itu di firewall dan di surel.',
    'Pastikan cadangan terakhir berhasil dan satu salinannya terpisah dari jaringan.',
    'Pastikan ada yang bertugas malam ini, dan nomor TTIS serta penyedia hosting ada di tangannya.',
  ],
  en: [
    'Look for the marks below (if there are any) in the logs of the last two weeks. Found: treat it as an incident and phone the TTIS of the province.',
    'Block those marks at the firewall and in mail.',
    'Make sure that the last backup worked and that one copy is off the network.',
    'Make sure that somebody is on duty tonight, with the numbers of the TTIS and the hosting provider at hand.',
  ],
}

const web: Words = {
  id: 'Minta admin memasang pembaruan aplikasi web, CMS, dan plugin hari ini, dan melarang folder unggahan menjalankan program.',
  en: 'Have updates of web applications, CMS and plug-ins installed today, and upload folders forbidden to run programs.',
}
const accounts: Words = {
  id: 'Nyalakan verifikasi dua langkah untuk semua admin, ganti kata sandi yang lemah, kunci akun yang tidak dipakai, dan batasi login jarak jauh ke VPN.',
  en: 'Switch on two-step verification for all administrators, change weak passwords, lock unused accounts, and limit remote log-ins to the VPN.',
}
const computers: Words = {
  id: 'Perbarui antivirus dan sistem operasi, ingatkan pegawai untuk tidak membuka lampiran yang tidak ditunggu, dan tutup berbagi berkas yang tidak perlu.',
  en: 'Update antivirus and systems, remind the staff not to open attachments that they do not expect, and close file shares that are not needed.',
}
const sites: Words = {
  id: 'Simpan salinan halaman depan yang bersih, periksa siapa saja yang dapat mengubah situs dan domain, dan siapkan halaman pemeliharaan di server lain.',
  en: 'Keep a clean copy of the front page, check who can change the site and the domain, and prepare a maintenance page on another server.',
}
const floods: Words = {
  id: 'Tanyakan kepada penyedia internet dan hosting bagaimana meminta penyaringan DDoS di luar jam kerja, dan siapkan halaman statis.',
  en: 'Ask the internet and hosting providers how to get DDoS filtering outside of working hours, and prepare static pages.',
}
const data: Words = {
  id: 'Batasi siapa yang dapat membaca seluruh daftar pemilih, matikan ekspor massal, dan pasang batas jumlah pencarian.',
  en: 'Limit who can read the whole voter roll, switch off exports in bulk, and limit the number of searches.',
}
const mail: Words = {
  id: 'Umumkan kepada pegawai alamat resmi yang benar, dan minta admin surel menahan surel dari domain yang mirip.',
  en: 'Tell the staff which official addresses are right, and have mail from domains that look like them held back.',
}

const first: Partial<Readonly<Record<Topic, Words>>> = {
  web_attack: web,
  webshell: web,
  sql_injection: web,
  script: web,
  scanning: web,
  exposed: web,
  gambling: web,
  guessing: accounts,
  account: accounts,
  rights: accounts,
  secrets: accounts,
  privilege: accounts,
  malware: computers,
  ransomware: computers,
  planted: computers,
  lateral: computers,
  tracks: computers,
  defacement: sites,
  domain: sites,
  certificate: sites,
  results: sites,
  flood: floods,
  outage: floods,
  data_leak: data,
  lookalike: mail,
}

/** What a warned room does, the most important step first. */
export function preparation(topic: Topic, language: Language): readonly string[] {
  const own = first[topic]?.[language]
  return own === undefined ? always[language] : [own, ...always[language]]
}

/** Whom a warned room calls, and what it leaves alone. */
export const warnedCall: Words = {
  id: 'Belum perlu menelepon siapa pun selama tidak ada yang ditemukan. Menemukan salah satu tanda: telepon TTIS provinsi sekarang.',
  en: 'Nobody needs to be called while nothing is found. One of the marks is found: phone the TTIS of the province now.',
}
export const warnedNever: Words = {
  id: 'Jangan mematikan layanan hanya karena peringatan dini, dan jangan menyebarkan peringatan ini ke grup umum.',
  en: 'Do not switch services off because of an early warning, and do not pass this warning on to public groups.',
}
