// How does Telegram take a message? By sendMessage of its Bot API (core.telegram.org/bots/api).
import { z } from 'zod'
import type { ChannelOf } from '../../../schemas/alerting.ts'
import type { ChannelParts, ChannelSender, Message, SendOutcome } from './channel.ts'
import {
  type Answer,
  answerJson,
  answerText,
  beneath,
  createHttpSender,
  jsonText,
  outcomeOf,
  retry,
  waitOf,
} from './http.ts'
import { cut, defuse, linkOf, partsWithin } from './text.ts'

/** Characters of a message, counted without its marks. */
const MAX_TEXT = 4096

const Reply = z.object({
  ok: z.boolean(),
  description: z.string().default(''),
  parameters: z.object({ retry_after: z.number().optional(), migrate_to_chat_id: z.number().optional() }).default({}),
})

/** Posts to `<url>/bot<token>/sendMessage`; the token is in no detail. */
export function createTelegramChannel(settings: ChannelOf<'telegram'>, parts: ChannelParts): ChannelSender {
  return createHttpSender(settings, parts, ({ recipient, message }, secretOf) => {
    const to = recipient?.to.trim() ?? ''
    if (to === '') return { kind: 'refused', detail: 'the recipient has no chat id (to)' }
    const token = secretOf('token', settings.token)
    return {
      url: beneath(settings.url, `bot${encodeURIComponent(token).replaceAll('%3A', ':')}/sendMessage`),
      contentType: 'application/json',
      body: jsonText({
        chat_id: to,
        text: textOf(message, settings.outside),
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
        // What older servers of the Bot API know it by.
        disable_web_page_preview: true,
      }),
      secrets: [to],
      judge,
    }
  })
}

/** Evidence stands in blocks of code, where Telegram finds no links, mentions and commands of bots. */
function textOf(message: Message, outside: boolean): string {
  const link = linkOf(message)
  const head = [cut(defuse(message.title), 500), cut(defuse(message.severity), 100), cut(defuse(message.region), 200)]
  const [title = '', ...facts] = head
  // What stands between parts counts too: five characters each.
  const left = MAX_TEXT - head.join('').length - link.length - 20 - message.parts.length * 5
  const blocks = partsWithin(outside ? [] : message.parts, left).map(
    ({ label, lines }) => `<b>${escaped(label)}</b>\n<pre>${escaped(lines.join('\n'))}</pre>`,
  )
  return [
    `<b>${escaped(title)}</b>`,
    escaped(facts.filter((fact) => fact !== '').join(' · ')),
    ...blocks,
    escaped(link),
  ]
    .filter((piece) => piece !== '')
    .join('\n\n')
}

/** The characters that HTML is made with, as the Bot API asks for. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

function judge(answer: Answer): SendOutcome | undefined {
  const reply = Reply.safeParse(answerJson(answer))
  const ok = answer.status >= 200 && answer.status < 300
  if (!reply.success) return ok ? retry('HTTP 200, but not an answer of Telegram') : undefined
  const { description, parameters } = reply.data
  if (ok && reply.data.ok) return { kind: 'delivered', detail: `HTTP ${answer.status}` }
  const said = { ...answer, text: description, retryAfterMs: waitOf(parameters.retry_after) ?? answer.retryAfterMs }
  if (ok) return retry(answerText(said), said.retryAfterMs)
  // The group has become a supergroup: people set its new id.
  if (parameters.migrate_to_chat_id !== undefined) return retry('the group has a new chat id (to)')
  // Blocked by the person, or thrown out of the group.
  if (answer.status === 403) return { kind: 'refused', detail: answerText(said) }
  return outcomeOf(said)
}
