// How does a notification become a message? In the language of its recipient, and only as much as its channel may carry outside.
import type { Reference } from '../../runtime/reference.ts'
import { AskReason, type Notification, type NotificationReason } from '../../schemas/alert.ts'
import type { Alerts, Recipient } from '../../schemas/alerting.ts'
import type { Asset } from '../../schemas/config.ts'
import type { Room } from '../../schemas/room.ts'
import type { Outgoing } from './channels/channel.ts'
import { renderMessage } from './message/message.ts'
import type { RuleText } from './message/options.ts'
import { deadlineAt } from './route/ladder.ts'

export interface RenderConfig {
  readonly alerts: Alerts
  readonly rooms: readonly Room[]
  readonly assets: readonly Asset[]
}

/** Link of a contact (by its index) to a notice. */
export type NoticeLinks = (noticeId: string, contact: number) => string

/** A function that writes messages. `rules` is asked each time: rules change while Siaga runs. */
export function createRenderer(
  { alerts, rooms, assets }: RenderConfig,
  reference: Pick<Reference, 'regions' | 'phases'>,
  rules: () => ReadonlyMap<string, RuleText>,
  noticeLink?: NoticeLinks,
): (notification: Notification) => Outgoing {
  const recipients = new Map(alerts.recipients.map((recipient) => [recipient.id, recipient]))
  const outside = new Set(alerts.channels.filter((channel) => channel.outside).map(({ id }) => id))
  const assetOf = new Map(assets.map((asset) => [asset.id, asset]))
  const roomOf = new Map(rooms.map((room) => [room.id, room]))
  return (notification) => {
    const { alert, due_at } = notification
    const recipient = ownerOf(notification) ?? recipients.get(notification.recipient)
    const message = renderMessage(notification, {
      language: recipient?.language ?? 'id',
      outside: outside.has(notification.channel),
      publicUrl: alerts.public_url,
      noticeLink,
      reference,
      assets: assetOf,
      rules: rules(),
      rooms: roomOf,
      deadline: waitsForSomebody(notification)
        ? due_at + deadlineAt({ settings: alerts, reference }, alert.region_code, alert.severity, due_at)
        : undefined,
    })
    return { notification, recipient, message }
  }
}

/** Whom a notice goes to: nobody of the configuration's recipients. */
function ownerOf({ notice, channel, recipient }: Notification): Recipient | undefined {
  if (notice?.contact === undefined) return undefined
  const { name, to, language } = notice.contact
  return { id: recipient, name, channel, to, language }
}

const asking: ReadonlySet<NotificationReason> = new Set([...AskReason.options, 'escalated'])

function waitsForSomebody({ reason }: Notification): boolean {
  return asking.has(reason)
}
