// Does a page advertise gambling? Its words by where they stand, hidden links, names of hosts, and what is new in it.
import { getDomain } from 'tldts'
import type { PageFacts } from '../../../schemas/probe.ts'
import { type Evidence, evidenceOf, total } from './evidence.ts'
import { hostName, isForeign } from './host.ts'
import type { PageRecord } from './judgement.ts'
import {
  againstOf,
  companyOf,
  type Found,
  isDenied,
  nothingRead,
  pointsOf,
  type Reading,
  readStretches,
  readWords,
  strongestOf,
  weighed,
} from './reading.ts'
import type { WordModel } from './words.ts'

/** How much a word counts by its place, and the most that a place gives. */
const places = {
  title: { factor: 1.8, most: 24, unseen: false },
  description: { factor: 1.2, most: 14, unseen: false },
  text: { factor: 1, most: 30, unseen: false },
  'hidden text': { factor: 1.4, most: 24, unseen: true },
  script: { factor: 1.6, most: 24, unseen: true },
  'new text': { factor: 0.8, most: 16, unseen: false },
  'hidden link': { factor: 2, most: 26, unseen: true },
  link: { factor: 1.5, most: 14, unseen: false },
} as const

/** A hidden link to another host that names only a theme: nobody honest has one. */
const HIDDEN_THEME = 2.5
const HOST_POINTS = 3
const HIDDEN_HOST_POINTS = 4.5
const MAX_HOSTS = 4
const REFRESH_POINTS = 10
const CANONICAL_POINTS = 9
/** Of what was there for long and was judged before. */
const KNOWN = 0.6
const KNOWN_SIMILARITY = 0.95
const LANGUAGE_POINTS = 2
/** A page that says little else says it loudly. */
const SHORT_TEXT = 600
const FEW_LINKS = 6
const SHORT = 1.25
const foreign: ReadonlySet<string> = new Set(['th', 'zh', 'vi', 'ja', 'ko', 'tr', 'ru', 'km'])

/** What a view of the page says. `isDesktop`: the one that the baseline is of. */
export function gamblingOf(page: PageFacts, record: PageRecord, isDesktop: boolean, model: WordModel): Evidence[] {
  const read = (text: string): Reading => readWords(text, model)
  const shown = { title: read(page.title), description: read(page.description) }
  const stretches = readStretches(page.text, model)
  const unseen = { 'hidden text': read(page.hidden_text), script: read(page.script_text) }
  const added = isDesktop ? read(record.added_text) : nothingRead
  const links = linkEvidence(page, record.host, model)
  const article = [...Object.values(shown), ...stretches]
  links.push(...invitation(page, record.host, article))
  // A link to a gambling site is company too.
  const company = Math.min(1, companyOf([...article, ...Object.values(unseen)]) + total(links) / FULL_COMPANY)
  const put = (place: Place, found: readonly Found[], factor = 1): Evidence[] =>
    evidenceOf(found, place, { ...places[place], factor: places[place].factor * factor })
  const at = (place: Place, reading: Reading, context: readonly Reading[], factor = 1): Evidence[] =>
    put(place, weighed(reading, context, company), factor)
  const brief = page.text.length < SHORT_TEXT && page.links.length <= FEW_LINKS ? SHORT : 1
  const known =
    knownShare(record, isDesktop) * brief * (links.length > 0 || invites(page, record.host, article) ? 1 : BARE_TALK)
  const evidence: Evidence[] = [
    ...at('title', shown.title, article, known),
    ...at('description', shown.description, article, known),
    ...put('text', strongestOf(stretches.map((one) => weighed(one, article, company))), known),
    // What is hidden, and what is new, stands by itself, whatever the page around it says.
    ...at('hidden text', unseen['hidden text'], [unseen['hidden text']]),
    ...at('script', unseen.script, [unseen.script]),
    ...at('new text', added, [added]),
    ...links,
  ]
  for (const [place, href, points] of [
    ['refresh', page.refresh, REFRESH_POINTS],
    ['canonical', page.canonical, CANONICAL_POINTS],
  ] as const) {
    if (isForeign(href, record.host) && namesGambling(hostName(href), model))
      evidence.push({ word: hostName(href), place, points, unseen: true })
  }
  const { before } = record
  const language = page.language.slice(0, 2).toLowerCase()
  const shifted = before !== undefined && before.language !== '' && !before.language.startsWith(language)
  if (shifted && foreign.has(language) && evidence.length > 0)
    evidence.push({ word: `language ${page.language}`, place: 'language', points: LANGUAGE_POINTS, unseen: false })
  return evidence
}

