// How high is a risk? Five levels, each with a word, a number of bars and a colour.
import { t } from '../../language.ts'
import { type Marked, severityOfScore } from '../../parts/severity.tsx'
import type { Watch } from './stand.ts'

export type Level = 0 | 1 | 2 | 3 | 4

/** By points of risk (docs/scoring.md): each level is ten times the one before. */
export function levelOfPoints(points: number): Level {
  if (points >= 10_000) return 4
  if (points >= 1_000) return 3
  if (points >= 100) return 2
  return points >= 10 ? 1 : 0
}

const levels: Readonly<Record<Marked, Level>> = { critical: 4, high: 3, medium: 2, low: 1, informational: 0, none: 0 }

/** By the highest score among events: a level for each severity. */
export const levelOfScore = (score: number): Level => levels[severityOfScore(score)]

export function levelName(level: Level): string {
  switch (level) {
    case 4:
      return t('sangat tinggi', 'very high')
    case 3:
      return t('tinggi', 'high')
    case 2:
      return t('sedang', 'medium')
    case 1:
      return t('rendah', 'low')
    case 0:
      return t('tenang', 'calm')
  }
}

export function watchName(watch: Watch): string {
  switch (watch) {
    case 'ok':
      return t('terpantau', 'monitored')
    case 'part':
      return t('terpantau sebagian', 'partly monitored')
    case 'blind':
      return t('tidak terpantau', 'not monitored')
    case 'none':
      return t('tidak terpantau (tanpa sumber)', 'not monitored (no source)')
  }
}
