// Which of several statements is meant? The one around the cursor.

/** The statement around a place of a text with several, cut at each `;` outside of strings and comments. */
export function statementAt(text: string, at: number): { text: string; from: number } {
  let from = 0
  for (const end of endsOf(text)) {
    const said = text.slice(from, end).trim() !== ''
    if (at <= end && said) return { text: text.slice(from, end), from }
    // Behind the last `;` there may be space alone: the statement before it is meant.
    if (text.slice(end + 1).trim() === '' && said) return { text: text.slice(from, end), from }
    from = end + 1
  }
  return { text: text.slice(from), from }
}

function* endsOf(text: string): Generator<number> {
  const parts =
    /'(?:[^'\\]|\\[\s\S])*'?|"(?:[^"\\]|\\[\s\S])*"?|`(?:[^`\\]|\\[\s\S])*`?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|;/g
  for (const { 0: part, index } of text.matchAll(parts)) if (part === ';') yield index
}
