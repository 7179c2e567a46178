// How quiet may the processors be? In the phases of two persons what the configuration makes laxer begins to hold when two have agreed, not when it is written.
import type { ResolvedConfig } from '../../runtime/config.ts'
import { errorText } from '../../runtime/errors.ts'
import type { KafkaClient } from '../../runtime/kafka.ts'
import type { Log } from '../../runtime/log.ts'
import type { Reference } from '../../runtime/reference.ts'
import { topics } from '../../schemas/raw-event.ts'
import { ApprovedPolicy, guardOf, wantPolicy } from '../../sinks/alerts/policy/in-force.ts'
import { type AlertPolicy, canonical, policyOf } from '../../sinks/alerts/policy/policy.ts'
import { recordKey } from '../../sinks/alerts/records.ts'

export interface PolicyParts {
  readonly config: ResolvedConfig
  readonly reference: Pick<Reference, 'phases'>
  readonly kafka: Pick<KafkaClient, 'readAll'>
  readonly log: Log
  /** Shows a line to whoever starts Siaga. */
  readonly say: (line: string) => void
  /** Milliseconds since 1970 UTC. */
  readonly now?: number
  readonly topic?: string
}

/**
 * The configuration that rules, workers and the schedule begin with: rules, detectors, weights, allow list and least severity as they are in force. What waits for two persons is
 * said with how to agree. Reads what the holder of the alerts has kept; the topic must be there. Without alerts nobody could agree: then the configuration holds.
 */
export async function configInForce(parts: PolicyParts): Promise<ResolvedConfig> {
  const { config, reference, kafka, log, say, now = Date.now(), topic = topics.alerts } = parts
  if (!config.alerts.enabled) return config
  let kept: ApprovedPolicy | undefined
  await kafka.readAll(topic, ({ key, value }) => {
    if (key?.toString('utf8') === recordKey('policy') && value !== null) kept = readPolicy(value, log)
  })
  const { in_force, waiting } = wantPolicy(kept, policyOf(config), guardOf(reference, now), now)
  if (waiting !== undefined) {
    const { id, relaxations } = waiting
    const what = relaxations.map((one) => `${one.what}: ${one.detail}`)
    log.warn({ policy: id, waiting: what }, 'a laxer policy waits for two persons; the stricter one holds')
    const more = what.length > MAX_SAID ? ` and ${what.length - MAX_SAID} more` : ''
    say(
      `waits for two persons, one of them at the centre: ${what.slice(0, MAX_SAID).join('; ')}${more} (see siaga alerts policy, agree with siaga alerts approve ${id})`,
    )
  }
  return withPolicy(config, in_force)
}

const MAX_SAID = 3
const LOOK_MS = 5_000

/** Says, once for each change, when another policy has come into force than the one that the workers began with. Answers how to end it. */
export function watchPolicy(used: ResolvedConfig, current: () => ApprovedPolicy | undefined, log: Log): () => void {
  let said = partOf(policyOf(used))
  const timer = setInterval(() => {
    const record = current()
    const now = record === undefined ? said : partOf(record.in_force)
    if (now === said) return
    said = now
    log.warn('another policy is in force: alerts follow it at once, rules and scores from the next start on')
  }, LOOK_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** What of a policy the workers have to do with, as a text to compare. */
function partOf({ disabled, off, shipped, finding_severity, weights, allow_list }: AlertPolicy): string {
  return canonical({ disabled, off, shipped, finding_severity, weights, allow_list })
}

function withPolicy(config: ResolvedConfig, policy: AlertPolicy): ResolvedConfig {
  const { disabled, off, shipped, finding_severity, weights, allow_list } = policy
  const { silence, web_flood } = config.alerts
  return {
    ...config,
    rules: { ...config.rules, disabled, shipped },
    correlations: { ...config.correlations, enabled: !off.includes('correlations') },
    alerts: {
      ...config.alerts,
      silence: { ...silence, enabled: !off.includes('silence') },
      web_flood: { ...web_flood, enabled: !off.includes('web_flood') },
    },
    finding_severity,
    score: weights,
    allow_list,
  }
}

function readPolicy(value: Buffer, log: Log): ApprovedPolicy | undefined {
  try {
    return ApprovedPolicy.parse(JSON.parse(value.toString('utf8')))
  } catch (error) {
    // Of another version of Siaga: the shipped policy stands for what was before, as it does for the holder.
    log.warn({ error: errorText(error) }, 'the policy that was kept cannot be read')
    return undefined
  }
}
