// What do people see of a page, and what not? One pass over its tags: text, links and frames, each with the reason why it is hidden.
import { backwards } from './codes.ts'
import {
  backgroundOf,
  colourOf,
  type Declarations,
  declarationsOf,
  hiddenBy,
  isBackwards,
  isBlack,
} from './declarations.ts'
import { remember } from './head.ts'
import { readMarkup } from './markup.ts'
import { BACKWARDS, readStyles, type Selectable } from './stylesheet.ts'

/** Deeper elements take after the deepest one followed. */
const MAX_DEPTH = 256
const MAX_LINKS = 20_000
const MAX_TEXT = 400_000
const MAX_LINK_TEXT = 300
const MAX_COMMENTS = 20_000
const MAX_CLASSES = 30

export interface Link {
  /** As it stands in the page. */
  readonly href: string
  readonly text: string
  /** Why it is hidden; '' if it is seen. */
  readonly why: string
}

/** Collects text, of which so many characters are kept. */
export class TextSink {
  private readonly parts: string[] = []
  private left: number

  constructor(max: number) {
    this.left = max
  }

  add(text: string): void {
    if (this.left <= 0 || text === '') return
    this.parts.push(text.length > this.left ? text.slice(0, this.left) : text)
    this.left -= text.length
  }

  toString(): string {
    return this.parts.join('')
  }
}

export interface PageDocument {
  title: string
  language: string
  /** The first of each name or property, in small letters. */
  readonly meta: Map<string, string>
  base: string
  canonical: string
  /** Target of a meta refresh. */
  refresh: string
  readonly visible: TextSink
  readonly hidden: TextSink
  readonly comments: TextSink
  readonly links: Link[]
  /** Addresses of scripts, frames and plug-ins. */
  readonly embedded: string[]
  readonly scripts: string[]
  /** JSON-LD and other data. */
  readonly data: string[]
  /** Pages in attributes: `srcdoc`, addresses of `data:`. */
  readonly inner: string[]
  /** How it is made, as few offices make theirs (PageFacts.look). */
  readonly look: Set<string>
}

interface Frame extends Selectable {
  /** Why it is hidden, itself or by what it is in. */
  readonly why: string
  readonly background: string
  /** Its letters are shown from right to left. */
  readonly backwards: boolean
  readonly link: OpenLink | undefined
}

interface OpenLink {
  readonly href: string
  readonly why: string
  text: string
  unseen: string
  unseenWhy: string
  /** It holds something to click on that is not text. */
  image: boolean
}

const blocks: ReadonlySet<string> = new Set(
  'address article aside blockquote body br button center dd details dialog div dl dt fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li main marquee menu nav ol optgroup option p pre section select summary table tbody td textarea tfoot th thead title tr ul'.split(
    ' ',
  ),
)
const voids: ReadonlySet<string> = new Set(
  'area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr'.split(' '),
)
export const FRAME_FALLBACK = 'fallback of a frame'
/** Elements whose content is for those that cannot show the element. */
const unseenElements: Readonly<Record<string, string>> = {
  noscript: 'noscript',
  template: 'template',
  iframe: FRAME_FALLBACK,
  noframes: 'noframes',
  noembed: 'noembed',
  canvas: 'fallback',
  video: 'fallback',
  audio: 'fallback',
  datalist: 'datalist',
}
/** An element that ends one of these that is still open. */
const ends: Readonly<Record<string, readonly string[]>> = {
  li: ['li'],
  p: ['p'],
  option: ['option'],
  tr: ['tr', 'td', 'th'],
  td: ['td', 'th'],
  th: ['td', 'th'],
  dt: ['dt', 'dd'],
  dd: ['dt', 'dd'],
  a: ['a'],
}

