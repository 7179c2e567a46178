// Which indicators does an event carry? Its addresses, names, URLs, hashes and fingerprints against the table; a domain matches all beneath it.
import { emptyAddress, parseAddress } from '../../../runtime/address.ts'
import { canonicalHost, canonicalUrl } from '../../../runtime/indicator-value.ts'
import type { Event } from '../../../schemas/event.ts'
import type { Indicator, IndicatorType } from '../../../schemas/indicator.ts'
import { type Hash, tags } from './hash.ts'
import { isNetworkOf } from './network.ts'
import type { IndicatorTable } from './table.ts'

export type IndicatorFields = Pick<
  Event,
  | 'timestamp'
  | 'source_ip'
  | 'destination_ip'
  | 'url_original'
  | 'url_domain'
  | 'http_referrer'
  | 'dns_question_name'
  | 'tls_server_name'
  | 'tls_ja3'
  | 'file_hash'
  | 'user_name'
  | 'fields'
>

/** An indicator that an event carries, and where. */
export interface IndicatorMatch {
  readonly indicator: Indicator
  /** Column, or name in `fields`. */
  readonly field: string
  /** What stands there. */
  readonly value: string
}

const none: readonly IndicatorMatch[] = Object.freeze([])

/** Texts longer than this are no names or URLs that a feed would tell. */
const MAX_URL = 2048
const MAX_NAME = 255
/** So many are told of an event, the first that are found. */
export const MAX_MATCHES = 16

const mailFields = ['email.from.address', 'email.to.address'] as const
const hashFields = ['file.hash.sha256', 'file.hash.sha1', 'file.hash.md5'] as const

const fileHash: readonly IndicatorType[] = ['file_hash']
const fingerprint: readonly IndicatorType[] = ['ja3', 'ja4']
const email: readonly IndicatorType[] = ['email']
const url_: readonly IndicatorType[] = ['url']

/**
 * A function that answers the indicators of an event which have not expired at its time; the same empty list whenever there are none. Pure but
 * for reading what a matching indicator says from the table's file. Of a value that several feeds tell, all are answered.
 */
