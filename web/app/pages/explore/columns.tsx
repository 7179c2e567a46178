// Which columns does the table show? A box for each, kept in this browser and in the shared address.
import type { ExploreFields } from '../../../../schemas/explore-api.ts'
import { language, t } from '../../language.ts'
import { columnWord } from '../../parts/column-words.ts'
import { defaultColumns } from './address.ts'

interface Props {
  readonly fields: ExploreFields | undefined
  readonly columns: readonly string[]
  readonly onChange: (columns: readonly string[]) => void
}

export function Columns({ fields, columns, onChange }: Props) {
  const flip = (name: string): void => {
    const next = columns.includes(name) ? columns.filter((one) => one !== name) : [...columns, name]
    if (next.length > 0 && next.length <= 40) onChange(next)
  }
  return (
    <details class="menu columns">
      <summary>
        {t('Kolom', 'Columns')} ({columns.length})
      </summary>
      <div>
        <button type="button" onClick={() => onChange(defaultColumns)}>
          {t('Kembalikan bawaan', 'Back to the usual')}
        </button>
        <fieldset>
          <legend class="unseen">{t('Kolom yang ditampilkan', 'Columns that are shown')}</legend>
          {(fields?.columns ?? [])
            .filter((name) => name !== 'timestamp')
            .map((name) => {
              const field = fields?.fields.find(
                ({ column, kind }) => column === name && kind !== 'region' && kind !== 'severity',
              )
              return (
                <label key={name}>
                  <input type="checkbox" checked={columns.includes(name)} onChange={() => flip(name)} />
                  <span title={language.value === 'en' ? field?.en : field?.id}>{columnWord(name, field)}</span>{' '}
                  <span class="mono soft">{name}</span>
                </label>
              )
            })}
        </fieldset>
      </div>
    </details>
  )
}
