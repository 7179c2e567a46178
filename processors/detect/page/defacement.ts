// Was a page defaced? The signatures, boasts and greetings of those who do it, in a page that says little else.
import type { PageFacts } from '../../../schemas/probe.ts'
import { type Evidence, evidenceOf, total } from './evidence.ts'
import type { PageRecord } from './judgement.ts'
import {
  againstOf,
  companyOf,
  type Found,
  type Reading,
  readStretches,
  readWords,
  type Shares,
  strongestOf,
  weighed,
} from './reading.ts'
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
/** To speak of break-ins is no break-in: so much a topic counts by itself, and what else makes it count in full. */
const BARE_TOPIC = 0.4
/** A page of so many topics, in so few words for each, says nothing else. */
const MANY_TOPICS = 3
const WORDS_OF_TOPIC = 3
const FEW_WORDS = 3
/** Many things that others say as well are some company for one another. */
const COMPANY: Shares = { offer: 0.25, hint: 0.05, topic: 0.3, theme: 0.3 }
const DEEDS: Shares = { offer: 0.15, hint: 0.05, topic: 0, theme: 0 }
/** A page with more links is a site, however short its texts are. */
const MAX_LINKS = 6
/** Skulls and the like. */
const SKULLS = /[\u2620\u{1f480}\u{1f3f4}\u{1f47e}\u{1f608}\u{1f47f}\u{1f47b}\u{1f571}]/u
const SKULL_POINTS = 2
/** Names as crews write them: with digits for letters, dots and underscores, or two words in one. */
const HANDLE =
  /(?:^|[\s>~[(:@|])(?:\.\/\w{3}|[A-Za-z]{2,15}[_.~-]?\d{3,4}x?\b|\w{2,15}_\w{2,15}|[A-Z][a-z]{2,12}[A-Z][a-z]{2,12}|[Mm]r\.?[A-Z]\w)/
const HANDLE_POINTS = 1
/** Words for a site and its keeper. */
const SITE = /admin|server|situs|web|halaman|laman|portal|beranda|site/
/** What is searched for in contests: FLAG{pwned_by_you}. */
const FLAG = /\{[\w!?@-]{3,60}\}/g
/** A deed, and such a name as its doer's: edited by kucing_garong. */
const SIGNED_DEED =
  /\b(?:edited|changed|replaced|modified|diedit|diubah|diganti|diisi|dicoret|disinggahi)\s(?:by|oleh|sama)\s?:?\s(?!\w{0,12}(?:admin|operator|petugas|humas|editor|user))(?:\.\/\w{3}|[A-Za-z0-9]{2,15}_[A-Za-z0-9]{2,15}|[A-Za-z]{1,10}\d[A-Za-z]\w{0,10}|[Mm]r\.\w{3})/i
const SIGNED_DEED_POINTS = 8
/** Signed with such a name. */
const SIGNED =
  /(?:\b(?:by|oleh|from|dari|ttd|tertanda|regards|contact|telegram|tele|tg|ig|email|mail)[\s:.-]{1,4}|[~\u2014\u2013-]\s?|\bt\.me\/)@?(?!admin|operator)(?:\.\/\w{3}|\w{2,15}_\w{2,15}|[A-Z][a-z]{2,12}[A-Z][a-z]{2,12}|[A-Za-z]{3,15}[.-]?\d{1,4}\b|[Mm]r\.?[A-Z]\w)/
const SIGNED_POINTS = 1.5
/** Pages of offices are seldom black, and none begins to sing. */
const LOOKS: Readonly<Record<string, number>> = { black: 2, sound: 1.5, 'no menu': 1 }
/** Looks add so much of what the words say at most, and half as much beside so much that speaks against. */
const MOST_LOOKS = 0.7
const DOUBTED = 4
/** Nothing leads anywhere. */
const BARE_POINTS = 1
const MAX_SHOWN = 2000
/** A page of a few words and no link that is signed by a crew keeps company to what others say as well. */
const BARE_WORDS = 60
const CREW_COMPANY = 0.4
const MAX_SIGNED = 20_000
const REPLACED = 0.3
/** Points of a claim that counts as one, and of a signature, which stands alone. */
const CLAIM = 1
const SIGNATURE = 5
const REPLACED_POINTS = 3

/** What a view of the page says. `isDesktop`: the one that the baseline is of. */
export function defacementOf(page: PageFacts, record: PageRecord, isDesktop: boolean, model: WordModel): Evidence[] {
  const read = (text: string): Reading => readWords(text, model)
  const [title, description] = [read(page.title), read(page.description)]
  const shown = page.text.replace(FLAG, ' ')
  const stretches = readStretches(shown, model)
  const [script, hidden] = [read(page.script_text), read(page.hidden_text)]
  const article = [title, description, ...stretches]
  const words = page.text.split(' ').length
  const bare = words < BARE_WORDS && page.links.length === 0 && page.description === ''
  const crew = bare && (SIGNED.test(shown) || HANDLE.test(shown)) ? CREW_COMPANY : 0
  const company = Math.min(1, companyOf([...article, script], COMPANY) + crew)
  const deeds = Math.min(1, companyOf([...article, script], DEEDS) + crew / 2)
  const named = new Set(
    article.flatMap(({ found }) => found.flatMap(({ kind, word }) => (kind === 'topic' ? [word] : []))),
  )
  const few = named.size >= MANY_TOPICS || words <= FEW_WORDS
  const nothingElse = few && named.size * WORDS_OF_TOPIC >= words
  const topics = nothingElse ? 1 : BARE_TOPIC + (1 - BARE_TOPIC) * deeds
  const factor = lengths.find(([most]) => words < most)?.[1] ?? 1
  const alone = isAlone([...article, script]) || isTalk([...article, script])
  const brief = page.links.length > MAX_LINKS || alone ? Math.min(factor, 1) : factor
  const put = (place: keyof typeof places, found: readonly Found[], factor = 1): Evidence[] =>
    evidenceOf(found, place, { ...places[place], factor: places[place].factor * factor })
  const at = (place: keyof typeof places, reading: Reading, context: readonly Reading[], factor = 1): Evidence[] =>
    put(place, weighed(reading, context, company, topics), factor)
  const all = [
    ...at('title', title, article, brief),
    ...at('description', description, article, brief),
    ...put('text', strongestOf(stretches.map((one) => weighed(one, article, company, topics))), brief),
    // The alternative text of an image is all that some of them write.
    ...at('hidden text', hidden, [...article, hidden], brief),
    ...at('script', script, [script], brief),
  ]
  const signed = SIGNED_DEED.exec(shown.slice(0, MAX_SIGNED))?.[0]
  if (signed !== undefined) {
    const share = DOUBTED / (DOUBTED + againstOf(article))
    all.push({ word: signed.toLowerCase(), place: 'text', points: SIGNED_DEED_POINTS * share, unseen: false })
  }
  const said = total(all)
  // How a page looks says nothing alone, and little where something speaks against.
  if (brief > 1 && said > 0) {
    const looks = looksOf(page)
    const against = againstOf(article)
    const share = deeds * Math.min(DOUBTED / (DOUBTED + against), (said * MOST_LOOKS) / Math.max(total(looks), 1))
    all.push(...looks.map((one) => ({ ...one, points: one.points * share })))
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

/** Whether one claim is all that a page makes, and it is no signature: others say such a thing too. */
function isAlone(readings: readonly Reading[]): boolean {
  const claims = new Map(
    readings.flatMap(({ found }) =>
      found.flatMap(({ kind, word, points }) => (kind === 'topic' || points < CLAIM ? [] : [[word, points] as const])),
    ),
  )
  return claims.size === 1 && [...claims.values()].every((points) => points < SIGNATURE)
}

/** Whether nothing but what others say as well was found, and nothing of a site: a protest has as many such words. */
function isTalk(readings: readonly Reading[]): boolean {
  return readings.every(({ found }) => found.every(({ kind, word }) => kind === 'offer' && !SITE.test(word)))
}

/** What a page looks like. */
function looksOf(page: PageFacts): Evidence[] {
  const shown = `${page.title} ${page.text.slice(0, MAX_SHOWN)}`
  const looks: [word: string, holds: boolean, points: number][] = [
    ['skulls', SKULLS.test(shown), SKULL_POINTS],
    ['name of a crew', HANDLE.test(shown), HANDLE_POINTS],
    ['signed by a crew', SIGNED.test(shown), SIGNED_POINTS],
    ['leads nowhere', page.links.length === 0 && page.description === '' && page.generator === '', BARE_POINTS],
    ...page.look.map((word): [string, boolean, number] => [word, true, LOOKS[word] ?? 0]),
  ]
  return looks.flatMap(([word, holds, points]) => (holds ? [{ word, place: 'look', points, unseen: false }] : []))
}
