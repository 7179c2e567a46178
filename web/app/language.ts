// In which language does the page speak? Indonesian unless somebody chose English; both texts stand side by side where they are used.
import { signal } from '@preact/signals'
import type { Language } from '../../schemas/language.ts'

const KEY = 'siaga.language'

const stored = (): Language => (localStorage.getItem(KEY) === 'en' ? 'en' : 'id')
export const language = signal<Language>(stored())

export function speak(chosen: Language): void {
  localStorage.setItem(KEY, chosen)
  language.value = chosen
  document.documentElement.lang = chosen
}

/** The text in the language of the page. */
export function t(id: string, en: string): string {
  return language.value === 'en' ? en : id
}
