// Whose is an address of a page? Its host, and whether that is of another organisation.
import { getDomain } from 'tldts'

/** The host of an absolute address, '' none. */
export function hostName(href: string): string {
  return URL.parse(href)?.hostname ?? ''
}

/** Whether an address is of another organisation: another registrable domain. */
export function isForeign(href: string, own: string): boolean {
  const host = hostName(href)
  return host !== '' && (getDomain(host) ?? host) !== (getDomain(own) ?? own)
}
