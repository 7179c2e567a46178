// How is a level said? By shape, word and colour.
import { t } from '../../language.ts'

export function sayLevel(level: string): string {
  switch (level) {
    case 'critical':
      return t('kritis', 'critical')
    case 'high':
      return t('tinggi', 'high')
    case 'medium':
      return t('sedang', 'medium')
    case 'low':
      return t('rendah', 'low')
    default:
      return t('informasi', 'informational')
  }
}

export function LevelWord({ level }: { level: string }) {
  return <span class={`level level-${level}`}>{sayLevel(level)}</span>
}
