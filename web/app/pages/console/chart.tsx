// What do the numbers of an answer look like? The first time or text column across, each column of numbers as a line or as bars.
import { useSignal } from '@preact/signals'
import { number, short } from '../../format.ts'
import { t } from '../../language.ts'
import { shown } from '../../parts/hostile.ts'
import type { Answer } from './running.ts'

const WIDTH = 1000
const HEIGHT = 320
const LEFT = 70
const BOTTOM = 28
const MOST_SERIES = 6
const MOST_POINTS = 1_000
/** Lines and points are told apart without colour too. */
const dashes = ['none', '8 4', '2 4', '12 4 2 4', '4 4', '1 3']

const isNumeric = (type: string): boolean => /^(?:Nullable\()?(?:U?Int|Float|Decimal)/.test(type)
const isTime = (type: string): boolean => /^(?:LowCardinality\()?(?:Nullable\()?Date/.test(type)

/** True if there is something to draw across, and a number. */
export function canBeDrawn(types: readonly string[]): boolean {
  return types.some(isNumeric) && types.length >= 2 && acrossOf(types) >= 0
}

function acrossOf(types: readonly string[]): number {
  const time = types.findIndex(isTime)
  if (time >= 0) return time
  const text = types.findIndex((type) => !isNumeric(type))
  return Math.max(0, text)
}

export function Chart({ names, types, rows }: Pick<Answer, 'names' | 'types' | 'rows'>) {
  const across = acrossOf(types)
  const bars = useSignal(!isTime(types[across] ?? ''))
  const series = types.flatMap((type, at) => (at !== across && isNumeric(type) ? [at] : [])).slice(0, MOST_SERIES)
  const timed = isTime(types[across] ?? '')
  // Times are drawn in their order, whatever the order of the rows.
  const ordered = timed ? rows.toSorted((a, b) => String(a[across]).localeCompare(String(b[across]))) : rows
  const points = ordered.slice(0, MOST_POINTS)
  const amount = (row: readonly unknown[], at: number): number => {
    const value = Number(row[at])
    return Number.isFinite(value) ? value : 0
  }
  const all = points.flatMap((row) => series.map((at) => amount(row, at)))
  const top = Math.max(0, ...all)
  const low = Math.min(0, ...all)
  const reach = top - low || 1
  const y = (value: number): number => 8 + (1 - (value - low) / reach) * (HEIGHT - BOTTOM - 16)
  const step = (WIDTH - LEFT - 10) / Math.max(1, points.length)
  const x = (index: number): number => LEFT + (index + 0.5) * step
  const labels = Math.min(points.length, 6)
  const width = (step * 0.8) / Math.max(1, series.length)
  return (
    <figure class="sql-chart">
      <div class="tools">
        <button type="button" aria-pressed={bars.value} onClick={() => (bars.value = !bars.value)}>
          {bars.value ? t('Garis', 'Lines') : t('Batang', 'Bars')}
        </button>
        {series.map((at, index) => (
          <span key={names[at]} class="key">
            <svg viewBox="0 0 30 10" aria-hidden="true">
              <line class={`series s${index}`} x1={0} x2={30} y1={5} y2={5} stroke-dasharray={dashes[index]} />
            </svg>{' '}
            {shown(names[at])}
          </span>
        ))}
      </div>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${t('Grafik', 'Chart')}: ${series.map((at) => shown(names[at])).join(', ')}`}
      >
        {[0, 0.25, 0.5, 0.75, 1].map((share) => {
          const value = low + reach * share
          return (
            <g key={share}>
              <line class="grid" x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} />
              <text x={LEFT - 8} y={y(value) + 4} text-anchor="end">
                {short(value)}
              </text>
            </g>
          )
        })}
        {series.map((at, index) =>
          bars.value ? (
            <g key={names[at]} class={`series fill s${index}`}>
              {points.map((row, point) => {
                const value = amount(row, at)
                return (
                  <rect
                    key={point}
                    x={x(point) - step * 0.4 + index * width}
                    y={Math.min(y(value), y(0))}
                    width={width}
                    height={Math.abs(y(value) - y(0))}
                  >
                    <title>{`${shown(row[across])}: ${number(value, 2)}`}</title>
                  </rect>
                )
              })}
            </g>
          ) : (
            <polyline
              key={names[at]}
              class={`series s${index}`}
              stroke-dasharray={dashes[index]}
              points={points.map((row, point) => `${x(point)},${y(amount(row, at))}`).join(' ')}
            />
          ),
        )}
        {Array.from({ length: labels }, (_, index) => {
          const point = labels < 2 ? 0 : Math.round((index / (labels - 1)) * (points.length - 1))
          return (
            <text
              key={point}
              x={x(point)}
              y={HEIGHT - 8}
              text-anchor={index === 0 ? 'start' : index === labels - 1 ? 'end' : 'middle'}
            >
              {shown(points[point]?.[across]).slice(0, 19)}
            </text>
          )
        })}
      </svg>
      <figcaption class="soft">
        {timed &&
          t(
            'Waktu seperti dalam hasil (UTC kecuali diubah dalam kueri). ',
            'Times as in the answer (UTC unless the query changes them). ',
          )}
        {rows.length > MOST_POINTS &&
          t(`Hanya ${MOST_POINTS} titik pertama digambar. `, `The first ${MOST_POINTS} points are drawn. `)}
        {t('Angkanya ada di tabel.', 'The figures are in the table.')}
      </figcaption>
    </figure>
  )
}
