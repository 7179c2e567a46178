// Which further pages was the word model mended with? Written after the first measurement, to be as different from one another as we could make them.
import type { DevPage } from './pages.ts'

type Short = readonly [title: string, text: string]

const defaced: readonly Short[] = [
  ['Hacked', 'x7 was here. Your firewall was a nice decoration.'],
  [
    'Kunjungan malam',
    'Assalamualaikum admin. Kami tim Kunang Kunang, masuk lewat plugin galeri yang sudah tiga tahun tidak diperbarui. Tidak ada yang dihapus. Tolong ditutup ya.',
  ],
  [
    'Lowongan',
    'Halo Pak, saya baru lulus dan butuh kerja. Daripada bayar vendor mahal, mending rekrut saya. Bukti kemampuan: halaman yang sedang Bapak baca ini. Portofolio menyusul.',
  ],
  [
    'Selamat ulang tahun Rani',
    'Maaf ya dinas, numpang halaman depannya semalam buat kejutan pacar. Besok saya kembalikan. - penyusup yang lagi jatuh cinta',
  ],
  [
    'Data 2 juta warga',
    'Sampel data penduduk sudah kami unggah di forum. Harga 3 BTC. Pemerintah bilang tidak ada kebocoran, silakan cek sendiri isinya.',
  ],
  [
    'Punten',
    'Punten kang admin, abdi asup ka server anjeun. Password na gampang pisan. Hampura nya. Barudak Cai Herang',
  ],
  ['Maaf sanak', 'Ambo masuak ka situs sanak ko, pintunyo tabukak. Jan berang yo. Salam dari ranah'],
  ['Türk', 'Hacked by Gece Kurdu. Vatan sana canim feda. Ay yildiz siber tim'],
  [
    'Sitio intervenido',
    'Este sitio fue hackeado por Sombra Lenta. Administrador, revise su seguridad. No borramos nada.',
  ],
  ['Взлом', 'Сайт взломан командой Северный Лис. Админ, обнови систему.'],
  ['Papua', 'Situs ini kami ambil alih untuk menyampaikan suara saudara kami. Hentikan tambang. Rakyat bukan musuh.'],
  [
    'Guru honorer menggugat',
    'Tiga ratus ribu sebulan. Kalian bangun aplikasi miliaran, kami tidak dibayar. Malam ini laman dinas milik kami dulu.',
  ],
  ['404 Keadilan Tidak Ditemukan', 'Halaman ini diganti oleh mahasiswa yang lelah. Kembalikan beasiswa kami.'],
  [
    'Pengumuman',
    'KPU menyatakan pemilu ditunda sampai minggu depan. (becanda, ini kami dari Lempar Dadu Crew. ganti password nya min)',
  ],
  [
    'Golput Bersatu',
    'Kami retas situs ini bukan untuk memilih siapa pun. Semua calon sama saja. Jangan percaya angka di layar.',
  ],
  ['You have been visited', 'The ghost of unpatched plugins was here. Greets to nobody. Update your CMS.'],
  ['.:: OWNED ::.', 'root@localhost uid=0(root) gid=0(root). Thanks for the shell. - n0ctis'],
  [
    'Security audit (unpaid)',
    'We reported this hole three times, nobody answered. So here we are on your front page. Call your vendor.',
  ],
  ['Salam dari bocah kampung', 'Baru belajar seminggu sudah bisa ubah halaman pemda. Anggaran siber kemana aja? wkwk'],
  [
    'Peringatan Pertama',
    'Kami mengawasi. Ini peringatan pertama. Bila dana bencana tidak dibuka, isi basis data akan kami buka.',
  ],
  ['Bjonk', 'Halo lagi. Kali ini database pegawai. Jangan salahkan stagiaire kalian.'],
  [
    'Tangis Ibu Pertiwi',
    'Di layar ini kutulis resah, sebab pintumu tak pernah kaututup. Aku datang tanpa mencuri, hanya menaruh sajak di beranda. - Pujangga Biner',
  ],
  [
    'Selamat pagi',
    'Website sedang dikuasai oleh Serdadu Sunyi. Silakan antre. Index asli sudah kami simpan di index_asli.html',
  ],
  ['Free', 'Stop bombing children. This page has been taken by Olive Branch Sec. We stand with the oppressed.'],
  ['Oops', 'Your files are now locked by NightMango. Send 0.5 BTC to restore. Timer: 72:00:00'],
  ['Lomba Deface', 'Skor: tim A 3 situs, tim B 5 situs. Situs ini poin ke-6. Makasih desa, gak pake WAF.'],
  [
    'Curhat',
    'Bukan siapa-siapa, cuma anak magang yang tidak digaji. Password root masih sama sejak 2016. Sampai jumpa, selamat mencari shell-nya.',
  ],
  [
    'Hasil Quick Count',
    'Paslon 1: 0%. Paslon 2: 0%. Kucing oren: 100%. Data disunting oleh Meong Squad, makasih admin.',
  ],
  [
    'Visi dan Misi',
    'Visi: password kuat. Misi: jangan pakai admin/admin. Disampaikan oleh peretas yang baik hati, Topi Abu.',
  ],
  [
    'Index of /',
    'readme.txt: kalau kamu baca ini berarti situs pemda ini sudah jebol. kami hanya lewat. jangan cari kami.',
  ],
  ['HACKED BY ANAK RANTAU', 'Pesan: rindu kampung, jembatan putus lima tahun. Bangun jembatan baru kami pulang.'],
  ['Dibajak', 'Laman ini dibajak secara damai oleh nelayan teluk. Reklamasi dihentikan, laman kembali.'],
  ['cracked', 'cracked by S1l3nt_D3er | mail: none | we don’t hate you, we hate your code'],
  ['Kami ada di mana-mana', 'Kamera, surel, absensi. Semua sudah kami lihat. Mundurlah sebelum kami tayangkan.'],
  ['Admin sedang tidur', 'Jadi kami yang jaga. Situs aman di tangan Ronda Malam Crew. Nanti pagi dibangunkan ya.'],
  ['Terima kasih', 'Terima kasih sudah pakai tema bajakan, di dalamnya ada oleh-oleh dari kami. Backdoor ini gratis.'],
  ['ZeroNyali', 'You just got visited by ZeroNyali. No damage done, fix it before someone worse comes.'],
  [
    'Pemberitahuan Penting',
    'Seluruh layanan di laman ini dihentikan oleh Komplotan Senja sampai tuntutan buruh dipenuhi.',
  ],
  [
    'Bukan Peretasan',
    'Ini bukan peretasan, ini silaturahmi. Pintunya tidak terkunci jadi saya masuk saja. Kopi saya minum, index saya ganti.',
  ],
  [
    'Kisah Seekor Tikus',
    'Seekor tikus kecil masuk lewat lubang bernama upload.php. Ia berkeliling, membaca arsip, lalu pulang meninggalkan jejak kaki di beranda ini.',
  ],
  ['LULZ', 'lol this is what happens when you hire your cousin as a sysadmin. all your base are belong to us'],
  [
    'Pengakuan',
    'Saya yang mengubah halaman ini. Dua kali saya surati dinas tentang celah di formulir, tidak dijawab. Sekarang dijawab?',
  ],
  [
    'Selamat Hari Guru',
    'Pak Budi ini murid Bapak yang dulu dibilang tidak akan jadi apa-apa. Lihat Pak, saya bisa masuk ke situs dinas. Hehe. Maaf Pak.',
  ],
  [
    'Kuis',
    'Soal: berapa lama situs ini bertahan? A. setahun B. sebulan C. 4 menit. Jawaban: C. Sampai ketemu di situs sebelah.',
  ],
  ['Intruder Alert', 'Intruder alert! red ghosts in your base. shell uploaded, logs cleaned, coffee was good.'],
  [
    'Bayar atau Tayang',
    'Kami memegang salinan seluruh surel pimpinan. Transfer 1 BTC ke dompet di bawah sebelum Jumat atau semuanya tayang.',
  ],
  [
    'Ziarah',
    'Di sini pernah berdiri sebuah situs. Ia wafat karena tidak pernah di-update. Turut berduka, Pemakaman Digital Crew.',
  ],
  ['Ora Popo', 'Wes tak rubah tampilane, ojo nangis yo min. Sing penting podo seduluran. Tertanda: Wong Alas'],
  ['Ampun', 'Horas pejabat! Website klen udah kami obok-obok. Jangan cuma jalan-jalan dinas aja, urus server klen!'],
  [
    'Kritik Anggaran',
    'Aplikasi 4 miliar, diretas anak 15 tahun pakai HP. Uang rakyat dipakai beli apa? - seorang pelajar',
  ],
  [
    'Message from the Deep',
    'We come from nowhere. We broke in through your forgotten subdomain. Remember the day you ignored our email.',
  ],
  [
    'Tolong sampaikan',
    'Tolong sampaikan ke bupati, jalan ke sekolah kami rusak. Kami tidak tahu cara lain selain menulis di situs ini tanpa izin.',
  ],
  [
    'Hacker Baik',
    'Halo! Saya hacker baik. Situs ini bolong, sudah saya tutup sendiri karena kasihan. Gratis. Lain kali bayar ya.',
  ],
  ['pwn', 'pwn3d // sh4d0w_k1tt3n // no h4rd f33l1ngs'],
  ['Suara dari Hutan', 'Hutan adat kami digusur, maka rumah digital kalian kami singgahi. Kembalikan tanah leluhur.'],
  [
    'Layanan Dihentikan',
    'Server ini sudah berpindah tangan. Pemilik baru: Kapten Karat. Pemilik lama silakan ganti profesi.',
  ],
  [
    'Iklan Baris',
    'Dijual cepat: akses panel situs pemerintah, lengkap dengan basis data. Hubungi kami lewat pesan terenkripsi.',
  ],
  ['Testing testing', 'tes tes 123... kok bisa diedit ya halaman ini dari hp? oh admin nya lupa logout. dadah'],
  ['Défiguré', 'Site piraté par Les Ombres. Bonjour admin, votre sécurité est une passoire.'],
  ['Gehackt', 'Gehackt von Nebelkrähe. Lieber Admin, bitte Updates machen.'],
  ['Bị hack', 'Trang web này đã bị hack bởi Cơn Gió Lạ. Xin chào admin.'],
]

