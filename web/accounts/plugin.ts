// How does somebody log in, and out? Sessions, and the link with which a password is chosen.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { normalizeAddress } from '../../runtime/peer-address.ts'
import type { Reference } from '../../runtime/reference.ts'
import { LoginBody, Password, SessionInfo } from '../../schemas/account.ts'
import { cookieName, typed } from '../door.ts'
import { WebError } from '../errors.ts'
import { areasOf, viewerIfAny, viewerOf } from '../viewer.ts'
import type { Accounts } from './accounts.ts'
import type { Session, Sessions } from './sessions.ts'

export interface AccountRoutes {
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly reference: Pick<Reference, 'regions'>
  readonly secure: boolean
  readonly sessionOf: (request: FastifyRequest) => Session | undefined
  readonly audit: (entry: {
    action: 'login' | 'logout'
    outcome: 'success' | 'failure'
    user: string
    peer: string
    message: string
  }) => void
}

const Nothing = z.object({})
const peerOf = (request: FastifyRequest): string => normalizeAddress(request.raw.socket.remoteAddress ?? '')

export function accountRoutes(app: FastifyInstance, options: AccountRoutes): void {
  const { accounts, sessions, reference, secure, sessionOf, audit } = options
  const routes = typed(app)
  const begin = (request: FastifyRequest, account: string) =>
    sessions.begin(account, 'session', { address: peerOf(request), agent: request.headers['user-agent'] ?? '' })
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const

  routes.post(
    '/api/login',
    { config: { access: 'open' }, schema: { body: LoginBody, response: { 200: Nothing } } },
    async (request, reply) => {
      const { login, password } = request.body
      const account = accounts.byLogin(login)
      const peer = peerOf(request)
      if (!(await accounts.checkPassword(account, password)) || account === undefined) {
        audit({ action: 'login', outcome: 'failure', user: login, peer, message: 'log-in refused' })
        throw new WebError('LOGIN_REFUSED')
      }
      const { token, expiresAt } = begin(request, account.id)
      audit({ action: 'login', outcome: 'success', user: login, peer, message: 'logged in' })
      return reply.setCookie(cookieName(secure), token, { ...cookie, expires: new Date(expiresAt) }).send({})
    },
  )

  routes.post(
    '/api/logout',
    { config: { access: 'anybody' }, schema: { response: { 200: Nothing } } },
    async (request, reply) => {
      const viewer = viewerOf(request)
      if (viewer.kind !== 'token') sessions.end(viewer.session)
      audit({ action: 'logout', outcome: 'success', user: viewer.name, peer: peerOf(request), message: 'logged out' })
      return reply.clearCookie(cookieName(secure), cookie).send({})
    },
  )

  const describe = (request: FastifyRequest): SessionInfo | null => {
    const viewer = viewerIfAny(request)
    const account = viewer === undefined ? undefined : accounts.byId(viewer.id)
    if (viewer === undefined || account === undefined) return null
    const { room } = viewer
    const region = reference.regions.get(room.region)
    const session = sessionOf(request)
    return {
      account: {
        id: account.id,
        login: account.login,
        name: account.name,
        role: account.role,
        language: account.language,
        second_factor: account.totp !== null,
      },
      room: {
        id: room.id,
        name: room.name === '' ? room.id : room.name,
        region: room.region,
        region_name: region?.name ?? room.region,
        zone: region?.zone ?? 'WIB',
      },
      areas: { ...areasOf(viewer) },
      csrf: session?.csrf ?? '',
      kind: viewer.kind,
      expires_at: session?.expires_at ?? 0,
    }
  }
  // Who is not logged in is told so, not refused: a page that is loaded asks this first.
  routes.get(
    '/api/session',
    { config: { access: 'asked' }, schema: { response: { 200: z.object({ session: SessionInfo.nullable() }) } } },
    async (request, reply) => reply.header('cache-control', 'no-store').send({ session: describe(request) }),
  )

  const LinkParams = z.object({ token: z.string().length(43) })
  routes.get(
    '/api/links/:token',
    {
      config: { access: 'open' },
      schema: { params: LinkParams, response: { 200: z.object({ login: z.string(), name: z.string() }) } },
    },
    async (request) => {
      const { login, name } = accounts.ofLink(request.params.token, false)
      return { login, name }
    },
  )
  routes.post(
    '/api/links/:token',
    {
      config: { access: 'open' },
      schema: { params: LinkParams, body: z.object({ password: Password }), response: { 200: Nothing } },
    },
    async (request, reply) => {
      const account = accounts.ofLink(request.params.token, true)
      await accounts.setPassword(account.id, request.body.password)
      sessions.endAllOf(account.id)
      const { token, expiresAt } = begin(request, account.id)
      audit({
        action: 'login',
        outcome: 'success',
        user: account.login,
        peer: peerOf(request),
        message: 'password chosen by link',
      })
      return reply.setCookie(cookieName(secure), token, { ...cookie, expires: new Date(expiresAt) }).send({})
    },
  )
}
