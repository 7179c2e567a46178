// How is a rule's condition read? `selection and not 1 of filter_*` becomes an expression of named searches (Sigma 2.1, "Condition").

export type Condition =
  | { readonly op: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly op: 'not'; readonly of: Condition }
  | { readonly op: 'search'; readonly name: string }
  /** `1 of` (any) or `all of` the searches whose names fit; `them` is every search that does not begin with an underscore. */
  | { readonly op: 'some' | 'every'; readonly pattern: string }

/** A condition that does not follow the grammar; the message completes "the condition ...". */
export class ConditionError extends Error {}

const MAX_DEPTH = 64
const token = /\s*(?:([()|])|([^\s()|]+))/y

/** Reads a condition. Binding from tight to loose: `1 of`/`all of`, `not`, `and`, `or`. Throws ConditionError. */
export function parseCondition(text: string): Condition {
  const tokens = tokenise(text)
  let at = 0

  const peek = (): string => tokens[at]?.toLowerCase() ?? ''
  const either = (depth: number): Condition => chain('or', () => chain('and', () => unary(depth)))
  const chain = (op: 'and' | 'or', next: () => Condition): Condition => {
    const of = [next()]
    while (peek() === op) {
      at += 1
      of.push(next())
    }
    return of.length === 1 ? (of[0] as Condition) : { op, of }
  }
  const unary = (depth: number): Condition => {
    if (depth > MAX_DEPTH) throw new ConditionError(`is nested more than ${MAX_DEPTH} deep`)
    const word = tokens[at]
    if (word === undefined) throw new ConditionError('ends where a search is expected')
    at += 1
    const lower = word.toLowerCase()
    if (word === '(') {
      const inner = either(depth + 1)
      if (tokens[at] !== ')') throw new ConditionError('has a bracket that is not closed')
      at += 1
      return inner
    }
    if (lower === 'not') return { op: 'not', of: unary(depth + 1) }
    if (peek() === 'of') return quantified(lower)
    if (word === ')' || lower === 'and' || lower === 'or' || lower === 'of')
      throw new ConditionError(`has ${word} where a search is expected`)
    return { op: 'search', name: word }
  }
  const quantified = (quantity: string): Condition => {
    at += 1
    const pattern = tokens[at]
    if (pattern === undefined || pattern === '(' || pattern === ')')
      throw new ConditionError('names no searches behind "of"')
    at += 1
    if (quantity === '1' || quantity === 'any') return { op: 'some', pattern }
    if (quantity === 'all') return { op: 'every', pattern }
    throw new ConditionError(`asks for "${quantity} of": only "1 of", "any of" and "all of" exist`)
  }

  const condition = either(0)
  if (tokens[at] === '|')
    throw new ConditionError('has an aggregation behind "|": Sigma 2 replaced those by correlation rules')
  if (at < tokens.length) throw new ConditionError(`has ${tokens[at]} where "and", "or" or the end is expected`)
  return condition
}

function tokenise(text: string): string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  const trimmed = text.trim()
  while (token.lastIndex < trimmed.length) {
    const found = token.exec(trimmed)
    if (found === null) break
    tokens.push(found[1] ?? found[2] ?? '')
  }
  if (tokens.length === 0) throw new ConditionError('is empty')
  return tokens
}

/** The names that a pattern of `1 of` or `all of` means; `*` stands for any characters. */
export function searchesOf(pattern: string, names: readonly string[]): string[] {
  if (pattern.toLowerCase() === 'them') return names.filter((name) => !name.startsWith('_'))
  const parts = pattern.split('*')
  return names.filter((name) => {
    if (parts.length === 1) return name === pattern
    let from = 0
    for (const [i, part] of parts.entries()) {
      if (i === 0) {
        if (!name.startsWith(part)) return false
        from = part.length
      } else if (i === parts.length - 1) return name.length - part.length >= from && name.endsWith(part)
      else {
        const found = name.indexOf(part, from)
        if (found < 0) return false
        from = found + part.length
      }
    }
    return true
  })
}
