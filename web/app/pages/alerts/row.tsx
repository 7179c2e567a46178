// How does one alert look in the queue? What it is, where, who is on it, and how long there is.
import { ago, number } from '../../format.ts'
import { t } from '../../language.ts'
import { placeName } from '../../parts/region-names.ts'
import { SeverityMark } from '../../parts/severity.tsx'
import type { Row } from './feed.ts'
import { Deadline, StatusMark, serverNow, Who } from './marks.tsx'
import { alertTitle } from './title.ts'
import { entityText } from './words.ts'

interface Props {
  readonly row: Row
  readonly chosen: boolean
  /** Undefined for whoever only reads. */
  readonly toggle: ((id: string) => void) | undefined
}

export function QueueRow({ row: { item, left }, chosen, toggle }: Props) {
  return (
    <li class={`row ${item.severity}${left ? ' left' : ''}${chosen ? ' chosen' : ''}`}>
      {toggle && (
        <label class="tick">
          <input type="checkbox" checked={chosen} onChange={() => toggle(item.id)} />
          <span class="unseen">{t(`Pilih ${item.id}`, `Select ${item.id}`)}</span>
        </label>
      )}
      <SeverityMark severity={item.severity} />
      <span class="score">
        <span class="unseen">{t('Skor', 'Score')} </span>
        {item.score}
      </span>
      <div class="about">
        <a data-id={item.id} href={`/peringatan/${item.id}`}>
          {alertTitle(item)}
        </a>
        <p class="soft">
          {item.entity !== '' && <bdi>{entityText(item.entity)}</bdi>}
          {item.asset !== '' && !item.entity.startsWith('asset:') && (
            <>
              {' → '}
              <bdi>{item.asset}</bdi>
            </>
          )}
          {' · '}
          {item.region === ''
            ? t('wilayah tidak diketahui', 'unknown region')
            : placeName(item.region, item.region_name)}
          {' · '}
          {item.findings_exact ? '' : '± '}
          {number(item.findings)} {t('temuan', item.findings === 1 ? 'finding' : 'findings')},{' '}
          <Since at={item.last_seen} />
          {item.case !== '' && (
            <>
              {' · '}
              <span class="whole">
                {t('kasus', 'case')} {item.case}
              </span>
            </>
          )}
        </p>
      </div>
      <div class="state-of">
        <StatusMark alert={item} /> <Who alert={item} />
        {left && <span class="soft"> {t('(tidak cocok lagi)', '(fits no more)')}</span>}
      </div>
      <Deadline at={item.deadline} />
    </li>
  )
}

function Since({ at }: { at: string }) {
  const ms = Date.parse(at)
  return <time dateTime={at}>{ago(ms, Math.max(ms, serverNow()))}</time>
}
