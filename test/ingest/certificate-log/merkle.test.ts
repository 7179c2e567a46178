// The hashes and proofs of a log's tree, held against a tree that is written straight from the definitions.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  consistencyProof,
  consistent,
  emptyRoot,
  Frontier,
  frontierOfLastLeaf,
  frontierOfParts,
  leafHash,
} from '../../../ingest/certificate-log/merkle.ts'
import { ReferenceTree } from './ct-log.ts'

const SIZE = 300
const tree = new ReferenceTree()
for (let n = 0; n < SIZE; n++) tree.add(Buffer.from(`leaf ${n}`))
const root = (size: number): Buffer => tree.hash(0, size)
const sizes = fc.integer({ min: 0, max: SIZE })
const pairs = fc.tuple(sizes, sizes).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
const parts = async (level: number, index: number): Promise<Buffer> =>
  tree.hash(index * 2 ** level, (index + 1) * 2 ** level)

describe('frontier', () => {
  test('has the root of the tree at every size', () => {
    const frontier = new Frontier()
    expect(frontier.root()).toEqual(emptyRoot)
    for (let n = 0; n < SIZE; n++) {
      frontier.append(leafHash(Buffer.from(`leaf ${n}`)))
      expect(frontier.root().equals(root(n + 1))).toBe(true)
    }
  })

  test('comes from the audit path of the last leaf, and from complete parts', async () => {
    for (let size = 1; size <= SIZE; size++) {
      const path = tree.path(size - 1, 0, size)
      const frontier = frontierOfLastLeaf(size, tree.leaves[size - 1] ?? emptyRoot, path)
      expect(frontier?.root().equals(root(size))).toBe(true)
      expect((await frontierOfParts(size, parts)).hashes).toEqual(frontier?.hashes)
      expect(frontierOfLastLeaf(size, emptyRoot, [...path, emptyRoot])).toBeUndefined()
      if (path.length > 0) expect(frontierOfLastLeaf(size, emptyRoot, path.slice(1))).toBeUndefined()
    }
  })

  test('hashes that do not fit the size are refused', () => {
    expect(() => new Frontier(3, [emptyRoot])).toThrow(RangeError)
  })
})

describe('consistency', () => {
  test('true proofs hold, of the definition and of parts', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async ([first, second]) => {
        const proof = tree.proof(first, second)
        expect(consistent(first, root(first), second, root(second), proof)).toBe(true)
        expect(await consistencyProof(first, second, parts)).toEqual(proof)
      }),
      { numRuns: 500 },
    )
  })

  test('no proof holds for other roots, other sizes, or with a hash changed, added or left out', () => {
    const wrong = Buffer.alloc(32, 7)
    fc.assert(
      fc.property(pairs, fc.nat(20), ([first, second], at) => {
        fc.pre(first > 0 && first < second)
        const proof = tree.proof(first, second)
        const holds = (...change: Parameters<typeof consistent>): boolean => consistent(...change)
        expect(holds(first, wrong, second, root(second), proof)).toBe(false)
        expect(holds(first, root(first), second, wrong, proof)).toBe(false)
        expect(holds(first, root(first), second, root(second), [...proof, wrong])).toBe(false)
        expect(holds(first, root(first), second, root(second), proof.toSpliced(at % proof.length, 1))).toBe(false)
        expect(holds(first, root(first), second, root(second), proof.with(at % proof.length, wrong))).toBe(false)
        expect(holds(second, root(second), first, root(first), proof)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('of equal sizes the roots decide, and nothing goes before an empty tree', () => {
    expect(consistent(5, root(5), 5, root(5), [])).toBe(true)
    expect(consistent(5, root(5), 5, root(6), [])).toBe(false)
    expect(consistent(0, emptyRoot, 9, root(9), [])).toBe(true)
    expect(consistent(0, root(1), 9, root(9), [])).toBe(false)
  })
})
