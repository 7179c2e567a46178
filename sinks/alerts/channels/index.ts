// Which channel is made of which settings? One function for each kind.
import type { ChannelOf } from '../../../schemas/alerting.ts'
import type { ChannelParts, ChannelSender } from './channel.ts'
import { createSmsChannel } from './sms.ts'
import { createTelegramChannel } from './telegram.ts'
import { createWebhookChannel } from './webhook.ts'
import { createWhatsappChannel } from './whatsapp.ts'

// LEAD: with email.ts, syslog.ts and file.ts merged, this becomes `Channel` of schemas/alerting.ts; the compiler then asks for their cases.
type HttpChannel = ChannelOf<'webhook' | 'telegram' | 'whatsapp' | 'sms'>

/** Makes the channel of these settings. Secrets are read when something is sent: making one never fails for a missing one. */
export function createChannel(settings: HttpChannel, parts: ChannelParts): ChannelSender {
  switch (settings.kind) {
    case 'webhook':
      return createWebhookChannel(settings, parts)
    case 'telegram':
      return createTelegramChannel(settings, parts)
    case 'whatsapp':
      return createWhatsappChannel(settings, parts)
    case 'sms':
      return createSmsChannel(settings, parts)
    // LEAD: email → createEmailChannel, syslog → createSyslogChannel, file → createFileChannel.
    default:
      return unknownKind(settings)
  }
}

/** Every kind has its case: the compiler sees to it. */
function unknownKind(settings: never): never {
  throw new Error(`a kind of channel without a case: ${JSON.stringify(settings)}`)
}
