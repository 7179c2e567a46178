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
import { createOpenAnswers } from './open-answers.ts'
import { cookieName, isFromElsewhere, onlyCookie } from './origin.ts'
import { covers } from './policy.ts'
import { admit, areasOf, type Viewer } from './viewer.ts'

export { cookieName } from './origin.ts'

/**
 * What a route is part of. `open`: nobody has to log in. `asked`: the same, but who is logged in is known (`viewerIfAny`). `anybody`: whoever is logged
 * in, screens and tokens too. `person`: a person with a session, for what belongs to the account itself; beside an area both must hold. `keys`: who is
 * not logged in goes on to a door of the route's own, which asks for the key of a room.
 */
export type Access =
  | { readonly area: Area; readonly verb: Verb; readonly person?: true; readonly keys?: true }
  | 'open'
  | 'asked'
  | 'anybody'
  | 'person'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
}

export interface DoorOptions {
  readonly sessions: Pick<Sessions, 'find'>
  /** A token of the API (`Authorization: Bearer`); undefined where it is not one. */
  readonly token?: (text: string) => Viewer | undefined
  /** Which of these sessions and tokens are still in force; answers of others are cut off. Without it nothing is. */
  readonly inForce?: (ids: readonly string[]) => ReadonlySet<string>
  readonly rooms: readonly Room[]
  readonly log: Log
  /** True where browsers come by https, so that the cookie is never sent without. */
  readonly secure: boolean
  /** Origin at which browsers reach the page, where it is not what requests name as their host. */
  readonly origin?: string
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  /** Somebody was turned away who had shown something. */
  readonly onRefused: (viewer: Viewer | undefined, peer: string, message: string) => void
}

/** Requests of one session in a second, bursts of ten seconds. */
const REQUESTS_PER_SECOND = 30
const READING = new Set(['GET', 'HEAD'])
/** Bytes of a body, unless its route says otherwise. */
const BODY_BYTES = 64 * 1024

/**
 * Puts the door before every route that is registered in this scope. A route without `config.access` is refused at start; what a handler throws is
 * answered here.
 */
export async function installDoor(
  app: FastifyInstance,
  options: DoorOptions,
): Promise<(request: FastifyRequest) => Session | undefined> {
  const { sessions, rooms, secure, log, onRefused, origin } = options
  const roomOf = new Map(rooms.map((room) => [room.id, room]))
  const rate = createRateLimiter(REQUESTS_PER_SECOND, options.now)
  const found = new WeakMap<FastifyRequest, Session>()
  const open = options.inForce === undefined ? undefined : createOpenAnswers(options.inForce)
  await app.register(cookie)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined) throw new Error(`${route.method} ${route.url} does not say who may use it`)
    route.bodyLimit ??= BODY_BYTES
  })
  app.addHook('onClose', async () => open?.stop())
  const viewerBy = (request: FastifyRequest): Viewer | undefined => {
    const bearer = bearerOf(request)
    if (bearer !== undefined) return options.token?.(bearer)
    const session = sessions.find(onlyCookie(request, cookieName(secure)))
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
  app.addHook('onRequest', async (request, reply) => {
    const { access } = request.routeOptions.config
    const peer = peerOf(request)
    const route = `${request.method} ${request.routeOptions.url ?? ''}`
    const changes = !READING.has(request.method)
    // A token is in no browser: its requests come from nowhere.
    if (changes && bearerOf(request) === undefined && isFromElsewhere(request, origin)) {
      onRefused(undefined, peer, `${route} came from another site`)
      throw new WebError('CSRF')
    }
    if (access === undefined || access === 'open') return
    const viewer = viewerBy(request)
    if (viewer === undefined) {
      if (access === 'asked' || (typeof access !== 'string' && access.keys)) return
      throw new WebError('LOGIN_NEEDED')
    }
    const wait = rate.wait(viewer.session, 1)
    if (wait > 0) throw new WebError('TOO_MANY_REQUESTS', {}, wait)
    rate.take(viewer.session, 1)
    if (!mayEnter(viewer, access)) {
      onRefused(viewer, peer, `${route} is not for ${viewer.kind === 'session' ? viewer.role : viewer.kind}`)
      throw new WebError('FORBIDDEN')
    }
    const session = found.get(request)
    // SameSite=Strict keeps other sites out already; the header is what no form and no link can send.
    if (session !== undefined && changes && request.headers['x-siaga-csrf'] !== session.csrf) {
      onRefused(viewer, peer, `${route} without the token of its page`)
      throw new WebError('CSRF')
    }
    admit(request, viewer, () => {
      const now = viewerBy(request)
      return now?.session === viewer.session && mayEnter(now, access)
    })
    open?.add(viewer.session, reply.raw)
  })
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
  app.setErrorHandler((error, _request, reply) => answer(error, reply, log))
  return (request) => found.get(request)
}

function bearerOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  return /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1]
}

function mayEnter(viewer: Viewer, access: Access): boolean {
  if (access === 'person') return viewer.kind === 'session'
  if (typeof access === 'string') return true
  return covers(areasOf(viewer)[access.area], access.verb) && (access.person !== true || viewer.kind === 'session')
}

/** Address of whoever asks; behind a trusted proxy the one that it names. */
export function peerOf(request: Pick<FastifyRequest, 'ip'>): string {
  return normalizeAddress(request.ip)
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
