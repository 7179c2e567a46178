// How is text shown that an attacker may have written? As text alone, with what cannot be seen made visible.

// Controls, marks that turn the direction of writing, and characters without width: they hide or reorder what stands beside them.
const unseen = /(?![\t\n])[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** The text with such characters written as `\u202e`; line feeds and tabs stay. */
export function visible(text: string): string {
  return text.replace(unseen, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}

/** A value of a row as text: objects as JSON, nothing as ''. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return ''
  return visible(typeof value === 'object' ? JSON.stringify(value) : String(value))
}
