// What does the page show while there is nothing to show? Loading, empty, failed, without a line: said the same way everywhere.
import type { ComponentChildren } from 'preact'
import { ApiError } from '../api.ts'
import { t } from '../language.ts'

export function Loading() {
  return (
    <p class="state" role="status">
      <span class="spinner" aria-hidden="true" /> {t('Memuat …', 'Loading …')}
    </p>
  )
}

export function Empty({ children }: { children?: ComponentChildren }) {
  return <p class="state empty">{children ?? t('Belum ada apa-apa di sini.', 'Nothing here yet.')}</p>
}

export function Failed({ error, again }: { error: unknown; again?: (() => void) | undefined }) {
  const [what, action] =
    error instanceof ApiError
      ? [error.what, error.action]
      : [
          t('Ada yang keliru di halaman ini.', 'Something went wrong on this page.'),
          t('Muat ulang halaman.', 'Load the page again.'),
        ]
  return (
    <div class="state failed" role="alert">
      <p>
        <strong>{what}</strong> {action}
      </p>
      {again && (
        <button type="button" onClick={again}>
          {t('Coba lagi', 'Try again')}
        </button>
      )}
    </div>
  )
}

/** A question mark that explains a term; opens by pointer, keyboard and touch. */
export function Help({ id, en }: { id: string; en: string }) {
  return (
    <details class="help">
      <summary aria-label={t('Apa ini?', 'What is this?')}>?</summary>
      <span role="note">{t(id, en)}</span>
    </details>
  )
}
