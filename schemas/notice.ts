// What is a notice? What the owner of a system is told of an alert about it, what they answered, and whether it is over.
import { z } from 'zod'
import { Actor, Level } from './actor.ts'
import { Severity } from './detection.ts'
import { Language } from './language.ts'

/** Milliseconds since 1970 UTC; 0 for never. */
const Time = z.int()

/** Longest text that a person may write about a notice, and how many of them are kept. */
export const MAX_NOTICE_TEXT = 1_000
export const MAX_NOTICE_ANSWERS = 20

/**
 * sent → received (the button was pressed) → answered → fixed (the owner says so) → verified (a look after that finds nothing), or failed_check (it is
 * there again) and fixed once more. `withdrawn`: nobody has to do anything any more.
 */
export const NoticeState = z.enum(['sent', 'received', 'answered', 'fixed', 'verified', 'failed_check', 'withdrawn'])
export type NoticeState = z.infer<typeof NoticeState>

/** Nothing is waited for any more. */
export const endedNotices: ReadonlySet<NoticeState> = new Set(['verified', 'withdrawn'])

/** Somebody who is told on behalf of the owner. */
const NoticeContact = z.object({
  name: z.string(),
  channel: z.string(),
  to: z.string(),
  language: Language,
  /** SHA-256 of the tokens of their link, hex; several only if the key that they are made with has changed. */
  token_hashes: z.array(z.string()),
})

/** What the owner has written. */
const NoticeAnswer = z.object({ at: Time, by: z.string(), contact: z.int(), text: z.string() })

export const Notice = z.object({
  /** `P-…` */
  notice_id: z.string(),
  alert_id: z.string(),
  asset_id: z.string(),
  asset_name: z.string(),
  region_code: z.string(),
  owner: z.string(),
  /** Of the alert when the notice was made; nothing of its evidence. */
  rule_id: z.string(),
  title: z.string(),
  severity: Severity,
  attack: z.array(z.string()),
  first_seen: Time,
  last_seen: Time,
  /** A finding of one of these rules about the asset after `fixed_at` says that it is not fixed. */
  rules: z.array(z.string()),
  /** Probes found it, so a probe can tell that it is gone. */
  by_probe: z.boolean(),
  /** What whoever made it adds in their own words. */
  text: z.string(),
  made_by: Actor,
  contacts: z.array(NoticeContact),
  state: NoticeState,
  sent_at: Time,
  received_at: Time,
  answered_at: Time,
  fixed_at: Time,
  checked_at: Time,
  ended_at: Time,
  changed_at: Time,
  /** Until when an answer is asked for. */
  answer_by: Time,
  answers: z.array(NoticeAnswer),
  /** From when on silence is counted, and what was done about it since then. */
  waiting_since: Time,
  reminders: z.int(),
  climbed: z.array(Level),
  /** Counts up with every step. */
  version: z.int(),
})
export type Notice = z.infer<typeof Notice>

/** What happened to a notice: a change of its state, or something done about silence. */
const NoticeWhat = z.enum([...NoticeState.options, 'reminded', 'climbed'])

/** One step, appended and never changed. */
export const NoticeStep = z.object({ at: Time, what: NoticeWhat, by: Actor, text: z.string() })
export type NoticeStep = z.infer<typeof NoticeStep>

/** What a message about a notice needs beside the alert. */
export const NoticeEnclosed = z.object({
  notice_id: z.string(),
  asset_name: z.string(),
  text: z.string(),
  sent_at: Time,
  answer_by: Time,
  state: NoticeState,
  /** Which reminder it is; 0 for the first message. */
  reminder: z.int(),
  /** Whom it goes to; missing where a room is told. */
  contact: z.object({ index: z.int(), name: z.string(), to: z.string(), language: Language }).optional(),
})
export type NoticeEnclosed = z.infer<typeof NoticeEnclosed>

/** What is asked for about a notice. */
export const NoticeRequest = z.object({
  kind: z.literal('notice'),
  request_id: z.string(),
  at: Time,
  actor: Actor,
  what: z.enum(['make', 'withdraw', 'received', 'answer', 'fixed', 'verified']),
  /** Of `make`. */
  alert_id: z.string().default(''),
  /** Of all others; of `make` the id that it shall have. */
  notice_id: z.string(),
  /** Of what the owner does: SHA-256 of the token, hex. */
  token_hash: z.string().default(''),
  text: z.string().max(MAX_NOTICE_TEXT).default(''),
  /** Of `verified` by Siaga itself: the claim that was checked. */
  fixed_at: Time.default(0),
})
export type NoticeRequest = z.infer<typeof NoticeRequest>

/** The id of the notice that a request makes; of requests whose ids are long and random, or hashes. */
export function noticeIdOf(requestId: string): string {
  return `P-${requestId.replaceAll('-', '').slice(0, 16)}`
}

/** How long the link of a notice shows something after its end, and a notice waits for a step before it lapses. */
const DAY_MS = 86_400_000
export const NOTICE_SHOWN_MS = 30 * DAY_MS
export const NOTICE_LAPSES_MS = 90 * DAY_MS

/** A probe that began before the claim may end after it: what it says counts from so long after the claim on. */
export const CHECK_AFTER_MS = 60_000

/** True until 30 days after the end. */
export function isNoticeShown({ ended_at }: Pick<Notice, 'ended_at'>, now: number): boolean {
  return ended_at === 0 || now < ended_at + NOTICE_SHOWN_MS
}
