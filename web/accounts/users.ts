// How do administrators look after accounts? List, make, change, disable, new links, second factors.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { LoginName, PersonName, Role } from '../../schemas/account.ts'
import { NewLink, NewUser, UserList } from '../../schemas/accounts-api.ts'
import { Language } from '../../schemas/language.ts'
import { Id } from '../../schemas/room.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import { type AccountRow, boundSubject, shownAccount } from './accounts.ts'
import type { AccountChange } from './manage.ts'
import { type AccountRoutes, type Helpers, IdParams, Nothing, SMALL } from './routes.ts'

const read = { access: { area: 'users', verb: 'read' } } as const
const write = { access: { area: 'users', verb: 'write' } } as const

const Fields = z.strictObject({ name: PersonName, role: Role, room: Id, language: Language })
/** Printable, and short enough for any provider (OpenID Connect Core §2: 255 ASCII characters). */
const Subject = z.string().trim().max(255)

export function userRoutes(app: FastifyInstance, options: AccountRoutes, helpers: Helpers): void {
  const { book, reference, oidc } = options
  const { accounts, factors, manage, rooms } = book
  const { note } = helpers
  const routes = typed(app)
  const issuer = oidc?.issuer ?? ''
  const get = (id: string): AccountRow => {
    const row = accounts.byId(id)
    if (row === undefined) throw new WebError('NOT_FOUND')
    return row
  }
  const kept = (subject: string): string | null => {
    if (subject === '') return null
    if (issuer === '') throw new WebError('BAD_REQUEST', { detail: 'subject: web.oidc is not set' })
    return boundSubject(issuer, subject)
  }
  const linkOf = (id: string): string => `/link/${accounts.link(id)}`

  routes.get('/api/users', { config: read, schema: { response: { 200: UserList } } }, async () => ({
    users: accounts.list().map((row) => shownAccount(row, issuer)),
    rooms: rooms.map(({ id, name, region }) => ({
      id,
      name: name === '' ? id : name,
      region,
      region_name: reference.regions.get(region)?.name ?? region,
    })),
    oidc: issuer !== '',
  }))

  routes.post(
    '/api/users',
    {
      config: write,
      bodyLimit: SMALL,
      schema: { body: Fields.extend({ login: LoginName }), response: { 200: NewUser } },
    },
    async (request) => {
      const row = manage.create(request.body)
      note(request, 'account_created', `account ${row.login}: ${row.role} of ${row.room}, with a link`)
      return { user: shownAccount(row, issuer), path: linkOf(row.id) }
    },
  )

  routes.patch(
    '/api/users/:id',
    {
      config: write,
      bodyLimit: SMALL,
      schema: {
        params: IdParams,
        body: Fields.partial().extend({ subject: Subject.optional() }),
        response: { 200: Nothing },
      },
    },
    async (request) => {
      const { login } = get(request.params.id)
      const { subject, name, role, room, language } = request.body
      const change: AccountChange = {
        ...(name === undefined ? {} : { name }),
        ...(role === undefined ? {} : { role }),
        ...(room === undefined ? {} : { room }),
        ...(language === undefined ? {} : { language }),
        ...(subject === undefined ? {} : { subject: kept(subject) }),
      }
      const changes = manage.change(request.params.id, change)
      if (changes.length > 0) note(request, 'account_changed', `account ${login}: ${changes.join('; ')}`)
      return {}
    },
  )

  const act = (path: string, work: (row: AccountRow) => readonly [Parameters<Helpers['note']>[1], string]): void => {
    routes.post(
      `/api/users/:id/${path}`,
      { config: write, bodyLimit: SMALL, schema: { params: IdParams, response: { 200: Nothing } } },
      async (request) => {
        const row = get(request.params.id)
        // Before it happens: whoever ends their own account is known for the last time.
        const by = helpers.own(request)
        const [action, message] = work(row)
        options.audit({ action, outcome: 'success', user: by.login, peer: helpers.originOf(request).address, message })
        return {}
      },
    )
  }
  act('disable', ({ id, login }) => {
    manage.disable(id)
    return ['account_disabled', `account ${login} disabled, everything of it ended`]
  })
  act('enable', ({ id, login }) => {
    manage.enable(id)
    return ['account_enabled', `account ${login} enabled`]
  })
  act('end-sessions', ({ id, login }) => {
    manage.endAll(id)
    return ['session_revoked', `sessions, screens and tokens of ${login} ended`]
  })
  act('reset-second-factor', ({ id, login }) => {
    factors.remove(id)
    return ['second_factor_off', `second factor of ${login} reset`]
  })

  routes.post(
    '/api/users/:id/link',
    { config: write, bodyLimit: SMALL, schema: { params: IdParams, response: { 200: NewLink } } },
    async (request) => {
      const row = get(request.params.id)
      if (row.disabled_at !== null) throw new WebError('BAD_REQUEST', { detail: `${row.login} is disabled` })
      note(request, 'link_created', `link for ${row.login}, good for three days`)
      return { path: linkOf(row.id) }
    },
  )
}
