// What do a request line, a status and a host say? Shared by everything that logs HTTP.
import type { Event } from '../../../schemas/event.ts'
import { toAddress, toPort } from '../values/address.ts'

/** Whether text[from, to) is a request method as servers log it: 2 to 20 capitals, dash or underscore. */
function isMethod(text: string, from: number, to: number): boolean {
  if (to - from < 2 || to - from > 20) return false
  for (let i = from; i < to; i++) {
    const c = text.charCodeAt(i)
    if ((c < 65 || c > 90) && c !== 45 && c !== 95) return false
  }
  return true
}

/** Version behind `HTTP/`, such as 1.1; `2` becomes 2.0. */
export function httpVersion(text: string): string {
  return text.length === 1 ? `${text}.0` : text
}

/** Set `url_original`, `url_path` and, for an absolute target, `url_domain`. */
export function setUrl(event: Event, target: string): void {
  event.url_original = target
  let start = 0
  if (target.charCodeAt(0) !== 47) {
    const scheme = target.indexOf('://')
    if (scheme <= 0 || scheme > 10) return
    const from = scheme + 3
    start = target.indexOf('/', from)
    const query = target.indexOf('?', from)
    const end = start < 0 ? (query < 0 ? target.length : query) : query < 0 ? start : Math.min(start, query)
    const userinfo = target.lastIndexOf('@', end - 1)
    if (event.url_domain === '') setDomain(event, target.slice(userinfo >= from ? userinfo + 1 : from, end))
    if (start < 0 || start > end) return
  }
  const query = target.indexOf('?', start)
  event.url_path = query < 0 ? (start === 0 ? target : target.slice(start)) : target.slice(start, query)
}

/** Set `url_domain` from a host as in a Host header: lower case, the port goes to `destination_port`. */
export function setDomain(event: Event, host: string): void {
  if (host === '' || host === '-' || host === '_') return
  const colon = host.lastIndexOf(':')
  let name = host
  const bracketed = host.charCodeAt(0) === 91
  if (colon > 0 && (bracketed ? host.charCodeAt(colon - 1) === 93 : host.indexOf(':') === colon)) {
    const port = toPort(host.slice(colon + 1))
    if (port !== 0) {
      event.destination_port = port
      name = host.slice(0, colon)
    }
  }
  event.url_domain = (bracketed ? toAddress(name) || name : name).toLowerCase()
}

/**
 * Read text[from, to) as a request line (RFC 9112 section 3). What is none (TLS bytes, an empty `-`) keeps `http_method` empty and
 * stays whole in `url_original`.
 */
export function readRequest(event: Event, text: string, from: number, to: number): void {
  const space = text.indexOf(' ', from)
  if (space > 0 && space < to && isMethod(text, from, space)) {
    const last = text.lastIndexOf(' ', to - 1)
    const versioned = last >= space && text.startsWith('HTTP/', last + 1)
    const end = versioned ? last : to
    if (versioned || text.charCodeAt(space + 1) === 47) {
      event.http_method = text.slice(from, space)
      if (versioned) event.http_version = httpVersion(text.slice(last + 6, to))
      if (end > space + 1) setUrl(event, text.slice(space + 1, end))
      return
    }
  }
  if (to - from === 1 && text.charCodeAt(from) === 45) return
  event.url_original = text.slice(from, to)
}

/** Outcome that a response status means. */
export function statusOutcome(status: number): string {
  return status === 0 ? '' : status < 400 ? 'success' : 'failure'
}
