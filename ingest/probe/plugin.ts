// How does an Operation Room say what is to be probed? PUT /v1/watch with all its addresses, each beneath a domain that the centre has verified; GET reads them.
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { errorText } from '../../runtime/errors.ts'
import type { KeyRing } from '../../runtime/keys.ts'
import { createRateLimiter } from '../../runtime/rate.ts'
import type { Room } from '../../schemas/room.ts'
import type { AuditEntry } from '../audit/audit.ts'
import type { CollectorDependencies } from '../collector.ts'
import { answerRefusal, jsonForm } from '../http/answer.ts'
import { createBudget, receiveBody } from '../http/body.ts'
import { hasBody, keyOf, peerOf } from '../http/request.ts'
import { asWatchError, WatchError } from './errors.ts'
import { checkUrl, createWatchlist, MAX_ROOM_URLS } from './watchlist.ts'

export interface WatchOptions {
  readonly deps: Pick<CollectorDependencies, 'log' | 'metrics'>
  readonly keys: Pick<KeyRing, 'verify'>
  readonly config: { readonly data_dir: string; readonly rooms: readonly Room[] }
  readonly audit?: (entry: AuditEntry) => void
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
}

/** What a room has listed. `active`: it is probed; not if the centre has taken its domain back. */
export interface WatchAnswer {
  readonly room: string
  readonly region: string
  readonly domains: readonly string[]
  readonly limit: number
  readonly urls: readonly { readonly url: string; readonly active: boolean }[]
}

const MAX_BODY_BYTES = 256 * 1024
const MEMORY_BYTES = 8 * 1024 * 1024
/** Requests of one key in a second, bursts of ten seconds. */
const REQUESTS_PER_SECOND = 2

const Body = z.object({ urls: z.array(z.string()) })

/** The list of rooms as a Fastify plugin, to be registered on the web server. Peers are socket addresses, whatever a proxy header says. */
export function watchPlugin({ deps, keys, config, audit, now = Date.now }: WatchOptions): FastifyPluginAsync {
  const { log, metrics } = deps
  const rooms = new Map(config.rooms.map((room) => [room.id, room]))
  const watchlist = createWatchlist(config.data_dir)
  const budget = createBudget(MEMORY_BYTES)
  const rate = createRateLimiter(REQUESTS_PER_SECOND, now)
  const admitted = new WeakMap<FastifyRequest, Room>()

  function admit(request: FastifyRequest): void {
    const peer = peerOf(request)
    const text = keyOf(request.headers)
    const key = keys.verify(text)
    if (key === undefined) {
      audit?.({ action: 'key_refused', outcome: 'failure', peer, message: 'API key refused for the list of probes' })
      throw new WatchError(text === '' ? 'KEY_MISSING' : 'KEY_REFUSED')
    }
    if (key.room === undefined) {
      const message = `API key of source ${key.source} used for the list of probes`
      audit?.({ action: 'key_refused', outcome: 'failure', user: key.id, peer, message })
      throw new WatchError('KEY_NOT_OF_A_ROOM', { source: key.source })
    }
    const room = rooms.get(key.room)
    if (room === undefined) throw new WatchError('ROOM_UNKNOWN', { room: key.room })
    admitted.set(request, room)
    const seconds = rate.wait(key.id, 1)
    if (seconds > 0) throw new WatchError('RATE_LIMITED', {}, { retryAfter: seconds })
    rate.take(key.id, 1)
  }

  function admitList(request: FastifyRequest): void {
    admit(request)
    if (request.headers['content-encoding'] !== undefined) throw new WatchError('CONTENT_ENCODING_UNSUPPORTED')
    const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
    if (type !== 'application/json' && hasBody(request.raw))
      throw new WatchError('CONTENT_TYPE_UNSUPPORTED', { type: type === '' ? '(none)' : (type ?? '') })
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES)
      throw new WatchError('BODY_TOO_LARGE', { limit: MAX_BODY_BYTES })
  }

  function roomAt(request: FastifyRequest): Room {
    const room = admitted.get(request)
    if (room === undefined) throw new WatchError('INTERNAL')
    return room
  }

  async function answer({ id, region, domains }: Room): Promise<WatchAnswer> {
    const urls = (await watchlist.read(id)).map((url) => ({
      url,
      active: checkUrl(url, domains).problem === undefined,
    }))
    return { room: id, region, domains, limit: MAX_ROOM_URLS, urls }
  }

  async function replace(request: FastifyRequest): Promise<WatchAnswer> {
    const room = roomAt(request)
    const lease = budget.lease()
    try {
      const urls = readUrls(await receiveBody(request.raw, MAX_BODY_BYTES, lease))
      if (urls.length > MAX_ROOM_URLS)
        throw new WatchError('TOO_MANY_URLS', { count: urls.length, limit: MAX_ROOM_URLS })
      const checked = urls.map((url) => checkUrl(url, room.domains))
      const refused = checked.flatMap(({ url, problem }) => (problem === undefined ? [] : [{ url, problem }]))
      const who = { user: room.id, peer: peerOf(request) }
      if (refused.length > 0) {
        const message = `room ${room.id} listed ${refused.length} addresses that may not be probed`
        audit?.({ ...who, action: 'watch_refused', outcome: 'failure', message })
        throw new WatchError('URLS_REFUSED', {}, { refused })
      }
      const listed = [...new Set(checked.map(({ url }) => url))]
      await watchlist.write(room.id, listed)
      const message = `room ${room.id} lists ${listed.length} addresses to be probed`
      audit?.({ ...who, action: 'watch_changed', outcome: 'success', message })
      return await answer(room)
    } finally {
      lease.release()
    }
  }

  function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const refusal = asWatchError(error)
    if (refusal.code === 'INTERNAL') log.error({ cause: errorText(error) }, 'the list of probes failed')
    const headers: Record<string, string> = {}
    if (refusal.status === 401) headers['www-authenticate'] = 'Bearer realm="siaga"'
    if (refusal.status === 405) headers.allow = 'GET, PUT'
    const form = jsonForm(refusal.status, refusal.body, headers)
    answerRefusal(metrics, refusal, form, request, reply, admitted.get(request)?.id ?? '')
  }

  return async (app: FastifyInstance) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    app.setErrorHandler((error, request, reply) => refuse(error, request, reply))
    app.get('/v1/watch', { onRequest: async (request) => admit(request) }, (request) => answer(roomAt(request)))
    app.put('/v1/watch', { onRequest: async (request) => admitList(request) }, (request) => replace(request))
    app.route({
      method: ['POST', 'PATCH', 'DELETE'],
      url: '/v1/watch',
      onRequest: async () => {
        throw new WatchError('METHOD_NOT_ALLOWED')
      },
      handler: () => {},
    })
  }
}

function readUrls(bytes: Buffer): string[] {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The parser's own words quote the body.
    throw new WatchError('JSON_INVALID', { detail: 'it cannot be parsed' })
  }
  const parsed = Body.safeParse(value)
  if (!parsed.success) throw new WatchError('JSON_INVALID', { detail: 'it has another form' })
  return parsed.data.urls
}
