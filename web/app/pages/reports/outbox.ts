// Where is a report between the first letter and the receipt? On this device, by account; sent by itself, and filed once however often it is sent.
import { signal } from '@preact/signals'
import type { ReportAnswer } from '../../../../schemas/report.ts'
import type { ReportRefusal } from '../../../../schemas/reports-api.ts'
import { ApiError, ask } from '../../api.ts'
import { session } from '../../session.ts'

/** The form as it is typed. */
export interface Form {
  readonly category: string
  readonly severity: string
  readonly asset: string
  /** Local time of the region, as `2024-11-27T08:00`. */
  readonly discovered_at: string
  readonly description: string
  readonly chronology: string
  readonly impact: string
  readonly iiv: boolean
  readonly personal_data: boolean
  readonly name: string
  readonly phone: string
  readonly email: string
}

/** `draft`: being written. `waiting`: to be sent as it is. `filed`: there is a receipt. */
export interface Entry {
  /** The idempotency key: the server files it once. */
  readonly id: string
  readonly kind: 'incident' | 'nihil'
  readonly state: 'draft' | 'waiting' | 'filed'
  readonly form: Form | undefined
  /** What is sent, unchanged from the first try on. */
  readonly body: Readonly<Record<string, unknown>> | undefined
  /** Milliseconds since 1970 UTC. */
  readonly changed_at: number
  readonly refusal?: ReportRefusal | undefined
  readonly answer?: ReportAnswer | undefined
}

const PREFIX = 'siaga.reports.'
const MOST = 20
const FILED_KEPT_MS = 3 * 86_400_000
const RETRY_MS = [3_000, 5_000, 10_000, 20_000, 30_000]

export const entries = signal<readonly Entry[]>([])
/** False: this device keeps nothing, so that the page must stay open. */
export const keeps = signal(true)
/** The entry that is on its way now. */
export const sending = signal<string | undefined>(undefined)

let account = ''
let misses = 0
let timer: ReturnType<typeof setTimeout> | undefined

const keyOf = (of: string): string => `${PREFIX}${of}`

/** Takes up what this account left on this device and sends what waits. May be called again. */
export function openOutbox(): void {
  const of = session.value?.account.id ?? ''
  if (of === '') return
  if (account === '') {
    addEventListener('online', () => void send())
    addEventListener('storage', ({ key }) => {
      if (key === keyOf(account)) entries.value = stored()
    })
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void send())
    // Whoever logs in again sends what waited meanwhile.
    session.subscribe((now) => {
      if (now != null && account !== '') queueMicrotask(openOutbox)
    })
  }
  if (account !== of) {
    account = of
    entries.value = stored()
  }
  void send()
}

function stored(): readonly Entry[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(keyOf(account)) ?? '[]')
    if (!Array.isArray(read)) return []
    const now = Date.now()
    return (read as Entry[]).filter(({ state, changed_at }) => state !== 'filed' || now - changed_at < FILED_KEPT_MS)
  } catch {
    return []
  }
}

function keep(next: readonly Entry[]): void {
  entries.value = next
  try {
    if (next.length === 0) localStorage.removeItem(keyOf(account))
    else localStorage.setItem(keyOf(account), JSON.stringify(next))
    keeps.value = true
  } catch {
    keeps.value = false
  }
}

/** Puts an entry in the place of the one with its id, or before all others. */
export function put(entry: Entry): void {
  // Whoever types sooner than the page has settled would else write into nobody's place.
  if (account === '') openOutbox()
  const others = entries.value.filter(({ id }) => id !== entry.id)
  // What was not sent yet is never dropped for being much.
  const spare = others.filter(({ state }) => state === 'filed').slice(0, Math.max(0, MOST - others.length))
  keep([entry, ...others.filter((other) => other.state !== 'filed' || spare.includes(other))])
}

export function drop(id: string): void {
  keep(entries.value.filter((entry) => entry.id !== id))
}

/** A new id; `crypto.randomUUID` is there on https only. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** From here on it is sent until there is an answer. */
export function submit(entry: Entry, body: Readonly<Record<string, unknown>>): void {
  put({ ...entry, state: 'waiting', body, refusal: undefined, changed_at: Date.now() })
  misses = 0
  void send()
}

/** Sends what waits, the oldest first. */
export async function send(): Promise<void> {
  clearTimeout(timer)
  if (sending.value !== undefined || session.value == null || session.value.account.id !== account) return
  const next = entries.value.findLast(({ state }) => state === 'waiting')
  if (next === undefined) return
  sending.value = next.id
  let again = 0
  try {
    const answer = await ask<ReportAnswer>(`/api/reports/${next.kind}`, {
      method: 'POST',
      body: next.body,
      headers: { 'idempotency-key': next.id },
    })
    misses = 0
    put({
      ...next,
      state: 'filed',
      form: undefined,
      body: undefined,
      answer,
      refusal: undefined,
      changed_at: Date.now(),
    })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (isPassing(error)) {
      again = Math.max(error.retryAfter * 1000, RETRY_MS[Math.min(misses, RETRY_MS.length - 1)] ?? 0)
      misses += 1
    } else {
      // Nothing was filed: it is a draft again, with what is wrong beside it. An id that stands for another report is of no use any more.
      const id = error.refusal.error === 'IDEMPOTENCY_KEY_REUSED' ? newId() : next.id
      if (id !== next.id) drop(next.id)
      put({ ...next, id, state: 'draft', body: undefined, refusal: error.refusal, changed_at: Date.now() })
    }
  } finally {
    sending.value = undefined
  }
  timer = setTimeout(() => void send(), again)
}

/** No answer, or one that says to come again: the line, the server, a session that ended. */
const isPassing = ({ status, refusal }: ApiError): boolean =>
  status === 0 || status === 401 || status === 429 || status >= 500 || refusal.error === 'CSRF'

/** Keys of what other accounts left on this device, unread. */
export function othersHere(): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX) && key !== keyOf(account))
  } catch {
    return []
  }
}

export function dropOthers(): void {
  for (const key of othersHere()) localStorage.removeItem(key)
}
