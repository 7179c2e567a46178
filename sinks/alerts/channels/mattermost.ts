// How does Mattermost show a message? One attachment by an incoming webhook (developers.mattermost.com, "Message attachments").
import type { Severity } from '../../../schemas/detection.ts'
import type { Preset } from './preset.ts'
import { cut, defuse, linkOf, linkWords, partsWithin } from './text.ts'

const colours: Readonly<Record<Severity, string>> = {
  critical: '#b3001b',
  high: '#d9480f',
  medium: '#e8a200',
  low: '#2f7ed8',
  informational: '#868e96',
}
/** A message of Mattermost holds 16,383 characters. */
const MAX_PARTS_CHARACTERS = 8000

/**
 * Everything is markdown there: words are escaped, evidence stands in blocks of code that are fenced with more backticks than it holds.
 * Not `title`: it is markdown or not, depending on whether there is a link.
 */
export const mattermost: Preset = ({ notification, message }, { outside }) => {
  const link = linkOf(message)
  const title = cut(defuse(message.title), 300)
  const facts = [message.severity, message.region].filter((text) => text !== '').map((text) => cut(defuse(text), 200))
  const parts = outside ? [] : partsWithin(message.parts, MAX_PARTS_CHARACTERS)
  const text = [
    `**${escaped(title)}**`,
    facts.map(escaped).join(' · '),
    ...parts.map(({ label, lines }) => `**${escaped(label)}**\n${fenced(lines)}`),
    link === '' ? '' : `[${linkWords(message)}](${link})`,
  ]
  return {
    body: {
      text: '',
      attachments: [
        {
          fallback: title,
          color: colours[notification.alert.severity],
          text: text.filter((piece) => piece !== '').join('\n\n'),
        },
      ],
    },
  }
}

/** A block of code that its content cannot end: the fence is longer than any run of backticks in it. */
function fenced(lines: readonly string[]): string {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? [])
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)))
  return `${fence}\n${lines.join('\n')}\n${fence}`
}

/** Every character of ASCII that markdown may give a meaning (CommonMark section 2.4). */
function escaped(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, '\\$&')
}
