// What came of what somebody did? Said to those who see and those who hear.
import { t } from '../../language.ts'
import { said } from './act.ts'

export function Said() {
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
