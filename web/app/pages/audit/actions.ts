// What are the actions of the audit trail called? In words for people; what is not listed is shown as it is kept.
import { type Words, wordOf } from '../../parts/words.ts'

const names: Words = {
  login: ['Masuk', 'Log-in'],
  logout: ['Keluar', 'Log-out'],
  access_refused: ['Akses ditolak', 'Access refused'],
  account_created: ['Akun dibuat', 'Account made'],
  account_changed: ['Akun diubah', 'Account changed'],
  account_disabled: ['Akun dinonaktifkan', 'Account disabled'],
  account_enabled: ['Akun diaktifkan', 'Account enabled'],
  link_created: ['Tautan dibuat', 'Link made'],
  password_changed: ['Kata sandi diganti', 'Password changed'],
  second_factor_on: ['Faktor kedua aktif', 'Second factor on'],
  second_factor_off: ['Faktor kedua mati', 'Second factor off'],
  recovery_codes_created: ['Kode cadangan dibuat', 'Recovery codes made'],
  session_revoked: ['Sesi diakhiri', 'Session ended'],
  token_created: ['Token dibuat', 'Token made'],
  token_revoked: ['Token dicabut', 'Token revoked'],
  wall_created: ['Tautan layar dibuat', 'Screen link made'],
  wall_opened: ['Layar dibuka', 'Screen opened'],
  wall_revoked: ['Layar dicabut', 'Screen taken down'],
  service_started: ['Layanan mulai', 'Service started'],
  service_stopped: ['Layanan berhenti', 'Service stopped'],
  config_changed: ['Konfigurasi berubah', 'Configuration changed'],
  key_created: ['Kunci API dibuat', 'API key made'],
  key_revoked: ['Kunci API dicabut', 'API key revoked'],
  key_refused: ['Kunci API ditolak', 'API key refused'],
  report_filed: ['Laporan masuk', 'Report filed'],
  report_refused: ['Laporan ditolak', 'Report refused'],
  dead_letters_replayed: ['Kejadian gagal diputar ulang', 'Dead letters replayed'],
  certificate_log_checked: ['Log sertifikat diperiksa', 'Certificate log checked'],
  watch_changed: ['Alamat pantauan berubah', 'Watched addresses changed'],
  watch_refused: ['Alamat pantauan ditolak', 'Watched address refused'],
  feed_updated: ['Umpan diperbarui', 'Feed updated'],
  feed_failed: ['Umpan gagal', 'Feed failed'],
  feed_held: ['Umpan ditahan', 'Feed held'],
  feed_approved: ['Umpan disetujui', 'Feed approved'],
  feed_rejected: ['Umpan ditolak', 'Feed rejected'],
  policy_approved: ['Kebijakan disetujui', 'Policy approved'],
  evidence_exported: ['Bukti diekspor', 'Evidence exported'],
}

export const actions: readonly string[] = Object.keys(names)

export const actionText = (action: string): string => wordOf(names, action) ?? action
