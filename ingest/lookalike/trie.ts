// Which of many words begin at a place of a text? A trie in one typed array: a step is one look-up.

const WIDTH = 40
const FIRST_NODES = 256

const columns = new Uint8Array(256).fill(WIDTH - 1)
for (let code = 97; code <= 122; code++) columns[code] = code - 97
for (let code = 48; code <= 57; code++) columns[code] = 26 + code - 48
columns[45] = 36
columns[46] = 37

/** Words of ASCII letters, digits, hyphens and dots, each with numbers. */
export class Trie {
  private next = new Int32Array(FIRST_NODES * WIDTH)
  private readonly values: (number[] | undefined)[] = [undefined]

  add(word: string, value: number): void {
    let node = 0
    for (let at = 0; at < word.length; at++) {
      const place = node * WIDTH + (columns[word.charCodeAt(at)] ?? 0)
      let child = this.next[place] ?? 0
      if (child === 0) {
        child = this.values.push(undefined) - 1
        if ((child + 1) * WIDTH > this.next.length) {
          const grown = new Int32Array(this.next.length * 2)
          grown.set(this.next)
          this.next = grown
        }
        this.next[place] = child
      }
      node = child
    }
    const values = this.values[node]
    if (values === undefined) this.values[node] = [value]
    else values.push(value)
  }

  /** The words that begin at `from`, in codes of ASCII: their numbers, and the place behind each. */
  begins(codes: Uint8Array, from: number, end: number): readonly TrieHit[] {
    const { next, values } = this
    let node = 0
    let hits = NONE
    for (let at = from; at < end; at++) {
      node = next[node * WIDTH + (columns[codes[at] ?? 0] ?? 0)] ?? 0
      if (node === 0) return hits
      const hit = values[node]
      if (hit === undefined) continue
      if (hits === NONE) hits = []
      hits.push({ values: hit, to: at + 1 })
    }
    return hits
  }
}

export interface TrieHit {
  readonly values: readonly number[]
  readonly to: number
}

/** Shared by all that find nothing, and never written to. */
const NONE: TrieHit[] = []
