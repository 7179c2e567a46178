// Which tags and texts stand in a page, in order? The tokenizer of htmlparser2 alone: its parser searches a stack as deep as the page has it.
import { Tokenizer } from 'htmlparser2'

const MAX_ATTRIBUTES = 60
const MAX_VALUE = 4000

export interface MarkupHandler {
  /** Name in small letters; of two attributes of a name the first. */
  open(name: string, attributes: ReadonlyMap<string, string>, selfClosing: boolean): void
  close(name: string): void
  text(text: string): void
  comment?(text: string): void
}

/** Reads a page or XML; linear in its length, never throws. Entities are decoded. */
export function readMarkup(source: string, handler: MarkupHandler, { xml = false } = {}): void {
  let name = ''
  let attributes = new Map<string, string>()
  let attribute = ''
  let value: string[] = []
  let size = 0
  const add = (text: string): void => {
    if (size >= MAX_VALUE) return
    value.push(text)
    size += text.length
  }
  const opened = (selfClosing: boolean): void => {
    handler.open(name, attributes, selfClosing)
    attributes = new Map()
  }
  const tokenizer = new Tokenizer(
    { xmlMode: xml, decodeEntities: true },
    {
      onopentagname(start, end) {
        name = source.slice(start, end).slice(0, 100).toLowerCase()
        attributes = new Map()
      },
      onattribname(start, end) {
        attribute = source.slice(start, end).slice(0, 100).toLowerCase()
        value = []
        size = 0
      },
      onattribdata: (start, end) => add(source.slice(start, Math.min(end, start + MAX_VALUE))),
      onattribentity: (codepoint) => add(characterOf(codepoint)),
      onattribend() {
        if (attributes.size < MAX_ATTRIBUTES && !attributes.has(attribute)) attributes.set(attribute, value.join(''))
      },
      onopentagend: () => opened(false),
      onselfclosingtag: () => opened(true),
      onclosetag: (start, end) => handler.close(source.slice(start, end).slice(0, 100).toLowerCase()),
      ontext: (start, end) => handler.text(source.slice(start, end)),
      ontextentity: (codepoint) => handler.text(characterOf(codepoint)),
      oncdata: (start, end, offset) => {
        if (xml) handler.text(source.slice(start, end - offset))
      },
      oncomment: (start, end, offset) => handler.comment?.(source.slice(start, Math.max(start, end - offset))),
      ondeclaration: () => undefined,
      onprocessinginstruction: () => undefined,
      onend: () => undefined,
    },
  )
  tokenizer.write(source)
  tokenizer.end()
}

function characterOf(codepoint: number): string {
  return codepoint >= 0 && codepoint <= 0x10ffff ? String.fromCodePoint(codepoint) : ''
}
