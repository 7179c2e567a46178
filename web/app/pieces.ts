// How does the page read an answer that comes in pieces, a line of JSON each, and stop it? Ending the signal ends the query on the server.
import type { WebRefusal } from '../../schemas/account.ts'
import { ApiError } from './api.ts'
import { csrf, forgetSession } from './session.ts'

/** How far a query is; `total_rows` is 0 while it is not known. */
export interface Progress {
  readonly read_rows: number
  readonly read_bytes: number
  readonly total_rows: number
  readonly seconds: number
}

const broken: WebRefusal = {
  error: 'BROKEN',
  message: 'The answer broke off.',
  action: 'Try again.',
  pesan: 'Jawaban terputus.',
  tindakan: 'Coba lagi.',
}
const unreachable: WebRefusal = {
  error: 'UNREACHABLE',
  message: 'The server cannot be reached.',
  action: 'Check the line and try again.',
  pesan: 'Server tidak terjangkau.',
  tindakan: 'Periksa jaringan lalu coba lagi.',
}

/** The body of a POST as it comes; rejects with an {@link ApiError}, or the AbortError of the signal. */
export async function post(path: string, body: unknown, signal: AbortSignal): Promise<Response> {
  const response = await fetch(path, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json', 'x-siaga-csrf': csrf() },
    body: JSON.stringify(body),
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) throw error
    throw new ApiError(0, unreachable)
  })
  if (response.ok) return response
  if (response.status === 401) forgetSession()
  const json: unknown = await response.json().catch(() => undefined)
  throw new ApiError(response.status, isRefusal(json) ? json : broken, Number(response.headers.get('retry-after') ?? 0))
}

/**
 * Hands every piece on as it comes. The caller names the type that the route tells. Rejects with an {@link ApiError} for a refusal and for an answer
 * that broke off, which is one whose last piece was not of a kind in `ends`.
 */
export async function askPieces<T extends { readonly kind: string }>(
  path: string,
  body: unknown,
  onPiece: (piece: T) => void,
  signal: AbortSignal,
  ends: readonly string[] = ['done', 'failed', 'wrong'],
): Promise<void> {
  const response = await post(path, body, signal)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let held = ''
  let last = ''
  try {
    for (;;) {
      const read = await reader?.read()
      if (read === undefined || read.done) break
      const lines = (held + read.value).split('\n')
      held = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') continue
        const piece: T = JSON.parse(line)
        last = piece.kind
        onPiece(piece)
      }
    }
  } catch (error) {
    if (signal.aborted || error instanceof ApiError) throw error
    throw new ApiError(0, broken)
  }
  if (!ends.includes(last) && !signal.aborted) throw new ApiError(0, broken)
}

function isRefusal(json: unknown): json is WebRefusal {
  return typeof json === 'object' && json !== null && 'error' in json && 'message' in json
}
