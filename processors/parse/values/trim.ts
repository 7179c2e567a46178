// What stands at the ends of a text and is not meant? Taken off step by step: a regular expression that looks for the end of a text begins anew
// at each character, which takes minutes on a text of line ends.

/** The text without these characters at its end. Linear. */
export function trimEnd(text: string, characters: string): string {
  let to = text.length
  while (to > 0 && characters.includes(text.charAt(to - 1))) to--
  return to === text.length ? text : text.slice(0, to)
}

/** The text without these characters at its beginning. Linear. */
export function trimStart(text: string, characters: string): string {
  let from = 0
  while (from < text.length && characters.includes(text.charAt(from))) from++
  return from === 0 ? text : text.slice(from)
}
