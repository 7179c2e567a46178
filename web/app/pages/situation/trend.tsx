// How did it come to this? Scored events by severity and all events, and the points of risk, over a span.
import { useMemo } from 'preact/hooks'
import type { Situation, Span } from '../../../../schemas/situation-api.ts'
import { dateTime, localIso, number, short, type Zone } from '../../format.ts'
import { language, t } from '../../language.ts'
import type { ChartOption } from '../../parts/chart.ts'
import { ChartBox } from '../../parts/chart-box.tsx'
import { severityWord } from '../../parts/severity.tsx'
import { Help } from '../../parts/states.tsx'

const spans: readonly (readonly [Span, string, string])[] = [
  ['1h', '1 jam', '1 hour'],
  ['6h', '6 jam', '6 hours'],
  ['24h', '24 jam', '24 hours'],
  ['7d', '7 hari', '7 days'],
]

/** 14.05, or 27/11 14.05 over days. */
function tick(ms: number, zone: Zone, days: boolean): string {
  const local = localIso(ms, zone, 16)
  const clock = `${local.slice(11, 13)}.${local.slice(14, 16)}`
  return days ? `${local.slice(8, 10)}/${local.slice(5, 7)} ${clock}` : clock
}

export function SpanChoice({ span, choose }: { span: Span; choose: (span: Span) => void }) {
  return (
    <fieldset class="choice" aria-label={t('Rentang waktu', 'Span')}>
      {spans.map(([value, id, en]) => (
        <button key={value} type="button" aria-pressed={value === span} onClick={() => choose(value)}>
          {t(id, en)}
        </button>
      ))}
    </fieldset>
  )
}

export function TrendPanel({ of, span }: { of: Situation; span: Span }) {
  const { trend, risk, zone } = of
  const spoken = language.value
  const events = useMemo(() => eventsOption(trend, zone, span === '7d'), [trend, zone, span, spoken])
  const points = useMemo(() => riskOption(risk, zone, span === '7d'), [risk, zone, span, spoken])
  const last = risk.at(-1)?.points ?? 0
  const before = risk[0]?.points ?? 0
  return (
    <>
      <section class="card">
        <h2>
          {t('Kejadian berskor', 'Scored events')}{' '}
          <Help
            id="Batang: kejadian berskor 20 ke atas menurut tingkatnya. Garis: semua kejadian, dengan sumbu di kanan. Waktu adalah waktu kejadian; langkah terakhir masih berjalan."
            en="Bars: events of score 20 and more by severity. Line: all events, on the axis at the right. Time is that of the events; the last step is still under way."
          />
        </h2>
        <ChartBox
          label={t(
            `Kejadian berskor sejak ${dateTime(trend.start, zone)}: ${number(sum(trend.critical))} kritis, ${number(sum(trend.high))} tinggi, ${number(sum(trend.medium))} sedang, ${number(sum(trend.low))} rendah, dari ${number(sum(trend.events))} kejadian`,
            `Scored events since ${dateTime(trend.start, zone)}: ${number(sum(trend.critical))} critical, ${number(sum(trend.high))} high, ${number(sum(trend.medium))} medium, ${number(sum(trend.low))} low, of ${number(sum(trend.events))} events`,
          )}
          option={events}
        />
      </section>
      <section class="card">
        <h2>
          {t('Tren risiko', 'Risk trend')}{' '}
          <Help
            id="Poin risiko pada setiap jam penuh dan sekarang. Poin menjadi separuh setiap 24 jam."
            en="Points of risk at each full hour and now. They halve every 24 hours."
          />
        </h2>
        <ChartBox
          label={t(
            `Poin risiko dari ${number(before)} menjadi ${number(last)}`,
            `Points of risk from ${number(before)} to ${number(last)}`,
          )}
          option={points}
        />
      </section>
    </>
  )
}

const sum = (list: readonly number[]): number => list.reduce((total, each) => total + each, 0)

function eventsOption(trend: Situation['trend'], zone: Zone, days: boolean): ChartOption {
  const { start, step_ms, events, critical, high, medium, low } = trend
  const bars = [
    [severityWord('low'), low, 'low'],
    [severityWord('medium'), medium, 'medium'],
    [severityWord('high'), high, 'high'],
    [severityWord('critical'), critical, 'critical'],
  ] as const
  return (colours) => {
    const axis = {
      axisLabel: { color: colours.soft, hideOverlap: true },
      axisLine: { lineStyle: { color: colours.edge } },
    }
    const value = { ...axis, type: 'value', min: 0, axisLabel: { color: colours.soft, formatter: short } }
    return {
      xAxis: { ...axis, type: 'category', data: events.map((_, index) => tick(start + index * step_ms, zone, days)) },
      yAxis: [
        { ...value, splitLine: { lineStyle: { color: colours.edge, opacity: 0.6 } } },
        { ...value, splitLine: { show: false } },
      ],
      series: [
        ...bars.map(([name, data, colour]) => ({
          name,
          type: 'bar',
          stack: 'score',
          data,
          itemStyle: { color: colours[colour] },
          barCategoryGap: '15%',
        })),
        {
          name: t('Semua kejadian', 'All events'),
          type: 'line',
          yAxisIndex: 1,
          data: events,
          showSymbol: false,
          lineStyle: { color: colours.soft, width: 1.5, type: 'dashed' },
          itemStyle: { color: colours.soft },
        },
      ],
    }
  }
}

function riskOption(risk: Situation['risk'], zone: Zone, days: boolean): ChartOption {
  return (colours) => ({
    xAxis: {
      type: 'category',
      boundaryGap: false,
      data: risk.map(({ at }) => tick(at, zone, days)),
      axisLabel: { color: colours.soft, hideOverlap: true },
      axisLine: { lineStyle: { color: colours.edge } },
    },
    yAxis: {
      type: 'value',
      min: 0,
      axisLabel: { color: colours.soft, formatter: short },
      splitLine: { lineStyle: { color: colours.edge, opacity: 0.6 } },
    },
    series: [
      {
        name: t('Poin risiko', 'Points of risk'),
        type: 'line',
        data: risk.map(({ points }) => points),
        showSymbol: false,
        lineStyle: { color: colours.accent, width: 2 },
        itemStyle: { color: colours.accent },
        areaStyle: { color: colours.accent, opacity: 0.12 },
      },
    ],
  })
}
