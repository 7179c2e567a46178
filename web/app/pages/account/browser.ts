// Which browser is this? A few words from what it says of itself; enough to know one's own again.
import { t } from '../../language.ts'

const names: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(?:e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]

export function browserOf(agent: string): string {
  const named = (list: typeof names): string | undefined => list.find(([sign]) => sign.test(agent))?.[1]
  const found = [named(names), named(systems)].filter((word) => word !== undefined)
  if (found.length > 0) return found.join(' · ')
  return agent === '' ? t('Peramban tidak dikenal', 'Unknown browser') : agent.slice(0, 60)
}
