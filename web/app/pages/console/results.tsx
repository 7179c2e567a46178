// What did the server answer? A table in pages, every value as text; to copy and to take along as CSV.
import { useSignal } from '@preact/signals'
import { number } from '../../format.ts'
import { t } from '../../language.ts'
import { shown } from '../../parts/hostile.ts'
import { bytes } from '../../parts/progress.tsx'
import { saveFile } from '../../parts/save-file.ts'
import { Chart, canBeDrawn } from './chart.tsx'
import type { Answer } from './running.ts'

const PAGE = 100
/** Characters of a cell that the table shows. */
const CELL = 2_000

export function Results({ answer }: { answer: Answer }) {
  const page = useSignal(0)
  const drawn = useSignal(false)
  const copied = useSignal('')
  const { names, types, rows, text, format, done } = answer
  const last = Math.max(0, Math.ceil(rows.length / PAGE) - 1)
  const at = Math.min(page.value, last)
  const copy = (what: string): void =>
    void navigator.clipboard?.writeText(what).then(() => {
      copied.value = t('Tersalin.', 'Copied.')
    })
  return (
    <section class="results" aria-label={t('Hasil', 'Answer')}>
      <p role="status">
        <strong>{format === '' ? `${number(done.rows)} ${t('baris', 'rows')}` : `FORMAT ${format}`}</strong> ·{' '}
        {t('dibaca', 'read')} {number(done.read_rows)} {t('baris', 'rows')}, {bytes(done.read_bytes)} ·{' '}
        {number(done.seconds, 2)} s
        {done.cut === 'rows' && (
          <strong class="cut">
            {' '}
            {t(
              'Terpotong: hanya baris-baris pertama yang ditampilkan. Tambahkan LIMIT atau ringkas dengan GROUP BY.',
              'Cut: these are the first rows only. Add a LIMIT, or sum up with GROUP BY.',
            )}
          </strong>
        )}
        {done.cut === 'bytes' && (
          <strong class="cut">
            {' '}
            {t('Terpotong: jawaban terlalu besar untuk halaman ini.', 'Cut: the answer is too large for this page.')}
          </strong>
        )}
      </p>
      {format !== '' && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        <pre class="raw" tabIndex={0}>
          {text === '' && done.cut === 'bytes'
            ? t(
                'Format ini berisi byte, bukan teks. Pakai siaga sql --output.',
                'This format is bytes, not text. Use siaga sql --output.',
              )
            : shown(text)}
        </pre>
      )}
      {format === '' && names.length > 0 && (
        <>
          <div class="tools">
            {canBeDrawn(types) && (
              <button type="button" aria-pressed={drawn.value} onClick={() => (drawn.value = !drawn.value)}>
                {drawn.value ? t('Tabel', 'Table') : t('Grafik', 'Chart')}
              </button>
            )}
            <button type="button" onClick={() => copy(separated(names, rows, '\t'))}>
              {t('Salin (TSV)', 'Copy (TSV)')}
            </button>
            <button type="button" onClick={() => saveFile('siaga-sql.csv', csvOf(names, rows), 'text/csv')}>
              {t('Unduh CSV', 'Download CSV')}
            </button>
            <span role="status">{copied.value}</span>
          </div>
          {drawn.value && canBeDrawn(types) ? (
            <Chart names={names} types={types} rows={rows} />
          ) : (
            <>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
              <section class="rows" tabIndex={0} aria-label={t('Tabel hasil', 'Table of the answer')}>
                <table>
                  <thead>
                    <tr>
                      {names.map((name, index) => (
                        <th
                          key={`${index} ${name}`}
                          scope="col"
                          class={isNumber(types[index]) ? 'number' : undefined}
                          title={types[index]}
                        >
                          {shown(name)}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {rows.slice(at * PAGE, (at + 1) * PAGE).map((row, line) => (
                      <tr key={at * PAGE + line}>
                        {row.map((value, index) => (
                          <td
                            key={`${index} ${names[index]}`}
                            class={isNumber(types[index]) ? 'number' : 'mono'}
                            title={shown(value).slice(0, CELL)}
                          >
                            {value === null ? <span class="soft">NULL</span> : shown(value).slice(0, CELL)}
                          </td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </section>
              {last > 0 && (
                <nav class="pager" aria-label={t('Halaman hasil', 'Pages of the answer')}>
                  <button type="button" disabled={at === 0} onClick={() => (page.value = at - 1)}>
                    {t('Sebelumnya', 'Back')}
                  </button>
                  <span>
                    {number(at * PAGE + 1)}–{number(Math.min(rows.length, (at + 1) * PAGE))} / {number(rows.length)}
                  </span>
                  <button type="button" disabled={at === last} onClick={() => (page.value = at + 1)}>
                    {t('Berikutnya', 'Next')}
                  </button>
                </nav>
              )}
            </>
          )}
        </>
      )}
    </section>
  )
}

const isNumber = (type: string | undefined): boolean => /^(?:Nullable\()?(?:U?Int|Float|Decimal)/.test(type ?? '')

const plain = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

function separated(names: readonly string[], rows: Answer['rows'], by: string): string {
  const line = (cells: readonly unknown[]): string =>
    cells.map((cell) => plain(cell).replace(/[\t\r\n]+/g, ' ')).join(by)
  return [names, ...rows].map(line).join('\n')
}

/** RFC 4180. Text that a spreadsheet would take for a formula gets a ' before it: log lines are written by attackers. */
function csvOf(names: readonly string[], rows: Answer['rows']): string {
  const cell = (value: unknown): string => {
    const text = plain(value)
    const harmless =
      typeof value === 'string' && /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text
    return `"${harmless.replaceAll('"', '""')}"`
  }
  return [names, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')
}
