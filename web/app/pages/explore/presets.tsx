// How does somebody ask what people ask most? Links that run when they are pressed; the one that is asked is marked.
import { t } from '../../language.ts'
import { frequent } from './frequent.ts'

export function Presets({ q, hrefOf }: { q: string; hrefOf: (q: string) => string }) {
  const asked = q.trim()
  return (
    <nav class="presets" aria-label={t('Pertanyaan yang sering', 'Frequent questions')}>
      {frequent.map(([one, id, en]) => (
        <a key={one} href={hrefOf(one)} aria-current={one === asked ? 'true' : undefined}>
          {t(id, en)}
        </a>
      ))}
    </nav>
  )
}
