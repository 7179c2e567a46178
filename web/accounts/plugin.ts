// How does somebody log in, and out? Sessions, and the link with which a password is chosen.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { LoginBody, Password, SessionInfo } from '../../schemas/account.ts'
import { Ways } from '../../schemas/accounts-api.ts'
import { cookieName, peerOf, typed } from '../door.ts'
import { WebError } from '../errors.ts'
import { areasOf, viewerIfAny, viewerOf } from '../viewer.ts'
import { oidcRoutes } from './oidc-routes.ts'
import { ownRoutes } from './own.ts'
import { type AccountRoutes, helpersOf, Nothing, SMALL } from './routes.ts'
import { userRoutes } from './users.ts'
import { wallRoutes } from './wall-routes.ts'

export type { AccountRoutes } from './routes.ts'

export function accountRoutes(app: FastifyInstance, options: AccountRoutes): void {
  const { book, reference, secure, sessionOf, audit, oidc } = options
  const { accounts, sessions, factors, brake } = book
  const helpers = helpersOf(options)
  const routes = typed(app)

  routes.get(
    '/api/login',
    { config: { access: 'open' }, schema: { response: { 200: Ways } } },
    async (): Promise<z.infer<typeof Ways>> => ({ oidc: oidc?.name ?? null }),
  )

  routes.post(
    '/api/login',
    { config: { access: 'open' }, bodyLimit: SMALL, schema: { body: LoginBody, response: { 200: Nothing } } },
    async (request, reply) => {
      const { login, password, code = '' } = request.body
      const account = accounts.byLogin(login)
      const peer = peerOf(request)
      const device = helpers.deviceOf(request, account)
      // People type passwords into the wrong field: only a name that exists is written down.
      const refuse = (message: string): void =>
        audit({
          action: 'login',
          outcome: 'failure',
          ...(account === undefined ? {} : { user: account.login }),
          peer,
          message: account === undefined ? `${message} (no such name)` : message,
        })
      const attempt = { login, address: peer, device }
      const braked = <T>(work: () => T): T => {
        try {
          return work()
        } catch (error) {
          refuse('log-in refused: too many tries')
          throw error
        }
      }
      const giveBack = braked(() => brake.enter(attempt))
      const right = await accounts
        .checkPassword(account, password, device === undefined ? 'anybody' : 'known')
        .catch((error: unknown) => {
          giveBack()
          throw error
        })
      if (!right || account === undefined) {
        refuse('log-in refused')
        throw new WebError('LOGIN_REFUSED')
      }
      if (account.totp !== null) {
        if (code === '') {
          giveBack()
          throw new WebError('CODE_NEEDED')
        }
        const giveCodeBack = braked(() => brake.enterCode(account.id, attempt))
        if (!factors.check(account, code)) {
          refuse('log-in refused: wrong code')
          throw new WebError('LOGIN_REFUSED')
        }
        giveCodeBack()
      }
      giveBack()
      helpers.enter(request, reply, account.id)
      audit({ action: 'login', outcome: 'success', user: account.login, peer, message: 'logged in' })
      return reply.send({})
    },
  )

  routes.post(
    '/api/logout',
    { config: { access: 'anybody' }, bodyLimit: SMALL, schema: { response: { 200: Nothing } } },
    async (request, reply) => {
      const viewer = viewerOf(request)
      helpers.note(request, 'logout', viewer.kind === 'wall' ? 'screen logged out' : 'logged out')
      if (viewer.kind !== 'token') sessions.end(viewer.session)
      return reply.clearCookie(cookieName(secure), helpers.session).send({})
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
      const { login, name } = accounts.ofLink(request.params.token)
      return { login, name }
    },
  )
  routes.post(
    '/api/links/:token',
    {
      config: { access: 'open' },
      bodyLimit: SMALL,
      schema: { params: LinkParams, body: z.object({ password: Password }), response: { 200: Nothing } },
    },
    async (request, reply) => {
      const account = await accounts.useLink(request.params.token, request.body.password)
      // Whoever needed a link may have lost more than a password.
      book.manage.endAll(account.id)
      book.devices.forgetAllOf(account.id)
      const user = { user: account.login, peer: peerOf(request) }
      audit({ action: 'password_changed', outcome: 'success', ...user, message: 'password chosen by link' })
      // A link stands for the password, not for the second factor.
      if (account.totp === null) {
        helpers.enter(request, reply, account.id)
        audit({ action: 'login', outcome: 'success', ...user, message: 'logged in by link' })
      }
      return reply.send({})
    },
  )

  ownRoutes(app, options, helpers)
  wallRoutes(app, options, helpers)
  userRoutes(app, options, helpers)
  oidcRoutes(app, options, helpers)
}
