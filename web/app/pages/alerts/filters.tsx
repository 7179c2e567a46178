// How does somebody choose which alerts are shown? Fields whose choice stands in the address of the page.
import { useRef } from 'preact/hooks'
import { number } from '../../format.ts'
import { t } from '../../language.ts'
import { severities, severityWord } from '../../parts/severity.tsx'
import { counts } from './feed.ts'
import { type Filter, MINE, NOBODY, noFilter, type OrderChoice, type StatusChoice } from './filter.ts'
import { ruleTitle } from './title.ts'
import { entityText } from './words.ts'

interface Props {
  readonly filter: Filter
  readonly change: (part: Partial<Filter>) => void
}

const statuses: readonly (readonly [StatusChoice, string, string])[] = [
  ['aktif', 'Belum selesai', 'Not closed'],
  ['terbuka', 'Terbuka', 'Open'],
  ['ditanggapi', 'Ditanggapi', 'Acknowledged'],
  ['ditangani', 'Ditangani', 'In work'],
  ['ditutup', 'Ditutup', 'Closed'],
  ['semua', 'Semua', 'All'],
]
const sorts: readonly (readonly [OrderChoice, string, string])[] = [
  ['tenggat', 'Tenggat', 'Deadline'],
  ['skor', 'Skor', 'Score'],
  ['baru', 'Terbaru', 'Newest'],
  ['perubahan', 'Perubahan', 'Last change'],
]
const ages: readonly (readonly [string, string, string])[] = [
  ['<1', '1 jam terakhir', 'Last hour'],
  ['<24', '24 jam terakhir', 'Last 24 hours'],
  ['<168', '7 hari terakhir', 'Last 7 days'],
  ['>4', 'Lebih lama dari 4 jam', 'Older than 4 hours'],
  ['>24', 'Lebih lama dari 1 hari', 'Older than a day'],
]
const PAUSE_MS = 400

export function Filters({ filter, change }: Props) {
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined)
  const known = counts.value
  const search = (q: string): void => {
    clearTimeout(typing.current)
    typing.current = setTimeout(() => change({ q: q.trim() }), PAUSE_MS)
  }
  const kept = JSON.stringify({ ...filter, sort: noFilter.sort }) !== JSON.stringify(noFilter)
  return (
    <search>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label class="wide">
          {t('Cari', 'Search')}
          <input
            id="alert-search"
            type="search"
            value={filter.q}
            maxLength={200}
            placeholder={t('judul, alamat, aset, nomor', 'title, address, asset, id')}
            onInput={({ currentTarget }) => search(currentTarget.value)}
          />
        </label>
        <label>
          {t('Urutkan', 'Sort by')}
          <select
            value={filter.sort}
            onChange={({ currentTarget: { value } }) =>
              change({ sort: sorts.find(([one]) => one === value)?.[0] ?? 'tenggat' })
            }
          >
            {sorts.map(([value, id, en]) => (
              <option key={value} value={value}>
                {t(id, en)}
              </option>
            ))}
          </select>
        </label>
        <details class="more-filters" open={kept}>
          <summary>{t('Saringan', 'Filter')}</summary>
          <div>
            <label>
              {t('Status', 'Status')}
              <select
                value={filter.status}
                onChange={({ currentTarget: { value } }) =>
                  change({ status: statuses.find(([one]) => one === value)?.[0] ?? 'aktif' })
                }
              >
                {statuses.map(([value, id, en]) => (
                  <option key={value} value={value}>
                    {t(id, en)}
                  </option>
                ))}
              </select>
            </label>
            <label>
              {t('Sekurangnya', 'At least')}
              <select
                value={filter.severity}
                onChange={({ currentTarget: { value } }) =>
                  change({ severity: severities.find((one) => one === value) ?? '' })
                }
              >
                <option value="">{t('semua tingkat', 'any severity')}</option>
                {severities.map((severity) => (
                  <option key={severity} value={severity}>
                    {severityWord(severity)}
                  </option>
                ))}
              </select>
            </label>
            <Choice
              label={t('Wilayah', 'Region')}
              all={t('semua wilayah', 'any region')}
              value={filter.region}
              choices={(known?.regions ?? [])
                .filter(({ code }) => code !== '')
                .map(({ code, name, alerts }) => [code, `${code} ${name} (${number(alerts)})`])}
              onChange={(region) => change({ region })}
            />
            <Choice
              label={t('Pemegang', 'Assignee')}
              all={t('siapa saja', 'anybody')}
              value={filter.assignee}
              choices={[
                [MINE, t('saya', 'me')],
                [NOBODY, t('belum ada', 'nobody')],
                ...(known?.assignees ?? []).map(({ name, alerts }) => [name, `${name} (${number(alerts)})`] as const),
              ]}
              onChange={(assignee) => change({ assignee })}
            />
            <Choice
              label={t('Aturan', 'Rule')}
              all={t('semua aturan', 'any rule')}
              value={filter.rule}
              choices={(known?.rules ?? []).map(({ id, title, alerts }) => [
                id,
                `${ruleTitle(id, title)} (${number(alerts)})`,
              ])}
              onChange={(rule) => change({ rule })}
            />
            <Choice
              label={t('Umur', 'Age')}
              all={t('semua umur', 'any age')}
              value={filter.age}
              choices={ages.map(([value, id, en]) => [value, t(id, en)])}
              onChange={(age) => change({ age })}
            />
            {filter.case !== '' && (
              <span class="chip whole">
                {t('kasus', 'case')} {filter.case}
              </span>
            )}
            {filter.entity !== '' && <span class="chip">{entityText(filter.entity)}</span>}
            {kept && (
              <button type="button" onClick={() => change({ ...noFilter, sort: filter.sort })}>
                {t('Hapus saringan', 'Clear filter')}
              </button>
            )}
          </div>
        </details>
      </form>
    </search>
  )
}

interface ChoiceProps {
  readonly label: string
  /** What stands for no choice. */
  readonly all: string
  readonly value: string
  readonly choices: readonly (readonly [value: string, text: string])[]
  readonly onChange: (value: string) => void
}

/** What is chosen stays in the list, also when there is none of it any more. */
function Choice({ label, all, value, choices, onChange }: ChoiceProps) {
  const shown = value === '' || choices.some(([one]) => one === value) ? choices : [[value, value] as const, ...choices]
  return (
    <label>
      {label}
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <option value="">{all}</option>
        {shown.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
