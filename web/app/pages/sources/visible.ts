// How is text of strangers shown? As text, with signs where a control character would hide, move or turn something.

/** Control characters but tab and line feed as signs that people see; those that turn the direction of a line are marked. */
export function visible(text: string): string {
  return text.replaceAll(/(?![\t\n])[\p{Cc}\p{Bidi_Control}]/gu, (one) => {
    const code = one.codePointAt(0) ?? 0
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : '\uFFFD'
  })
}
