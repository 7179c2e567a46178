// Does a request come from our own page, with our own cookie? What a browser says of where it stands, read with suspicion.
import type { FastifyRequest } from 'fastify'

/** Name of the session's cookie; with `__Host-` a browser takes it from this host by https alone, for the whole of it. */
export const cookieName = (secure: boolean): string => (secure ? '__Host-siaga' : 'siaga')

/** Of the cookie by which an account knows a browser again. */
export const deviceCookieName = (secure: boolean): string => (secure ? '__Host-siaga-device' : 'siaga-device')

/**
 * The cookie's value if there is one of that name and no second: somebody on the same host, or a neighbour by http, can lay one of another path over ours,
 * and have people work in a session that is not theirs. Empty if there is none.
 */
export function onlyCookie(request: Pick<FastifyRequest, 'headers' | 'cookies'>, name: string): string {
  const said = (request.headers.cookie ?? '').split(';').filter((part) => part.trim().startsWith(`${name}=`))
  return said.length === 1 ? (request.cookies[name] ?? '') : ''
}

/** True if a browser says that another site made the request. Programs say nothing. @param origin the page's own, where it is known */
export function isFromElsewhere(
  request: Pick<FastifyRequest, 'headers' | 'host'>,
  origin: string | undefined,
): boolean {
  const site = request.headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') return true
  const from = request.headers.origin
  if (from === undefined || from === origin) return false
  return !/^https?:\/\//.test(from) || from.replace(/^https?:\/\//, '') !== request.host
}
