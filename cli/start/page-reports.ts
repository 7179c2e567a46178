// How does the page file a report? At the one desk of reports of this process, with an entry in the audit trail that names the account.
import { asReportError, ReportError } from '../../ingest/report/errors.ts'
import { MAX_REPORT_BYTES } from '../../ingest/report/filing.ts'
import type { FilingDesk } from '../../web/reports/plugin.ts'
import type { startCollectors } from './collectors.ts'

type Collectors = Awaited<ReturnType<typeof startCollectors>>

/** The desk as the page asks it: what it refuses is an answer. */
export function pageDesk({ reports, audit }: Pick<Collectors, 'reports' | 'audit'>): FilingDesk {
  return {
    files: (room) => reports.desk(room) !== undefined,
    async file({ room, kind, body, idempotencyKey, peer, by }) {
      try {
        const desk = reports.desk(room)
        if (desk === undefined) throw new ReportError('ROOM_UNKNOWN', { room })
        const bytes = Buffer.from(JSON.stringify(body))
        if (bytes.length > MAX_REPORT_BYTES) throw new ReportError('BODY_TOO_LARGE', { limit: MAX_REPORT_BYTES })
        const { answer, repeated } = await reports.file({ desk, kind, bytes, idempotencyKey, peer })
        if (!repeated)
          audit({
            action: 'report_filed',
            outcome: 'success',
            user: by,
            peer,
            message: `${answer.receipt} filed for room ${room} on the page`,
          })
        return { kind: 'filed', answer, repeated }
      } catch (error) {
        const known = asReportError(error)
        // What nobody foresaw is the door's to log.
        if (known.code === 'INTERNAL') throw error
        const { status, retryAfter = 0, body: refusal } = known
        const { fields, ...texts } = refusal
        return {
          kind: 'refused',
          status,
          retryAfter,
          body: { ...texts, ...(fields === undefined ? {} : { fields: [...fields] }) },
        }
      }
    },
  }
}
