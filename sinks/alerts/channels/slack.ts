// How does Slack show a message? Blocks of plain text by an incoming webhook (docs.slack.dev, "Block Kit").
import { answerText, retry } from './http.ts'
import type { Preset } from './preset.ts'
import { cut, defuse, linkOf, linkWords, partsWithin } from './text.ts'

/** Limits of Slack: characters of a header and of a section; blocks are at most 50. */
const MAX_HEADER = 150
const MAX_SECTION = 3000
const MAX_PARTS = 20

/** `plain_text` is not read as mrkdwn: no bold, no link, no mention can come out of it. */
export const slack: Preset = ({ message }, { outside }) => {
  const link = linkOf(message)
  const facts = [message.severity, message.region].filter((text) => text !== '')
  const parts = outside ? [] : partsWithin(message.parts, 6000).slice(0, MAX_PARTS)
  return {
    body: {
      // Shown in notifications, and the one text that is read as mrkdwn unless told otherwise.
      text: escaped(defuse(cut(message.title, MAX_HEADER))),
      mrkdwn: false,
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
      blocks: [
        { type: 'header', text: shown(defuse(message.title), MAX_HEADER) },
        ...(facts.length === 0 ? [] : [{ type: 'section', fields: facts.map((text) => shown(defuse(text), 400)) }]),
        ...parts.map(({ label, lines }) => ({
          type: 'section',
          text: shown([label, ...lines].join('\n'), MAX_SECTION),
        })),
        ...(link === ''
          ? []
          : [
              {
                type: 'section',
                text: { type: 'mrkdwn', verbatim: true, text: `<${escaped(link)}|${linkWords(message)}>` },
              },
            ]),
      ],
    },
    // 410: the Slack channel was archived, which people undo.
    judge: (answer) => (answer.status === 410 ? retry(answerText(answer)) : undefined),
  }
}

/** Of text that is defused already. */
function shown(text: string, most: number): { type: 'plain_text'; emoji: false; text: string } {
  return { type: 'plain_text', emoji: false, text: escaped(cutEscaped(text, most)) || '-' }
}

/** Cut so that it is at most so long once it is escaped. */
function cutEscaped(text: string, most: number): string {
  if (escaped(text).length <= most) return text
  let end = 0
  let size = 1
  for (const character of text) {
    size += escaped(character).length
    if (size > most) break
    end += character.length
  }
  return `${text.slice(0, end)}…`
}

/** The three characters that Slack's texts are made with. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
