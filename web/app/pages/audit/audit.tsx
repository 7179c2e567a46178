// Audit: who did what, when, from where? The trail of people and programs, and what was asked of the store.
import { useSignal } from '@preact/signals'
import type { AuditKind, AuditPage, AuditRow } from '../../../../schemas/accounts-api.ts'
import { ask, query } from '../../api.ts'
import { clock, day, number } from '../../format.ts'
import { t } from '../../language.ts'
import { fieldsOf, useAct } from '../../parts/act.ts'
import { type Choice, Choices } from '../../parts/choice.tsx'
import { visible } from '../../parts/hostile.ts'
import { useLoad } from '../../parts/load.ts'
import { Empty, Failed, Help, Loading } from '../../parts/states.tsx'
import { actions, actionText } from './actions.ts'
import './audit.css'
import { addressText, deedText, messageOf, personText, pretty } from './deeds.ts'

interface Filter {
  readonly kind: AuditKind
  readonly person: string
  readonly action: string
  readonly outcome: string
  readonly from: string
  readonly to: string
}

const DAY_MS = 86_400_000
const spans: readonly (readonly [days: number, id: string, en: string])[] = [
  [1, '24 jam terakhir', 'last 24 hours'],
  [7, '7 hari terakhir', 'last 7 days'],
  [31, '31 hari terakhir', 'last 31 days'],
  [366, 'setahun terakhir', 'last year'],
]

const lasting = (days: number): Pick<Filter, 'from' | 'to'> => ({
  from: new Date(Date.now() - days * DAY_MS).toISOString(),
  to: new Date(Date.now() + 60_000).toISOString(),
})

const all = (): Choice => ({ value: '', text: t('semua', 'all') })

export function Audit() {
  const filter = useSignal<Filter>({ kind: 'trail', person: '', action: '', outcome: '', ...lasting(7) })
  const more = useSignal<{ readonly of: Filter; readonly pages: readonly AuditPage[] }>({ of: filter.value, pages: [] })
  const { data, error, busy, again } = useLoad<AuditPage>(() => `/api/audit${query({ ...filter.value })}`)
  const older = useAct()
  const submit = (event: SubmitEvent): void => {
    const field = fieldsOf(event)
    const kind = field('kind') === 'queries' ? 'queries' : 'trail'
    filter.value = {
      kind,
      person: field('person'),
      // Questions have tables where deeds have a name.
      action: kind === 'trail' ? field('action') : '',
      outcome: field('outcome'),
      ...lasting(Number(field('days'))),
    }
  }
  const pages =
    data.value === undefined ? [] : [data.value, ...(more.value.of === filter.value ? more.value.pages : [])]
  const next = pages.at(-1)?.next
  const load = async (): Promise<void> => {
    const of = filter.value
    await older.run(async () => {
      const page = await ask<AuditPage>(`/api/audit${query({ ...of, after: next ?? '' })}`)
      if (filter.value === of) more.value = { of, pages: [...pages.slice(1), page] }
    })
  }
  return (
    <>
      <h1>
        {t('Audit', 'Audit')}{' '}
        <Help
          id="Jejak audit disimpan seperti kejadian lain dan tidak dapat diubah dari halaman ini. Pertanyaan ke basis data dicatat tanpa nilainya."
          en="The audit trail is kept like every other event and cannot be changed from this page. Questions to the store are kept without their values."
        />
      </h1>
      <form class="fields" onSubmit={submit}>
        <Choices
          label={t('Apa', 'What')}
          name="kind"
          chosen="trail"
          choices={[
            { value: 'trail', text: t('Tindakan orang dan program', 'What people and programs did') },
            { value: 'queries', text: t('Pertanyaan ke basis data', 'Questions to the store') },
          ]}
        />
        <label>
          {t('Siapa', 'Who')}
          <input name="person" maxLength={100} autocomplete="off" autocapitalize="none" />
        </label>
        <Choices
          label={t('Tindakan', 'Action')}
          name="action"
          chosen=""
          choices={[all(), ...actions.map((action) => ({ value: action, text: actionText(action) }))]}
        />
        <Choices
          label={t('Hasil', 'Outcome')}
          name="outcome"
          chosen=""
          choices={[
            all(),
            { value: 'success', text: t('berhasil', 'worked') },
            { value: 'failure', text: t('gagal', 'failed') },
          ]}
        />
        <Choices
          label={t('Kapan', 'When')}
          name="days"
          chosen="7"
          choices={spans.map(([days, id, en]) => ({ value: String(days), text: t(id, en) }))}
        />
        <div class="row">
          <button type="submit" disabled={busy.value}>
            {t('Tampilkan', 'Show')}
          </button>
        </div>
      </form>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      {data.value === undefined && error.value === undefined && <Loading />}
      {data.value !== undefined && <Rows rows={pages.flatMap(({ rows }) => rows)} />}
      {older.error.value !== undefined && <Failed error={older.error.value} />}
      {next != null && (
        <p>
          <button type="button" disabled={older.busy.value} onClick={() => void load()}>
            {t('Lebih lama', 'Older')}
          </button>
        </p>
      )}
    </>
  )
}

function Rows({ rows }: { rows: readonly AuditRow[] }) {
  if (rows.length === 0)
    return <Empty>{t('Tidak ada yang cocok dalam waktu itu.', 'Nothing matches in that time.')}</Empty>
  const days = Map.groupBy(rows, ({ at }) => day(at))
  return (
    <>
      {[...days].map(([name, entries]) => (
        <section key={name} aria-label={name}>
          <h2>{name}</h2>
          <ol class="trail">
            {entries.map((row) => (
              <Entry key={row.id} row={row} />
            ))}
          </ol>
        </section>
      ))}
    </>
  )
}

function Entry({ row }: { row: AuditRow }) {
  const failed = row.outcome === 'failure'
  // The trail keeps records; of a question its SQL is kept.
  const asked = !row.text.startsWith('{')
  return (
    <li class={failed ? 'failed' : ''}>
      <time dateTime={new Date(row.at).toISOString()}>{clock(row.at)}</time>
      <span>
        <span aria-hidden="true">{failed ? '✗' : '✓'}</span>{' '}
        <strong>{asked ? t('Bertanya', 'Asked') : actionText(row.action)}</strong>
        {failed && ` (${t('gagal', 'failed')})`}
      </span>
      <span class="said">
        <b>{isProgram(row) ? 'Siaga' : personText(row.person)}</b>{' '}
        {asked ? <Question row={row} /> : deedText(messageOf(row.text), row.action)}
        {row.address !== '' && (
          <span class="soft">
            {' '}
            · {t('dari', 'from')} <span class="mono">{addressText(row.address)}</span>
          </span>
        )}
        <details>
          <summary>{t('rincian', 'details')}</summary>
          <pre class="raw">{pretty(row.text)}</pre>
        </details>
      </span>
    </li>
  )
}

/** What Siaga does by itself has neither a name nor an address. */
const isProgram = ({ person, address }: AuditRow): boolean => person === '' && address === ''

function Question({ row }: { row: AuditRow }) {
  return (
    <>
      {t('bertanya tentang', 'asked about')}{' '}
      {row.action === '' ? t('hal lain', 'something else') : visible(row.action.replaceAll('siaga.', ''))}
      <span class="soft">
        {' '}
        · {number(row.duration_ms)} ms · {number(row.read_rows)} {t('baris dibaca', 'rows read')}
      </span>
    </>
  )
}
