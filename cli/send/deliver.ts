// How does a batch reach the HTTP collector exactly once? One idempotency key a batch, repeated until it is answered.
import { randomUUID } from 'node:crypto'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { constants, gzip, zstdCompress } from 'node:zlib'
import { z } from 'zod'
import { errorText } from '../../runtime/errors.ts'
import { CommandError } from '../frame.ts'
import { duration, printable } from '../terminal.ts'
import { type Batch, type Line, placeOf } from './batches.ts'

export const encodings = ['zstd', 'gzip', 'none'] as const
export type Encoding = (typeof encodings)[number]

const REQUEST_TIMEOUT_MS = 60_000
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 15_000
const MAX_ANSWER_BYTES = 64 * 1024
/** Lines of one batch that the server may refuse one by one before the rest is given up. */
const MAX_REFUSED_IN_BATCH = 100

export interface DeliveryOptions {
  readonly url: URL
  readonly source: string
  readonly format: string | undefined
  readonly key: string
  readonly encoding: Encoding
  readonly connections: number
  /** How long a batch is repeated while nothing at all is accepted. */
  readonly retryForMs: number
  readonly signal: AbortSignal
  refuse(line: Pick<Line, 'file' | 'number'>, why: string): void
  /** Told once when answers stop, once when they come back. */
  trouble(text: string): void
}

export interface Delivery {
  /** Lines accepted so far. */
  readonly accepted: number
  /** Resolves when every line of the batch is accepted or refused; rejects when going on makes no sense. */
  deliver(batch: Batch): Promise<void>
  close(): void
}

