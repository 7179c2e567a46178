// How is something shown that is shown only once? The text, a button that copies it, a QR code where a phone is to read it.
import { useSignal } from '@preact/signals'
import { t } from '../language.ts'
import './secret.css'

/** A text to be copied; says so when it was. */
export function Copyable({ text, label }: { text: string; label: string }) {
  const copied = useSignal<'' | 'yes' | 'no'>('')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      copied.value = 'yes'
    } catch {
      // By plain http browsers have no clipboard.
      copied.value = 'no'
    }
  }
  return (
    <div class="copyable">
      <input
        class="mono"
        aria-label={label}
        value={text}
        readOnly
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <button type="button" onClick={() => void copy()}>
        {t('Salin', 'Copy')}
      </button>
      <span role="status" class="soft">
        {copied.value === 'yes' && t('✓ Tersalin', '✓ Copied')}
        {copied.value === 'no' && t('Pilih lalu salin dengan Ctrl+C', 'Select and copy with Ctrl+C')}
      </span>
    </div>
  )
}
