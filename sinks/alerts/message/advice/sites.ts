// What to do when a site is defaced, carries gambling, is imitated, or its name or certificate is not as it should be?
import type { Advice } from './kind.ts'

export const siteAdvice = {
  defacement: {
    title: { id: 'Isi situs diubah', en: 'Content of a site changed' },
    steps: {
      id: [
        'Buka situs dari ponsel (bukan jaringan kantor) dan ambil tangkapan layar dengan jam terlihat.',
        'Tanyakan kepada pengelola situs: apakah ini perubahan yang disengaja? Bila ya, catat dan tutup peringatan.',
        'Bila tidak: minta admin mengalihkan situs ke halaman pemeliharaan. Biarkan server menyala.',
        'Salin halaman yang diubah dan semua log ke tempat lain, baru pulihkan dari cadangan yang bersih.',
        'Ganti semua kata sandi admin situs, panel, dan FTP dari komputer lain; cari pintu belakang sebelum situs dibuka lagi.',
        'Siapkan satu kalimat untuk wartawan lewat humas; hasil pemilu tidak ditentukan oleh situs.',
      ],
      en: [
        'Open the site on a phone (not from the office) and take a screenshot with the time on it.',
        'Ask whoever runs the site: was this change meant? If so, note it and close the alert.',
        'If not: have the administrator put up a maintenance page. Leave the server running.',
        'Copy the changed page and all logs to another place; only then restore from a clean backup.',
        'Change all passwords of administrators, panel and FTP from another computer; look for back doors before the site opens again.',
        'Prepare one sentence for the press with the public-relations office; the result of an election does not depend on a web site.',
      ],
    },
    call: {
      id: 'Bukan perubahan sendiri: telepon TTIS provinsi sekarang. Situs hasil atau situs KPU/Bawaslu: telepon juga pusat, lalu humas.',
      en: 'It was not your own change: phone the TTIS of the province now. A site with results or of KPU/Bawaslu: phone the centre too, then public relations.',
    },
    never: {
      id: 'Jangan hanya menimpa halamannya: lubangnya masih ada. Jangan menghapus log. Jangan menyebarkan tangkapan layar di grup.',
      en: 'Do not just overwrite the page: the hole is still there. Do not delete logs. Do not pass the screenshot around in groups.',
    },
    report: 'incident',
  },
  gambling: {
    title: { id: 'Konten judi online di situs', en: 'Gambling content on a site' },
    steps: {
      id: [
        'Cari di mesin pencari: site:NAMA-SITUS-ANDA slot, dan buka hasilnya dari ponsel. Penyerang sering menyembunyikannya dari pengunjung biasa.',
        'Ambil tangkapan layar dan catat alamat halaman yang ditemukan.',
        'Minta admin menutup halaman-halaman itu dan menyalin foldernya sebagai bukti sebelum dihapus.',
        'Cari cara masuknya: plugin usang, kata sandi lemah, folder unggahan yang dapat menjalankan program, webshell.',
        'Ganti kata sandi admin, FTP, dan basis data dari komputer lain; perbarui CMS dan plugin.',
        'Setelah bersih, minta mesin pencari menghapus halaman itu (Google Search Console: Hapus URL).',
      ],
      en: [
        'Ask a search engine for: site:YOUR-SITE slot, and open what it finds on a phone. Attackers often hide it from ordinary visitors.',
        'Take screenshots and write down the addresses of the pages.',
        'Have the administrator close those pages, and copy the folder as evidence before it is deleted.',
        'Look for the way in: an old plug-in, a weak password, an upload folder that runs programs, a web shell.',
        'Change the passwords of administrators, FTP and database from another computer; update the CMS and its plug-ins.',
        'Once clean, ask search engines to drop the pages (Google Search Console: Removals).',
      ],
    },
    call: {
      id: 'Telepon TTIS provinsi pada jam kerja hari ini; malam hari cukup bila situs itu memuat layanan atau hasil pemilu, atau webshell ditemukan.',
      en: 'Phone the TTIS of the province during working hours today; at night only if the site carries election services or results, or a web shell is found.',
    },
    never: {
      id: 'Jangan mengeklik tautan judinya dari komputer kantor, jangan hanya menghapus halamannya: tanpa menutup lubang ia kembali dalam hitungan jam.',
      en: 'Do not follow the gambling links on an office computer, do not just delete the pages: unless the hole is closed they are back within hours.',
    },
    report: 'incident',
  },
  lookalike: {
    title: { id: 'Domain tiruan atau pengelabuan (phishing)', en: 'Look-alike domain or phishing' },
    steps: {
      id: [
        'JANGAN buka domain itu dari komputer kantor. Cocokkan hurufnya dengan domain resmi: itu bukan milik Anda.',
        'Beri tahu pegawai lewat pengumuman resmi: alamat yang benar hanya domain go.id; jangan memasukkan kata sandi di tempat lain.',
        'Minta admin surel memblokir surel dari dan ke domain itu, dan admin jaringan memblokirnya di DNS atau proksi.',
        'Tanyakan: adakah pegawai yang menerima pesan darinya atau telanjur mengisi kata sandi? Bila ada, ganti kata sandinya dan putuskan sesinya.',
        'Kumpulkan bukti (tangkapan layar, surel lengkap dengan header-nya) dan serahkan untuk permintaan penutupan domain.',
      ],
      en: [
        'Do NOT open the domain on an office computer. Compare it letter by letter with the official one: it is not yours.',
        'Tell the staff by an official notice: only go.id addresses are right; never type a password anywhere else.',
        'Have the mail administrator block mail from and to that domain, and the network administrator block it at DNS or proxy.',
        'Ask: has anybody received messages from it or typed in a password? If so, change that password and end the sessions.',
        'Collect evidence (screenshots, mails with all headers) and hand it in so that the domain can be taken down.',
      ],
    },
    call: {
      id: 'Serahkan ke TTIS provinsi hari ini; pusat yang meminta penutupan domain. Telepon sekarang bila ada pegawai yang mengisi kata sandi atau domain itu memuat hasil palsu.',
      en: 'Hand it to the TTIS of the province today; the centre asks for the take-down. Phone now if somebody typed in a password or the domain shows false results.',
    },
    never: {
      id: 'Jangan menghubungi pemilik domain, jangan mengisi formulirnya untuk mencoba, jangan meneruskan tautannya di grup chat.',
      en: 'Do not contact the owner of the domain, do not fill in its form to try it, do not forward the link in chats.',
    },
  },
  certificate: {
    title: { id: 'Masalah sertifikat situs', en: 'Trouble with the certificate of a site' },
    steps: {
      id: [
        'Buka situs dari ponsel: adakah peringatan keamanan di peramban? Klik gembok dan catat penerbit dan tanggal berakhirnya.',
        'Tanyakan kepada admin situs: apakah sertifikat baru saja diganti, dan oleh siapa?',
        'Kedaluwarsa: pasang sertifikat baru hari ini; sambil menunggu, jangan alihkan warga ke alamat lain.',
        'Penerbit tidak dikenal dan tidak ada yang memasang: mungkin ada yang menyadap. Periksa apakah alamat IP dan server nama domain masih benar.',
        'Minta daftar pemasangan otomatis (perpanjangan) diperiksa agar tidak terulang pada hari pemungutan.',
      ],
      en: [
        'Open the site on a phone: does the browser warn? Tap the padlock and note issuer and date of expiry.',
        'Ask the administrator of the site: was the certificate replaced just now, and by whom?',
        'Expired: install a new one today; meanwhile do not send citizens to another address.',
        'Unknown issuer and nobody installed it: somebody may be listening in. Check whether the address and the name servers of the domain are still right.',
        'Have automatic renewal checked so that it does not happen on the day of the vote.',
      ],
    },
    call: {
      id: 'Tidak ada yang mengganti sertifikatnya: telepon TTIS provinsi sekarang. Hanya kedaluwarsa: telepon admin situs.',
      en: 'Nobody replaced the certificate: phone the TTIS of the province now. Only expired: phone the administrator of the site.',
    },
    never: {
      id: 'Jangan menyuruh warga mengabaikan peringatan peramban, jangan masuk sebagai admin lewat situs yang sertifikatnya tidak dipercaya.',
      en: 'Do not tell citizens to ignore the warning of the browser, do not log in as administrator through a site whose certificate is not trusted.',
    },
  },
  domain: {
    title: { id: 'Domain atau alamat situs berubah', en: 'Domain or address of a site changed' },
    steps: {
      id: [
        'Tanyakan kepada admin domain: apakah server nama, alamat, atau pengalihan ini diubah dengan sengaja, oleh siapa, kapan?',
        'Bila tidak: masuk ke panel registrar dari komputer yang bersih, kembalikan isian yang benar, ganti kata sandi panel, dan nyalakan verifikasi dua langkah.',
        'Ambil tangkapan layar panel dan riwayat perubahannya sebelum dan sesudah.',
        'Beri tahu pegawai untuk tidak memasukkan kata sandi di situs itu dan tidak memercayai surelnya sampai pulih.',
        'Minta kunci domain (registry lock) dipasang sampai rekapitulasi selesai.',
      ],
      en: [
        'Ask the administrator of the domain: were name servers, address or redirection changed on purpose, by whom, when?',
        'If not: enter the panel of the registrar from a clean computer, put the right values back, change its password, switch on two-step verification.',
        'Take screenshots of the panel and its history before and after.',
        'Tell the staff not to type passwords at that site and not to trust its mail until it is restored.',
        'Ask for a registry lock until the count is over.',
      ],
    },
    call: {
      id: 'Tidak ada yang mengubahnya: telepon TTIS provinsi dan registrar (PANDI untuk .id) sekarang.',
      en: 'Nobody changed it: phone the TTIS of the province and the registrar (PANDI for .id) now.',
    },
    never: {
      id: 'Jangan masuk ke situs atau surel lewat domain yang berubah itu: kata sandi Anda dapat dicuri. Jangan menunggu sampai pagi.',
      en: 'Do not log in to the site or its mail by the changed domain: your password could be stolen. Do not wait until morning.',
    },
    report: 'incident',
  },
} as const satisfies Readonly<Record<string, Advice>>
