// When did it happen? Bars of the span, stacked by severity; a range is chosen by dragging, or with the arrow keys.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { dateTime, number, zone } from '../../format.ts'
import { t } from '../../language.ts'
import { SeverityMark, scoreFrom, severityWord } from '../../parts/severity.tsx'
import type { Histogram as Counted } from './asking.ts'

const WIDTH = 1000
const HEIGHT = 120
/** The worst first. */
const levels = scoreFrom.map(([severity]) => severity)
/** Where a bar has its count: none first. */
const placeOf = (index: number): number => levels.length - 1 - index

interface Props {
  readonly histogram: Counted
  readonly from: number
  readonly to: number
  readonly busy: boolean
  readonly onRange: (from: number, to: number) => void
}

export function Histogram({ histogram, from, to, busy, onRange }: Props) {
  const { bars, step, begin, counts, total } = histogram
  const chosen = useSignal<readonly [number, number] | undefined>(undefined)
  const from0 = useRef<number | undefined>(undefined)
  const most = Math.max(1, ...counts.map((of) => of.reduce((sum, events) => sum + events, 0)))
  const width = WIDTH / Math.max(1, bars)
  const barAt = (event: PointerEvent): number => {
    if (!(event.currentTarget instanceof Element)) return 0
    const box = event.currentTarget.getBoundingClientRect()
    return Math.max(0, Math.min(bars - 1, Math.floor(((event.clientX - box.left) / box.width) * bars)))
  }
  const spanOf = ([a, b]: readonly [number, number]): readonly [number, number] => [
    Math.max(from, begin + Math.min(a, b) * step),
    Math.min(to, begin + (Math.max(a, b) + 1) * step),
  ]
  const take = (): void => {
    const range = chosen.value
    chosen.value = undefined
    from0.current = undefined
    if (range === undefined) return
    const [first, end] = spanOf(range)
    if (end > first) onRange(first, end)
  }
  const keys = (event: KeyboardEvent): void => {
    const [a, b] = chosen.value ?? [bars - 1, bars - 1]
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -bars, End: bars }[event.key]
    if (by !== undefined) {
      const moved = Math.max(0, Math.min(bars - 1, chosen.value === undefined ? b : b + by))
      chosen.value = event.shiftKey ? [a, moved] : [moved, moved]
      event.preventDefault()
    } else if (event.key === 'Enter' && chosen.value !== undefined) take()
    else if (event.key === 'Escape') chosen.value = undefined
  }
  const range = chosen.value
  const said = range === undefined ? undefined : spanOf(range)
  const inRange = range === undefined ? 0 : sumOf(counts, Math.min(...range), Math.max(...range))
  return (
    <figure class={`histogram${busy ? ' old' : ''}`}>
      <div
        class="plot"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a range of it is chosen with the keys
        tabIndex={0}
        role="application"
        aria-label={t(
          'Histogram. Panah memilih batang, Shift+panah memperluas, Enter memperbesar ke rentang itu.',
          'Histogram. Arrows choose a bar, Shift with arrows extends, Enter zooms to the range.',
        )}
        aria-describedby="histogram-said"
        onKeyDown={keys}
        onPointerDown={(event) => {
          if (event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          from0.current = barAt(event)
          chosen.value = [from0.current, from0.current]
        }}
        onPointerMove={(event) => {
          if (from0.current !== undefined) chosen.value = [from0.current, barAt(event)]
        }}
        onPointerUp={() => from0.current !== undefined && take()}
        onPointerCancel={() => {
          from0.current = undefined
          chosen.value = undefined
        }}
      >
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {counts.map((of, at) => (
            <Bar
              key={begin + at * step}
              x={at * width}
              width={width}
              of={of}
              most={most}
              title={titleOf(begin + at * step, of)}
            />
          ))}
          {range !== undefined && (
            <rect
              class="chosen"
              x={Math.min(...range) * width}
              y={0}
              width={(Math.abs(range[1] - range[0]) + 1) * width}
              height={HEIGHT}
            />
          )}
        </svg>
      </div>
      <div class="axis soft">
        <span>{dateTime(begin)}</span>
        <span>
          {t('batang tertinggi', 'highest bar')} {number(most)}
        </span>
        <span>{dateTime(Math.min(to, begin + bars * step))}</span>
      </div>
      <figcaption>
        <span>
          <strong>{number(total)}</strong> {t('kejadian', 'events')}
        </span>
        {levels.map((level, index) => (
          <SeverityMark key={level} severity={level}>
            {number(counts.reduce((sum, of) => sum + (of[placeOf(index)] ?? 0), 0))}
          </SeverityMark>
        ))}
        <span id="histogram-said" class="soft" aria-live="polite">
          {said === undefined
            ? t(`satu batang ${length(step)}, waktu ${zone()}`, `a bar is ${length(step)}, times are ${zone()}`)
            : `${dateTime(said[0])} – ${dateTime(said[1])}: ${number(inRange)} ${t('kejadian', 'events')}`}
        </span>
      </figcaption>
    </figure>
  )
}

function Bar({
  x,
  width,
  of,
  most,
  title,
}: {
  x: number
  width: number
  of: readonly number[]
  most: number
  title: string
}) {
  let top = HEIGHT
  return (
    <g>
      <title>{title}</title>
      <rect class="ground" x={x} y={0} width={width} height={HEIGHT} />
      {levels.map((level, index) => {
        const events = of[placeOf(index)] ?? 0
        if (events === 0) return null
        // What is there is seen, however small beside the rest.
        const height = Math.max(1.5, (events / most) * (HEIGHT - 8))
        top -= height
        return (
          <rect key={level} class={`bar ${level}`} x={x + width * 0.06} y={top} width={width * 0.88} height={height} />
        )
      })}
    </g>
  )
}

function titleOf(at: number, of: readonly number[]): string {
  const parts = levels.flatMap((level, index) => {
    const events = of[placeOf(index)] ?? 0
    return events > 0 ? [`${severityWord(level)} ${number(events)}`] : []
  })
  return `${dateTime(at)}: ${parts.join(', ') || '0'}`
}

function sumOf(counts: readonly (readonly number[])[], first: number, last: number): number {
  return counts.slice(first, last + 1).reduce((sum, of) => sum + of.reduce((all, events) => all + events, 0), 0)
}

function length(step: number): string {
  const units = [
    [86_400_000, t('hari', 'd')],
    [3_600_000, t('jam', 'h')],
    [60_000, t('menit', 'min')],
    [1000, t('detik', 's')],
  ] as const
  const [size, name] = units.find(([ms]) => step >= ms) ?? units[3]
  return `${number(step / size)} ${name}`
}
