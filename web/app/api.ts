// How does the page ask the server? JSON over fetch; a refusal carries its text in both languages, a lost session leads to the log-in.
import type { WebRefusal } from '../../schemas/account.ts'
import { language } from './language.ts'
import { csrf, forgetSession } from './session.ts'

/** What the server refused, or that it could not be reached. */
export class ApiError extends Error {
  override name = 'ApiError'
  /** 0 if no answer came. */
  readonly status: number
  readonly refusal: WebRefusal
  /** Seconds. */
  readonly retryAfter: number

  constructor(status: number, refusal: WebRefusal, retryAfter = 0) {
    super(refusal.error)
    this.status = status
    this.refusal = refusal
    this.retryAfter = retryAfter
  }
  /** What is wrong, in the language of the page. */
  get what(): string {
    return language.value === 'en' ? this.refusal.message : this.refusal.pesan
  }
  /** What to do about it. */
  get action(): string {
    return language.value === 'en' ? this.refusal.action : this.refusal.tindakan
  }
}

const unreachable: WebRefusal = {
  error: 'UNREACHABLE',
  message: 'The server cannot be reached.',
  action: 'Check the line; the page tries again by itself.',
  pesan: 'Server tidak terjangkau.',
  tindakan: 'Periksa jaringan; halaman mencoba lagi sendiri.',
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

/** The answer as JSON, which each route has; rejects with an {@link ApiError}, or the AbortError of the signal. The caller names the type that the route's schema has. */
export async function ask<T>(path: string, { method = 'GET', body, signal, headers = {} }: Ask = {}): Promise<T> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'GET' ? {} : { 'x-siaga-csrf': csrf() }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error
    throw new ApiError(0, unreachable)
  })
  const json: unknown = await response.json().catch((error: unknown) => {
    if (signal?.aborted === true) throw error
    return undefined
  })
  if (response.ok) {
    // A line that breaks within the answer, or a network that answers with its own log-in page: the server has said nothing.
    if (json === undefined) throw new ApiError(0, unreachable)
    return json as T
  }
  if (response.status === 401 && path !== '/api/login') forgetSession()
  throw new ApiError(
    response.status,
    isRefusal(json) ? json : unreachable,
    Number(response.headers.get('retry-after') ?? 0),
  )
}

function isRefusal(json: unknown): json is WebRefusal {
  return typeof json === 'object' && json !== null && 'error' in json && 'message' in json
}

/** Query string of what is set. */
export function query(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const set = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  )
  return set.length === 0 ? '' : `?${new URLSearchParams(set)}`
}
