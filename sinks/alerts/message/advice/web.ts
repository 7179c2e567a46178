// What to do when a web application is probed, attacked, or already has a back door?
import type { Advice } from './kind.ts'

export const webAdvice = {
  scanning: {
    title: { id: 'Sistem sedang dijajaki', en: 'Systems are being probed' },
    steps: {
      id: [
        'Lihat di bukti apakah server pernah menjawab dengan berhasil (200). Bila semua ditolak (403, 404), belum ada yang bocor.',
        'Minta admin jaringan memblokir alamat itu di firewall atau WAF.',
        'Tutup layanan yang tidak perlu terlihat dari internet: basis data, desktop jarak jauh, halaman admin.',
        'Buka berkas yang dicari penyerang dari ponsel Anda (bukan jaringan kantor): bila dapat dibuka, segera minta admin menutupnya.',
      ],
      en: [
        'Look in the evidence whether the server ever answered with success (200). If all was refused (403, 404), nothing has leaked yet.',
        'Have the network administrator block the address at the firewall or WAF.',
        'Close services that need not be seen from the internet: databases, remote desktops, administration pages.',
        'Try from your phone (not from the office) to open the files that the attacker asked for: if they open, have them closed at once.',
      ],
    },
    call: {
      id: 'Ada berkas atau layanan yang terbuka, atau penjajakan datang dari jaringan kantor sendiri: telepon TTIS provinsi. Selain itu cukup ditanggapi di Siaga.',
      en: 'A file or service is open, or the probing comes from your own network: phone the TTIS of the province. Otherwise acknowledging in Siaga is enough.',
    },
    never: {
      id: 'Jangan mematikan situs dan jangan membalas memindai alamat penyerang.',
      en: 'Do not take the site down and do not scan the attacker in return.',
    },
  },
  web_attack: {
    title: { id: 'Serangan ke aplikasi web', en: 'Attack on a web application' },
    steps: {
      id: [
        'Lihat jawaban server di bukti. Ditolak (403, 404): percobaan, lanjutkan ke butir 2. Berhasil (200): anggap tembus dan kerjakan butir 3 sekarang.',
        'Minta admin memblokir alamat penyerang di firewall atau WAF dan memasang pembaruan aplikasi yang diserang.',
        'Minta admin memeriksa berkas yang baru dibuat atau berubah di folder web, serta program yang baru dijalankan server web.',
        'Amankan log server web dan log aplikasi ke tempat lain.',
        'Bila tembus: putuskan server dari internet (tutup di firewall), biarkan menyala, dan tampilkan halaman pemeliharaan dari server lain.',
      ],
      en: [
        "Look at the server's answer in the evidence. Refused (403, 404): an attempt, go on to step 2. Success (200): take it as broken into and do step 3 now.",
        'Have the administrator block the attacker at the firewall or WAF and install the updates of the application that is attacked.',
        'Have the administrator look for files made or changed lately in the web folders, and for programs that the web server has started.',
        'Copy the logs of the web server and the application to another place.',
        'If it was broken into: cut the server off the internet (at the firewall), leave it running, and show a maintenance page from another server.',
      ],
    },
    call: {
      id: 'Server menjawab dengan berhasil, atau ada berkas baru yang tidak dikenal: telepon TTIS provinsi sekarang. Hanya percobaan yang ditolak: tanggapi di Siaga.',
      en: 'The server answered with success, or there are new unknown files: phone the TTIS of the province now. Refused attempts only: acknowledge in Siaga.',
    },
    never: {
      id: 'Jangan memulihkan cadangan sebelum lubangnya ditutup, jangan menghapus berkas mencurigakan sebelum disalin, jangan menghapus log.',
      en: 'Do not restore a backup before the hole is closed, do not delete suspicious files before they are copied, do not delete logs.',
    },
  },
  sql_injection: {
    title: { id: 'Injeksi SQL', en: 'SQL injection' },
    steps: {
      id: [
        'Lihat jawaban server di bukti. Bila 200 dengan jawaban besar, atau lambat luar biasa, anggap isi basis data sudah terbaca.',
        'Minta admin memblokir alamat penyerang dan menutup halaman yang diserang (cukup halaman itu) sampai diperbaiki.',
        'Minta admin basis data memeriksa: data yang berubah, akun admin baru di aplikasi, dan kueri besar sejak waktu kejadian.',
        'Ganti kata sandi basis data yang dipakai aplikasi, dan batasi haknya hanya pada tabel yang diperlukan.',
        'Amankan log web, log basis data, dan cadangan terakhir ke tempat lain.',
      ],
      en: [
        "Look at the server's answer in the evidence. If it is 200 with a large answer, or extraordinarily slow, take the database as read.",
        'Have the administrator block the attacker and close the page that is attacked (only that page) until it is repaired.',
        'Have the database administrator look for changed data, new administrators in the application, and large queries since then.',
        'Change the password that the application uses for the database, and limit its rights to the tables that it needs.',
        'Copy the logs of web server and database and the last backup to another place.',
      ],
    },
    call: {
      id: 'Data terbaca atau berubah, atau menyangkut data pemilih atau hasil: telepon TTIS provinsi dan pusat sekarang.',
      en: 'Data was read or changed, or it is about voters or results: phone the TTIS of the province and the centre now.',
    },
    never: {
      id: 'Jangan mencoba sendiri serangan itu "untuk memastikan", jangan menghapus log basis data, jangan mengubah data yang sudah diubah penyerang sebelum disalin.',
      en: 'Do not try the attack yourself to make sure, do not delete database logs, do not correct data that the attacker changed before it is copied.',
    },
    report: 'personal_data',
  },
  webshell: {
    title: { id: 'Pintu belakang (webshell) di server web', en: 'Back door (web shell) on a web server' },
    steps: {
      id: [
        'Putuskan server dari internet sekarang: minta admin menutupnya di firewall. Biarkan server MENYALA.',
        'Tampilkan halaman pemeliharaan dari server lain agar warga tahu situs sedang diperiksa.',
        'Salin berkas mencurigakan, folder web, dan semua log ke tempat lain SEBELUM ada yang dihapus. Catat jam dan nama berkasnya.',
        'Anggap semua kata sandi di server itu bocor (basis data, FTP, panel, admin CMS): ganti dari komputer lain.',
        'Periksa situs lain di server yang sama, jadwal tugas (cron), dan akun baru: biasanya pintu belakangnya lebih dari satu.',
        'Pasang ulang dari sumber bersih setelah lubang masuknya ditemukan, bukan sekadar menghapus satu berkas.',
      ],
      en: [
        'Cut the server off the internet now: have the administrator close it at the firewall. Leave the server RUNNING.',
        'Show a maintenance page from another server so that citizens know that the site is being checked.',
        'Copy the suspicious file, the web folders and all logs to another place BEFORE anything is deleted. Write down times and file names.',
        'Take all passwords on that server as leaked (database, FTP, panel, CMS administrators): change them from another computer.',
        'Look at other sites on the same server, scheduled jobs (cron) and new accounts: there is usually more than one back door.',
        'Reinstall from a clean source once the way in is found, rather than deleting one file.',
      ],
    },
    call: {
      id: 'Telepon TTIS provinsi sekarang, jam berapa pun. Server sistem pemilu: telepon juga pusat.',
      en: 'Phone the TTIS of the province now, at any hour. A server of an election system: phone the centre too.',
    },
    never: {
      id: 'Jangan mematikan server, jangan langsung menghapus berkasnya, jangan membuka berkas itu lewat peramban, jangan memulihkan cadangan di atasnya.',
      en: 'Do not switch the server off, do not delete the file at once, do not open it in a browser, do not restore a backup over it.',
    },
    report: 'incident',
  },
  script: {
    title: { id: 'Skrip asing di situs atau dalam permintaan', en: 'Foreign script on a site or in a request' },
    steps: {
      id: [
        'Buka situs dari komputer yang tidak dipakai bekerja: adakah jendela, pengalihan, atau formulir yang bukan milik Anda?',
        'Bila ada: minta admin menutup halaman itu dan menghapus skripnya setelah disalin sebagai bukti.',
        'Minta admin memeriksa siapa yang terakhir mengubah halaman, templat, dan plugin; ganti kata sandi admin situs.',
        'Bila hanya percobaan dalam permintaan: blokir alamatnya dan perbarui aplikasi.',
      ],
      en: [
        'Open the site on a computer that is not used for work: is there a window, a redirection or a form that is not yours?',
        'If so: have the administrator close that page and remove the script once it is copied as evidence.',
        'Have the administrator see who last changed the page, the templates and plug-ins; change the passwords of the administrators of the site.',
        'If it is only an attempt in a request: block the address and update the application.',
      ],
    },
    call: {
      id: 'Pengunjung sudah mendapat skrip asing itu: telepon TTIS provinsi sekarang.',
      en: 'Visitors have been given the foreign script: phone the TTIS of the province now.',
    },
    never: {
      id: 'Jangan membukanya dengan akun admin yang sedang masuk, jangan menghapus halaman sebelum disalin.',
      en: 'Do not open it while logged in as an administrator, do not delete the page before it is copied.',
    },
  },
} as const satisfies Readonly<Record<string, Advice>>
