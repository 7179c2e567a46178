// Which alerts are in the queue now? A page of them, changed where they stand as changes come; new ones wait until somebody wants them.
import { batch, signal } from '@preact/signals'
import type { AlertItem } from '../../../../schemas/alert-api.ts'
import type { AlertCounts } from '../../../../schemas/alert-page-api.ts'
import { ask } from '../../api.ts'
import { type Filter, orders, questionOf } from './filter.ts'

export interface Row {
  readonly item: AlertItem
  /** It fits the filter no more, and stays until the list is asked for anew: nothing jumps. */
  readonly left: boolean
}

/** `undefined`: not asked yet. */
export const rows = signal<readonly Row[] | undefined>(undefined)
/** New ones that fit and are not shown yet. */
export const waiting = signal<ReadonlyMap<string, AlertItem>>(new Map())
export const total = signal(0)
export const counts = signal<AlertCounts | undefined>(undefined)
export const failure = signal<unknown>(undefined)
export const busy = signal(false)
export const isLive = signal(false)
/** Clock of the server less that of this machine, milliseconds. */
export const clockAhead = signal(0)

const PAGE = 50
const MAX_ROWS = 1_000
/** Counts are asked for anew when something has changed, no more often. */
const COUNTS_MS = 10_000
const RETRY_MS = 5_000

let filter: Filter | undefined
let next: string | undefined
let loading: AbortController | undefined
let source: EventSource | undefined
let lastId = ''
let countsAreOld = false
/** As long as somebody has made the list. */
let pageLength = PAGE

interface Page {
  readonly alerts: readonly AlertItem[]
  readonly total: number
  readonly next?: string
}

/** Shows what fits and goes on showing it until the answered function is called. A list that is still the one asked for stays while it is asked for anew. */
export function follow(wanted: Filter): () => void {
  const same = filter !== undefined && JSON.stringify(filter) === JSON.stringify(wanted)
  filter = wanted
  if (!same) lastId = ''
  pageLength = same ? pageLength : PAGE
  const visible = (): void => (document.visibilityState === 'visible' ? listen() : hush())
  document.addEventListener('visibilitychange', visible)
  listen()
  void reload()
  const timer = setInterval(() => {
    if (document.visibilityState !== 'visible') return
    if (source === undefined) {
      listen()
      void reload()
    } else if (countsAreOld) void count()
  }, COUNTS_MS)
  return () => {
    document.removeEventListener('visibilitychange', visible)
    clearInterval(timer)
    loading?.abort()
    hush()
  }
}

export const hasMore = (): boolean => next !== undefined

/** The list anew, as long as it is, with what waits in its place. */
export async function reload(): Promise<void> {
  await load(pageLength, undefined)
}

/** The next page, behind what is there. */
export async function more(): Promise<void> {
  if (next === undefined) return
  pageLength = Math.min(MAX_ROWS, pageLength + PAGE)
  await load(PAGE, next)
}

async function load(limit: number, before: string | undefined): Promise<void> {
  const wanted = filter
  if (wanted === undefined) return
  loading?.abort()
  const stop = new AbortController()
  loading = stop
  busy.value = true
  const asked = questionOf(wanted)
  asked.set('sort', orders[wanted.sort])
  asked.set('limit', String(limit))
  if (before !== undefined) asked.set('before', before)
  try {
    const page = await ask<Page>(`/v1/alerts?${asked}`, { signal: stop.signal })
    const shown = page.alerts.map((item) => ({ item, left: false }))
    batch(() => {
      const known = before === undefined ? [] : (rows.value ?? [])
      const ids = new Set(shown.map(({ item }) => item.id))
      rows.value = [...known.filter(({ item }) => !ids.has(item.id)), ...shown]
      waiting.value = before === undefined ? new Map() : new Map([...waiting.value].filter(([id]) => !ids.has(id)))
      total.value = page.total
      failure.value = undefined
    })
    next = page.next
    await count()
  } catch (error) {
    if (!stop.signal.aborted) failure.value = error
  } finally {
    if (loading === stop) busy.value = false
  }
}

async function count(): Promise<void> {
  const wanted = filter
  if (wanted === undefined) return
  countsAreOld = false
  try {
    const found = await ask<AlertCounts>(`/v1/alerts/counts?${questionOf(wanted)}`)
    if (wanted !== filter) return
    batch(() => {
      counts.value = found
      total.value = found.total
      clockAhead.value = Date.parse(found.at) - Date.now()
    })
  } catch {
    countsAreOld = true
  }
}

/** A tab that nobody looks at holds no connection: browsers have few for one server. */
function hush(): void {
  source?.close()
  source = undefined
  isLive.value = false
}

function listen(): void {
  if (filter === undefined) return
  hush()
  const asked = questionOf(filter)
  if (lastId !== '') asked.set('after', lastId)
  const opened = new EventSource(`/v1/alerts/stream?${asked}`)
  source = opened
  opened.onopen = () => {
    isLive.value = true
  }
  opened.onerror = () => {
    isLive.value = false
    // The browser gives up after a refusal; it is tried again by the clock.
    if (opened.readyState === EventSource.CLOSED && source === opened)
      setTimeout(() => source === opened && hush(), RETRY_MS)
  }
  const on = (event: string, fits: boolean): void =>
    opened.addEventListener(event, ({ data, lastEventId }: MessageEvent<string>) => {
      lastId = lastEventId
      const item: AlertItem = JSON.parse(data)
      take(item, fits)
    })
  on('alert', true)
  on('other', false)
}

/** A change, as it was told or as an action answered it. */
function take(item: AlertItem, fits: boolean): void {
  countsAreOld = true
  const all = rows.value
  const known = all?.find((row) => row.item.id === item.id)
  if (all !== undefined && known !== undefined) {
    if (item.version < known.item.version) return
    rows.value = all.map((row) => (row === known ? { item, left: !fits } : row))
    return
  }
  const then = new Map(waiting.value)
  if (fits) then.set(item.id, item)
  else then.delete(item.id)
  if (fits || waiting.value.has(item.id)) waiting.value = then
}

/** An alert that somebody here has acted on; whether it still fits is told by the stream. */
export function acted(item: AlertItem): void {
  const all = rows.value
  rows.value = all?.map((row) => (row.item.id === item.id && item.version >= row.item.version ? { ...row, item } : row))
}
