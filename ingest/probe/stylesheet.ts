// Which elements do the style blocks of a page hide, or turn round? Rules of simple selectors, also beneath one ancestor; what only printers or narrow screens hide is not hidden.
import { backgroundOf, type Declarations, declarationsOf, hiddenBy, isBackwards } from './declarations.ts'

const MAX_CSS = 400_000
const MAX_RULES = 5000
const MAX_RULES_OF_KEY = 16
/** Comparisons for one page; beyond it rules with an ancestor no longer hold. */
const MAX_COMPARISONS = 2_000_000
const NEAR_ANCESTORS = 12

/** An element as selectors see it. */
export interface Selectable {
  readonly name: string
  readonly id: string
  readonly classes: readonly string[]
}

interface Compound {
  readonly tag: string
  readonly id: string
  readonly classes: readonly string[]
}

interface Rule {
  readonly own: Compound
  readonly ancestor: Compound | undefined
  readonly why: string
}

/** Answers why an element is hidden by the rules, BACKWARDS if they turn its letters round, '' if neither. `ancestors`: outermost first. */
export type HiddenByRules = (element: Selectable, ancestors: readonly Selectable[]) => string

export interface Styles {
  readonly hiddenBy: HiddenByRules
  /** The colour behind the whole page, '' none. */
  readonly background: string
  /** Attributes whose values are shown as text: `content: attr(data-k)`. */
  readonly shownAttributes: ReadonlySet<string>
  /** Texts that the rules themselves show. */
  readonly texts: readonly string[]
}

export const BACKWARDS = 'backwards'
const MAX_ATTRIBUTES = 20
const MAX_TEXTS = 200
/** What is shown of a style: two letters or more in a row, no signs of an icon font. */
const CONTENT = /attr\(\s{0,9}([\w-]{1,60})|"([^"]{2,300})"|'([^']{2,300})'/g

/** Reads the style blocks of a page, which hold wherever they stand in it. */
export function readStyles(html: string): Styles {
  const shownAttributes = new Set<string>()
  const texts: string[] = []
  let background = ''
  const rules = new Map<string, Rule[]>()
  let count = 0
  for (const css of styleBlocks(html)) {
    eachRule(css, (selectors, body) => {
      const style = declarationsOf(body)
      const why = hiddenBy(style) || (isBackwards(style) ? BACKWARDS : '')
      if (/(?:^|[\s,])(?:html|body|\*|:root)(?:$|[\s,])/i.test(selectors))
        background = backgroundOf(style) || background
      readContent(style, shownAttributes, texts)
      for (const selector of selectors.split(',')) {
        const [own, ancestor, more] = compounds(selector)
        if (own === undefined || more !== undefined) continue
        const key = keyOf(own)
        if (key === '' || (ancestor === undefined && own.id === '' && own.classes.length === 0)) continue
        const there = rules.get(key) ?? []
        // A later rule of the same selector that shows again takes the earlier one back.
        if (why === '') {
          if (style.has('display') || style.has('visibility') || style.has('opacity'))
            rules.set(
              key,
              there.filter((rule) => !same(rule, own, ancestor)),
            )
        } else if (there.length < MAX_RULES_OF_KEY && count++ < MAX_RULES) {
          rules.set(key, [...there, { own, ancestor, why }])
        }
      }
    })
  }
  const styles = { background, shownAttributes, texts }
  if (rules.size === 0) return { ...styles, hiddenBy: () => '' }
  let comparisons = 0
  const byRules: HiddenByRules = (element, ancestors) => {
    const keys = [...element.classes.map((name) => `.${name}`), element.name]
    if (element.id !== '') keys.push(`#${element.id}`)
    for (const key of keys) {
      for (const { own, ancestor, why } of rules.get(key) ?? []) {
        if (!matches(element, own)) continue
        if (ancestor === undefined) return why
        for (let up = ancestors.length - 1; up >= 0 && up >= ancestors.length - NEAR_ANCESTORS; up--) {
          if (++comparisons > MAX_COMPARISONS) return ''
          const above = ancestors[up]
          if (above !== undefined && matches(above, ancestor)) return why
        }
      }
    }
    return ''
  }
  return { ...styles, hiddenBy: byRules }
}

