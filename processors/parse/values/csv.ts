// What are the fields of a line of comma-separated values?

/**
 * The fields of a CSV line from the index `from` on, at most `limit`; the rest of a longer line is left out. A field in quotes may hold
 * commas and doubled quotes; one that never closes (a line cut in the middle) goes to the end. Linear. Source: RFC 4180.
 */
export function readCsv(text: string, from: number, limit: number): string[] {
  const fields: string[] = []
  let at = from
  while (fields.length < limit) {
    if (text.charCodeAt(at) === 34) {
      const close = closingQuote(text, at + 1)
      const inner = text.slice(at + 1, close)
      fields.push(inner.includes('""') ? inner.replaceAll('""', '"') : inner)
      at = text.indexOf(',', close)
    } else {
      const comma = text.indexOf(',', at)
      fields.push(comma < 0 ? text.slice(at) : text.slice(at, comma))
      at = comma
    }
    if (at < 0) return fields
    at++
  }
  return fields
}

/** Index of the quote that closes the field which begins at `from`, or the end of the text. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text.charCodeAt(at + 1) !== 34) return at
  }
  return text.length
}
