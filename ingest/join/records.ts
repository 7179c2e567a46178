// Which records of the Linux audit system are one event? Those of one id, though records of other events stand between them.
import { auditRecord } from './audit-record.ts'
import { addLine, type Ended, type Group, type Joiner, type JoinLimits, newGroup, type Payload } from './joiner.ts'

/** A record so much younger than an event shows that the event is over (libauparse's end_of_event_timeout). */
const SPAN_MS = 2000

interface AuditEvent<L> extends Group<L> {
  readonly key: string
  readonly origin: string
  readonly time: number
  readonly wrapped: boolean
  /** Its last record has come; behind it, only the end mark can. */
  titled: boolean
}

/**
 * Joins records. `scopeOf` tells streams apart that come to one joiner. An event ends with its end mark (EOE), which auditd gives to plugins and
 * never writes to its log; with PROCTITLE, always the last record, once the line behind it is not that mark; when its host is two seconds further;
 * and when too much is open.
 */
export function createRecordJoiner<L extends Payload>(
  ended: Ended<L>,
  limits: JoinLimits,
  scopeOf?: (line: L) => string,
): Joiner<L> {
  /** In the order in which they began. */
  const events = new Map<string, AuditEvent<L>>()
  let bytes = 0
  let titled = 0
  let lastTaken: AuditEvent<L> | undefined

  function finish(event: AuditEvent<L>): void {
    events.delete(event.key)
    bytes -= event.bytes
    if (event.titled) titled--
    ended(event.lines, event.partial)
  }

  function finishAll(which: (event: AuditEvent<L>) => boolean): void {
    for (const event of events.values()) if (which(event)) finish(event)
  }

  function makeRoom(): void {
    for (const oldest of events.values()) {
      if (events.size <= limits.groups && bytes <= limits.bytes) break
      finish(oldest)
    }
  }

  function take(line: L): boolean {
    const record = auditRecord(line.payload)
    if (record === undefined) return false
    const { kind, time, wrapped } = record
    const origin = scopeOf === undefined ? record.origin : `${scopeOf(line)} ${record.origin}`
    const key = `${origin} ${record.id}`
    finishAll((other) => other.origin === origin && other.key !== key && (other.titled || time - other.time > SPAN_MS))
    const open = events.get(key)
    if (open === undefined && (kind === 'single' || kind === 'end')) return false
    let event = open
    if (event !== undefined) {
      const before = event.bytes
      if (addLine(event, line)) bytes += event.bytes - before
      else {
        event.partial = true
        finish(event)
        event = undefined
      }
    }
    if (event === undefined) {
      event = { ...newGroup(line, open !== undefined), key, origin, time, wrapped, titled: false }
      events.set(key, event)
      bytes += event.bytes
    }
    lastTaken = event
    if (kind === 'last' && !event.titled) {
      event.titled = true
      titled++
    } else if (kind === 'end' || kind === 'single') finish(event)
    makeRoom()
    return true
  }

  return {
    take,
    passed() {
      if (titled > 0) finishAll((event) => event.titled)
    },
    pause() {
      if (titled > 0) finishAll((event) => event.titled && !event.wrapped)
    },
    endOld() {
      finishAll(({ old }) => old)
      for (const event of events.values()) event.old = true
    },
    end: () => finishAll(() => true),
    get open() {
      return events.size
    },
    get bytes() {
      return bytes
    },
    get justBegun() {
      return events.size === 1 && lastTaken?.lines.length === 1 && events.get(lastTaken.key) === lastTaken
    },
  }
}
