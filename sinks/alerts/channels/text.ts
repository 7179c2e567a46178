// How does text that an attacker may have written stay text? Without what nobody sees, without links and mentions, within limits.
import type { Message, MessagePart } from './channel.ts'

const UNSEEN = /\p{Cf}/gu
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]/gu
const DOT = /(?<=\S)[.．。｡](?=[\p{L}\p{M}])/gu

/** One line: control characters and line ends become spaces, invisible and direction-changing ones go, lone surrogates are replaced. */
export function plain(text: string): string {
  return text.toWellFormed().replace(BREAKS, ' ').replace(UNSEEN, '')
}

/**
 * Plain text in which no client finds a link or somebody to mention, written as analysts write indicators: `hxxps[:]//contoh[.]id`,
 * `budi[at]contoh[.]id`. Addresses (192.0.2.1) stay as they are.
 */
export function defuse(text: string): string {
  return plain(text).replaceAll('://', '[:]//').replaceAll('@', '[at]').replace(DOT, '[.]')
}

/** {@link defuse} on one line for every word but our own link, which stays whole where the rest has to be cut. */
export function defuseAround(text: string, link: string, most: number): string {
  const words = text.split(/\s/).map((word) => (word === link && word !== '' ? word : defuse(word)))
  const whole = words.join(' ')
  if (whole.length <= most) return whole
  if (!words.includes(link) || link.length > most / 2) return cut(whole, most)
  return `${cut(words.filter((word) => word !== link).join(' '), most - link.length - 1)} ${link}`
}

/** At most so many UTF-16 units, the last one an ellipsis where something is missing; characters stay whole. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const end = most - 1
  const high = text.charCodeAt(end - 1)
  return `${text.slice(0, high >= 0xd800 && high <= 0xdbff ? end - 1 : end)}…`
}

/** The link of a message as a URL writes it, so that it holds no space, quote, angle bracket or bar; empty if it is none. */
export function linkOf({ link }: Pick<Message, 'link'>): string {
  if (!URL.canParse(link)) return ''
  const url = new URL(link)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return ''
  return url.href.replaceAll('|', '%7C').replaceAll("'", '%27').replaceAll('(', '%28').replaceAll(')', '%29')
}

/** Words on a button or link that leads to Siaga. */
export function linkWords({ language }: Pick<Message, 'language'>): string {
  return language === 'id' ? 'Buka di Siaga' : 'Open in Siaga'
}

/** The parts, defused and within so many characters in total and so many lines each; what is missing is marked. */
export function partsWithin(parts: readonly MessagePart[], most: number, mostLines = 30): MessagePart[] {
  const taken: MessagePart[] = []
  let left = most
  for (const { label, lines } of parts) {
    if (left < 40) break
    const heading = cut(defuse(label), 100)
    left -= heading.length
    const kept: string[] = []
    for (const line of lines.slice(0, mostLines)) {
      if (left < 20) break
      const text = cut(defuse(line), Math.min(left, 1000))
      kept.push(text)
      left -= text.length + 1
    }
    if (kept.length < lines.length) kept.push('…')
    taken.push({ label: heading, lines: kept })
  }
  return taken
}