export function createIndicatorMatch(table: IndicatorTable): (event: IndicatorFields) => readonly IndicatorMatch[] {
  const { hasher, meta } = table
  const { counts, lengths4, lengths6 } = meta
  const has = (...types: IndicatorType[]): boolean => types.some((type) => (counts[type] ?? 0) > 0)
  const addresses = has('ip', 'network')
  const domains = has('domain')
  const urls = has('url')
  const emails = has('email')
  const hashes = has('file_hash')
  const fingerprints = has('ja3', 'ja4')
  const hash: Hash = { position: 0, print: 0 }
  const address = emptyAddress()
  let found: IndicatorMatch[] = []
  let field = ''
  let value = ''
  let at = 0

  /** Looks at all records under a hash whose value is the one that was meant. */
  const collect = (record: number, isMeant: (indicator: Indicator) => boolean): void => {
    for (let n = record; n >= 0 && n < meta.count; n = table.next(n)) {
      const indicator = table.read(n)
      if (indicator.expires !== 0 && indicator.expires <= at) continue
      if (found.length < MAX_MATCHES && isMeant(indicator)) found.push({ indicator, field, value })
    }
  }

  const ip = (name: string, text: string): void => {
    if (text === '' || !parseAddress(text, address)) return
    const lengths = address.family === 4 ? lengths4 : lengths6
    for (let i = 0; i < lengths.length; i++) {
      hasher.network(address, lengths[i] as number, hash)
      const record = table.find(hash)
      if (record < 0) continue
      const length = lengths[i] as number
      field = name
      value = text
      collect(
        record,
        (indicator) =>
          (indicator.type === 'ip' || indicator.type === 'network') && isNetworkOf(indicator.value, length, address),
      )
    }
  }

  let host = ''
  let hostEnd = 0
  /** URLs of the last host that was looked at are known. */
  let urlsOfHost = false
  let codes = 0
  const visit = (from: number): void => {
    const record = table.find(hash)
    if (record < 0) return
    if (from < 0) urlsOfHost = true
    else if (domains) {
      const name = host.slice(from, hostEnd).toLowerCase()
      collect(record, (indicator) => indicator.type === 'domain' && indicator.value === name)
    }
  }
  const domain = (name: string, text: string): void => {
    urlsOfHost = false
    if (text.length < 3 || text.length > MAX_NAME) return
    field = name
    value = text
    lookUpHost(text)
    if (codes > 127) lookUpHost(canonicalHost(host.slice(0, hostEnd)) ?? '')
  }
  const lookUpHost = (name: string): void => {
    host = name
    hostEnd = portless(name, name.length)
    if (name.charCodeAt(hostEnd - 1) === DOT) hostEnd--
    codes = hasher.parents(name, hostEnd, hash, visit)
  }

  const exact = (name: string, text: string, tag: number, types: readonly IndicatorType[], shown = text): void => {
    if (text === '' || text.length > MAX_URL) return
    hasher.text(text, tag, hash)
    const record = table.find(hash)
    if (record < 0) return
    field = name
    value = shown
    const wanted = tag === tags.url ? text : text.toLowerCase()
    collect(record, ({ type, value: known }) => types.includes(type) && known === wanted)
  }

  /** An URL is put into its canonical form only where URLs of its host are known. */
  const url = (name: string, text: string): void => {
    const canonical = canonicalUrl(text)
    if (canonical !== undefined) exact(name, canonical, tags.url, url_, text)
  }

  /** Host and whole of an absolute URL. */
  const absolute = (name: string, text: string): void => {
    if (text.length < 10 || text.length > MAX_URL || text.charCodeAt(0) === SLASH) return
    const scheme = text.indexOf('://')
    if (scheme < 1 || scheme > 8) return
    let from = scheme + 3
    let to = from
    for (; to < text.length && !endsHost(text.charCodeAt(to)); to++) if (text.charCodeAt(to) === AT) from = to + 1
    domain(name, text.slice(from, to))
    if (urlsOfHost) url(name, text)
  }

  return (event) => {
    if (found.length > 0) found = []
    at = event.timestamp
    if (addresses) {
      ip('source_ip', event.source_ip)
      ip('destination_ip', event.destination_ip)
    }
    if (urls || domains) {
      domain('url_domain', event.url_domain)
      const { url_domain, url_original } = event
      if (url_original.charCodeAt(0) === SLASH) {
        if (urlsOfHost && url_original.length <= MAX_URL) url('url_original', url_domain + url_original)
      } else if (url_domain === '' || !url_original.includes(`://${url_domain}`)) absolute('url_original', url_original)
      // The host of the URL has just been looked at.
      else if (urlsOfHost && url_original.length <= MAX_URL) url('url_original', url_original)
      domain('dns_question_name', event.dns_question_name)
      domain('tls_server_name', event.tls_server_name)
      absolute('http_referrer', event.http_referrer)
    }
    if (hashes) exact('file_hash', event.file_hash, tags.fileHash, fileHash)
    if (fingerprints) exact('tls_ja3', event.tls_ja3, tags.tls, fingerprint)
    if (emails && event.user_name.includes('@')) exact('user_name', event.user_name, tags.email, email)
    const { fields } = event
    if (fields.size > 0) {
      if (hashes) for (const name of hashFields) exact(name, fields.get(name) ?? '', tags.fileHash, fileHash)
      if (emails || domains) {
        for (const name of mailFields) {
          const text = fields.get(name)
          if (text === undefined) continue
          if (emails) exact(name, text, tags.email, email)
          if (domains) domain(name, text.slice(text.lastIndexOf('@') + 1))
        }
      }
    }
    return found.length === 0 ? none : found
  }
}

const DOT = 46
const SLASH = 47
const AT = 64
const COLON = 58

function endsHost(code: number): boolean {
  return code === SLASH || code === 63 || code === 35 || code === 92
}

/** Where the host of an authority ends: before its port, if it has one. */
function portless(text: string, to: number): number {
  for (let i = to - 1; i > 0 && i >= to - 6; i--) {
    const code = text.charCodeAt(i)
    if (code === COLON) return i
    if (code < 48 || code > 57) return to
  }
  return to
}
