// What do people ask of events most? Questions in the small language; a test reads each of them.

/** What is asked where nothing is said: events that a person may want to see. Most others are visits, and Siaga's own notes. */
export const USUAL = 'score>=20'

export const frequent: readonly (readonly [q: string, id: string, en: string])[] = [
  [USUAL, 'Perlu dilihat (skor 20+)', 'Worth a look (score 20+)'],
  ['severity:(critical high)', 'Kritis dan tinggi', 'Critical and high'],
  ['event.outcome:failure', 'Yang gagal', 'Failures'],
  ['dataset:siaga.report', 'Laporan ruang', 'Reports of rooms'],
  ['', 'Semua kejadian', 'Every event'],
]
