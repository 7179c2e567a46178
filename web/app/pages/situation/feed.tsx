// What has just happened? The newest events worth a look; held still while somebody reads.
import { useComputed, useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { FeedItem } from '../../../../schemas/situation-api.ts'
import { clock, type Zone } from '../../format.ts'
import { t } from '../../language.ts'
import { visible } from '../../parts/hostile.ts'
import { exploreHref, type LinkField } from '../../parts/links.ts'
import { placeName } from '../../parts/region-names.ts'
import { reportTitle } from '../../parts/report-words.ts'
import { anyRuleName } from '../../parts/rule-names.ts'
import { SeverityShape, severityOfScore, severityWord } from '../../parts/severity.tsx'
import { Empty, Help } from '../../parts/states.tsx'
import { levelOfScore } from './level.ts'
import { stand } from './stand.ts'

const SHOWN = 40
const AROUND_MS = 1_800_000
/** Time and host as syslog writes them: the row says when and where, in the reader's own zone. */
const LEADING_TIME =
  /^(?:<\d{1,3}>)?(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) /

export function Feed({ region, zone }: { region: string | undefined; zone: Zone }) {
  const held = useSignal<readonly FeedItem[] | undefined>(undefined)
  const list = useRef<HTMLOListElement>(null)
  const inside = useRef({ pointer: false, focus: false })
  const newest = (): readonly FeedItem[] =>
    (stand.value?.feed ?? []).filter((item) => isIn(item.region, region)).slice(0, SHOWN)
  const items = held.value === undefined ? newest() : held.value.filter((item) => isIn(item.region, region))
  const waiting = useComputed(() => {
    if (held.value === undefined) return 0
    const seen = new Set(held.value.map(({ id }) => id))
    return (stand.value?.feed ?? []).filter(({ id }) => !seen.has(id)).length
  })
  /** Under the pointer, with the focus, or scrolled down: somebody reads, and nothing moves. */
  const settle = (): void => {
    const reading = inside.current.pointer || inside.current.focus || (list.current?.scrollTop ?? 0) > 4
    if (reading) held.value ??= stand.peek()?.feed ?? []
    else held.value = undefined
  }
  const mark = (what: 'pointer' | 'focus', is: boolean) => () => {
    inside.current[what] = is
    settle()
  }
  return (
    <section class="card feed" aria-label={t('Kejadian terbaru', 'Newest events')}>
      <h2>
        {t('Kejadian terbaru', 'Newest events')}{' '}
        <Help
          id="Kejadian berskor 40 ke atas dalam satu jam terakhir, terbaru di atas menurut waktu kejadiannya. Daftar berhenti bergerak selama penunjuk ada di atasnya. Skor: kemungkinan dari seratus bahwa kejadian itu perlu dilihat orang."
          en="Events of score 40 and more of the last hour, newest first by when they happened. The list holds still while the pointer is over it. Score: the chance in a hundred that a person should look."
        />
        <span class="soft held" role="status">
          {held.value !== undefined && t(`dijeda · ${waiting.value} baru`, `held · ${waiting.value} new`)}
        </span>
      </h2>
      {items.length === 0 ? (
        <Empty>
          {t(
            'Tidak ada kejadian berskor 40 ke atas dalam satu jam terakhir.',
            'No event of score 40 and more within the last hour.',
          )}
        </Empty>
      ) : (
        <ol
          ref={list}
          // Whoever has no pointer scrolls it by keys.
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
          tabIndex={0}
          onPointerEnter={mark('pointer', true)}
          onPointerLeave={mark('pointer', false)}
          onFocusIn={mark('focus', true)}
          onFocusOut={mark('focus', false)}
          onScroll={settle}
        >
          {items.map((item) => (
            <FeedRow key={item.id} item={item} zone={zone} />
          ))}
        </ol>
      )}
    </section>
  )
}

export function FeedRow({ item, zone, links = true }: { item: FeedItem; zone: Zone; links?: boolean }) {
  const level = levelOfScore(item.score)
  const severity = severityOfScore(item.score)
  const { title, line } = saidOf(item)
  const who: readonly [LinkField, string] | undefined =
    item.ip !== '' ? ['source.ip', item.ip] : item.user !== '' ? ['user.name', item.user] : undefined
  return (
    <li class={`event score-${level}`}>
      <span class="score" title={severityWord(severity)}>
        <SeverityShape severity={severity} />
        {item.score}
        <span class="unseen"> {severityWord(severity)}</span>
      </span>
      <span class="when">{clock(item.at, zone)}</span>
      <span class="where">
        {item.region === '' ? t('tanpa wilayah', 'no region') : placeName(item.region, item.place)}
      </span>
      <span class="who mono">
        {who !== undefined &&
          (links ? (
            <a href={exploreHref(who[0], who[1], item.at - AROUND_MS, item.at + AROUND_MS)}>{visible(who[1])}</a>
          ) : (
            visible(who[1])
          ))}
      </span>
      <span class="what" title={line}>
        {title !== '' && <b>{title}</b>}
        {title !== '' && line !== '' && ' · '}
        <span class="mono">{line}</span>
      </span>
    </li>
  )
}

/** What happened in words, and the line behind it; a line of JSON says nothing to people. */
function saidOf({ rule, text, dataset, category }: FeedItem): { readonly title: string; readonly line: string } {
  if (dataset === 'siaga.report') {
    const [first = '', ...rest] = text.split('\n')
    return { title: reportTitle(first) ?? t('Laporan ruang', 'Report of a room'), line: visible(rest.join(' ')) }
  }
  const title = anyRuleName(rule)
  const line = text.startsWith('{') ? '' : visible(text.replace(LEADING_TIME, ''))
  return title === '' && line === '' ? { title: `${dataset} ${category}`, line } : { title, line }
}

/** A region or what lies beneath it; undefined: all. */
function isIn(code: string, region: string | undefined): boolean {
  return region === undefined || code === region || code.startsWith(`${region}.`)
}
