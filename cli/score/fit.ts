// What would the weights be if the verdicts had set them? Learned on one part, judged on the other, never applied.
import { stringify } from 'yaml'
import { type Example, type WeightTerm, withPoints } from '../../processors/score/features.ts'
import { fitWeights, type LearnedWeight } from '../../processors/score/fit.ts'
import { type Quality, qualityOf, splitExamples } from '../../processors/score/reliability.ts'
import type { ScoreWeights } from '../../schemas/score.ts'
import { CommandError } from '../frame.ts'
import type { Examples } from './verdicts.ts'

/** Fewer verdicts of one kind than this, and chance decides rather than people. */
const MIN_FITTED = 20
const MIN_HELD_BACK = 10

export interface FitOptions {
  readonly weights: ScoreWeights
  readonly terms: readonly WeightTerm[]
  /** `auto`: by time if every verdict has one. */
  readonly split: 'auto' | 'time' | 'hash'
  readonly share: number
  readonly seed: string
  readonly strength: number
}

export interface FitResult {
  readonly split: 'time' | 'hash'
  readonly fitted: number
  readonly heldBack: number
  /** Verdicts that were true, of all. */
  readonly confirmed: number
  readonly missing: number
  readonly unknown: number
  readonly unknownFactor: string
  readonly weights: readonly LearnedWeight[]
  /** On the part held back, with the present and with the learned weights. */
  readonly before: Quality
  readonly after: Quality
  /** `score:` for siaga.yaml. */
  readonly yaml: string
}

/** Learns weights from one part of the verdicts and judges them on the other. Throws a CommandError if there are too few. */
export function learn({ examples, missing, unknown, unknownFactor }: Examples, options: FitOptions): FitResult {
  const timed = examples.every(({ at }) => at !== undefined)
  if (options.split === 'time' && !timed) {
    throw new CommandError(
      'Not every verdict has a time.',
      'Give each line of factors a "timestamp", or use --split hash.',
    )
  }
  const split = options.split === 'auto' ? (timed ? 'time' : 'hash') : options.split
  const { fitted, heldBack } = splitExamples(examples, { by: split, share: options.share, seed: options.seed })
  assertEnough(fitted, heldBack, { missing, unknown, unknownFactor, split })
  const weights = fitWeights(fitted, options.terms, options.strength)
  const learned = new Map(weights.map(({ name, learned }) => [name, learned]))
  return {
    split,
    fitted: fitted.length,
    heldBack: heldBack.length,
    confirmed: examples.filter(({ verdict }) => verdict).length,
    missing,
    unknown,
    unknownFactor,
    weights,
    before: qualityOf(heldBack, new Map(options.terms.map(({ name, points }) => [name, points]))),
    after: qualityOf(heldBack, learned),
    yaml: stringify({ score: withPoints(options.weights, learned) }),
  }
}

function assertEnough(
  fitted: readonly Example[],
  heldBack: readonly Example[],
  {
    missing,
    unknown,
    unknownFactor,
    split,
  }: Pick<Examples, 'missing' | 'unknown' | 'unknownFactor'> & { split: string },
): void {
  const count = (examples: readonly Example[], wanted: boolean): number =>
    examples.filter(({ verdict }) => verdict === wanted).length
  const enough = [true, false].every(
    (kind) => count(fitted, kind) >= MIN_FITTED && count(heldBack, kind) >= MIN_HELD_BACK,
  )
  if (enough) return
  const lost = [
    missing > 0 ? `${missing} name an event that is not in ClickHouse.` : '',
    unknown > 0 ? `${unknown} have a factor that no weight could be found for (${unknownFactor}).` : '',
  ].filter((part) => part !== '')
  const has = `To fit there are ${count(fitted, true)} true and ${count(fitted, false)} false verdicts, held back ${count(heldBack, true)} and ${count(heldBack, false)}.`
  throw new CommandError(
    ['There are too few verdicts to learn from.', has, ...lost].join(' '),
    `Needed are at least ${MIN_FITTED} true and ${MIN_FITTED} false ones to fit, and ${MIN_HELD_BACK} of each held back. ` +
      `Record more (siaga score mark)${split === 'time' ? ', or hold back by chance instead of by time: --split hash' : ''}.`,
  )
}
