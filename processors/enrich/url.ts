// Which path and which registrable domain does an event's URL have?
import { getDomain } from 'tldts'
import type { Event } from '../../schemas/event.ts'
import { bounded } from './bounded.ts'

type UrlFields = Pick<Event, 'url_original' | 'url_path' | 'url_domain' | 'url_registered_domain'>

const MAX_HOST_LENGTH = 253

/** Writes the path where the parser left it empty, the domain of an absolute URL, and the registrable domain by the public suffix list. */
export function createUrlEnricher(): (event: UrlFields) => void {
  const registeredDomain = bounded((host) => getDomain(host) ?? '', 20_000, MAX_HOST_LENGTH)
  return (event) => {
    const url = event.url_original
    if (url !== '') {
      const slashes = url.charCodeAt(0) === SLASH ? -1 : url.indexOf('://')
      const authority = slashes >= 1 && slashes <= 8 ? slashes + 3 : -1
      if (event.url_path === '') event.url_path = pathOf(url, authority)
      if (event.url_domain === '' && authority > 0) event.url_domain = hostOf(url, authority)
    }
    const domain = event.url_domain
    if (domain !== '' && domain.length <= MAX_HOST_LENGTH) event.url_registered_domain = registeredDomain(domain)
  }
}

const SLASH = 47

/** Path of a request target in origin or absolute form (RFC 9112 section 3.2). */
function pathOf(url: string, authority: number): string {
  const start = authority > 0 ? endOfAuthority(url, authority) : 0
  if (start > 0 && url.charCodeAt(start) !== SLASH) return '/'
  let end = start
  while (end < url.length && !startsQuery(url.charCodeAt(end))) end++
  return start === 0 && end === url.length ? url : url.slice(start, end)
}

function hostOf(url: string, authority: number): string {
  const end = endOfAuthority(url, authority)
  if (end - authority > 2 * MAX_HOST_LENGTH) return ''
  const full = url.slice(authority, end)
  const host = full.slice(full.lastIndexOf('@') + 1).replace(/:\d*$/, '')
  return host.length <= MAX_HOST_LENGTH ? host.toLowerCase() : ''
}

function endOfAuthority(url: string, from: number): number {
  let end = from
  while (end < url.length && url.charCodeAt(end) !== SLASH && !startsQuery(url.charCodeAt(end))) end++
  return end
}

function startsQuery(code: number): boolean {
  return code === 63 || code === 35
}
