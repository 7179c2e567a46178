// What is this alert, why, and what is to be done? One alert with everything that is known of it.
import { useEffect } from 'preact/hooks'
import type { AlertDetail } from '../../../../schemas/alert-api.ts'
import { dateTime, isZone, number, zone } from '../../format.ts'
import { language, t } from '../../language.ts'
import { type Loaded, useLoad } from '../../parts/load.ts'
import { ownerName } from '../../parts/owner-words.ts'
import { electionName, phaseName } from '../../parts/phases.ts'
import { placeName } from '../../parts/region-names.ts'
import { SeverityMark } from '../../parts/severity.tsx'
import { Failed, Help, Loading } from '../../parts/states.tsx'
import { Actions } from './actions.tsx'
import { EvidenceOf } from './evidence.tsx'
import { lastSearch } from './filter.ts'
import { Deliveries, History } from './history.tsx'
import { Linked } from './linked.tsx'
import { Deadline, StatusMark, Who } from './marks.tsx'
import { Said } from './said.tsx'
import { EntityHours } from './timeline.tsx'
import { alertTitle, ruleTitle } from './title.ts'
import { Waterfall } from './waterfall.tsx'
import { deadlineHelp, entityText } from './words.ts'

/** Where the stream is not to be had. */
const AGAIN_MS = 30_000

export function Detail({ id }: { id: string }) {
  const loaded = useLoad<AlertDetail>(() => `/v1/alerts/${encodeURIComponent(id)}`, AGAIN_MS)
  useChanges(id, loaded)
  const alert = loaded.data.value
  if (alert === undefined)
    return loaded.error.value === undefined ? <Loading /> : <Failed error={loaded.error.value} again={loaded.again} />
  return (
    <article class="alert-detail">
      <nav class="back">
        <a href={`/peringatan${lastSearch.value}`}>← {t('Antrean', 'Queue')}</a>
      </nav>
      {loaded.error.value !== undefined && <Failed error={loaded.error.value} again={loaded.again} />}
      <header class={`card title ${alert.severity}`}>
        <p>
          <SeverityMark severity={alert.severity} /> <StatusMark alert={alert} /> <span class="mono">{alert.id}</span>
        </p>
        <h1>{alertTitle(alert)}</h1>
        <Facts alert={alert} />
        <Actions alert={alert} again={loaded.again} />
        <Said />
      </header>
      <div class="columns">
        <div>
          <Guide alert={alert} />
          <EvidenceOf alert={alert} />
          <EntityHours alert={alert} />
        </div>
        <div>
          <Waterfall alert={alert} />
          {alert.case !== '' && <Linked alert={alert} />}
          <History alert={alert} again={loaded.again} />
          <Deliveries alert={alert} />
        </div>
      </div>
    </article>
  )
}

/** Asks again whenever the alert has changed; a tab that nobody looks at holds no connection. */
function useChanges(id: string, loaded: Pick<Loaded<AlertDetail>, 'again'>): void {
  useEffect(() => {
    let source: EventSource | undefined
    const visible = (): void => {
      source?.close()
      source = undefined
      if (document.visibilityState !== 'visible') return
      const opened = new EventSource(`/v1/alerts/stream?id=${encodeURIComponent(id)}`)
      opened.addEventListener('alert', loaded.again)
      source = opened
    }
    const shown = (): void => {
      visible()
      if (document.visibilityState === 'visible') loaded.again()
    }
    visible()
    document.addEventListener('visibilitychange', shown)
    return () => {
      document.removeEventListener('visibilitychange', shown)
      source?.close()
    }
  }, [id])
}

function Facts({ alert }: { alert: AlertDetail }) {
  // In the zone of where it happened.
  const named = alert.local_time.split(' ').at(-1)
  const where = isZone(named) ? named : zone()
  const when = (at: string): string => dateTime(Date.parse(at), where)
  return (
    <dl class="facts">
      <dt>{t('Tentang', 'About')}</dt>
      <dd>
        <bdi>{entityText(alert.entity) || '–'}</bdi>
      </dd>
      {alert.asset !== '' && (
        <>
          <dt>{t('Aset', 'Asset')}</dt>
          <dd>
            <bdi>{alert.asset}</bdi>
          </dd>
        </>
      )}
      <dt>{t('Wilayah', 'Region')}</dt>
      <dd>
        {placeName(alert.region, alert.region_name)}
        {alert.owner !== '' && ` · ${t('pemilik', 'owner')} ${ownerName(alert.owner)}`}
      </dd>
      <dt>{t('Terjadi', 'Happened')}</dt>
      <dd>
        {alert.first_seen === alert.last_seen
          ? when(alert.first_seen)
          : `${when(alert.first_seen)} – ${when(alert.last_seen)}`}
        {` · ${alert.findings_exact ? '' : '± '}${number(alert.findings)} ${t('temuan', alert.findings === 1 ? 'finding' : 'findings')}`}
        {alert.matters > 1 && ` · ${number(alert.matters)} ${t('hal berbeda', 'different matters')}`}
      </dd>
      <dt>{t('Pemegang', 'Assignee')}</dt>
      <dd>
        <Who alert={alert} />
      </dd>
      <dt>
        {t('Tenggat', 'Deadline')} <Help {...deadlineHelp} />
      </dt>
      <dd>
        <Deadline at={alert.deadline} />
      </dd>
      {alert.merged_into !== '' && (
        <>
          <dt>{t('Bagian dari', 'Part of')}</dt>
          <dd>
            <a href={`/peringatan/${alert.merged_into}`}>{alert.merged_into}</a>
          </dd>
        </>
      )}
      {alert.attack.length > 0 && (
        <>
          <dt>
            {t('Teknik', 'Techniques')}{' '}
            <Help
              id="Teknik penyerang menurut daftar MITRE ATT&CK. Teknik baru pada peringatan yang sudah ditanggapi meminta perhatian lagi."
              en="What the attacker does, by the list MITRE ATT&CK. A new technique on an acknowledged alert asks for people again."
            />
          </dt>
          <dd class="mono">{alert.attack.join(', ')}</dd>
        </>
      )}
      {alert.election !== '' && (
        <>
          <dt>{t('Pemilihan', 'Election')}</dt>
          <dd>{[electionName(alert.election), phaseName(alert.phase)].filter((text) => text !== '').join(', ')}</dd>
        </>
      )}
    </dl>
  )
}

/** What it means and what to do, in the words of the message about it. */
function Guide({ alert }: { alert: AlertDetail }) {
  const guide = alert.guidance[language.value]
  return (
    <section class="card guide" aria-labelledby="guide">
      <h2 id="guide">{t('Yang harus dikerjakan', 'What to do')}</h2>
      {guide.rule.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <ol>
        {guide.steps.map((line) => (
          <li key={line}>{line.replace(/^\d+\. /, '')}</li>
        ))}
      </ol>
      <Lines title={t('Jangan', 'Never')} lines={guide.never} />
      <Lines title={t('Hubungi', 'Call')} lines={guide.call} />
      <Lines title={t('Kewajiban lapor', 'Duty to report')} lines={guide.report} />
      {alert.rules.length > 0 && (
        <details>
          <summary>
            {t(`Aturan yang cocok (${alert.rules.length})`, `Rules that matched (${alert.rules.length})`)}
          </summary>
          <ul>
            {alert.rules.map((rule) => (
              <li key={rule.rule_id}>
                <SeverityMark severity={rule.severity} /> {ruleTitle(rule.rule_id, rule.title)} ·{' '}
                {number(rule.findings)} × · <span class="mono soft">{rule.rule_id}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  )
}
