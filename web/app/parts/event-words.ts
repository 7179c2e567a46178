// What do values of an event's columns say in words? Outcomes, categories and what was done; a value that has none stays as it is written in questions.
import { labelWords } from '../../../schemas/daily.ts'
import { phaseName } from './phases.ts'
import { regionName } from './region-names.ts'
import { type Words, wordOf } from './words.ts'

const outcomes: Words = {
  success: ['berhasil', 'success'],
  failure: ['gagal', 'failure'],
  unknown: ['tidak diketahui', 'unknown'],
}
const actions: Words = {
  http_request: ['permintaan web', 'HTTP request'],
  ssh_login: ['masuk lewat SSH', 'SSH log-in'],
  login: ['masuk', 'log-in'],
  logout: ['keluar', 'log-out'],
  incident_report: ['laporan insiden', 'incident report'],
  nihil_report: ['laporan nihil', 'nihil report'],
  heartbeat: ['detak pengumpul', 'heartbeat'],
  app_login: ['masuk ke aplikasi', 'log-in to an application'],
  vpn_login: ['masuk lewat VPN', 'VPN log-in'],
  http_auth: ['masuk di situs', 'log-in on a site'],
  honeypot_login: ['masuk ke umpan', 'log-in to a honeypot'],
  pam_auth: ['pemeriksaan kata sandi', 'check of a password'],
  password_change: ['ganti kata sandi', 'change of a password'],
  sudo_command: ['perintah sudo', 'sudo command'],
  ssh_connection: ['sambungan SSH', 'SSH connection'],
  connection: ['sambungan', 'connection'],
  connection_error: ['sambungan gagal', 'failed connection'],
  network_flow: ['aliran jaringan', 'network flow'],
  ids_alert: ['peringatan IDS', 'IDS alert'],
  waf_block: ['ditolak WAF', 'blocked by the WAF'],
  attack_stopped: ['serangan ditahan', 'attack stopped'],
  dns_query: ['pertanyaan DNS', 'DNS query'],
  tls_handshake: ['jabat tangan TLS', 'TLS handshake'],
  certificate_seen: ['sertifikat terlihat', 'certificate seen'],
  file_seen: ['berkas terlihat', 'file seen'],
  web_error: ['galat server web', 'web server error'],
  page_not_found: ['halaman tidak ada', 'page not found'],
  db_connect: ['sambungan basis data', 'database connection'],
  db_disconnect: ['basis data ditutup', 'database disconnect'],
  db_command: ['perintah basis data', 'database command'],
  query_error: ['kueri gagal', 'failed query'],
}
const byColumn: Readonly<Record<string, Words>> = {
  event_outcome: outcomes,
  event_category: labelWords,
  event_action: actions,
}

/** Undefined: the value says it by itself. */
export function eventWord(column: string, value: string): string | undefined {
  if (value === '') return undefined
  if (column === 'region_code') return regionName(value)
  if (column === 'phase') return phaseName(value)
  const words = byColumn[column]
  return words === undefined ? undefined : wordOf(words, value)
}
