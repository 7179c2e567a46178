// How alike are two texts? Normalised lines, shingles of words, a simhash and a small sketch; all linear and bounded.

/** Words of a text that are looked at. */
const MAX_WORDS = 20_000
/** Words in a shingle. */
const SHINGLE = 3
/** Values in a sketch: enough to tell a tenth of a difference. */
const SKETCH = 128

/** Characters that nobody sees: zero width, direction, soft hyphen, variation, BOM, and controls but for those that are space. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}|(?!\s)\p{Cc}/gu

/** The text without characters that nobody sees, and with one space for many. */
export function plainText(text: string): string {
  return text.replace(UNSEEN, '').replace(/\s+/g, ' ').trim()
}

/** At most `max` characters, three quarters from the beginning and the rest from the end: what is put in hides in either. No half characters. */
export function cutMiddle(text: string, max: number): string {
  if (text.length <= max) return whole(text)
  const mark = ' … '
  const head = Math.floor((max - mark.length) * 0.75)
  return `${whole(text.slice(0, head))}${mark}${whole(text.slice(text.length - (max - mark.length - head)))}`
}

/** At most `max` characters, no half ones. */
export function cut(text: string, max: number): string {
  return text.length <= max ? whole(text) : whole(text.slice(0, max))
}

/** Half of a surrogate pair is no character, and no UTF-8 either. */
function whole(text: string): string {
  return text.toWellFormed()
}

/** A line as it is compared: small letters, digits as one sign, so that clocks and counters are no change. */
export function lineKey(line: string): string {
  return line.toLowerCase().replace(/\d+/g, '#')
}

/** FNV-1a, 32 bits. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  // The last steps of murmur3: FNV alone leaves its high bits poor.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Hashes of the shingles of a text; a text of fewer words than one is one. */
export function shingles(text: string): Set<number> {
  const words: number[] = []
  for (const [word] of lineKey(text).matchAll(/[\p{L}\p{N}#]+/gu)) {
    words.push(hash32(word))
    if (words.length >= MAX_WORDS) break
  }
  const found = new Set<number>()
  const last = Math.max(1, words.length - SHINGLE + 1)
  for (let at = 0; at < last && at < words.length; at++) {
    let value = 0
    for (let n = 0; n < SHINGLE; n++) value = (Math.imul(value, 31) + (words[at + n] ?? 0)) | 0
    found.add(mix(value))
  }
  return found
}

function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x7feb352d)
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** How much two texts have in common, 0 to 1 (Dice); two empty ones are the same. */
export function similarity(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  if (a.size === 0 && b.size === 0) return 1
  const [small, large] = a.size < b.size ? [a, b] : [b, a]
  let common = 0
  for (const value of small) if (large.has(value)) common++
  return round((2 * common) / (a.size + b.size))
}

/** Simhash of the shingles (Charikar 2002), 16 hex digits, one of them at least a letter. */
export function simhash(of: ReadonlySet<number>): string {
  const counts = new Int32Array(64)
  for (const value of of) {
    const other = mix(value ^ 0x9e3779b9)
    for (let bit = 0; bit < 32; bit++) {
      counts[bit] = (counts[bit] ?? 0) + ((value >>> bit) & 1 ? 1 : -1)
      counts[bit + 32] = (counts[bit + 32] ?? 0) + ((other >>> bit) & 1 ? 1 : -1)
    }
  }
  let high = 0
  let low = 0
  for (let bit = 0; bit < 32; bit++) {
    if ((counts[bit] ?? 0) > 0) low |= 1 << bit
    if ((counts[bit + 32] ?? 0) > 0) high |= 1 << bit
  }
  const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')
  // Sixteen digits may be a citizen's number, which the seal makes a token of.
  return (hex(high) + hex(low)).replace(/^(\d{15})\d$/, '$1a')
}

/** The smallest hashes of a set, in order: a sketch by which sets are compared without keeping them (Bar-Yossef et al. 2002). */
export function sketch(of: ReadonlySet<number>): number[] {
  return [...of].sort((a, b) => a - b).slice(0, SKETCH)
}

/** Similarity (Dice) of the sets behind two sketches, as far as they tell. */
export function sketchSimilarity(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 && b.length === 0) return 1
  // Only as far as both are complete can they be compared: a full sketch has left out what is larger than its last value.
  const end = Math.min(...[a, b].map((one) => (one.length < SKETCH ? Number.POSITIVE_INFINITY : (one.at(-1) ?? 0))))
  const judged = [...new Set([...a, ...b])].filter((value) => value <= end)
  const left = new Set(a)
  const right = new Set(b)
  const common = judged.filter((value) => left.has(value) && right.has(value)).length
  const jaccard = judged.length === 0 ? 0 : common / judged.length
  return round((2 * jaccard) / (1 + jaccard))
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
