// What did whoever this is about do around that time? Events and findings hour by hour, drawn, and as a table.
import { useSignal } from '@preact/signals'
import type { AlertDetail } from '../../../../schemas/alert-api.ts'
import type { EntityTimeline } from '../../../../schemas/alert-page-api.ts'
import { dateTime, number } from '../../format.ts'
import { t } from '../../language.ts'
import { exploreHref, type LinkField } from '../../parts/links.ts'
import { useLoad } from '../../parts/load.ts'
import { SeverityMark } from '../../parts/severity.tsx'
import { Failed, Help, Loading } from '../../parts/states.tsx'
import { may } from '../../session.ts'
import { ruleTitle } from './title.ts'
import { entityText } from './words.ts'

const spans = [24, 48, 168] as const
const STEP = 10
const HEIGHT = 100
/** Room above the bars for findings. */
const TOP = 14

export function EntityHours({ alert }: { alert: AlertDetail }) {
  const hours = useSignal<(typeof spans)[number]>(48)
  const loaded = useLoad<EntityTimeline>(
    () => `/v1/alerts/${encodeURIComponent(alert.id)}/timeline?hours=${hours.value}`,
  )
  const line = loaded.data.value
  return (
    <section class="card entity-hours" aria-labelledby="entity-hours">
      <h2 id="entity-hours">
        {t('Garis waktu', 'Timeline')}: <bdi>{entityText(line?.entity ?? alert.entity)}</bdi>{' '}
        <Help
          id="Kejadian (batang) dan temuan (segitiga) tentang pelaku atau sasaran ini, per jam, sejauh ruang Anda boleh melihatnya."
          en="Events (bars) and findings (triangles) about it, by hour, as far as your room may see them."
        />
      </h2>
      <fieldset class="choices">
        <legend class="unseen">{t('Rentang', 'Span')}</legend>
        {spans.map((span) => (
          <button key={span} type="button" aria-pressed={hours.value === span} onClick={() => (hours.value = span)}>
            {span < 72 ? t(`${span} jam`, `${span} hours`) : t(`${span / 24} hari`, `${span / 24} days`)}
          </button>
        ))}
        {may('explore') && line?.events_known === true && <Explore line={line} />}
      </fieldset>
      {line === undefined && loaded.error.value === undefined && <Loading />}
      {loaded.error.value !== undefined && <Failed error={loaded.error.value} again={loaded.again} />}
      {line !== undefined && <Drawn line={line} />}
    </section>
  )
}

/** Names by which the page of events asks. */
const fields: Readonly<Record<string, LinkField>> = {
  source_ip: 'source.ip',
  user: 'user.name',
  asset: 'asset_id',
  source: 'source_id',
  domain: 'url.domain',
}

function Explore({ line }: { line: EntityTimeline }) {
  const at = line.entity.indexOf(':')
  const field = fields[line.entity.slice(0, at)]
  const value = line.entity.slice(at + 1)
  if (field === undefined) return null
  return (
    <a href={exploreHref(field, value, Date.parse(line.from), Date.parse(line.until))}>
      {t('Lihat semua di Jelajah', 'See all in Explore')}
    </a>
  )
}

function Drawn({ line }: { line: EntityTimeline }) {
  const { hours } = line
  const most = Math.max(1, ...hours.map(({ events }) => events))
  const width = hours.length * STEP
  const busy = hours.filter(({ events, findings }) => events + findings > 0)
  const total = hours.reduce((sum, { events }) => sum + events, 0)
  const found = hours.reduce((sum, { findings }) => sum + findings, 0)
  const text = line.events_known
    ? t(
        `${number(total)} kejadian dan ${number(found)} temuan; paling banyak ${number(most)} kejadian dalam satu jam.`,
        `${number(total)} events and ${number(found)} findings; at most ${number(most)} events in an hour.`,
      )
    : t(
        `${number(found)} temuan. Kejadiannya tidak dapat dicari menurut hal seperti ini.`,
        `${number(found)} findings. Events cannot be found by what this is.`,
      )
  return (
    <>
      <p>{text}</p>
      <svg class="hours" viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={text}>
        {hours.map(({ at, events, findings, score }, n) => {
          // A square root, so that quiet hours beside a flood are seen.
          const height = events === 0 ? 0 : Math.max(3, Math.sqrt(events / most) * (HEIGHT - TOP))
          const x = n * STEP
          return (
            <g key={at}>
              <title>{`${dateTime(Date.parse(at))}: ${number(events)} ${t('kejadian', 'events')}, ${number(findings)} ${t('temuan', 'findings')}`}</title>
              <rect class="hit" x={x} y="0" width={STEP} height={HEIGHT} />
              <rect
                class={`bar ${score >= 70 ? 'hot' : score >= 40 ? 'warm' : ''}`}
                x={x + 1}
                y={HEIGHT - height}
                width={STEP - 2}
                height={height}
              />
              {findings > 0 && <path class="found" d={`M${x + 1} 1h${STEP - 2}l-${STEP / 2 - 1} 9z`} />}
            </g>
          )
        })}
      </svg>
      <p class="soft axis">
        <span>{dateTime(Date.parse(line.from))}</span> <span>{dateTime(Date.parse(line.until))}</span>
      </p>
      {line.findings.length > 0 && (
        <ul class="found-rules">
          {line.findings.map((rule) => (
            <li key={rule.rule}>
              <SeverityMark severity={rule.severity} /> {ruleTitle(rule.rule, rule.title)} · {number(rule.findings)} ×{' '}
              <span class="soft">
                {dateTime(Date.parse(rule.first))}
                {rule.first !== rule.last && ` – ${dateTime(Date.parse(rule.last))}`}
              </span>
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>{t(`Sebagai tabel (${busy.length} jam)`, `As a table (${busy.length} hours)`)}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('Jam mulai', 'Hour from')}</th>
              <th scope="col" class="number">
                {t('Kejadian', 'Events')}
              </th>
              <th scope="col" class="number">
                {t('Skor tertinggi', 'Highest score')}
              </th>
              <th scope="col" class="number">
                {t('Temuan', 'Findings')}
              </th>
            </tr>
          </thead>
          <tbody>
            {busy.map(({ at, events, score, findings }) => (
              <tr key={at}>
                <th scope="row">{dateTime(Date.parse(at))}</th>
                <td class="number">{number(events)}</td>
                <td class="number">{score}</td>
                <td class="number">{number(findings)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  )
}
