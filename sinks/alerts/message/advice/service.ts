// What to do when a service is flooded or down, a source or a room is silent, Siaga itself has trouble, or nobody knows better?
import type { Advice } from './kind.ts'

export const serviceAdvice = {
  flood: {
    title: { id: 'Banjir permintaan ke layanan', en: 'Flood of requests to a service' },
    steps: {
      id: [
        'Buka situs dari ponsel: masih dapat dipakai warga? Catat jam dan lamanya membuka.',
        'Lihat penilaian Siaga: keramaian warga atau serangan? Pada hari pemungutan, ramai itu wajar.',
        'Serangan: telepon penyedia internet atau hosting dan minta penyaringan DDoS; nyalakan mode perlindungan di CDN atau WAF.',
        'Minta admin menyajikan halaman statis (hasil sebagai gambar atau berkas) dan mematikan fitur pencarian sementara.',
        'Perhatikan peringatan LAIN pada jam yang sama: banjir sering dipakai menutupi pencurian data.',
      ],
      en: [
        'Open the site on a phone: can citizens still use it? Note the time and how long it takes.',
        "See Siaga's verdict: a crowd of citizens or an attack? On the day of the vote a crowd is natural.",
        'Attack: phone the internet or hosting provider and ask for DDoS filtering; switch on the protection mode of CDN or WAF.',
        'Have the administrator serve static pages (results as pictures or files) and switch off searches for a while.',
        'Watch for OTHER alerts in the same hour: floods are often used to hide theft of data.',
      ],
    },
    call: {
      id: 'Situs tidak dapat dibuka, atau ada peringatan lain bersamaan: telepon penyedia internet, lalu TTIS provinsi sekarang.',
      en: 'The site does not open, or there are other alerts at the same time: phone the provider, then the TTIS of the province now.',
    },
    never: {
      id: 'Jangan mematikan situs, jangan memblokir seluruh operator seluler (ribuan warga memakai satu alamat), jangan memblokir semua alamat luar negeri bila ada pemilih di sana.',
      en: 'Do not take the site down, do not block a whole mobile operator (thousands of citizens share one address), do not block all foreign addresses if voters live there.',
    },
  },
  outage: {
    title: { id: 'Layanan tidak dapat dibuka', en: 'Service is down' },
    steps: {
      id: [
        'Buka situs dari ponsel memakai data seluler. Terbuka: mungkin hanya jalur pengukur; tunggu satu pemeriksaan lagi.',
        'Tidak terbuka: telepon admin server dan penyedia hosting. Tanyakan listrik, jaringan, diska penuh, pembaruan yang sedang berjalan.',
        'Lihat di Siaga apakah ada serangan atau banjir permintaan pada jam yang sama.',
        'Tampilkan pemberitahuan di kanal resmi lain (media sosial kantor): kapan dicoba lagi, dan saluran pengganti.',
        'Catat jam mati dan jam pulih untuk laporan.',
      ],
      en: [
        'Open the site on a phone by mobile data. It opens: perhaps only the way of the probe is bad; wait for one more check.',
        'It does not: phone the administrator of the server and the hosting provider. Ask about power, network, a full disk, an update under way.',
        'See in Siaga whether there is an attack or a flood in the same hour.',
        'Tell citizens by another official channel when to try again and what to use instead.',
        'Note when it went down and came back, for the report.',
      ],
    },
    call: {
      id: 'Mati lebih dari 15 menit pada hari pemungutan atau rekapitulasi, atau ada tanda serangan: telepon TTIS provinsi sekarang.',
      en: 'Down for more than 15 minutes during vote or count, or signs of an attack: phone the TTIS of the province now.',
    },
    never: {
      id: 'Jangan menyalakan ulang berulang-ulang tanpa menyalin log, jangan menyebut "diretas" sebelum sebabnya diketahui.',
      en: 'Do not restart again and again without copying logs, do not speak of a break-in before the cause is known.',
    },
  },
  silence: {
    title: { id: 'Sumber log berhenti mengirim: tidak terpantau', en: 'Log source has gone silent: not monitored' },
    steps: {
      id: [
        'Ingat: tidak ada peringatan BUKAN berarti aman. Wilayah ini sekarang tidak terpantau.',
        'Telepon admin sumber itu: apakah server, jaringan, atau listriknya mati? Adakah pemeliharaan?',
        'Minta admin memeriksa layanan pengirim log (rsyslog, agen) dan ruang diska, lalu menyalakannya lagi.',
        'Tidak ada yang mengaku mematikan: periksa siapa yang masuk ke server itu sesaat sebelumnya; penyerang suka mematikan log lebih dulu.',
        'Setelah mengirim lagi, minta log selama diam dikirim susulan.',
      ],
      en: [
        'Remember: no alerts does NOT mean safe. This place is not monitored now.',
        'Phone the administrator of the source: is the server, the network or the power down? Is there maintenance?',
        'Have the service that sends logs (rsyslog, agent) and disk space looked at, and started again.',
        'Nobody admits to switching it off: see who logged in to that server just before; attackers like to stop logs first.',
        'Once it sends again, have the logs of the silent time sent as well.',
      ],
    },
    call: {
      id: 'Belum pulih dalam 30 menit, atau dimatikan tanpa ada yang mengaku: telepon TTIS provinsi. Beberapa sumber diam sekaligus: telepon juga pusat.',
      en: 'Not back within 30 minutes, or switched off and nobody admits to it: phone the TTIS of the province. Several sources at once: phone the centre too.',
    },
    never: {
      id: 'Jangan menutup peringatan ini sebelum sumbernya mengirim lagi, jangan menghapus log setempat untuk mengosongkan diska.',
      en: 'Do not close this alert before the source sends again, do not delete local logs to make room on a disk.',
    },
  },
  report_overdue: {
    title: { id: 'Ruang Operasi belum melapor', en: 'Operation Room has not reported' },
    steps: {
      id: [
        'Telepon ruang operasi itu sekarang: apakah semuanya baik, atau mereka sedang menangani sesuatu?',
        'Tidak ada kejadian: minta laporan nihil dikirim lewat Siaga. Nihil juga laporan.',
        'Tidak ada yang mengangkat: hubungi kontak kedua, lalu kepala dinas.',
        'Tidak bisa mengirim (jaringan, kunci): catat laporannya lewat telepon dan bantu memulihkan aksesnya.',
      ],
      en: [
        'Phone that Operation Room now: is all well, or are they busy with something?',
        'Nothing happened: have them send a report of nothing (nihil) by Siaga. Nothing is a report too.',
        'Nobody answers: call the second contact, then the head of the office.',
        'They cannot send (network, key): take the report by phone and help to restore their access.',
      ],
    },
    call: {
      id: 'Tidak terhubung dalam 30 menit pada hari pemungutan: telepon ruang operasi provinsi, lalu pusat.',
      en: 'No contact within 30 minutes on the day of the vote: phone the Operation Room of the province, then the centre.',
    },
    never: {
      id: 'Jangan menganggap diam sebagai aman, jangan mengisi laporan atas nama mereka.',
      en: 'Do not take silence for safety, do not file the report in their name.',
    },
  },
  siaga: {
    title: { id: 'Siaga sendiri terganggu atau diubah', en: 'Siaga itself has trouble or was changed' },
    steps: {
      id: [
        'Telepon admin Siaga: apakah ini pekerjaan yang disetujui? Catat siapa yang menyetujui.',
        'Bila tidak: cabut kunci yang dipakai (siaga keys revoke) dan periksa siapa yang masuk ke server Siaga.',
        'Jalankan siaga status dan lihat apakah semua bagian berjalan; nyalakan lagi yang berhenti.',
        'Selama Siaga tidak lengkap, awasi firewall dan server secara langsung: tidak ada peringatan bukan berarti aman.',
      ],
      en: [
        'Phone the administrator of Siaga: is this agreed work? Note who agreed.',
        'If not: revoke the key that was used (siaga keys revoke) and see who logged in to the server of Siaga.',
        'Run siaga status and see whether all parts run; start what has stopped.',
        'While Siaga is not whole, watch firewall and servers directly: no alerts does not mean safe.',
      ],
    },
    call: {
      id: 'Tidak disetujui, atau tidak pulih dalam 15 menit: telepon pusat.',
      en: 'Not agreed, or not back within 15 minutes: phone the centre.',
    },
    never: {
      id: 'Jangan menghapus folder data Siaga, jangan menaikkan ambang atau mematikan aturan supaya tenang.',
      en: "Do not delete Siaga's data folder, do not raise thresholds or switch rules off to have quiet.",
    },
  },
  change: {
    title: { id: 'Perubahan pada masa yang dijaga', en: 'Change at a guarded time' },
    steps: {
      id: [
        'Telepon admin yang bertugas: siapa yang mengubah, apa, dan atas persetujuan darurat siapa?',
        'Ada persetujuan: catat nomornya di Siaga dan tutup peringatan ini.',
        'Tidak ada: minta keadaan semula dikembalikan oleh dua orang bersama-sama, setelah keadaan sekarang disalin sebagai bukti.',
        'Periksa akun yang dipakai: masuk dari mana, jam berapa, apa lagi yang dikerjakannya.',
      ],
      en: [
        'Phone the administrator on duty: who changed what, and by whose emergency approval?',
        'There is an approval: note its number in Siaga and close the alert.',
        'There is none: have the former state restored by two persons together, after the present one is copied as evidence.',
        'Look at the account that was used: from where, when, what else it did.',
      ],
    },
    call: {
      id: 'Tanpa persetujuan: telepon TTIS provinsi dan pusat sekarang.',
      en: 'Without approval: phone the TTIS of the province and the centre now.',
    },
    never: {
      id: 'Jangan membuat persetujuan susulan dengan tanggal mundur, jangan menghapus log.',
      en: 'Do not write an approval afterwards with an earlier date, do not delete logs.',
    },
  },
  general: {
    title: { id: 'Temuan keamanan', en: 'Security finding' },
    steps: {
      id: [
        'Tekan "Tanggapi" di Siaga agar rekan lain tahu Anda yang menangani.',
        'Baca buktinya: apa, di sistem mana, sejak kapan. Telepon admin sistem itu: apakah ini pekerjaan yang disetujui?',
        'Bukan: minta admin memutuskan sistem itu dari jaringan bila ada tanda berhasil ditembus; biarkan MENYALA.',
        'Salin log ke tempat lain dan catat jam serta apa yang Anda kerjakan.',
      ],
      en: [
        'Press "Acknowledge" in Siaga so that colleagues know that you are on it.',
        'Read the evidence: what, on which system, since when. Phone its administrator: is this agreed work?',
        'It is not: have the system taken off the network if it seems to be broken into; leave it RUNNING.',
        'Copy logs to another place and write down times and what you do.',
      ],
    },
    call: {
      id: 'Ragu-ragu? Telepon TTIS provinsi. Lebih baik menelepon sekali terlalu sering.',
      en: 'In doubt? Phone the TTIS of the province. Once too often is better than once too seldom.',
    },
    never: {
      id: 'Jangan mematikan atau menyalakan ulang, jangan menghapus log, jangan memasang ulang sebelum TTIS melihat.',
      en: 'Do not switch off or restart, do not delete logs, do not reinstall before the TTIS has seen it.',
    },
  },
} as const satisfies Readonly<Record<string, Advice>>
