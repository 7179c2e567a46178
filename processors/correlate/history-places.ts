// Where in an event may an indicator stand, and in which form is it compared? As expressions of ClickHouse over the columns of events.
import { quote } from '../../runtime/clickhouse.ts'
import type { IndicatorType } from '../../schemas/indicator.ts'

/** What of an event may be an indicator. The same places as in processors/detect/indicators/match.ts; a test holds the two together. */
export type Kind = 'ip' | 'host' | 'url' | 'hash' | 'tls' | 'email'

export interface Place {
  /** As findings name it. */
  readonly field: string
  /** Text of it, '' if there is none. */
  readonly text: string
}

const MAX_URL = 2048
const HOST = String.raw`^[^:/?#]{1,8}://(?:[^/?#\\]*@)?([^/?#\\]*)`
/** Host of an absolute URL: behind the scheme and whoever logs in, before port and path. */
export const hostOf = (column: string): string =>
  `if(length(${column}) BETWEEN 10 AND ${MAX_URL}, extract(${column}, ${quote(HOST)}), '')`
const mail = (name: string): string => `fields['email.${name}.address']`
const domainOf = (address: string): string =>
  `if(${address} = '', '', substring(${address}, length(${address}) - position(reverse(${address}), '@') + 2))`

export const urlHost = `if(startsWith(url_original, '/'), '', ${hostOf('url_original')})`
export const places: Record<Kind, readonly Place[]> = {
  ip: [
    { field: 'source_ip', text: 'source_ip' },
    { field: 'destination_ip', text: 'destination_ip' },
  ],
  host: [
    { field: 'url_domain', text: 'url_domain' },
    { field: 'url_original', text: urlHost },
    { field: 'dns_question_name', text: 'dns_question_name' },
    { field: 'tls_server_name', text: 'tls_server_name' },
    { field: 'http_referrer', text: hostOf('http_referrer') },
    { field: 'email.from.address', text: domainOf(mail('from')) },
    { field: 'email.to.address', text: domainOf(mail('to')) },
  ],
  url: [
    {
      field: 'url_original',
      text: `multiIf(length(url_original) > ${MAX_URL}, '', startsWith(url_original, '/'), if(url_domain = '', '', concat(url_domain, url_original)), position(url_original, '://') BETWEEN 2 AND 9, url_original, '')`,
    },
    {
      field: 'http_referrer',
      text: `if(length(http_referrer) BETWEEN 10 AND ${MAX_URL} AND position(http_referrer, '://') BETWEEN 2 AND 9, http_referrer, '')`,
    },
  ],
  hash: ['file_hash', ...['sha256', 'sha1', 'md5'].map((name) => `file.hash.${name}`)].map((field) => ({
    field,
    text: field === 'file_hash' ? field : `fields[${quote(field)}]`,
  })),
  tls: [{ field: 'tls_ja3', text: 'tls_ja3' }],
  email: [
    { field: 'user_name', text: "if(position(user_name, '@') > 0, user_name, '')" },
    { field: 'email.from.address', text: mail('from') },
    { field: 'email.to.address', text: mail('to') },
  ],
}

export const typesOf: Record<Kind, readonly IndicatorType[]> = {
  ip: ['ip', 'network'],
  host: ['domain'],
  url: ['url'],
  hash: ['file_hash'],
  tls: ['ja3', 'ja4'],
  email: ['email'],
}
export const kinds: readonly Kind[] = ['ip', 'host', 'url', 'hash', 'tls', 'email']

/** What must be looked at for indicators of these types. */
export function kindsOf(types: readonly string[]): Kind[] {
  return kinds.filter((kind) => typesOf[kind].some((type) => types.includes(type)))
}

/** Host of the beginning of an URL, looser than the canonical form: events and indicators are compared by it before they are compared as a whole. */
export const looseHost = (text: string): string => `lower(trim(TRAILING '.' FROM substringIndex(${text}, ':', 1)))`

/** Host of the text `o` as it is compared, small, without port and last dot. */
const HOST_OF_O = `lower(replaceRegexpOne(replaceRegexpOne(o, ':[0-9]{0,5}$', ''), ${quote(String.raw`\.$`)}, ''))`
/** A host of other characters than ASCII: runtime/indicator-value.ts decides what it is. */
export const isOddHost = (text: string): string => `match(${text}, ${quote(String.raw`[^\x00-\x7f]`)})`

/** The address `o`; NULL if it is none. A part of IPv4 with a zero before it is none (RFC 6943): some read it as octal. */
export const ADDRESS_OF_O = `if(position(o, '.') > 0 AND match(o, '(?:^|[.:])0[0-9]+(?:[.]|$)'), NULL, toIPv6OrNull(o))`

/** A host and all domains above it, down to two labels. */
export const hostNames = `arrayMap(n -> arrayStringConcat(arraySlice(labels, n), '.'), range(1, length(splitByChar('.', ${HOST_OF_O}) AS labels)))`

/**
 * `plain`: an URL without its scheme, host in small letters, without an ordinary port. That is its canonical form unless it is `odd`: with somebody who
 * logs in, IPv6, a fragment, escapes, dot segments, or no path. Of those runtime/indicator-value.ts decides what they are.
 */
const ODD_AUTHORITY = String.raw`[^A-Za-z0-9.:_-]|\.(?::|$)|:0`
const ODD_TARGET = String.raw`^[^/]|^$|[^!-~]|["#%<>\\^\x60{|}]|/\.|\?$`
export const urlParts = `replaceRegexpOne(o, '^[A-Za-z][A-Za-z0-9+.-]{0,31}://', '') AS rest,
  extract(rest, ${quote(String.raw`^[^/?#\\]*`)}) AS authority, substring(rest, length(authority) + 1) AS target,
  concat(lower(replaceRegexpOne(authority, ':(?:80|443)?$', '')), target) AS plain,
  match(authority, ${quote(ODD_AUTHORITY)}) OR match(target, ${quote(ODD_TARGET)}) AS odd`

/** Texts `o` of this kind that must be looked at one by one; undefined if there are none of the kind. */
export const oddOf: Partial<Record<Kind, string>> = { host: isOddHost('o'), url: 'odd' }
