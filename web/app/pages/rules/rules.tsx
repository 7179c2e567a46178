// Aturan: which rules are in force, what do they find, and how often are they wrong?
import '../sources/sources.css'
import { useSignal } from '@preact/signals'
import { useLocation } from 'preact-iso'
import type { RulesAnswer, RuleView } from '../../../../schemas/rules-api.ts'
import { dayOf, number, percent } from '../../format.ts'
import { language, t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { severities as levels, markedOf, SeverityMark, severityWord } from '../../parts/severity.tsx'
import { Empty, Failed, Help, Loading } from '../../parts/states.tsx'
import { RulePage } from './detail.tsx'
import { LooksAt } from './looks-at.tsx'
import { logsourceWord } from './words.ts'

/** Addresses beneath the page: `?aturan=ID`. */
export function Rules() {
  const { query } = useLocation()
  return (
    <div class="rules">
      <h1>{t('Aturan', 'Rules')}</h1>
      {query.aturan ? <RulePage key={query.aturan} id={query.aturan} /> : <RuleList />}
    </div>
  )
}

type Order = 'level' | 'day' | 'month' | 'false' | 'changed' | 'title'
type Level = (typeof levels)[number]

export const titleOf = ({ title, judul }: Pick<RuleView, 'title' | 'judul'>): string =>
  language.value === 'id' && judul !== '' ? judul : title
/** When the rule says that it was last changed, ISO date; '' if it does not say. */
export const changedOf = ({ modified, date }: Pick<RuleView, 'modified' | 'date'>): string => modified || date

const wrong = (rule: RuleView): number => (rule.closed === 0 ? -1 : rule.false_positives / rule.closed)
const orders: Record<Order, (a: RuleView, b: RuleView) => number> = {
  level: (a, b) => levels.indexOf(a.level) - levels.indexOf(b.level) || b.findings.month - a.findings.month,
  day: (a, b) => b.findings.day - a.findings.day || b.findings.month - a.findings.month,
  month: (a, b) => b.findings.month - a.findings.month,
  false: (a, b) => wrong(b) - wrong(a) || b.closed - a.closed,
  changed: (a, b) => (changedOf(a) < changedOf(b) ? 1 : -1),
  title: (a, b) => titleOf(a).localeCompare(titleOf(b)),
}
const SHOWN = 100

function RuleList() {
  const { data, error, again } = useLoad<RulesAnswer>(() => '/api/rules')
  const q = useSignal('')
  const level = useSignal<Level | ''>('')
  const kind = useSignal('')
  const order = useSignal<Order>('month')
  const shown = useSignal(SHOWN)
  const answer = data.value
  if (answer === undefined)
    return error.value === undefined ? <Loading /> : <Failed error={error.value} again={again} />
  const fits = answer.rules
    .filter((rule) => level.value === '' || rule.level === level.value)
    .filter((rule) =>
      kind.value === ''
        ? true
        : kind.value === 'own'
          ? rule.own
          : kind.value === 'base'
            ? rule.base
            : kind.value === 'correlation'
              ? rule.correlation !== ''
              : rule.correlation === '',
    )
    .filter((rule) =>
      `${rule.title} ${rule.judul} ${rule.id} ${rule.attack.join(' ')} ${rule.logsource} ${logsourceWord(rule.logsource) ?? ''}`
        .toLowerCase()
        .includes(q.value.toLowerCase()),
    )
    .sort(orders[order.value])
  return (
    <section aria-label={t('Daftar aturan', 'List of rules')}>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      {answer.problems.length > 0 && (
        <details class="warn">
          <summary>
            {t(
              `▲ ${number(answer.problems.length)} aturan tidak dapat dipakai`,
              `▲ ${number(answer.problems.length)} rules cannot be used`,
            )}
          </summary>
          <ul>
            {answer.problems.slice(0, 50).map((one) => (
              <li key={`${one.file} ${one.line} ${one.reason}`} class="mono">
                {one.file}
                {one.line > 0 && `:${one.line}`} {one.reason}
              </li>
            ))}
          </ul>
        </details>
      )}
      <div class="filters">
        <label>
          {t('Cari', 'Search')}
          <input
            type="search"
            maxLength={100}
            placeholder={t('judul, ID, T1110, sumber log', 'title, id, T1110, log source')}
            onInput={(event) => {
              q.value = event.currentTarget.value
              shown.value = SHOWN
            }}
          />
        </label>
        <label>
          {t('Tingkat', 'Level')}
          <select
            value={level.value}
            onChange={(event) => {
              level.value = levels.find((one) => one === event.currentTarget.value) ?? ''
            }}
          >
            <option value="">{t('semua', 'all')}</option>
            {levels.map((one) => (
              <option key={one} value={one}>
                {severityWord(one)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('Jenis', 'Kind')}
          <select
            value={kind.value}
            onChange={(event) => {
              kind.value = event.currentTarget.value
            }}
          >
            <option value="">{t('semua', 'all')}</option>
            <option value="event">{t('satu kejadian', 'one event')}</option>
            <option value="correlation">{t('korelasi', 'correlations')}</option>
            <option value="base">{t('dasar korelasi', 'bases of correlations')}</option>
            <option value="own">{t('buatan sendiri', 'your own')}</option>
          </select>
        </label>
        <label>
          {t('Urutkan', 'Order')}
          <select
            value={order.value}
            onChange={(event) => {
              order.value = (Object.keys(orders) as Order[]).find((one) => one === event.currentTarget.value) ?? 'month'
            }}
          >
            <option value="month">{t('temuan 30 hari', 'findings, 30 days')}</option>
            <option value="day">{t('temuan 24 jam', 'findings, 24 hours')}</option>
            <option value="false">{t('bagian positif palsu', 'share of false positives')}</option>
            <option value="level">{t('tingkat', 'level')}</option>
            <option value="changed">{t('perubahan terakhir', 'last change')}</option>
            <option value="title">{t('judul', 'title')}</option>
          </select>
        </label>
      </div>
      {fits.length === 0 ? (
        <Empty>{t('Tidak ada aturan yang cocok.', 'No rule fits.')}</Empty>
      ) : (
        <div class="scroll">
          <table class="cards">
            <caption class="soft">{t(`${number(fits.length)} aturan`, `${number(fits.length)} rules`)}</caption>
            <thead>
              <tr>
                <th scope="col">{t('Aturan', 'Rule')}</th>
                <th scope="col">{t('Tingkat', 'Level')}</th>
                <th scope="col">ATT&CK</th>
                <th scope="col" class="number">
                  {t('24 jam', '24 h')}{' '}
                  <Help
                    id="Temuan yang tersimpan dari data yang boleh dilihat ruang Anda. Aturan dasar korelasi dan aturan di bawah tingkat temuan tidak membuat temuan; kejadian yang kena ada di rinciannya."
                    en="Findings from data that your room may see. Bases of correlations, and rules below the level of findings, make none; the events that they match are on their page."
                  />
                </th>
                <th scope="col" class="number">
                  {t('7 hari', '7 d')}
                </th>
                <th scope="col" class="number">
                  {t('30 hari', '30 d')}
                </th>
                <th scope="col" class="number">
                  {t('Positif palsu', 'False')}{' '}
                  <Help
                    id="Dari peringatan dengan aturan ini yang ditutup orang dalam 30 hari terakhir: bagian yang ditutup sebagai positif palsu."
                    en="Of the alerts with this rule that people closed in the last 30 days: the share closed as false positives."
                  />
                </th>
                <th scope="col">{t('Perubahan terakhir', 'Last change')}</th>
              </tr>
            </thead>
            <tbody>
              {fits.slice(0, shown.value).map((rule) => (
                <Row key={rule.id} rule={rule} />
              ))}
            </tbody>
          </table>
          {fits.length > shown.value && (
            <button
              type="button"
              onClick={() => {
                shown.value += SHOWN
              }}
            >
              {t(
                `Tampilkan ${number(Math.min(SHOWN, fits.length - shown.value))} lagi`,
                `Show ${number(Math.min(SHOWN, fits.length - shown.value))} more`,
              )}
            </button>
          )}
        </div>
      )}
    </section>
  )
}

function Row({ rule }: { rule: RuleView }) {
  const none = rule.base || rule.quiet
  const count = (value: number): string => (none && value === 0 ? '–' : number(value))
  return (
    <tr>
      <th scope="row">
        <a href={`/aturan?aturan=${encodeURIComponent(rule.id)}`}>{titleOf(rule)}</a>
        <small class="soft">
          <LooksAt rule={rule} />
          {rule.base && ` · ${t('dasar korelasi', 'base of correlations')}`}
          {!rule.base && rule.quiet && ` · ${t('tanpa temuan', 'makes no findings')}`}
          {rule.own && ` · ${t('buatan sendiri', 'your own')}`}
        </small>
      </th>
      <td data-label={t('Tingkat', 'Level')}>
        <SeverityMark severity={markedOf(rule.level)} />
      </td>
      <td class="mono" data-label="ATT&CK">
        {rule.attack.join(' ') || '–'}
      </td>
      <td class="number" data-label={t('24 jam', '24 h')}>
        {count(rule.findings.day)}
      </td>
      <td class="number" data-label={t('7 hari', '7 d')}>
        {count(rule.findings.week)}
      </td>
      <td class="number" data-label={t('30 hari', '30 d')}>
        {count(rule.findings.month)}
      </td>
      <td class="number" data-label={t('Positif palsu', 'False')}>
        <FalseShare rule={rule} />
      </td>
      <td class="whole" data-label={t('Perubahan terakhir', 'Last change')}>
        {dayOf(changedOf(rule)) || t('tidak disebut', 'not said')}
      </td>
    </tr>
  )
}

export function FalseShare({ rule }: { rule: RuleView }) {
  if (rule.closed === 0) return <>{t('belum dinilai', 'not judged')}</>
  return (
    <>
      {percent(rule.false_positives / rule.closed, 0)}
      <small class="soft">
        {number(rule.false_positives)} {t('dari', 'of')} {number(rule.closed)}
      </small>
    </>
  )
}