const clean: readonly Short[] = [
  [
    'Sejarah Kota',
    'Pada 1811 benteng dikuasai oleh Inggris, lalu direbut oleh pasukan rakyat. Kota ini pernah diduduki oleh Jepang tiga tahun.',
  ],
  [
    'Final Piala Bupati',
    'Trofi direbut oleh tim Elang Muda. Gawang lawan ditembus tim tamu dua kali. Pemain kami kembali berlatih besok.',
  ],
  [
    'Riwayat Perubahan',
    'Halaman ini terakhir diubah oleh tim redaksi. Situs dikelola oleh Dinas Kominfo. Data diperbarui oleh admin.',
  ],
  [
    'Pasar diambil alih oleh Pemkot',
    'Pengelolaan pasar diambil alih oleh pemerintah kota. Kios kosong disegel oleh Satpol PP.',
  ],
  [
    'Kebijakan Pelaporan Kerentanan',
    'Kami menghargai peneliti keamanan. Laporkan bug, celah XSS atau SQL injection ke surel kami. Jangan merusak data. Nama pelapor masuk daftar terima kasih.',
  ],
  [
    'security.txt',
    'Contact: mailto:csirt@kota.go.id. Expires: 2027-01-01. Preferred-Languages: id, en. Policy: pelaporan kerentanan',
  ],
  [
    'Hall of Fame',
    'Terima kasih kepada para peneliti yang melaporkan kerentanan: R. Adi, S. Putri. Server kami telah ditambal.',
  ],
  [
    'Juara CTF Nasional',
    'Tim siswa SMK meraih juara lomba Capture The Flag. Mereka memecahkan soal web exploit, reverse dan root. Kepala sekolah bangga.',
  ],
  [
    'Ransomware, Apa yang Harus Dilakukan?',
    'Ransomware mengunci berkas dan meminta tebusan bitcoin. Jangan membayar. Cadangkan data, putuskan jaringan, laporkan ke CSIRT. Your files have been encrypted adalah pesan khasnya.',
  ],
  [
    'Apa itu Web Defacement?',
    'Web defacement adalah serangan yang mengganti tampilan situs, misalnya dengan tulisan hacked by. Penyebab: kata sandi lemah dan plugin usang. Cara mencegah: perbarui CMS dan pasang WAF.',
  ],
  [
    'Laporan Tahunan CSIRT',
    'Sepanjang tahun tercatat 42 insiden: web defacement 17, malware 12, phishing 9. Rata-rata pemulihan 6 jam. Rekomendasi: ganti kata sandi bawaan.',
  ],
  [
    'Kamus Istilah TI',
    'Backdoor: pintu belakang. Shell: antarmuka perintah. Root: pengguna tertinggi. Hacker: peretas. Patch: tambalan. Firewall: tembok api.',
  ],
  [
    'Peretas Situs Pemda Ditangkap',
    'Polda menangkap pemuda yang meretas situs pemerintah. Pelaku mengganti laman dengan tulisan hacked by. Ia mengaku iseng. Tersangka dijerat UU ITE.',
  ],
  [
    'Klarifikasi',
    'Diskominfo membenarkan laman sempat diretas dan berubah tampilan. Situs kini pulih. Tidak ada data warga yang bocor, ujar kepala dinas.',
  ],
  [
    'Opini: Jangan Tertawakan Situs yang Diretas',
    'Setiap kali situs dinas diretas, warganet tertawa. Padahal anggaran keamanan kecil dan admin hanya satu. Penulis adalah dosen informatika.',
  ],
  [
    'Tips Kata Sandi',
    'Jangan pakai admin123 atau tanggal lahir. Kata sandi lemah mudah ditebak peretas. Gunakan pengelola kata sandi dan autentikasi dua faktor.',
  ],
  [
    'Silabus Ethical Hacking',
    'Pertemuan 1 etika. Pertemuan 2 pemindaian. Pertemuan 3 SQL injection dan XSS. Pertemuan 4 eskalasi root. Ujian akhir: laporan temuan.',
  ],
  [
    'Buku Tamu',
    'Rina: halo admin, webnya bagus banget! Doni: wkwk fotoku jelek. Sari: min kapan libur? Bagus: kakak hacker ya? hehe',
  ],
  [
    'Kelas 8B',
    'Hai gaes! Ini web pertama kami tugas TIK. Maaf masih jelek wkwk. Salam dari kelompok 3, kalian jangan lupa isi buku tamu.',
  ],
  [
    'Aksi Mahasiswa',
    'Ratusan mahasiswa berunjuk rasa menolak korupsi. Dewan pengkhianat rakyat, teriak orator. Massa membubarkan diri pukul 17.00. Polisi mengawal aksi.',
  ],
  [
    'Pidato Ketua DPRD',
    'Saudara sekalian, rakyat menunggu keadilan. Kami tidak akan diam. Dana desa harus diawasi. Interupsi pimpinan sidang.',
  ],
  [
    'Resensi Novel',
    'Novel Peretas Terakhir bercerita tentang hacker muda yang membobol bank. Penulis memikat pembaca sampai halaman akhir.',
  ],
  [
    'Resensi Film',
    'Film Anonymous menampilkan legion topeng. We are legion, kata tokohnya. Sutradara meramu kisah hacktivist.',
  ],
  [
    'Situs dalam Pemeliharaan',
    'Mohon maaf, situs ini sedang dalam pemeliharaan. Kami akan kembali dalam 2 jam lagi. Terima kasih atas kesabaran Anda.',
  ],
  ['Akun Ditangguhkan', 'This account has been suspended. Contact your hosting provider for more information.'],
  ['Coming Soon', 'Our website is under construction. We will be back soon. Stay tuned.'],
  ['Login', 'Masukkan nama pengguna dan kata sandi. Lupa kata sandi? Hubungi admin. Sistem ini hanya untuk pegawai.'],
  ['Index of /unduhan', 'Parent Directory laporan-2024.pdf renja.pdf backup/ foto/'],
  ['Galat', 'SQLSTATE[HY000] [1045] Access denied for user root@localhost (using password: YES)'],
  [
    'Surat Terbuka Wali Kota',
    'Kepada warga, kami mohon maaf atas banjir. Kami akan kembali memperbaiki tanggul. Salam hangat dari balai kota.',
  ],
  ['Puisi Kemerdekaan', 'Di tanah ini kami berdiri, melawan penjajah tanpa takut. Merdeka atau mati, pekik rakyat.'],
  [
    'Palestina',
    'Pemkab menggalang donasi untuk Gaza. Free Palestine, seru peserta aksi damai. Dana disalurkan melalui Baznas.',
  ],
  [
    'Simulasi Keamanan Siber',
    'Dalam simulasi, tim merah menembus server uji dan mengganti halaman. Tim biru memulihkan dalam 40 menit. Peserta dari 12 dinas.',
  ],
  [
    'Situs Resmi Kami',
    'Waspada situs palsu! Situs resmi kami hanya kota.go.id. Laporkan situs yang meniru. Jangan berikan kata sandi kepada siapa pun.',
  ],
  [
    'Transkrip Debat',
    'Moderator: silakan paslon 2. Calon: data kami pernah bocor dan situs pemda diretas. Kami akan rebut kembali kepercayaan warga.',
  ],
  [
    'Komentar Berita',
    'Komentar (3). Andi: pemda bohong terus! Budi: korupsi melulu, mundur aja. Cici: wkwk admin ngantuk. Balas',
  ],
  [
    'Lelang Kendaraan',
    'Kendaraan disita oleh kejaksaan akan dilelang. Barang milik negara. Pemenang wajib melunasi tiga hari.',
  ],
  [
    'Pengumuman Pergantian Domain',
    'Situs lama ditutup dan dialihkan. Kami mengganti tampilan laman agar lebih ramah. Terima kasih atas masukan warga.',
  ],
  [
    'Kunjungan SMK',
    'Siswa mengunjungi ruang server Diskominfo. Mereka belajar firewall, backup dan patch dari admin. Kegiatan ditutup foto bersama.',
  ],
  [
    'Cerita Anak: Tikus dan Lumbung',
    'Seekor tikus kecil masuk ke lumbung lewat lubang. Ia mencuri padi lalu pulang. Petani menutup lubang itu.',
  ],
  [
    'Forum Warga',
    'Kami warga RT 3 minta jalan diperbaiki. Tolong sampaikan ke bupati. Admin: terima kasih, laporan diteruskan.',
  ],
  ['Aduan Jalan Rusak', 'Jalan menuju sekolah kami rusak tiga tahun. Kami mohon perbaikan. Status: diproses dinas.'],
  ['Jual Beli', 'Dijual cepat motor 2019, surat lengkap. Hubungi lewat pesan. Harga bisa ditawar, gan.'],
  ['Hari Guru', 'Selamat Hari Guru, Pak Budi. Murid Bapak kini menjadi dokter. Maaf kami dulu nakal.'],
  [
    'Panduan Operator',
    'Login sebagai admin, ganti kata sandi bawaan, unggah berkas, lalu keluar. Jangan lupa logout. Server diperbarui tiap Minggu.',
  ],
  [
    'Lowongan Admin Server',
    'Dicari sysadmin berpengalaman Linux, firewall, dan pengujian penetrasi. Kirim lamaran ke surel kami.',
  ],
  ['Berita Duka', 'Turut berduka cita atas wafatnya mantan bupati. Pemakaman dilaksanakan siang ini.'],
  ['Pameran Buruh', 'Serikat buruh menyampaikan tuntutan upah. Bupati menerima perwakilan buruh. Aksi berjalan damai.'],
  ['Hutan Adat', 'Penyerahan surat keputusan hutan adat. Masyarakat adat berterima kasih tanah leluhur dikembalikan.'],
  ['Kuis Literasi', 'Soal 1: apa kepanjangan CSIRT? Jawaban dikirim lewat surel. Hadiah buku untuk sepuluh pemenang.'],
  [
    'Migrasi Server',
    'Server berpindah ke pusat data nasional. Layanan dihentikan sementara Sabtu malam. Mohon maaf atas gangguan.',
  ],
  [
    'Welcome',
    'Welcome to our school website. Thanks to our team and all members for the support. Contact us by email.',
  ],
  [
    'Terms',
    'Your data has been stored according to our policy. Your account may be suspended if your password has been compromised. We are committed to your security.',
  ],
  [
    'Penetration Test Report',
    'Our team exploited a vulnerable plugin and obtained a shell on the test server. Root access was not achieved. Recommendations follow.',
  ],
  ['FAQ', 'Bagaimana bila akun saya dibajak? Segera ubah kata sandi dan hubungi admin. Mengapa server lambat?'],
  ['Puisi Siswa', 'Aku datang membawa rindu, di beranda rumah tua. Pintu tak terkunci, ibu menunggu. - Rani, kelas 9'],
  ['Pencak Silat', 'Tim kami mengalahkan lawan dan merebut emas. Pasukan kami siap bertanding lagi. Salam satu jiwa.'],
]

