// How do messages of syslog become events? Records of one audit event, each a message of its own, are joined; all others go on at once.
import type { CollectorMark } from '../../schemas/raw-event.ts'
import type { Unsealed } from '../collector.ts'
import { joinsRecords } from '../join/join.ts'
import { JOIN_MS, type JoinLimits, joinPayloads, streamLimits } from '../join/joiner.ts'
import { createRecordJoiner } from '../join/records.ts'

export interface Messages<M extends Unsealed> {
  add(message: M): void
  /** All events end. */
  settle(): void
  /** Forgets events that are open, and says how many and how many bytes they were: their sender will repeat them. */
  forget(): { events: number; bytes: number }
  /** Memory of messages that wait for more of their event. */
  readonly bytes: number
}

export interface MessagesOptions<M extends Unsealed> {
  /** Takes an event: a message, or the first of several with the text of all. `rest`: the messages joined to it. */
  emit(event: M, rest: readonly M[]): void
  /** Events were given to `emit` though no message came: they had waited long enough. */
  expired(): void
  readonly limits?: JoinLimits
  /** Tells senders apart that share a joiner. */
  readonly scopeOf?: (message: M) => string
  /** Payloads are views of memory that is much larger. */
  readonly views?: boolean
}

/**
 * The syslog header of a message stays before its record: an event is the lines that a file of these messages would hold. It has the id and the time of its
 * first message.
 */
export function createMessages<M extends Unsealed>(options: MessagesOptions<M>): Messages<M> {
  const { emit, expired, limits = streamLimits, scopeOf, views = false } = options
  const none: readonly M[] = []
  let timer: NodeJS.Timeout | undefined
  let forgotten: { events: number; bytes: number } | undefined

  const joiner = createRecordJoiner<M>(
    (messages, partial) => {
      const [first, ...rest] = messages
      if (first === undefined) return
      if (forgotten !== undefined) {
        forgotten.events += 1
        for (const { payload } of messages) forgotten.bytes += payload.length
      } else if (rest.length === 0 && !partial) emit(first, rest)
      else emit({ ...first, payload: joinPayloads(messages), marks: marksOf(messages, partial) }, rest)
    },
    limits,
    scopeOf,
  )

  /** An event waits for one to two turns. */
  function watch(): void {
    if (joiner.open === 0) return
    timer ??= setTimeout(() => {
      timer = undefined
      joiner.endOld()
      watch()
      expired()
    }, JOIN_MS / 2)
  }

  function settle(): void {
    clearTimeout(timer)
    timer = undefined
    joiner.end()
  }

  return {
    add(message) {
      if (!joinsRecords(message.format) || !joiner.take(message)) return emit(message, none)
      if (views) message.payload = copyOf(message.payload)
      watch()
    },
    settle,
    forget() {
      const counted = { events: 0, bytes: 0 }
      forgotten = counted
      settle()
      forgotten = undefined
      return counted
    },
    get bytes() {
      return joiner.bytes
    },
  }
}

/** In memory of its own: a small buffer of the pool would hold the pool. */
function copyOf(payload: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(payload.length)
  payload.copy(copy)
  return copy
}

function marksOf(messages: readonly Unsealed[], partial: boolean): CollectorMark[] {
  return [...new Set([...messages.flatMap(({ marks = [] }) => marks), ...(partial ? (['partial'] as const) : [])])]
}
