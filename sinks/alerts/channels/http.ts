// How is a message posted by HTTP, and what does the answer mean? Once, within limits, without redirects; nothing secret comes back.
import { errorText } from '../../../runtime/errors.ts'
import { type FailureKind, FetchFailure } from '../../../runtime/guard/failure.ts'
import { createGuard } from '../../../runtime/guard/fetch.ts'
import type { Secret } from '../../../schemas/alerting.ts'
import type { ChannelParts, ChannelSender, Outgoing, SendOutcome } from './channel.ts'
import { readCa, redact } from './secrets.ts'
import { plain } from './text.ts'

const MAX_ANSWER_BYTES = 64 * 1024
const MAX_DETAIL = 200
const MAX_WAIT_MS = 3_600_000

/** What to post. */
export interface Post {
  readonly url: URL
  readonly body: string
  readonly contentType: string
  readonly headers?: Readonly<Record<string, string>>
  /** What must stand in no detail; parts of the URL are added. */
  readonly secrets?: readonly string[]
  /** What the answer means where the other side has words of its own; undefined: what its status means. */
  readonly judge?: (answer: Answer) => SendOutcome | undefined
}

export interface Answer {
  readonly status: number
  /** At most 64 KB. */
  readonly text: string
  /** Of the header Retry-After, at most an hour. */
  readonly retryAfterMs: number | undefined
}

/** The settings that posting needs. */
export interface HttpSettings {
  readonly timeout_seconds: number
  readonly ca?: string | undefined
}

/** Text of a secret of the channel, '' if it is not set; the error names the setting. */
export type SecretOf = (setting: string, secret: Secret | undefined) => string

/**
 * A channel that posts what `compose` makes of a message; an outcome of it is answered without posting. Never rejects: a secret that is
 * missing is a mistake that people repair, so the message waits.
 */
export function createHttpSender(
  settings: HttpSettings,
  parts: ChannelParts,
  compose: (outgoing: Outgoing, secretOf: SecretOf) => Post | SendOutcome,
): ChannelSender {
  // Addresses come from the operator's own siaga.yaml, where private networks are the rule. The guard is wanted for what it bounds:
  // it follows no redirect, and takes so many bytes in so much time.
  const guard = createGuard({ allowPrivate: ['0.0.0.0/0', '::/0'] })
  return {
    async send(outgoing, signal) {
      const secrets: string[] = []
      const secretOf: SecretOf = (setting, secret) => {
        if (secret === undefined) return ''
        const text = readSecret(parts, setting, secret)
        secrets.push(text)
        return text
      }
      try {
        const post = compose(outgoing, secretOf)
        if ('kind' in post) return withDetail(post, secrets)
        secrets.push(...(post.secrets ?? []), ...urlSecrets(post.url))
        const ca = settings.ca === undefined ? {} : { ca: readCa(settings.ca, parts.baseDir) }
        const { status, headers, body } = await guard.fetch(post.url, {
          method: 'POST',
          headers: {
            'user-agent': 'Siaga',
            'content-type': post.contentType,
            'idempotency-key': outgoing.notification.notification_id,
            ...post.headers,
          },
          body: Buffer.from(post.body),
          timeoutMs: settings.timeout_seconds * 1000,
          maxBytes: MAX_ANSWER_BYTES,
          whenLarge: 'cut',
          signal,
          ...ca,
        })
        const retryAfterMs = readRetryAfter(headers['retry-after'], parts.now())
        const answer: Answer = { status, text: withoutEcho(body.toString('utf8'), post.body), retryAfterMs }
        return withDetail(post.judge?.(answer) ?? outcomeOf(answer), secrets)
      } catch (error) {
        return withDetail({ kind: 'retry', detail: failureText(error) }, secrets)
      }
    },
    // No connection is kept.
    close: async () => {},
  }
}

/** Some servers answer with what they were sent: a message is told to its recipients and stands in no detail. */
function withoutEcho(text: string, body: string): string {
  const at = text.indexOf(body.slice(0, 60))
  return at < 0 ? text : `${text.slice(0, at)}[the message]`
}

function readSecret(parts: ChannelParts, setting: string, secret: Secret): string {
  try {
    return parts.secret(secret)
  } catch (error) {
    throw new Error(`${setting}: ${errorText(error)}`, { cause: error })
  }
}

