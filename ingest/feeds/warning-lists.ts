// Which values are never indicators? Public resolvers, CDNs, clouds, sites that everybody visits, private networks, and what people list themselves.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { emptyAddress, parseAddress } from '../../runtime/address.ts'
import { scopeOf } from '../../runtime/address-scope.ts'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import { canonicalDomain } from '../../runtime/indicator-value.ts'
import type { Indicator } from '../../schemas/indicator.ts'
import { hostOfUrl, isPublicSuffix } from './canonical.ts'
import { createOverlap, spanOf } from './spans.ts'

/** Name of the list that a value is on; undefined for one that may be an indicator. */
export type WarningLists = (indicator: Pick<Indicator, 'type' | 'value'>) => string | undefined

/** Networks broader than these are never indicators. */
const BROADEST_V4 = 8
const BROADEST_V6 = 19

export interface WarningListFile {
  readonly name: string
  readonly text: string
}

const shippedFolder = fileURLToPath(new URL('../../runtime/data/warning-lists/', import.meta.url))

/** The shipped lists and those of the settings. Throws CONFIG_INVALID for a file that cannot be read. */
export function loadWarningLists(files: readonly string[], baseDir: string): WarningListFile[] {
  const shipped = readdirSync(shippedFolder)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => resolve(shippedFolder, file))
  return [...shipped, ...files.map((file) => resolve(baseDir, file))].map((file) => {
    try {
      return { name: basename(file).replace(/\.txt$/, ''), text: readFileSync(file, 'utf8') }
    } catch (error) {
      throw new SiagaError('CONFIG_INVALID', { detail: `intelligence.warning_lists: ${errorText(error)}` })
    }
  })
}

/**
 * Compiles warning lists: addresses, networks and domains, one a line, `#` begins a comment; other lines throw CONFIG_INVALID.
 * - An address is on a list if a network of it holds it, a network if it overlaps one, or if it is broader than /8 (IPv4) or /19 (IPv6).
 * - A domain is on a list if it is listed, with `www.` too, or if a listed one is beneath it: it would match that one. What is beneath a listed
 *   domain is not on it. Endings under which others register (`go.id`, `blogspot.com`) are on `public-suffix`.
 * - A URL is on a list if its host is and it has no path, or if its host is an address that is not public.
 * - Addresses that are not public are on `not-public`; those of carriers (100.64.0.0/10) are left to people (`hold.ts`).
 */
export function createWarningLists(lists: readonly WarningListFile[]): WarningLists {
  const domains = new Map<string, string>()
  const parents = new Map<string, string>()
  const networks: { cidr: string; value: string }[] = []
  for (const { name, text } of lists) {
    for (const [at, line] of text.split('\n').entries()) {
      const value = (line.split('#', 1)[0] ?? '').trim()
      if (value === '') continue
      const span = spanOf(value)
      const domain = span === undefined ? canonicalDomain(value) : undefined
      if (span !== undefined) networks.push({ cidr: value, value: name })
      else if (domain === undefined) {
        throw new SiagaError('CONFIG_INVALID', {
          detail: `warning list ${name}, line ${at + 1}: "${value}" is no address, network or domain`,
        })
      } else {
        domains.set(domain, name)
        for (let dot = domain.indexOf('.'); dot > 0; dot = domain.indexOf('.', dot + 1)) {
          const parent = domain.slice(dot + 1)
          if (parent.includes('.')) parents.set(parent, name)
        }
      }
    }
  }
  const overlapping = createOverlap(networks)

  const ofAddress = (text: string): string | undefined => {
    const address = emptyAddress()
    if (!parseAddress(text, address)) return undefined
    const scope = scopeOf(address)
    if (scope !== 'public' && scope !== 'cgnat') return 'not-public'
    return overlapping(text)
  }
  const ofNetwork = (text: string): string | undefined => {
    const span = spanOf(text)
    if (span === undefined) return undefined
    if (span.bits < (span.family === 4 ? BROADEST_V4 : BROADEST_V6)) return 'too-broad'
    for (const [a, b, c, d] of [span.first, span.last]) {
      const scope = scopeOf({ family: span.family, a, b, c, d })
      if (scope !== 'public' && scope !== 'cgnat') return 'not-public'
    }
    return overlapping(text)
  }
  const ofDomain = (domain: string): string | undefined =>
    domains.get(domain) ??
    (domain.startsWith('www.') ? domains.get(domain.slice(4)) : undefined) ??
    (isPublicSuffix(domain) ? 'public-suffix' : undefined) ??
    parents.get(domain)

  return ({ type, value }) => {
    switch (type) {
      case 'ip':
        return ofAddress(value)
      case 'network':
        return ofNetwork(value)
      case 'domain':
        return ofDomain(value)
      case 'url': {
        const host = hostOfUrl(value)
        const list = ofAddress(host)
        if (list === 'not-public') return list
        return value.endsWith('/') && value.indexOf('/') === value.length - 1 ? (list ?? ofDomain(host)) : undefined
      }
      default:
        return undefined
    }
  }
}
