// What do all routes of the API of alerts share? Who asks, the board, asking for a change, and the answers that every route may give.
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { Log } from '../../runtime/log.ts'
import type { Actor, Alert, AlertAnswer, AlertRequest } from '../../schemas/alert.ts'
import { type Accepted, type AlertItem, Refusal } from '../../schemas/alert-api.ts'
import type { Room } from '../../schemas/room.ts'
import type { Access } from '../door.ts'
import type { Caller } from './admit.ts'
import type { AlertDesk } from './desk.ts'
import type { ItemParts } from './items.ts'

/** Of a request. */
export const MAX_BODY_BYTES = 64 * 1024

export type Routes = ReturnType<FastifyInstance['withTypeProvider']> & Parameters<FastifyPluginAsync>[0]

/** What every route of the API needs. */
export interface AlertApi {
  readonly desk: AlertDesk
  readonly places: ItemParts
  readonly log: Log
  readonly caller: (request: FastifyRequest) => Caller
  readonly now: () => number
  /** ClickHouse as the user of the room. */
  readonly clickhouseOf: (viewer: { readonly room: Room }) => Pick<ClickHouse, 'rows'>
  /** The alert, if the room may see it; throws ALERT_UNKNOWN. */
  visible(room: Room, id: string): Alert
  item(alert: Alert): AlertItem
  /** Asks, waits, and answers or refuses. */
  ask(request: AlertRequest): Promise<AlertAnswer | undefined>
  /** `about`: what the request is about beside its address. */
  requestId(request: FastifyRequest, about?: string): string
  /** Somebody agreed to the policy that waits; `message` says who and to which. */
  readonly onAgreed: (actor: Actor, message: string) => void
}

/** The answers that every route may give beside its own. */
export const refusals = { 400: Refusal, 401: Refusal, 403: Refusal, 404: Refusal, 429: Refusal, 503: Refusal }

const access = (verb: 'read' | 'write'): { readonly access: Access } => ({
  access: { area: 'alerts', verb, keys: true },
})
/** Who may use a route: keys of rooms, and whoever is logged in with a role that reads alerts, or acts on them. */
export const reading = access('read')
export const acting = access('write')

/** What a request is told that nobody has answered yet. */
export function accepted(request_id: string): z.infer<typeof Accepted> {
  return {
    request_id,
    message:
      'Kept, and carried out as soon as the alerts are held by a process again. Repeat it with the same Idempotency-Key to hear what came of it.',
    pesan:
      'Tersimpan, dan dijalankan begitu peringatan dipegang lagi oleh sebuah proses. Ulangi dengan Idempotency-Key yang sama untuk mengetahui hasilnya.',
  }
}
