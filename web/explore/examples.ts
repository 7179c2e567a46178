// Which questions does the help of Explore show? Each is run by a test.

export interface Example {
  readonly q: string
  readonly id: string
  readonly en: string
}

export const examples: readonly Example[] = [
  { q: 'source.ip:203.0.113.9', id: 'Satu alamat asal', en: 'One source address' },
  { q: 'ip:203.0.113.0/24', id: 'Jaringan, asal maupun tujuan', en: 'A network, as source or destination' },
  {
    q: 'user.name:"root" event.outcome:failure',
    id: 'Gagal masuk sebagai root; jarak berarti "dan"',
    en: 'Log-ins as root that failed; a space means "and"',
  },
  { q: 'score>=70 NOT dataset:sshd', id: 'Skor tinggi, bukan dari sshd', en: 'High scores, not of sshd' },
  {
    q: 'severity:(critical high) region:32',
    id: 'Kritis atau tinggi di Jawa Barat beserta kabupaten/kotanya',
    en: 'Critical or high in West Java with its districts',
  },
  {
    q: 'message:"union select"',
    id: 'Baris yang memuat teks ini, huruf besar-kecil bebas',
    en: 'Lines that hold this text, in any case',
  },
  {
    q: '"/etc/passwd" OR "../.."',
    id: 'Teks tanpa nama kolom dicari di baris asli',
    en: 'Text without a field is looked for in the line',
  },
  {
    q: 'url.path:/wp-* http.response.status_code:200..299',
    id: 'Tanda bintang dan rentang',
    en: 'Wildcards and ranges',
  },
  {
    q: '(dataset:sshd OR dataset:sudo) -user.name:deploy',
    id: 'Kelompok; tanda minus berarti "bukan"',
    en: 'Groups; a minus means "not"',
  },
  {
    q: 'rule.id:* asset_id:situs-kpu',
    id: 'Ada aturan yang cocok pada satu aset',
    en: 'Some rule matched, on one asset',
  },
  {
    q: 'fields.device.timestamp:*',
    id: 'Yang tidak punya kolom sendiri: fields.NAMA',
    en: 'What has no column of its own: fields.NAME',
  },
  {
    q: 'user:admin* timestamp>="2024-11-27 00:00 WIB"',
    id: 'Pelaku atau sasaran; waktu dengan zona',
    en: 'Who acted or was acted on; a time with its zone',
  },
  { q: 'skor:40..69 tingkat<=sedang negara:ID', id: 'Nama Indonesia juga boleh', en: 'Indonesian names work too' },
]
