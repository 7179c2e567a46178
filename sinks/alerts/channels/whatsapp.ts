// How does WhatsApp take a message? As an approved template by the Cloud API of Meta (developers.facebook.com/docs/whatsapp).
import { z } from 'zod'
import type { ChannelOf } from '../../../schemas/alerting.ts'
import type { ChannelParts, ChannelSender, SendOutcome } from './channel.ts'
import { type Answer, answerJson, answerText, beneath, createHttpSender, jsonText, outcomeOf, retry } from './http.ts'
import { phoneOf } from './phone.ts'
import { cut, defuse, linkOf } from './text.ts'

const Taken = z.object({ messages: z.array(z.object({ id: z.string() })).min(1) })
const Failed = z.object({
  error: z.object({
    code: z.int(),
    message: z.string().default(''),
    error_data: z.object({ details: z.string().default('') }).optional(),
  }),
})

/** Codes that pass by themselves: limits of rate, faults of Meta, maintenance, a number that is held back for a while. */
const passing: ReadonlySet<number> = new Set([
  1, 2, 4, 368, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 133004, 133016,
])
/** Codes that people repair: token, permissions, account, payment, number, template. */
const repairable: ReadonlySet<number> = new Set([
  0, 3, 10, 33, 190, 131005, 131031, 131037, 131042, 131045, 132000, 132001, 132005, 132007, 132012, 132015, 132016,
  133005, 133006, 133010, 134011,
])
/** Codes that no attempt changes: a number without WhatsApp, or one that may not be written to. */
const final: ReadonlySet<number> = new Set([
  100, 130472, 130497, 131008, 131009, 131021, 131026, 131030, 131047, 131050, 131051,
])

/** Posts a template with four parameters: severity, region, title, link. Nothing else ever goes that way, whatever `outside` says. */
export function createWhatsappChannel(settings: ChannelOf<'whatsapp'>, parts: ChannelParts): ChannelSender {
  return createHttpSender(settings, parts, ({ recipient, message }, secretOf) => {
    const to = phoneOf(recipient?.to ?? '')
    if (to === undefined) return { kind: 'refused', detail: 'the recipient has no phone number (to)' }
    const token = secretOf('token', settings.token)
    const words = [cut(defuse(message.severity), 60), cut(defuse(message.region), 120), cut(defuse(message.title), 400)]
    return {
      url: beneath(settings.url, `${settings.phone_number_id}/messages`),
      contentType: 'application/json',
      headers: { authorization: `Bearer ${token}` },
      body: jsonText({
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        to: to.replace('+', ''),
        type: 'template',
        template: {
          name: settings.template,
          language: { code: message.language },
          components: [
            {
              type: 'body',
              parameters: [...words, linkOf(message)].map((text) => ({ type: 'text', text: parameter(text) })),
            },
          ],
        },
      }),
      secrets: [to, to.replace('+', '')],
      judge,
    }
  })
}

/** Meta refuses parameters that are empty, or with more than four spaces in a row. */
function parameter(text: string): string {
  return text.trim().replace(/ {2,}/g, ' ') || '-'
}

function judge(answer: Answer): SendOutcome | undefined {
  const json = answerJson(answer)
  const ok = answer.status >= 200 && answer.status < 300
  if (ok && Taken.safeParse(json).success) return { kind: 'delivered', detail: `HTTP ${answer.status}` }
  const failed = Failed.safeParse(json)
  if (!failed.success) return ok ? retry('HTTP 200, but not an answer of WhatsApp') : undefined
  const { code, message, error_data: data } = failed.data.error
  const said = { ...answer, text: `${code} ${data?.details || message}` }
  if (passing.has(code)) return retry(answerText(said), answer.retryAfterMs)
  if (repairable.has(code) || (code >= 200 && code <= 299)) return retry(answerText(said))
  if (final.has(code)) return { kind: 'refused', detail: answerText(said) }
  return ok ? retry(answerText(said)) : outcomeOf(said)
}
