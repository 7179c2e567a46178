// What came of what somebody did? Said to those who see and those who hear.
import { useEffect } from 'preact/hooks'
import { t } from '../../language.ts'
import { said } from './act.ts'

export function Said() {
  // What was said on another page is not about this one.
  useEffect(() => {
    said.value = undefined
  }, [])
  const now = said.value
  return (
    <div role="status" aria-live="polite" class={`said${now?.failed === true ? ' failed' : ''}`}>
      {now !== undefined && (
        <p>
          {now.text}{' '}
          <button type="button" class="quiet" onClick={() => (said.value = undefined)}>
            {t('Tutup', 'Close')}
          </button>
        </p>
      )}
    </div>
  )
}
