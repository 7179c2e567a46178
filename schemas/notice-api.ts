// What does the API say of notices to owners? For rooms: what was told, what came of it; no address of a contact.
import { z } from 'zod'
import { Severity } from './detection.ts'
import { MAX_NOTICE_TEXT, NoticeState } from './notice.ts'

const When = z.iso.datetime().describe('UTC')

export const NoticeItem = z
  .object({
    id: z.string(),
    alert: z.string(),
    asset: z.string(),
    asset_name: z.string(),
    region: z.string(),
    region_name: z.string(),
    owner: z.string(),
    severity: Severity,
    title: z.string(),
    state: NoticeState,
    text: z.string().describe('What whoever made it has added'),
    made_by: z.string(),
    contacts: z.array(z.object({ name: z.string(), channel: z.string() })),
    sent_at: When,
    received_at: When.optional(),
    answered_at: When.optional(),
    fixed_at: When.optional(),
    checked_at: When.optional(),
    ended_at: When.optional(),
    answer_by: When,
    changed_at: When,
    answers: z
      .array(z.object({ at: When, by: z.string(), text: z.string() }))
      .describe('What the owner wrote: text of others, never to be shown as HTML'),
    by_probe: z.boolean().describe('Probes check a claim that it is fixed; otherwise a person must'),
    reminders: z.int(),
    climbed: z.array(z.string()).describe('Levels that were told of silence'),
    version: z.int(),
  })
  .meta({ id: 'NoticeItem' })
export type NoticeItem = z.infer<typeof NoticeItem>

export const NoticeQuery = z.strictObject({
  state: NoticeState.optional().describe('Without it, all that wait for something'),
  alert: z.string().optional(),
  asset: z.string().optional(),
  all: z.stringbool().default(false).describe('Those that have ended too'),
})

export const NoticeBody = z
  .object({ text: z.string().max(MAX_NOTICE_TEXT).default('').describe('Added to the message, in your own words') })
  .meta({ id: 'NoticeBody' })

export const NoticeReason = z
  .object({ reason: z.string().trim().min(1).max(MAX_NOTICE_TEXT).describe('Why, in a sentence') })
  .meta({ id: 'NoticeReason' })
