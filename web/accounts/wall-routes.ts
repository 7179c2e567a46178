// How is a screen put on the wall, and taken down again?
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { NewLink } from '../../schemas/accounts-api.ts'
import { peerOf, typed } from '../door.ts'
import { WebError } from '../errors.ts'
import { viewerOf } from '../viewer.ts'
import { type AccountRoutes, type Helpers, IdParams, Label, Nothing, SMALL } from './routes.ts'

export function wallRoutes(app: FastifyInstance, { book, audit }: AccountRoutes, helpers: Helpers): void {
  const { accounts, walls } = book
  const { note } = helpers
  const routes = typed(app)

  routes.post(
    '/api/account/walls',
    {
      // A screen shows the situation; who may not see it cannot hang it up.
      config: { access: { area: 'situation', verb: 'read', person: true } },
      bodyLimit: SMALL,
      schema: { body: z.object({ label: Label }), response: { 200: NewLink } },
    },
    async (request) => {
      const viewer = viewerOf(request)
      const { id, token } = walls.link(viewer.id, request.body.label)
      note(request, 'wall_created', `link ${id} for screen "${request.body.label}"`)
      return { path: `/dinding/${token}` }
    },
  )
  routes.delete(
    '/api/account/walls/:id',
    { config: { access: 'person' }, schema: { params: IdParams, response: { 200: Nothing } } },
    async (request) => {
      if (!walls.revoke(request.params.id, viewerOf(request).id)) throw new WebError('NOT_FOUND')
      note(request, 'wall_revoked', `screen ${request.params.id} taken down`)
      return {}
    },
  )

  routes.post(
    '/api/walls/open',
    {
      config: { access: 'open' },
      bodyLimit: SMALL,
      schema: { body: z.object({ token: z.string().length(43) }), response: { 200: Nothing } },
    },
    async (request, reply) => {
      const wall = walls.open(request.body.token, helpers.originOf(request))
      helpers.leave(request)
      helpers.setSession(reply, wall)
      const user = accounts.byId(wall.account)?.login
      audit({
        action: 'wall_opened',
        outcome: 'success',
        ...(user === undefined ? {} : { user }),
        peer: peerOf(request),
        message: `screen "${wall.label}" opened`,
      })
      return reply.send({})
    },
  )
}
