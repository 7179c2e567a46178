// What does a key say in the language of the page? Tables of words stand where they are used; this looks them up.
import { t } from '../language.ts'

export type Words = Readonly<Record<string, readonly [id: string, en: string]>>

/** Undefined for a key that has no words, such as `constructor`: keys come from logs and from siaga.yaml. */
export function wordOf(words: Words, key: string): string | undefined {
  const found = Object.hasOwn(words, key) ? words[key] : undefined
  return found === undefined ? undefined : t(...found)
}
