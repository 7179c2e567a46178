// Which characters look like a Latin letter? Facts about shapes, and the folding of a text to what people read.

/** Letters of other scripts and odd Latin ones, by the letter or digit that they pass for; the most deceiving first. What carries marks or is wide is taken apart by Unicode itself (NFKD). */
const confusables: Readonly<Record<string, string>> = {
  a: 'аɑαạ',
  b: 'ьЬƅɓʙ',
  c: 'сϲⅽƈ',
  d: 'ԁɗđժ',
  e: 'еɛєҽë',
  f: 'ғƒϝ',
  g: 'ɡցǥġ',
  h: 'һհħн',
  i: 'іıɩιï',
  j: 'јϳʝ',
  k: 'кκķƙ',
  l: 'ӏⅼłɭľ',
  m: 'мⅿɱṃ',
  n: 'ոпñŋ',
  o: 'оοօөø',
  p: 'рρƿþ',
  q: 'ԛգɋ',
  r: 'гɾŗɍ',
  s: 'ѕʂşș',
  t: 'тτţŧ',
  u: 'υսʋциū',
  v: 'ѵνⅴ',
  w: 'ԝщωѡŵ',
  x: 'хχⅹ',
  y: 'уүγý',
  z: 'ʐżᴢ',
}

/** What a letter is written as instead, on the same keyboard. */
const asciiShapes: Readonly<Record<string, readonly string[]>> = {
  a: ['4'],
  b: ['8'],
  d: ['cl'],
  e: ['3'],
  i: ['1', 'l'],
  l: ['1', 'i'],
  m: ['rn'],
  o: ['0'],
  s: ['5'],
  t: ['7'],
  w: ['vv'],
}

const letterOf: ReadonlyMap<string, string> = new Map(
  Object.entries(confusables).flatMap(([letter, others]) => [...others].map((other) => [other, letter] as const)),
)

/** Unicode look-alikes of a letter. */
export function unicodeShapes(letter: string): readonly string[] {
  return [...(confusables[letter] ?? '')]
}

/** ASCII look-alikes of a letter; some are two characters. */
export function asciiLookalikes(letter: string): readonly string[] {
  return asciiShapes[letter] ?? []
}

/** Text with every letter that merely looks Latin as the Latin one, marks removed, in small letters. */
export function foldUnicode(text: string): string {
  let folded = ''
  for (const character of text.normalize('NFKC').toLowerCase()) {
    const known = letterOf.get(character)
    if (known !== undefined) {
      folded += known
      continue
    }
    for (const part of character.normalize('NFKD').toLowerCase()) {
      if (!/\p{M}/u.test(part)) folded += letterOf.get(part) ?? part
    }
  }
  return folded
}

/** One byte each: 0 to 127 folded. `i`, `l`, `1` are one; so are digits and the letters that they are drawn like. */
const shapes = new Uint8Array(128).map((_, code) => code)
for (const [digit, letter] of Object.entries({ 0: 'o', 1: 'l', 3: 'e', 4: 'a', 5: 's', 7: 't', 8: 'b', i: 'l' })) {
  shapes[digit.charCodeAt(0)] = letter.charCodeAt(0)
}

const C = 0x63
const D = 0x64
const L = 0x6c
const M = 0x6d
const N = 0x6e
const R = 0x72
const V = 0x76
const W = 0x77

/** A text as its shapes, and where each of them came from. Reused: what it holds is gone with the next text. */
export class Skeleton {
  length = 0
  readonly codes: Uint8Array
  /** Place in the text of each shape; one more for the end. */
  readonly places: Uint16Array

  constructor(longest: number) {
    this.codes = new Uint8Array(longest)
    this.places = new Uint16Array(longest + 1)
  }

  /** Takes a text of at most `longest` ASCII characters; others become 0, which is like nothing. */
  read(text: string): void {
    const { codes, places } = this
    let to = 0
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      const shape = code < 128 ? (shapes[code] ?? 0) : 0
      const before = to > 0 ? codes[to - 1] : 0
      // rn, vv and cl are read as one letter where they stand close.
      if (code === N && before === R) codes[to - 1] = M
      else if (code === V && before === V) codes[to - 1] = W
      else if (shape === L && code === L && before === C) codes[to - 1] = D
      else {
        codes[to] = shape
        places[to] = at
        to++
      }
    }
    places[to] = text.length
    this.length = to
  }

  /** Text of a stretch of shapes. */
  text(from = 0, to = this.length): string {
    return String.fromCharCode(...this.codes.subarray(from, to))
  }
}

const scratch = new Skeleton(256)

/** The shapes of a text of at most 256 characters: two texts with the same one are read alike. */
export function skeletonOf(text: string): string {
  scratch.read(text.slice(0, 256))
  return scratch.text()
}