/** A wrong address or token is repaired sooner or later: until then nothing is thrown away. */
const repairable: ReadonlySet<number> = new Set([401, 403, 404, 407])
const later: ReadonlySet<number> = new Set([408, 425, 429])

/** What the status of an answer means (RFC 9110 section 15). */
export function outcomeOf(answer: Answer): SendOutcome {
  const { status, retryAfterMs } = answer
  if (status >= 200 && status < 300) return { kind: 'delivered', detail: `HTTP ${status}` }
  if (status >= 300 && status < 400) {
    return {
      kind: 'retry',
      detail: `HTTP ${status}: it leads to another address, which is not followed; correct the url`,
    }
  }
  if (later.has(status) || status >= 500) return retry(answerText(answer), retryAfterMs)
  if (repairable.has(status)) return retry(`${answerText(answer)} (check url and token)`, retryAfterMs)
  return { kind: 'refused', detail: answerText(answer) }
}

export function retry(detail: string, retryAfterMs?: number): SendOutcome {
  return { kind: 'retry', detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}

/** Status and the beginning of what the other side said. Still to be redacted. */
export function answerText({ status, text }: Pick<Answer, 'status' | 'text'>): string {
  return text.trim() === '' ? `HTTP ${status}` : `HTTP ${status}: ${text}`
}

/** The answer as JSON, undefined if it is none. */
export function answerJson({ text }: Pick<Answer, 'text'>): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Seconds that the other side asks to wait, as milliseconds of at most an hour; undefined for what is no number. */
export function waitOf(seconds: number | undefined): number | undefined {
  if (seconds === undefined || !Number.isFinite(seconds)) return undefined
  return Math.min(MAX_WAIT_MS, Math.max(0, Math.ceil(seconds * 1000)))
}

/** Retry-After (RFC 9110 section 10.2.3): seconds or a date in one of its three forms. */
function readRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? ''
  if (/^\d{1,15}$/.test(text)) return waitOf(Number(text))
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? [\w: -]{10,40}$/.test(text)) return undefined
  const at = Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`)
  return Number.isNaN(at) ? undefined : waitOf((at - now) / 1000)
}

const failures: Readonly<Record<FailureKind, string>> = {
  dns_not_found: 'the name of the server was not found',
  dns_failed: 'DNS did not answer',
  blocked: 'the address cannot be used',
  refused: 'the server refused the connection',
  unreachable: 'the server cannot be reached',
  timeout: 'no answer in time',
  reset: 'the connection was closed without a whole answer',
  tls_failed: 'TLS failed',
  http_invalid: 'the exchange was not valid HTTP',
  too_slow: 'the answer did not end in time',
  too_large: 'the answer was too large',
}

function failureText(error: unknown): string {
  return error instanceof FetchFailure ? `${failures[error.kind]} (${error.message})` : errorText(error)
}

/** Tokens of webhooks stand in their paths: of the address nothing but its host may be told. */
function urlSecrets(url: URL): string[] {
  const path = `${url.pathname}${url.search}`
  const pieces = [...url.pathname.split('/'), ...url.searchParams.values()].filter((piece) => piece.length >= 8)
  return [...(path.length > 1 ? [path] : []), ...(url.pathname.length > 1 ? [url.pathname] : []), ...pieces]
    .concat(url.password, url.search)
    .flatMap((piece) => [piece, unescaped(piece)])
}

function unescaped(piece: string): string {
  try {
    return decodeURIComponent(piece)
  } catch {
    return piece
  }
}

/** What is invisible goes first and once more after it, so that nothing can be put together behind the redaction's back. */
function withDetail(outcome: SendOutcome, secrets: readonly string[]): SendOutcome {
  const detail = redact(plain(redact(outcome.detail, secrets)).replace(/ {2,}/g, ' '), secrets)
  return { ...outcome, detail: shortened(detail.trim()) }
}

function shortened(text: string): string {
  return text.length <= MAX_DETAIL ? text : `${text.slice(0, MAX_DETAIL - 1).toWellFormed()}…`
}

/** The address with a path behind it, whether or not it ends with a slash; its query stays. */
export function beneath(base: string, path: string): URL {
  const url = new URL(base)
  url.pathname = `${url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : url.pathname}/${path}`
  return url
}

/** JSON that every reader takes: without lone surrogates. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'string' ? one.toWellFormed() : one))
}
