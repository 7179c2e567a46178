// What to do when somebody guesses passwords, uses an account of others, gains rights, or moves from host to host?
import type { Advice } from './kind.ts'

export const accessAdvice = {
  guessing: {
    title: { id: 'Penebakan kata sandi', en: 'Password guessing' },
    steps: {
      id: [
        'Buka tautan bukti dan cari: adakah yang BERHASIL masuk setelah percobaan ini? Bila ada, kerjakan butir 3 lebih dahulu.',
        'Minta admin jaringan memblokir alamat penyerang di firewall. Bila alamatnya banyak sekali, izinkan login hanya dari jaringan kantor atau VPN.',
        'Akun yang ditembus: kunci akunnya, putuskan semua sesinya, lalu ganti kata sandinya dari komputer lain.',
        'Tanyakan kepada pemilik akun lewat telepon apakah itu dia sendiri yang salah ketik.',
        'Nyalakan verifikasi dua langkah untuk semua akun admin.',
      ],
      en: [
        'Open the link to the evidence and look: did anybody GET IN after these attempts? If so, do step 3 first.',
        'Have the network administrator block the attacker at the firewall. If there are very many addresses, allow log-ins from the office or the VPN only.',
        'An account that was opened: lock it, end all of its sessions, then change its password from another computer.',
        'Phone the owner of the account and ask whether it was they who mistyped.',
        'Switch on two-step verification for all administrators.',
      ],
    },
    call: {
      id: 'Ada yang berhasil masuk, atau sasarannya akun admin sistem pemilu: telepon TTIS provinsi sekarang. Semua gagal: tanggapi di Siaga dan catat di laporan harian.',
      en: 'Somebody got in, or an administrator of an election system is the target: phone the TTIS of the province now. All failed: acknowledge in Siaga and put it in the daily report.',
    },
    never: {
      id: 'Jangan mematikan server: percobaan yang gagal belum merusak apa pun. Jangan menghapus log login.',
      en: 'Do not switch the server off: attempts that failed have broken nothing. Do not delete the logs of log-ins.',
    },
  },
  account: {
    title: { id: 'Akun dipakai secara mencurigakan', en: 'Suspicious use of an account' },
    steps: {
      id: [
        'TELEPON pemilik akun (jangan lewat surel atau chat, mungkin sedang dibaca penyerang) dan tanyakan: apakah Anda yang masuk, dari mana?',
        'Bila bukan dia, atau ia tidak dapat dihubungi dalam 10 menit: kunci akun dan putuskan semua sesinya.',
        'Lihat di tautan bukti apa yang dikerjakan akun itu sejak masuk: berkas yang dibuka, akun atau hak yang ditambah, perintah yang dijalankan.',
        'Cabut kunci SSH, token, dan aturan penerusan surel yang baru ditambahkan. Baru setelah itu ganti kata sandi, dari komputer lain.',
        'Bila memang pemiliknya: tutup sebagai bukan ancaman dan tulis alasannya.',
      ],
      en: [
        'PHONE the owner of the account (not by mail or chat: the attacker may be reading) and ask: was it you, and from where?',
        'If it was not, or nobody answers within 10 minutes: lock the account and end all of its sessions.',
        'Look in the evidence at what the account has done since: files opened, accounts or rights added, commands run.',
        'Remove SSH keys, tokens and rules for forwarding mail that were added lately. Only then change the password, from another computer.',
        'If it was the owner: close the alert as a false alarm and write down why.',
      ],
    },
    call: {
      id: 'Bukan pemiliknya yang masuk: telepon TTIS provinsi sekarang. Akun sistem penghitungan, daftar pemilih, atau banyak akun sekaligus: telepon juga pusat.',
      en: 'It was not the owner: phone the TTIS of the province now. An account of the count or the voter roll, or many accounts at once: phone the centre too.',
    },
    never: {
      id: 'Jangan mematikan atau memasang ulang server: jejak penyerang ada di memori dan log. Jangan menegur si penyusup.',
      en: 'Do not switch off or reinstall the server: traces are in its memory and logs. Do not write to the intruder.',
    },
    report: 'incident',
  },
  rights: {
    title: { id: 'Akun atau hak diubah', en: 'Accounts or rights changed' },
    steps: {
      id: [
        'Tanyakan kepada admin yang bertugas, lewat telepon: apakah Anda yang membuat atau mengubah ini, dan dengan persetujuan siapa?',
        'Ada persetujuan tertulis: catat nomornya di Siaga dan tutup peringatan ini.',
        'Tidak ada: kunci akun yang baru itu dan akun yang membuatnya, jangan dihapus.',
        'Periksa apakah ada akun, kunci SSH, atau jadwal tugas lain yang dibuat pada jam yang sama.',
        'Simpan salinan log sejak satu hari sebelum perubahan.',
      ],
      en: [
        'Phone the administrator on duty: did you create or change this, and who agreed?',
        'There is a written approval: note its number in Siaga and close the alert.',
        'There is none: lock the new account and the one that created it; do not delete them.',
        'Look for other accounts, SSH keys or scheduled jobs made in the same hour.',
        'Keep a copy of the logs from one day before the change.',
      ],
    },
    call: {
      id: 'Tidak ada yang mengaku atau tidak ada persetujuan: telepon TTIS provinsi sekarang. Dari masa tenang sampai rekapitulasi, telepon juga pusat.',
      en: 'Nobody admits to it or there is no approval: phone the TTIS of the province now. From the quiet days to the end of the count, phone the centre too.',
    },
    never: {
      id: 'Jangan menghapus akun yang mencurigakan (kunci saja), jangan menghapus log, jangan mematikan server.',
      en: 'Do not delete a suspicious account (lock it), do not delete logs, do not switch the server off.',
    },
    report: 'incident',
  },
  privilege: {
    title: { id: 'Upaya mengambil hak administrator', en: 'Attempt to gain administrator rights' },
    steps: {
      id: [
        'Telepon admin server: apakah Anda atau rekan Anda sedang bekerja dengan hak root sekarang?',
        'Bila tidak: putuskan server dari jaringan (cabut kabel jaringan atau tutup portanya di switch), tetapi biarkan MENYALA.',
        'Kunci akun yang dipakai dan putuskan sesinya.',
        'Simpan log dan, bila TTIS meminta, salinan memori sebelum ada yang diperbaiki.',
        'Periksa server lain tempat akun yang sama bisa masuk.',
      ],
      en: [
        'Phone the administrator of the server: are you or a colleague working as root right now?',
        'If not: take the server off the network (unplug the network cable or close its port at the switch), but leave it RUNNING.',
        'Lock the account that was used and end its sessions.',
        'Keep logs and, if the TTIS asks for it, a copy of the memory before anything is repaired.',
        'Look at other servers that the same account can enter.',
      ],
    },
    call: {
      id: 'Admin tidak mengenali pekerjaan ini: telepon TTIS provinsi sekarang, sebelum membersihkan apa pun.',
      en: 'The administrator does not know of this work: phone the TTIS of the province now, before cleaning anything up.',
    },
    never: {
      id: 'Jangan mematikan, menyalakan ulang, atau memasang ulang server. Jangan masuk ke server itu dengan akun admin domain.',
      en: 'Do not switch off, restart or reinstall the server. Do not log in to it with an administrator account of the domain.',
    },
    report: 'incident',
  },
  lateral: {
    title: { id: 'Penyerang bergerak di dalam jaringan', en: 'An attacker moves inside the network' },
    steps: {
      id: [
        'Temukan komputer sumbernya (lihat bukti) dan putuskan dari jaringan: cabut kabel atau matikan Wi-Fi. Biarkan MENYALA.',
        'Tanyakan kepada pemilik komputer dan admin: adakah pemindaian atau pekerjaan yang disetujui sekarang?',
        'Minta admin jaringan memisahkan sistem pemilu dari jaringan kantor sampai keadaannya jelas.',
        'Kunci akun yang dipakai untuk berpindah; anggap kata sandinya sudah diketahui penyerang.',
        'Catat komputer mana saja yang dihubungi: semuanya harus diperiksa.',
      ],
      en: [
        'Find the computer that it comes from (see the evidence) and take it off the network: unplug the cable or switch off Wi-Fi. Leave it RUNNING.',
        'Ask its user and the administrator: is there an agreed scan or work at this moment?',
        'Have the network administrator cut the election systems off the office network until things are clear.',
        'Lock the account that was used to move about; take its password as known to the attacker.',
        'Write down which computers were reached: all of them have to be looked at.',
      ],
    },
    call: {
      id: 'Telepon TTIS provinsi sekarang; bila lebih dari satu komputer terkena atau sistem pemilu tersentuh, telepon juga pusat.',
      en: 'Phone the TTIS of the province now; if more than one computer or an election system is touched, phone the centre too.',
    },
    never: {
      id: 'Jangan mematikan komputer, jangan menjalankan antivirus atau "pembersih" sebelum ada salinan log, jangan memindahkan berkas dengan USB.',
      en: 'Do not switch computers off, do not run antivirus or cleaners before logs are copied, do not carry files over by USB.',
    },
    report: 'incident',
  },
} as const satisfies Readonly<Record<string, Advice>>
