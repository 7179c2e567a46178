// Who looks at the page? The account behind a request, found once at the door and kept for its handlers.
import type { FastifyRequest } from 'fastify'
import type { Area, Role, Verb } from '../schemas/account.ts'
import type { Room } from '../schemas/room.ts'
import { policy, tokenPolicy, wallPolicy } from './policy.ts'

export interface Viewer {
  /** Of the account. */
  readonly id: string
  /** Stands under what this person does. */
  readonly name: string
  readonly role: Role
  /** Its region, owner and agreements decide which rows are seen. */
  readonly room: Room
  readonly kind: 'session' | 'wall' | 'token'
  /** Of the session or token: no secret. */
  readonly session: string
  /** A token that only reads. */
  readonly most?: 'read'
}

const viewers = new WeakMap<FastifyRequest, Viewer>()
const doors = new WeakMap<FastifyRequest, () => boolean>()

/** Kept by the door. `stillIn`: would it let the request in again? */
export function admit(request: FastifyRequest, viewer: Viewer, stillIn: () => boolean): void {
  viewers.set(request, viewer)
  doors.set(request, stillIn)
}

/** Of an answer that goes on for long: may its viewer still see it? False once the session has ended, or the role allows it no more. */
export function isStillIn(request: FastifyRequest): boolean {
  return doors.get(request)?.() ?? false
}

/** The viewer of a request that the door let in; throws if it never stood at the door, which is a mistake in the code. */
export function viewerOf(request: FastifyRequest): Viewer {
  const viewer = viewers.get(request)
  if (viewer === undefined) throw new Error(`${request.method} ${request.url} was answered without a viewer`)
  return viewer
}

/** The viewer of a request whose route asks and does not insist. */
export function viewerIfAny(request: FastifyRequest): Viewer | undefined {
  return viewers.get(request)
}

/** What a viewer may enter. */
export function areasOf({
  role,
  kind,
  most,
}: Pick<Viewer, 'role' | 'kind' | 'most'>): Readonly<Partial<Record<Area, Verb>>> {
  if (kind === 'wall') return wallPolicy
  return kind === 'token' ? tokenPolicy(role, most ?? 'write') : policy[role]
}
