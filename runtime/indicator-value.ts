// In which form are addresses, domains, URLs, hashes and fingerprints compared? One form for indicators of feeds and for fields of events.
import { domainToASCII } from 'node:url'
import { type Address, emptyAddress, maskWord, parseAddress } from './address.ts'

/** Longest URL that is compared. */
const MAX_URL_LENGTH = 2048
const MAX_DOMAIN_LENGTH = 253
const MAX_LABEL_LENGTH = 63
const MAX_EMAIL_LENGTH = 320

/** The address as RFC 5952 writes it, as inet_ntop does; undefined if the text is none. IPv4 inside IPv6 (::ffff:192.0.2.1) becomes IPv4. */
export function canonicalAddress(text: string): string | undefined {
  const address = emptyAddress()
  return parseAddress(text, address) ? formatAddress(address) : undefined
}

/** A parsed address in the form of RFC 5952; empty for none (family 0). */
export function formatAddress({ family, a, b, c, d }: Address): string {
  if (family === 4) return `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`
  if (family !== 6) return ''
  const groups = [a, b, c, d].flatMap((word) => [word >>> 16, word & 0xffff])
  let from = -1
  let longest = 1
  for (let i = 0; i < 8; i++) {
    let end = i
    while (groups[end] === 0) end++
    if (end - i > longest) {
      from = i
      longest = end - i
    }
    i = Math.max(i, end)
  }
  const hex = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(':')
  return from < 0 ? hex(groups) : `${hex(groups.slice(0, from))}::${hex(groups.slice(from + longest))}`
}

/** A network with its host bits cleared, as `192.0.2.0/24`; undefined if the text is none. */
export function canonicalNetwork(text: string): string | undefined {
  const slash = text.indexOf('/')
  const digits = text.slice(slash + 1)
  if (slash < 0 || !/^\d{1,3}$/.test(digits)) return undefined
  const address = emptyAddress()
  const written = text.slice(0, slash)
  if (!parseAddress(written, address)) return undefined
  const mapped = address.family === 4 && written.includes(':') ? 96 : 0
  const bits = Number(digits) - mapped
  if (bits < 0 || bits > (address.family === 4 ? 32 : 128)) return undefined
  const { family, a, b, c, d } = address
  const masked: Address = {
    family,
    a: maskWord(a, bits),
    b: maskWord(b, bits - 32),
    c: maskWord(c, bits - 64),
    d: maskWord(d, bits - 96),
  }
  return `${formatAddress(masked)}/${bits}`
}

/**
 * A domain in small letters, A-label form (UTS 46), without a last dot; undefined if it cannot be one: fewer than two labels, a label of
 * digits at the end, characters that no host or service name has. Underscores stay: DNS logs hold them.
 */
export function canonicalDomain(text: string): string | undefined {
  let name = text.endsWith('.') ? text.slice(0, -1) : text
  if (name.length < 3 || name.length > 4 * MAX_DOMAIN_LENGTH) return undefined
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i)
    if (code > 127) {
      name = domainToASCII(name)
      if (name.endsWith('.')) name = name.slice(0, -1)
      break
    }
    if (code >= 65 && code <= 90) {
      name = name.toLowerCase()
      i = -1
    }
  }
  return isDomain(name) ? name : undefined
}

function isDomain(name: string): boolean {
  if (name.length > MAX_DOMAIN_LENGTH) return false
  let start = 0
  let labels = 0
  let letters = false
  for (let i = 0; i <= name.length; i++) {
    const code = i === name.length ? 46 : name.charCodeAt(i)
    if (code === 46) {
      const length = i - start
      if (length === 0 || length > MAX_LABEL_LENGTH) return false
      if (name.charCodeAt(start) === 45 || name.charCodeAt(i - 1) === 45) return false
      labels++
      if (i < name.length) letters = false
      start = i + 1
    } else if (code >= 97 && code <= 122) letters = true
    else if (!((code >= 48 && code <= 57) || code === 45 || code === 95)) return false
  }
  return labels >= 2 && letters
}

/**
 * A URL without its scheme, as `host[:port]/path?query`; undefined if it has no host that can be one. An indicator and an event mean the same
 * URL exactly if these texts are equal. The rule:
 * - scheme, user and password, and fragment are dropped: logs seldom know the scheme, servers never see a fragment;
 * - the host is an address in the form of RFC 5952 (IPv6 in brackets) or a domain as `canonicalDomain` writes it;
 * - the ports 80 and 443 are dropped, other ones stay;
 * - path and query as `canonicalTarget` writes them: letters keep their case, an empty path is `/`.
 */
export function canonicalUrl(text: string): string | undefined {
  if (text.length > 2 * MAX_URL_LENGTH) return undefined
  const scheme = /^[a-z][a-z0-9+.-]{0,31}:\/\//i.exec(text)?.[0].length ?? (text.startsWith('//') ? 2 : 0)
  let end = scheme
  while (end < text.length && !endsAuthority(text.charCodeAt(end))) end++
  const authority = text.slice(scheme, end)
  const host = canonicalAuthority(authority.slice(authority.lastIndexOf('@') + 1))
  if (host === undefined) return undefined
  const url = host + canonicalTarget(text.slice(end))
  return url.length > MAX_URL_LENGTH ? undefined : url
}

