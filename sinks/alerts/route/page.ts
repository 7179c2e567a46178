// What is a page? One recipient to be told of one alert by one channel, from a moment on.
import type { Level, NotificationReason } from '../../../schemas/alert.ts'
import type { Recipient } from '../../../schemas/alerting.ts'

export interface Page {
  /** Ask, step, room and recipient: the same whenever and however often it is planned. Unique within an alert. */
  readonly key: string
  /** Empty for fallback recipients and for what is forwarded to machines. */
  readonly room: string
  readonly level: Level | ''
  /** Empty for what is forwarded to machines. */
  readonly recipient: string
  /** Id of the channel. */
  readonly channel: string
  readonly reason: NotificationReason
  /** Milliseconds since 1970 UTC. */
  readonly due_at: number
}

/** What all pages of one step to one room have in common. */
export type PageStep = Pick<Page, 'room' | 'level' | 'reason' | 'due_at'> & {
  /** Ask and step. */
  readonly step: string
}

/** Pages of a step to these recipients; those that do not exist are left out. */
export function pagesTo(
  { step, ...page }: PageStep,
  recipients: readonly string[],
  known: ReadonlyMap<string, Recipient>,
): Page[] {
  return recipients.flatMap((id) => {
    const recipient = known.get(id)
    if (recipient === undefined) return []
    return { ...page, key: `${step}|${page.room}|${id}`, recipient: id, channel: recipient.channel }
  })
}

/** The same page to another recipient of the same room. */
export function redirected(page: Page, recipient: Recipient): Page {
  const stem = page.key.slice(0, page.key.length - page.recipient.length)
  return { ...page, key: stem + recipient.id, recipient: recipient.id, channel: recipient.channel }
}

/** One message to a recipient at one time, however many rooms it is on duty in: the first of them. */
export function onceEach(pages: readonly Page[]): Page[] {
  const told = new Set<string>()
  return pages.filter(({ due_at, recipient }) => {
    const once = `${due_at}|${recipient}`
    if (told.has(once)) return false
    told.add(once)
    return true
  })
}
