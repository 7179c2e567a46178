// What waits for whom? The queue: filtered, sorted, live without jumping, worked through by keyboard, several at once.
import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { AlertItem } from '../../../../schemas/alert-api.ts'
import { number } from '../../format.ts'
import { t } from '../../language.ts'
import { SeverityMark, severities } from '../../parts/severity.tsx'
import { Empty, Failed, Help, Loading } from '../../parts/states.tsx'
import { may, session } from '../../session.ts'
import { act, newPress } from './act.ts'
import { Asking, type Question } from './asking.tsx'
import { Bulk } from './bulk.tsx'
import { busy, counts, failure, follow, hasMore, isLive, more, reload, rows, total, waiting } from './feed.ts'
import { addressOf, type Filter, lastSearch, noFilter, readFilter } from './filter.ts'
import { Filters } from './filters.tsx'
import { KeyList, useKeys } from './keys.tsx'
import { QueueRow } from './row.tsx'
import { Said } from './said.tsx'
import { deadlineHelp, scoreHelp } from './words.ts'

export function Queue() {
  const { url, route } = useLocation()
  const search = url.includes('?') ? url.slice(url.indexOf('?')) : ''
  const filter = useMemo(() => readFilter(search), [search])
  useEffect(() => follow(filter), [filter])
  useEffect(() => {
    lastSearch.value = search
  }, [search])
  const chosen = useSignal<ReadonlySet<string>>(new Set())
  const question = useSignal<Question | undefined>(undefined)
  const helping = useSignal(false)
  const list = useRef<HTMLOListElement>(null)
  const canAct = may('alerts', 'write')

  const change = (part: Partial<Filter>): void => {
    chosen.value = new Set()
    route(`/peringatan${addressOf({ ...filter, ...part })}`, true)
  }
  const toggle = (id: string): void => {
    const then = new Set(chosen.value)
    if (!then.delete(id)) then.add(id)
    chosen.value = then
  }
  const links = (): HTMLAnchorElement[] => [...(list.current?.querySelectorAll<HTMLAnchorElement>('a[data-id]') ?? [])]
  const current = (): HTMLAnchorElement | undefined => links().find((link) => link === document.activeElement)
  const move = (by: number): void => {
    const all = links()
    const now = document.activeElement
    const at = now instanceof HTMLAnchorElement ? all.indexOf(now) : -1
    const to = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]
    to?.focus()
    to?.scrollIntoView({ block: 'nearest' })
  }
  /** Elsewhere arrows scroll. */
  const inList = (): boolean =>
    document.activeElement === document.body || list.current?.contains(document.activeElement) === true
  /** The chosen ones, or the one that is looked at. */
  const meant = (): string[] =>
    chosen.value.size > 0 ? [...chosen.value] : [current()?.dataset.id ?? ''].filter(Boolean)
  const now = (verb: 'acknowledge' | 'assign'): void => {
    if (!canAct) return
    const assignee = verb === 'assign' ? (session.value?.account.name ?? '') : ''
    void act({ verb, ids: meant(), assignee }, newPress()).then(() => {
      chosen.value = new Set()
    })
  }
  const keys = useKeys([
    { keys: ['j', 'ArrowDown'], does: () => move(1), goesOn: inList, id: 'berikutnya', en: 'next' },
    { keys: ['k', 'ArrowUp'], does: () => move(-1), goesOn: inList, id: 'sebelumnya', en: 'previous' },
    { keys: ['e', 'Enter'], does: () => current()?.click(), id: 'buka rincian', en: 'open the detail' },
    ...(canAct
      ? [
          {
            keys: ['x'],
            does: () => {
              const id = current()?.dataset.id
              if (id !== undefined) toggle(id)
            },
            ...{ id: 'pilih', en: 'select' },
          },
          { keys: ['a'], does: () => now('acknowledge'), id: 'tanggapi', en: 'acknowledge' },
          { keys: ['t'], does: () => now('assign'), id: 'ambil', en: 'take' },
          {
            keys: ['r'],
            does: () => {
              const ids = meant()
              if (ids.length > 0) question.value = { verb: 'resolve', ids }
            },
            ...{ id: 'selesai', en: 'resolve' },
          },
        ]
      : []),
    { keys: ['n'], does: () => void reload(), id: 'tampilkan yang baru', en: 'show new ones' },
    { keys: ['/'], does: () => document.getElementById('alert-search')?.focus(), id: 'cari', en: 'search' },
    { keys: ['?'], does: () => (helping.value = true), id: 'daftar tombol ini', en: 'this list' },
  ])

  return (
    <section class="alerts">
      <header class="top">
        <h1>
          {t('Peringatan', 'Alerts')} <Count />
        </h1>
        <a href="/peringatan/penahanan">{t('Penahanan', 'Held back')}</a>
        <button type="button" class="quiet" onClick={() => (helping.value = true)}>
          {t('Tombol (?)', 'Keys (?)')}
        </button>
      </header>
      <Tally filter={filter} change={change} />
      <Filters filter={filter} change={change} />
      <div class="notes">
        <New />
        <Said />
      </div>
      {rows.value === undefined && failure.value === undefined && <Loading />}
      {failure.value !== undefined && <Failed error={failure.value} again={() => void reload()} />}
      {rows.value?.length === 0 && failure.value === undefined && (
        <Empty>
          {JSON.stringify({ ...filter, sort: noFilter.sort }) === JSON.stringify(noFilter)
            ? t('Tidak ada peringatan yang perlu ditangani.', 'No alert waits for anybody.')
            : t('Tidak ada peringatan yang cocok dengan saringan ini.', 'No alert fits this filter.')}
        </Empty>
      )}
      {rows.value !== undefined && rows.value.length > 0 && (
        <>
          <div class="head">
            <span>{t('Tingkat', 'Severity')}</span>
            <span>
              {t('Skor', 'Score')} <Help {...scoreHelp} />
            </span>
            <span>{t('Perihal', 'About')}</span>
            <span>{t('Status, pemegang', 'Status, who')}</span>
            <span>
              {t('Tenggat', 'Deadline')} <Help {...deadlineHelp} />
            </span>
          </div>
          <ol class="queue" ref={list} aria-busy={busy.value}>
            {rows.value.map((row) => (
              <QueueRow
                key={row.item.id}
                row={row}
                chosen={chosen.value.has(row.item.id)}
                toggle={canAct ? toggle : undefined}
              />
            ))}
          </ol>
          {hasMore() && (
            <button type="button" class="more" disabled={busy.value} onClick={() => void more()}>
              {t(
                `Muat lagi (${number(rows.value.length)} dari ${number(total.value)})`,
                `Load more (${number(rows.value.length)} of ${number(total.value)})`,
              )}
            </button>
          )}
        </>
      )}
      {canAct && chosen.value.size > 0 && (
        <Bulk
          alerts={chosenOf(chosen.value)}
          clear={() => (chosen.value = new Set())}
          ask={(asked) => (question.value = asked)}
        />
      )}
      {question.value !== undefined && (
        <Asking
          question={question.value}
          close={(done) => {
            question.value = undefined
            if (done) chosen.value = new Set()
          }}
        />
      )}
      {helping.value && <KeyList keys={keys} close={() => (helping.value = false)} />}
    </section>
  )
}

