// How much does each factor of a score count? Points, as they stand in siaga.yaml; ten points are one unit of log-odds.
import { z } from 'zod'

const points = (description: string, value: number) => z.int().default(value).describe(description)
const positivePoints = (description: string, value: number) => z.int().min(0).default(value).describe(description)

/** Points for each factor; ten points are one unit of log-odds. */
export const ScoreWeights = z.strictObject({
  prior: points('Log-odds before any evidence, ten points a unit: -46 is one in a hundred', -46),
  rule: z
    .strictObject({
      informational: positivePoints('A rule of this severity matched', 2),
      low: positivePoints('A rule of this severity matched', 10),
      medium: positivePoints('A rule of this severity matched', 25),
      high: positivePoints('A rule of this severity matched', 45),
      critical: positivePoints('A rule of this severity matched', 65),
    })
    .prefault({}),
  device_severity: positivePoints('Points of the highest device severity; lower ones in proportion', 50),
  asset: z
    .strictObject({
      low: points('The event is about an asset of this criticality', -3),
      medium: points('The event is about an asset of this criticality', 0),
      high: points('The event is about an asset of this criticality', 6),
      critical: points('The event is about an asset of this criticality', 12),
    })
    .prefault({}),
  phase: z
    .strictObject({
      persiapan: points('Preparation', 0),
      kampanye: points('Campaign', 3),
      masa_tenang: points('Quiet days', 6),
      pemungutan: points('Voting', 10),
      rekapitulasi: points('Count and recapitulation', 8),
      sengketa: points('Dispute', 4),
    })
    .prefault({}),
  failed_login: positivePoints('A login failed', 12),
  failed_login_privileged: positivePoints('Added when the user tried is root or an administrator', 6),
  indicator: positivePoints(
    'An indicator of full confidence matched; less with less confidence, and half of it when it was last seen 30 days before',
    50,
  ),
  attack_succeeded: positivePoints('Added when an attack pattern was answered with success', 12),
  known_scanner: z.int().max(0).default(-8).describe('A known internet scanner'),
  allow_listed: z.int().max(0).default(-60).describe('Source address on the allow list'),
})
export type ScoreWeights = z.infer<typeof ScoreWeights>
