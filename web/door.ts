// Who comes in, and by which door? Every route of the page's API names its area; without a session that may enter, it is not reached.
import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { errorText, SiagaError } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'
import { normalizeAddress } from '../runtime/peer-address.ts'
import { createRateLimiter } from '../runtime/rate.ts'
import type { Area, Verb } from '../schemas/account.ts'
import type { Room } from '../schemas/room.ts'
import type { Session, Sessions } from './accounts/sessions.ts'
import { WebError } from './errors.ts'
import { covers } from './policy.ts'
import { admit, areasOf, type Viewer } from './viewer.ts'

/**
 * What a route is part of. `open`: nobody has to log in. `asked`: the same, but who is logged in is known (`viewerIfAny`). `anybody`: whoever is logged in.
 * `keys`: who is not logged in goes on to a door of the route's own, which asks for the key of a room.
 */
export type Access = { readonly area: Area; readonly verb: Verb; readonly keys?: true } | 'open' | 'asked' | 'anybody'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
}

export interface DoorOptions {
  readonly sessions: Pick<Sessions, 'find'>
  /** A token of the API (`Authorization: Bearer`); undefined where it is not one. */
  readonly token?: (text: string) => Viewer | undefined
  readonly rooms: readonly Room[]
  readonly log: Log
  /** True where browsers come by https, so that the cookie is never sent without. */
  readonly secure: boolean
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  /** Somebody was turned away who had shown something. */
  readonly onRefused: (viewer: Viewer | undefined, peer: string, message: string) => void
}

/** Requests of one session in a second, bursts of ten seconds. */
const REQUESTS_PER_SECOND = 30
const READING = new Set(['GET', 'HEAD'])

/** Name of the cookie; with `__Host-` a browser takes it from this host by https alone. */
export const cookieName = (secure: boolean): string => (secure ? '__Host-siaga' : 'siaga')

export type Door = FastifyInstance & { readonly sessionOf: (request: FastifyRequest) => Session | undefined }

/**
 * Puts the door before every route that is registered in this scope. A route without `config.access` is refused at start; what a handler throws is
 * answered here.
 */
export async function installDoor(
  app: FastifyInstance,
  options: DoorOptions,
): Promise<(request: FastifyRequest) => Session | undefined> {
  const { sessions, rooms, secure, log, onRefused } = options
  const roomOf = new Map(rooms.map((room) => [room.id, room]))
  const rate = createRateLimiter(REQUESTS_PER_SECOND, options.now)
  const found = new WeakMap<FastifyRequest, Session>()
  await app.register(cookie)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access === undefined) throw new Error(`${method} ${url} does not say who may use it`)
  })
  const viewerBy = (request: FastifyRequest): Viewer | undefined => {
    const bearer = /^Bearer +(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1]
    if (bearer !== undefined) return options.token?.(bearer)
    const session = sessions.find(request.cookies[cookieName(secure)] ?? '')
    const room = session === undefined ? undefined : roomOf.get(session.room)
    if (session === undefined || room === undefined) return undefined
    found.set(request, session)
    return {
      id: session.account,
      name: session.name,
      role: session.role,
      room,
      kind: session.kind,
      session: session.id,
    }
  }
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config
    if (access === undefined || access === 'open') return
    const viewer = viewerBy(request)
    const peer = normalizeAddress(request.raw.socket.remoteAddress ?? '')
    if (viewer === undefined) {
      if (access === 'asked' || (typeof access !== 'string' && access.keys)) return
      throw new WebError('LOGIN_NEEDED')
    }
    const wait = rate.wait(viewer.session, 1)
    if (wait > 0) throw new WebError('TOO_MANY_REQUESTS', {}, wait)
    rate.take(viewer.session, 1)
    if (typeof access !== 'string' && !covers(areasOf(viewer)[access.area], access.verb)) {
      onRefused(viewer, peer, `${request.method} ${request.routeOptions.url ?? ''} is not for ${viewer.role}`)
      throw new WebError('FORBIDDEN')
    }
    const session = found.get(request)
    // SameSite=Strict keeps other sites out already; the header is what no form and no link can send.
    if (session !== undefined && !READING.has(request.method) && request.headers['x-siaga-csrf'] !== session.csrf) {
      onRefused(viewer, peer, `${request.method} ${request.routeOptions.url ?? ''} without the token of its page`)
      throw new WebError('CSRF')
    }
    admit(request, viewer, () => {
      const now = viewerBy(request)
      return (
        now?.session === viewer.session &&
        (typeof access === 'string' || covers(areasOf(now)[access.area], access.verb))
      )
    })
  })
  app.setErrorHandler((error, _request, reply) => answer(error, reply, log))
  return (request) => found.get(request)
}

function answer(error: unknown, reply: FastifyReply, log: Log): FastifyReply {
  const refusal = refusalOf(error, log)
  if (refusal.retryAfter > 0) reply.header('retry-after', refusal.retryAfter)
  return reply
    .code(refusal.status)
    .header('cache-control', 'no-store')
    .type('application/json')
    .serializer(JSON.stringify)
    .send(refusal.body)
}

function refusalOf(error: unknown, log: Log): WebError {
  if (error instanceof WebError) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const detail = error.validation
      .map(({ instancePath, message }) => `${instancePath.slice(1)}: ${message}`)
      .join('; ')
    return new WebError('BAD_REQUEST', { detail })
  }
  if (error instanceof SiagaError && error.code === 'CLICKHOUSE_UNAVAILABLE')
    return new WebError('STORE_UNAVAILABLE', {}, 2)
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 400 && status < 500) return new WebError('BAD_REQUEST', { detail: errorText(error) })
  log.error({ cause: errorText(error) }, 'a page route failed')
  return new WebError('INTERNAL')
}

/** The app with its routes' types read from their zod schemas. */
export const typed = (app: FastifyInstance) => app.withTypeProvider<ZodTypeProvider>()
