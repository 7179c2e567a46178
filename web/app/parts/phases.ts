// What are the phases of an election called?
import { t } from '../language.ts'

export function phaseName(phase: string): string {
  switch (phase) {
    case 'persiapan':
      return t('Persiapan', 'Preparation')
    case 'kampanye':
      return t('Kampanye', 'Campaign')
    case 'masa_tenang':
      return t('Masa tenang', 'Quiet period')
    case 'pemungutan':
      return t('Pemungutan suara', 'Voting')
    case 'rekapitulasi':
      return t('Rekapitulasi', 'Counting')
    case 'sengketa':
      return t('Sengketa hasil', 'Disputes')
    default:
      return phase
  }
}

/** `pemilu-2029` as people write it. Calendars name elections by such ids. */
export function electionName(election: string): string {
  return election
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ')
}
