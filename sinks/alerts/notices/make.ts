// What does a new notice hold? What its owner needs of the alert, nothing of the evidence, and whom it goes to.
import { createHash } from 'node:crypto'
import type { NoticeTokens } from '../../../runtime/notice-token.ts'
import type { Actor } from '../../../schemas/actor.ts'
import type { Alert } from '../../../schemas/alert.ts'
import type { Asset } from '../../../schemas/config.ts'
import { MAX_NOTICE_TEXT, type Notice } from '../../../schemas/notice.ts'
import { PROBE_SOURCE } from '../../../schemas/raw-event.ts'

export interface NoticeMaking {
  readonly id: string
  readonly by: Actor
  readonly text: string
  readonly answerHours: number
}

const HOUR_MS = 3_600_000
const MAX_RULES = 50
/** Hashes that a contact keeps: the link of the last message, and of those made with keys before. */
const MAX_HASHES = 4

/** A notice that is sent now, without tokens yet. Milliseconds since 1970 UTC. */
export function newNotice(
  alert: Alert,
  asset: Asset,
  { id, by, text, answerHours }: NoticeMaking,
  now: number,
): Notice {
  return {
    notice_id: id,
    alert_id: alert.alert_id,
    asset_id: asset.id,
    asset_name: asset.name,
    region_code: alert.region_code,
    owner: alert.owner,
    rule_id: alert.rule_id,
    title: alert.title,
    severity: alert.severity,
    attack: alert.attack,
    first_seen: alert.first_seen,
    last_seen: alert.last_seen,
    rules: alert.rules.slice(0, MAX_RULES).map(({ rule_id }) => rule_id),
    by_probe: alert.worst.some(({ source_id }) => source_id === PROBE_SOURCE),
    text: text.trim().slice(0, MAX_NOTICE_TEXT),
    made_by: by,
    contacts: (asset.contacts ?? []).map((contact) => ({ ...contact, token_hashes: [] })),
    state: 'sent',
    sent_at: now,
    received_at: 0,
    answered_at: 0,
    fixed_at: 0,
    checked_at: 0,
    ended_at: 0,
    changed_at: now,
    answer_by: now + answerHours * HOUR_MS,
    answers: [],
    waiting_since: now,
    reminders: 0,
    climbed: [],
    version: 1,
  }
}

/** The id of the notice that a rule sends about an alert by itself: one, however often it is looked at. */
export function automaticId(alertId: string): string {
  return `P-${createHash('sha256').update(`automatic ${alertId}`).digest('hex').slice(0, 12)}`
}

/** The contacts know the link that the next message carries; those of a key that was replaced stay good. */
export function withToken(notice: Notice, tokens: Pick<NoticeTokens, 'hash'>): Notice {
  const contacts = notice.contacts.map((contact, index) => {
    const hash = tokens.hash(notice.notice_id, index)
    if (contact.token_hashes.includes(hash)) return contact
    return { ...contact, token_hashes: [...contact.token_hashes, hash].slice(-MAX_HASHES) }
  })
  return { ...notice, contacts }
}
