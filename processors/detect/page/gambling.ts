// Does a page advertise gambling? Its words by where they stand, hidden links, names of hosts, and what is new in it.
import { getDomain } from 'tldts'
import type { PageFacts } from '../../../schemas/probe.ts'
import { type Evidence, evidenceOf } from './evidence.ts'
import { hostName, isForeign } from './host.ts'
import type { PageRecord } from './judgement.ts'
import { pointsOf, type Reading, readWords, shareOf } from './reading.ts'
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
  link: { factor: 1.2, most: 12, unseen: false },
} as const

/** A hidden link to another host that names only a theme: nobody honest has one. */
const HIDDEN_THEME = 2.5
const HOST_POINTS = 3
const HIDDEN_HOST_POINTS = 4.5
const MAX_HOSTS = 4
const REFRESH_POINTS = 10
const CANONICAL_POINTS = 6
/** Of what was there for long and was judged before. */
const KNOWN = 0.6
const KNOWN_SIMILARITY = 0.95
const LANGUAGE_POINTS = 2
const foreign: ReadonlySet<string> = new Set(['th', 'zh', 'vi', 'ja', 'ko', 'tr', 'ru', 'km'])

/** What a view of the page says. `isDesktop`: the one that the baseline is of. */
export function gamblingOf(page: PageFacts, record: PageRecord, isDesktop: boolean, model: WordModel): Evidence[] {
  const title = readWords(page.title, model)
  const description = readWords(page.description, model)
  const text = readWords(page.text, model)
  const share = shareOf([title, description, text]) * knownShare(record, isDesktop)
  const evidence: Evidence[] = [
    ...at('title', title, share),
    ...at('description', description, share),
    ...at('text', text, share),
    ...alone('hidden text', readWords(page.hidden_text, model)),
    ...alone('script', readWords(page.script_text, model)),
    ...linkEvidence(page, record.host, share, model),
  ]
  if (isDesktop) evidence.push(...alone('new text', readWords(record.added_text, model)))
  const leadsTo = (href: string): string => (isForeign(href, record.host) ? hostName(href) : '')
  for (const [place, href, points] of [
    ['refresh', page.refresh, REFRESH_POINTS],
    ['canonical', page.canonical, CANONICAL_POINTS],
  ] as const) {
    const host = leadsTo(href)
    if (host !== '' && namesGambling(host, model)) evidence.push({ word: host, place, points, unseen: true })
  }
  const { before } = record
  const language = page.language.slice(0, 2).toLowerCase()
  const shifted = before !== undefined && before.language !== '' && !before.language.startsWith(language)
  if (shifted && foreign.has(language) && evidence.length > 0)
    evidence.push({ word: `language ${page.language}`, place: 'language', points: LANGUAGE_POINTS, unseen: false })
  return evidence
}

type Place = keyof typeof places

function at(place: Place, reading: Reading, share: number): Evidence[] {
  const { factor, most, unseen } = places[place]
  return evidenceOf(reading.found, place, { factor: factor * share, most, unseen })
}

/** What stands by itself, whatever the page around it says. */
function alone(place: Place, reading: Reading): Evidence[] {
  return at(place, reading, shareOf([reading]))
}

/** What people saw all the time and what stayed the same was judged when it was new. */
function knownShare({ before, similarity, added_text }: PageRecord, isDesktop: boolean): number {
  const same = isDesktop && before !== undefined && added_text === '' && (similarity ?? 0) >= KNOWN_SIMILARITY
  return same ? KNOWN : 1
}

function linkEvidence(page: PageFacts, own: string, share: number, model: WordModel): Evidence[] {
  const hidden: Evidence[] = []
  const shown: Evidence[] = []
  const hosts = new Map<string, boolean>()
  for (const { href, text } of page.hidden_links) {
    const away = isForeign(href, own)
    const reading = readWords(linkText(href, text), model)
    const points = pointsOf(reading) * shareOf([reading])
    const least = away && reading.found.length > 0 && reading.speaksAgainst === 0 ? HIDDEN_THEME : 0
    const given = Math.min(Math.max(points, least), MAX_LINK_POINTS)
    if (given > 0) hidden.push({ word: label(reading, text), place: 'hidden link', points: given, unseen: true })
    if (away && hosts.get(hostName(href)) !== true) hosts.set(hostName(href), true)
  }
  for (const { href, text } of page.links) {
    if (!isForeign(href, own)) continue
    const reading = readWords(linkText(href, text), model)
    const points = reading.found.reduce((sum, one) => sum + (one.kind === 'sure' ? one.points : 0), 0)
    const given = Math.min(points * shareOf([reading]) * share, MAX_LINK_POINTS)
    if (given > 0) shown.push({ word: label(reading, text), place: 'link', points: given, unseen: false })
    if (!hosts.has(hostName(href))) hosts.set(hostName(href), false)
  }
  for (const host of page.link_hosts) if (!hosts.has(host)) hosts.set(host, false)
  const named = [...hosts].filter(([host, unseen]) => host !== '' && namesGambling(host, model, unseen))
  return [
    ...limited('hidden link', hidden),
    ...limited('link', shown),
    ...named.slice(0, MAX_HOSTS).map(([word, unseen]) => ({
      word,
      place: 'host',
      points: unseen ? HIDDEN_HOST_POINTS : HOST_POINTS,
      unseen,
    })),
  ]
}

const MAX_LINK_POINTS = 5

/** The same link many times is one. */
function limited(place: 'hidden link' | 'link', evidence: readonly Evidence[]): Evidence[] {
  const { factor, most, unseen } = places[place]
  const words = [...new Map(evidence.map((one) => [one.word, one])).values()]
  const found = words.map(({ word, points }) => ({ word, kind: 'sure' as const, points }))
  return evidenceOf(
    found.sort((a, b) => b.points - a.points),
    place,
    { factor, most, unseen },
  )
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
      return reading.speaksAgainst === 0 && pointsOf(reading) >= ADDRESS_POINTS
    })
    .slice(0, MAX_SHOWN)
}

const MAX_ADDRESSES = 500
const ADDRESS_POINTS = 2.5

const MIN_BEGINNING = 5

function label(reading: Reading, text: string): string {
  return reading.found[0]?.word ?? text.slice(0, 60)
}

function linkText(href: string, text: string): string {
  return `${text.slice(0, 300)} . . . . . . ${pathWords(href)}`
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

/** Whether the name of a host is that of a gambling site. Behind a hidden link one word of theirs is enough. */
function namesGambling(host: string, model: WordModel, hidden = false): boolean {
  const suffix = getDomain(host)
  const labels = suffix === null ? host : host.slice(0, host.length - suffix.length + suffix.indexOf('.'))
  const { found } = readWords(labels.replace(/[.-]+/g, ' '), model)
  const themes = found.filter(({ kind }) => kind === 'theme')
  if (found.some(({ kind }) => kind === 'sure' || kind === 'pair') || themes.length > 1) return true
  if (themes.some(({ word }) => hidden || /\d/.test(word))) return true
  const beginnings = model.names.endings.filter(({ length }) => length >= MIN_BEGINNING)
  return hidden && labels.split('.').some((one) => beginnings.some((beginning) => one.startsWith(beginning)))
}