/** A host, with a port or without, as it stands in `canonicalUrl`. */
function canonicalAuthority(text: string): string | undefined {
  const bracket = text.startsWith('[') ? text.indexOf(']') : -1
  const colon = text.indexOf(':', bracket + 1)
  const name = colon < 0 ? text : text.slice(0, colon)
  const port = colon < 0 ? '' : text.slice(colon + 1)
  if (port !== '' && (!/^\d{1,5}$/.test(port) || Number(port) > 65535)) return undefined
  const host = canonicalHost(name)
  if (host === undefined) return undefined
  const number = Number(port)
  return port === '' || number === 80 || number === 443 ? host : `${host}:${number}`
}

/** A host as it stands in a URL: a domain, an IPv4 address, an IPv6 address in brackets. */
export function canonicalHost(text: string): string | undefined {
  if (text.startsWith('[')) {
    const address = text.endsWith(']') ? canonicalAddress(text.slice(1, -1)) : undefined
    return address?.includes(':') ? `[${address}]` : address
  }
  return canonicalDomain(text) ?? (text.includes(':') ? undefined : canonicalAddress(text))
}

/**
 * Path and query of a URL in the form in which they are compared (RFC 3986 section 6.2.2): escapes of unreserved characters are undone,
 * others have capital hex digits; what may not stand in a URL is escaped as UTF-8, a `%` that escapes nothing too; `\` in the path is `/`;
 * dot segments are resolved; what follows `#`, and a `?` with nothing behind it, is dropped; an empty path is `/`.
 */
export function canonicalTarget(text: string): string {
  if (isCanonicalTarget(text)) return text
  const hash = text.indexOf('#')
  const whole = hash < 0 ? text : text.slice(0, hash)
  const mark = whole.indexOf('?')
  const path = mark < 0 ? whole : whole.slice(0, mark)
  const query = mark < 0 ? '' : escaped(whole.slice(mark + 1))
  const resolved = withoutDots(escaped(path.replaceAll('\\', '/')))
  return query === '' ? resolved : `${resolved}?${query}`
}

/** True for what stays as it is, which is nearly everything: the check is cheap. */
function isCanonicalTarget(text: string): boolean {
  if (text.charCodeAt(0) !== SLASH) return false
  let query = false
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 126 || mustChange[code] === 1) return false
    if (code === QUESTION) {
      if (i === text.length - 1) return false
      query = true
    } else if (code === DOT && !query && text.charCodeAt(i - 1) === SLASH) return false
  }
  return true
}

const SLASH = 47
const DOT = 46
const QUESTION = 63

/** Characters that may not stand in a URL, and those at which more must be looked at. */
const mustChange = new Uint8Array(128)
for (let code = 0; code <= 32; code++) mustChange[code] = 1
for (const character of '"#%<>\\^`{|}\u007f') mustChange[character.charCodeAt(0)] = 1

function escaped(text: string): string {
  return text.toWellFormed().replace(/%[0-9A-Fa-f]{2}|%|[^!$&-;=?-Z_a-z~[\]]/gu, (part) => {
    if (part.length !== 3 || !part.startsWith('%')) return encodeURIComponent(part)
    const code = Number.parseInt(part.slice(1), 16)
    const character = String.fromCharCode(code)
    return /[A-Za-z0-9._~-]/.test(character) ? character : part.toUpperCase()
  })
}

/** RFC 3986 section 5.2.4. */
function withoutDots(path: string): string {
  const kept: string[] = []
  const segments = path.split('/').slice(path.startsWith('/') ? 1 : 0)
  for (const [at, segment] of segments.entries()) {
    const last = at === segments.length - 1
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
    if (last && (segment === '..' || segment === '.')) kept.push('')
  }
  return `/${kept.join('/')}`
}

function endsAuthority(code: number): boolean {
  return code === SLASH || code === QUESTION || code === 35 || code === 92
}

/** A hash of a file in small letters: MD5, SHA-1 or SHA-256 by its length. */
export function canonicalHash(text: string): string | undefined {
  const { length } = text
  return (length === 32 || length === 40 || length === 64) && /^[0-9a-fA-F]+$/.test(text)
    ? text.toLowerCase()
    : undefined
}

/** An e-mail address in small letters, its domain as `canonicalDomain` writes it. */
export function canonicalEmail(text: string): string | undefined {
  const at = text.lastIndexOf('@')
  if (at < 1 || text.length > MAX_EMAIL_LENGTH) return undefined
  const local = text.slice(0, at).toLowerCase()
  if (!/^[^\s@<>",;:()[\]\\]+$/.test(local)) return undefined
  const domain = canonicalDomain(text.slice(at + 1))
  return domain === undefined ? undefined : `${local}@${domain}`
}

/** A JA3 fingerprint of a TLS client: an MD5. */
export function canonicalJa3(text: string): string | undefined {
  return text.length === 32 ? canonicalHash(text) : undefined
}

/** A JA4 fingerprint of a TLS client, as `t13d1516h2_8daaf6152771_b186095e22b6`. */
export function canonicalJa4(text: string): string | undefined {
  const small = text.toLowerCase()
  return /^[tqd][0-9a-z]{2}[di][0-9]{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/.test(small) ? small : undefined
}