function chosenOf(ids: ReadonlySet<string>): AlertItem[] {
  return (rows.value ?? []).flatMap(({ item }) => (ids.has(item.id) ? [item] : []))
}

function Count() {
  return (
    <span class="soft">
      {counts.value === undefined ? '' : number(total.value)}
      <span class={`line ${isLive.value ? 'live' : 'waiting'}`} role="status">
        {' '}
        {isLive.value ? t('● langsung', '● live') : t('○ menyambung …', '○ connecting …')}
      </span>
    </span>
  )
}

/** New alerts wait here until somebody wants them, so that nothing moves under a finger. */
function New() {
  const n = waiting.value.size
  return (
    <div class="new" aria-live="polite">
      {n > 0 && (
        <button type="button" class="main" onClick={() => void reload()}>
          {t(`↑ ${number(n)} baru`, `↑ ${number(n)} new`)}
        </button>
      )}
    </div>
  )
}

/** How many there are; each is a way to see only those. */
function Tally({ filter, change }: { filter: Filter; change: (part: Partial<Filter>) => void }) {
  const known = counts.value
  if (known === undefined) return <div class="tally" />
  return (
    <div class="tally">
      {severities.map((severity) => (
        <button
          key={severity}
          type="button"
          aria-pressed={filter.severity === severity}
          title={t('Hanya yang sekurangnya seberat ini', 'Only these and worse')}
          onClick={() => change({ severity: filter.severity === severity ? '' : severity })}
        >
          <SeverityMark severity={severity} /> <b>{number(known.severity[severity])}</b>
        </button>
      ))}
      <button
        type="button"
        class={known.overdue > 0 ? 'overdue' : ''}
        aria-pressed={filter.overdue}
        onClick={() => change({ overdue: !filter.overdue })}
      >
        ⚠ {t('Lewat tenggat', 'Overdue')} <b>{number(known.overdue)}</b>
      </button>
      <span class="soft">
        {t('menunggu tanggapan', 'wait for somebody')} <b>{number(known.unacknowledged)}</b>
      </span>
    </div>
  )
}
