// What is a column of events called, in a word or two? Its technical name stands beside it, as questions are written with it.
import type { ExploreField } from '../../../schemas/explore-api.ts'
import { language } from '../language.ts'

/** Of columns that people see most, and of those whose description is a sentence. */
const short: Readonly<Record<string, readonly [id: string, en: string]>> = {
  score: ['Skor', 'Score'],
  timestamp: ['Waktu kejadian', 'Time'],
  ingested_at: ['Disimpan', 'Stored'],
  received_at: ['Diterima', 'Received'],
  region_code: ['Wilayah', 'Region'],
  source_id: ['Sumber log', 'Source'],
  dataset: ['Format log', 'Format'],
  event_category: ['Kategori', 'Category'],
  event_action: ['Tindakan', 'Action'],
  event_outcome: ['Hasil', 'Outcome'],
  event_code: ['Kode kejadian', 'Event code'],
  source_ip: ['Alamat asal', 'Source address'],
  destination_ip: ['Alamat tujuan', 'Destination address'],
  user_name: ['Pengguna', 'User'],
  user_target_name: ['Pengguna yang dituju', 'Target user'],
  host_name: ['Host', 'Host'],
  asset_id: ['Aset', 'Asset'],
  message: ['Baris asli', 'Line'],
  phase: ['Tahapan', 'Phase'],
  election: ['Pemilihan', 'Election'],
  rule_ids: ['Aturan', 'Rules'],
  rule_name: ['Nama dari perangkat', 'Name by the device'],
  source_port: ['Port asal', 'Source port'],
  source_country: ['Negara asal', 'Source country'],
  source_as_name: ['Jaringan asal', 'Source network'],
  source_scanner: ['Pemindai yang dikenal', 'Known scanner'],
  destination_port: ['Port tujuan', 'Destination port'],
  process_name: ['Program', 'Program'],
  process_command_line: ['Baris perintah', 'Command line'],
  url_domain: ['Situs yang diminta', 'Site asked for'],
  url_path: ['Jalur yang diminta', 'Path asked for'],
  http_method: ['Cara permintaan', 'Method'],
  http_status_code: ['Jawaban server', 'Answer of the server'],
  user_agent_original: ['Peramban atau alat', 'Browser or tool'],
  dns_question_name: ['Nama yang dicari', 'Name looked up'],
  tls_server_name: ['Nama situs (TLS)', 'Name of the site (TLS)'],
  file_name: ['Berkas', 'File'],
  file_hash: ['Sidik berkas', 'Hash of the file'],
}

/** Has it a word of its own here? */
export const hasWord = (column: string): boolean => Object.hasOwn(short, column)

export function columnWord(column: string, field: Pick<ExploreField, 'id' | 'en'> | undefined): string {
  const words = hasWord(column) ? short[column] : undefined
  const en = language.value === 'en'
  if (words !== undefined) return en ? words[1] : words[0]
  const plain = column.replaceAll('_', ' ')
  const said = en || field === undefined ? plain : (field.id.split(/[:,(;]/)[0] ?? plain).trim()
  return said.slice(0, 1).toUpperCase() + said.slice(1)
}
