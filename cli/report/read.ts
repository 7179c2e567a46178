// Which reports are there? Read from the view `reports` in ClickHouse.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { AttachmentRef } from '../../schemas/report.ts'

const Time = z.coerce.number().nullable()

const Row = z.object({
  receipt: z.string(),
  kind: z.string(),
  room: z.string(),
  region_code: z.string(),
  owner: z.string(),
  reported: z.coerce.number(),
  discovered: Time,
  category: z.string(),
  severity: z.string(),
  asset: z.string(),
  iiv: z.coerce.boolean(),
  iiv_end: Time,
  personal_data: z.coerce.boolean(),
  personal_data_end: Time,
  contact_name: z.string(),
  contact_organisation: z.string(),
  contact_email: z.string(),
  contact_phone: z.string(),
  description: z.string(),
  chronology: z.string(),
  impact: z.string(),
  attachments: z.string(),
  due_end: Time,
  late: z.coerce.boolean(),
  note: z.string(),
})
const Attachments = z.array(AttachmentRef.extend({ bytes: z.number() }))

/** A report as the view shows it. Times are milliseconds since 1970 UTC. */
export type ReportRow = Omit<z.infer<typeof Row>, 'attachments'> & {
  readonly attachments: readonly z.infer<typeof Attachments>[number][]
}

const ms = (column: string, name: string): string => `toUnixTimestamp64Milli(${column}) AS ${name}`
const columns = [
  ...['receipt', 'kind', 'room', 'region_code', 'owner', 'category', 'severity', 'asset', 'iiv', 'personal_data'],
  ...['contact_name', 'contact_organisation', 'contact_email', 'contact_phone', 'description', 'chronology', 'impact'],
  ...['attachments', 'late', 'note'],
  ms('reported_at', 'reported'),
  ms('discovered_at', 'discovered'),
  ms('iiv_due', 'iiv_end'),
  ms('personal_data_due', 'personal_data_end'),
  ms('due', 'due_end'),
].join(', ')

export interface ReportFilter {
  readonly receipt?: string
  readonly room?: string | undefined
  /** A region and what lies beneath it. */
  readonly region?: string | undefined
  readonly kind?: string | undefined
  readonly limit: number
}

/** Reports, the newest first. */
export async function readReports(clickhouse: ClickHouse, filter: ReportFilter): Promise<ReportRow[]> {
  const { receipt = '', room = '', region = '', kind = '', limit } = filter
  const rows = await clickhouse.rows(
    Row,
    `SELECT ${columns} FROM siaga.reports
     WHERE ({receipt:String} = '' OR receipt = {receipt:String}) AND ({room:String} = '' OR room = {room:String})
       AND ({kind:String} = '' OR kind = {kind:String})
       AND ({region:String} = '' OR region_code = {region:String} OR startsWith(region_code, concat({region:String}, '.')))
     ORDER BY reported_at DESC LIMIT {limit:UInt32}`,
    { receipt, room, region, kind, limit: String(limit) },
  )
  return rows.map((row) => ({
    ...row,
    attachments: row.attachments === '' ? [] : Attachments.parse(JSON.parse(row.attachments)),
  }))
}