type Place = keyof typeof places

/** The name of a gambling site beside a link elsewhere that says no more than "daftar" or "login". */
function invitation(page: PageFacts, own: string, article: readonly Reading[]): Evidence[] {
  const name = article.flatMap(({ found }) => found).find(({ kind, word }) => kind === 'theme' && NUMBERED.test(word))
  const link = page.links.find(({ href, text }) => isForeign(href, own) && INVITES.test(text.trim()))
  if (name === undefined || link === undefined || againstOf(article) > 0) return []
  return [{ word: `${link.text.trim().toLowerCase()}: ${name.word}`, place: 'link', points: INVITED, unseen: false }]
}

/** Whether there is more than the names of games: a link elsewhere, an offer, what one is asked to do, the name of a site. Who speaks of games has none. */
function invites(page: PageFacts, own: string, article: readonly Reading[]): boolean {
  if (page.links.some(({ href }) => isForeign(href, own)) || page.hidden_links.length > 0 || ADDRESS.test(page.text))
    return true
  const found = article.flatMap((one) => one.found)
  if (found.some(({ kind, word }) => kind === 'offer' || (kind === 'theme' && NUMBERED.test(word)))) return true
  const calls = new Set(
    article.flatMap(({ entries }) => entries.flatMap(({ kind, word }) => (kind === 'call' ? [word] : []))),
  )
  return calls.size >= MIN_CALLS
}

const MIN_CALLS = 2
const BARE_TALK = 0.75
/** An address in the text leads elsewhere as well. */
const ADDRESS = /https?:\/\/\w|【/
const NUMBERED = /^[a-z]{3,20}\d{1,4}d?$/
const INVITES =
  /^(?:daftar|masuk|login|log in|main|gabung|pasang|unduh|download|register|play|join|klaim)(?: (?:sekarang|akun|now|apk|di sini|disini|main))?$/i
const INVITED = 3

/** What people saw all the time and what stayed the same was judged when it was new. */
function knownShare({ before, similarity, added_text }: PageRecord, isDesktop: boolean): number {
  const same = isDesktop && before !== undefined && added_text === '' && (similarity ?? 0) >= KNOWN_SIMILARITY
  return same ? KNOWN : 1
}

function linkEvidence(page: PageFacts, own: string, model: WordModel): Evidence[] {
  const hidden: Found[] = []
  const shown: Found[] = []
  const framed = new Set<string>()
  /** Other hosts, and the points of those that are named like gambling sites. */
  const hosts = new Map<string, { unseen: boolean; lenient: boolean }>()
  const see = (host: string, unseen: boolean, lenient: boolean): void => {
    const known = hosts.get(host)
    hosts.set(host, { unseen: unseen || known?.unseen === true, lenient: lenient || known?.lenient === true })
  }
  for (const { href, text } of page.hidden_links) {
    const away = isForeign(href, own)
    const reading = readWords(linkText(href, text), model)
    const points = pointsOf(weighed(reading, [reading], 1))
    const least = away && reading.found.length > 0 && !isDenied(reading) ? HIDDEN_THEME : 0
    add(hidden, reading, text, Math.max(points, least))
    if (away) see(hostName(href), true, true)
  }
  for (const { href, text } of page.links) {
    if (!isForeign(href, own)) continue
    const reading = readWords(linkText(href, text), model)
    const sure = weighed(reading, [reading], 1).filter(({ kind }) => kind === 'sure' || kind === 'pair')
    // SLOT, as an entry of a menu; what others offer as well is none.
    const names = reading.found.some(({ kind }) => kind !== 'offer')
    const bare = reading.length <= SHORT_LINK && names && !isDenied(reading) ? BARE_LINK : 0
    add(shown, reading, text, Math.max(pointsOf(sure), bare))
    const host = hostName(href)
    if (page.script_hosts.includes(host) && (pointsOf(sure) > 0 || namesGambling(host, model))) framed.add(host)
    see(hostName(href), false, !isDenied(reading) && reading.entries.length > 0)
  }
  for (const host of page.link_hosts) see(host, false, false)
  const named = [...hosts].filter(([host, { lenient }]) => host !== '' && namesGambling(host, model, lenient))
  return [
    ...evidenceOf(strongestFirst(hidden), 'hidden link', places['hidden link']),
    ...evidenceOf(strongestFirst(shown), 'link', places.link),
    ...[...framed].slice(0, 1).map(
      (word): Evidence => ({
        word,
        place: 'frame',
        points: namesGambling(word, model) ? FRAMED_SITE : FRAMED,
        unseen: false,
      }),
    ),
    ...named.slice(0, MAX_HOSTS).map(([word, { unseen }]) => ({
      word,
      place: 'host',
      points: unseen ? HIDDEN_HOST_POINTS : HOST_POINTS,
      unseen,
    })),
  ]
}