/** `http://127.0.0.1:8080` and a source as the address that events are pushed to. */
export function eventsUrl(base: string, source: string, format: string | undefined): URL {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/events/${encodeURIComponent(source)}`
  if (format !== undefined) url.searchParams.set('format', format)
  return url
}

/** Pushes batches. Several may be under way at one time. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { url } = options
  const secure = url.protocol === 'https:'
  const Agent = secure ? HttpsAgent : HttpAgent
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections })
  const run = randomUUID()
  let batches = 0
  let accepted = 0
  let lastProgress = Date.now()
  let silentSince: number | undefined

  /** The server has understood and says no: to one line, to the size, or to all of us. */
  const refused = async (batch: Batch, answer: Status, refusedBefore: number): Promise<void> => {
    const { status, body } = answer
    if (status !== 400 && status !== 413) throw explain(answer, options)
    const words = printable(body.message ?? body.error ?? `was refused with HTTP ${status}`).slice(0, 300)
    const [first] = batch
    const bad = body.line === undefined ? (batch.length === 1 ? first : undefined) : batch[body.line - 1]
    if (bad) {
      options.refuse(bad, words)
      const rest = batch.filter((line) => line !== bad)
      if (refusedBefore + 1 >= MAX_REFUSED_IN_BATCH) {
        for (const line of rest) options.refuse(line, 'was not sent: too many lines around it were refused')
      } else if (rest.length > 0) await push(rest, refusedBefore + 1)
    } else if (status === 413) {
      const middle = Math.ceil(batch.length / 2)
      await push(batch.slice(0, middle), refusedBefore)
      await push(batch.slice(middle), refusedBefore)
    } else throw explain(answer, options)
  }

  // A repeat carries the same key and the same bytes; what is changed gets a key of its own.
  const push = async (batch: Batch, refusedBefore: number): Promise<void> => {
    batches += 1
    const idempotencyKey = `${run}-${batches}`
    const body = await encode(batch, options.encoding)
    const started = Date.now()
    for (let attempt = 0; ; attempt++) {
      const answer = await post(secure, { agent, url, options, idempotencyKey, body })
      options.signal.throwIfAborted()
      if (answer.kind === 'status' && answer.status >= 200 && answer.status < 300) {
        lastProgress = Date.now()
        if (silentSince !== undefined) {
          options.trouble(`${url.host} answers again after ${duration((Date.now() - silentSince) / 1000)}`)
          silentSince = undefined
        }
        accepted += countAccepted(batch, answer.body, options)
        return
      }
      if (answer.kind === 'status' && !isPassing(answer.status)) return refused(batch, answer, refusedBefore)
      if (answer.kind === 'hopeless') throw answer.error
      const why = answer.kind === 'status' ? statusText(answer) : answer.why
      const quietFor = Date.now() - Math.max(started, lastProgress)
      const pause = pauseAfter(attempt, answer)
      if (quietFor + pause > options.retryForMs) throw gaveUp(batch, why, options)
      if (silentSince === undefined && !(answer.kind === 'status' && answer.status === 429)) {
        silentSince = Date.now()
        options.trouble(
          `${url.host} did not accept (${why}); trying again for up to ${duration(options.retryForMs / 1000)}`,
        )
      }
      await sleep(pause, undefined, { signal: options.signal })
    }
  }
  return {
    get accepted() {
      return accepted
    },
    deliver: (batch) => push(batch, 0),
    close: () => agent.destroy(),
  }
}

const compress = {
  gzip: promisify<Buffer, { level: number }, Buffer>(gzip),
  zstd: promisify<Buffer, { params: Record<number, number> }, Buffer>(zstdCompress),
}

async function encode(batch: Batch, encoding: Encoding): Promise<Buffer> {
  const newline = Buffer.from('\n')
  const body = Buffer.concat(batch.flatMap((line) => [line.bytes, newline]))
  if (encoding === 'gzip') return compress.gzip(body, { level: 1 })
  if (encoding === 'zstd') return compress.zstd(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
  return body
}

interface Status {
  readonly kind: 'status'
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: AnswerBody
}

type Answer =
  | Status
  | { readonly kind: 'silence'; readonly why: string }
  | { readonly kind: 'hopeless'; readonly error: CommandError }

// The server's words, and whatever a proxy in between may send instead.
const AnswerBody = z.object({
  accepted: z.number().int().optional(),
  line: z.number().int().optional(),
  message: z.string().optional(),
  error: z.string().optional(),
})
type AnswerBody = z.infer<typeof AnswerBody>

interface Call {
  readonly agent: HttpAgent
  readonly url: URL
  readonly options: DeliveryOptions
  readonly idempotencyKey: string
  readonly body: Buffer
}

/** One attempt. Whatever happens on the way is an answer too. */
function post(secure: boolean, { agent, url, options, idempotencyKey, body }: Call): Promise<Answer> {
  const headers: Record<string, string | number> = {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': body.length,
    'idempotency-key': idempotencyKey,
    authorization: `Bearer ${options.key}`,
  }
  if (options.encoding !== 'none') headers['content-encoding'] = options.encoding
  const settings: RequestOptions = { method: 'POST', agent, headers, signal: options.signal }
  return new Promise((resolve) => {
    const silence = (error: unknown): void => {
      const certificate = certificateProblem(error, url)
      resolve(certificate ? { kind: 'hopeless', error: certificate } : { kind: 'silence', why: connectionText(error) })
    }
    const request = (secure ? httpsRequest : httpRequest)(url, settings, (response) => {
      readAnswer(response).then(resolve, silence)
    })
    request.setTimeout(REQUEST_TIMEOUT_MS, () => request.destroy(new Error('no answer within 60 s')))
    request.on('error', silence)
    request.end(body)
  })
}

async function readAnswer(response: IncomingMessage): Promise<Status> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length
    if (length <= MAX_ANSWER_BYTES) parts.push(part)
  }
  let body: AnswerBody = {}
  try {
    body = AnswerBody.parse(JSON.parse(Buffer.concat(parts).toString('utf8')))
  } catch {
    // Not ours: a proxy's page. The status says enough.
  }
  const retryAfter = response.headers['retry-after']
  return { kind: 'status', status: response.statusCode ?? 0, retryAfter, body }
}

const isPassing = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500

const statusText = ({ status, body }: Status): string =>
  printable([`HTTP ${status}`, body.message ?? body.error ?? ''].filter(Boolean).join(', ')).slice(0, 300)

/** Trouble with TLS does not pass by itself. */
function certificateProblem(error: unknown, url: URL): CommandError | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!/CERT|SELF_SIGNED|UNABLE_TO_|EPROTO|ERR_SSL|ERR_TLS/.test(code)) return undefined
  return new CommandError(
    `No safe connection to ${url.host}: ${errorText(error).split('\n')[0]} (${code}).`,
    'Check http or https in --url; for an authority of your own set NODE_EXTRA_CA_CERTS to its PEM file.',
  )
}

function connectionText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'connection closed',
    EPIPE: 'connection closed',
    ETIMEDOUT: 'connection timed out',
    EHOSTUNREACH: 'host unreachable',
    ENETUNREACH: 'network unreachable',
    ENOTFOUND: 'host name not found',
    EAI_AGAIN: 'host name could not be looked up',
  }
  return words[code] ?? (errorText(error) || code || 'connection failed')
}

/** Milliseconds until the next attempt: what the server asks for, else doubling with jitter. */
function pauseAfter(attempt: number, answer: Answer): number {
  const asked = answer.kind === 'status' && answer.retryAfter ? retryAfterMs(answer.retryAfter, Date.now()) : undefined
  const jitter = 0.5 + Math.random()
  if (asked !== undefined) return asked + jitter * 100
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10)) * jitter
}

/** Retry-After (RFC 9110 §10.2.3): seconds or a date. */
export function retryAfterMs(header: string, now: number): number | undefined {
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

function countAccepted(batch: Batch, { accepted }: AnswerBody, { refuse }: DeliveryOptions): number {
  if (accepted === undefined || accepted === batch.length) return batch.length
  const first = batch[0]
  if (first) refuse(first, `and the ${batch.length - 1} lines after it: the server took ${accepted} of ${batch.length}`)
  return Math.min(accepted, batch.length)
}

function gaveUp(batch: Batch, why: string, { url, retryForMs }: DeliveryOptions): CommandError {
  const first = batch[0] ? ` The first line that was not accepted is ${placeOf(batch[0])}.` : ''
  return new CommandError(
    `Nothing was accepted by ${url.host} for ${duration(retryForMs / 1000)} (${why}).${first}`,
    'Check that Siaga runs there (siaga start) and can be reached, then send what is left; --retry-for waits longer.',
  )
}

/** The server has understood and says no to all of us. */
function explain({ status, body }: Status, { url, source }: DeliveryOptions): CommandError {
  const words = printable(body.message ?? body.error ?? '').slice(0, 300)
  const said = words ? ` (${words})` : ''
  switch (status) {
    case 401:
      return new CommandError(
        `The server does not know this key${said}.`,
        'Give the right one with --key or SIAGA_KEY. For a new one: siaga keys create',
      )
    case 403:
      return new CommandError(
        `This key may not send to source \`${source}\` from here${said}.`,
        'Use a key of that source; a source that is `loopback_only` takes events from its own machine only.',
      )
    case 404:
      return new CommandError(
        `The server has no source \`${source}\`${said}.`,
        'Add it under `sources:` in siaga.yaml and restart, or check --source and --url.',
      )
    case 415:
      return new CommandError(
        `The server does not take this kind of body${said}.`,
        'Check --format, or send without compression: --compress none',
      )
    default:
      return new CommandError(
        `${url.host} answered HTTP ${status}${said}.`,
        'Check that --url is the address of Siaga, without a path, and that nothing in between answers for it.',
      )
  }
}
