// How are charts drawn? The parts of ECharts that the page uses, in the colours of app.css. Loaded when the first chart is shown, never before.
import { BarChart, HeatmapChart, LineChart } from 'echarts/charts'
import {
  AriaComponent,
  BrushComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components'
import { type EChartsCoreOption, type EChartsType, init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([
  AriaComponent,
  BarChart,
  BrushComponent,
  CanvasRenderer,
  GridComponent,
  HeatmapChart,
  LegendComponent,
  LineChart,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
])

/** Colours of app.css as the browser resolves them now. */
export interface Palette {
  readonly paper: string
  readonly card: string
  readonly ink: string
  readonly soft: string
  readonly edge: string
  readonly accent: string
  readonly focus: string
  readonly critical: string
  readonly high: string
  readonly medium: string
  readonly low: string
  readonly none: string
  readonly good: string
}

/** What is drawn: asked again when the colours change. */
export type ChartOption = (colours: Palette) => EChartsCoreOption

export interface Chart {
  /** Draws what is given now; what has not changed stays where it is. */
  set(option: ChartOption): void
  /** For what this file has no word for: events, brushes. */
  readonly instance: EChartsType
  dispose(): void
}

const dark = matchMedia('(prefers-color-scheme: dark)')
const calm = matchMedia('(prefers-reduced-motion: reduce)')

/** Draws in `element`, whose size it follows, until it is disposed of. */
export function mountChart(element: HTMLElement, option: ChartOption): Chart {
  const instance = init(element, undefined, { renderer: 'canvas' })
  let drawn = option
  const draw = (): void => {
    const colours = palette(element)
    // Merged over: legends that somebody clicked away stay so.
    instance.setOption({ ...house(colours), ...drawn(colours) }, { replaceMerge: ['series'] })
  }
  const watch = new ResizeObserver(() => instance.resize())
  watch.observe(element)
  dark.addEventListener('change', draw)
  draw()
  return {
    instance,
    set(next) {
      drawn = next
      draw()
    },
    dispose() {
      watch.disconnect()
      dark.removeEventListener('change', draw)
      instance.dispose()
    },
  }
}

/** What every chart has: type and colours of the page, a description for screen readers, patterns beside colours. */
function house({ ink, soft, card, edge, low, high, good, critical, medium, accent }: Palette): EChartsCoreOption {
  return {
    color: [low, high, good, critical, medium, accent],
    textStyle: { color: ink, fontFamily: 'system-ui, sans-serif' },
    animation: !calm.matches,
    animationDuration: 300,
    animationDurationUpdate: 300,
    aria: { enabled: true },
    grid: { left: 8, right: 8, top: 34, bottom: 6, containLabel: true },
    legend: { top: 0, textStyle: { color: ink }, inactiveColor: soft, itemWidth: 14, itemHeight: 10 },
    // Drawn on the canvas: text of log lines is never read as HTML, and no style stands in markup (Content-Security-Policy).
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      backgroundColor: card,
      borderColor: edge,
      textStyle: { color: ink },
    },
  }
}

/** `light-dark()` is resolved only where a property uses it. */
function palette(near: HTMLElement): Palette {
  const probe = document.createElement('span')
  probe.hidden = true
  near.append(probe)
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const made = {
    paper: colour('paper'),
    card: colour('card'),
    ink: colour('ink'),
    soft: colour('soft'),
    edge: colour('edge'),
    accent: colour('accent'),
    focus: colour('focus'),
    critical: colour('critical'),
    high: colour('high'),
    medium: colour('medium'),
    low: colour('low'),
    none: colour('none'),
    good: colour('good'),
  }
  probe.remove()
  return made
}
