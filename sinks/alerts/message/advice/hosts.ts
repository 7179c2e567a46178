// What to do when a computer runs what it should not, files are locked, traces vanish, or threat intelligence knows the address?
import type { Advice } from './kind.ts'

export const hostAdvice = {
  malware: {
    title: { id: 'Program jahat (malware)', en: 'Malware' },
    steps: {
      id: [
        'Putuskan komputer dari jaringan sekarang: cabut kabel jaringan, matikan Wi-Fi. Biarkan komputer MENYALA.',
        'Cabut USB dan cakram yang terpasang dan simpan sebagai bukti, diberi label nama dan jam.',
        'Foto layarnya dengan ponsel, dan catat siapa yang memakai komputer itu dan apa yang terakhir dibuka.',
        'Ganti kata sandi pemakainya dari komputer LAIN dan putuskan semua sesinya.',
        'Minta admin mencari komputer lain yang menghubungi alamat atau menjalankan berkas yang sama (lihat bukti).',
      ],
      en: [
        'Take the computer off the network now: unplug the network cable, switch off Wi-Fi. Leave the computer RUNNING.',
        'Unplug USB sticks and disks and keep them as evidence, labelled with name and time.',
        'Photograph the screen with a phone, and write down who uses the computer and what was opened last.',
        'Change the passwords of that user from ANOTHER computer and end all sessions.',
        'Have the administrator look for other computers that talk to the same address or run the same file (see the evidence).',
      ],
    },
    call: {
      id: 'Telepon TTIS provinsi sekarang. Lebih dari satu komputer, atau komputer sistem pemilu: telepon juga pusat.',
      en: 'Phone the TTIS of the province now. More than one computer, or one of an election system: phone the centre too.',
    },
    never: {
      id: 'Jangan mematikan komputer (bukti di memori hilang), jangan menghapus berkasnya, jangan memasang ulang, jangan menyalin dokumen darinya dengan USB.',
      en: 'Do not switch the computer off (evidence in memory is lost), do not delete the file, do not reinstall, do not copy documents off it by USB.',
    },
    report: 'incident',
  },
  ransomware: {
    title: { id: 'Ransomware atau cadangan dihapus', en: 'Ransomware or deleted backups' },
    steps: {
      id: [
        'SEKARANG: cabut kabel jaringan semua komputer yang terkena dan server berkas. Biarkan menyala, kecuali Anda MELIHAT berkas terus terkunci dan kabel tidak dapat dicabut.',
        'Lepaskan cadangan dari jaringan (cabut kabel NAS, cabut diska cadangan) agar tidak ikut terkunci.',
        'Matikan berbagi berkas dan VPN antarkantor; minta admin mengunci akun admin yang dipakai.',
        'Foto pesan tebusan dan catat jam, nama komputer, dan akhiran nama berkas yang terkunci.',
        'Pastikan salinan data pemilih dan hasil yang terpisah dari jaringan masih utuh; simpan satu di tempat lain.',
        'Lanjutkan pekerjaan dengan cara manual (formulir kertas) sampai TTIS menyatakan aman.',
      ],
      en: [
        'NOW: unplug the network cables of all computers hit and of the file server. Leave them running, unless you SEE files being locked one after another and cannot unplug.',
        'Take backups off the network (cable of the NAS, backup disks) so that they are not locked as well.',
        'Switch off file sharing and VPNs between offices; have the administrator lock the account that was used.',
        'Photograph the ransom note; write down times, names of computers and the ending of locked files.',
        'Make sure that a copy of voter roll and results off the network is whole; keep one elsewhere.',
        'Go on by hand (paper forms) until the TTIS says that it is safe.',
      ],
    },
    call: {
      id: 'Telepon TTIS provinsi DAN pusat sekarang, jam berapa pun. Beri tahu pimpinan kantor.',
      en: 'Phone the TTIS of the province AND the centre now, at any hour. Tell the head of the office.',
    },
    never: {
      id: 'Jangan membayar dan jangan menghubungi pelaku. Jangan menyalakan ulang, jangan memulihkan cadangan sebelum jaringan bersih, jangan menghapus berkas yang terkunci.',
      en: 'Do not pay and do not contact the attackers. Do not restart, do not restore before the network is clean, do not delete locked files.',
    },
    report: 'personal_data',
  },
  planted: {
    title: { id: 'Program ditanam atau dijalankan di server', en: 'Program planted or run on a server' },
    steps: {
      id: [
        'Telepon admin server: apakah Anda atau rekan Anda yang menjalankan perintah ini? Bila ya, catat dan tutup peringatan.',
        'Bila tidak: putuskan server dari jaringan (firewall atau kabel) dan biarkan MENYALA.',
        'Salin berkas, jadwal tugas, dan log yang disebut di bukti ke tempat lain sebelum ada yang dihapus.',
        'Kunci akun yang menjalankannya dan putuskan sesinya.',
        'Periksa server lain dengan akun atau program yang sama.',
      ],
      en: [
        'Phone the administrator of the server: was it you or a colleague who ran this? If so, note it and close the alert.',
        'If not: take the server off the network (firewall or cable) and leave it RUNNING.',
        'Copy the files, scheduled jobs and logs named in the evidence to another place before anything is deleted.',
        'Lock the account that ran it and end its sessions.',
        'Look at other servers with the same account or program.',
      ],
    },
    call: {
      id: 'Admin tidak mengenalinya: telepon TTIS provinsi sekarang. Server sistem pemilu: telepon juga pusat.',
      en: 'The administrator does not know of it: phone the TTIS of the province now. A server of an election system: phone the centre too.',
    },
    never: {
      id: 'Jangan mematikan atau menyalakan ulang server, jangan menghapus program atau jadwalnya sebelum disalin.',
      en: 'Do not switch off or restart the server, do not delete the program or its schedule before it is copied.',
    },
    report: 'incident',
  },
  tracks: {
    title: { id: 'Jejak dihapus atau pengamanan dimatikan', en: 'Traces removed or protection switched off' },
    steps: {
      id: [
        'Telepon admin server: apakah Anda sedang memelihara log, firewall, atau antivirus sekarang? Bila ya, minta dinyalakan lagi dan catat.',
        'Bila tidak: anggap ada penyerang dengan hak admin. Putuskan server dari jaringan dan biarkan MENYALA.',
        'Amankan salinan log yang ada di tempat lain: server log pusat, firewall, cadangan. Siaga menyimpan yang sudah dikirim.',
        'Lihat di bukti siapa yang masuk sesaat sebelumnya; kunci akun itu.',
        'Nyalakan kembali pencatatan log dan pengamanan setelah salinannya aman.',
      ],
      en: [
        'Phone the administrator of the server: are you working on logs, firewall or antivirus right now? If so, have it switched on again and note it.',
        'If not: assume an attacker with administrator rights. Take the server off the network and leave it RUNNING.',
        'Secure copies of logs elsewhere: central log server, firewall, backups. Siaga keeps what was sent to it.',
        'Look in the evidence who logged in shortly before; lock that account.',
        'Switch logging and protection on again once the copies are safe.',
      ],
    },
    call: {
      id: 'Bukan pekerjaan admin: telepon TTIS provinsi sekarang, jam berapa pun.',
      en: 'It was not the administrator: phone the TTIS of the province now, at any hour.',
    },
    never: {
      id: 'Jangan menyalakan ulang server: yang tersisa hanya ada di memori. Jangan "membersihkan" diska.',
      en: 'Do not restart the server: what is left is in its memory only. Do not clean up disks.',
    },
    report: 'incident',
  },
  indicator: {
    title: { id: 'Cocok dengan intelijen ancaman', en: 'Known by threat intelligence' },
    steps: {
      id: [
        'Lihat arahnya di bukti. Dari internet ke situs Anda: blokir alamatnya di firewall. Dari komputer Anda KE alamat itu: komputer itu mungkin terinfeksi, kerjakan butir 2.',
        'Putuskan komputer itu dari jaringan (cabut kabel, matikan Wi-Fi) dan biarkan MENYALA.',
        'Tanyakan kepada pemakainya: apa yang dibuka atau dipasang sebelum jam kejadian? Catat jawabannya.',
        'Minta admin jaringan mencari komputer lain yang menghubungi alamat yang sama, lalu blokir alamat itu untuk semua.',
      ],
      en: [
        'See in the evidence which way it went. From the internet to your site: block the address at the firewall. From a computer of yours TO the address: it may be infected, do step 2.',
        'Take that computer off the network (cable, Wi-Fi) and leave it RUNNING.',
        'Ask its user what was opened or installed before that time. Write the answer down.',
        'Have the network administrator look for other computers that talk to the same address, then block it for all.',
      ],
    },
    call: {
      id: 'Komputer Anda yang menghubungi alamat itu: telepon TTIS provinsi sekarang. Hanya kunjungan dari luar: tanggapi di Siaga.',
      en: 'A computer of yours talked to the address: phone the TTIS of the province now. Visits from outside only: acknowledge in Siaga.',
    },
    never: {
      id: 'Jangan membuka alamat itu di peramban, jangan menyebarkan indikatornya di luar batas TLP, jangan memasang ulang komputer.',
      en: 'Do not open the address in a browser, do not pass the indicator on beyond its TLP, do not reinstall the computer.',
    },
  },
  device: {
    title: { id: 'Peringatan dari perangkat keamanan', en: 'Alert of a security device' },
    steps: {
      id: [
        'Baca nama peringatan dan alamatnya di bukti: siapa yang menyerang, dan komputer mana yang dituju?',
        'Lihat di perangkat: apakah serangan itu DIBLOKIR atau hanya dicatat? Diblokir: tanggapi dan catat.',
        'Hanya dicatat: minta admin jaringan memblokir alamat penyerang dan memeriksa komputer yang dituju.',
        'Bila asalnya komputer Anda sendiri: putuskan dari jaringan dan biarkan MENYALA.',
      ],
      en: [
        'Read the name of the alert and the addresses in the evidence: who attacks, and which computer is the target?',
        'Look at the device: was the attack BLOCKED or only noted? Blocked: acknowledge and note it.',
        'Only noted: have the network administrator block the attacker and look at the target.',
        'If it comes from a computer of yours: take it off the network and leave it RUNNING.',
      ],
    },
    call: {
      id: 'Tidak diblokir dan komputer tujuan bertingkah aneh, atau asalnya dari dalam: telepon TTIS provinsi sekarang.',
      en: 'It was not blocked and the target behaves oddly, or it comes from inside: phone the TTIS of the province now.',
    },
    never: {
      id: 'Jangan mematikan perangkat atau aturannya karena berisik; minta pengecualian lewat Siaga.',
      en: 'Do not switch the device or its rule off because it is noisy; ask for a suppression in Siaga.',
    },
  },
} as const satisfies Readonly<Record<string, Advice>>
