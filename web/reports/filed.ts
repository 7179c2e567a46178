// Which reports have rooms filed, and what became of them? Asked as the viewer's own ClickHouse user, so that its row policies hold.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { Reference } from '../../runtime/reference.ts'
import { AlertStatus, closedStatuses } from '../../schemas/alert.ts'
import { Severity } from '../../schemas/detection.ts'
import { REPORT_FORMAT } from '../../schemas/raw-event.ts'
import { IncidentCategory } from '../../schemas/report.ts'
import type { ReportDetail, ReportItem, ReportQuery } from '../../schemas/reports-api.ts'
import type { Room } from '../../schemas/room.ts'

/** Reports of one page of the list. */
const PAGE = 50
const DAY_MS = 86_400_000
const SUMMARY = 160

const field = (name: string): string => `fields['siaga.report.${name}']`
const time = (name: string): string =>
  `ifNull(toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(${field(name)}, 3, 'UTC')), 0)`

// Not the view `reports`: a limit on time does not reach the events through its LIMIT BY, and all that ever landed would be read.
const columns = `
  event_code AS receipt, ${field('kind')} AS kind, source_id AS room, region_code AS region, toUnixTimestamp64Milli(timestamp) AS reported_at,
  ${field('category')} AS category, ${field('severity')} AS severity, ${field('asset')} AS asset,
  JSONExtractString(message, 'description') AS description, ${field('note')} AS note,
  ${time('iiv_due')} AS iiv_due, ${time('personal_data_due')} AS personal_data_due, ${field('late')} = 'true' AS late`

const more = `
  event_id, ${time('discovered_at')} AS discovered_at, asset_id,
  ${field('contact.name')} AS contact_name, ${field('contact.organisation')} AS contact_organisation,
  ${field('contact.email')} AS contact_email, ${field('contact.phone')} AS contact_phone,
  JSONExtractString(message, 'chronology') AS chronology, JSONExtractString(message, 'impact') AS impact,
  ${field('iiv')} = 'true' AS iiv, ${field('personal_data')} = 'true' AS personal_data, ${field('attachments')} AS attachments,
  ${time('due')} AS due, election, phase, score`

const Row = z.object({
  receipt: z.string(),
  kind: z.enum(['incident', 'nihil']),
  room: z.string(),
  region: z.string(),
  reported_at: z.number(),
  category: z.union([IncidentCategory, z.literal('')]).catch('other'),
  severity: z.union([Severity, z.literal('')]).catch(''),
  asset: z.string(),
  description: z.string(),
  note: z.string(),
  iiv_due: z.number(),
  personal_data_due: z.number(),
  late: z.coerce.boolean(),
})
type Row = z.infer<typeof Row>

const FullRow = Row.extend({
  event_id: z.string(),
  discovered_at: z.number(),
  asset_id: z.string(),
  contact_name: z.string(),
  contact_organisation: z.string(),
  contact_email: z.string(),
  contact_phone: z.string(),
  chronology: z.string(),
  impact: z.string(),
  iiv: z.coerce.boolean(),
  personal_data: z.coerce.boolean(),
  attachments: z.string(),
  due: z.number(),
  election: z.string(),
  phase: z.string(),
  score: z.number(),
})

const Attachments = z.array(z.object({ name: z.string(), sha256: z.string(), bytes: z.number() }))

const Alert = z.object({
  event_id: z.string(),
  id: z.string(),
  title: z.string(),
  status: AlertStatus,
  severity: Severity,
  assignee: z.string(),
  case_id: z.string(),
})
type Alert = z.infer<typeof Alert>

export interface FiledParts {
  readonly clickhouse: Pick<ClickHouse, 'rows'>
  readonly reference: Pick<Reference, 'regions'>
  readonly rooms: readonly Room[]
  /** Milliseconds since 1970 UTC. */
  readonly now: number
}

/** A page of reports, the latest first. */
export async function listFiled(
  parts: FiledParts,
  { kind, region, open, days, before }: z.infer<typeof ReportQuery>,
): Promise<{ reports: ReportItem[]; more: boolean }> {
  const { clickhouse, now } = parts
  const params = { dataset: REPORT_FORMAT, from: now - days * DAY_MS, to: before ?? now + DAY_MS }
  // Closed alerts are known after the alerts were asked: of open ones more reports are looked through.
  const most = open === undefined ? PAGE : 4 * PAGE
  const rows = await clickhouse.rows(
    Row,
    `SELECT ${columns} FROM siaga.events
     WHERE dataset = {dataset:String} AND timestamp >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
       ${kind === undefined ? '' : `AND ${field('kind')} = {kind:String}`}
       ${region === undefined ? '' : "AND (region_code = {region:String} OR startsWith(region_code, concat({region:String}, '.')))"}
     ORDER BY timestamp DESC, _offset LIMIT 1 BY receipt LIMIT {limit:UInt32}`,
    { ...params, kind: kind ?? '', region: region ?? '', limit: most + 1 },
  )
  const alerts = await alertsOf(clickhouse, rows)
  const items = rows.slice(0, most).map((row) => itemOf(row, alerts.get(row.receipt) ?? [], parts))
  const kept = open === undefined ? items : items.filter(isOpen)
  return { reports: kept.slice(0, PAGE), more: rows.length > most || kept.length > PAGE }
}

