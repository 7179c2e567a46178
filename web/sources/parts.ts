// What do the routes of sources get from the parts that the command line wires together? Functions, so that web/ knows neither collectors nor sinks.

import type { Source } from '../../schemas/config.ts'
import type { ApiKey } from '../../schemas/key.ts'
import type { PartDependencies } from '../parts.ts'

/** State of a source as the judge of silence last kept it; of a probed site `kind` is probe. */
export interface JudgedState {
  readonly id: string
  readonly kind: 'source' | 'probe'
  readonly region: string
  readonly owner: string
  readonly state: string
  readonly counted: string
  readonly expected: number
  readonly reason: string
}

/** A dead letter without its payload. Times are milliseconds since 1970 UTC. */
export interface Letter {
  readonly id: string
  readonly reason: string
  readonly cause: string
  readonly at: number
  readonly topic: string
  readonly source: string
  readonly format: string
  readonly receivedAt: number
  readonly eventId: string
  readonly replayed: boolean
  readonly replayedAt: number | undefined
  readonly bytes: number
  readonly head: string
}

export interface Letters {
  /** Newest first; rejects if Kafka does not answer. */
  list(): Promise<{ readonly letters: readonly Letter[]; readonly cut: boolean }>
  payload(id: string): Promise<Buffer | undefined>
  /** Sends those that were not replayed yet; answers their ids. */
  replay(ids: readonly string[]): Promise<readonly string[]>
}

export interface Keys {
  list(): Promise<readonly ApiKey[]>
  create(source: string, label: string): Promise<{ readonly key: ApiKey; readonly text: string }>
  revoke(id: string): Promise<ApiKey | undefined>
}

export interface SourceAudit {
  readonly action: 'key_created' | 'key_revoked' | 'dead_letters_replayed'
  readonly outcome: 'success' | 'failure'
  readonly user: string
  readonly peer: string
  readonly message: string
}

export interface SourceParts extends PartDependencies {
  /** Times are milliseconds since 1970 UTC; `until` undefined: silence was never judged. `fresh`: the judge keeps up. */
  readonly judgement: () => Promise<{
    readonly states: readonly JudgedState[]
    readonly until: number | undefined
    readonly fresh: boolean
  }>
  readonly letters: Letters
  readonly keys: Keys
  /** How events of a source come in, in words. */
  readonly waysOf: (source: Source) => readonly string[]
  readonly audit: (entry: SourceAudit) => void
}
