// What has a step changed? Records to keep by key, entries for the log, messages to offer, until somebody takes them.
import type { Notification } from '../../schemas/alert.ts'
import type { AlertLogEntry } from '../../schemas/alert-log.ts'
import { recordKey, type StateRecord } from './records.ts'

/** To be kept, to be landed, to be sent: together or not at all. */
export interface Changes {
  readonly records: ReadonlyMap<string, StateRecord | null>
  readonly log: readonly AlertLogEntry[]
  readonly offers: readonly Notification[]
}

export interface Ledger {
  /** Of several changes of one record only the last is kept. */
  keep(record: StateRecord, id?: string): void
  forget(kind: StateRecord['kind'], id?: string): void
  log(entry: AlertLogEntry): void
  offer(notification: Notification): void
  take(): Changes
}

export function createLedger(): Ledger {
  let records = new Map<string, StateRecord | null>()
  let log: AlertLogEntry[] = []
  let offers: Notification[] = []
  return {
    keep: (record, id) => void records.set(recordKey(record.kind, id), record),
    forget: (kind, id) => void records.set(recordKey(kind, id), null),
    log: (entry) => void log.push(entry),
    offer: (notification) => void offers.push(notification),
    take() {
      // Who waits for an answer looks at once at what it was about: answers come last.
      const isAnswer = ([, record]: [string, StateRecord | null]): boolean => record?.kind === 'answer'
      const entries = [...records]
      const ordered = new Map([...entries.filter((entry) => !isAnswer(entry)), ...entries.filter(isAnswer)])
      const taken = { records: ordered, log, offers }
      records = new Map()
      log = []
      offers = []
      return taken
    },
  }
}
