// What does an action need to be told? A reason, a person or another alert, asked for in a dialogue.
import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { AlertVerb } from '../../../../schemas/alert.ts'
import type { AlertItem } from '../../../../schemas/alert-api.ts'
import { t } from '../../language.ts'
import { session } from '../../session.ts'
import { act, acting, newPress, said } from './act.ts'
import { counts } from './feed.ts'
import { alertTitle } from './title.ts'
import { say, verbHints, verbWords } from './words.ts'

export interface Question {
  readonly verb: AlertVerb
  readonly ids: readonly string[]
  /** For `link` and `merge`: alerts of the same case to choose from. */
  readonly others?: readonly AlertItem[]
}

interface Props {
  readonly question: Question
  /** `done`: at least one was changed. */
  readonly close: (done: boolean, changed: readonly AlertItem[]) => void
}

export function Asking({ question: { verb, ids, others = [] }, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const press = useMemo(newPress, [verb, ids.join()])
  const text = useSignal('')
  useEffect(() => {
    said.value = undefined
    dialog.current?.showModal()
  }, [])
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const value = text.value.trim()
    const part =
      verb === 'assign'
        ? { assignee: value }
        : verb === 'link' || verb === 'merge'
          ? { other: value }
          : { reason: value }
    const changed = await act({ verb, ids, ...part }, press)
    if (changed.length > 0) close(true, changed)
  }
  const hint = verbHints[verb]
  return (
    <dialog ref={dialog} class="asking" aria-labelledby="asking-title" onClose={() => close(false, [])}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="asking-title">
          {say(verbWords[verb])}: {ids.length === 1 ? ids[0] : t(`${ids.length} peringatan`, `${ids.length} alerts`)}
        </h2>
        {hint && <p class="soft">{say(hint)}</p>}
        <Field verb={verb} others={others} onText={(value) => (text.value = value)} />
        {said.value?.failed === true && (
          <p class="state failed" role="alert">
            {said.value.text}
          </p>
        )}
        <p class="buttons">
          <button type="submit" disabled={acting.value}>
            {say(verbWords[verb])}
          </button>
          <button type="button" onClick={() => close(false, [])}>
            {t('Batal', 'Cancel')}
          </button>
        </p>
      </form>
    </dialog>
  )
}

interface FieldProps {
  readonly verb: AlertVerb
  readonly others: readonly AlertItem[]
  readonly onText: (text: string) => void
}

function Field({ verb, others, onText }: FieldProps) {
  if (verb === 'assign') {
    const names = new Set([
      session.value?.account.name ?? '',
      ...(counts.value?.assignees.map(({ name }) => name) ?? []),
    ])
    return (
      <label>
        {t('Nama', 'Name')}
        <input
          required
          maxLength={200}
          list="asking-people"
          onInput={({ currentTarget }) => onText(currentTarget.value)}
        />
        <datalist id="asking-people">
          {[...names].filter(Boolean).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </label>
    )
  }
  if (verb === 'link' || verb === 'merge')
    return (
      <label>
        {t('Nomor peringatan lain', 'Id of the other alert')}
        <input
          required
          maxLength={64}
          placeholder="A-…"
          list="asking-others"
          autocapitalize="characters"
          spellcheck={false}
          onInput={({ currentTarget }) => onText(currentTarget.value)}
        />
        <datalist id="asking-others">
          {others.map((other) => (
            <option key={other.id} value={other.id}>
              {alertTitle(other)}
            </option>
          ))}
        </datalist>
      </label>
    )
  return (
    <label>
      {verb === 'comment' ? t('Komentar', 'Comment') : t('Alasan, dalam satu kalimat', 'Reason, in a sentence')}
      <textarea required maxLength={4000} rows={3} onInput={({ currentTarget }) => onText(currentTarget.value)} />
    </label>
  )
}
