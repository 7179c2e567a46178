// What is one event, whole? Score with its factors, the raw line, every field, and from each field a way to more of it.
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { ExploreField } from '../../../../schemas/explore-api.ts'
import { ask } from '../../api.ts'
import { language, t } from '../../language.ts'
import { columnWord } from '../../parts/column-words.ts'
import { eventWord } from '../../parts/event-words.ts'
import { factorDetail, factorName } from '../../parts/factor-words.ts'
import { shown, visible } from '../../parts/hostile.ts'
import { condition } from '../../parts/links.ts'
import { SeverityMark, severityOfScore } from '../../parts/severity.tsx'
import { Failed, Help, Loading } from '../../parts/states.tsx'
import { entityOf } from './entity.tsx'
import { moment, wholeMoment } from './moment.ts'
import type { RowKey } from './rows.tsx'

interface Props {
  readonly at: RowKey
  readonly fields: readonly ExploreField[]
  readonly onAlso: (more: string) => void
  readonly hrefOf: (q: string) => string
  readonly onClose: () => void
}

export function EventDetail({ at, fields, onAlso, hrefOf, onClose }: Props) {
  const event = useSignal<Readonly<Record<string, unknown>> | undefined>(undefined)
  const failure = useSignal<unknown>(undefined)
  const turn = useSignal(0)
  const heading = useRef<HTMLHeadingElement>(null)
  const id = `${at.stream}/${at.partition}/${at.offset}`
  const again = turn.value
  useEffect(() => {
    const stop = new AbortController()
    failure.value = undefined
    event.value = undefined
    heading.current?.focus()
    ask<{ event: Record<string, unknown> }>('/api/explore/event', {
      method: 'POST',
      body: at,
      signal: stop.signal,
    }).then(
      (answer) => {
        event.value = answer.event
      },
      (error: unknown) => {
        if (!stop.signal.aborted) failure.value = error
      },
    )
    return () => stop.abort()
  }, [id, again])
  return (
    <section class="event card" aria-labelledby="event-title" onKeyDown={(key) => key.key === 'Escape' && onClose()}>
      <header>
        <h2 id="event-title" tabIndex={-1} ref={heading}>
          {wholeMoment(at.timestamp)}
        </h2>
        <button type="button" onClick={onClose}>
          {t('Tutup', 'Close')}
        </button>
      </header>
      {failure.value !== undefined && (
        <Failed
          error={failure.value}
          again={() => {
            turn.value += 1
          }}
        />
      )}
      {event.value === undefined && failure.value === undefined && <Loading />}
      {event.value !== undefined && <Whole event={event.value} fields={fields} onAlso={onAlso} hrefOf={hrefOf} />}
    </section>
  )
}

