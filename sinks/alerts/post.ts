// Which messages are under way? Made of pages, kept until they are delivered; what came of each attempt goes into the log.
import { createHash } from 'node:crypto'
import type { Alert, Attempt, Notification } from '../../schemas/alert.ts'
import type { Recipient } from '../../schemas/alerting.ts'
import type { Ledger } from './ledger.ts'
import type { Page } from './route/page.ts'

/** What a message has come to. */
export type Delivery = Pick<Notification, 'status' | 'due_at' | 'attempts' | 'last_error'>

/** What goes with a page beside the alert. */
export type Enclosed = Pick<Notification, 'warning' | 'summary' | 'notice'>

export interface Post {
  /** One that waits goes by the channel that its recipient has now: often the former one was given up because it does not work. */
  restore(notification: Notification): void
  /** Makes the message of a page. Its id follows from the alert and the key of the page: the same page is the same message. */
  make(alert: Alert, page: Page, now: number, enclosed?: Enclosed): void
  attempted(attempt: Attempt, delivery: Delivery): void
  /** Not delivered yet, and neither refused nor given up. */
  pending(): Notification[]
  /** Forgets what was refused or given up before this time. */
  prune(before: number): void
}

export function createPost(ledger: Ledger, recipients: readonly Recipient[]): Post {
  const all = new Map<string, Notification>()
  const channelOf = new Map(recipients.map(({ id, channel }) => [id, channel]))
  return {
    restore(notification) {
      const { notification_id, recipient, notice, status } = notification
      // Contacts of a notice are nobody's recipients, and have their channel with them.
      const channel = notice?.contact === undefined ? channelOf.get(recipient) : undefined
      if (status !== 'pending' || channel === undefined || channel === notification.channel) {
        all.set(notification_id, notification)
        return
      }
      const moved: Notification = { ...notification, channel, due_at: notification.created_at }
      all.set(notification_id, moved)
      ledger.keep({ kind: 'notification', notification: moved }, notification_id)
    },
    make(alert, page, now, enclosed = {}) {
      const notification_id = notificationId(alert.alert_id, page.key)
      if (all.has(notification_id)) return
      const notification: Notification = {
        notification_id,
        alert_id: alert.alert_id,
        channel: page.channel,
        recipient: page.recipient,
        room: page.room,
        level: page.level,
        reason: page.reason,
        created_at: now,
        due_at: now,
        attempts: 0,
        last_error: '',
        status: 'pending',
        alert,
        ...enclosed,
      }
      all.set(notification_id, notification)
      ledger.keep({ kind: 'notification', notification }, notification_id)
      ledger.offer(notification)
    },
    attempted(attempt, delivery) {
      const notification = all.get(attempt.notification_id)
      if (notification === undefined) return
      const { region_code, owner } = notification.alert
      ledger.log({ kind: 'attempt', region_code, owner, attempt })
      if (delivery.status === 'delivered') {
        all.delete(notification.notification_id)
        ledger.forget('notification', notification.notification_id)
        return
      }
      const changed = { ...notification, ...delivery }
      all.set(changed.notification_id, changed)
      ledger.keep({ kind: 'notification', notification: changed }, changed.notification_id)
    },
    pending: () => [...all.values()].filter(({ status }) => status === 'pending'),
    prune(before) {
      for (const [id, { status, created_at }] of all)
        if (status !== 'pending' && created_at < before) {
          all.delete(id)
          ledger.forget('notification', id)
        }
    },
  }
}

/** Letters and digits that nobody takes for one another. */
function notificationId(alertId: string, pageKey: string): string {
  return `N-${createHash('sha256').update(`${alertId}\n${pageKey}`).digest('hex').slice(0, 24)}`
}
