// What did an Operation Room report? The record that the report collector wrote (schemas/report.ts), in columns and fields.
import type { Severity } from '../../../schemas/detection.ts'
import type { Event } from '../../../schemas/event.ts'
import { miss, ok } from '../../../schemas/outcome.ts'
import { REPORT_FORMAT } from '../../../schemas/raw-event.ts'
import { digitsOf, type Incident, ReportRecord } from '../../../schemas/report.ts'
import { looksLikeObject, readObject } from '../json/json-guard.ts'
import type { Parser } from '../parser.ts'
import { put } from '../values/fields.ts'
import { setTime } from '../values/time.ts'

const severities: Readonly<Record<Severity, number>> = {
  informational: 10,
  low: 25,
  medium: 50,
  high: 75,
  critical: 100,
}
/** Vital infrastructure is never a small matter. */
const LEAST_IIV_SEVERITY = severities.high

export const report: Parser = {
  format: REPORT_FORMAT,
  parse(text, event, context) {
    if (!looksLikeObject(text)) return miss
    return readObject(text, event, context, (values) => {
      const parsed = ReportRecord.safeParse(values)
      if (!parsed.success) return miss
      const record = parsed.data
      event.dataset = REPORT_FORMAT
      event.event_code = record.receipt
      // A person's word, and not yet known to be so.
      event.event_outcome = 'unknown'
      setTime(event, Date.parse(record.reported_at))
      const field = (name: string, value: string | undefined): void => {
        if (value !== undefined) put(event, `siaga.report.${name}`, value)
      }
      field('kind', record.kind)
      field('receipt', record.receipt)
      field('region', record.region)
      if (record.kind === 'incident') readIncident(record, event, field)
      else {
        event.event_action = 'nihil_report'
        field('due', record.due)
        field('late', String(record.late))
        field('note', record.note)
      }
      return ok
    })
  },
}

function readIncident(record: Incident, event: Event, field: (name: string, value: string | undefined) => void): void {
  const { contact } = record
  const attachments = record.attachments.map(({ name, hash, bytes }) => ({ name, sha256: digitsOf(hash), bytes }))
  event.event_category = 'threat'
  event.event_action = 'incident_report'
  event.event_severity = Math.max(severities[record.severity], record.iiv ? LEAST_IIV_SEVERITY : 0)
  // A named rule with a severity is an alert of whoever raised it: here of people, not of a device.
  event.rule_name = `Incident report: ${record.category}`
  // Kept by the enricher if it is an asset of the configuration.
  event.asset_id = record.asset
  const [first] = attachments
  if (first !== undefined) {
    event.file_name = first.name
    event.file_hash = first.sha256
  }
  field('category', record.category)
  field('severity', record.severity)
  field('asset', record.asset)
  field('discovered_at', record.discovered_at)
  field('iiv', String(record.iiv))
  field('iiv_due', record.iiv_due)
  field('personal_data', String(record.personal_data))
  field('personal_data_due', record.personal_data_due)
  field('contact.name', contact.name)
  field('contact.organisation', contact.organisation)
  field('contact.email', contact.email)
  field('contact.phone', contact.phone)
  // The long texts stand in `message`, where the view `reports` reads them whole.
  if (attachments.length > 0) field('attachments', JSON.stringify(attachments))
}
