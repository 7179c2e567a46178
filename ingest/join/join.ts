// Which lines become one event? By the format of their source: records of audit are known by their ids, entries of some logs by how they begin.
import { holdsAudit } from './audit-record.ts'
import { createEntryJoiner, entryRules } from './entries.ts'
import { type Ended, type Joiner, type Payload, streamLimits } from './joiner.ts'
import { createRecordJoiner } from './records.ts'

/** How lines of a format are joined. */
export interface Joining {
  /** Whether there can be something to join in these bytes: one look for all lines, which costs next to nothing. */
  mayJoin(bytes: Buffer): boolean
  createJoiner<L extends Payload>(ended: Ended<L>): Joiner<L>
}

const records: Joining = {
  mayJoin: holdsAudit,
  createJoiner: (ended) => createRecordJoiner(ended, streamLimits),
}

const joinings: ReadonlyMap<string, Joining> = new Map([
  ['', records],
  ['auditd', records],
  ...[...entryRules].map(([format, rule]): [string, Joining] => [
    format,
    { mayJoin: () => true, createJoiner: (ended) => createEntryJoiner(rule, ended) },
  ]),
])

/** How the lines of a file or request are joined whose source has this format (empty: recognised); undefined: each is an event. */
export function joiningOf(format: string): Joining | undefined {
  return joinings.get(format)
}

/** Whether messages of syslog whose source has this format may be records of audit. Entries of logs are not joined there: those of several programs are mixed. */
export function joinsRecords(format: string): boolean {
  return joinings.get(format) === records
}
