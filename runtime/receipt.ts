// How is a report named? A receipt number that people can read out: kind, region, ten characters that cannot be guessed, a check character.

export type ReceiptKind = 'LAP' | 'NIL'

/** Crockford's base 32: no I, L, O, U, which people mistake for others. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const letters = alphabet.slice(10)
const checkAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/**
 * `LAP-3273-K2M9Q-T7XW4-C` out of at least ten bytes of a keyed hash: the same bytes give the same number. Each group begins with a letter,
 * so that a number never looks like that of a person or of a phone.
 */
export function makeReceipt(kind: ReceiptKind, region: string, hash: Uint8Array): string {
  const group = (from: number): string =>
    Array.from({ length: 5 }, (_, n) => {
      const set = n === 0 ? letters : alphabet
      return set[(hash[from + n] ?? 0) % set.length] ?? ''
    }).join('')
  const body = `${kind}-${region.replaceAll('.', '')}-${group(0)}-${group(5)}`
  return `${body}-${checkCharacter(body)}`
}

/**
 * A receipt number as it was made, out of what somebody typed: case, spaces and missing dashes do not count, O is 0, I and L are 1 in the two groups.
 * `undefined` if it is none or has a typing error.
 */
export function readReceipt(text: string): string | undefined {
  const typed = text.toUpperCase().replace(/[^0-9A-Z]/g, '')
  const [, kind, region, first = '', second = '', check] =
    /^(LAP|NIL)(\d{2}|\d{4})([0-9A-Z]{5})([0-9A-Z]{5})([0-9A-Z])$/.exec(typed) ?? []
  if (kind === undefined) return undefined
  const plain = (group: string): string => group.replaceAll('O', '0').replace(/[IL]/g, '1')
  const body = `${kind}-${region}-${plain(first)}-${plain(second)}`
  return checkCharacter(body) === check ? `${body}-${check}` : undefined
}

/** ISO/IEC 7064, MOD 37,36: finds every wrong character and nearly every swap of two neighbours. */
function checkCharacter(body: string): string {
  let product = 36
  for (const character of body) {
    const value = checkAlphabet.indexOf(character)
    if (value < 0) continue
    const sum = (product + value) % 36 || 36
    product = (sum * 2) % 37
  }
  return checkAlphabet[(37 - product) % 36] ?? ''
}
