// What does the address of the page say? The question, the span, the order and the columns: all that somebody needs to see the same, and no result.
import type { Order } from '../../../../schemas/explore-api.ts'
import { USUAL } from './frequent.ts'

/** Spans back from now, in the words of the address. */
export const spans = [
  { name: '15m', ms: 900_000, id: '15 menit', en: '15 minutes' },
  { name: '1h', ms: 3_600_000, id: '1 jam', en: '1 hour' },
  { name: '6h', ms: 21_600_000, id: '6 jam', en: '6 hours' },
  { name: '24h', ms: 86_400_000, id: '24 jam', en: '24 hours' },
  { name: '7d', ms: 604_800_000, id: '7 hari', en: '7 days' },
  { name: '30d', ms: 2_592_000_000, id: '30 hari', en: '30 days' },
] as const

export const defaultColumns = [
  'score',
  'region_code',
  'dataset',
  'event_action',
  'event_outcome',
  'source_ip',
  'user_name',
  'message',
]

export interface Asked {
  readonly q: string
  /** Back from now, or '' where from and to are said. */
  readonly back: string
  /** Milliseconds since 1970 UTC. */
  readonly from: number
  readonly to: number
  readonly order: Order
  readonly columns: readonly string[]
}

const KEY = 'siaga.explore.columns'

function ownColumns(): readonly string[] {
  const kept = (localStorage.getItem(KEY) ?? '').split(',').filter((name) => name !== '')
  return kept.length === 0 ? defaultColumns : kept
}

export function keepColumns(columns: readonly string[]): void {
  localStorage.setItem(KEY, columns.join(','))
}

/** What an address asks. Without a question: the usual one; without a span: the last hour. */
export function readAddress(query: Readonly<Record<string, string>>, now: number): Asked {
  const from = Date.parse(query.dari ?? '')
  const to = Date.parse(query.sampai ?? '')
  const said = Number.isFinite(from) && (query.sampai === undefined || Number.isFinite(to))
  const span = spans.find(({ name }) => name === query.rentang) ?? spans[1]
  const until = Number.isFinite(to) ? to : now
  const columns = (query.kolom ?? '')
    .split(',')
    .filter((name) => /^[a-z_0-9]{1,64}$/.test(name))
    .slice(0, 40)
  const whole = said && from < until && from >= 0
  return {
    q: query.q ?? USUAL,
    back: whole ? '' : span.name,
    from: whole ? from : now - span.ms,
    to: whole ? until : now,
    order: query.urut === 'lama' ? 'oldest' : query.urut === 'skor' ? 'score' : 'newest',
    columns: columns.length === 0 ? ownColumns() : columns,
  }
}

/** The address of a question. `whole`: with its span as times, for whoever opens it later. */
export function addressOf({ q, back, from, to, order, columns }: Asked, whole = false): string {
  // Said also where it is empty: that asks for everything.
  const said = new URLSearchParams({ q })
  if (back === '' || whole) {
    said.set('dari', new Date(from).toISOString())
    said.set('sampai', new Date(to).toISOString())
  } else said.set('rentang', back)
  if (order !== 'newest') said.set('urut', order === 'oldest' ? 'lama' : 'skor')
  if (whole) said.set('kolom', columns.join(','))
  return `/jelajah?${said}`
}

/** One more condition. */
export function also(q: string, more: string): string {
  const before = q.trim()
  if (before === '') return more
  return / (?:OR|ATAU) /.test(before) ? `(${before}) ${more}` : `${before} ${more}`
}
