// What does a page look like to one agent? Redirects within the listed hosts are followed, each through the guard again; others are recorded and not fetched.
import { hash } from 'node:crypto'
import { type FetchFailure, failureOf } from '../../runtime/guard/failure.ts'
import type { Fetched, FetchOptions, Guard } from '../../runtime/guard/fetch.ts'
import type { PageView, ProbeAgent, ProbeFailure } from '../../schemas/probe.ts'
import type { Headers } from './agents.ts'
import { decodeBody } from './charset.ts'
import { type ReadPage, readPage } from './page.ts'
import { hostName, webAddress } from './target.ts'
import { cut, plainText } from './text.ts'

const MAX_REDIRECTS = 5
const MAX_LOCATION = 500
const MAX_COOKIES = 20
const MAX_HEADER = 500

/** Headers that tell how a site guards its visitors. */
export const securityHeaders = [
  'strict-transport-security',
  'content-security-policy',
  'x-frame-options',
  'x-content-type-options',
  'referrer-policy',
  'permissions-policy',
  'cross-origin-opener-policy',
] as const

export interface PageFetchOptions extends Pick<FetchOptions, 'timeoutMs' | 'maxBytes'> {
  readonly guard: Pick<Guard, 'fetch'>
  readonly ca?: string | readonly string[]
  readonly signal: AbortSignal
  /** Hosts that a redirect is followed to. */
  readonly hosts: readonly string[]
  /** Called before each request. */
  readonly pass: (host: string) => Promise<void>
}

/** An answer behind its redirects. */
export interface Followed {
  readonly url: URL
  readonly redirects: PageView['redirects']
  readonly fetched: Fetched | undefined
  readonly failure: FetchFailure | undefined
  /** Redirects went round, or there were too many. */
  readonly loop: boolean
}

/** Fetches an address and follows its redirects. A failure is part of the answer; rejects only when stopped. */
export async function follow(start: URL, headers: Headers, options: PageFetchOptions): Promise<Followed> {
  const { guard, ca, signal, hosts, pass, timeoutMs, maxBytes } = options
  const redirects: PageView['redirects'] = []
  const seen = new Set<string>()
  const cookies = new Map<string, string>()
  /** An address with what is sent to it: a site may set a cookie and send visitors to where they are. */
  const visit = ({ href, hostname }: URL): string => `${href} ${cookies.get(hostname) ?? ''}`
  let url = start
  let fetched: Fetched | undefined
  for (;;) {
    seen.add(visit(url))
    await pass(url.hostname)
    const cookie = cookies.get(url.hostname)
    try {
      fetched = await guard.fetch(url, {
        headers: cookie === undefined ? headers : { ...headers, cookie },
        timeoutMs,
        maxBytes,
        whenLarge: 'cut',
        anyCertificate: true,
        signal,
        ...(ca === undefined ? {} : { ca }),
      })
    } catch (error) {
      signal.throwIfAborted()
      const failure = failureOf(error)
      // The hop before has led here.
      const last = redirects.at(-1)
      if (last !== undefined && failure.kind === 'blocked') last.followed = false
      return { url, redirects, fetched, failure, loop: false }
    }
    const { location } = fetched.headers
    if (fetched.status < 300 || fetched.status > 399 || location === undefined)
      return { url, redirects, fetched, failure: undefined, loop: false }
    keepCookies(cookies, url.hostname, fetched.headers['set-cookie'] ?? [])
    const text = utf8(location)
    const next = webAddress(URL.parse(text, url)?.href ?? '')
    const listed = next !== undefined && hosts.includes(hostName(next.hostname))
    const loop = listed && (seen.has(visit(next)) || redirects.length >= MAX_REDIRECTS)
    redirects.push({
      status: fetched.status,
      location: cut(next?.href ?? plainText(text), MAX_LOCATION),
      followed: listed && !loop,
    })
    if (!listed || loop) return { url, redirects, fetched, failure: undefined, loop }
    url = next
  }
}

