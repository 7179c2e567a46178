// Who asks? A person with the key of an Operation Room, or one who is logged in; the room decides what is seen, the name stands under an action.
import type { FastifyRequest } from 'fastify'
import type { KeyRing } from '../../runtime/keys.ts'
import { normalizeAddress } from '../../runtime/peer-address.ts'
import { createRateLimiter } from '../../runtime/rate.ts'
import type { Actor } from '../../schemas/alert.ts'
import type { Room } from '../../schemas/room.ts'
import { covers } from '../policy.ts'
import { areasOf, isStillIn, viewerIfAny } from '../viewer.ts'
import { AlertApiError } from './errors.ts'

export interface Caller {
  readonly room: Room
  /** Id of the key, or of the account. */
  readonly keyId: string
  readonly actor: Actor
  /** Keys do everything that their room may; an account what its role does. */
  readonly mayAct: boolean
  /** Asked while an answer goes on: a key that is revoked or a session that has ended hears no more. */
  readonly stillIn: () => boolean
}

export interface AdmitOptions {
  readonly keys: Pick<KeyRing, 'verify'>
  readonly rooms: readonly Room[]
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  readonly onRefused: (peer: string, message: string) => void
}

/** Requests of one key in a second, bursts of ten seconds. Those of a session are counted at the page's door. */
const REQUESTS_PER_SECOND = 20

/** A function that lets a request in or throws an {@link AlertApiError}. Whoever is logged in was let in by the page's door (web/door.ts) before. */
export function createAdmit({ keys, rooms, now, onRefused }: AdmitOptions): (request: FastifyRequest) => Caller {
  const byId = new Map(rooms.map((room) => [room.id, room]))
  const rate = createRateLimiter(REQUESTS_PER_SECOND, now)
  return (request) => {
    const from = normalizeAddress(request.raw.socket.remoteAddress ?? '')
    const viewer = viewerIfAny(request)
    if (viewer !== undefined) {
      const { name, room } = viewer
      const keyId = `account:${viewer.id}`
      return {
        room,
        keyId,
        actor: { name, key: keyId, room: room.id, region: room.region, from },
        mayAct: covers(areasOf(viewer).alerts, 'write'),
        stillIn: () => isStillIn(request),
      }
    }
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
    return {
      room,
      keyId: key.id,
      actor: { name, key: key.id, room: room.id, region: room.region, from },
      mayAct: true,
      stillIn: () => keys.verify(text)?.id === key.id,
    }
  }
}

/** The key of a request; empty without one. */
function bearerOf({ headers }: Pick<FastifyRequest, 'headers'>): string {
  return /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1] ?? ''
}
