// What does a score mean in words, and by which shape is it known? The borders are those of the rollups.
import { t } from '../../language.ts'

/** From none (0) to critical (4). */
export const levels = [
  { name: 'none', from: 0, sign: '·', id: 'tanpa', en: 'none' },
  { name: 'low', from: 20, sign: '▽', id: 'rendah', en: 'low' },
  { name: 'medium', from: 40, sign: '◇', id: 'sedang', en: 'medium' },
  { name: 'high', from: 70, sign: '▲', id: 'tinggi', en: 'high' },
  { name: 'critical', from: 90, sign: '◆', id: 'kritis', en: 'critical' },
] as const

export function levelOf(score: number): (typeof levels)[number] {
  return levels.findLast(({ from }) => score >= from) ?? levels[0]
}

export const levelName = (level: (typeof levels)[number]): string => t(level.id, level.en)
