// What do page and server say to each other about reports of Operation Rooms? Filing one, following it, and who has not reported.
import { z } from 'zod'
import { AlertStatus } from './alert.ts'
import { Severity } from './detection.ts'
import { TimeZone } from './place.ts'
import { IncidentCategory } from './report.ts'

/** Milliseconds since 1970 UTC. */
const Ms = z.number()

/** A refusal of the reports' desk: as of every route, and which fields are wrong. */
export const ReportRefusal = z.object({
  error: z.string(),
  message: z.string(),
  action: z.string(),
  pesan: z.string(),
  tindakan: z.string(),
  fields: z.array(z.object({ field: z.string(), message: z.string(), pesan: z.string() })).optional(),
})
export type ReportRefusal = z.infer<typeof ReportRefusal>

/** What the page makes up for each report, so that it is filed once however often it is sent. */
export const ReportId = z.string().regex(/^[A-Za-z0-9-]{8,64}$/)

/** Of the room of whoever asks: may reports be filed from here, and what is due? */
export const ReportDeskInfo = z.object({
  room: z.string(),
  room_name: z.string(),
  region: z.string(),
  region_name: z.string(),
  zone: TimeZone,
  /** False: siaga.yaml does not name this room, so that nothing can be filed for it. */
  files: z.boolean(),
  now: Ms,
  /** Assets of the region and beneath that may be named, at most 500. */
  assets: z.array(z.object({ id: z.string(), name: z.string() })),
  /** The due time that a report of now counts for, and whether one has come for it, in time or late. */
  due: z.object({ at: Ms, until: Ms, voting_day: z.boolean(), reported: z.boolean() }).nullable(),
})
export type ReportDeskInfo = z.infer<typeof ReportDeskInfo>

/** What became of an incident: of the alert that it raised; `filed`: it raised none. */
export const ReportState = z.union([AlertStatus, z.literal('filed')])
export type ReportState = z.infer<typeof ReportState>

const clocks = {
  /** 1 × 24 hours, where vital infrastructure is concerned (BSSN regulation 1/2024). */
  iiv_due: Ms.nullable(),
  /** 3 × 24 hours, where personal data was exposed (law 27/2022). */
  personal_data_due: Ms.nullable(),
}

const LinkedAlert = z.object({
  id: z.string(),
  title: z.string(),
  status: AlertStatus,
  severity: Severity,
  assignee: z.string(),
  case_id: z.string(),
})

export const ReportItem = z.object({
  receipt: z.string(),
  kind: z.enum(['incident', 'nihil']),
  room: z.string(),
  room_name: z.string(),
  region: z.string(),
  region_name: z.string(),
  zone: TimeZone,
  reported_at: Ms,
  state: ReportState,
  /** Of an incident; empty of nihil. */
  category: z.union([IncidentCategory, z.literal('')]),
  severity: z.union([Severity, z.literal('')]),
  asset: z.string(),
  /** The first line of the description, cut; of nihil its note. */
  summary: z.string(),
  ...clocks,
  /** A clock is over and the matter is not closed. */
  overdue: z.boolean(),
  /** Of nihil: it came after the grace of its time. */
  late: z.boolean(),
})
export type ReportItem = z.infer<typeof ReportItem>

export const ReportQuery = z.object({
  kind: z.enum(['incident', 'nihil']).optional(),
  region: z.string().max(5).optional(),
  /** Only those that are not closed. */
  open: z.enum(['1']).optional(),
  days: z.coerce.number().int().min(1).max(400).default(30),
  /** Those before this one: for the next page. */
  before: z.coerce.number().int().optional(),
})

export const ReportList = z.object({
  reports: z.array(ReportItem),
  /** Ask again with `before` for more. */
  more: z.boolean(),
})
export type ReportList = z.infer<typeof ReportList>

export const ReportDetail = ReportItem.extend({
  event_id: z.string(),
  discovered_at: Ms.nullable(),
  contact: z.object({ name: z.string(), organisation: z.string(), email: z.string(), phone: z.string() }),
  description: z.string(),
  chronology: z.string(),
  impact: z.string(),
  asset_id: z.string(),
  iiv: z.boolean(),
  personal_data: z.boolean(),
  attachments: z.array(z.object({ name: z.string(), sha256: z.string(), bytes: z.number() })),
  note: z.string(),
  /** Of nihil: what it counted for. */
  due: Ms.nullable(),
  election: z.string(),
  phase: z.string(),
  score: z.number(),
  alerts: z.array(LinkedAlert),
})
export type ReportDetail = z.infer<typeof ReportDetail>

/** What a room had to report, and did. */
export const RoomDuty = z.object({
  room: z.string(),
  name: z.string(),
  region: z.string(),
  region_name: z.string(),
  zone: TimeZone,
  last_report: Ms.nullable(),
  next_due: Ms.nullable(),
  /** Due times of the last seven days whose grace is over: all of them, and those that nobody reported for, the latest first. */
  due: z.number().int(),
  missed: z.array(Ms),
  /** The last due time whose grace is over was missed, and nothing has come since. */
  overdue: z.boolean(),
})
export type RoomDuty = z.infer<typeof RoomDuty>

export const RoomDuties = z.object({ now: Ms, rooms: z.array(RoomDuty) })
export type RoomDuties = z.infer<typeof RoomDuties>
