// Which pages was the word model written with? Small ones of our own, both classes; the labelled set was not seen then.

export interface DevPage {
  readonly name: string
  readonly is: 'gambling' | 'defaced' | 'clean'
  readonly title?: string
  readonly description?: string
  readonly text?: string
  readonly hidden?: string
  readonly script?: string
  readonly hiddenLinks?: readonly (readonly [href: string, text: string])[]
  readonly links?: readonly (readonly [href: string, text: string])[]
  readonly refresh?: string
  readonly canonical?: string
  readonly sitemap?: readonly string[]
}

const office =
  'Pemerintah Kabupaten Contoh. Beranda Profil Layanan Berita Kontak. Layanan kependudukan, perizinan dan pengaduan warga dibuka Senin sampai Jumat. Musrenbang kecamatan dimulai pekan depan.'

export const devPages: readonly DevPage[] = [
  // ---- advertising of gambling
  {
    name: 'landing page',
    is: 'gambling',
    title: 'Situs Slot Gacor Hari Ini Gampang Maxwin 2024',
    description: 'Daftar situs slot gacor terpercaya dengan RTP live tertinggi dan bonus new member 100%.',
    text: 'Selamat datang di situs slot gacor resmi. Daftar sekarang, deposit pulsa tanpa potongan, link alternatif anti nawala.',
  },
  {
    name: 'togel page',
    is: 'gambling',
    title: 'Bandar Togel Online Resmi',
    text: 'Keluaran HK, pengeluaran SGP dan data SDY tercepat. Diskon togel terbesar, pasaran terlengkap, hadiah 4D. Login lewat link alternatif.',
  },
  {
    name: 'disguised letters',
    is: 'gambling',
    title: 'S1OT G4COR M4XW1N',
    text: 'T0g3l t3rp3rc4ya dengan d3p0sit murah. Daft4r s3karang.',
  },
  {
    name: 'fullwidth letters',
    is: 'gambling',
    title: 'ＳＬＯＴ ＧＡＣＯＲ',
    text: 'ＭＡＸＷＩＮ ＨＡＲＩ ＩＮＩ, daftar dan depo sekarang',
  },
  {
    name: 'spelled letters',
    is: 'gambling',
    title: 'S L O T  G A C O R',
    text: 'M A X W I N pasti dibayar, link login resmi',
  },
  {
    name: 'Cyrillic twins',
    is: 'gambling',
    title: 'Slоt Gаcоr Mахwin',
    text: 'Sіtus slоt оnline terpercaya, dероsit dana',
  },
  {
    name: 'compound words',
    is: 'gambling',
    title: 'slotgacor88 | situsslot resmi',
    text: 'Login slotgacor88 lewat linkalternatif, depo dan wd cepat.',
  },
  {
    name: 'hidden block',
    is: 'gambling',
    title: 'Pemerintah Kabupaten Contoh',
    text: office,
    hidden: 'slot gacor slot88 togel online situs judi bola rtp live maxwin',
    hiddenLinks: [
      ['https://sl0t-jaya.example/', 'slot gacor'],
      ['https://zeus138.example/', 'zeus138'],
    ],
  },
  {
    name: 'two hidden links',
    is: 'gambling',
    title: 'Dinas Pendidikan',
    text: office,
    hiddenLinks: [
      ['https://a.example/', 'situs slot gacor'],
      ['https://b.example/', 'togel online'],
    ],
  },
  {
    name: 'hidden links by their hosts',
    is: 'gambling',
    title: 'Puskesmas Contoh',
    text: office,
    hiddenLinks: [
      ['https://slotgacor77.example/', '.'],
      ['https://togelmaster.example/', '.'],
      ['https://rajaslot88.example/', '.'],
    ],
  },
  {
    name: 'footer links',
    is: 'gambling',
    title: 'RSUD Contoh',
    text: `${office} slot gacor slot thailand slot dana togel hongkong judi bola`,
    links: [
      ['https://x1.example/', 'slot gacor'],
      ['https://x2.example/', 'slot thailand'],
      ['https://x3.example/', 'judi bola'],
    ],
  },
  {
    name: 'English casino',
    is: 'gambling',
    title: 'Best Online Casino 2024 | 200 Free Spins',
    text: 'Play online slots with no deposit bonus. Live dealer games and sports betting, real money slots.',
  },
  { name: 'Thai', is: 'gambling', title: 'สล็อตเว็บตรง แตกง่าย', text: 'สล็อต บาคาร่า คาสิโน เครดิตฟรี ฝากถอนไม่มีขั้นต่ำ' },
  { name: 'Chinese', is: 'gambling', title: '澳门博彩官网', text: '百家乐 老虎机 体育投注 六合彩 开奖结果' },
  {
    name: 'Vietnamese',
    is: 'gambling',
    title: 'Nhà cái uy tín - cá cược bóng đá',
    text: 'Nổ hũ, xổ số, game bài đổi thưởng. Soi kèo hôm nay.',
  },
  {
    name: 'Turkish',
    is: 'gambling',
    title: 'Deneme Bonusu Veren Siteler',
    text: 'Bahis siteleri, canlı bahis, casino siteleri güncel giriş.',
  },
  { name: 'Korean', is: 'gambling', title: '카지노 바카라 사이트', text: '토토사이트 먹튀 검증 슬롯 파워볼' },
  {
    name: 'Russian',
    is: 'gambling',
    title: 'Онлайн казино',
    text: 'Игровые автоматы, ставки на спорт, казино вулкан. Букмекер.',
  },
  {
    name: 'spam article',
    is: 'gambling',
    title: 'Tips Menang Main Slot Online untuk Pemula',
    text: 'Pilih provider slot seperti Pragmatic Play dan PG Soft. Gates of Olympus dan Mahjong Ways punya RTP slot tertinggi. Manfaatkan bonus new member dan minimal deposit kecil di agen slot terpercaya agar gampang menang.',
  },
  {
    name: 'written by a script',
    is: 'gambling',
    title: 'Desa Contoh',
    text: office,
    script: 'slot gacor maxwin situs togel terpercaya link alternatif',
  },
  {
    name: 'refresh',
    is: 'gambling',
    title: 'Loading',
    text: 'Mohon tunggu',
    refresh: 'https://slotgacor88.example/daftar',
  },
  {
    name: 'canonical elsewhere',
    is: 'gambling',
    title: 'Slot Demo',
    text: 'Memuat',
    canonical: 'https://slot-gacor.example/',
  },
  {
    name: 'sitemap',
    is: 'gambling',
    title: 'Kecamatan Contoh',
    text: office,
    sitemap: [
      'https://kota.go.id/slot-gacor-hari-ini/',
      'https://kota.go.id/situs-togel-terpercaya/',
      'https://kota.go.id/rtp-live-slot/',
    ],
  },
  {
    name: 'poker',
    is: 'gambling',
    title: 'IDN Poker Online Terpercaya',
    text: 'BandarQQ dan DominoQQ, PKV Games dengan winrate tertinggi. Depo 10k, wd cepat 24 jam.',
  },
  {
    name: 'football bets',
    is: 'gambling',
    title: 'Agen Bola SBOBET Resmi',
    text: 'Mix parlay, taruhan bola, live casino dan sabung ayam online. Daftar gratis.',
  },
  {
    name: 'bio link',
    is: 'gambling',
    title: 'MAWAR138',
    text: 'MAWAR138 LOGIN - DAFTAR - RTP LIVE - BUKTI JP. Link alternatif MAWAR138.',
  },
  {
    name: 'lottery results',
    is: 'gambling',
    title: 'Live Draw SGP',
    text: 'Result SGP, paito warna, prediksi SGP, angka jitu 4D, bbfs dan colok bebas.',
  },
  {
    name: 'store page',
    is: 'gambling',
    title: 'Toko Buku: Slot Thailand Server Luar Negeri',
    description: 'Akun pro Thailand gampang maxwin',
    text: 'Rp 10.000 Beli sekarang. Slot server Thailand memberikan peluang menang besar. Bintang 5 dari 9.823 ulasan.',
  },
  {
    name: 'mahjong page',
    is: 'gambling',
    title: 'Mahjong Ways 2 Scatter Hitam',
    text: 'Pola gacor Mahjong Wins hari ini, bocoran admin jarwo, jam gacor PG Soft.',
  },
  {
    name: 'news page with hidden links',
    is: 'gambling',
    title: 'Polres Contoh Tangkap Bandar Judi Online',
    text: 'Polisi menangkap dua tersangka bandar judi online. Barang bukti disita, kata Kapolres.',
    hiddenLinks: [
      ['https://a.example/', 'slot gacor'],
      ['https://b.example/', 'slot maxwin'],
      ['https://slot88.example/', 'slot88'],
    ],
  },
  { name: 'circled letters', is: 'gambling', title: '🅢🅛🅞🅣 🅖🅐🅒🅞🅡', text: '🅼🅰🆇🆆🅸🅽 login daftar' },
  { name: 'signs as letters', is: 'gambling', title: '$lot g@cor m@xw!n', text: 'Daftar d@n depo, l!nk alternatif' },
  {
    name: 'zero width',
    is: 'gambling',
    title: 'Sl\u200bot Ga\u200dcor',
    text: 'max\u00adwin, situs to\u200cgel online',
  },
  // ---- defaced
  {
    name: 'signature',
    is: 'defaced',
    title: 'Hacked by Mr.Contoh',
    text: 'Hacked by Mr.Contoh. Sorry admin, your security is low. Greetz: all members.',
  },
  { name: 'signature in the title alone', is: 'defaced', title: 'Hacked By Tim Bayangan', text: 'I was here' },
  {
    name: 'Indonesian',
    is: 'defaced',
    title: 'Diretas oleh Laskar Contoh',
    text: 'Maaf admin, situs anda telah kami retas. Perbaiki keamanan website anda. Data aman.',
  },
  { name: 'leet', is: 'defaced', title: 'H4ck3d By X', text: 'Pwn3d by C0nt0h T34m, s0rry 4dm1n' },
  {
    name: 'anonymous',
    is: 'defaced',
    title: 'Anonymous',
    text: 'We are Anonymous. We are Legion. We do not forgive. We do not forget. Expect us.',
  },
  {
    name: 'protest',
    is: 'defaced',
    title: 'Pesan untuk Pemerintah',
    text: 'Situs ini diretas. Dewan pengkhianat rakyat, usut tuntas. Hidup rakyat! Anonymous Indonesia',
  },
  {
    name: 'spelled',
    is: 'defaced',
    title: 'H A C K E D',
    text: 'H A C K E D  B Y  contoh crew. Greetz to all hackers',
  },
  { name: 'text file', is: 'defaced', text: 'touched by ContohXploit | no system is safe | contact telegram' },
  {
    name: 'script writes it',
    is: 'defaced',
    title: 'index',
    script: 'Hacked by Contoh Cyber Army. Your site has been hacked. Fix your security',
  },
  {
    name: 'part of the site',
    is: 'defaced',
    title: 'SMA Contoh - Hacked By Contoh404',
    text: `${office} Hacked By Contoh404`,
  },
  { name: 'Arabic and Spanish', is: 'defaced', title: 'Hackeado por Equipo Ejemplo', text: 'تم الاختراق. Hackeado' },
  {
    name: 'stamped',
    is: 'defaced',
    title: 'Stamped by Contoh',
    text: 'Stamped by Contoh. Nothing deleted, just for fun. Patch your system.',
  },
  {
    name: 'owned',
    is: 'defaced',
    title: '0wn3d',
    text: 'You got owned! Your server has been pwned by Contoh Hacker Team. Security is just an illusion.',
  },
  {
    name: 'halo admin',
    is: 'defaced',
    title: 'Halo Admin',
    text: 'Halo admin, cuma numpang lewat. Bug di website anda tolong diperbaiki. Salam dari Contoh Cyber Team. Index asli di backup.',
  },
  {
    name: 'Palestine',
    is: 'defaced',
    title: 'Free Palestine',
    text: 'Hacked by Contoh Cyber Force. Save Gaza. Stop genocide. Free Palestine.',
  },
  // ---- clean
  { name: 'office', is: 'clean', title: 'Pemerintah Kabupaten Contoh', text: office },
  {
    name: 'police news',
    is: 'clean',
    title: 'Polisi Tangkap Bandar Judi Slot Online',
    text: 'Polres Contoh menangkap tiga tersangka pengelola situs judi slot online. Pelaku mempromosikan slot gacor dengan iming-iming maxwin dan bonus new member lewat link alternatif. Barang bukti disita dan tersangka dijerat UU ITE serta pasal 303 KUHP, ujar Kapolres.',
  },
  {
    name: 'blocking',
    is: 'clean',
    title: 'Komdigi Blokir Ribuan Situs Judi Online',
    text: 'Kementerian memblokir situs judi online termasuk slot gacor dan togel online. Masyarakat diminta melaporkan lewat aduan konten. PPATK membekukan rekening.',
  },
  {
    name: 'government sites hacked',
    is: 'clean',
    title: 'Situs Pemda Disusupi Iklan Slot Gacor',
    text: 'BSSN menemukan laman pemerintah disusupi promosi slot gacor dan situs togel. Peretas menyisipkan tautan tersembunyi. CSIRT daerah diminta menangani insiden siber ini.',
  },
  {
    name: 'warning to civil servants',
    is: 'clean',
    title: 'Surat Edaran Larangan Judi Online bagi ASN',
    text: 'Bupati melarang ASN bermain judi online, termasuk slot dan togel. Sanksi disiplin pegawai menanti. Sosialisasi bahaya judi online dilakukan di tiap dinas.',
  },
  {
    name: 'addiction',
    is: 'clean',
    title: 'Kenali Kecanduan Judi Slot',
    text: 'Psikolog menjelaskan mengapa pemain slot sulit berhenti: jackpot dan free spin memicu dopamin. Korban judi dapat konseling dan rehabilitasi di puskesmas.',
  },
  {
    name: 'glossary',
    is: 'clean',
    title: 'Istilah Judi Online yang Perlu Diwaspadai Orang Tua',
    text: 'Waspada bila anak memakai kata gacor, maxwin, scatter, depo, wd dan rungkad. Edukasi keluarga penting untuk mencegah kecanduan. Bahaya judi online nyata.',
  },
  {
    name: 'sermon',
    is: 'clean',
    title: 'Khutbah Jumat: Bahaya Judi',
    text: 'Judi adalah dosa dan haram. Alquran surah Al-Maidah melarang khamar dan judi, termasuk slot dan taruhan online.',
  },
  {
    name: 'thesis',
    is: 'clean',
    title: 'Pengaruh Judi Slot terhadap Mahasiswa',
    text: 'Abstrak. Penelitian ini memakai kuesioner dengan 120 responden mahasiswa pemain slot online. Hasil penelitian menunjukkan dampak negatif. Kata kunci: judi online, slot.',
  },
  {
    name: 'birds',
    is: 'clean',
    title: 'Cara Membuat Murai Batu Gacor',
    text: 'Agar burung gacor setiap hari beri pakan jangkrik dan kroto. Masteran kenari membantu kicauan. Juara lomba burung kicau gantangan 24.',
  },
  {
    name: 'bird market',
    is: 'clean',
    title: 'Lovebird Gacor Juara',
    text: 'Kicau mania memuji lovebird gacor dari peternak lokal. Daftar lomba dibuka, slot gantangan terbatas.',
  },
  {
    name: 'vaccination slots',
    is: 'clean',
    title: 'Slot Vaksinasi Tersedia',
    text: 'Daftar online untuk slot vaksin hari ini. Kuota 200 slot per puskesmas. Pilih slot waktu dan nomor antrean.',
  },
  {
    name: 'airport slots',
    is: 'clean',
    title: 'Pengaturan Slot Penerbangan',
    text: 'Bandara mengatur slot time maskapai. Slot penerbangan malam ditambah untuk mudik.',
  },
  {
    name: 'memory slots',
    is: 'clean',
    title: 'Spesifikasi Server Pengadaan',
    text: 'Motherboard dengan 16 slot RAM dan 4 slot PCIe. Hot swap, dual power supply.',
  },
  {
    name: 'statistics',
    is: 'clean',
    title: 'Modul Statistik: Diagram Scatter',
    text: 'Scatter plot menunjukkan hubungan dua variabel. Gunakan regresi linear.',
  },
  {
    name: 'spatial plan',
    is: 'clean',
    title: 'Revisi RTRW dan RTP',
    text: 'Rencana tata ruang memuat RTH dan RTP. Peta pola ruang dapat diunduh.',
  },
  {
    name: 'sanitary',
    is: 'clean',
    title: 'Distributor Kloset TOTO',
    text: 'Kloset dan wastafel TOTO resmi. Toko keramik terlengkap, garansi resmi.',
  },
  {
    name: 'bank',
    is: 'clean',
    title: 'Bank Daerah Contoh',
    text: 'Deposito dan tabungan. Login internet banking, setor tunai, top up dana dan ovo, transfer QRIS gratis. Promo member baru, undian berhadiah.',
  },
  {
    name: 'hockey',
    is: 'clean',
    title: 'Tim Hoki Jawa Barat Juara PON',
    text: 'Atlet hoki menang di kejuaraan. Kemenangan diraih lewat adu penalti.',
  },
  {
    name: 'chess tournament',
    is: 'clean',
    title: 'Kejuaraan Domino dan Catur Antar RT',
    text: 'Turnamen domino HUT RI. Daftar gratis di balai desa, hadiah jutaan rupiah.',
  },
  {
    name: 'court',
    is: 'clean',
    title: 'Putusan Perkara Perjudian',
    text: 'Pengadilan Negeri menjatuhkan vonis kepada terdakwa penjual kupon togel. Jaksa menuntut pidana penjara.',
  },
  {
    name: 'elections',
    is: 'clean',
    title: 'Cek DPT Online',
    text: 'Masukkan NIK untuk cek daftar pemilih tetap. KPU mengumumkan hasil rekapitulasi. Login petugas.',
  },
  {
    name: 'news of a defacement',
    is: 'clean',
    title: 'Situs Pemkab Diretas, Muncul Tulisan "Hacked by"',
    text: 'Laman resmi pemerintah kabupaten diretas pada Senin. Tampilan berubah menjadi tulisan Hacked by disertai pesan politik. Kepala Dinas Kominfo mengatakan pemulihan sedang dilakukan dan melapor ke BSSN. Polisi menelusuri pelaku.',
  },
  {
    name: 'security training',
    is: 'clean',
    title: 'Bimtek Keamanan Siber',
    text: 'Peserta pelatihan belajar menangani web defacement, hacker dan exploit. Narasumber dari CSIRT BSSN. Materi: patch, backup, pemulihan insiden.',
  },
  {
    name: 'hackathon',
    is: 'clean',
    title: 'Hackathon Pilkada 2024',
    text: 'Lomba inovasi. Juara satu: tim Root dari universitas. Peserta membangun aplikasi cyber security.',
  },
  {
    name: 'security advice',
    is: 'clean',
    title: 'Cara Mencegah Website Diretas',
    text: 'Panduan untuk admin website: perbarui plugin, patch your system, tingkatkan keamanan. Tips dari tim CSIRT. Hubungi layanan kami.',
  },
  {
    name: 'maintenance',
    is: 'clean',
    title: 'Situs dalam Perbaikan',
    text: 'Mohon maaf, situs sedang dalam pemeliharaan. Hubungi admin.',
  },
  {
    name: 'default page',
    is: 'clean',
    title: 'Welcome to nginx!',
    text: 'If you see this page, the nginx web server is successfully installed and working.',
  },
  {
    name: 'error page',
    is: 'clean',
    title: '403 Forbidden',
    text: 'You do not have permission to access this resource.',
  },
  {
    name: 'folded menu',
    is: 'clean',
    title: 'Polda Contoh',
    text: office,
    hidden: 'Menu Profil Berita Waspada Judi Online Lapor Polisi',
    hiddenLinks: [
      ['https://kota.go.id/berita/judi-online', 'Waspada bahaya judi online'],
      ['https://facebook.example/polda', 'Facebook'],
      ['https://aduan.example/', 'Laporkan judi online'],
    ],
  },
  {
    name: 'news of hidden headline',
    is: 'clean',
    title: 'Berita',
    text: office,
    hidden: 'Polres Contoh ungkap kasus judi slot, tersangka ditangkap polisi',
    links: [['https://media.example/polisi-tangkap-bandar-slot', 'Polisi tangkap bandar slot online']],
  },
  {
    name: 'sitemap of news',
    is: 'clean',
    title: 'Berita',
    text: office,
    sitemap: [
      'https://kota.go.id/polisi-bongkar-situs-judi-slot/',
      'https://kota.go.id/bahaya-judi-online/',
      'https://kota.go.id/slot-vaksin/',
    ],
  },
  {
    name: 'metaphor',
    is: 'clean',
    title: 'Atlet Muda Panen Jackpot Prestasi',
    text: 'Bukan hoki semata. Nyawa taruhannya, pemadam kebakaran menang melawan api.',
  },
  {
    name: 'library',
    is: 'clean',
    title: 'Katalog Perpustakaan Daerah',
    text: 'Zeus dan dewa Olympus: mitologi Yunani. Dunia Poker, novel. Pragmatic programmer.',
  },
  {
    name: 'protest news',
    is: 'clean',
    title: 'Mahasiswa Demo Tolak Korupsi',
    text: 'Koruptor harus dihukum, usut tuntas, kata orator. Hidup rakyat, teriak massa. Polisi mengawal unjuk rasa, menurut wartawan.',
  },
]