function readContent(style: Declarations, attributes: Set<string>, texts: string[]): void {
  const content = style.get('content') ?? ''
  for (const [, attribute, double, single] of content.matchAll(CONTENT)) {
    if (attribute !== undefined && attributes.size < MAX_ATTRIBUTES) attributes.add(attribute)
    const text = double ?? single ?? ''
    if (/\p{L}{2}/u.test(text) && !text.startsWith('\\') && texts.length < MAX_TEXTS) texts.push(text)
  }
}

function matches(element: Selectable, { tag, id, classes }: Compound): boolean {
  if (tag !== '' && tag !== element.name) return false
  if (id !== '' && id !== element.id) return false
  return classes.every((name) => element.classes.includes(name))
}

function same(rule: Rule, own: Compound, ancestor: Compound | undefined): boolean {
  return JSON.stringify([rule.own, rule.ancestor]) === JSON.stringify([own, ancestor])
}

function keyOf({ tag, id, classes }: Compound): string {
  if (id !== '') return `#${id}`
  return classes[0] === undefined ? tag : `.${classes[0]}`
}

/** The compounds of a selector, last first; empty if one of them is more than tag, id and classes. */
function compounds(selector: string): Compound[] {
  const parts = selector.slice(0, 300).replace(/>/g, ' ').trim().split(/\s+/).reverse()
  const found: Compound[] = []
  for (const part of parts.slice(0, 3)) {
    const match = /^([a-z][a-z0-9]{0,20}|\*)?((?:[.#][\w-]{1,100}){0,6})$/i.exec(part)
    if (match === null || part === '') return []
    const marks = (match[2] ?? '').split(/(?=[.#])/).filter((mark) => mark !== '')
    found.push({
      tag: match[1] === '*' ? '' : (match[1] ?? '').toLowerCase(),
      id: marks.find((mark) => mark.startsWith('#'))?.slice(1) ?? '',
      classes: marks.filter((mark) => mark.startsWith('.')).map((mark) => mark.slice(1)),
    })
  }
  return found
}

/** Contents of `<style>`, found by its tags alone: their place does not matter, and a comment around them is no harm. */
function styleBlocks(html: string): string[] {
  const lower = html.toLowerCase()
  // Letters that are longer in small would shift every place behind them.
  const text = lower.length === html.length ? html : lower
  const found: string[] = []
  let size = 0
  for (let at = lower.indexOf('<style'); at >= 0 && size < MAX_CSS; at = lower.indexOf('<style', at)) {
    const begin = lower.indexOf('>', at) + 1
    if (begin === 0) break
    const end = lower.indexOf('</style', begin)
    const css = text.slice(begin, end < 0 ? text.length : end).slice(0, MAX_CSS - size)
    const media = lower.slice(at, begin).slice(0, 300)
    if (!/media\s{0,9}=\s{0,9}["']?[^"'>]{0,99}(?:print|max-width)/.test(media)) found.push(css)
    size += css.length
    if (end < 0) break
    at = end
  }
  return found
}

/** Calls for each rule that holds on a screen; blocks of @media for others are stepped over, @supports and @layer are looked into. */
function eachRule(css: string, use: (selectors: string, body: string) => void): void {
  const text = withoutComments(css)
  let at = 0
  while (at < text.length) {
    const brace = nextOf(text, at)
    if (brace < 0) return
    if (text[brace] !== '{') {
      at = brace + 1
      continue
    }
    const head = text.slice(at, brace).slice(0, 4000).trim()
    if (head.startsWith('@')) {
      const inside = /^@(?:supports|layer|media\s{1,9}(?:only\s{1,9})?(?:all|screen)\s{0,9}$)/i.test(head)
      at = inside ? brace + 1 : endOfBlock(text, brace)
      continue
    }
    const end = text.indexOf('}', brace)
    use(head, text.slice(brace + 1, end < 0 ? text.length : end))
    if (end < 0) return
    at = end + 1
  }
}

/** The next brace or semicolon. */
function nextOf(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const c = text[at]
    if (c === '{' || c === '}' || c === ';') return at
  }
  return -1
}

function endOfBlock(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++
    else if (text[at] === '}' && --depth === 0) return at + 1
  }
  return text.length
}

function withoutComments(css: string): string {
  const parts: string[] = []
  let at = 0
  for (;;) {
    const begin = css.indexOf('/*', at)
    if (begin < 0) break
    parts.push(css.slice(at, begin))
    const end = css.indexOf('*/', begin + 2)
    if (end < 0) return parts.join('')
    at = end + 2
  }
  parts.push(css.slice(at))
  return parts.join('')
}