/** Reads a page; linear in its length and never throws. */
export function readDocument(html: string): PageDocument {
  const page: PageDocument = {
    title: '',
    language: '',
    meta: new Map(),
    base: '',
    canonical: '',
    refresh: '',
    visible: new TextSink(MAX_TEXT),
    hidden: new TextSink(MAX_TEXT),
    comments: new TextSink(MAX_COMMENTS),
    links: [],
    embedded: [],
    scripts: [],
    data: [],
    inner: [],
    look: new Set(),
  }
  const styles = readStyles(html)
  if (isBlack(styles.background)) page.look.add('black')
  for (const text of styles.texts) page.hidden.add(`\n${text}\n`)
  const stack: Frame[] = []
  const open = new Map<string, number>()
  let beyond = 0
  /** The element whose content is no markup: script, style, title. */
  let raw: { name: string; type: string; parts: string[] } | undefined

  const top = (): Frame | undefined => stack.at(-1)
  const breakLine = (name: string): void => {
    if (!blocks.has(name)) return
    page.visible.add('\n')
    page.hidden.add('\n')
  }
  const addLink = (link: Link): void => {
    if (page.links.length < MAX_LINKS) page.links.push(link)
  }
  const pop = (): void => {
    const frame = stack.pop()
    if (frame === undefined) return
    open.set(frame.name, (open.get(frame.name) ?? 1) - 1)
    if (frame.name === 'a' && frame.link !== undefined && top()?.link !== frame.link) addLink(closedLink(frame.link))
  }
  const closeElement = (name: string): void => {
    if ((open.get(name) ?? 0) <= 0) return
    while (stack.length > 0) {
      const last = top()?.name
      pop()
      if (last === name) return
    }
  }

  const addText = (written: string): void => {
    const { why = '', link, backwards: turned = false } = top() ?? {}
    const text = turned ? backwards(written) : written
    if (why === '') page.visible.add(text)
    else page.hidden.add(text)
    if (link === undefined) return
    if (why === link.why) {
      if (link.text.length < MAX_LINK_TEXT) link.text += text
    } else if (link.unseen.length < MAX_LINK_TEXT) {
      link.unseen += text
      link.unseenWhy = why
    }
  }

  readMarkup(html, {
    open(name, attributes, selfClosing) {
      if (raw !== undefined) return
      if (name === 'script' || name === 'style' || (name === 'title' && (open.get('svg') ?? 0) <= 0)) {
        if (name === 'script' && attributes.has('src')) page.embedded.push(attributes.get('src') ?? '')
        raw = { name, type: (attributes.get('type') ?? '').trim().toLowerCase(), parts: [] }
        return
      }
      for (const ended of ends[name] ?? []) {
        // Only the innermost: a list in an item is not the end of the item around it.
        if (top()?.name === ended) pop()
      }
      breakLine(name)
      const above = top()
      const style = styleOf(name, attributes)
      const element: Selectable = {
        name,
        id: attributes.get('id') ?? '',
        classes: (attributes.get('class') ?? '').split(/\s+/, MAX_CLASSES).filter((one) => one !== ''),
      }
      const reasoned = reason(name, attributes, style, above, () => styles.hiddenBy(element, stack))
      const turned = reasoned === BACKWARDS || isBackwards(style) || (name === 'bdo' && attributes.get('dir') === 'rtl')
      const why = reasoned === BACKWARDS ? '' : reasoned
      remember(page, name, attributes, why, addLink)
      if (name === 'body' && isBlack(backgroundOf(style))) page.look.add('black')
      for (const text of [attributes.get('alt'), attributes.get('title')])
        if (text !== undefined) page.hidden.add(`\n${text}\n`)
      if (name === 'img' || name === 'svg' || name === 'i' || name === 'picture' || name === 'video') {
        const { link } = above ?? {}
        if (link !== undefined && why === '') link.image = true
      }
      if (voids.has(name) || (selfClosing && (open.get('svg') ?? 0) > 0)) return
      if (stack.length >= MAX_DEPTH) {
        beyond++
        return
      }
      const href = name === 'a' ? attributes.get('href') : undefined
      const link: OpenLink | undefined =
        href === undefined ? above?.link : { href, why, text: '', unseen: '', unseenWhy: '', image: false }
      const background = backgroundOf(style) || (above?.background ?? '')
      stack.push({ ...element, why, background, link, backwards: turned || above?.backwards === true })
      open.set(name, (open.get(name) ?? 0) + 1)
      for (const attribute of styles.shownAttributes) {
        const shown = attributes.get(attribute)
        if (shown !== undefined) addText(shown)
      }
    },
    close(name) {
      if (raw !== undefined) {
        if (name !== raw.name) return
        endRaw(page, raw)
        raw = undefined
        return
      }
      breakLine(name)
      if (beyond > 0) beyond--
      else closeElement(name)
    },
    comment(text) {
      // Markup that is for old browsers, or taken out, leaves its words.
      if (!text.startsWith('[if'))
        page.comments.add(`\n${text.slice(0, MAX_COMMENTS).replace(/<[^<>]{0,500}>/g, ' ')}\n`)
    },
    text(text) {
      if (raw !== undefined) raw.parts.push(text)
      else addText(text)
    },
  })
  if (raw !== undefined) endRaw(page, raw)
  while (stack.length > 0) pop()
  return page
}

/** A link that shows only what is hidden in it is hidden. */
function closedLink({ href, why, text, unseen, unseenWhy, image }: OpenLink): Link {
  if (why !== '' || text.trim() !== '' || image) return { href, text, why }
  return { href, text: unseen, why: unseen.trim() === '' ? '' : unseenWhy }
}

function styleOf(name: string, attributes: ReadonlyMap<string, string>): Declarations {
  const style = new Map(declarationsOf(attributes.get('style') ?? ''))
  const background = attributes.get('bgcolor')
  if (background !== undefined && !style.has('background-color')) style.set('background-color', background)
  const colour = name === 'font' ? attributes.get('color') : name === 'body' ? attributes.get('text') : undefined
  if (colour !== undefined && colourOf(colour) !== '' && !style.has('color')) style.set('color', colour)
  return style
}

function reason(
  name: string,
  attributes: ReadonlyMap<string, string>,
  style: Declarations,
  above: Frame | undefined,
  byRules: () => string,
): string {
  const inherited = above?.why ?? ''
  // Letters of no size are letters again where a child gives them one.
  if (inherited !== '' && !(inherited === 'font-size:0' && style.has('font-size'))) return inherited
  if (attributes.has('hidden') && attributes.get('hidden') !== 'until-found') return 'hidden'
  const sized = name === 'marquee' || name === 'iframe' || name === 'embed' || name === 'object'
  if (sized && tiny(attributes)) return `${name} of no size`
  return hiddenBy(style, above?.background ?? '') || byRules() || (unseenElements[name] ?? '')
}

/** Width or height of two pixels at most. */
function tiny(attributes: ReadonlyMap<string, string>): boolean {
  return ['width', 'height'].some((side) => {
    const value = attributes.get(side)?.trim() ?? ''
    return /^[0-2](?:px)?$/.test(value)
  })
}

function endRaw(page: PageDocument, { name, type, parts }: { name: string; type: string; parts: string[] }): void {
  const text = parts.join('')
  if (name === 'title') page.title ||= text.trim()
  else if (name === 'script') {
    if (type.endsWith('json') || type === 'importmap') {
      if (type === 'application/ld+json') page.data.push(text)
    } else if (type === '' || /javascript|ecmascript|^module$|rocketscript/.test(type)) page.scripts.push(text)
    else page.hidden.add(`\n${text}\n`)
  }
}
