// What does the XML of a Windows event say? A reader for this one schema: elements, attributes, text; no declarations, no entities of one's own.
import type { JsonObject } from '../json/json-guard.ts'

/** More than any event has. */
const MAX_ELEMENTS = 2048
const MAX_DEPTH = 12
/** A name or an attribute list that is longer is none of an event's. */
const MAX_TAG = 65_536

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Text with XML's five entities and character references resolved; what else looks like an entity stays as it is. */
function resolved(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (all, decimal, hex, name) => {
    if (name !== undefined) return Object.hasOwn(named, name) ? (named[name] ?? all) : all
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    // Surrogates are no characters, and zero ends strings elsewhere.
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : all
  })
}

/** An element while it is read. Names come from outside, so objects have no prototype. */
interface Element {
  readonly name: string
  readonly attributes: Record<string, string> | undefined
  readonly children: Record<string, unknown>
  text: string
}

function blank<T>(): Record<string, T> {
  return Object.create(null)
}

const attribute = /(?<![\w.:-])([A-Za-z_][\w.:-]{0,127})\s{0,8}=\s{0,8}(?:"([^"]*)"|'([^']*)')/g

function attributesOf(text: string): Record<string, string> | undefined {
  if (!text.includes('=')) return undefined
  const found = blank<string>()
  for (const [, name = '', double, single] of text.matchAll(attribute)) found[name] ??= resolved(double ?? single ?? '')
  return found
}

/** The value of an element: its text, or an object with attributes, text and children. */
function contentOf({ attributes, children, text }: Element): unknown {
  const names = Object.keys(children)
  // Line ends between elements are layout.
  const own = names.length > 0 ? text.trim() : text
  if (attributes === undefined && names.length === 0) return own === '' ? null : own
  const value = blank<unknown>()
  if (attributes !== undefined) value['#attributes'] = attributes
  if (own !== '') value['#text'] = own
  for (const name of names) value[name] = children[name]
  return value
}

/** Put a child into its parent; several of one name become a list. */
function adopt(parent: Element, child: Element): void {
  const value = contentOf(child)
  const before = parent.children[child.name]
  if (!(child.name in parent.children)) parent.children[child.name] = value
  else if (Array.isArray(before)) before.push(value)
  else parent.children[child.name] = [before, value]
}

/** Index of the `>` that ends the tag which begins at `from`, -1 if there is none; one in quotes is part of a value. */
function tagEnd(text: string, from: number): number {
  const limit = Math.min(text.length, from + MAX_TAG)
  let quote = 0
  for (let at = from; at < limit; at++) {
    const c = text.charCodeAt(at)
    if (quote !== 0) {
      if (c === quote) quote = 0
    } else if (c === 34 || c === 39) quote = c
    else if (c === 62) return at
  }
  return -1
}

/** Whether a text can be the XML of a Windows event. */
export function looksLikeEventXml(text: string): boolean {
  return /^(?:<\?xml [^>]{0,200}\?>\s{0,8})?<Event[\s>]/.test(text)
}

/**
 * The event as the JSON that evtx_dump makes of it: attributes under `#attributes`, text beside them under `#text`, repeated elements as lists.
 * Undefined if it is not well-formed or holds a declaration, comment, CDATA or processing instruction, which no Windows event does. An event that
 * was cut is read up to where it ends (`cut`). Linear. Source: Microsoft, "Event Schema"; XML 1.0.
 */
export function readEventXml(text: string): { readonly event: JsonObject; readonly cut: boolean } | undefined {
  const root: Element = { name: '', attributes: undefined, children: blank(), text: '' }
  const open: Element[] = [root]
  let at = text.startsWith('<?xml') ? text.indexOf('?>') + 2 : 0
  let elements = 0
  let cut = false
  while (at < text.length) {
    const current = open.at(-1) ?? root
    const tag = text.indexOf('<', at)
    if (tag < 0) {
      if (open.length === 1) break
      cut = true
      current.text += resolved(text.slice(at))
      break
    }
    if (open.length > 1 && tag > at) current.text += resolved(text.slice(at, tag))
    const next = text.charAt(tag + 1)
    if (next === '!' || next === '?') return undefined
    const end = tagEnd(text, tag + 1)
    if (end < 0) {
      if (text.length - tag > MAX_TAG) return undefined
      cut = true
      break
    }
    at = end + 1
    if (next === '/') {
      if (open.length === 1 || text.slice(tag + 2, end).trim() !== current.name) return undefined
      open.pop()
      adopt(open.at(-1) ?? root, current)
      if (open.length === 1) break
      continue
    }
    const alone = text.charCodeAt(end - 1) === 47
    const inner = text.slice(tag + 1, alone ? end - 1 : end)
    const name = /^[A-Za-z_][\w.:-]{0,127}/.exec(inner)?.[0] ?? ''
    if (name === '' || ++elements > MAX_ELEMENTS || open.length > MAX_DEPTH) return undefined
    const element: Element = { name, attributes: attributesOf(inner.slice(name.length)), children: blank(), text: '' }
    if (alone) adopt(current, element)
    else open.push(element)
  }
  if (open.length > 1) cut = true
  for (let child = open.pop(); child !== undefined && open.length > 0; child = open.pop()) {
    adopt(open.at(-1) ?? root, child)
  }
  const event = root.children.Event
  return typeof event === 'object' && event !== null && !Array.isArray(event) ? { event: { ...event }, cut } : undefined
}
