// Which half of a text in both languages does the reader get? `Kampanye / Campaign: x`, with what both share behind the last one.
import { t } from '../language.ts'

export function oneLanguage(text: string): string {
  const at = text.indexOf(' / ')
  if (at < 0) return text
  const [first, second] = [text.slice(0, at), text.slice(at + 3)]
  const colon = second.indexOf(': ')
  return t(first.includes(': ') || colon < 0 ? first : first + second.slice(colon), second)
}
