// What is an indicator? One observable that threat intelligence names, as feeds bring it and processors match it.
import { z } from 'zod'

/** What an indicator may be. `network`: CIDR. `file_hash`: MD5, SHA-1 or SHA-256 in hex. `ja3` and `ja4`: fingerprints of TLS clients. */
export const IndicatorType = z.enum(['ip', 'network', 'domain', 'url', 'file_hash', 'email', 'ja3', 'ja4'])
export type IndicatorType = z.infer<typeof IndicatorType>

/** Traffic Light Protocol 2.0 (FIRST): how far it may be passed on. */
export const Tlp = z.enum(['clear', 'green', 'amber', 'amber+strict', 'red'])
export type Tlp = z.infer<typeof Tlp>

/** Times are milliseconds since 1970 UTC, 0 unknown. */
export const Indicator = z.object({
  type: IndicatorType,
  /** In canonical form: small letters where case says nothing, addresses as `inet_ntop` writes them, domains in A-label form without a last dot. */
  value: z.string().min(1).max(2048),
  /** Id of the feed. */
  source: z.string(),
  /** Chance in a hundred that it is what the feed says, at `last_seen`. */
  confidence: z.int().min(0).max(100),
  first_seen: z.int().min(0),
  last_seen: z.int().min(0),
  /** It counts no more from this time on; 0: never told, the feed's `expire_days` hold. */
  expires: z.int().min(0),
  tlp: Tlp,
  /** What it is said to be, such as the name of the malware or of the campaign; cut to 200 characters. */
  threat: z.string().max(200),
  /** Where the feed says more about it: an URL or an id of the feed. */
  reference: z.string().max(500),
  /** Words that the feed puts on it, at most ten. */
  labels: z.array(z.string().max(100)).max(10),
})
export type Indicator = z.infer<typeof Indicator>

/** Rule id of what was found in events that came before the indicator did. */
export const HISTORY_RULE = 'siaga.indicator.history'

/** What the rule ids of matches begin with. */
export const INDICATOR_RULES = 'siaga.indicator.'

/** Rule ids of matches, one for each type: `siaga.indicator.<type>`. */
export function indicatorRule(type: IndicatorType): string {
  return INDICATOR_RULES + type
}
