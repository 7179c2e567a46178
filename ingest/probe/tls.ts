// What does the TLS of a site look like? Chain, end, trust and old protocols, by handshakes with a pinned address and nothing sent in them.
import tls, { type PeerCertificate } from 'node:tls'
import { FetchFailure, failureOf } from '../../runtime/guard/failure.ts'
import type { Guard } from '../../runtime/guard/fetch.ts'
import { ANY_CIPHERS } from '../../runtime/guard/fetch.ts'
import { isOneOf, pinnedLookup } from '../../runtime/guard/pinned.ts'
import type { TlsFacts } from '../../schemas/probe.ts'
import { cut } from './text.ts'

const weakVersions = ['TLSv1', 'TLSv1.1'] as const

const MAX_CHAIN = 10
const MAX_NAMES = 100
const MAX_TEXT = 300

export interface TlsOptions {
  readonly guard: Pick<Guard, 'resolve'>
  readonly timeoutMs: number
  /** Certificate authorities in place of the system's, PEM. */
  readonly ca?: string | readonly string[]
  readonly signal: AbortSignal
  /** Called before each connection. */
  readonly pass: (host: string) => Promise<void>
}

/** An ordinary handshake. Rejects with FetchFailure; a chain that is not trusted is no failure but a `problem`. `weak_versions` is left empty. */
export async function readTls(url: URL, options: TlsOptions): Promise<TlsFacts> {
  return handshake(url, options, { minVersion: 'TLSv1' }, factsOf)
}

/** The old protocols that the server still speaks, each tried by a handshake of its own. */
export async function readWeakVersions(url: URL, options: TlsOptions): Promise<string[]> {
  const found: string[] = []
  for (const version of weakVersions) {
    try {
      await handshake(url, options, { minVersion: version, maxVersion: version }, () => undefined)
      found.push(version)
    } catch (error) {
      // Refused, as it should be. What ends the whole probe is for the caller.
      if (options.signal.aborted) throw error
    }
  }
  return found
}

async function handshake<T>(
  url: URL,
  { guard, timeoutMs, ca, signal, pass }: TlsOptions,
  versions: Pick<tls.ConnectionOptions, 'minVersion' | 'maxVersion'>,
  use: (socket: tls.TLSSocket) => T,
): Promise<T> {
  await pass(url.hostname)
  const addresses = await guard.resolve(url.hostname)
  const bare = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
  const name = bare.endsWith('.') ? bare.slice(0, -1) : bare
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const socket = tls.connect({
    host: name,
    port: url.port === '' ? 443 : Number(url.port),
    lookup: pinnedLookup(addresses),
    servername: isOneOf(addresses, name) ? '' : name,
    rejectUnauthorized: false,
    ciphers: ANY_CIPHERS,
    ALPNProtocols: ['http/1.1'],
    ...versions,
    ...(ca === undefined ? {} : { ca: [ca].flat() }),
  })
  const fail = (error: unknown): void => reject(failureOf(error))
  const stop = (): void => fail(new FetchFailure('timeout', 'stopped'))
  const timer = setTimeout(() => fail(new FetchFailure('timeout', 'no handshake in time')), timeoutMs)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  socket.once('secureConnect', () => {
    if (isOneOf(addresses, socket.remoteAddress ?? '')) resolve(use(socket))
    else fail(new FetchFailure('blocked', `connected to ${socket.remoteAddress}`))
  })
  socket.on('error', fail)
  socket.once('close', () => fail(new FetchFailure('reset', 'closed in the handshake')))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    socket.destroy()
  }
}

function factsOf(socket: tls.TLSSocket): TlsFacts {
  const leaf = socket.getPeerCertificate(true)
  const chain: string[] = []
  const seen = new Set<string>()
  for (
    let one: tls.DetailedPeerCertificate | undefined = leaf;
    one?.fingerprint256 !== undefined && chain.length < MAX_CHAIN && !seen.has(one.fingerprint256);
    one = one.issuerCertificate
  ) {
    seen.add(one.fingerprint256)
    chain.push(nameOf(one.subject))
  }
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName ?? socket.getCipher().name,
    fingerprint: (leaf.fingerprint256 ?? '').replaceAll(':', '').toLowerCase(),
    subject: nameOf(leaf.subject),
    issuer: nameOf(leaf.issuer),
    names: namesOf(leaf.subjectaltname ?? ''),
    serial: cut((leaf.serialNumber ?? '').toLowerCase(), 64),
    not_before: isoOf(leaf.valid_from),
    not_after: isoOf(leaf.valid_to),
    chain,
    problem: socket.authorized ? '' : String(socket.authorizationError ?? 'UNSPECIFIED'),
    weak_versions: [],
  }
}

/** Common name and organisation. */
function nameOf(subject: PeerCertificate['subject'] | undefined): string {
  const parts: string[] = []
  for (const part of ['CN', 'O'] as const) {
    const value: unknown = subject?.[part]
    const text = Array.isArray(value) ? value.join(' + ') : value
    if (typeof text === 'string') parts.push(`${part}=${text}`)
  }
  return cut(parts.join(', '), MAX_TEXT)
}

function namesOf(alternative: string): string[] {
  const names = alternative
    .slice(0, 64 * 1024)
    .split(', ')
    .filter((name) => name !== '')
    .map((name) => cut(name.replace(/^(?:DNS|IP Address):/, '').toLowerCase(), MAX_TEXT))
  return [...new Set(names)].sort().slice(0, MAX_NAMES)
}

function isoOf(date: string | undefined): string {
  const time = Date.parse(date ?? '')
  return Number.isNaN(time) ? '' : new Date(time).toISOString()
}
