// How does somebody come in by their organisation's own log-in? To the provider and back; the account is one that an administrator bound.
import type { FastifyInstance } from 'fastify'
import { errorText } from '../../runtime/errors.ts'
import { peerOf } from '../door.ts'
import { onlyCookie } from '../origin.ts'
import { boundSubject } from './accounts.ts'
import { createBrake } from './brake.ts'
import type { AccountRoutes, Helpers } from './routes.ts'

const cookieName = (secure: boolean): string => (secure ? '__Secure-siaga-oidc' : 'siaga-oidc')
/** The page says there that it did not work; why stands in the audit trail. */
const FAILED = '/?masuk=gagal'

export function oidcRoutes(app: FastifyInstance, { book, secure, oidc, audit }: AccountRoutes, helpers: Helpers): void {
  if (oidc === undefined) return
  const { accounts, now } = book
  // The way back comes from the provider's site: a strict cookie would stay behind.
  const cookie = { path: '/api/oidc', httpOnly: true, sameSite: 'lax', secure, maxAge: 600 } as const
  const tries = createBrake({ tries: 30, everyMs: 20_000 }, now)

  app.get('/api/oidc/start', { config: { access: 'open' } }, async (request, reply) => {
    const peer = peerOf(request)
    if (tries.wait(peer) > 0) return reply.redirect(FAILED)
    tries.take(peer)
    try {
      const { url, cookie: text } = await oidc.begin()
      return reply.setCookie(cookieName(secure), text, cookie).redirect(url)
    } catch (error) {
      audit({ action: 'login', outcome: 'failure', peer, message: `provider ${oidc.issuer}: ${errorText(error)}` })
      return reply.redirect(FAILED)
    }
  })

  app.get('/api/oidc/callback', { config: { access: 'open' } }, async (request, reply) => {
    const peer = peerOf(request)
    const under = onlyCookie(request, cookieName(secure))
    const refuse = (message: string) => {
      audit({ action: 'login', outcome: 'failure', peer, message: `provider ${oidc.issuer}: ${message}` })
      return reply.clearCookie(cookieName(secure), cookie).redirect(FAILED)
    }
    let subject: string
    try {
      subject = await oidc.finish(request.url.split('?').slice(1).join('?'), under)
    } catch (error) {
      return refuse(errorText(error))
    }
    const account = accounts.bySubject(boundSubject(oidc.issuer, subject))
    // Written down whole: an administrator binds it from there.
    if (account === undefined) return refuse(`no account is bound to subject ${subject}`)
    if (account.disabled_at !== null) return refuse(`the account ${account.login} is disabled`)
    helpers.enter(request, reply, account.id)
    audit({ action: 'login', outcome: 'success', user: account.login, peer, message: `logged in by ${oidc.issuer}` })
    return reply.clearCookie(cookieName(secure), cookie).redirect('/')
  })
}
