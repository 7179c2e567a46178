// What to do when data leaves, secrets lie open, or election results are changed?
import type { Advice } from './kind.ts'

export const dataAdvice = {
  data_leak: {
    title: { id: 'Data disalin atau dikirim keluar', en: 'Data copied or sent out' },
    steps: {
      id: [
        'Hentikan alirannya: minta admin jaringan memblokir alamat tujuan, atau putuskan komputer pengirim dari jaringan. Biarkan MENYALA.',
        'Telepon pemilik sistem: adakah penyalinan data yang disetujui sekarang (cadangan, permintaan resmi)? Bila ada, catat dan tutup.',
        'Catat apa yang keluar menurut bukti: data apa, berapa banyak, sejak jam berapa, ke mana. Jangan menaksir lebih dari yang terlihat.',
        'Kunci akun yang dipakai dan putuskan sesinya; ganti kata sandinya dari komputer lain.',
        'Amankan log basis data, log web, dan catatan firewall ke tempat lain.',
      ],
      en: [
        'Stop the flow: have the network administrator block the destination, or take the sending computer off the network. Leave it RUNNING.',
        'Phone the owner of the system: is there an agreed copying of data right now (backup, official request)? If so, note it and close.',
        'Write down what left according to the evidence: which data, how much, since when, to where. Do not guess beyond what is seen.',
        'Lock the account that was used and end its sessions; change its password from another computer.',
        'Copy the logs of database, web server and firewall to another place.',
      ],
    },
    call: {
      id: 'Penyalinan tidak disetujui: telepon TTIS provinsi sekarang. Data pemilih: telepon juga pusat dan petugas pelindungan data pribadi.',
      en: 'The copying was not agreed: phone the TTIS of the province now. Voter data: phone the centre and the data-protection officer too.',
    },
    never: {
      id: 'Jangan mengunduh data yang bocor untuk memeriksanya, jangan membantah atau membenarkan kebocoran kepada wartawan sebelum pimpinan memutuskan, jangan menghapus log.',
      en: 'Do not download leaked data to check it, do not deny or confirm a leak to the press before the head of the office decides, do not delete logs.',
    },
    report: 'personal_data',
  },
  exposed: {
    title: { id: 'Berkas rahasia atau layanan terbuka', en: 'Secret file or service open to all' },
    steps: {
      id: [
        'Coba dari ponsel (bukan jaringan kantor) apakah berkas atau layanan itu benar terbuka. Ambil tangkapan layar, jangan diunduh.',
        'Minta admin menutupnya SEKARANG: larang di server web atau firewall. Menghapus dari menu saja tidak cukup.',
        'Lihat di log siapa saja yang sudah mengambilnya, sejak kapan.',
        'Anggap semua kata sandi dan kunci di dalam berkas itu bocor: ganti semuanya.',
      ],
      en: [
        'Try from a phone (not from the office) whether the file or service is really open. Take a screenshot, do not download.',
        'Have the administrator close it NOW: forbid it at web server or firewall. Taking it off a menu is not enough.',
        'See in the logs who has fetched it, and since when.',
        'Take all passwords and keys inside as leaked: change every one.',
      ],
    },
    call: {
      id: 'Sudah diambil orang lain, atau berisi data pribadi: telepon TTIS provinsi sekarang.',
      en: 'Somebody has fetched it, or it holds personal data: phone the TTIS of the province now.',
    },
    never: {
      id: 'Jangan mengirim berkas atau alamatnya lewat chat, jangan menghapus log akses.',
      en: 'Do not send the file or its address in chats, do not delete the access log.',
    },
    report: 'personal_data',
  },
  secrets: {
    title: { id: 'Kata sandi atau kunci dicuri', en: 'Passwords or keys stolen' },
    steps: {
      id: [
        'Telepon admin: apakah ini pekerjaan Anda yang disetujui? Bila ya, catat dan tutup.',
        'Bila tidak: kunci akun yang membacanya dan putuskan sesinya.',
        'Ganti kata sandi dan kunci yang terbaca, mulai dari yang berhak paling besar (admin domain, basis data, awan). Lakukan dari komputer lain.',
        'Cari login dengan akun-akun itu sejak waktu kejadian.',
        'Simpan log server sebelum ada yang diperbaiki.',
      ],
      en: [
        'Phone the administrator: is this agreed work of yours? If so, note it and close.',
        'If not: lock the account that read them and end its sessions.',
        'Change the passwords and keys that were read, the most powerful first (domain, database, cloud). Do it from another computer.',
        'Look for log-ins with those accounts since then.',
        'Keep the logs of the server before anything is repaired.',
      ],
    },
    call: {
      id: 'Bukan pekerjaan yang disetujui: telepon TTIS provinsi sekarang.',
      en: 'It was not agreed work: phone the TTIS of the province now.',
    },
    never: {
      id: 'Jangan mengirim kata sandi baru lewat surel atau chat, jangan mematikan server.',
      en: 'Do not send new passwords by mail or chat, do not switch the server off.',
    },
    report: 'incident',
  },
  results: {
    title: { id: 'Data hasil pemilu disentuh', en: 'Election results touched' },
    steps: {
      id: [
        'Telepon penanggung jawab hasil: apakah ini koreksi resmi? Minta nomor berita acaranya. Ada: catat dan tutup.',
        'Tidak ada: minta admin membekukan penulisan ke data hasil (baca saja), jangan mematikan server.',
        'Simpan dua salinan: data sekarang dan cadangan terakhir sebelum perubahan, dengan jam dan sidik jari (hash) berkasnya.',
        'Bandingkan angka yang berubah dengan formulir C.Hasil di kertas. Yang sah adalah kertas; salah baca juga mungkin terjadi.',
        'Tampilkan pemberitahuan "sedang diverifikasi" di halaman publik daripada menampilkan angka yang diragukan.',
      ],
      en: [
        'Phone whoever is responsible for results: is this an official correction? Ask for the number of its minutes. There is one: note it and close.',
        'There is none: have the administrator freeze results (read only); do not switch the server off.',
        'Keep two copies: the data now and the last backup before the change, with times and checksums.',
        'Compare the changed figures with the paper forms (C.Hasil). Paper is what counts; a reading error is possible too.',
        'Show "being verified" on the public page rather than figures in doubt.',
      ],
    },
    call: {
      id: 'Tanpa berita acara: telepon pusat dan TTIS provinsi sekarang, serta pimpinan KPU dan Bawaslu setempat.',
      en: 'Without minutes: phone the centre and the TTIS of the province now, and the heads of the local KPU and Bawaslu.',
    },
    never: {
      id: 'Jangan "membetulkan" angkanya sendiri, jangan memulihkan cadangan di atasnya, jangan mengumumkan "peretasan" sebelum diperiksa.',
      en: 'Do not correct figures yourself, do not restore a backup over them, do not announce a break-in before it is checked.',
    },
    report: 'incident',
  },
} as const satisfies Readonly<Record<string, Advice>>
