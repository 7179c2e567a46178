// What speaks for an opinion, and how sure does it make? Points of words by the place in which they stand.
import type { Found } from './reading.ts'
import type { WordModel } from './words.ts'

/** A word at a place, with the points that it gives there. */
export interface Evidence {
  readonly word: string
  readonly place: string
  readonly points: number
  /** People do not see it there. */
  readonly unseen: boolean
}

const MAX_WORDS = 12
/** Less says nothing to people. */
const LEAST_POINTS = 0.3

/** Words of a place, weighed and no more than `most` together. */
export function evidenceOf(
  found: readonly Found[],
  place: string,
  { factor, most, unseen }: { readonly factor: number; readonly most: number; readonly unseen: boolean },
): Evidence[] {
  let left = most
  return found.map(({ word, points }) => {
    const given = Math.min(points * factor, left)
    left -= given
    return { word, place, points: given, unseen }
  })
}

export function total(evidence: readonly Evidence[]): number {
  return evidence.reduce((sum, { points }) => sum + points, 0)
}

/** Points as a chance, 0 to 1. */
export function scoreOf(points: number, { even, slope }: Pick<WordModel, 'even' | 'slope'>): number {
  return points <= 0 ? 0 : 1 / (1 + Math.exp(-(points - even) / slope))
}

/** The strongest words, and the places in which they stand. */
export function strongest(evidence: readonly Evidence[]): { words: string[]; places: string[] } {
  const strong = [...evidence].filter(({ points }) => points >= LEAST_POINTS).sort((a, b) => b.points - a.points)
  return {
    words: [...new Set(strong.map(({ word }) => word))].slice(0, MAX_WORDS),
    places: [...new Set(strong.map(({ place }) => place))],
  }
}
