// What should a room do about a campaign? Advice by ATT&CK technique, Indonesian first, that tells nothing of other regions.

/** Advice in both languages. */
export interface Advice {
  /** Technique, empty for what holds for all. */
  readonly technique: string
  readonly id: string
  readonly en: string
}

const byTechnique: Readonly<Record<string, Omit<Advice, 'technique'>>> = {
  T1190: {
    id: 'Pasang pembaruan aplikasi web dan perangkat tepi sekarang, nyalakan WAF, dan periksa log 72 jam terakhir untuk permintaan serupa.',
    en: 'Update web applications and edge devices now, switch on the WAF, and search the logs of the last 72 hours for such requests.',
  },
  T1110: {
    id: 'Wajibkan autentikasi dua faktor, batasi percobaan masuk, dan tutup login admin dari internet.',
    en: 'Demand two factors, limit attempts to log in, and close administrators’ log-ins to the internet.',
  },
  T1078: {
    id: 'Periksa login yang berhasil dari tempat atau waktu yang tidak biasa; ganti kata sandi dan cabut sesi akun yang diragukan.',
    en: 'Look for log-ins from odd places or at odd times; change passwords and end the sessions of doubtful accounts.',
  },
  T1595: {
    id: 'Tutup layanan yang tidak perlu terbuka dan hapus berkas cadangan atau konfigurasi yang dapat diunduh.',
    en: 'Close services that need not be open, and remove backups and configurations that anybody can download.',
  },
  T1505: {
    id: 'Cari webshell: berkas skrip baru di folder unggahan, dan proses shell yang dijalankan server web.',
    en: 'Look for web shells: new scripts in upload folders, and shells that the web server started.',
  },
  T1059: {
    id: 'Cari perintah shell yang dijalankan oleh layanan web dan unduhan program dari internet.',
    en: 'Look for shell commands run by web services and for programs fetched from the internet.',
  },
  T1491: {
    id: 'Bandingkan halaman dengan salinan yang baik, siapkan halaman statis, dan kunci hak tulis folder web.',
    en: 'Compare pages with a good copy, have a static page ready, and take away the right to write into the web folder.',
  },
  T1498: {
    id: 'Hubungi penyedia jaringan sebelum banjir datang: aktifkan mitigasi DDoS dan siapkan halaman statis.',
    en: 'Call the network provider before the flood comes: switch on DDoS protection and have a static page ready.',
  },
  T1499: {
    id: 'Nyalakan pembatasan laju dan tembolok, dan siapkan halaman statis untuk hasil.',
    en: 'Switch on rate limits and caching, and have a static page for results ready.',
  },
  T1565: {
    id: 'Cocokkan data hasil dengan formulir asli (C.Hasil) dan batasi akun yang dapat mengubahnya.',
    en: 'Compare results with the original forms (C.Hasil), and limit the accounts that can change them.',
  },
  T1566: {
    id: 'Ingatkan petugas akan surel dan tautan palsu; blokir domain tiruan di DNS dan gerbang surel.',
    en: 'Warn staff of false mails and links; block look-alike domains in DNS and at the mail gateway.',
  },
  T1583: {
    id: 'Blokir domain tiruan di DNS, minta penutupannya, dan umumkan alamat resmi kepada masyarakat.',
    en: 'Block look-alike domains in DNS, ask for their take-down, and tell the public the official address.',
  },
  T1071: {
    id: 'Periksa lalu lintas keluar ke alamat dan domain yang disebut; isolasi host yang menghubunginya.',
    en: 'Look for outgoing traffic to the addresses and domains named; isolate hosts that call them.',
  },
  T1048: {
    id: 'Periksa pengiriman data keluar yang besar, terutama dari server data pemilih.',
    en: 'Look for large transfers to the outside, above all from servers with voter data.',
  },
  T1562: {
    id: 'Pastikan log dan agen keamanan berjalan di semua host, dan salinannya tersimpan di tempat lain.',
    en: 'See that logging and security agents run on all hosts, and that copies are kept elsewhere.',
  },
}

const general: Advice = {
  technique: '',
  id: 'Cari tanda yang sama di wilayah Anda, pastikan kontak piket dapat dihubungi, dan laporkan temuan sekecil apa pun kepada pusat.',
  en: 'Look for the same signs in your region, see that people on duty can be reached, and report even small findings to the centre.',
}

/** Advice for these techniques, in their order, each once, and what holds for all at the end. A sub-technique (T1110.003) has the advice of its technique. */
export function adviceFor(attack: readonly string[]): Advice[] {
  const techniques = new Set(attack.map((id) => id.slice(0, 5)))
  const found = [...techniques].flatMap((technique) => {
    const advice = byTechnique[technique]
    return advice === undefined ? [] : { technique, ...advice }
  })
  return [...found, general]
}
