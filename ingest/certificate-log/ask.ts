// How is a log asked? Through the guard, bounded; busy logs say when to come back.
import type { Guard } from '../../runtime/guard/fetch.ts'
import { Busy, Refused, Unreadable } from './problems.ts'

export interface AskOptions {
  readonly guard: Pick<Guard, 'fetch'>
  /** Prefix without a slash at the end. */
  readonly prefix: string
  readonly timeoutMs: number
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
}

/** Answers the body of a path beneath the prefix. Rejects with FetchFailure, Busy or Refused. */
export type Ask = (path: string, maxBytes: number, signal: AbortSignal) => Promise<Buffer>

const AGENT = 'siaga-certificate-log'
const MAX_RETRY_AFTER_MS = 3_600_000

export function createAsk({ guard, prefix, timeoutMs, now }: AskOptions): Ask {
  return async (path, maxBytes, signal) => {
    const headers = { 'user-agent': AGENT, 'accept-encoding': 'gzip, identity' }
    const {
      status,
      headers: answered,
      body,
    } = await guard.fetch(`${prefix}/${path}`, { headers, timeoutMs, maxBytes, signal })
    if (status === 200) return body
    if (status === 429 || status === 503) throw new Busy(status, retryAfter(answered['retry-after'], now()))
    throw new Refused(status, path.replace(/\?.*$/s, ''))
  }
}

/** Retry-After of RFC 9110 section 10.2.3, at most an hour. */
function retryAfter(header: string | undefined, now: number): number {
  if (header === undefined) return 0
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS) : 0
}

/** JSON of an answer; throws Unreadable. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new Unreadable('the answer is not JSON')
  }
}
