// What did people and keys do to the pipeline itself? Its audit trail, an event source like any other.
import { errorText } from '../../runtime/errors.ts'
import type { WebAction } from '../../schemas/account.ts'
import { AUDIT_SOURCE } from '../../schemas/raw-event.ts'
import type { CollectorDependencies, Unsealed } from '../collector.ts'
import { idMaker } from '../seal.ts'

export type AuditAction =
  | 'service_started'
  | 'service_stopped'
  | 'config_changed'
  | 'key_created'
  | 'key_revoked'
  | 'key_refused'
  | 'report_filed'
  | 'report_refused'
  | 'certificate_log_checked'
  | 'watch_changed'
  | 'watch_refused'
  | WebAction
  | 'feed_updated'
  | 'feed_failed'
  | 'feed_held'
  | 'feed_approved'
  | 'feed_rejected'
  | 'policy_approved'
  | 'evidence_exported'
  | 'dead_letters_replayed'

export interface AuditEntry {
  action: AuditAction
  outcome: 'success' | 'failure'
  /** Account or key id, never a secret. */
  user?: string
  /** Address of whoever did it. */
  peer?: string
  message: string
}

/** Writes an entry: never waits, never throws. */
export interface Audit {
  (entry: AuditEntry): void
  /** Writes what is waiting, for at most so many milliseconds. */
  stop(timeoutMs?: number): Promise<void>
}

interface AuditSettings {
  now?: () => number
  flushMs?: number
  /** Entries waiting while Kafka is away; more are counted as lost. */
  maxWaiting?: number
}

const BATCH = 500
/** Entries of one action and peer in a second that pass whole; the rest of that second becomes one entry with a count. */
const WHOLE_PER_SECOND = 5
/** Different actions and peers followed in a second; beyond it peers are put together. */
const MAX_FLOODS = 1000
const MAX_TEXT = 1000

interface Flood {
  count: number
  entry: AuditEntry
}

/** The audit trail of this process, written as JSON lines in ECS form from source `siaga-audit`. */
export function createAudit(
  { writer, seal, log, metrics }: Pick<CollectorDependencies, 'writer' | 'seal' | 'log' | 'metrics'>,
  { now = Date.now, flushMs = 200, maxWaiting = 10_000 }: AuditSettings = {},
): Audit {
  // Entries of one process share a key: their order is kept.
  const key = `audit-${idMaker()()}`
  let waiting: Unsealed[] = []
  let floods = new Map<string, Flood>()
  let second = Math.floor(now() / 1000)
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined

  function put(entry: AuditEntry, at: number, count: number): void {
    const payload = Buffer.from(JSON.stringify(toEcs(entry, at, count)))
    metrics.received(AUDIT_SOURCE, 1, payload.length)
    if (waiting.length >= maxWaiting) {
      metrics.lost('audit_overflow', 1)
      return
    }
    waiting.push({ source: AUDIT_SOURCE, format: 'ecs', receivedAt: at, peer: '', id: '', key, payload })
  }

  /** Ends the second: what was held back of it becomes one entry each. */
  function summarise(): void {
    const ended = floods
    floods = new Map()
    for (const { count, entry } of ended.values()) {
      if (count > WHOLE_PER_SECOND) put(entry, second * 1000 + 999, count - WHOLE_PER_SECOND)
    }
  }

  function record(entry: AuditEntry): void {
    const at = now()
    if (Math.floor(at / 1000) !== second) {
      summarise()
      second = Math.floor(at / 1000)
    }
    const peer = entry.peer ?? ''
    let name = `${entry.action} ${entry.outcome} ${peer}`
    if (!floods.has(name) && floods.size >= MAX_FLOODS) name = `${entry.action} ${entry.outcome} *`
    const flood = floods.get(name)
    if (flood === undefined) floods.set(name, { count: 1, entry })
    else {
      flood.count++
      flood.entry = name.endsWith('*') ? { ...entry, peer: '' } : entry
    }
    if ((flood?.count ?? 1) <= WHOLE_PER_SECOND) put(entry, at, 1)
    schedule()
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      if (Math.floor(now() / 1000) !== second) {
        summarise()
        second = Math.floor(now() / 1000)
      }
      void flush()
    }, flushMs).unref()
  }

  /** One batch on its way at a time; the rest waits for it. */
  function flush(): Promise<void> {
    writing ??= drain().finally(() => {
      writing = undefined
      if (floods.size > 0) schedule()
    })
    return writing
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH)
      waiting = waiting.slice(BATCH)
      try {
        await writer.write(seal(batch))
        metrics.accepted(AUDIT_SOURCE, batch.length)
      } catch (error) {
        metrics.lost('audit_unwritten', batch.length)
        log.error({ entries: batch.length, cause: errorText(error) }, 'audit entries could not be written')
      }
    }
  }

  async function stop(timeoutMs = 2000): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    summarise()
    let limit: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      limit = setTimeout(resolve, timeoutMs)
    })
    await Promise.race([flush(), late])
    clearTimeout(limit)
  }

  return Object.assign(record, { stop })
}

/** What is done to accounts and to what they log in with. */
const iam: ReadonlySet<AuditAction> = new Set<AuditAction>([
  'account_created',
  'account_changed',
  'account_disabled',
  'account_enabled',
  'link_created',
  'password_changed',
  'second_factor_on',
  'second_factor_off',
  'recovery_codes_created',
  'session_revoked',
  'token_created',
  'token_revoked',
  'wall_created',
  'wall_opened',
  'wall_revoked',
])

/** ECS 8: https://www.elastic.co/docs/reference/ecs */
function toEcs({ action, outcome, user, peer, message }: AuditEntry, at: number, count: number) {
  return {
    '@timestamp': new Date(at).toISOString(),
    'event.kind': 'event',
    'event.category':
      action === 'login' || action === 'logout' || action === 'key_refused' || action === 'access_refused'
        ? 'authentication'
        : iam.has(action)
          ? 'iam'
          : 'configuration',
    'event.action': action,
    'event.outcome': outcome,
    'event.dataset': AUDIT_SOURCE,
    ...(user === undefined ? {} : { 'user.name': user.slice(0, MAX_TEXT) }),
    ...(peer === undefined || peer === '' ? {} : { 'source.ip': peer }),
    ...(count > 1 ? { 'siaga.count': count } : {}),
    message: `${message.slice(0, MAX_TEXT)}${count > 1 ? ` (and ${count - 1} more within a second)` : ''}`,
  }
}
