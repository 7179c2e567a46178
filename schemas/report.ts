// What does an Operation Room report? An incident in the four parts of the form of BSSN, or that there was nothing (nihil).
// Sources: BSSN regulation 1/2024 art. 15 (contact, description, chronology, impact); law 27/2022 art. 46 (exposed personal data).
import { z } from 'zod'
import { Severity } from './detection.ts'

/** What happened, in one word. */
export const IncidentCategory = z.enum([
  'web_defacement',
  'online_gambling',
  'web_shell',
  'unauthorised_access',
  'account_takeover',
  'data_breach',
  'malware',
  'ransomware',
  'phishing',
  'ddos',
  'outage',
  'vulnerability',
  'other',
])
export type IncidentCategory = z.infer<typeof IncidentCategory>

/** Attachments of one report, and bytes of one attachment (20 MB). */
export const MAX_ATTACHMENTS = 10
export const MAX_ATTACHMENT_BYTES = 20_000_000

const line = (max: number) => z.string().trim().min(1).max(max)

/** SHA-256 in small hex letters. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** An attachment as a report names it; its bytes were sent before. */
export const AttachmentRef = z.strictObject({ name: line(120), sha256: Sha256 })
export type AttachmentRef = z.infer<typeof AttachmentRef>

/** An incident as a room writes it. Times are texts: they are read in the zone of the room's region. */
export const IncidentInput = z.strictObject({
  /** May stand there; it must be that of the key. */
  region: z.string().optional(),
  contact: z.strictObject({
    name: line(200),
    organisation: line(200).optional(),
    email: z.email().max(200).optional(),
    phone: line(60).optional(),
  }),
  description: line(20_000),
  chronology: z.union([
    line(20_000),
    z
      .array(z.strictObject({ at: line(60), what: line(4_000) }))
      .min(1)
      .max(200),
  ]),
  impact: line(20_000),
  category: IncidentCategory,
  /** Id of a configured asset, or its name or address. */
  asset: line(300),
  severity: Severity,
  discovered_at: line(60),
  /** Vital information infrastructure (infrastruktur informasi vital). */
  iiv: z.boolean(),
  /** Personal data was exposed. */
  personal_data: z.boolean(),
  attachments: z.array(AttachmentRef).max(MAX_ATTACHMENTS).default([]),
})
export type IncidentInput = z.infer<typeof IncidentInput>

/** Nothing to report. */
export const NihilInput = z.strictObject({ region: z.string().optional(), note: line(2_000).optional() })
export type NihilInput = z.infer<typeof NihilInput>

const Time = z.iso.datetime()

/** A SHA-256 as it travels: hex digits as the letters a to p. Sixteen digits in a row may look like a citizen's number, which becomes a token. */
const LetterHash = z.string().regex(/^[a-p]{64}$/)

/** Hex digits as letters. */
export function lettersOf(sha256: string): string {
  return sha256.replace(/[0-9a-f]/g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 16)))
}

/** The hex digits that the letters stand for. */
export function digitsOf(letters: string): string {
  return letters.replace(/[a-p]/g, (letter) => (letter.charCodeAt(0) - 97).toString(16))
}

/** What stands beside every report. */
const head = {
  receipt: z.string(),
  room: z.string(),
  region: z.string(),
  zone: z.string(),
  reported_at: Time,
}

/** A report as it travels and is kept. Times are UTC. */
export const ReportRecord = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('incident'),
    ...head,
    // Without the limits of the form: tokens are longer than the numbers that they stand for.
    contact: z.strictObject({
      name: z.string(),
      organisation: z.string().optional(),
      email: z.string().optional(),
      phone: z.string().optional(),
    }),
    description: z.string(),
    chronology: z.string(),
    impact: z.string(),
    category: IncidentCategory,
    asset: z.string(),
    severity: Severity,
    discovered_at: Time,
    iiv: z.boolean(),
    /** 1 × 24 hours after discovery, where vital infrastructure is concerned. */
    iiv_due: Time.optional(),
    personal_data: z.boolean(),
    /** 3 × 24 hours after discovery, where personal data was exposed. */
    personal_data_due: Time.optional(),
    attachments: z.array(z.strictObject({ name: z.string(), hash: LetterHash, bytes: z.number().int() })),
  }),
  z.strictObject({
    kind: z.literal('nihil'),
    ...head,
    /** The due time that it was counted for, and whether its grace was over. */
    due: Time,
    late: z.boolean(),
    note: z.string().optional(),
  }),
])
export type ReportRecord = z.infer<typeof ReportRecord>
export type Incident = Extract<ReportRecord, { kind: 'incident' }>

/** What the room gets back. Local times name their zone. */
export const ReportAnswer = z.object({
  receipt: z.string(),
  kind: z.enum(['incident', 'nihil']),
  room: z.string(),
  region: z.string(),
  region_name: z.string(),
  reported_at: z.string(),
  reported_at_local: z.string(),
  clocks: z.array(
    z.object({
      /** `iiv`: BSSN regulation 1/2024; `personal_data`: law 27/2022. */
      clock: z.enum(['iiv', 'personal_data']),
      hours: z.number(),
      due: z.string(),
      due_local: z.string(),
      /** It was over when the report came. */
      passed: z.boolean(),
    }),
  ),
  attachments: z.array(z.object({ name: z.string(), sha256: z.string(), bytes: z.number() })),
  /** Of nihil: what it was counted for. */
  due: z.string().optional(),
  due_local: z.string().optional(),
  late: z.boolean().optional(),
})
export type ReportAnswer = z.infer<typeof ReportAnswer>
