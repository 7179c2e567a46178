// What does ClickHouse answer? A statement, its values, its answer as table or chart; saved hunts and the statements of this browser beside it.
import './console.css'
import { useComputed, useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { ListedHunt, SqlCatalog } from '../../../../schemas/sql-api.ts'
import { ask } from '../../api.ts'
import { t } from '../../language.ts'
import { shown } from '../../parts/hostile.ts'
import { QueryProgress } from '../../parts/progress.tsx'
import { Failed } from '../../parts/states.tsx'
import { createEditor, type Editor } from './editor.ts'
import { forgetHistory, keepStatement, readHistory } from './history.ts'
import { HuntNote, Hunts } from './hunts.tsx'
import { defaultsOf, Parameters } from './parameters.tsx'
import { parametersOf } from './parameters-of.ts'
import { Results } from './results.tsx'
import { createRunning } from './running.ts'

const DRAFT = 'siaga.sql.draft'
const first = `SELECT dataset, count() AS peristiwa, max(score) AS skor_tertinggi
FROM siaga.events
WHERE timestamp >= now() - INTERVAL 1 HOUR AND ingested_at >= now() - INTERVAL 2 HOUR
GROUP BY dataset
ORDER BY peristiwa DESC
LIMIT 100`

export function Console() {
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<Editor | undefined>(undefined)
  const running = useMemo(createRunning, [])
  const { query } = useLocation()
  // A statement that a link brings along waits to be run; what was being written stays kept until it is changed.
  const text = useSignal(query.q || (sessionStorage.getItem(DRAFT) ?? first))
  const values = useSignal<Readonly<Record<string, string>>>({})
  const hunt = useSignal<ListedHunt | undefined>(undefined)
  const history = useSignal(readHistory())
  const catalog = useSignal<SqlCatalog | undefined>(undefined)
  const parameters = useComputed(() => parametersOf(text.value))
  /** Where the statement that was run begins in the text. */
  const begin = useRef(0)

  const run = (): void => {
    const now = editor.current
    if (now === undefined) return
    const { text: statement, from } = now.statement()
    if (statement.trim() === '') return
    begin.current = from
    now.mark(undefined)
    history.value = keepStatement(statement)
    const named = parametersOf(statement)
    const params = Object.fromEntries(named.map(({ name }) => [name, values.value[name] ?? '']))
    void running.run(statement, params).then(() => {
      const at = running.failed.value?.at
      if (at != null) now.mark(begin.current + at)
    })
  }
  const runNow = useRef(run)
  runNow.current = run

  useEffect(() => {
    if (host.current === null) return
    const made = createEditor(host.current, {
      text: text.value,
      label: t('Pernyataan SQL', 'SQL statement'),
      hint: 'SELECT …',
      onRun: () => runNow.current(),
      onChange: (now) => {
        text.value = now
        sessionStorage.setItem(DRAFT, now.slice(0, 60_000))
      },
    })
    editor.current = made
    const stop = new AbortController()
    ask<SqlCatalog>('/api/sql/catalog', { signal: stop.signal }).then(
      (found) => {
        catalog.value = found
        made.learn(found)
      },
      // Without it there is no completion; the statement can be run all the same.
      () => undefined,
    )
    return () => {
      stop.abort()
      running.leave()
      made.destroy()
    }
  }, [])

  const take = (chosen: ListedHunt): void => {
    hunt.value = chosen
    values.value = defaultsOf(chosen, Date.now())
    editor.current?.replace(chosen.query)
    editor.current?.focus()
  }
  const failed = running.failed.value
  const answer = running.answer.value
  return (
    <div class="console">
      <h1>SQL</h1>
      <div class="work">
        <div class="statement">
          <div class="editor" ref={host} />
          <Parameters parameters={parameters.value} values={values} hunt={hunt.value} />
          <div class="tools">
            <button type="button" class="main" onClick={run} disabled={running.busy.value}>
              {t('Jalankan', 'Run')}
            </button>
            <span class="soft">
              {t(
                'Ctrl+Enter menjalankan pernyataan di kursor, atau yang dipilih. Hanya membaca, sebagai ruang Anda. Waktu UTC.',
                'Ctrl+Enter runs the statement at the cursor, or what is selected. Reads only, as your room. Times are UTC.',
              )}
            </span>
          </div>
          {running.busy.value && <QueryProgress progress={running.progress.value} onCancel={running.stop} />}
          {running.stopped.value && (
            <p class="state" role="status">
              {t('Dihentikan, di server juga.', 'Stopped, on the server too.')}
            </p>
          )}
          {running.failure.value !== undefined && <Failed error={running.failure.value} />}
          {failed !== undefined && (
            <div class="state failed" role="alert">
              <p>
                <strong>{t(failed.refusal.pesan, failed.refusal.message)}</strong>{' '}
                {t(failed.refusal.tindakan, failed.refusal.action)}
              </p>
              {failed.detail !== '' && <p class="mono">{shown(failed.detail)}</p>}
              {failed.at !== null && <p>{placeOf(text.value, begin.current + failed.at)}</p>}
            </div>
          )}
          {hunt.value !== undefined && text.value === hunt.value.query && (
            <HuntNote
              hunt={hunt.value}
              onLeave={() => {
                hunt.value = undefined
              }}
            />
          )}
          {answer !== undefined && <Results key={answer.done.query_id} answer={answer} />}
        </div>
        <aside>
          <Hunts onTake={take} />
          <Tables catalog={catalog.value} />
          <details class="side card">
            <summary>{t('Riwayat di peramban ini', 'History of this browser')}</summary>
            <p class="soft">
              {t(
                'Teksnya saja. Yang diawali spasi atau memuat nomor warga tidak disimpan.',
                'Texts alone. What begins with a space or holds a number of a citizen is not kept.',
              )}
            </p>
            <ul>
              {history.value.map((one) => (
                <li key={one}>
                  <button type="button" class="quiet mono" onClick={() => editor.current?.replace(one)}>
                    {one.slice(0, 160)}
                  </button>
                </li>
              ))}
            </ul>
            {history.value.length > 0 && (
              <button
                type="button"
                onClick={() => {
                  forgetHistory()
                  history.value = []
                }}
              >
                {t('Hapus riwayat', 'Forget the history')}
              </button>
            )}
          </details>
        </aside>
      </div>
    </div>
  )
}

function placeOf(text: string, at: number): string {
  const lines = text.slice(0, at).split('\n')
  const line = lines.length
  const column = (lines.at(-1) ?? '').length + 1
  return t(`Baris ${line}, huruf ${column}: ditandai di atas.`, `Line ${line}, character ${column}: marked above.`)
}

function Tables({ catalog }: { catalog: SqlCatalog | undefined }) {
  return (
    <details class="side card">
      <summary>{t('Tabel dan kolom', 'Tables and columns')}</summary>
      {(catalog?.tables ?? []).map(({ name, comment, columns }) => (
        <details key={name}>
          <summary class="mono">{name}</summary>
          <p class="soft">{comment}</p>
          <dl>
            {columns.map((column) => (
              <div key={column.name}>
                <dt class="mono">
                  {column.name} <span class="soft">{column.type}</span>
                </dt>
                <dd>{column.comment}</dd>
              </div>
            ))}
          </dl>
        </details>
      ))}
    </details>
  )
}