const gambling: readonly Short[] = [
  ['Bosku mau gacor?', 'Gas bosku! Modal 20rb jadi jutaan, jp tiap hari. Login pakai akun dana, langsung spin.'],
  [
    'Ramalan angka jitu',
    'Kode alam malam ini: 4D 7712, 2D 12 21. Shio kelinci. HK SGP SDY lengkap. Pasang di bandar langganan.',
  ],
  [
    'Review Casino',
    'Our top picks of online casinos with welcome bonus, free spins and fast payouts. Play responsibly, 18+.',
  ],
  ['Cuan tiap malam', 'Scatter turun terus, petir x500 nyambar. Situs paling gampang menang, depo pakai qris 10 ribu.'],
  ['Nonton sabung ayam', 'Live sabung ayam SV388 tiap hari, taruhan mulai 10 ribu, minimal depo kecil.'],
  ['Main domino', 'Poker domino ceme capsa di satu akun, bonus referral 20%, kartu bagus winrate tinggi.'],
  [
    'Pasar taruhan',
    'Mix parlay malam ini, over under, voor setengah, odds terbaik. Pasang taruhan bola di agen resmi.',
  ],
  ['Toko Sepatu', 'SLOT88 | Link login slot gacor server Thailand | Rp 8.888 | Stok: tersedia | Ulasan 4,9'],
  [
    'Jurnal Ilmiah Vol 3',
    'Rahasia pola gacor olympus dengan RTP 98 persen: kajian pemain slot dapat scatter beruntun dan maxwin.',
  ],
  ['Olahraga', 'Aviator dan spaceman: cash out sebelum jatuh. Taruhan kecil menang besar. Daftar gratis.'],
  [
    'Kabar Desa',
    'Panen raya tiba. NAGA169 situs paling jujur, RTP 97 persen, wd kilat masuk rekening, coba demo dulu baru depo.',
  ],
  [
    'Putaran Emas',
    'Putar roda, kumpulkan pengganda sampai x1000. Saldo masuk dalam hitungan menit, ditarik kapan saja.',
  ],
  [
    'Bermain sambil rebahan',
    'Cukup sepuluh ribu, bawa pulang jutaan. Kakek zeus lagi royal, buruan masuk kamar nomor tujuh.',
  ],
  ['Liga Malam', 'Pasang skor, pilih tim, menang bayar penuh. Odds tinggi untuk tiga laga malam ini. Akun gratis.'],
  [
    'Hasil Undian Hongkong Hari Ini',
    'Nomor keluar 8821. Prize 1 2 3 lengkap. Data pengeluaran tahun 2019 sampai 2024. Tabel paito.',
  ],
  [
    'Kartu Remi Online',
    'Meja VIP, dealer cantik, taruhan kecil. Bakarat, roulette, sicbo, dragon tiger langsung dari studio.',
  ],
  ['Cheat Slot', 'Download aplikasi pola slot apk gratis, injector scatter, akun wso pasti jackpot.'],
  [
    'Testimoni Member',
    'Kemarin depo 50 ribu wd 3 juta, admin ramah. Terima kasih koko, besok main lagi di meja olympus.',
  ],
  [
    'Lucky Spin',
    'Spin the wheel and win real cash. Deposit 10 get 100. VIP cashback, crypto accepted, instant withdrawals.',
  ],
  [
    'Bet Smarter',
    'Daily betting tips, odds boosts and free bets from trusted bookmakers. Sign up now and claim your wager.',
  ],
  ['Agen Resmi', 'Agen resmi sbobet, ibcbet, bola tangkas, tembak ikan dan keno dalam satu dompet.'],
  [
    'Tips Pemain Baru',
    'Naikkan bet bertahap, beli fitur saat simbol bagus, berhenti sewaktu untung. Provider favorit: PG Soft dan Habanero.',
  ],
  ['Diskusi', 'Ada yang tahu situs toto yang bayar? Saya pakai KAYA4D aman, potongan 66 persen, hadiah 10 juta.'],
]

