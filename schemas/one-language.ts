// Which half of a text in both languages does the reader get? For titles of findings and cases, reasons of silence; no zod: the page reads it too.
import type { Language } from './language.ts'

/** The half of `Sumber diam / Source silent: x` with what both share, which stands behind the last one; a text in one language as it is. */
export function oneLanguage(text: string, language: Language): string {
  const slash = text.indexOf(' / ')
  if (slash < 0) return text
  const [first, second] = [text.slice(0, slash), text.slice(slash + 3)]
  const colon = second.indexOf(': ')
  if (language === 'en') return second
  return first.includes(': ') || colon < 0 ? first : first + second.slice(colon)
}
