// What does a page hold? Its facts (schemas/probe.ts) from HTML, XML, JSON or plain text, linear in its length and bounded, whatever it is made of.
import type { HiddenLink, PageFacts } from '../../schemas/probe.ts'
import { type Link, type PageDocument, readDocument, TextSink } from './document.ts'
import { readMarkup } from './markup.ts'
import { emptyScriptTexts, readScript, type ScriptTexts } from './scripts.ts'
import { cut, cutMiddle, plainText, shingles, simhash } from './text.ts'

/** Characters and entries that a record keeps of a page. */
export const pageLimits = {
  title: 300,
  short: 500,
  text: 16_000,
  hiddenText: 8_000,
  scriptText: 6_000,
  href: 300,
  linkText: 120,
  links: 100,
  hiddenLinks: 100,
  hosts: 150,
} as const
const MAX_RESOLVED = 20_000
const MAX_LINES = 5_000
const MAX_LINE = 2_000
const MAX_SCRIPTS = 300
const MAX_INNER = 20
const MAX_DATA = 200_000

/** Facts for the record, and what is compared and not kept. */
export interface ReadPage {
  readonly facts: PageFacts
  /** Lines that people see, whole. */
  readonly lines: readonly string[]
  /** Shingles of the text that people see. */
  readonly shingles: ReadonlySet<number>
  /** Hidden links, also those that the facts leave out. */
  readonly hiddenCount: number
  /** Other hosts that hidden links lead to. */
  readonly hiddenHosts: readonly string[]
  /** Other host that a refresh leads to, '' none. */
  readonly refreshHost: string
}

type Kind = 'html' | 'xml' | 'json' | 'text'

/** Reads the text of a body. Undefined where it holds no text to read: an image, an archive. `url`: where it came from. */
export function readPage(text: string, contentType: string, url: string): ReadPage | undefined {
  const kind = kindOf(text, contentType)
  if (kind === undefined) return undefined
  const document = kind === 'html' ? readDocument(text) : otherDocument(text, kind)
  return factsOf(document, url)
}

function kindOf(text: string, contentType: string): Kind | undefined {
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
  const start = text.slice(0, 1000).trimStart().toLowerCase()
  const looksHtml = /^(?:<!doctype html|<html|<head|<body|<!--|<script|<div|<meta|<title|<center|<h1|<p>)/.test(start)
  if (type === 'text/html' || type === 'application/xhtml+xml') return 'html'
  if (/[/+]xml$/.test(type)) return 'xml'
  if (/[/+]json$/.test(type)) return 'json'
  if (type === 'text/plain') return 'text'
  if (/^(?:image|audio|video|font)\//.test(type) || /(?:pdf|zip|gzip|css|javascript)$/.test(type)) return undefined
  // Nothing said, or nothing that helps: the text itself.
  if (looksHtml) return 'html'
  if (start.startsWith('<?xml') || start.startsWith('<rss') || start.startsWith('<urlset')) return 'xml'
  if (start.includes('\u0000')) return undefined
  return start.startsWith('<') ? 'html' : 'text'
}

function otherDocument(text: string, kind: Exclude<Kind, 'html'>): PageDocument {
  const empty = readDocument('')
  if (kind === 'xml') {
    readMarkup(
      text,
      {
        open: () => empty.visible.add('\n'),
        close: () => empty.visible.add('\n'),
        text: (piece) => empty.visible.add(piece),
      },
      { xml: true },
    )
  } else if (kind === 'json') empty.visible.add(jsonTexts(text))
  else empty.visible.add(text)
  return empty
}

/** The strings of a JSON text, a line each; the text itself if it is none. */
function jsonTexts(text: string): string {
  if (text.length > MAX_DATA) return text
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return text
  }
  const sink = new TextSink(MAX_DATA)
  const waiting: unknown[] = [value]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (typeof next === 'string') sink.add(`${next}\n`)
    else if (typeof next === 'object' && next !== null) {
      const inside: unknown[] = Object.values(next)
      for (const one of inside.reverse()) waiting.push(one)
    }
  }
  return sink.toString()
}

/** Lines of a text as people see them: without what nobody sees, one space for many, none empty. */
function linesOf(text: string): string[] {
  const lines: string[] = []
  for (const line of text.split('\n')) {
    const plain = plainText(line.length > MAX_LINE ? line.slice(0, MAX_LINE) : line)
    if (plain !== '' && lines.push(plain) >= MAX_LINES) break
  }
  return lines
}

/** Addresses against the page's own, with their hosts; so many and no more. */
function createResolver(url: string, base: string) {
  const own = URL.parse(url)
  const from = (base === '' ? null : URL.parse(base, url)) ?? own
  let left = MAX_RESOLVED
  const known = new Map<string, { href: string; host: string }>()
  return (href: string): { href: string; host: string } => {
    const text = href.trim().slice(0, 2000)
    const before = known.get(text)
    if (before !== undefined) return before
    let found = { href: cut(text, pageLimits.href), host: '' }
    if (left-- > 0) {
      const parsed = URL.parse(text, from?.href)
      if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:')
        found = {
          href: cut(parsed.href, pageLimits.href),
          host: parsed.hostname === own?.hostname ? '' : parsed.hostname,
        }
      known.set(text, found)
    }
    return found
  }
}

