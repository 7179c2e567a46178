// Where does a chart stand on a page? A box that loads the charts when it is shown, says in words what it shows, and follows new data.
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../language.ts'
import type { Chart, ChartOption } from './chart.ts'
import './chart-box.css'

export interface ChartBoxProps {
  /** What the chart shows, for those who do not see it. */
  readonly label: string
  /** Drawn anew whenever another function is given. */
  readonly option: ChartOption
  readonly size?: 'small' | 'usual' | 'tall'
  /** Once it is there: events and brushes of `chart.instance`. */
  readonly onChart?: (chart: Chart) => void
}

export function ChartBox({ label, option, size = 'usual', onChart }: ChartBoxProps) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<Chart>(undefined)
  const newest = useRef(option)
  const failed = useSignal(false)
  newest.current = option
  useEffect(() => {
    let gone = false
    import('./chart.ts').then(
      ({ mountChart }) => {
        if (gone || box.current === null) return
        chart.current = mountChart(box.current, newest.current)
        onChart?.(chart.current)
      },
      () => {
        failed.value = true
      },
    )
    return () => {
      gone = true
      chart.current?.dispose()
      chart.current = undefined
    }
  }, [])
  useEffect(() => chart.current?.set(option), [option])
  return failed.value ? (
    <p class="state failed" role="alert">
      {t('Grafik tidak dapat dimuat. Muat ulang halaman.', 'The chart could not be loaded. Load the page again.')}
    </p>
  ) : (
    <div ref={box} class={`chart ${size}`} role="img" aria-label={label} />
  )
}
