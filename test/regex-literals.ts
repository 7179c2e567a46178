// Which regular expressions stand in a source file? A small scanner of TypeScript that tells a literal from a division.

export interface RegexLiteral {
  readonly line: number
  readonly source: string
  readonly flags: string
}

/** Words behind which a slash begins a literal, as behind an operator. */
const words = new Set(['return', 'case', 'typeof', 'in', 'of', 'do', 'else', 'void', 'delete', 'await', 'yield'])

/** Every literal of a text, in order. Comments, strings and templates are stepped over; `${…}` inside a template is looked into. */
export function regexLiterals(text: string): RegexLiteral[] {
  const found: RegexLiteral[] = []
  const templates: number[] = []
  let depth = 0
  let line = 1
  /** The last thing that counts: '' at the start, a word, or one character. */
  let before = ''
  let at = 0
  const step = (to: number): void => {
    for (; at < to; at++) if (text[at] === '\n') line++
  }
  const template = (from: number): void => {
    let end = from
    for (; end < text.length && text[end] !== '`'; end++) {
      if (text[end] === '\\') end++
      else if (text.startsWith('${', end)) {
        templates.push(depth)
        step(end + 2)
        before = '{'
        return
      }
    }
    step(end + 1)
    before = '`'
  }
  while (at < text.length) {
    const c = text[at] ?? ''
    if (text.startsWith('//', at)) step(ending(text, '\n', at))
    else if (text.startsWith('/*', at)) step(ending(text, '*/', at) + 2)
    else if (c === "'" || c === '"') {
      let end = at + 1
      for (; end < text.length && text[end] !== c; end++) if (text[end] === '\\') end++
      step(end + 1)
      before = c
    } else if (c === '`') template(at + 1)
    else if (c === '}' && templates.at(-1) === depth) {
      templates.pop()
      template(at + 1)
    } else if (c === '/' && (before === '' || words.has(before) || /^[^\w$)\]}'"`]$/.test(before))) {
      const body = /^\/((?:\[(?:\\.|[^\]\\])*\]|\\.|[^/\\[])+)\/([a-z]*)/.exec(text.slice(at, at + 4_000))
      if (body === null) throw new Error(`line ${line}: a slash that begins no regular expression`)
      found.push({ line, source: body[1] ?? '', flags: body[2] ?? '' })
      step(at + body[0].length)
      before = '/)'
    } else if (/\s/.test(c)) step(at + 1)
    else {
      const word = /^[\w$]+/.exec(text.slice(at, at + 200))?.[0]
      if (word === undefined && c === '{') depth++
      if (word === undefined && c === '}') depth--
      step(at + (word?.length ?? 1))
      before = word ?? c
    }
  }
  return found
}

function ending(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from)
  return at < 0 ? text.length : at
}
