// With which keys may a source be sent to? What people see of a key, and how one is made and taken back on the page.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { normalizeAddress } from '../../runtime/peer-address.ts'
import type { ApiKey } from '../../schemas/key.ts'
import { Id } from '../../schemas/room.ts'
import { KeyAnswer, KeyBody, KeyView } from '../../schemas/sources-api.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import { viewerOf } from '../viewer.ts'
import type { SourceParts } from './parts.ts'
import { sourceOf } from './plugin.ts'

/** Keys of one source that hold at a time. */
const MOST_KEYS = 20
const write = { area: 'sources', verb: 'write' } as const

/** A key as people recognise it: never its hash. */
export function keyView({ id, label, tail, created, revoked }: ApiKey): KeyView {
  return { id, label, tail, created, revoked: revoked ?? null }
}

export function keyRoutes(app: FastifyInstance, parts: SourceParts): void {
  const { keys, audit } = parts
  const routes = typed(app)
  const Params = z.object({ id: Id })

  routes.post(
    '/api/sources/by-id/:id/keys',
    { config: { access: write }, schema: { params: Params, body: KeyBody, response: { 200: KeyAnswer } } },
    async (request, reply) => {
      const viewer = viewerOf(request)
      const { id, loopback_only } = sourceOf(parts, viewer, request.params.id)
      const peer = normalizeAddress(request.raw.socket.remoteAddress ?? '')
      if (loopback_only) throw new WebError('BAD_REQUEST', { detail: `${id} takes events of this machine only` })
      const valid = (await keys.list()).filter((key) => key.source === id && key.revoked === undefined)
      if (valid.length >= MOST_KEYS)
        throw new WebError('BAD_REQUEST', { detail: `${id} has ${MOST_KEYS} keys; revoke one first` })
      const { key, text } = await keys.create(id, request.body.label)
      audit({
        action: 'key_created',
        outcome: 'success',
        user: viewer.name,
        peer,
        message: `key ${key.id} of source ${id}, by ${viewer.name} of room ${viewer.room.id}`,
      })
      return reply.header('cache-control', 'no-store').send({ key: keyView(key), text })
    },
  )

  routes.post(
    '/api/sources/by-id/:id/keys/:key/revoke',
    {
      config: { access: write },
      schema: {
        params: Params.extend({ key: z.string().regex(/^[0-9a-z]{10}$/) }),
        response: { 200: z.object({ key: KeyView }) },
      },
    },
    async (request) => {
      const viewer = viewerOf(request)
      const { id } = sourceOf(parts, viewer, request.params.id)
      const peer = normalizeAddress(request.raw.socket.remoteAddress ?? '')
      const known = (await keys.list()).find((key) => key.id === request.params.key && key.source === id)
      if (known === undefined) throw new WebError('NOT_FOUND')
      const key = await keys.revoke(known.id)
      if (key === undefined) throw new WebError('NOT_FOUND')
      audit({
        action: 'key_revoked',
        outcome: 'success',
        user: viewer.name,
        peer,
        message: `key ${key.id} of source ${id}, by ${viewer.name} of room ${viewer.room.id}`,
      })
      return { key: keyView(key) }
    },
  )
}
