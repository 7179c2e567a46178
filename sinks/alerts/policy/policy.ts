// What decides how quiet Siaga is? The part of the configuration that two persons have to agree on, in a form that can be kept and compared.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Threshold } from '../../../schemas/alerting.ts'
import type { Config } from '../../../schemas/config.ts'
import { Severity } from '../../../schemas/detection.ts'
import { Phase } from '../../../schemas/place.ts'
import { ScoreWeights } from '../../../schemas/score.ts'

/** Detectors that are rules in all but name: switched off, they say nothing. */
const detectors = ['correlations', 'silence', 'web_flood'] as const

export const AlertPolicy = z.object({
  /** Lists of thresholds, each with the shipped one behind it; a finding becomes an alert if any of them lets it through. */
  layers: z.array(z.array(Threshold)).min(1),
  /** Ids of rules that are not used. */
  disabled: z.array(z.string()),
  /** Detectors that do not run. */
  off: z.array(z.enum(detectors)).default([]),
  /** Siaga's own rules are used. */
  shipped: z.boolean(),
  finding_severity: Severity,
  weights: ScoreWeights,
  allow_list: z.array(z.string()),
  two_persons: z.array(Phase),
})
export type AlertPolicy = z.infer<typeof AlertPolicy>

/** The policy that a configuration asks for. */
export function policyOf(
  config: Pick<Config, 'rules' | 'correlations' | 'finding_severity' | 'score' | 'allow_list' | 'alerts'>,
): AlertPolicy {
  const { silence, web_flood } = config.alerts
  const runs = { correlations: config.correlations, silence, web_flood }
  return {
    layers: [config.alerts.thresholds],
    disabled: [...new Set(config.rules.disabled)].sort(),
    off: detectors.filter((name) => !runs[name].enabled),
    shipped: config.rules.shipped,
    finding_severity: config.finding_severity,
    weights: config.score,
    allow_list: [...new Set(config.allow_list)].sort(),
    two_persons: [...new Set(config.alerts.two_persons)].sort(),
  }
}

/** Names a policy by its content, 16 hex digits: an agreement is on exactly this. `ended`: and that the phases of two persons are over before their time. */
export function policyId(policy: AlertPolicy, ended = false): string {
  return createHash('sha256')
    .update(canonical(policy))
    .update(ended ? ' ended' : '')
    .digest('hex')
    .slice(0, 16)
}

/** One text for one content, whatever the order of keys. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}
