// How are other people's servers asked? Resolved first, the address pinned, no redirect followed, bounded in time and bytes, no connection kept.
import http from 'node:http'
import https from 'node:https'
import { isIPv6 } from 'node:net'
import { TLSSocket } from 'node:tls'
import { createResolve, type GuardOptions, type ResolveHost } from './addresses.ts'
import { type BodyLimits, readBody } from './body.ts'
import { FetchFailure, failureOf } from './failure.ts'
import { isOneOf, pinnedLookup, plainAddress } from './pinned.ts'

/** Ciphers for servers that are only looked at: old ones are to be seen, not refused. */
export const ANY_CIPHERS = 'DEFAULT:@SECLEVEL=0'
const MAX_HEADER_BYTES = 64 * 1024

export interface FetchOptions extends BodyLimits {
  readonly method?: 'GET' | 'HEAD' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  /** Of the whole request, body included. */
  readonly timeoutMs: number
  /** Go on where the chain of certificates is not trusted; `tlsProblem` says what is wrong with it. */
  readonly anyCertificate?: boolean
  /** Certificate authorities in place of the system's, PEM. */
  readonly ca?: string | readonly string[]
  readonly signal?: AbortSignal
}

/** Milliseconds from the beginning of the request; 0 where a step did not happen. */
export interface FetchTiming {
  readonly dns: number
  readonly connect: number
  readonly tls: number
  readonly first_byte: number
  readonly total: number
}

export interface Fetched {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly httpVersion: string
  /** Decompressed. */
  readonly body: Buffer
  readonly truncated: boolean
  /** What was connected to. */
  readonly address: string
  readonly timing: FetchTiming
  /** Why the certificate is not trusted, with `anyCertificate`; '' if it is or there is none. */
  readonly tlsProblem: string
}

export interface Guard {
  readonly resolve: ResolveHost
  /**
   * One request; redirects are answered as they are. Rejects with FetchFailure. Only http and https; the host is resolved once, every address
   * must be permitted, and the connection goes to one of them whatever DNS says later.
   */
  fetch(url: string | URL, options: FetchOptions): Promise<Fetched>
}

export function createGuard(options: GuardOptions = {}): Guard {
  const resolve = createResolve(options)
  return {
    resolve,
    async fetch(url, options) {
      const target = typeof url === 'string' ? parseUrl(url) : url
      if (target.protocol !== 'http:' && target.protocol !== 'https:') {
        throw new FetchFailure('blocked', `${target.protocol} is not http or https`)
      }
      if (options.signal?.aborted === true) throw new FetchFailure('timeout', 'stopped')
      const began = performance.now()
      const addresses = await within(resolve(target.hostname), options.timeoutMs, options.signal)
      const left = Math.max(1, options.timeoutMs - (performance.now() - began))
      try {
        return await request(target, addresses, { ...options, timeoutMs: left }, began)
      } catch (error) {
        // node:http throws at once for a header that cannot be sent.
        throw failureOf(error)
      }
    },
  }
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw new FetchFailure('blocked', `not an address: ${text.slice(0, 200)}`)
  return new URL(text)
}

async function within<T>(work: Promise<T>, ms: number, signal: AbortSignal | undefined): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new FetchFailure('timeout', 'no answer from DNS in time')), ms)
  const stop = () => reject(new FetchFailure('timeout', 'stopped'))
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

function request(url: URL, addresses: string[], options: FetchOptions, began: number): Promise<Fetched> {
  const { method = 'GET', headers = {}, body, timeoutMs, anyCertificate = false, signal } = options
  const secure = url.protocol === 'https:'
  const since = () => Math.max(0, Math.round(performance.now() - began))
  const at = { dns: since(), connect: 0, tls: 0, first_byte: 0, total: 0 }
  const { promise, resolve, reject } = Promise.withResolvers<Fetched>()
  let answered = false
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
  // A name may be written with its root; certificates and SNI have none (RFC 6066 section 3).
  const name = host.endsWith('.') ? host.slice(0, -1) : host
  const sent = (secure ? https : http).request({
    method,
    protocol: url.protocol,
    hostname: host,
    port: url.port === '' ? undefined : Number(url.port),
    path: `${url.pathname}${url.search}`,
    headers: { 'accept-encoding': 'gzip, deflate, br, zstd', ...headers, host: url.host, connection: 'close' },
    agent: false,
    lookup: pinnedLookup(addresses),
    insecureHTTPParser: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    ...(secure
      ? {
          rejectUnauthorized: !anyCertificate,
          servername: isAddress(name) ? '' : name,
          minVersion: anyCertificate ? ('TLSv1' as const) : ('TLSv1.2' as const),
          ...(anyCertificate ? { ciphers: ANY_CIPHERS } : {}),
          ...(options.ca === undefined ? {} : { ca: [options.ca].flat() }),
        }
      : {}),
  })
  const end = (error: unknown): void => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
    sent.destroy()
    reject(failureOf(error))
  }
  const timer = setTimeout(
    () => end(new FetchFailure(answered ? 'too_slow' : 'timeout', `not done after ${since()} ms`)),
    timeoutMs,
  )
  const stop = () => end(new FetchFailure('timeout', 'stopped'))
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted === true) stop()
  sent.on('socket', (socket) => {
    socket.once('connect', () => {
      at.connect = since()
      // Belt and braces: what was connected to is what was checked.
      if (!isOneOf(addresses, socket.remoteAddress ?? '')) {
        end(new FetchFailure('blocked', `connected to ${socket.remoteAddress}`))
      }
    })
    socket.once('secureConnect', () => {
      at.tls = since()
    })
  })
  sent.on('error', end)
  // Neither is an answer to what was asked; without these the request would only end by its time.
  sent.on('upgrade', () => end(new FetchFailure('http_invalid', 'the server switched protocols')))
  sent.on('close', () => {
    if (!answered) end(new FetchFailure('reset', 'closed without an answer'))
  })
  sent.on('response', (response) => {
    answered = true
    at.first_byte = since()
    const { socket } = response
    const address = plainAddress(socket.remoteAddress ?? '')
    const tlsProblem = socket instanceof TLSSocket && !socket.authorized ? String(socket.authorizationError ?? '') : ''
    readBody(response, options)
      .then(({ bytes, truncated }) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
        sent.destroy()
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          httpVersion: response.httpVersion,
          body: bytes,
          truncated,
          address,
          timing: { ...at, total: since() },
          tlsProblem,
        })
      })
      .catch(end)
  })
  sent.end(body)
  return promise
}

function isAddress(host: string): boolean {
  return isIPv6(host) || /^[0-9.]+$/.test(host)
}
