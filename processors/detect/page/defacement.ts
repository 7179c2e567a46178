// Was a page defaced? The signatures, boasts and greetings of those who do it, in a page that says little else.
import type { PageFacts } from '../../../schemas/probe.ts'
import { type Evidence, evidenceOf, total } from './evidence.ts'
import type { PageRecord } from './judgement.ts'
import { readWords, shareOf } from './reading.ts'
import type { WordModel } from './words.ts'

const places = {
  title: { factor: 1.8, most: 20, unseen: false },
  description: { factor: 1.2, most: 10, unseen: false },
  text: { factor: 1, most: 24, unseen: false },
  'hidden text': { factor: 0.5, most: 6, unseen: true },
  script: { factor: 1, most: 16, unseen: false },
  'new text': { factor: 0.8, most: 12, unseen: false },
} as const

/** Defacers say what they have to say, and nothing of the site is left: words of the page, and how much the signature counts then. */
const lengths: readonly (readonly [words: number, factor: number])[] = [
  [40, 1.5],
  [120, 1.3],
  [400, 1],
  [Number.POSITIVE_INFINITY, 0.7],
]
const REPLACED = 0.3
const REPLACED_POINTS = 3

/** What a view of the page says. `isDesktop`: the one that the baseline is of. */
export function defacementOf(page: PageFacts, record: PageRecord, isDesktop: boolean, model: WordModel): Evidence[] {
  const title = readWords(page.title, model)
  const description = readWords(page.description, model)
  const text = readWords(page.text, model)
  const script = readWords(page.script_text, model)
  const factor = lengths.find(([words]) => text.length < words)?.[1] ?? 1
  const share = shareOf([title, description, text]) * factor
  const evidence = (place: keyof typeof places, reading: typeof title, of: number): Evidence[] =>
    evidenceOf(reading.found, place, { ...places[place], factor: places[place].factor * of })
  const hidden = readWords(page.hidden_text, model)
  const all = [
    ...evidence('title', title, share),
    ...evidence('description', description, share),
    ...evidence('text', text, share),
    ...evidence('hidden text', hidden, shareOf([hidden])),
    ...evidence('script', script, shareOf([script])),
  ]
  if (!isDesktop) return all
  const added = readWords(record.added_text, model)
  all.push(...evidence('new text', added, shareOf([added])))
  const { before, similarity = 1 } = record
  const replaced = before !== undefined && before.title !== page.title && similarity < REPLACED
  if (replaced && total(all) > 0)
    all.push({ word: 'title and text replaced', place: 'change', points: REPLACED_POINTS, unseen: false })
  return all
}
