// What is asked? The query bar: it offers fields and values while somebody types, and says where a question is wrong.
import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { ExploreFields, ExploreValues, QueryProblem } from '../../../../schemas/explore-api.ts'
import { ask, query as queryString } from '../../api.ts'
import { language, t } from '../../language.ts'
import { visible } from '../../parts/hostile.ts'

const MOST = 12

interface Offer {
  readonly text: string
  readonly note: string
  /** What it takes the place of. */
  readonly from: number
}

interface Props {
  readonly text: Signal<string>
  readonly fields: ExploreFields | undefined
  /** End of the span: values of that time are offered. */
  readonly to: number
  readonly problem: QueryProblem | undefined
  readonly onSubmit: () => void
}

export function QueryBar({ text, fields, to, problem, onSubmit }: Props) {
  const offers = useSignal<readonly Offer[]>([])
  const at = useSignal(-1)
  const input = useRef<HTMLInputElement>(null)
  const turn = useRef(0)
  useEffect(() => {
    // The mark goes to what is wrong.
    if (problem === undefined) return
    input.current?.focus()
    input.current?.setSelectionRange(problem.at, Math.max(problem.to, problem.at + 1))
  }, [problem])
  const close = (): void => {
    turn.current += 1
    offers.value = []
    at.value = -1
  }
  const offer = async (): Promise<void> => {
    const mine = ++turn.current
    const found = await offersFor(text.value, input.current?.selectionStart ?? text.value.length, fields, to)
    if (mine !== turn.current) return
    offers.value = found
    at.value = -1
  }
  const take = ({ text: chosen, from }: Offer): void => {
    const cursor = input.current?.selectionStart ?? text.value.length
    const end = chosen.endsWith(':') ? '' : ' '
    const rest = text.value.slice(cursor)
    text.value = `${text.value.slice(0, from)}${chosen}${end}${rest.trimStart()}`
    const place = from + chosen.length + end.length
    close()
    requestAnimationFrame(() => {
      input.current?.focus()
      input.current?.setSelectionRange(place, place)
      if (end === '') void offer()
    })
  }
  const keys = (event: KeyboardEvent): void => {
    const { length } = offers.value
    if (event.key === 'Escape' && length > 0) {
      close()
      event.preventDefault()
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && length > 0) {
      at.value =
        (at.value + (event.key === 'ArrowDown' ? 1 : -1) + length + (at.value < 0 && event.key === 'ArrowUp' ? 1 : 0)) %
        length
      event.preventDefault()
    } else if (event.key === 'ArrowDown') void offer()
    else if (event.key === 'Enter') {
      const chosen = offers.value[at.value]
      if (chosen === undefined) close()
      else {
        event.preventDefault()
        take(chosen)
      }
    }
  }
  const open = offers.value.length > 0
  return (
    <search>
      <form
        class="query-bar"
        onSubmit={(event) => {
          event.preventDefault()
          close()
          onSubmit()
        }}
      >
        <div class="query-field">
          <input
            ref={input}
            type="text"
            class="mono"
            aria-label={t('Pertanyaan', 'Question')}
            placeholder={t('misalnya source.ip:203.0.113.9 score>=70', 'such as source.ip:203.0.113.9 score>=70')}
            value={text.value}
            maxLength={4000}
            spellcheck={false}
            autocomplete="off"
            autocapitalize="none"
            role="combobox"
            aria-expanded={open}
            aria-controls="query-offers"
            aria-autocomplete="list"
            aria-activedescendant={open && at.value >= 0 ? `query-offer-${at.value}` : undefined}
            aria-invalid={problem !== undefined}
            aria-errormessage={problem === undefined ? undefined : 'query-problem'}
            onInput={(event) => {
              text.value = event.currentTarget.value
              void offer()
            }}
            onKeyDown={keys}
            onBlur={close}
          />
          <div id="query-offers" role="listbox" aria-label={t('Saran', 'Suggestions')} hidden={!open}>
            {offers.value.map((one, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's
              <div
                key={one.text}
                id={`query-offer-${index}`}
                role="option"
                aria-selected={index === at.value}
                tabIndex={-1}
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => take(one)}
              >
                <span class="mono">{visible(one.text)}</span> <span class="soft">{one.note}</span>
              </div>
            ))}
          </div>
        </div>
        <button type="submit">{t('Cari', 'Search')}</button>
        {problem !== undefined && <Problem problem={problem} text={text.value} />}
      </form>
    </search>
  )
}

