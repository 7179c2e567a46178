// How does Teams show a message? An Adaptive Card by the webhook of a workflow (adaptivecards.io, learn.microsoft.com).
import type { Severity } from '../../../schemas/detection.ts'
import type { SendOutcome } from './channel.ts'
import { type Answer, answerText, retry } from './http.ts'
import type { Preset } from './preset.ts'
import { cut, defuse, linkOf, linkWords, partsWithin } from './text.ts'

const colours: Readonly<Record<Severity, string>> = {
  critical: 'Attention',
  high: 'Attention',
  medium: 'Warning',
  low: 'Accent',
  informational: 'Default',
}
/** A message of Teams is at most 28 KB, of which the frame of every line takes some 150 bytes. */
const MAX_PARTS_CHARACTERS = 3500
const MAX_LINES = 60

/** Runs of a RichTextBlock are shown as they are; a TextBlock would read markdown. Nobody can be mentioned without `msteams.entities`. */
export const teams: Preset = ({ notification, message }, { outside }) => {
  const link = linkOf(message)
  const facts = [message.severity, message.region].filter((text) => text !== '').map((text) => cut(defuse(text), 200))
  const parts = outside ? [] : partsWithin(message.parts, MAX_PARTS_CHARACTERS)
  const lines = parts.flatMap(({ label, lines }) => [
    rich(label, { weight: 'Bolder' }),
    ...lines.map((line) => rich(line, { fontType: 'Monospace' }, 'None')),
  ])
  return {
    body: {
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            msteams: { width: 'Full' },
            body: [
              rich(cut(defuse(message.title), 300), {
                weight: 'Bolder',
                size: 'Large',
                color: colours[notification.alert.severity],
              }),
              ...(facts.length === 0 ? [] : [rich(facts.join(' · '), {})]),
              ...lines.slice(0, MAX_LINES),
            ],
            actions: link === '' ? [] : [{ type: 'Action.OpenUrl', title: linkWords(message), url: link }],
          },
        },
      ],
    },
    judge,
  }
}

function rich(text: string, style: Readonly<Record<string, string>>, spacing = 'Default') {
  return { type: 'RichTextBlock', spacing, inlines: [{ type: 'TextRun', text: text || '-', ...style }] }
}

/** Teams has answered 200 for what it did not take, with the status in words; a workflow that is switched off answers 400. */
function judge(answer: Answer): SendOutcome | undefined {
  const { status, text } = answer
  if (status < 300 && text.includes('HTTP error')) return retry(answerText(answer), answer.retryAfterMs)
  if (status === 400 && text.includes('TriggerIsNotEnabled')) return retry(answerText(answer))
  return undefined
}
