// Which weights would have agreed best with people's verdicts? Logistic regression that stays near the present weights unless many verdicts speak.
// Source: Bishop, Pattern Recognition and Machine Learning, 4.3.3 (Newton) and 3.3 (a Gaussian prior); Bertsekas 1982 (projected Newton).
import { type Example, type Features, POINTS, PRIOR, sigmoid, type WeightTerm } from './features.ts'

const MAX_ROUNDS = 100
const CLOSE_ENOUGH = 1e-9

export interface LearnedWeight extends WeightTerm {
  /** What the verdicts say, before rounding. */
  readonly exact: number
  /** The same as a weight may stand in siaga.yaml: whole and with the sign that the schema demands. */
  readonly learned: number
  /** Verdicts of the fitted part in which this weight counted, and how many of them were true. */
  readonly verdicts: number
  readonly confirmed: number
}

/**
 * Learns points for each weight: the greatest likelihood of the verdicts, less `strength`/2 for each squared unit of log-odds (ten points)
 * that a weight moves from where it is. A weight that no verdict speaks for stays exactly where it is. Deterministic; the problem is convex, so
 * neither the order of examples nor the start matters.
 */
export function fitWeights(
  examples: readonly Example[],
  terms: readonly WeightTerm[],
  strength = 1,
): readonly LearnedWeight[] {
  const rows = examples.map(({ features }) => rowOf(features, terms))
  const verdicts = examples.map(({ verdict }) => verdict)
  const exact = minimise(rows, verdicts, terms, strength)
  const counts = terms.map(() => ({ verdicts: 0, confirmed: 0 }))
  rows.forEach((row, at) => {
    for (const [term] of row) {
      const count = counts[term]
      if (count === undefined) continue
      count.verdicts += 1
      count.confirmed += Number(verdicts[at])
    }
  })
  return terms.map((term, at) => {
    const points = (exact[at] ?? 0) * POINTS
    // `+ 0` makes of -0 a plain zero.
    return { ...term, exact: points, learned: Math.round(points) + 0, ...(counts[at] ?? { verdicts: 0, confirmed: 0 }) }
  })
}

/** Sparse row: index of the term and its value, the prior among them. */
type Row = readonly (readonly [number, number])[]

function rowOf(features: Features, terms: readonly WeightTerm[]): Row {
  return terms.flatMap(({ name }, at) => {
    const value = name === PRIOR ? 1 : (features[name] ?? 0)
    return value === 0 ? [] : [[at, value] as const]
  })
}

/** Newton's method on the weights that are free; those that press against zero from the allowed side rest there. */
function minimise(
  rows: readonly Row[],
  verdicts: readonly boolean[],
  terms: readonly WeightTerm[],
  strength: number,
): readonly number[] {
  const start = terms.map(({ points }) => points / POINTS)
  const allowed = (value: number, at: number): number => {
    const sign = terms[at]?.sign ?? 0
    return sign === 0 || value * sign > 0 ? value : 0
  }
  const cost = (weights: readonly number[]): number => {
    let sum = 0
    rows.forEach((row, at) => {
      const z = dot(row, weights)
      sum += softplus(verdicts[at] === true ? -z : z)
    })
    weights.forEach((weight, at) => {
      sum += (strength / 2) * (weight - (start[at] ?? 0)) ** 2
    })
    return sum
  }
  let weights: readonly number[] = start.map(allowed)
  let present = cost(weights)
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { gradient, hessian } = slopes(rows, verdicts, weights, start, strength)
    const free = terms.flatMap(({ sign }, at) => {
      const resting = sign !== 0 && weights[at] === 0 && sign * (gradient[at] ?? 0) > 0
      return resting ? [] : [at]
    })
    const steps = solve(
      free.map((i) => free.map((j) => hessian[i]?.[j] ?? 0)),
      free.map((i) => -(gradient[i] ?? 0)),
    )
    const steepness = free.reduce((most, at) => Math.max(most, Math.abs(gradient[at] ?? 0)), 0)
    if (steepness < CLOSE_ENOUGH) break
    const moved = shorten((share) => {
      const next = [...weights]
      free.forEach((at, index) => {
        next[at] = allowed((weights[at] ?? 0) + share * (steps[index] ?? 0), at)
      })
      return { weights: next, cost: cost(next) }
    }, present)
    if (moved === undefined) break
    weights = moved.weights
    present = moved.cost
  }
  return weights
}

interface Place {
  readonly weights: readonly number[]
  readonly cost: number
}

/** The first of the step, its half, its quarter … that makes the cost smaller; undefined if none does, which is the end. */
function shorten(take: (share: number) => Place, present: number): Place | undefined {
  for (let share = 1; share > 1e-8; share /= 2) {
    const place = take(share)
    if (place.cost < present) return place
  }
  return undefined
}

function slopes(
  rows: readonly Row[],
  verdicts: readonly boolean[],
  weights: readonly number[],
  start: readonly number[],
  strength: number,
): { gradient: number[]; hessian: number[][] } {
  const gradient = weights.map((weight, at) => strength * (weight - (start[at] ?? 0)))
  const hessian = weights.map((_, i) => weights.map((_, j) => (i === j ? strength : 0)))
  rows.forEach((row, n) => {
    const chance = sigmoid(dot(row, weights))
    const error = chance - Number(verdicts[n])
    const curve = chance * (1 - chance)
    for (const [i, a] of row) {
      gradient[i] = (gradient[i] ?? 0) + error * a
      const line = hessian[i]
      if (line !== undefined) for (const [j, b] of row) line[j] = (line[j] ?? 0) + curve * a * b
    }
  })
  return { gradient, hessian }
}

/** Solves A·x = b for a symmetric positive definite A by Cholesky's method. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length
  const lower = matrix.map((row) => row.map(() => 0))
  const at = (i: number, j: number): number => lower[i]?.[j] ?? 0
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i]?.[j] ?? 0
      for (let k = 0; k < j; k += 1) sum -= at(i, k) * at(j, k)
      const line = lower[i]
      if (line !== undefined) line[j] = i === j ? Math.sqrt(sum) : sum / at(j, j)
    }
  }
  const middle: number[] = []
  for (let i = 0; i < size; i += 1) {
    let sum = right[i] ?? 0
    for (let k = 0; k < i; k += 1) sum -= at(i, k) * (middle[k] ?? 0)
    middle.push(sum / at(i, i))
  }
  const solution = [...middle]
  for (let i = size - 1; i >= 0; i -= 1) {
    let sum = middle[i] ?? 0
    for (let k = i + 1; k < size; k += 1) sum -= at(k, i) * (solution[k] ?? 0)
    solution[i] = sum / at(i, i)
  }
  return solution
}

function dot(row: Row, weights: readonly number[]): number {
  let sum = 0
  for (const [at, value] of row) sum += value * (weights[at] ?? 0)
  return sum
}

/** log(1 + exp(z)) that neither overflows nor loses small values. */
function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))
}