function Whole({
  event,
  fields,
  onAlso,
  hrefOf,
}: { event: Readonly<Record<string, unknown>> } & Pick<Props, 'fields' | 'onAlso' | 'hrefOf'>) {
  const score = Number(event.score)
  const told = fields.filter(
    ({ column, kind }) => column !== '' && kind !== 'region' && kind !== 'severity' && says(event[column]),
  )
  const map = event.fields
  return (
    <>
      <p>
        <SeverityMark severity={severityOfScore(score)} /> · {t('skor', 'score')} {score}{' '}
        <Help
          id="Skor 0–100: peluang dalam seratus bahwa seseorang perlu melihatnya. Jumlah poin di bawah menentukan skor; sepuluh poin menggandakan peluang kira-kira 2,7 kali."
          en="Score 0–100: chance in a hundred that a person should look. It follows from the sum of the points below; ten points raise the odds by about 2.7."
        />
      </p>
      <Factors factors={event.factors} />
      <h3>{t('Baris asli', 'The line')}</h3>
      <pre class="raw">{visible(String(event.message ?? ''))}</pre>
      <h3>{t('Kolom', 'Fields')}</h3>
      <table class="fields">
        <tbody>
          {told
            .filter(({ column }) => column !== 'message' && column !== 'factors' && column !== 'fields')
            .map((field) => (
              <FieldRow key={field.name} field={field} value={event[field.column]} onAlso={onAlso} hrefOf={hrefOf} />
            ))}
          {typeof map === 'object' &&
            map !== null &&
            Object.entries(map).map(([name, value]) => (
              <tr key={`fields.${name}`}>
                <th scope="row">{visible(`fields.${name}`)}</th>
                <td class="mono">{shown(value)}</td>
                <td>
                  {/^[\w.@/-]+$/.test(name) && (
                    <Pick label={`fields.${name}`} text={condition(`fields.${name}`, String(value))} onAlso={onAlso} />
                  )}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </>
  )
}

function FieldRow({
  field,
  value,
  onAlso,
  hrefOf,
}: { field: ExploreField; value: unknown } & Pick<Props, 'onAlso' | 'hrefOf'>) {
  const text = Array.isArray(value) ? value.map(String) : [String(value)]
  const [first = ''] = text
  const entity = text.length === 1 ? entityOf(`${field.name}:"${first.replace(/["\\]/g, '\\$&')}"`) : undefined
  const said = text.length === 1 ? eventWord(field.column, first) : undefined
  return (
    <tr>
      <th scope="row" title={language.value === 'en' ? field.en : field.id}>
        {columnWord(field.column, field)} <small class="mono">{field.name}</small>
      </th>
      <td class="mono">
        {field.kind === 'time' ? moment(first) : visible(text.join(', '))}
        {said !== undefined && <small class="soft"> {said}</small>}
      </td>
      <td>
        {field.kind !== 'time' && text.length === 1 && (
          <Pick label={field.name} text={condition(field.name, first)} onAlso={onAlso} />
        )}
        {entity !== undefined && (
          <a href={hrefOf(condition(field.name, first))}>{t('Semua tentang ini', 'All about it')}</a>
        )}
      </td>
    </tr>
  )
}

function Pick({ label, text, onAlso }: { label: string; text: string; onAlso: (more: string) => void }) {
  return (
    <>
      <button
        type="button"
        class="quiet"
        aria-label={`${t('Hanya yang ini', 'Only this')}: ${visible(label)}`}
        onClick={() => onAlso(text)}
      >
        +
      </button>
      <button
        type="button"
        class="quiet"
        aria-label={`${t('Tanpa yang ini', 'Without this')}: ${visible(label)}`}
        onClick={() => onAlso(`NOT ${text}`)}
      >
        −
      </button>
    </>
  )
}

interface Factor {
  readonly name: string
  readonly points: number
  readonly detail: string
}

function isFactor(value: unknown): value is Factor {
  return typeof value === 'object' && value !== null && 'name' in value && 'points' in value && 'detail' in value
}

function Factors({ factors }: { factors: unknown }) {
  const list = Array.isArray(factors) ? factors.filter(isFactor) : []
  if (list.length === 0) return null
  const most = Math.max(1, ...list.map(({ points }) => Math.abs(points)))
  return (
    <table class="factors">
      <caption>{t('Asal-usul skor', 'How the score came about')}</caption>
      <tbody>
        {list
          .toSorted((a, b) => Math.abs(b.points) - Math.abs(a.points))
          .map(({ name, points, detail }) => (
            <tr key={`${name} ${detail}`}>
              <th scope="row">{visible(factorName(name))}</th>
              <td class="number">{points > 0 ? `+${points}` : points}</td>
              <td class="weight">
                <svg viewBox="-50 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect
                    class={points < 0 ? 'less' : 'more'}
                    x={points < 0 ? (points / most) * 50 : 0}
                    y={1}
                    width={(Math.abs(points) / most) * 50}
                    height={8}
                  />
                </svg>
              </td>
              <td>{visible(factorDetail({ name, detail }))}</td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}

/** Nothing is not told: '' and 0 mean unknown. */
function says(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return value !== undefined && value !== '' && value !== 0 && value !== '0'
}
