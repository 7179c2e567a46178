// Where does a statement end, and what stands at the cursor? ClickHouse's SQL cut into strings, comments, words and signs.

export type TokenKind = 'space' | 'comment' | 'string' | 'name' | 'word' | 'number' | 'sign'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly at: number
  /** A string, quoted name or comment whose end has not come yet. */
  readonly open?: boolean
}

// Sticky, tried in this order; each is linear in the length of what it takes.
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /\s+/y],
  ['comment', /--[^\n]*|#[ !][^\n]*/y],
  ['number', /\d[\w.]*/y],
  ['word', /[\p{L}_$][\p{L}\p{N}_$]*/uy],
  ['sign', /[\s\S]/uy],
]
const closings: Readonly<Record<string, TokenKind>> = { "'": 'string', '"': 'name', '`': 'name' }

/** All of the text as tokens, one behind the other. */
export function tokens(text: string): Token[] {
  const found: Token[] = []
  for (let at = 0; at < text.length; ) {
    const token = quoted(text, at) ?? blockComment(text, at) ?? heredoc(text, at) ?? plain(text, at)
    found.push(token)
    at += token.text.length
  }
  return found
}

function quoted(text: string, at: number): Token | undefined {
  const mark = text[at] ?? ''
  const kind = Object.hasOwn(closings, mark) ? closings[mark] : undefined
  if (kind === undefined) return undefined
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++
    else if (text[end] === mark) {
      // Doubled, it stands for itself.
      if (text[end + 1] !== mark) return { kind, text: text.slice(at, end + 1), at }
      end++
    }
  }
  return { kind, text: text.slice(at), at, open: true }
}

function blockComment(text: string, at: number): Token | undefined {
  if (!text.startsWith('/*', at)) return undefined
  const end = text.indexOf('*/', at + 2)
  return end < 0
    ? { kind: 'comment', text: text.slice(at), at, open: true }
    : { kind: 'comment', text: text.slice(at, end + 2), at }
}

function heredoc(text: string, at: number): Token | undefined {
  const head = /\$\w*\$/y
  head.lastIndex = at
  const mark = head.exec(text)?.[0]
  if (mark === undefined) return undefined
  const end = text.indexOf(mark, at + mark.length)
  return end < 0
    ? { kind: 'string', text: text.slice(at), at, open: true }
    : { kind: 'string', text: text.slice(at, end + mark.length), at }
}

function plain(text: string, at: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) return { kind, text: match[0], at }
  }
  return { kind: 'sign', text: text[at] ?? '', at }
}

export interface Cut {
  /** Statements that end in `;`, without it, as they were written. */
  readonly whole: readonly string[]
  /** What stands behind the last one. */
  readonly rest: string
}

/** Cuts a text at each `;` that is part of no string and no comment. */
export function cutStatements(text: string): Cut {
  const whole: string[] = []
  let from = 0
  for (const token of tokens(text)) {
    if (token.kind !== 'sign' || token.text !== ';') continue
    whole.push(text.slice(from, token.at))
    from = token.at + 1
  }
  return { whole, rest: text.slice(from) }
}

/** True if there is something to run: neither space nor comment alone. */
export function saysSomething(statement: string): boolean {
  return tokens(statement).some(({ kind }) => kind !== 'space' && kind !== 'comment')
}

/** The same statement on one line, for the history; undefined if it cannot be written so. */
export function onOneLine(statement: string): string | undefined {
  const parts = tokens(statement.trim()).map((token): string | undefined => {
    if (!token.text.includes('\n') && token.kind !== 'comment') return token.text
    if (token.kind === 'space') return ' '
    if (token.kind === 'comment') {
      const words = token.text.replace(/^(?:--|#)/, '').replace(/^\/\*|\*\/$/g, '')
      return words.includes('*/') ? undefined : `/*${words.replaceAll(/\s+/g, ' ')}*/`
    }
    return token.text.startsWith('$') ? undefined : token.text.replaceAll('\r', '').replaceAll('\n', '\\n')
  })
  return parts.includes(undefined) ? undefined : parts.join('')
}