function Problem({ problem, text }: { problem: QueryProblem; text: string }) {
  const [what, action] = language.value === 'en' ? [problem.message, problem.action] : [problem.pesan, problem.tindakan]
  const around = text.slice(Math.max(0, problem.at - 20), problem.at)
  const wrong = text.slice(problem.at, problem.to)
  return (
    <p id="query-problem" class="state failed" role="alert">
      <strong>{visible(what)}</strong> {action}
      <br />
      <code>
        {problem.at > 20 ? '…' : ''}
        {visible(around)}
        <mark>{visible(wrong) || '␣'}</mark>
      </code>{' '}
      <span class="soft">
        {t('huruf ke-', 'character ')}
        {problem.at + 1}
      </span>
    </p>
  )
}

const values = new Map<string, Promise<ExploreValues>>()

function valuesOf(field: string, to: number): Promise<ExploreValues> {
  const hour = Math.floor(to / 3_600_000)
  const key = `${field} ${hour}`
  const known = values.get(key)
  if (known !== undefined) return known
  const asked = ask<ExploreValues>(`/api/explore/values${queryString({ field, to })}`)
  values.set(key, asked)
  asked.catch(() => values.delete(key))
  if (values.size > 100) values.delete(values.keys().next().value ?? '')
  return asked
}

/** Fields for a word that begins, values for what stands behind a name. */
async function offersFor(
  text: string,
  cursor: number,
  fields: ExploreFields | undefined,
  to: number,
): Promise<Offer[]> {
  if (fields === undefined) return []
  const before = text.slice(Math.max(0, cursor - 200), cursor)
  const shift = cursor - before.length
  const value = /(?:^|[\s(-])([A-Za-z_@][\w.@/-]{0,63})(?::|!=|=)\(?([^\s()":=]{0,64})$/.exec(before)
  if (value !== null) {
    const [, name = '', begun = ''] = value
    const lower = name.toLowerCase()
    const field = fields.fields.find((one) => one.name.toLowerCase() === lower || one.column === lower)
    if (field?.kind === 'severity') return words(['critical', 'high', 'medium', 'low', 'none'], begun, cursor)
    if (field === undefined || !field.values) return []
    const found = await valuesOf(field.name, to).catch(() => undefined)
    const wanted = begun.toLowerCase()
    return (found?.values ?? [])
      .filter((one) => one.value.toLowerCase().includes(wanted))
      .slice(0, MOST)
      .map((one) => ({
        text: /^[\w.@/-]+$/.test(one.value) ? one.value : `"${one.value.replace(/["\\]/g, '\\$&')}"`,
        note: String(one.events),
        from: cursor - begun.length,
      }))
  }
  const word = /(?:^|[\s(])-?([A-Za-z_@][\w.@/-]{0,63})$/.exec(before)
  const begun = word?.[1] ?? (/(?:^|[\s(])$/.test(before) && before !== '' ? '' : undefined)
  if (begun === undefined || (begun === '' && shift === 0 && before.trim() !== '')) return []
  const wanted = begun.toLowerCase()
  const starting = fields.fields.filter(
    ({ name, column }) => name.toLowerCase().startsWith(wanted) || column.startsWith(wanted),
  )
  const within = fields.fields.filter(
    (one) => !starting.includes(one) && (one.name.includes(wanted) || one.column.includes(wanted)),
  )
  return [...starting, ...within].slice(0, MOST).map((one) => ({
    text: `${one.name}${one.kind === 'map' ? '.' : ':'}`,
    note: language.value === 'en' ? one.en : one.id,
    from: cursor - begun.length,
  }))
}

function words(all: readonly string[], begun: string, cursor: number): Offer[] {
  return all
    .filter((one) => one.startsWith(begun.toLowerCase()))
    .map((text) => ({ text, note: '', from: cursor - begun.length }))
}
