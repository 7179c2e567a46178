// Which channel is made of which settings? One function for each kind.
import type { Channel } from '../../../schemas/alerting.ts'
import type { ChannelParts, ChannelSender } from './channel.ts'
import { createEmailChannel } from './email.ts'
import { createFileChannel } from './file.ts'
import { createSmsChannel } from './sms.ts'
import { createSyslogChannel } from './syslog.ts'
import { createTelegramChannel } from './telegram.ts'
import { createWebhookChannel } from './webhook.ts'
import { createWhatsappChannel } from './whatsapp.ts'

/** Makes the channel of these settings. Secrets are read when something is sent: making one never fails for a missing one. */
export function createChannel(settings: Channel, parts: ChannelParts): ChannelSender {
  switch (settings.kind) {
    case 'email':
      return createEmailChannel(settings, parts)
    case 'webhook':
      return createWebhookChannel(settings, parts)
    case 'telegram':
      return createTelegramChannel(settings, parts)
    case 'whatsapp':
      return createWhatsappChannel(settings, parts)
    case 'sms':
      return createSmsChannel(settings, parts)
    case 'syslog':
      return createSyslogChannel(settings, parts)
    case 'file':
      return createFileChannel(settings, parts)
  }
}
