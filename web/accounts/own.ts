// What does somebody do with their own account? Name, language, password, second factor, recovery codes, sessions and tokens.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Password, PersonName, Verb } from '../../schemas/account.ts'
import { NewToken, OwnAccount, RecoveryCodes, SecondFactorBegun } from '../../schemas/accounts-api.ts'
import { Language } from '../../schemas/language.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import { areasOf, viewerOf } from '../viewer.ts'
import { shownAccount } from './accounts.ts'
import { type AccountRoutes, type Helpers, IdParams, Label, Nothing, Proof, SMALL } from './routes.ts'

const person = { access: 'person' } as const

export function ownRoutes(app: FastifyInstance, { book, oidc }: AccountRoutes, helpers: Helpers): void {
  const { accounts, sessions, factors, tokens, walls, manage } = book
  const { own, note, prove } = helpers
  const routes = typed(app)

  routes.get('/api/account', { config: person, schema: { response: { 200: OwnAccount } } }, async (request) => {
    const viewer = viewerOf(request)
    const { id } = viewer
    return {
      account: shownAccount(own(request), oidc?.issuer ?? ''),
      codes_left: factors.codesLeft(id),
      sessions: sessions
        .list(id, 'session')
        .map(({ label: _, ...rest }) => ({ ...rest, current: rest.id === viewer.session })),
      walls: [
        ...walls.waiting(id).map((wall) => ({ ...wall, waiting: true, seen_at: null, address: '' })),
        ...sessions.list(id, 'wall').map(({ id, label, seen_at, expires_at, address }) => ({
          id,
          label,
          waiting: false,
          seen_at,
          expires_at,
          address,
        })),
      ],
      tokens: tokens.list(id),
      may_wall: areasOf(viewer).situation !== undefined,
    }
  })

  routes.patch(
    '/api/account',
    {
      config: person,
      bodyLimit: SMALL,
      schema: {
        body: z.strictObject({ name: PersonName.optional(), language: Language.optional() }),
        response: { 200: Nothing },
      },
    },
    async (request) => {
      const { name, language } = request.body
      const changes = manage.change(viewerOf(request).id, {
        ...(name === undefined ? {} : { name }),
        ...(language === undefined ? {} : { language }),
      })
      if (changes.length > 0) note(request, 'account_changed', `own account: ${changes.join('; ')}`)
      return {}
    },
  )

  routes.post(
    '/api/account/password',
    {
      config: person,
      bodyLimit: SMALL,
      schema: { body: Proof.extend({ chosen: Password }), response: { 200: Nothing } },
    },
    async (request, reply) => {
      const account = await prove(request, request.body)
      await accounts.setPassword(account.id, request.body.chosen)
      // Whoever is in with the old one is out; this browser goes on in a session of its own. Screens and tokens never knew it and stand on the page.
      sessions.endAllOf(account.id, 'session')
      helpers.enter(request, reply, account.id)
      note(request, 'password_changed', 'own password changed, all sessions ended')
      return reply.send({})
    },
  )

  routes.post(
    '/api/account/second-factor/begin',
    { config: person, bodyLimit: SMALL, schema: { body: Proof, response: { 200: SecondFactorBegun } } },
    async (request) => factors.begin(await prove(request, request.body)),
  )
  routes.post(
    '/api/account/second-factor',
    {
      config: person,
      bodyLimit: SMALL,
      schema: { body: z.object({ code: z.string().max(24) }), response: { 200: RecoveryCodes } },
    },
    async (request) => {
      const codes = factors.confirm(own(request), request.body.code)
      if (codes === undefined) throw new WebError('PASSWORD_WRONG')
      note(request, 'second_factor_on', 'second factor switched on')
      return { codes: [...codes] }
    },
  )
  routes.post(
    '/api/account/second-factor/remove',
    { config: person, bodyLimit: SMALL, schema: { body: Proof, response: { 200: Nothing } } },
    async (request) => {
      const account = await prove(request, request.body)
      factors.remove(account.id)
      note(request, 'second_factor_off', 'second factor switched off')
      return {}
    },
  )
  routes.post(
    '/api/account/recovery-codes',
    { config: person, bodyLimit: SMALL, schema: { body: Proof, response: { 200: RecoveryCodes } } },
    async (request) => {
      const account = await prove(request, request.body)
      if (account.totp === null) throw new WebError('NOT_FOUND')
      const codes = factors.renewCodes(account.id)
      note(request, 'recovery_codes_created', 'new recovery codes, the old ones ended')
      return { codes: [...codes] }
    },
  )

  routes.delete(
    '/api/account/sessions/:id',
    { config: person, schema: { params: IdParams, response: { 200: Nothing } } },
    async (request) => {
      const viewer = viewerOf(request)
      if (!sessions.list(viewer.id, 'session').some(({ id }) => id === request.params.id))
        throw new WebError('NOT_FOUND')
      note(request, 'session_revoked', `own session ${request.params.id} ended`)
      sessions.end(request.params.id, viewer.id)
      return {}
    },
  )
  routes.post(
    '/api/account/sessions/end-others',
    { config: person, bodyLimit: SMALL, schema: { response: { 200: z.object({ ended: z.number() }) } } },
    async (request) => {
      const viewer = viewerOf(request)
      const others = sessions.list(viewer.id, 'session').filter(({ id }) => id !== viewer.session)
      for (const { id } of others) sessions.end(id, viewer.id)
      note(request, 'session_revoked', `${others.length} other sessions of the own account ended`)
      return { ended: others.length }
    },
  )

  routes.post(
    '/api/account/tokens',
    {
      config: person,
      bodyLimit: SMALL,
      schema: {
        body: Proof.extend({ label: Label, verb: Verb, days: z.int().min(1).max(366) }),
        response: { 200: NewToken },
      },
    },
    async (request) => {
      const account = await prove(request, request.body)
      const { label, verb, days } = request.body
      const { id, text } = tokens.create(account.id, { label, verb, days })
      note(request, 'token_created', `token ${id} "${label}" (${verb}, ${days} days)`)
      return { id, token: text }
    },
  )
  routes.delete(
    '/api/account/tokens/:id',
    { config: person, schema: { params: IdParams, response: { 200: Nothing } } },
    async (request) => {
      if (!tokens.revoke(request.params.id, viewerOf(request).id)) throw new WebError('NOT_FOUND')
      note(request, 'token_revoked', `token ${request.params.id} revoked`)
      return {}
    },
  )
}
