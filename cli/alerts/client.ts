// How does the command line speak with the API of alerts? Questions and actions, repeated under one idempotency key until they are answered.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { errorText } from '../../runtime/errors.ts'
import { Accepted as AcceptedAnswer, Refusal } from '../../schemas/alert-api.ts'
import { CommandError } from '../frame.ts'
import { type Language, printable } from '../terminal.ts'

export interface AlertClient {
  /** Rejects with CommandError: what the server said, in the language of the reader. `undefined` for 404 where `missing` is allowed. */
  get<T>(path: string, answer: z.ZodType<T>): Promise<T>
  /** The answer, or what stands for it when nobody holds the alerts: kept, and carried out later. */
  post<T>(path: string, body: object, answer: z.ZodType<T>): Promise<T | Accepted>
  /** The stream of changes behind an id, as bytes. */
  stream(after: string | undefined, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
  readonly host: string
}

export type Accepted = z.infer<typeof AcceptedAnswer>

/** Nobody holds the alerts now. */
export function isAccepted(answer: object): answer is Accepted {
  return 'request_id' in answer && 'pesan' in answer
}

/** A refusal with its code, so that a command can go on without what was refused. */
export class AlertRefused extends CommandError {
  readonly code: string

  constructor(code: string, message: string, action: string) {
    super(message, action)
    this.name = 'AlertRefused'
    this.code = code
  }
}

export interface AlertClientOptions {
  readonly base: URL
  readonly key: string
  readonly language: Language
  readonly trouble: (text: string) => void
  /** How long to go on asking for something to be done when nothing is answered; a question is asked again for a quarter of it. */
  readonly retryForMs?: number
}

const REQUEST_TIMEOUT_MS = 30_000
const RETRY_FOR_MS = 20_000
const PAUSE_MS = 1_000
const MAX_PAUSE_MS = 10_000

export function createAlertClient(options: AlertClientOptions): AlertClient {
  const { base, key, language, trouble, retryForMs = RETRY_FOR_MS } = options
  const authorization = `Bearer ${key}`

  async function ask(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    const until = performance.now() + (init.method === 'POST' ? retryForMs : retryForMs / 4)
    for (;;) {
      let why: string
      let pauseMs = PAUSE_MS
      try {
        const answer = await fetch(new URL(path, base), {
          ...init,
          headers: { authorization, ...init.headers },
          redirect: 'error',
          signal: init.signal ?? AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        })
        if (answer.status < 300) return answer
        const json: unknown = await answer.json().catch(() => ({}))
        if (answer.status !== 429 && answer.status < 500) throw refusalOf(answer.status, json)
        const refusal = refusalOf(answer.status, json)
        why = refusal.message
        pauseMs = Math.min(MAX_PAUSE_MS, Math.max(PAUSE_MS, Number(answer.headers.get('retry-after') ?? 0) * 1000))
        if (performance.now() + pauseMs > until) throw refusal
      } catch (error) {
        if (error instanceof CommandError) throw error
        if (init.signal?.aborted) throw error
        why = errorText(error instanceof Error && error.cause instanceof Error ? error.cause : error)
        if (performance.now() + pauseMs > until) throw gaveUp(why)
      }
      trouble(language === 'id' ? `belum dijawab (${why}); dicoba lagi` : `not answered yet (${why}); trying again`)
      await sleep(pauseMs)
    }
  }

  function refusalOf(status: number, json: unknown): AlertRefused {
    const { data } = Refusal.partial().safeParse(json)
    const [said, action] =
      language === 'id' ? [data?.pesan ?? data?.message, data?.tindakan ?? data?.action] : [data?.message, data?.action]
    return new AlertRefused(
      data?.error ?? '',
      printable(said || `${base.host}: HTTP ${status}`),
      printable(action || (language === 'id' ? 'Periksa --url.' : 'Check --url.')),
    )
  }

  function gaveUp(why: string): CommandError {
    return language === 'id'
      ? new CommandError(
          `${base.host} tidak menjawab (${why}).`,
          'Apakah Siaga berjalan di sana (siaga start)? Alamat lain diberikan dengan --url.',
        )
      : new CommandError(
          `${base.host} does not answer (${why}).`,
          'Is Siaga running there (siaga start)? Another address is given with --url.',
        )
  }

  function parsed<T>(json: unknown, answer: z.ZodType<T>): T {
    const { data, success } = answer.safeParse(json)
    if (success) return data
    throw language === 'id'
      ? new CommandError(`Jawaban ${base.host} tidak dikenal.`, 'Samakan versi siaga di kedua sisi.')
      : new CommandError(`The answer of ${base.host} is not understood.`, 'Use one version of siaga on both sides.')
  }

  return {
    host: base.host,
    async get(path, answer) {
      const response = await ask(path, {})
      return parsed(await response.json().catch(() => undefined), answer)
    },
    async post(path, body, answer) {
      const response = await ask(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      })
      const json: unknown = await response.json().catch(() => undefined)
      return response.status === 202 ? parsed(json, AcceptedAnswer) : parsed(json, answer)
    },
    async stream(after, signal) {
      const headers = { accept: 'text/event-stream', ...(after === undefined ? {} : { 'last-event-id': after }) }
      const { body } = await ask('/v1/alerts/stream', { headers, signal })
      return body ?? new ReadableStream<Uint8Array>()
    },
  }
}
