// Which keys work on this page? One list, by which they act and are shown; whoever does not want them switches them off.
import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../../language.ts'

export interface Key {
  readonly keys: readonly string[]
  readonly does: () => unknown
  /** Of keys that lead on and may be held down: whether arrows are meant for them now. */
  readonly goesOn?: () => boolean
  readonly id: string
  readonly en: string
}

const OFF = 'siaga.keys-off'
/** Whoever works by speech or sees nothing may not want single letters to act (WCAG 2.1.4). */
const off = signal(localStorage.getItem(OFF) === '1')

/** Where letters are text, or the browser's own. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input:not([type=checkbox]), textarea, select, dialog, summary') !== null
  )
}

/** Lets them act while the page is there. */
export function useKeys(keys: readonly Key[]): readonly Key[] {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return
      if (off.value && event.key.length === 1 && event.key !== '?') return
      const key = latest.current.find((one) => one.keys.includes(event.key))
      // Enter belongs to what has the focus.
      if (key === undefined || event.key === 'Enter') return
      if (event.repeat && key.goesOn === undefined) return
      if (event.key.startsWith('Arrow') && key.goesOn?.() === false) return
      event.preventDefault()
      key.does()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
  return keys
}

export function KeyList({ keys, close }: { keys: readonly Key[]; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const flip = (): void => {
    off.value = !off.value
    localStorage.setItem(OFF, off.value ? '1' : '0')
  }
  return (
    <dialog ref={dialog} class="asking" aria-labelledby="keys-title" onClose={close}>
      <h2 id="keys-title">{t('Tombol', 'Keys')}</h2>
      <table>
        <tbody>
          {keys.map((key) => (
            <tr key={key.keys[0]}>
              <th scope="row">
                {key.keys.map((one) => (
                  <kbd key={one}>{one.replace('ArrowDown', '↓').replace('ArrowUp', '↑')}</kbd>
                ))}
              </th>
              <td>{t(key.id, key.en)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <label class="line-up">
        <input type="checkbox" checked={!off.value} onChange={flip} /> {t('Tombol huruf aktif', 'Letters act')}
      </label>
      <p class="buttons">
        <button type="button" onClick={close}>
          {t('Tutup', 'Close')}
        </button>
      </p>
    </dialog>
  )
}
