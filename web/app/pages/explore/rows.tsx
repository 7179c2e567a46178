// Which events were found? A page of them as a table, in the columns that were chosen; each opens whole.
import { useRef } from 'preact/hooks'
import type { ExploreField } from '../../../../schemas/explore-api.ts'
import { language, t } from '../../language.ts'
import { columnWord } from '../../parts/column-words.ts'
import { eventWord } from '../../parts/event-words.ts'
import { shown } from '../../parts/hostile.ts'
import { SeverityMark, severityOfScore } from '../../parts/severity.tsx'
import type { Page } from './asking.ts'
import { moment } from './moment.ts'

/** Columns behind those that are shown: score, timestamp, _stream, _partition, _offset. */
const KEY_COLUMNS = 5

export interface RowKey {
  readonly timestamp: string
  readonly stream: string
  readonly partition: number
  readonly offset: string
}

function keyOf(row: readonly unknown[]): RowKey {
  const [, timestamp, stream, partition, offset] = row.slice(-KEY_COLUMNS)
  return { timestamp: String(timestamp), stream: String(stream), partition: Number(partition), offset: String(offset) }
}

export const keyText = ({ stream, partition, offset }: RowKey): string => `${stream}/${partition}/${offset}`

interface Props {
  readonly page: Page
  readonly fields: readonly ExploreField[]
  readonly open: string | undefined
  readonly onOpen: (key: RowKey) => void
}

export function Rows({ page, fields, open, onOpen }: Props) {
  const names = page.names.slice(0, -KEY_COLUMNS)
  const body = useRef<HTMLTableSectionElement>(null)
  const keys = (event: KeyboardEvent): void => {
    const by =
      event.key === 'ArrowDown' || event.key === 'j' ? 1 : event.key === 'ArrowUp' || event.key === 'k' ? -1 : 0
    if (by === 0) return
    const buttons = [...(body.current?.querySelectorAll('button') ?? [])]
    const now = buttons.findIndex((button) => button.matches(':focus'))
    buttons[Math.max(0, Math.min(buttons.length - 1, now + by))]?.focus()
    event.preventDefault()
  }
  return (
    <div class="rows">
      <table>
        <caption class="unseen">
          {t('Kejadian; panah atas dan bawah berpindah baris', 'Events; up and down go from row to row')}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t('Waktu', 'Time')}</th>
            {names.map((name) => (
              <th key={name} scope="col" title={titleOf(name, fields)}>
                {columnWord(name, fields.find(isOf(name)))}
                <small class="mono">{name}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={keys}>
          {page.rows.map((row) => {
            const key = keyOf(row)
            const id = keyText(key)
            return (
              <tr key={id} class={id === open ? 'open' : undefined}>
                <td class="when">
                  <button type="button" class="quiet" aria-expanded={id === open} onClick={() => onOpen(key)}>
                    {moment(key.timestamp)}
                  </button>
                </td>
                {names.map((name, at) => (
                  <td
                    key={name}
                    class={name === 'message' || name.startsWith('url_') ? 'mono long' : isSaid(name) ? 'said' : 'mono'}
                  >
                    <Cell name={name} value={row[at]} />
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

/** Columns whose values have words or names. */
const isSaid = (name: string): boolean => name === 'region_code' || name === 'phase' || name.startsWith('event_')

function Cell({ name, value }: { name: string; value: unknown }) {
  if (name === 'score') {
    return (
      <SeverityMark severity={severityOfScore(Number(value))} said={false}>
        {String(value)}
      </SeverityMark>
    )
  }
  if (name === 'timestamp' || name === 'received_at' || name === 'ingested_at') return <>{moment(String(value))}</>
  const word = typeof value === 'string' ? eventWord(name, value) : undefined
  if (word !== undefined) return <span title={shown(value)}>{word}</span>
  return <>{Number(value) === 0 && value !== '' && typeof value === 'number' ? '' : shown(value)}</>
}

/** Fields of ours (region, severity) look at a column that has a field of its own. */
const isOf =
  (name: string) =>
  ({ column, kind }: ExploreField): boolean =>
    column === name && kind !== 'region' && kind !== 'severity'

function titleOf(column: string, fields: readonly ExploreField[]): string {
  const field = fields.find(isOf(column))
  return field === undefined ? column : `${field.name}: ${language.value === 'en' ? field.en : field.id}`
}
