// What do all routes of collectors ask of a request? Who sends it, with which key, what stands for it, and how it is refused in the middle.
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { normalizeAddress } from '../../runtime/peer-address.ts'
import type { Seal } from '../collector.ts'
import { withoutDash } from '../seal.ts'

/** How long a refused sender may go on sending, so that it can read the answer before the connection closes. */
export const LINGER_MS = 2000

/** Address of the socket, whatever a proxy header says. */
export function peerOf(request: FastifyRequest): string {
  return normalizeAddress(request.raw.socket.remoteAddress ?? '')
}

/** The API key of a request; empty if there is none. */
export function keyOf(headers: IncomingMessage['headers']): string {
  const bearer = /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? '')
  if (bearer?.[1] !== undefined) return bearer[1]
  const own = headers['x-api-key']
  return typeof own === 'string' ? own.trim() : ''
}

/** True if a request has a body that is still to be read. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/**
 * What stands for a request in Kafka's key and its events' ids: the same in every process of this installation, and keyed, so that
 * an identifier that a sender put into its Idempotency-Key cannot be guessed from it.
 */
export function identify(seal: Seal, ...parts: string[]): string {
  return withoutDash(keyedHash(seal, parts).slice(0, 24))
}

/** The whole hash, base64url. */
export function keyedHash(seal: Seal, parts: readonly string[]): string {
  const payload = Buffer.from(parts.join('\n'))
  const [sealed] = seal([{ source: '', format: '', receivedAt: 0, peer: '', id: '-', key: '-', payload }])
  return sealed?.hash ?? ''
}

/**
 * The answer to a request that is still arriving. Closing at once would reset the connection and the sender would never read why:
 * the answer goes out whole, what arrives is thrown away for a while, then the connection closes (RFC 9112 §9.6).
 */
export function lingering(request: IncomingMessage, payload: Buffer): Readable {
  const answer = new Readable({ read() {} })
  const end = (): void => {
    clearTimeout(timer)
    if (!answer.readableEnded && !answer.destroyed) answer.push(null)
    request.off('end', end).off('close', end)
  }
  const timer = setTimeout(end, LINGER_MS)
  answer.push(payload)
  request.on('end', end).on('close', end).resume()
  return answer
}
