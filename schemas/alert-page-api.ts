// What does the page of alerts ask beside the alerts themselves? Counts, raw lines with what matched in them, an entity's hours, several actions at once.
import { z } from 'zod'
import { AlertVerb } from './alert.ts'
import { AlertItem, FactorItem, Refusal } from './alert-api.ts'
import { Severity } from './detection.ts'

const When = z.iso.datetime().describe('UTC')

export const AlertCounts = z
  .object({
    at: When.describe('Time of the server, by which deadlines are counted'),
    total: z.int().describe('How many fit'),
    severity: z.record(Severity, z.int()),
    unacknowledged: z.int(),
    overdue: z.int(),
    regions: z
      .array(z.object({ code: z.string(), name: z.string(), alerts: z.int() }))
      .describe('Of all alerts that are not closed, the most first, as are the lists beneath'),
    rules: z.array(z.object({ id: z.string(), title: z.string(), alerts: z.int() })),
    assignees: z.array(z.object({ name: z.string(), alerts: z.int() })),
  })
  .meta({ id: 'AlertCounts' })
export type AlertCounts = z.infer<typeof AlertCounts>

/** Part of a line: [start, end) in UTF-16 code units, as JavaScript counts. */
export const Mark = z
  .object({
    start: z.int(),
    end: z.int(),
    kind: z
      .enum(['match', 'near', 'observable'])
      .describe('match: what the rule looks for; near: that, with a little around it; observable: whom it is about'),
    field: z.string(),
  })
  .meta({ id: 'Mark' })
export type Mark = z.infer<typeof Mark>

export const EvidencePage = z
  .object({
    known: z.boolean().describe('False: ClickHouse does not answer'),
    events: z.array(
      z.object({
        id: z.string(),
        at: When,
        source: z.string(),
        dataset: z.string(),
        region: z.string(),
        score: z.int(),
        message: z.string().describe('The line as received: text of attackers, never to be shown as HTML'),
        cut: z.boolean().describe('The line goes on'),
        marks: z.array(Mark).describe('In order, none over another'),
        factors: z.array(FactorItem).describe('All of its score'),
        fields: z.array(z.object({ field: z.string(), value: z.string() })).describe('What was read of it'),
      }),
    ),
    missing: z
      .int()
      .describe('Events of the worst findings that are not (or no more) in the store, or not for this room'),
  })
  .meta({ id: 'EvidencePage' })
export type EvidencePage = z.infer<typeof EvidencePage>

export const TimelineQuery = z.strictObject({
  hours: z.coerce
    .number()
    .int()
    .min(1)
    .max(168)
    .default(48)
    .describe('Full hours, the last one that of the last finding'),
})

export const EntityTimeline = z
  .object({
    entity: z.string(),
    from: When,
    until: When,
    events_known: z.boolean().describe('False: events cannot be asked by this kind of entity'),
    hours: z
      .array(
        z.object({
          at: When.describe('Begin of the hour'),
          events: z.int(),
          score: z.int().describe('Highest'),
          findings: z.int(),
        }),
      )
      .describe('Every hour, quiet ones too'),
    findings: z
      .array(
        z.object({
          rule: z.string(),
          title: z.string(),
          severity: Severity,
          findings: z.int(),
          first: When,
          last: When,
        }),
      )
      .describe('By rule, the most severe first'),
  })
  .meta({ id: 'EntityTimeline' })
export type EntityTimeline = z.infer<typeof EntityTimeline>

/** Most alerts of one request. */
const MAX_BULK = 100

export const BulkBody = z
  .object({
    verb: AlertVerb,
    ids: z.array(z.string().min(1).max(64)).min(1).max(MAX_BULK),
    reason: z.string().max(4000).default(''),
    assignee: z.string().max(200).default(''),
    other: z.string().max(64).default(''),
  })
  .meta({ id: 'BulkBody' })

export const BulkAnswer = z
  .object({
    answers: z
      .array(
        z.object({
          id: z.string(),
          outcome: z.enum(['done', 'accepted', 'refused']),
          alert: AlertItem.optional(),
          refusal: Refusal.optional(),
        }),
      )
      .describe('One for each id, in its order'),
  })
  .meta({ id: 'BulkAnswer' })
export type BulkAnswer = z.infer<typeof BulkAnswer>
