// Is this a phone number?

/** A phone number as E.164 has it, `+` kept where it is written; undefined for what is none. Spaces, dots and dashes are left out. */
export function phoneOf(text: string): string | undefined {
  const number = text.replace(/[\s().-]/g, '')
  return /^\+?\d{6,15}$/.test(number) ? number : undefined
}
