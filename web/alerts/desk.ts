// What does the API of alerts need? How alerts stand, a way to ask for changes, and what is known of deliveries; cli wires it.
import type {
  Actor,
  Alert,
  AlertAnswer,
  AlertFactor,
  AlertRequest,
  AlertVerb,
  Attempt,
  Case,
  Notification,
  Suppression,
} from '../../schemas/alert.ts'
import type { FactorItem, Guidance, PolicyItem, SuppressionItem } from '../../schemas/alert-api.ts'
import type { HeldCount } from '../../schemas/alert-log.ts'
import type { Notice } from '../../schemas/notice.ts'
import type { Room } from '../../schemas/room.ts'

/** A change as it is told live; `id` grows. */
export type DeskChange =
  | { readonly id: number; readonly kind: 'alert'; readonly alert: Alert }
  | { readonly id: number; readonly kind: 'case'; readonly case: Case }
  | { readonly id: number; readonly kind: 'suppression'; readonly suppression: Suppression }

/** What decides how quiet Siaga is, and what waits for two persons. */
export interface DeskPolicy {
  readonly in_force: Omit<PolicyItem['in_force'], 'thresholds'> & {
    readonly layers: PolicyItem['in_force']['thresholds']
  }
  readonly waiting?:
    | {
        readonly id: string
        /** Milliseconds since 1970 UTC. */
        readonly since: number
        readonly relaxations: readonly { readonly what: string; readonly detail: string }[]
        readonly approvals: readonly Pick<Actor, 'name' | 'room'>[]
      }
    | undefined
}

/** What a room may see of a case. */
export interface CaseSight {
  readonly alerts: readonly Alert[]
  readonly regions: readonly string[]
  readonly attack: readonly string[]
  readonly indicators: readonly { readonly type: string; readonly value: string; readonly tlp: string }[]
  readonly title: string
  /** Event times of the alerts that it may read; of all where it may read none. Milliseconds since 1970 UTC. */
  readonly first_seen: number
  readonly last_seen: number
}

export interface AlertDesk {
  /** Resolves when everything that was there at the start is there. */
  readonly ready: Promise<void>
  alerts(): Iterable<Alert>
  alert(id: string): Alert | undefined
  case(id: string): Case | undefined
  suppressions(): Iterable<Suppression>
  suppression(id: string): Suppression | undefined
  notices(): Iterable<Notice>
  notice(id: string): Notice | undefined
  notifications(): Iterable<Notification>
  /** Resolves with undefined if there is no answer after this time; rejects with KAFKA_UNAVAILABLE. */
  ask(request: AlertRequest, timeoutMs: number): Promise<AlertAnswer | undefined>
  /** Id of the newest change that is known; -1 for none. */
  last(): number
  follow(after: number | undefined, onChange: (change: DeskChange) => void): () => void
  /** Attempts to deliver messages about an alert, oldest first. Rejects with CLICKHOUSE_UNAVAILABLE. */
  attempts(alertId: string): Promise<readonly Attempt[]>
  /** Findings that made no alert since a time, milliseconds since 1970 UTC. */
  held(since: number): Promise<readonly HeldCount[]>
  /** Why it has its score, and what to do. */
  guidance(alert: Alert): { readonly id: Guidance; readonly en: Guidance }
  /** By when somebody is to acknowledge it, milliseconds since 1970 UTC; undefined where nobody is waited for. */
  deadline(alert: Alert): number | undefined
  /** Its title in Indonesian, in the words of the rule where it has any. */
  judul(alert: Alert): string
  /** What its status allows. */
  verbs(alert: Pick<Alert, 'status'>): readonly AlertVerb[]
  /** What a factor of its score is called. */
  factorWords(factor: Pick<AlertFactor, 'name'>, alert: Pick<Alert, 'rules'>): FactorItem['words']
  /** Texts that a rule looks for, as far as it looks for texts; of a rule that is in force no more, none. */
  literals(ruleId: string): readonly string[]
  /** Whether a suppression waits for a second person, and what somebody can do with it. */
  standing(suppression: Suppression, actor: Actor): Pick<SuppressionItem, 'waits' | 'verbs'>
  /** Undefined until a process has held the alerts. */
  policy(): DeskPolicy | undefined
  /** Undefined for a room that has no part in it and was not warned. */
  sight(room: Pick<Room, 'id' | 'region' | 'owner' | 'sees'>, which: Case): CaseSight | undefined
}
