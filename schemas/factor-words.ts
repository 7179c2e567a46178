// What are the factors of a score called, in both languages? By their names in docs/scoring.md; no zod: the page reads it too.

export const factorNames: Readonly<Record<string, { readonly id: string; readonly en: string }>> = {
  prior: { id: 'sebelum ada bukti apa pun', en: 'before any evidence' },
  asset: { id: 'pentingnya sistem', en: 'criticality of the system' },
  phase: { id: 'tahap pemilu', en: 'phase of the election' },
  device_severity: { id: 'tingkat menurut perangkat', en: 'severity that a device gave' },
  indicator: { id: 'cocok dengan intelijen ancaman', en: 'indicator of threat intelligence matched' },
  failed_login: { id: 'gagal masuk', en: 'a log-in failed' },
  failed_login_privileged: { id: 'yang dicoba akun administrator', en: 'of an administrator' },
  attack_succeeded: { id: 'serangan dijawab berhasil oleh server', en: 'attack answered with success' },
  known_scanner: { id: 'pemindai yang dikenal', en: 'known scanner' },
  silence: { id: 'sumber yang biasanya ramai diam', en: 'a source that is usually busy is silent' },
  region_blind: { id: 'tidak ada kabar dari wilayah itu', en: 'nothing is heard from the region' },
  probes_blind: { id: 'banyak pemeriksaan gagal bersamaan', en: 'many probes fail at once' },
  collector_stopped: { id: 'pengumpul berhenti', en: 'a collector stopped' },
  pipeline_stopped: { id: 'Siaga berhenti', en: 'Siaga stopped' },
  web_flood: { id: 'tanda banjir permintaan', en: 'sign of a flood' },
  allow_listed: { id: 'alamat ada di daftar izin', en: 'address on the allow list' },
}