const MAX_LINK_POINTS = 5
const SHORT_LINK = 10
const BARE_LINK = 2
/** A frame shows the other site in place of this one. */
const FRAMED = 3
const FRAMED_SITE = 6
const FULL_COMPANY = 4

/** The same link many times is one. */
function add(links: Found[], reading: Reading, text: string, points: number): void {
  const word = reading.found[0]?.word ?? text.slice(0, 60)
  if (points > 0 && !links.some((one) => one.word === word))
    links.push({ word, kind: 'sure', points: Math.min(points, MAX_LINK_POINTS) })
}

function strongestFirst(found: readonly Found[]): Found[] {
  return [...found].sort((a, b) => b.points - a.points)
}

/** Other hosts with names of gambling sites that a page leads to. */
export function gamblingHosts(page: PageFacts, own: string, model: WordModel): string[] {
  const targets = [page.refresh, page.canonical, ...page.hidden_links.map(({ href }) => href)]
  const hosts = new Set([...page.link_hosts, ...targets.filter((href) => isForeign(href, own)).map(hostName)])
  return [...hosts].filter((host) => host !== '' && namesGambling(host, model)).slice(0, MAX_SHOWN)
}

const MAX_SHOWN = 10

/** Addresses of a sitemap that advertise gambling: their paths say so, and nothing in them says that it is news. */
export function gamblingAddresses(sample: readonly string[], model: WordModel): string[] {
  return sample
    .slice(0, MAX_ADDRESSES)
    .filter((address) => {
      const reading = readWords(pathWords(address), model)
      return !isDenied(reading) && pointsOf(reading.found) >= ADDRESS_POINTS
    })
    .slice(0, MAX_SHOWN)
}

const MAX_ADDRESSES = 500
const ADDRESS_POINTS = 2.5
const MIN_BEGINNING = 5

function linkText(href: string, text: string): string {
  return `${text.slice(0, 300)} ${pathWords(href)}`
}

/** The path of an address in words. */
function pathWords(href: string): string {
  const url = URL.parse(href)
  const path = url === null ? href : `${url.pathname}${url.search}`
  return decoded(path.slice(0, 500)).replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Whether the name of a host is that of a gambling site. `lenient`, behind a link that is hidden or asks for it: one word of theirs is enough. */
function namesGambling(host: string, model: WordModel, lenient = false): boolean {
  const suffix = getDomain(host)
  const labels = suffix === null ? host : host.slice(0, host.length - suffix.length + suffix.indexOf('.'))
  const { found } = readWords(labels.replace(/[.-]+/g, ' '), model)
  const themes = found.filter(({ kind }) => kind === 'theme')
  if (found.some(({ kind }) => kind === 'sure' || kind === 'pair') || themes.length > 1) return true
  if (themes.some(({ word }) => lenient || /\d/.test(word))) return true
  const beginnings = model.names.endings.filter(({ length }) => length >= MIN_BEGINNING)
  return lenient && labels.split('.').some((one) => beginnings.some((beginning) => one.startsWith(beginning)))
}
