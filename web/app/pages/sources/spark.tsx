// How has it gone in the last hour? A line as wide as a word, with its figures for those who do not see it.
import { number } from '../../format.ts'
import { t } from '../../language.ts'

const WIDTH = 96
const HEIGHT = 22

export function Spark({ values, label }: { values: readonly number[]; label: string }) {
  const most = Math.max(1, ...values)
  const step = WIDTH / Math.max(1, values.length - 1)
  const points = values
    .map((value, n) => `${(n * step).toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`)
    .join(' ')
  const said = t(
    `${label}: paling banyak ${number(most)}, terakhir ${number(values.at(-1) ?? 0)}`,
    `${label}: at most ${number(most)}, last ${number(values.at(-1) ?? 0)}`,
  )
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
      <title>{said}</title>
      <line x1="0" x2={WIDTH} y1={HEIGHT - 2} y2={HEIGHT - 2} />
      {values.length > 0 && <polyline points={points} />}
    </svg>
  )
}

/** Bars of hours, oldest first. */
export function Bars({ values, label }: { values: readonly { at: number; events: number }[]; label: string }) {
  const most = Math.max(1, ...values.map(({ events }) => events))
  const width = 100 / Math.max(1, values.length)
  return (
    <svg class="bars" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      {values.map(({ at, events }, n) => (
        <rect
          key={at}
          x={n * width + 0.3}
          width={width - 0.6}
          y={30 - (events / most) * 28}
          height={Math.max(events > 0 ? 0.6 : 0, (events / most) * 28)}
        />
      ))}
    </svg>
  )
}
