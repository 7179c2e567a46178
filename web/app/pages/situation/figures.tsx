// What are the figures of this region now? Events a second, open alerts by severity, risk, and who is heard.
import type { ComponentChildren } from 'preact'
import { number, short } from '../../format.ts'
import { t } from '../../language.ts'
import { SeverityMark } from '../../parts/severity.tsx'
import { Help } from '../../parts/states.tsx'
import { levelName, watchName } from './level.ts'
import { Bars } from './map.tsx'
import type { Risk } from './risk.ts'
import type { Named } from './stand.ts'

function Card({
  name,
  help,
  children,
}: {
  name: string
  help: readonly [string, string]
  children: ComponentChildren
}) {
  return (
    <div class="card figure-card">
      <h3>
        {name} <Help id={help[0]} en={help[1]} />
      </h3>
      {children}
    </div>
  )
}

/** How many there are of each severity. */
export function Severities({ of }: { of: Pick<Named, 'critical' | 'high' | 'medium' | 'low'> }) {
  return (
    <ul class="severities">
      {(['critical', 'high', 'medium', 'low'] as const).map((severity) => (
        <li key={severity} class={of[severity] > 0 ? '' : 'zero'}>
          <SeverityMark severity={severity}>
            <b>{number(of[severity])}</b>
          </SeverityMark>
        </li>
      ))}
    </ul>
  )
}

interface FigureCardsProps {
  readonly of: Named
  readonly risk: Risk
  readonly beneath: { readonly blind: number; readonly part: number; readonly all: number }
}

export function FigureCards({ of, risk: { level, worst, own }, beneath }: FigureCardsProps) {
  return (
    <div class="figure-cards">
      <Card
        name={t('Kejadian per detik', 'Events a second')}
        help={[
          'Kejadian yang masuk selama sepuluh detik terakhir, dibagi sepuluh.',
          'Events that landed within the last ten seconds, divided by ten.',
        ]}
      >
        <p class="large">{number(of.rate, of.rate < 10 ? 1 : 0)}</p>
        <p class="soft">
          {number(of.hot)} {t('berskor 70+ dalam 10 detik', 'of score 70+ in 10 seconds')}
        </p>
      </Card>
      <Card
        name={t('Peringatan terbuka', 'Open alerts')}
        help={[
          'Peringatan yang belum selesai: terbuka, diterima, atau sedang dikerjakan.',
          'Alerts that are not closed: open, acknowledged or being worked on.',
        ]}
      >
        <p class="large">
          <a href="/peringatan">{number(of.alerts)}</a>
        </p>
        <Severities of={of} />
      </Card>
      <Card
        name={t('Risiko', 'Risk')}
        help={[
          'Poin: jumlah skor kejadian berskor 20 ke atas; menjadi separuh setiap 24 jam, positif palsu tidak dihitung. Tingkat: rendah mulai 10 poin, sedang 100, tinggi 1.000, sangat tinggi 10.000. Provinsi dihitung bersama kabupaten/kotanya. Tingkat nasional bukan dari jumlah 38 provinsi, melainkan tingkat provinsi (atau sistem nasional) yang poinnya tertinggi, sama dengan petaknya di peta.',
          'Points: the sum of the scores of events of score 20 and more; it halves every 24 hours, false positives left out. Levels: low from 10 points, medium 100, high 1,000, very high 10,000. A province counts with its districts. The level of the nation is not that of the sum of 38 provinces but that of the province (or the national systems) with most points, as its tile on the map.',
        ]}
      >
        <p class="large">
          <svg class="bars" viewBox="0 0 40 22" aria-hidden="true">
            <Bars level={level} />
          </svg>{' '}
          {short(of.points)} <span class="unit">{t('poin', 'points')}</span>
        </p>
        <p>
          {levelName(level)}
          {worst !== undefined && worst.points > 0 && (
            <span class="soft">
              {' · '}
              {t('tertinggi', 'highest')}: {worst.name} ({short(worst.points)})
            </span>
          )}
          {own !== undefined && (
            <span class="soft">
              {' · '}
              {t(
                `${short(own)} poin dari sistem provinsi sendiri, di luar petak`,
                `${short(own)} points of the province's own systems, on no tile`,
              )}
            </span>
          )}
        </p>
      </Card>
      <Card
        name={t('Pemantauan', 'Monitoring')}
        help={[
          'Wilayah yang semua sumber lognya diam ditandai tidak terpantau: tidak ada kabar bukan berarti aman.',
          'A region whose sources are all silent is not monitored: no news is not good news.',
        ]}
      >
        <p class="large">
          {number(of.heard)}
          <span class="unit">
            {' '}
            / {number(of.sources)} {t('sumber terdengar', 'sources heard')}
          </span>
        </p>
        <p>
          {beneath.all === 0
            ? watchName(of.watch)
            : t(
                `${beneath.blind} dari ${beneath.all} wilayah tidak terpantau`,
                `${beneath.blind} of ${beneath.all} regions not monitored`,
              ) + (beneath.part === 0 ? '' : t(`, ${beneath.part} sebagian`, `, ${beneath.part} partly`))}
        </p>
      </Card>
    </div>
  )
}
