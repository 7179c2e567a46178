// Do the chances agree with the verdicts? Brier score, a table of what was said against what was seen, and a part held back to judge by.
import { createHash } from 'node:crypto'
import { type Example, type Features, POINTS, PRIOR, sigmoid } from './features.ts'

/** The chance, 0 to 1, that a person should look at an event with these features under these points. */
export function chanceOf(features: Features, points: ReadonlyMap<string, number>): number {
  let sum = points.get(PRIOR) ?? 0
  for (const [name, value] of Object.entries(features)) sum += value * (points.get(name) ?? 0)
  return sigmoid(sum / POINTS)
}

export interface Bin {
  /** Chances from (inclusive) and to (exclusive, but of the last bin), 0 to 1. */
  readonly from: number
  readonly to: number
  readonly verdicts: number
  /** Mean chance given, and share that was true; 0 in an empty bin. */
  readonly predicted: number
  readonly seen: number
}

export interface Quality {
  /** Mean squared distance between chance and verdict: 0 is perfect, always saying a half gives 0.25. */
  readonly brier: number
  readonly bins: readonly Bin[]
}

const BINS = 10

/** How well chances under these points agree with the verdicts. */
export function qualityOf(examples: readonly Example[], points: ReadonlyMap<string, number>): Quality {
  const sums = Array.from({ length: BINS }, () => ({ verdicts: 0, chance: 0, confirmed: 0 }))
  let squares = 0
  for (const { features, verdict } of examples) {
    const chance = chanceOf(features, points)
    squares += (chance - Number(verdict)) ** 2
    const bin = sums[Math.min(BINS - 1, Math.floor(chance * BINS))]
    if (bin === undefined) continue
    bin.verdicts += 1
    bin.chance += chance
    bin.confirmed += Number(verdict)
  }
  const bins = sums.map(({ verdicts, chance, confirmed }, at) => ({
    from: at / BINS,
    to: (at + 1) / BINS,
    verdicts,
    predicted: verdicts === 0 ? 0 : chance / verdicts,
    seen: verdicts === 0 ? 0 : confirmed / verdicts,
  }))
  return { brier: examples.length === 0 ? 0 : squares / examples.length, bins }
}

export interface Split {
  readonly fitted: readonly Example[]
  readonly heldBack: readonly Example[]
}

/**
 * Parts the examples: by time the newest `share` is held back, as it will be when the weights are used; by hash a share that depends on the
 * ids and the seed alone.
 */
export function splitExamples(
  examples: readonly Example[],
  how: { readonly by: 'time' | 'hash'; readonly share: number; readonly seed: string },
): Split {
  const key = ({ id }: Example): string => createHash('sha256').update(`${how.seed}\n${id}`).digest('hex')
  const keyed = examples.map((example) => ({ example, key: key(example) }))
  const ordered = keyed.toSorted((a, b) => {
    const byTime = how.by === 'time' ? (a.example.at ?? 0) - (b.example.at ?? 0) : 0
    return byTime || (a.key < b.key ? -1 : Number(a.key > b.key))
  })
  const cut = examples.length - Math.round(examples.length * how.share)
  const list = ordered.map(({ example }) => example)
  return { fitted: list.slice(0, cut), heldBack: list.slice(cut) }
}