function factsOf(page: PageDocument, url: string): ReadPage {
  const resolve = createResolver(url, page.base)
  const written = writtenBy(page)
  const links = [...page.links, ...written.links]
  const lines = linesOf(page.visible.toString())
  const text = lines.join('\n')
  const seen = shingles(text)
  const get = (name: string): string => plainText(page.meta.get(name) ?? '')
  const hiddenLinks: HiddenLink[] = []
  const shownLinks: { href: string; text: string }[] = []
  const linkHosts = new Set<string>()
  const hiddenHosts = new Set<string>()
  for (const { href, text: label, why } of links) {
    const target = resolve(href)
    if (target.host !== '' && linkHosts.size < pageLimits.hosts) linkHosts.add(target.host)
    if (why !== '' && target.host !== '' && hiddenHosts.size < pageLimits.hosts) hiddenHosts.add(target.host)
    const shown = { href: target.href, text: cut(plainText(label), pageLimits.linkText) }
    if (why !== '') hiddenLinks.push({ ...shown, why })
    else if (shownLinks.length < pageLimits.links) shownLinks.push(shown)
  }
  const refresh = refreshOf(page, written.locations, resolve)
  const scriptHosts = new Set([...page.embedded, page.refresh].map((one) => resolve(one).host))
  if (refresh !== '') scriptHosts.add(resolve(refresh).host)
  scriptHosts.delete('')
  const facts: PageFacts = {
    title: cut(plainText(page.title), pageLimits.title),
    description: cut(get('description') || get('og:description'), pageLimits.short),
    generator: cut(get('generator'), pageLimits.title),
    language: cut(plainText(page.language), 40),
    text: cutMiddle(text.replaceAll('\n', ' '), pageLimits.text),
    hidden_text: cutMiddle(hiddenText(page), pageLimits.hiddenText),
    hidden_links: outermost(hiddenLinks, resolve),
    links: shownLinks,
    link_hosts: [...linkHosts],
    script_hosts: [...scriptHosts].slice(0, pageLimits.hosts),
    refresh: refresh === '' ? '' : resolve(refresh).href,
    canonical: page.canonical === '' ? '' : resolve(page.canonical).href,
    look: [...page.look],
    script_text: cutMiddle(written.text, pageLimits.scriptText),
    fingerprint: simhash(seen),
  }
  const refreshHost = refresh === '' ? '' : resolve(refresh).host
  return {
    facts,
    lines,
    shingles: seen,
    hiddenCount: hiddenLinks.length,
    hiddenHosts: [...hiddenHosts],
    refreshHost,
  }
}

/** Those that lead to other hosts first: menus that are folded away are hidden too, and many. */
function outermost(links: readonly HiddenLink[], resolve: (href: string) => { host: string }): HiddenLink[] {
  const away = links.filter(({ href }) => resolve(href).host !== '')
  const own = links.filter(({ href }) => resolve(href).host === '')
  return [...away, ...own].slice(0, pageLimits.hiddenLinks)
}

/** Text that is in the page and that people do not see: hidden elements, meta, JSON-LD, comments. */
function hiddenText(page: PageDocument): string {
  const parts = [page.hidden.toString()]
  for (const [name, content] of page.meta)
    if (name === 'keywords' || /^(?:og|twitter):(?!url|image|type|locale|card)/.test(name)) parts.push(content)
  for (const data of page.data.slice(0, 50)) parts.push(jsonTexts(data))
  const comments = linesOf(page.comments.toString()).join(' ')
  return [linesOf(parts.join('\n')).join(' '), cutMiddle(comments, pageLimits.hiddenText / 4)].join(' ').trim()
}

interface Written {
  readonly text: string
  readonly links: readonly Link[]
  readonly locations: ScriptTexts['locations']
}

/** What the scripts of a page write; HTML that they write is read as such, its own scripts no further. */
function writtenBy(page: PageDocument): Written {
  const found = emptyScriptTexts()
  let read = 0
  for (const script of page.scripts.slice(0, MAX_SCRIPTS)) {
    if (read > MAX_DATA * 5) break
    readScript(script, found)
    read += script.length
  }
  const texts: string[] = []
  const links: Link[] = []
  for (const piece of [found.written.join(''), ...page.inner.slice(0, MAX_INNER), ...found.decoded]) {
    if (!piece.includes('<')) {
      texts.push(piece)
      continue
    }
    const inner = readDocument(piece)
    texts.push(inner.visible.toString(), inner.hidden.toString())
    for (const link of inner.links) {
      links.push(link)
      texts.push(link.href)
    }
    for (const source of inner.embedded) page.embedded.push(source)
  }
  texts.push(...found.sentences)
  for (const href of found.addresses) links.push({ href, text: '', why: '' })
  return { text: linesOf(texts.join('\n')).join(' '), links, locations: found.locations }
}

/** A meta refresh; else where a script leads: to another host from anywhere, to its own only where that is no part of a function. */
function refreshOf(
  page: PageDocument,
  locations: ScriptTexts['locations'],
  resolve: (href: string) => { host: string },
): string {
  if (page.refresh !== '') return page.refresh
  const away = locations.find(({ url }) => resolve(url).host !== '')
  return (away ?? locations.find(({ always, url }) => always && url.trim() !== ''))?.url ?? ''
}
