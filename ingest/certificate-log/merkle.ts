// What is the root of a log's tree, and does one tree go on where another ended? Hashes of RFC 6962 section 2.1, proofs checked as RFC 9162 has it.
import { hash } from 'node:crypto'

export const HASH_BYTES = 32
/** Largest tree that numbers here hold exactly; static logs stop at 2 to the 40. */
export const MAX_TREE_SIZE = 2 ** 48

const pair = Buffer.alloc(1 + 2 * HASH_BYTES, 1)
let leaf = Buffer.alloc(64 * 1024)

/** SHA-256 of 0 and the leaf. */
export function leafHash(data: Uint8Array): Buffer {
  if (data.length + 1 > leaf.length) leaf = Buffer.alloc(2 * data.length)
  leaf[0] = 0
  leaf.set(data, 1)
  return hash('sha256', leaf.subarray(0, data.length + 1), 'buffer')
}

/** SHA-256 of 1 and both children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1)
  pair.set(right, 1 + HASH_BYTES)
  return hash('sha256', pair, 'buffer')
}

/** Hash of a tree without leaves. */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer')

/** The right edge of a tree: roots of its complete parts, the largest first. All that is needed to go on with it. */
export class Frontier {
  private count: number
  private readonly parts: Buffer[]

  /** Parts that do not fit the size throw a RangeError. */
  constructor(size = 0, parts: readonly Buffer[] = []) {
    if (parts.length !== ones(size)) throw new RangeError(`a tree of ${size} leaves has ${ones(size)} complete parts`)
    this.count = size
    this.parts = [...parts]
  }

  get size(): number {
    return this.count
  }

  get hashes(): readonly Buffer[] {
    return this.parts
  }

  append(leafHash: Buffer): void {
    let grown = leafHash
    for (let left = this.count; left % 2 === 1; left = (left - 1) / 2) {
      grown = nodeHash(this.parts.pop() ?? grown, grown)
    }
    this.parts.push(grown)
    this.count++
  }

  root(): Buffer {
    let root: Buffer | undefined
    for (const part of this.parts.toReversed()) root = root === undefined ? part : nodeHash(part, root)
    return root ?? emptyRoot
  }

  copy(): Frontier {
    return new Frontier(this.count, this.parts)
  }
}

function ones(size: number): number {
  let count = 0
  for (let left = size; left > 0; left = Math.floor(left / 2)) count += left % 2
  return count
}

/**
 * The frontier of a tree from its last leaf and the audit path of that leaf (RFC 6962 section 2.1.1): every node of the path stands to the left.
 * Undefined if the path has another length; whether it is true is seen from the root.
 */
export function frontierOfLastLeaf(size: number, last: Buffer, path: readonly Buffer[]): Frontier | undefined {
  if (size < 1) return undefined
  let part = last
  let used = 0
  for (let left = size; left % 2 === 0; left /= 2) {
    const sibling = path[used++]
    if (sibling === undefined) return undefined
    part = nodeHash(sibling, part)
  }
  const parts = [...path.slice(used).toReversed(), part]
  return parts.length === ones(size) ? new Frontier(size, parts) : undefined
}

/** True if the tree of `second` leaves begins with that of `first` (RFC 9162 section 2.1.4.2). */
export function consistent(
  first: number,
  firstRoot: Buffer,
  second: number,
  secondRoot: Buffer,
  proof: readonly Buffer[],
): boolean {
  if (first > second) return false
  if (first === second) return proof.length === 0 && firstRoot.equals(secondRoot)
  if (first === 0) return proof.length === 0 && firstRoot.equals(emptyRoot)
  // The proof leaves out what is known where the first tree is a complete part of the second.
  const [begin, ...path] = ones(first) === 1 ? [firstRoot, ...proof] : proof
  if (begin === undefined || (ones(first) === 1 && proof.length === 0)) return false
  let fn = first - 1
  let sn = second - 1
  for (; fn % 2 === 1; fn = half(fn)) sn = half(sn)
  let fr = begin
  let sr = begin
  for (const node of path) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(node, fr)
      sr = nodeHash(node, sr)
      for (; fn % 2 === 0 && fn !== 0; fn = half(fn)) sn = half(sn)
    } else sr = nodeHash(sr, node)
    fn = half(fn)
    sn = half(sn)
  }
  return sn === 0 && fr.equals(firstRoot) && sr.equals(secondRoot)
}

function half(size: number): number {
  return Math.floor(size / 2)
}

/** Asks for MTH of 2 to the `level` leaves, the `index`-th of such parts. */
export type PartHash = (level: number, index: number) => Promise<Buffer>

/** The frontier of a tree whose parts can be asked for. */
export async function frontierOfParts(size: number, partHash: PartHash): Promise<Frontier> {
  const parts: Buffer[] = []
  let from = 0
  for (let level = Math.floor(Math.log2(Math.max(1, size))); level >= 0; level--) {
    const width = 2 ** level
    if (size - from < width) continue
    parts.push(await partHash(level, from / width))
    from += width
  }
  return new Frontier(size, parts)
}

/** The consistency proof of RFC 6962 section 2.1.2, from parts. */
export async function consistencyProof(first: number, second: number, partHash: PartHash): Promise<Buffer[]> {
  if (first === 0 || first === second) return []
  /** MTH of D[from:to], as the tree has it. */
  const range = async (from: number, to: number): Promise<Buffer> => {
    const width = to - from
    const level = Math.log2(width)
    if (Number.isInteger(level)) return partHash(level, from / width)
    const middle = from + below(width)
    return nodeHash(await range(from, middle), await range(middle, to))
  }
  const sub = async (from: number, old: number, to: number, whole: boolean): Promise<Buffer[]> => {
    if (old === to) return whole ? [] : [await range(from, to)]
    const middle = from + below(to - from)
    if (old <= middle) return [...(await sub(from, old, middle, whole)), await range(middle, to)]
    return [...(await sub(middle, old, to, false)), await range(from, middle)]
  }
  return sub(0, first, second, true)
}

/** Largest power of two below `width`. */
function below(width: number): number {
  let power = 1
  while (power * 2 < width) power *= 2
  return power
}
