// Which findings become alerts where siaga.yaml says nothing? The shipped thresholds, and the findings that always do.
import type { z } from 'zod'
import { type Alert, closedStatuses } from '../../../schemas/alert.ts'
import { Threshold } from '../../../schemas/alerting.ts'
import type { Finding } from '../../../schemas/detection.ts'
import { HISTORY_RULE, indicatorRule } from '../../../schemas/indicator.ts'
import type { Phase } from '../../../schemas/place.ts'
import { attempts, guessing } from '../attempts.ts'
import type { NamedThreshold } from './fit.ts'

/** Rules that say that something does not work any more, whatever the cause: those with the tag `siaga.outage` (a test holds the two together). */
export const outageRules: ReadonlySet<string> = new Set([
  'f16b0687-d695-4771-b323-fcb487c8ddda', // probe/site_down
  'b741ec41-3940-4fb8-840b-3b0aa47e1d51', // probe/site_down_quiet_days
  '52cce207-c53e-4fe5-b57b-6c80e1982677', // probe/name_gone
  '890c5d63-7c6d-476c-8939-56f01e232e3c', // host/host_silent
  'bba9182c-4a87-4075-8f87-5e0b856d7bcc', // host/log_daemon_not_back
  'f8b1e337-8648-4d32-9528-ffe959456c6f', // siaga/not_back
  '258f32fe-0549-4e95-89d9-a38ad1b00c79', // election/uploads_stopped
])

/** What the ids of Siaga's own judgements on silence and outages begin with. */
const outagePrefixes = [
  'siaga-silence',
  'siaga-collector',
  'siaga-pipeline',
  'siaga-probe-network',
  'siaga-outage',
  'siaga-web-flood-outage',
] as const

/** What Siaga says when nearly all sites cannot be reached at once: it is our own network that is gone. */
const PROBE_NETWORK = 'siaga-probe-network'

/** Rules by which a site looks down from here. */
const seenFromHere: ReadonlySet<string> = new Set([
  'f16b0687-d695-4771-b323-fcb487c8ddda', // probe/site_down
  'b741ec41-3940-4fb8-840b-3b0aa47e1d51', // probe/site_down_quiet_days
  '52cce207-c53e-4fe5-b57b-6c80e1982677', // probe/name_gone
])

/** What is seen before it is sure that our own network is gone. */
const BEFORE_MS = 15 * 60_000

/** True if a site looks down because our own network is gone, by the alerts that are open: that is told once, and not for each site. */
export function isOwnNetwork(
  finding: Pick<Finding, 'rule_id' | 'window_end'>,
  open: () => Iterable<Pick<Alert, 'rule_id' | 'first_seen' | 'status'>>,
): boolean {
  if (!seenFromHere.has(finding.rule_id)) return false
  for (const { rule_id, first_seen, status } of open())
    if (rule_id === PROBE_NETWORK && !closedStatuses.has(status) && finding.window_end >= first_seen - BEFORE_MS)
      return true
  return false
}

/** True for findings that become alerts whatever the threshold: blind and broken are never below one. Suppressions still hold. */
export function alwaysAlerts(ruleId: string): boolean {
  return outageRules.has(ruleId) || outagePrefixes.some((prefix) => ruleId.startsWith(prefix))
}

/** Rules with a technique of an attempt that are none: the thing has happened when they match. */
const happened = [
  'ec5ef1ce-f980-43f1-a19f-e9bfd22cb2c6', // dns/callback_domain: an injection called home
  '69b85f9d-6595-47d9-8011-a47edb8d8d91', // probe/redirect_new
  'd3b8f517-5844-4abb-b0e9-7c12cf43d770', // probe/script_host_new_quiet_days
]

/** What others say: signatures of devices, and addresses on lists of threat intelligence. Loud, and judged by the whole score. */
const said = ['siaga.builtin.device_alert', indicatorRule('ip'), indicatorRule('network')]

/** The days in which there is no second chance. */
const tense: Phase[] = ['masa_tenang', 'pemungutan', 'rekapitulasi']
const lively: Phase[] = ['kampanye', 'sengketa']

/**
 * Few alerts, and none of what matters missed. A rule of level high says "look at it now", and critical "it happened" (rules/README.md): those
 * become alerts. Three kinds of findings are told apart because their level alone would wake people for the weather:
 *
 * - Attempts on public sites. One refused attempt on an ordinary asset is 48 points of a hundred outside of elections and 71 on voting day; one that
 *   was answered with success, or two that tell of different things, are 75 and more, and so is a single one on an asset of criticality high from masa_tenang to the
 *   count. So the bar is 75; on critical assets, whose criticality alone lifts a refused attempt to 75 (82 in disputes), it is 85 outside of those days.
 * - What devices and lists say of an address: 85, so that a listed address on an ordinary page is no alert, and with an attack it is.
 * - Patterns (correlations, history): their score is that of one of their events, which says little (a failed login: 3), so the level decides.
 *   Medium ones count in the tense days, but guessing only on assets of criticality high and critical, and what a new feed finds in history never by its level alone.
 */
export const shippedThresholds: readonly NamedThreshold[] = [
  shipped('it happened', { rules: happened, score: 75, severity: 'high' }),
  shipped('said by others', { rules: said, patterns: false, score: 85 }),
  shipped('found in history', { rules: [HISTORY_RULE], score: 75, severity: 'high' }),
  shipped('guessing on important assets, tense days', {
    patterns: true,
    attack: [...guessing],
    phases: tense,
    criticality: ['high', 'critical'],
    score: 75,
    severity: 'medium',
  }),
  shipped('guessing', { patterns: true, attack: [...guessing], score: 75, severity: 'high' }),
  shipped('patterns, tense days', { patterns: true, phases: tense, score: 75, severity: 'medium' }),
  shipped('patterns on important assets, campaign and disputes', {
    patterns: true,
    phases: lively,
    criticality: ['high', 'critical'],
    score: 75,
    severity: 'medium',
  }),
  shipped('patterns', { patterns: true, score: 75, severity: 'high' }),
  shipped('attempts, tense days', { attack: [...attempts], phases: tense, score: 75 }),
  shipped('attempts on critical assets', { attack: [...attempts], criticality: ['critical'], score: 85 }),
  shipped('attempts', { attack: [...attempts], score: 75 }),
  shipped('critical assets, tense days', { phases: tense, criticality: ['critical'], score: 60, severity: 'medium' }),
  shipped('everything else', { score: 75, severity: 'high' }),
]

function shipped(name: string, threshold: z.input<typeof Threshold>): NamedThreshold {
  return { name: `shipped: ${name}`, threshold: Threshold.parse(threshold) }
}

/** A list of siaga.yaml with the shipped one behind it. */
export function withShipped(settings: readonly Threshold[]): readonly NamedThreshold[] {
  return [...settings.map((threshold, n) => ({ name: `alerts.thresholds[${n}]`, threshold })), ...shippedThresholds]
}
