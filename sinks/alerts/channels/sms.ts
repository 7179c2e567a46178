// How does an SMS gateway take a message? Number and short text as JSON or as a form.
import type { ChannelOf } from '../../../schemas/alerting.ts'
import type { ChannelParts, ChannelSender } from './channel.ts'
import { createHttpSender, jsonText } from './http.ts'
import { phoneOf } from './phone.ts'
import { defuseAround, linkOf } from './text.ts'

const MAX_TEXT = 320

/** Posts `short` to `settings.url`; a token is sent as a bearer token. Gateways differ in what they answer: the status alone counts. */
export function createSmsChannel(settings: ChannelOf<'sms'>, parts: ChannelParts): ChannelSender {
  return createHttpSender(settings, parts, ({ recipient, message }, secretOf) => {
    const to = phoneOf(recipient?.to ?? '')
    if (to === undefined) return { kind: 'refused', detail: 'the recipient has no phone number (to)' }
    const token = secretOf('token', settings.token)
    const fields = {
      [settings.to_field]: to,
      [settings.text_field]: defuseAround(message.short, linkOf(message) === '' ? '' : message.link, MAX_TEXT),
    }
    const json = settings.body === 'json'
    return {
      url: new URL(settings.url),
      contentType: json ? 'application/json' : 'application/x-www-form-urlencoded',
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
      body: json ? jsonText(fields) : new URLSearchParams(fields).toString(),
      secrets: [to, to.replace('+', '')],
    }
  })
}
