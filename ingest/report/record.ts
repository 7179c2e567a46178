// What is filed and answered of a report? The record that travels, with receipt, region and clocks, and what the room gets back.
import type { Due } from '../../runtime/duty.ts'
import { localTime } from '../../runtime/local-time.ts'
import type { TimeZone } from '../../schemas/place.ts'
import {
  digitsOf,
  type Incident,
  type IncidentInput,
  lettersOf,
  type NihilInput,
  type ReportAnswer,
  type ReportRecord,
} from '../../schemas/report.ts'
import type { Room } from '../../schemas/room.ts'
import type { StoredAttachment } from './store.ts'

const HOUR_MS = 3_600_000
/** BSSN regulation 1/2024 art. 15: vital information infrastructure, 1 × 24 hours after discovery. */
const IIV_HOURS = 24
/** Law 27/2022 art. 46: exposed personal data, 3 × 24 hours after discovery. */
const PERSONAL_DATA_HOURS = 72

/** What a report is filed under. Times are milliseconds since 1970 UTC. */
export interface Filing {
  readonly receipt: string
  readonly room: Pick<Room, 'id' | 'region'>
  readonly regionName: string
  readonly zone: TimeZone
  readonly reportedAt: number
}

const iso = (ms: number): string => new Date(ms).toISOString()

function headOf({ receipt, room, zone, reportedAt }: Filing) {
  return { receipt, room: room.id, region: room.region, zone, reported_at: iso(reportedAt) }
}

export function incidentRecord(
  filing: Filing,
  { region: _, ...input }: IncidentInput,
  discovered: number,
  attachments: readonly StoredAttachment[],
): Incident {
  const { chronology } = input
  return {
    kind: 'incident',
    ...headOf(filing),
    ...input,
    chronology:
      typeof chronology === 'string' ? chronology : chronology.map(({ at, what }) => `${at}: ${what}`).join('\n'),
    discovered_at: iso(discovered),
    ...(input.iiv ? { iiv_due: iso(discovered + IIV_HOURS * HOUR_MS) } : {}),
    ...(input.personal_data ? { personal_data_due: iso(discovered + PERSONAL_DATA_HOURS * HOUR_MS) } : {}),
    attachments: attachments.map(({ name, sha256, bytes }) => ({ name, hash: lettersOf(sha256), bytes })),
  }
}

export function nihilRecord(filing: Filing, { note }: NihilInput, due: Due): ReportRecord {
  return {
    kind: 'nihil',
    ...headOf(filing),
    due: iso(due.at),
    late: filing.reportedAt > due.until,
    ...(note === undefined ? {} : { note }),
  }
}

export function answerOf(filing: Filing, record: ReportRecord): ReportAnswer {
  const { zone, reportedAt, regionName } = filing
  const local = (time: string): string => localTime(Date.parse(time), zone)
  const clock = (name: 'iiv' | 'personal_data', hours: number, due: string | undefined): ReportAnswer['clocks'] =>
    due === undefined ? [] : [{ clock: name, hours, due, due_local: local(due), passed: Date.parse(due) < reportedAt }]
  return {
    receipt: record.receipt,
    kind: record.kind,
    room: record.room,
    region: record.region,
    region_name: regionName,
    reported_at: record.reported_at,
    reported_at_local: local(record.reported_at),
    clocks:
      record.kind === 'incident'
        ? [
            ...clock('iiv', IIV_HOURS, record.iiv_due),
            ...clock('personal_data', PERSONAL_DATA_HOURS, record.personal_data_due),
          ]
        : [],
    attachments:
      record.kind === 'incident'
        ? record.attachments.map(({ name, hash, bytes }) => ({ name, sha256: digitsOf(hash), bytes }))
        : [],
    ...(record.kind === 'nihil' ? { due: record.due, due_local: local(record.due), late: record.late } : {}),
  }
}
