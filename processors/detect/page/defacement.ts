// Was a page defaced? The signatures, boasts and greetings of those who do it, in a page that says little else.
import type { PageFacts } from '../../../schemas/probe.ts'
import { type Evidence, evidenceOf, total } from './evidence.ts'
import type { PageRecord } from './judgement.ts'
import { companyOf, type Found, type Reading, readStretches, readWords, strongestOf, weighed } from './reading.ts'
import type { WordModel } from './words.ts'

const places = {
  title: { factor: 1.8, most: 20, unseen: false },
  description: { factor: 1.2, most: 10, unseen: false },
  text: { factor: 1, most: 24, unseen: false },
  'hidden text': { factor: 1, most: 16, unseen: true },
  script: { factor: 1, most: 16, unseen: false },
  'new text': { factor: 0.8, most: 12, unseen: false },
} as const

/** Defacers say what they have to say, and nothing of the site is left: words of the page, and how much theirs count then. */
const lengths: readonly (readonly [most: number, factor: number])[] = [
  [40, 1.7],
  [150, 1.45],
  [400, 1],
  [Number.POSITIVE_INFINITY, 0.9],
]
/** A page with more links is a site, however short its texts are. */
const MAX_LINKS = 6
/** Skulls and the like. */
const SKULLS = /[\u2620\u{1f480}\u{1f3f4}\u{1f47e}\u{1f608}\u{1f47f}\u{1f47b}\u{1f571}]/u
const SKULL_POINTS = 2
/** Names as crews write them: with digits for letters, dots and underscores, or two words in one. */
const HANDLE =
  /(?:^|[\s>~[(:@|])(?:\.\/\w{3}|[A-Za-z]{2,15}[_.~-]?\d{3,4}x?\b|\w{2,15}_\w{2,15}|[A-Z][a-z]{2,12}[A-Z][a-z]{2,12}|[Mm]r\.?[A-Z]\w)/
const HANDLE_POINTS = 1
const MAX_SHOWN = 2000
const REPLACED = 0.3
const REPLACED_POINTS = 3

/** What a view of the page says. `isDesktop`: the one that the baseline is of. */
export function defacementOf(page: PageFacts, record: PageRecord, isDesktop: boolean, model: WordModel): Evidence[] {
  const read = (text: string): Reading => readWords(text, model)
  const [title, description] = [read(page.title), read(page.description)]
  const stretches = readStretches(page.text, model)
  const [script, hidden] = [read(page.script_text), read(page.hidden_text)]
  const article = [title, description, ...stretches]
  const words = page.text.split(' ').length
  const company = companyOf([...article, script])
  const factor = lengths.find(([most]) => words < most)?.[1] ?? 1
  const brief = page.links.length > MAX_LINKS ? Math.min(factor, 1) : factor
  const put = (place: keyof typeof places, found: readonly Found[], factor = 1): Evidence[] =>
    evidenceOf(found, place, { ...places[place], factor: places[place].factor * factor })
  const at = (place: keyof typeof places, reading: Reading, context: readonly Reading[], factor = 1): Evidence[] =>
    put(place, weighed(reading, context, company), factor)
  const all = [
    ...at('title', title, article, brief),
    ...at('description', description, article, brief),
    ...put('text', strongestOf(stretches.map((one) => weighed(one, article, company))), brief),
    // The alternative text of an image is all that some of them write.
    ...at('hidden text', hidden, [...article, hidden], brief),
    ...at('script', script, [script], brief),
  ]
  // Ornaments say nothing alone.
  if (brief > 1 && total(all) > 0) {
    const ornament = { place: 'text', unseen: false }
    const shown = `${page.title} ${page.text.slice(0, MAX_SHOWN)}`
    if (SKULLS.test(shown)) all.push({ ...ornament, word: 'skulls', points: SKULL_POINTS })
    if (HANDLE.test(shown)) all.push({ ...ornament, word: 'name of a crew', points: HANDLE_POINTS })
  }
  if (!isDesktop) return all
  const added = read(record.added_text)
  all.push(...at('new text', added, [added]))
  const { before, similarity = 1 } = record
  const replaced = before !== undefined && before.title !== page.title && similarity < REPLACED
  if (replaced && total(all) > 0)
    all.push({ word: 'title and text replaced', place: 'change', points: REPLACED_POINTS, unseen: false })
  return all
}
