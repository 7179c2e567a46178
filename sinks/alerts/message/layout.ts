// How do the parts of a message become text, HTML and an SMS?
import type { Language } from '../../../schemas/language.ts'
import type { MessagePart } from '../channels/channel.ts'
import { cut, escapeHtml, gsmText } from './clean.ts'

/** Width of a line of text. */
const WIDTH = 100
/** Two SMS of 153 septets each: below the 320 characters that a message may have. */
const MAX_SHORT = 306

/** Title, then each label with its lines beneath it. */
export function textOf(title: string, parts: readonly MessagePart[]): string {
  const blocks = parts.map(({ label, lines }) => [label.toUpperCase(), ...lines.flatMap(indented)].join('\n'))
  return `${[wrap(title, WIDTH).join('\n'), ...blocks].join('\n\n')}\n`
}

/** A line beneath its label; what follows a number stands beneath its text. */
function indented(line: string): string[] {
  const hang = /^\d{1,2}\. /.exec(line)?.[0].length ?? 0
  return wrap(line, WIDTH - 2 - hang).map((piece, n) => `${' '.repeat(n === 0 ? 2 : 2 + hang)}${piece}`)
}

/** Lines of at most `width` characters, broken at blanks; a word that is longer is broken, a link is not. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= width) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (line.length > width && !/^https?:\/\//.test(line)) {
      const piece = Array.from(line).slice(0, width).join('')
      lines.push(piece)
      line = line.slice(piece.length)
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line)
  return lines
}

const colours: Readonly<Record<string, string>> = {
  critical: '#8b0000',
  high: '#b8430a',
  medium: '#7a5c00',
  low: '#1d5c8a',
  informational: '#444444',
}

/**
 * The same as a page that loads nothing, runs nothing and has one link. Every text is escaped; no attribute is made of anything but constants and
 * the link of Siaga itself.
 */
export function htmlOf(
  title: string,
  parts: readonly MessagePart[],
  of: { readonly language: Language; readonly severity: string; readonly link: string },
): string {
  const blocks = parts.map(({ label, lines }) => {
    const body = lines.map((line) =>
      line === of.link && of.link !== ''
        ? `<a href="${escapeHtml(of.link)}">${escapeHtml(of.link)}</a>`
        : escapeHtml(line),
    )
    return `<h2 style="font-size:15px;margin:16px 0 4px">${escapeHtml(label)}</h2>\n<p style="margin:0">${body.join('<br>\n')}</p>`
  })
  return [
    `<!DOCTYPE html>\n<html lang="${of.language}">\n<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>`,
    '<body style="font-family:sans-serif;font-size:15px;line-height:1.5;max-width:44em">',
    `<h1 style="font-size:19px;color:${colours[of.severity] ?? '#444444'}">${escapeHtml(title)}</h1>`,
    ...blocks,
    '</body>\n</html>\n',
  ].join('\n')
}

/** One SMS text of at most 306 characters of the basic alphabet: what, then some more if it fits, the link whole or not at all. */
export function shortOf(what: string, more: string, link: string): string {
  const url = link !== '' && gsmText(link) === link && link.length <= 160 ? ` ${link}` : ''
  const room = MAX_SHORT - url.length
  const head = gsmText(what)
  const both = more === '' ? head : `${head}. ${gsmText(more)}`
  const text = both.length <= room ? both : head
  return `${text.length <= room ? text : `${cut(text, room - 2).slice(0, -1)}...`}${url}`
}
