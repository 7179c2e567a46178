// What is this value of a feed? Its type and its canonical form, also where it was defanged.
import { parse } from 'tldts'
import {
  canonicalAddress,
  canonicalDomain,
  canonicalEmail,
  canonicalHash,
  canonicalHost,
  canonicalJa3,
  canonicalJa4,
  canonicalNetwork,
  canonicalUrl,
} from '../../runtime/indicator-value.ts'
import type { IndicatorType } from '../../schemas/indicator.ts'

export interface Observable {
  readonly type: IndicatorType
  readonly value: string
}

/** Longest text of a feed that is looked at as a value. */
const MAX_VALUE_LENGTH = 4096

/**
 * Type and canonical form of a value; undefined if it is nothing that can be matched. With a type it is read as that, except that an address
 * with a length is a network and a network of one address is an address; without, it is recognised. Idempotent.
 */
export function observableOf(text: string, type?: IndicatorType): Observable | undefined {
  if (text.length > MAX_VALUE_LENGTH) return undefined
  const value = refanged(text.trim())
  if (value === '') return undefined
  switch (type) {
    case undefined:
      return recognised(value)
    case 'ip':
    case 'network':
      return addressOf(value)
    case 'domain':
      return as('domain', validDomain(withoutPort(value)))
    case 'url':
      return as('url', validUrl(value))
    case 'file_hash':
      return as('file_hash', canonicalHash(withoutHashName(value)))
    case 'email':
      return as('email', canonicalEmail(value.replace(/^mailto:/i, '')))
    case 'ja3':
      return as('ja3', canonicalJa3(value))
    case 'ja4':
      return as('ja4', canonicalJa4(value))
  }
}

function as(type: IndicatorType, value: string | undefined): Observable | undefined {
  return value === undefined ? undefined : { type, value }
}

function recognised(value: string): Observable | undefined {
  if (/^[a-z][a-z0-9+.-]{0,31}:\/\//i.test(value)) return as('url', validUrl(value))
  const hash = canonicalHash(withoutHashName(value))
  if (hash !== undefined) return { type: 'file_hash', value: hash }
  const address = addressOf(value)
  if (address !== undefined) return address
  const ja4 = canonicalJa4(value)
  if (ja4 !== undefined) return { type: 'ja4', value: ja4 }
  if (/[/?]/.test(value)) {
    // An address with an impossible length is no path on a server.
    const [host = '', ...rest] = value.split('/')
    if (rest.length === 1 && /^\d{1,3}$/.test(rest[0] ?? '') && canonicalAddress(host) !== undefined) return undefined
    return as('url', validUrl(value))
  }
  if (value.includes('@')) return as('email', canonicalEmail(value.replace(/^mailto:/i, '')))
  return as('domain', validDomain(withoutPort(value)))
}

/** An address, with a port or without, or a network. */
function addressOf(value: string): Observable | undefined {
  if (value.includes('/')) {
    const network = canonicalNetwork(value)
    if (network === undefined) return undefined
    const single = network.endsWith(network.includes(':') ? '/128' : '/32')
    return single ? { type: 'ip', value: network.slice(0, network.indexOf('/')) } : { type: 'network', value: network }
  }
  const bare = /^\[([0-9a-f:.]+)\](?::\d{1,5})?$/i.exec(value)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(value)?.[1] ?? value
  return as('ip', canonicalAddress(bare))
}

/** `domain.example:8080` and `*.domain.example` name the domain. */
function withoutPort(value: string): string {
  return value.replace(/^\*\./, '').replace(/:\d{1,5}$/, '')
}

function withoutHashName(value: string): string {
  return value.replace(/^(?:md5|sha-?1|sha-?256)[:=]\s?/i, '')
}

/** A domain under an ending that exists (public suffix list). The endings themselves are dropped later, where it is counted. */
function validDomain(value: string): string | undefined {
  const domain = canonicalDomain(value)
  return domain !== undefined && hasKnownEnding(domain) ? domain : undefined
}

const suffixOptions = { allowPrivateDomains: true, extractHostname: false, validateHostname: false, detectIp: false }

function hasKnownEnding(domain: string): boolean {
  const { isIcann, isPrivate } = parse(domain, suffixOptions)
  return isIcann === true || isPrivate === true
}

/** True for an ending under which others register names: `go.id`, and `blogspot.com` too. */
export function isPublicSuffix(domain: string): boolean {
  const { publicSuffix } = parse(domain, suffixOptions)
  return publicSuffix === domain
}

function validUrl(value: string): string | undefined {
  const url = canonicalUrl(value)
  if (url === undefined) return undefined
  const host = hostOfUrl(url)
  return canonicalAddress(host) !== undefined || hasKnownEnding(host) ? url : undefined
}

/** Host of a canonical URL: a domain, or an address without brackets. */
export function hostOfUrl(url: string): string {
  if (url.startsWith('[')) return url.slice(1, url.indexOf(']'))
  return url.slice(0, url.search(/[:/]/))
}

/**
 * Undoes what people do to values so that nobody clicks on them: hxxp, fxp, `[.]`, `(.)`, `{.}`, `[dot]`, `(dot)`, ` dot `, `[:]`, `[@]`,
 * `[at]`, `[://]`, `\.`; quotation marks and angle brackets around a value go.
 */
function refanged(text: string): string {
  let value = unquoted(text)
  if (/^h(?:xx|\*\*|tt)ps?\b|^f[xt]p\b|^meow/i.test(value)) {
    value = value
      .replace(/^h(?:xx|\*\*)p/i, 'http')
      .replace(/^fxp/i, 'ftp')
      .replace(/^meow/i, 'http')
  }
  if (!/[[({\\ ]/.test(value)) return value
  const host = canonicalHost(value)
  if (host !== undefined) return value
  return value
    .replace(/[[({]\s?:\/\/\s?[\])}]/g, '://')
    .replace(/[[({]\s?(?:\.|dot|d0t)\s?[\])}]| dot /gi, '.')
    .replace(/[[({]\s?:\s?[\])}]/g, ':')
    .replace(/[[({]\s?(?:@|at)\s?[\])}]/gi, '@')
    .replace(/[[({]\s?\/\s?[\])}]/g, '/')
    .replace(/\\\./g, '.')
}

function unquoted(text: string): string {
  let from = 0
  let end = text.length
  while (from < end && `"'<\``.includes(text.charAt(from))) from++
  while (end > from && `"'>\`,`.includes(text.charAt(end - 1))) end--
  return text.slice(from, end)
}
