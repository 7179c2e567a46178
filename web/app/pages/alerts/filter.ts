// Which alerts are shown, and in which order? Kept in the address of the page, so that it can be shared and comes back.

import { signal } from '@preact/signals'
import type { AlertOrder } from '../../../../schemas/alert-api.ts'
import type { Severity } from '../../../../schemas/detection.ts'
import { severities } from '../../parts/severity.tsx'
import { session } from '../../session.ts'

/** Query string of the queue as it was last looked at: the way back from an alert. */
export const lastSearch = signal('')

export const statusChoices = {
  aktif: ['active'],
  terbuka: ['open'],
  ditanggapi: ['acknowledged'],
  ditangani: ['in_work'],
  ditutup: ['resolved', 'false_positive', 'accepted', 'merged'],
  semua: ['active', 'resolved', 'false_positive', 'accepted', 'merged'],
} as const
export type StatusChoice = keyof typeof statusChoices

export const orders = {
  tenggat: 'deadline',
  skor: 'score',
  baru: 'opened',
  perubahan: 'changed',
} as const satisfies Record<string, AlertOrder>
export type OrderChoice = keyof typeof orders

/** `saya`: whoever is logged in. `-`: nobody. */
export const MINE = 'saya'
export const NOBODY = '-'

export interface Filter {
  readonly status: StatusChoice
  readonly severity: Severity | ''
  readonly region: string
  readonly assignee: string
  readonly q: string
  readonly rule: string
  readonly case: string
  readonly entity: string
  /** `<24`: opened within so many hours; `>24`: longer ago. */
  readonly age: string
  readonly overdue: boolean
  readonly sort: OrderChoice
}

export const noFilter: Filter = {
  status: 'aktif',
  severity: '',
  region: '',
  assignee: '',
  q: '',
  rule: '',
  case: '',
  entity: '',
  age: '',
  overdue: false,
  sort: 'tenggat',
}

const isStatus = (text: string | null): text is StatusChoice => text !== null && Object.hasOwn(statusChoices, text)
const isOrder = (text: string | null): text is OrderChoice => text !== null && Object.hasOwn(orders, text)

/** The filter of an address; what it does not know it leaves out. */
export function readFilter(search: string): Filter {
  const at = new URLSearchParams(search)
  const status = at.get('status')
  const sort = at.get('urut')
  return {
    status: isStatus(status) ? status : noFilter.status,
    severity: severities.find((one) => one === at.get('tingkat')) ?? '',
    region: at.get('wilayah') ?? '',
    assignee: at.get('pemegang') ?? '',
    q: (at.get('cari') ?? '').slice(0, 200),
    rule: at.get('aturan') ?? '',
    case: at.get('kasus') ?? '',
    entity: at.get('entitas') ?? '',
    age: /^[<>]\d{1,5}$/.test(at.get('umur') ?? '') ? (at.get('umur') ?? '') : '',
    overdue: at.get('lewat') === '1',
    sort: isOrder(sort) ? sort : noFilter.sort,
  }
}

/** What stands in the address for a filter: what is not as usual. */
export function addressOf(filter: Filter): string {
  const names = {
    status: 'status',
    severity: 'tingkat',
    region: 'wilayah',
    assignee: 'pemegang',
    q: 'cari',
    rule: 'aturan',
    case: 'kasus',
    entity: 'entitas',
    age: 'umur',
    sort: 'urut',
  } as const
  const set = Object.entries(names).flatMap(([key, name]) => {
    const value = filter[key as keyof typeof names]
    return value === noFilter[key as keyof typeof names] ? [] : [[name, value]]
  })
  if (filter.overdue) set.push(['lewat', '1'])
  return set.length === 0 ? '' : `?${new URLSearchParams(set)}`
}

/** What the API is asked, without the order. */
export function questionOf(filter: Filter): URLSearchParams {
  const asked = new URLSearchParams()
  for (const status of statusChoices[filter.status]) asked.append('status', status)
  for (const name of ['severity', 'region', 'q', 'rule', 'case', 'entity'] as const)
    if (filter[name] !== '') asked.set(name, filter[name])
  if (filter.assignee !== '')
    asked.set('assignee', filter.assignee === MINE ? (session.value?.account.name ?? '') : nobody(filter.assignee))
  if (filter.age !== '') asked.set(filter.age.startsWith('<') ? 'newer_hours' : 'older_hours', filter.age.slice(1))
  if (filter.overdue) asked.set('overdue', 'true')
  return asked
}

const nobody = (assignee: string): string => (assignee === NOBODY ? '' : assignee)