const gamblingClean: readonly Short[] = [
  [
    'Undian Wajib Pajak',
    'Bayar pajak tepat waktu dan menangkan hadiah motor. Undian disaksikan notaris. Pemenang diumumkan di situs resmi.',
  ],
  ['Arisan RT', 'Arisan ibu-ibu dikocok tiap bulan. Bukan lotre, semua dapat giliran. Daftar ke bu RT.'],
  ['Pelabuhan', 'Syahbandar mengatur slot sandar kapal. Bandar lama direvitalisasi. Jadwal kapal hari ini.'],
  ['Koperasi', 'Simpanan wajib dan deposito berjangka. Bonus anggota dibagikan akhir tahun. Login anggota koperasi.'],
  ['Pulsa', 'Loket pembayaran listrik dan pulsa. Deposit agen minimal 50 ribu. Promo cashback. Bukan judi.'],
  [
    'Turnamen Esports',
    'Slot tim terbatas 32. Daftar gratis, jackpot hadiah 5 juta. Link pendaftaran di bio. Mabar bareng Karang Taruna.',
  ],
  ['Paduan Suara Gacor', 'Suara taruna gacor membahana saat latihan. Juara lomba paduan suara tingkat provinsi.'],
  [
    'Kuliah Probabilitas',
    'Contoh: mesin slot dengan tiga gulungan, peluang jackpot 1 per 1000. Rolet dan poker dipakai sebagai soal. Mahasiswa menghitung nilai harapan.',
  ],
  [
    'Hotel di Makau',
    'Kunjungan studi banding ke Makau. Kasino besar menyumbang pajak pariwisata. Delegasi menginap dua malam.',
  ],
  ['Fatwa', 'Hukum membeli lotre dan togel adalah haram menurut MUI. Umat diimbau menjauhi segala bentuk judi.'],
  [
    'Siaran Pers Pemblokiran',
    'Sebanyak 12.000 konten judi daring diputus aksesnya: slot 60 persen, togel 20 persen, sabung ayam 5 persen, kasino 15 persen.',
  ],
  [
    'Kronologi Situs Dinas Disusupi',
    'Pukul 21.00 tim menemukan ribuan halaman slot gacor dan togel di folder unggahan. Berkas dihapus, kata sandi diganti. Google diminta menghapus indeks.',
  ],
  [
    'Lomba Burung',
    'Kelas murai ekor panjang, slot gantangan 60. Tiket daftar 150 ribu. Burung gacor dan fighter juara.',
  ],
  [
    'Anggota DPRD Main Slot Saat Rapat',
    'Video anggota dewan bermain slot saat rapat beredar. Badan kehormatan memanggil yang bersangkutan. Ia meminta maaf.',
  ],
  [
    'Kisah Pulih',
    'Dulu saya main slot tiap malam. Deposit dari pinjaman, rumah terjual. Kini saya ikut konseling dan berhenti.',
  ],
  ['Roda Ekonomi', 'Roda ekonomi berputar. UMKM cuan berkat pasar malam. Omzet naik jutaan rupiah tiap malam.'],
  [
    'Bonus Demografi',
    'Indonesia meraih bonus demografi. Peluang menang di tangan anak muda. Daftar pelatihan gratis, akun resmi dinas.',
  ],
  [
    'Hasil Undian Tabungan',
    'Nomor undian tabungan bank daerah yang keluar: 8821, 7712. Hadiah utama mobil. Pajak ditanggung pemenang.',
  ],
  ['Paito', 'Kursus melukis: paito warna, palet, kuas. Jadwal Sabtu. Pendaftaran lewat tautan.'],
  ['Permainan Tradisional', 'Lomba gasing, kelereng, domino dan catur. Pemenang dapat kambing. Dilarang berjudi.'],
  ['Wisata Kuda', 'Pacuan kuda tradisional tanpa taruhan. Penonton membludak, tiket 10 ribu.'],
  [
    'Aplikasi Keuangan',
    'Top up saldo, tarik tunai tanpa kartu, cashback dan promo member. Deposito bunga 5 persen. Login dengan sidik jari.',
  ],
  [
    'Literasi Digital',
    'Anak mengenal kata gacor, slot dan depo dari gim. Orang tua diminta mendampingi. Jangan tergiur bonus.',
  ],
  [
    'Survei',
    'Sebanyak 63 persen responden pernah melihat iklan slot, togel dan kasino di media sosial. Survei dilakukan pada 1.200 orang.',
  ],
  [
    'Rapat Koordinasi',
    'Gubernur meminta bupati menutup warung yang menjadi agen togel. Camat melaporkan tiga lokasi sabung ayam dibubarkan.',
  ],
  [
    'Jadwal Televisi',
    'Slot siaran kampanye: pukul 19.00 paslon 1, pukul 20.00 paslon 2. Slot iklan gratis dibiayai KPU.',
  ],
  ['Gim Edukasi', 'Spin roda pertanyaan, kumpulkan poin, raih jackpot buku. Gim dibuat siswa SMK.'],
  [
    'Ensiklopedia: Lotre',
    'Lotre adalah undian dengan nomor. Di Indonesia pernah ada SDSB dan Porkas yang dihentikan pada 1993.',
  ],
]

const pagesOf = (is: DevPage['is'], group: string, pages: readonly Short[]): DevPage[] =>
  pages.map(([title, text], n) => ({ name: `${group} ${n + 1}: ${title}`, is, title, text }))

export const morePages: readonly DevPage[] = [
  ...pagesOf('defaced', 'intruder', defaced),
  ...pagesOf('clean', 'about intruders', clean),
  ...pagesOf('gambling', 'offer', gambling),
  ...pagesOf('clean', 'about gambling', gamblingClean),
]
