// How is a word mistyped? One slip at a time, by kind.
import type { LookalikeKind } from '../../schemas/lookalike.ts'

/** Neighbours on a QWERTY keyboard. */
const neighbours: Readonly<Record<string, string>> = {
  1: '2q',
  2: '13qw',
  3: '24we',
  4: '35er',
  5: '46rt',
  6: '57ty',
  7: '68yu',
  8: '79ui',
  9: '80io',
  0: '9op',
  q: 'wa12',
  w: 'qeas23',
  e: 'wrsd34',
  r: 'etdf45',
  t: 'ryfg56',
  y: 'tugh67',
  u: 'yihj78',
  i: 'uojk89',
  o: 'ipkl90',
  p: 'ol0',
  a: 'qwsz',
  s: 'awedxz',
  d: 'serfcx',
  f: 'drtgvc',
  g: 'ftyhbv',
  h: 'gyujnb',
  j: 'huikmn',
  k: 'jiolm',
  l: 'kop',
  z: 'asx',
  x: 'zsdc',
  c: 'xdfv',
  v: 'cfgb',
  b: 'vghn',
  n: 'bhjm',
  m: 'njk',
}
const vowels = 'aeiou'
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

export interface Slip {
  readonly kind: LookalikeKind
  readonly text: string
  /** 0 to 100, of a long word. */
  readonly likeness: number
}

/** All words that one slip makes of a label, without the label itself; a word that two kinds make stands once, as the more alike. */
export function slipsOf(label: string): Slip[] {
  const found = new Map<string, Slip>()
  const add = (kind: LookalikeKind, text: string, likeness: number): void => {
    if (text === label || !LABEL.test(text)) return
    const known = found.get(text)
    if (known === undefined || known.likeness < likeness) found.set(text, { kind, text, likeness })
  }
  for (let at = 0; at < label.length; at++) {
    const before = label.slice(0, at)
    const letter = label.charAt(at)
    const behind = label.slice(at + 1)
    // What happens at the first letter is seen at once.
    const inside = at === 0 ? 0 : 4
    add('omission', before + behind, 76 + inside)
    add('repetition', before + letter + letter + behind, 80 + inside)
    if (behind !== '') add('transposition', before + behind.charAt(0) + letter + behind.slice(1), 78 + inside)
    for (const other of neighbours[letter] ?? '') {
      add('neighbour_key', before + other + behind, 72 + inside)
      add('insertion', before + other + letter + behind, 68 + inside)
      add('insertion', before + letter + other + behind, 70 + inside)
    }
    if (vowels.includes(letter)) for (const other of vowels) add('vowel_swap', before + other + behind, 74 + inside)
    else for (const vowel of vowels) add('insertion', before + letter + vowel + behind, 66 + inside)
    for (let bit = 0; bit < 7; bit++) {
      add('bitsquatting', before + String.fromCharCode(letter.charCodeAt(0) ^ (1 << bit)) + behind, 62 + inside)
    }
  }
  return [...found.values()]
}

/** The label with one hyphen put in, or one taken out. */
export function hyphensOf(label: string): string[] {
  const found: string[] = []
  for (let at = 1; at < label.length; at++) {
    const [before, behind] = [label.slice(0, at), label.slice(at)]
    if (label.charAt(at) === '-') found.push(before + label.slice(at + 1))
    else if (label.charAt(at - 1) !== '-') found.push(`${before}-${behind}`)
  }
  return found
}