/** Adds cookies to those that a host has set on this way, as browsers would send them; for this way alone, and so many and no more. */
function keepCookies(cookies: Map<string, string>, host: string, set: readonly string[]): void {
  const pairs = new Map((cookies.get(host) ?? '').split('; ').map((pair) => [pair.split('=', 1)[0] ?? '', pair]))
  for (const one of set) {
    const pair = (one.split(';', 1)[0] ?? '').trim()
    if (/^[\w!#$%&'*+.^`|~-]{1,100}=[\x21-\x7e]{0,1000}$/.test(pair)) pairs.set(pair.split('=', 1)[0] ?? '', pair)
  }
  pairs.delete('')
  if (pairs.size > 0) cookies.set(host, [...pairs.values()].slice(-MAX_COOKIES).join('; '))
}

/** A view and the page behind it, if it has one to read. */
export interface Viewed {
  readonly view: PageView
  readonly page: ReadPage | undefined
  /** Where the redirects ended. */
  readonly url: URL
}

/** Fetches and reads the page as one agent; the same bytes as `before` are not read again. Rejects only when stopped. */
export async function viewPage(
  agent: ProbeAgent,
  start: URL,
  headers: Headers,
  options: PageFetchOptions,
  before?: Viewed,
): Promise<Viewed> {
  const { url, redirects, fetched, failure, loop } = await follow(start, headers, options)
  if (fetched === undefined || failure !== undefined)
    return { view: failedView(agent, failure, redirects), page: undefined, url }
  const header = (name: string): string => headerText(fetched.headers[name])
  const contentType = header('content-type')
  const empty = fetched.body.length === 0
  const body_hash = empty ? '' : hash('sha256', fetched.body, 'hex')
  const same =
    before?.view.body_hash === body_hash && before.view.content_type === contentType && before.url.href === url.href
      ? before
      : undefined
  const { text, charset } =
    same === undefined ? decodeBody(fetched.body, contentType) : { text: '', charset: same.view.charset }
  const redirected = fetched.status >= 300 && fetched.status <= 399
  const page = redirected || empty ? undefined : (same?.page ?? readPage(text, contentType, url.href))
  const view: PageView = {
    agent,
    ...(loop ? { failure: 'redirect_loop' as const } : {}),
    detail: loop ? `${redirects.length} redirects` : '',
    status: fetched.status,
    http_version: fetched.httpVersion,
    redirects,
    timing_ms: fetched.timing,
    address: fetched.address,
    content_type: contentType,
    charset,
    server: header('server'),
    security_headers: Object.fromEntries(
      securityHeaders.flatMap((name) => (header(name) === '' ? [] : [[name, header(name)]])),
    ),
    bytes: fetched.body.length,
    truncated: fetched.truncated,
    body_hash,
    ...(page === undefined ? {} : { page: page.facts }),
  }
  return { view, page, url }
}

/** The view of an agent that got no answer. */
export function failedView(
  agent: ProbeAgent,
  failure: FetchFailure | undefined,
  redirects: PageView['redirects'] = [],
): PageView {
  return {
    agent,
    failure: probeFailure(failure),
    detail: detailOf(failure),
    status: 0,
    http_version: '',
    redirects,
    timing_ms: { dns: 0, connect: 0, tls: 0, first_byte: 0, total: 0 },
    address: '',
    content_type: '',
    charset: '',
    server: '',
    security_headers: {},
    bytes: 0,
    truncated: false,
    body_hash: '',
  }
}

/** The word of the record; what a probe cuts is never too large. */
export function probeFailure(failure: FetchFailure | undefined): ProbeFailure {
  const kind = failure?.kind ?? 'unreachable'
  return kind === 'too_large' ? 'http_invalid' : kind
}

/** In words, cut. */
export function detailOf(failure: FetchFailure | undefined): string {
  return cut(plainText(failure?.message ?? ''), MAX_HEADER)
}

function headerText(value: string | string[] | undefined): string {
  const text = Array.isArray(value) ? value.join(', ') : (value ?? '')
  return cut(plainText(utf8(text)), MAX_HEADER)
}

/** Headers arrive as Latin-1, whatever they are. */
function utf8(text: string): string {
  return Buffer.from(text, 'latin1').toString()
}
