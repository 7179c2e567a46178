// Who asks? A person with the key of an Operation Room; the room decides what is seen, the key whose name stands under an action.
import type { FastifyRequest } from 'fastify'
import type { KeyRing } from '../../runtime/keys.ts'
import { normalizeAddress } from '../../runtime/peer-address.ts'
import { createRateLimiter } from '../../runtime/rate.ts'
import type { Actor } from '../../schemas/alert.ts'
import type { Room } from '../../schemas/room.ts'
import { AlertApiError } from './errors.ts'

export interface Caller {
  readonly room: Room
  readonly keyId: string
  readonly actor: Actor
}

export interface AdmitOptions {
  readonly keys: Pick<KeyRing, 'verify'>
  readonly rooms: readonly Room[]
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  readonly onRefused: (peer: string, message: string) => void
}

/** Requests of one key in a second, bursts of ten seconds. */
const REQUESTS_PER_SECOND = 20

/** A function that lets a request in or throws an {@link AlertApiError}. */
export function createAdmit({ keys, rooms, now, onRefused }: AdmitOptions): (request: FastifyRequest) => Caller {
  const byId = new Map(rooms.map((room) => [room.id, room]))
  const rate = createRateLimiter(REQUESTS_PER_SECOND, now)
  return (request) => {
    const from = normalizeAddress(request.raw.socket.remoteAddress ?? '')
    const text = bearerOf(request)
    const key = keys.verify(text)
    if (key === undefined) {
      onRefused(from, 'API key refused for alerts')
      throw new AlertApiError(text === '' ? 'KEY_MISSING' : 'KEY_REFUSED')
    }
    const room = key.room === undefined ? undefined : byId.get(key.room)
    if (room === undefined) {
      onRefused(from, `API key ${key.id} is of no room that is configured`)
      throw new AlertApiError(key.room === undefined ? 'KEY_NOT_OF_A_ROOM' : 'ROOM_UNKNOWN', { room: key.room ?? '' })
    }
    const wait = rate.wait(key.id, 1)
    if (wait > 0) throw new AlertApiError('RATE_LIMITED', {}, wait)
    rate.take(key.id, 1)
    const name = key.label === '' ? key.id : key.label
    return { room, keyId: key.id, actor: { name, key: key.id, room: room.id, region: room.region, from } }
  }
}

/** The key of a request; empty without one. */
export function bearerOf({ headers }: Pick<FastifyRequest, 'headers'>): string {
  return /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1] ?? ''
}