/** One report with all that is known of it; undefined if there is none that the viewer may read. */
export async function readFiled(parts: FiledParts, receipt: string): Promise<ReportDetail | undefined> {
  const { clickhouse } = parts
  const [row] = await clickhouse.rows(
    FullRow,
    `SELECT ${columns}, ${more} FROM siaga.events WHERE dataset = {dataset:String} AND event_code = {receipt:String} ORDER BY _offset LIMIT 1`,
    { dataset: REPORT_FORMAT, receipt },
  )
  if (row === undefined) return undefined
  const alerts = (await alertsOf(clickhouse, [row])).get(row.receipt) ?? []
  const { contact_name, contact_organisation, contact_email, contact_phone } = row
  return {
    ...itemOf(row, alerts, parts),
    event_id: row.event_id,
    discovered_at: row.discovered_at || null,
    contact: { name: contact_name, organisation: contact_organisation, email: contact_email, phone: contact_phone },
    description: row.description,
    chronology: row.chronology,
    impact: row.impact,
    asset_id: row.asset_id,
    iiv: row.iiv,
    personal_data: row.personal_data,
    attachments: attachmentsOf(row.attachments),
    note: row.note,
    due: row.due || null,
    election: row.election,
    phase: row.phase,
    score: row.score,
    alerts: alerts.map(({ event_id: _, ...alert }) => alert),
  }
}

/** Alerts by the receipt whose event raised them, the most severe first: an event leads to its findings, these to the alert of the same key. */
async function alertsOf(clickhouse: FiledParts['clickhouse'], rows: readonly Row[]): Promise<Map<string, Alert[]>> {
  const incidents = rows.filter(({ kind }) => kind === 'incident')
  if (incidents.length === 0) return new Map()
  const times = incidents.map(({ reported_at }) => reported_at)
  const found = await clickhouse.rows(
    Alert,
    `SELECT event_id, alert_id AS id, title, status, severity, assignee, case_id
     FROM (
       SELECT event_id, dedup_key, window_end FROM siaga.findings
       WHERE window_end BETWEEN fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND fromUnixTimestamp64Milli({to:Int64}, 'UTC') AND event_id IN {receipts:Array(String)}
     ) AS findings
     INNER JOIN (
       SELECT alert_id, dedup_key, title, status, severity, assignee, case_id, first_seen, last_seen FROM siaga.alerts WHERE last_seen >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
     ) AS alerts ON alerts.dedup_key = findings.dedup_key
     WHERE window_end BETWEEN first_seen AND last_seen
     ORDER BY indexOf(['critical', 'high', 'medium', 'low', 'informational'], severity), id LIMIT 1 BY event_id, id`,
    {
      from: Math.min(...times) - 1,
      to: Math.max(...times) + 1,
      receipts: incidents.map(({ receipt }) => receipt),
    },
  )
  return Map.groupBy(found, ({ event_id }) => event_id)
}

/** Somebody has to do something yet: also about an incident that raised no alert. */
const isOpen = ({ kind, state }: Pick<ReportItem, 'kind' | 'state'>): boolean =>
  kind === 'incident' && (state === 'filed' || !closedStatuses.has(state))

function itemOf(row: Row, alerts: readonly Alert[], { reference, rooms, now }: FiledParts): ReportItem {
  const region = reference.regions.get(row.region)
  // Several rules may look at one report: what is not done yet says how it stands.
  const state = (alerts.find(({ status }) => !closedStatuses.has(status)) ?? alerts[0])?.status ?? 'filed'
  const over = [row.iiv_due, row.personal_data_due].some((due) => due > 0 && due < now)
  const line = (row.kind === 'nihil' ? row.note : row.description).split('\n', 1)[0] ?? ''
  return {
    receipt: row.receipt,
    kind: row.kind,
    room: row.room,
    room_name: rooms.find(({ id }) => id === row.room)?.name || row.room,
    region: row.region,
    region_name: region?.name ?? row.region,
    zone: region?.zone ?? 'WIB',
    reported_at: row.reported_at,
    state,
    category: row.category,
    severity: row.severity,
    asset: row.asset,
    summary: line.length > SUMMARY ? `${line.slice(0, SUMMARY)}…` : line,
    iiv_due: row.iiv_due || null,
    personal_data_due: row.personal_data_due || null,
    overdue: over && isOpen({ kind: row.kind, state }),
    late: row.late,
  }
}

function attachmentsOf(text: string): ReportDetail['attachments'] {
  if (text === '') return []
  try {
    return Attachments.parse(JSON.parse(text))
  } catch {
    return []
  }
}
