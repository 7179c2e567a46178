// What does it rest on? Raw lines of its worst findings with what matched marked; a line is the text of whoever attacks, and stays text.
import { signal, useSignalEffect } from '@preact/signals'
import type { AlertDetail, FactorItem } from '../../../../schemas/alert-api.ts'
import type { EvidencePage, Mark } from '../../../../schemas/alert-page-api.ts'
import { dateTime } from '../../format.ts'
import { t } from '../../language.ts'
import { columnWord, hasWord } from '../../parts/column-words.ts'
import { exploreHref } from '../../parts/links.ts'
import { useLoad } from '../../parts/load.ts'
import { phaseName } from '../../parts/phases.ts'
import { Failed, Help, Loading } from '../../parts/states.tsx'
import { may } from '../../session.ts'
import { MarkedLine } from './marked-line.tsx'
import { ruleTitle } from './title.ts'

const HOUR_MS = 3_600_000

/** All factors of events, as far as they are known, by event. */
export const allFactors = signal<ReadonlyMap<string, readonly FactorItem[]>>(new Map())

export function EvidenceOf({ alert }: { alert: AlertDetail }) {
  const loaded = useLoad<EvidencePage>(() => `/v1/alerts/${encodeURIComponent(alert.id)}/evidence`)
  useSignalEffect(() => {
    allFactors.value = new Map(loaded.data.value?.events.map(({ id, factors }) => [id, factors]))
  })
  const page = loaded.data.value
  return (
    <section class="card evidence" aria-labelledby="evidence">
      <h2 id="evidence">
        {t('Bukti', 'Evidence')}{' '}
        <Help
          id="Baris log seperti diterima. Yang ditandai tebal adalah yang dicari aturan; bergaris bawah: yang cocok beserta sekitarnya; bertitik: siapa atau apa yang bersangkutan."
          en="Log lines as received. Marked strongly: what the rule looks for; underlined: what matched with a little around it; dotted: whom or what it is about."
        />
      </h2>
      {page === undefined && loaded.error.value === undefined && <Loading />}
      {loaded.error.value !== undefined && <Failed error={loaded.error.value} again={loaded.again} />}
      {page?.known === false && (
        <p class="state failed">
          {t(
            'Penyimpanan tidak menjawab: baris aslinya tidak dapat dibaca sekarang.',
            'The store does not answer: the raw lines cannot be read now.',
          )}{' '}
          <button type="button" onClick={loaded.again}>
            {t('Coba lagi', 'Try again')}
          </button>
        </p>
      )}
      {page?.events.map((event) => (
        <Line key={event.id} event={event} alert={alert} />
      ))}
      {page?.known === true && page.missing > 0 && (
        <p class="soft">
          {t(
            `${page.missing} kejadian lain tidak ada (lagi) di penyimpanan, atau bukan untuk ruang Anda.`,
            `${page.missing} more events are not (or no more) in the store, or not for your room.`,
          )}
        </p>
      )}
      {page?.events.length === 0 && <Found alert={alert} />}
    </section>
  )
}

/** Fields of the line's own format have no word; they say what they are by their name. */
const fieldWord = (field: string): string => (hasWord(field) ? columnWord(field, undefined) : '')

type EvidenceEvent = EvidencePage['events'][number]

function Line({ event, alert }: { event: EvidenceEvent; alert: AlertDetail }) {
  const at = Date.parse(event.at)
  const findings = alert.worst.filter(({ event_id }) => event_id === event.id)
  return (
    <figure>
      <figcaption>
        <time dateTime={event.at}>{dateTime(at)}</time> · {event.source} · {event.dataset} · {t('skor', 'score')}{' '}
        {event.score}
        {may('explore') && (
          <>
            {' · '}
            <a href={exploreHref('event.id', event.id, at - HOUR_MS, at + HOUR_MS)}>
              {t('buka di Jelajah', 'open in Explore')}
            </a>
          </>
        )}
        {findings.map(({ finding_id, rule_id, title }) => (
          <span key={finding_id} class="finding">
            {ruleTitle(rule_id, title)}
          </span>
        ))}
      </figcaption>
      <MarkedLine text={event.message} marks={event.marks} />
      {event.cut && <p class="soft">{t('Baris ini lebih panjang.', 'The line is longer.')}</p>}
      <Unmarked event={event} alert={alert} marks={event.marks} />
      <details>
        <summary>{t(`Yang terbaca (${event.fields.length})`, `What was read (${event.fields.length})`)}</summary>
        <table>
          <tbody>
            {event.fields.map(({ field, value }) => (
              <tr key={field}>
                <th scope="row">
                  {fieldWord(field)} <small class="mono soft">{field}</small>
                </th>
                <td class="mono">
                  <MarkedLine text={field === 'phase' ? phaseName(value) : value} marks={[]} small />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}

/** What matched and stands nowhere in the line as it was written: said beside it. */
function Unmarked({ event, alert, marks }: { event: EvidenceEvent; alert: AlertDetail; marks: readonly Mark[] }) {
  const marked = new Set(marks.filter(({ kind }) => kind !== 'observable').map(({ field }) => field))
  const rest = alert.worst
    .filter(({ event_id }) => event_id === event.id)
    .flatMap(({ evidence }) => evidence)
    .filter(({ field }) => !marked.has(field))
  if (rest.length === 0) return null
  return <Values values={rest} />
}

/** Of findings without a line: of counts, silence, probes. */
function Found({ alert }: { alert: AlertDetail }) {
  const values = alert.worst[0]?.evidence ?? []
  if (values.length === 0)
    return <p class="soft">{t('Temuan ini tidak punya baris log.', 'This finding has no log line.')}</p>
  return <Values values={values} />
}

function Values({ values }: { values: readonly { readonly field: string; readonly value: string }[] }) {
  return (
    <dl class="facts">
      {values.map(({ field, value }) => (
        <>
          <dt>
            {fieldWord(field)} <small class="mono">{field}</small>
          </dt>
          <dd>
            <MarkedLine text={value} marks={[]} small />
          </dd>
        </>
      ))}
    </dl>
  )
}
