// What are the pairs of a line of `key=value key="value with spaces"`?

export type Pairs = ReadonlyMap<string, string>

/** Pairs that are read; the rest of a hostile line is left out. */
const MAX_PAIRS = 512
const MAX_KEY = 64

function isSeparator(c: number): boolean {
  return c === 32 || c === 44 || c === 9 || Number.isNaN(c)
}

function isKey(c: number): boolean {
  return (
    (c >= 97 && c <= 122) ||
    (c >= 65 && c <= 90) ||
    (c >= 48 && c <= 57) ||
    c === 95 ||
    c === 45 ||
    c === 46 ||
    c === 47
  )
}

/** Index of the quote that closes the value which begins at `from`: not escaped, and nothing but a separator behind it. */
function closingQuote(text: string, from: number): number {
  let escaped = false
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (escaped) escaped = false
    else if (c === 92) escaped = true
    else if (c === 34 && isSeparator(text.charCodeAt(i + 1))) return i
  }
  return text.length
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\(["\\])/g, '$1') : text
}

/** Index behind the value that begins at `from` without a quote. */
function valueEnd(text: string, from: number): number {
  let i = from
  while (!isSeparator(text.charCodeAt(i))) i++
  return i
}

/**
 * The pairs of a line, divided by spaces or commas; a value in quotes may hold both and `\"`. A key that comes twice with different values is left
 * out and told (`repeated`): the quote that a client sent in a name or URL was not escaped, and one of the two is its forgery. Linear.
 */
export function readQuotedPairs(text: string): { pairs: Pairs; repeated: boolean } {
  const pairs = new Map<string, string>()
  const repeated = new Set<string>()
  let at = 0
  while (at < text.length && pairs.size < MAX_PAIRS) {
    let end = at
    while (end - at <= MAX_KEY && isKey(text.charCodeAt(end))) end++
    if (end === at || text.charCodeAt(end) !== 61) {
      // No key: on to the next word.
      at = Math.max(valueEnd(text, end), at) + 1
      continue
    }
    const key = text.slice(at, end)
    let value: string
    if (text.charCodeAt(end + 1) === 34) {
      const close = closingQuote(text, end + 2)
      value = unescaped(text.slice(end + 2, close))
      at = close + 2
    } else {
      const close = valueEnd(text, end + 1)
      value = text.slice(end + 1, close)
      at = close + 1
    }
    const before = pairs.get(key)
    if (before === undefined) pairs.set(key, value)
    else if (before !== value) repeated.add(key)
  }
  for (const key of repeated) pairs.delete(key)
  return { pairs, repeated: repeated.size > 0 }
}
