// What does every part of the page's API get? The store as the viewer may read it, places, rooms, and the time.
import type { ClickHouse } from '../runtime/clickhouse.ts'
import type { WatchedAnswer, WatchedQuery } from '../runtime/clickhouse-watched.ts'
import type { ResolvedConfig } from '../runtime/config.ts'
import type { Log } from '../runtime/log.ts'
import type { Reference } from '../runtime/reference.ts'
import type { Room } from '../schemas/room.ts'
import type { Viewer } from './viewer.ts'

export interface PartDependencies {
  /** ClickHouse as the room's own user: its row policies, limits and audit trail hold for every query. */
  readonly clickhouseOf: (viewer: Pick<Viewer, 'room'>) => ClickHouse
  /** ClickHouse as the pipeline's user, for what is shared between viewers and cut here (runtime/scope.ts). */
  readonly clickhouse: ClickHouse
  readonly config: ResolvedConfig
  readonly rooms: readonly Room[]
  readonly reference: Reference
  readonly log: Log
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
}

/** Of parts whose queries people watch and may end. */
export interface WatchingDependencies extends PartDependencies {
  /** One query as the room's own user over a connection of its own: what it reads is told, and ending `signal` ends it in the server. */
  readonly watchOf: (viewer: Pick<Viewer, 'room'>) => (query: string, watched: WatchedQuery) => Promise<WatchedAnswer>
}
