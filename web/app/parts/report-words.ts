// What is a report of a room called where it stands among alerts and events?
import { reportTitle as titleIn } from '../../../schemas/report-words.ts'
import { language } from '../language.ts'

/** Undefined for any other title. */
export const reportTitle = (title: string): string | undefined => titleIn(title, language.value)
