// Which half of a text in both languages does the reader of this page get?
import { oneLanguage as halfIn } from '../../../schemas/one-language.ts'
import { language } from '../language.ts'

export const oneLanguage = (text: string): string => halfIn(text, language.value)
