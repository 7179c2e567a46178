// Which messages go out about a notice? To each contact of the owner, and to the rooms that hear of silence or of what is not fixed.
import type { Level } from '../../../schemas/actor.ts'
import type { Alert, Notification } from '../../../schemas/alert.ts'
import type { Alerts } from '../../../schemas/alerting.ts'
import type { Notice, NoticeEnclosed } from '../../../schemas/notice.ts'
import { blankAlert } from '../blank.ts'
import type { Post } from '../post.ts'

export interface NoticeMailParts {
  readonly settings: Pick<Alerts, 'recipients'>
  readonly post: Pick<Post, 'make'>
}

export interface NoticePost {
  /** A message to each contact. */
  toOwner(notice: Notice, now: number): void
  toRoom(
    notice: Notice,
    to: {
      readonly room: string
      readonly level: Level
      readonly ids: readonly string[]
      readonly reason: 'notice_silent' | 'notice_failed'
    },
    now: number,
  ): void
}

/** Keys of the messages follow from the version of the notice: a step that is made again makes no second message. */
export function createNoticePost({ settings, post }: NoticeMailParts): NoticePost {
  const recipients = new Map(settings.recipients.map((recipient) => [recipient.id, recipient]))
  return {
    toOwner(notice, now) {
      const { notice_id, version, contacts } = notice
      contacts.forEach(({ name, channel, to, language }, index) => {
        const page = {
          key: `notice-${notice_id}|${version}|owner|${index}`,
          room: '',
          level: '',
          recipient: `${notice_id}.${index}`,
          channel,
          reason: 'notice',
          due_at: now,
        } as const
        const contact = { index, name, to, language }
        post.make(alertOf(notice), page, now, { notice: { ...enclosed(notice), contact } })
      })
    },
    toRoom(notice, { room, level, ids, reason }, now) {
      for (const id of ids) {
        const recipient = recipients.get(id)
        if (recipient === undefined) continue
        const key = `${reason}-${notice.notice_id}|${notice.version}|${level}|${room}|${id}`
        const page = { key, room, level, recipient: id, channel: recipient.channel, reason, due_at: now }
        post.make(alertOf(notice), page, now, { notice: enclosed(notice) })
      }
    },
  }
}

function enclosed({ notice_id, asset_name, text, sent_at, answer_by, state, reminders }: Notice): NoticeEnclosed {
  return { notice_id, asset_name, text, sent_at, answer_by, state, reminder: reminders }
}

/** What is told to a contact, as a message that is never sent: for the page behind the link. */
export function shownNotification(notice: Notice): Notification {
  return {
    notification_id: '',
    alert_id: notice.alert_id,
    channel: '',
    recipient: '',
    room: '',
    level: '',
    reason: 'notice',
    created_at: notice.sent_at,
    due_at: notice.sent_at,
    attempts: 0,
    last_error: '',
    status: 'pending',
    alert: alertOf(notice),
    notice: { ...enclosed(notice), reminder: 0, contact: { index: 0, name: '', to: '', language: 'id' } },
  }
}

/** The alert as far as the owner hears of it: no entity, no evidence, no actions. */
function alertOf(notice: Notice): Alert {
  const { alert_id, rule_id, title, severity, region_code, owner, asset_id, attack, first_seen, last_seen } = notice
  const told = { alert_id, rule_id, title, severity, region_code, owner, asset_id, attack, first_seen, last_seen }
  return blankAlert(notice.changed_at, told)
}
