// Does a finding become an alert? The thresholds of siaga.yaml and the shipped ones, by phase, region, asset and rule.
import { phaseAt, type Reference } from '../../../runtime/reference.ts'
import type { Threshold } from '../../../schemas/alerting.ts'
import type { Asset } from '../../../schemas/config.ts'
import type { Finding } from '../../../schemas/detection.ts'
import { type Bar, barFor, type Circumstance, type NamedThreshold, severityRank } from './fit.ts'
import { alwaysAlerts, withShipped } from './shipped.ts'

/** What thresholds read of a finding. */
export type JudgedFinding = Pick<
  Finding,
  'rule_id' | 'severity' | 'score' | 'attack' | 'region_code' | 'asset_id' | 'window_end' | 'factors'
>

/** `detail` of what was held: the name of the threshold; there are few of them, so that they can be counted by. */
export type Judgement =
  | { readonly kind: 'alert' }
  | { readonly kind: 'held'; readonly reason: 'below_threshold'; readonly detail: string }

export interface ThresholdOptions {
  /**
   * Lists of siaga.yaml, the shipped one follows behind each. Of several lists a finding becomes an alert if any of them lets it through: that is how a
   * laxer list waits for its second person (in-force.ts).
   */
  readonly layers: readonly (readonly Threshold[])[]
  readonly assets: readonly Pick<Asset, 'id' | 'criticality' | 'kind'>[]
  readonly reference: Pick<Reference, 'phases'>
}

const alert: Judgement = Object.freeze({ kind: 'alert' })
/** Answers that are kept; regions, assets and rules are as many as the configuration has, but what a source writes may not fill the memory. */
const MAX_ANSWERS = 100_000

/**
 * A function that judges findings. The phase is that of the region of the finding at its end in event time, which changes at local midnight; criticality and kind are those
 * of the configured asset. Same finding, same answer; about a microsecond.
 */
export function createThresholds(options: ThresholdOptions): { judge(finding: JudgedFinding): Judgement } {
  const { reference } = options
  const layers = options.layers.length === 0 ? [withShipped([])] : options.layers.map((list) => withShipped(list))
  const assets = new Map(options.assets.map((asset) => [asset.id, asset]))
  const answers = new Map<string, readonly Answer[]>()

  const answersFor = (finding: JudgedFinding): readonly Answer[] => {
    const { rule_id, region_code, asset_id, window_end, factors, attack } = finding
    const phase = phaseAt(reference, region_code, window_end)?.phase ?? 'none'
    const pattern = factors === undefined
    const key = `${phase}\n${region_code}\n${asset_id}\n${rule_id}\n${pattern ? 1 : 0}\n${attack.join()}`
    const known = answers.get(key)
    if (known !== undefined) return known
    const asset = assets.get(asset_id)
    const { criticality = '', kind = '' } = asset ?? {}
    const it: Circumstance = { phase, region: region_code, criticality, kind, rule: rule_id, attack, pattern }
    const found = layers.map((list) => answerOf(list, it))
    if (answers.size >= MAX_ANSWERS) answers.clear()
    answers.set(key, found)
    return found
  }

  return {
    judge(finding) {
      if (alwaysAlerts(finding.rule_id)) return alert
      const rank = severityRank(finding.severity)
      const found = answersFor(finding)
      for (const { bar } of found) if (finding.score >= bar.score || rank >= bar.severity) return alert
      return found.at(-1)?.held ?? alert
    },
  }
}

interface Answer {
  readonly bar: Bar
  readonly held: Judgement
}

function answerOf(list: readonly NamedThreshold[], it: Circumstance): Answer {
  const bar = barFor(list, it)
  return { bar, held: Object.freeze({ kind: 'held', reason: 'below_threshold', detail: bar.name }) }
}
