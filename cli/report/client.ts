// How does a report get to the centre? Attachments first, then the form, again and again until it is answered: repeats have the same receipt.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { errorText } from '../../runtime/errors.ts'
import { ReportAnswer } from '../../schemas/report.ts'
import { CommandError } from '../frame.ts'
import { type Language, printable } from '../terminal.ts'
import type { Evidence } from './form.ts'

export interface ReportClient {
  /** Sends one attachment. */
  attach(evidence: Evidence): Promise<void>
  /** Files a report; `repeated` if it had been filed before. Rejects with CommandError: what the server said, in the language of the reader. */
  file(path: '/v1/reports' | '/v1/reports/nihil', body: object): Promise<{ answer: ReportAnswer; repeated: boolean }>
}

export interface ReportClientOptions {
  readonly base: URL
  readonly key: string
  readonly language: Language
  readonly idempotencyKey: string | undefined
  /** How long to go on when nothing is answered. */
  readonly retryForMs: number
  readonly trouble: (text: string) => void
}

const Refusal = z.object({
  message: z.string().default(''),
  action: z.string().default(''),
  pesan: z.string().optional(),
  tindakan: z.string().optional(),
})

const REQUEST_TIMEOUT_MS = 90_000
const PAUSE_MS = 2_000
/** A request must arrive within a minute: attachments go in pieces, so that a line of 140 kbit/s is enough. */
const PIECE_BYTES = 1024 * 1024

export function createReportClient(options: ReportClientOptions): ReportClient {
  const { base, key, language, idempotencyKey, retryForMs, trouble } = options

  async function ask(
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string>,
  ) {
    const until = performance.now() + retryForMs
    for (;;) {
      let why: string
      try {
        const answer = await fetch(new URL(path, base), {
          method,
          body,
          headers: { authorization: `Bearer ${key}`, ...headers },
          redirect: 'error',
          signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        })
        const json: unknown = await answer.json().catch(() => ({}))
        if (answer.status < 300) return { status: answer.status, json }
        if (answer.status !== 429 && answer.status < 500) throw refusalOf(answer.status, json)
        why = `HTTP ${answer.status}`
      } catch (error) {
        if (error instanceof CommandError) throw error
        why = errorText(error instanceof Error && error.cause instanceof Error ? error.cause : error)
      }
      if (performance.now() + PAUSE_MS > until) throw gaveUp(why)
      trouble(language === 'id' ? `belum dijawab (${why}); dicoba lagi` : `not answered yet (${why}); trying again`)
      await sleep(PAUSE_MS)
    }
  }

  function refusalOf(status: number, json: unknown): CommandError {
    const { data } = Refusal.safeParse(json)
    const [said, action] =
      language === 'id' ? [data?.pesan ?? data?.message, data?.tindakan ?? data?.action] : [data?.message, data?.action]
    return new CommandError(
      printable(said || `${base.host}: HTTP ${status}`),
      printable(action || (language === 'id' ? 'Periksa --url.' : 'Check --url.')),
    )
  }

  function gaveUp(why: string): CommandError {
    return language === 'id'
      ? new CommandError(
          `Laporan belum dijawab oleh ${base.host} (${why}).`,
          'Jalankan perintah yang sama lagi: laporan yang sudah masuk tidak tercatat dua kali. Bila mendesak, telepon pusat.',
        )
      : new CommandError(
          `The report was not answered by ${base.host} (${why}).`,
          'Run the same command again: what was filed is not filed twice. If it is urgent, call the centre.',
        )
  }

  return {
    async attach({ sha256, bytes }) {
      for (let from = 0; from === 0 || from < bytes.length; from += PIECE_BYTES) {
        const piece = new Uint8Array(bytes.subarray(from, from + PIECE_BYTES))
        const whole = piece.length === bytes.length
        await ask('PUT', `/v1/reports/attachments/${sha256}`, piece, {
          'content-type': 'application/octet-stream',
          ...(whole ? {} : { 'content-range': `bytes ${from}-${from + piece.length - 1}/${bytes.length}` }),
        })
      }
    },
    async file(path, body) {
      const { status, json } = await ask('POST', path, JSON.stringify(body), {
        'content-type': 'application/json',
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      })
      const parsed = ReportAnswer.safeParse(json)
      if (!parsed.success) throw refusalOf(status, {})
      return { answer: parsed.data, repeated: status === 200 }
    },
  }
}
