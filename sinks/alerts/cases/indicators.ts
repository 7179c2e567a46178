// Which indicators may whom be told? What threat intelligence says in the evidence of alerts, as far as its Traffic Light Protocol permits.
import type { Alert } from '../../../schemas/alert.ts'
import { INDICATOR_RULES, IndicatorType, Tlp } from '../../../schemas/indicator.ts'

/** An indicator with its marking. */
export interface MarkedIndicator {
  readonly type: string
  readonly value: string
  readonly tlp: Tlp
}

/**
 * To whom. `hit`: a room with alerts of its own in the case; it needs to know what hits it. `ahead`: one that is warned, and whatever travels further.
 */
export type Audience = 'hit' | 'ahead'

/** Evidence is cut to so many characters (processors/detect): a value of that length may not be the whole. */
const CUT_AT = 200
const MAX_INDICATORS = 50

/**
 * TLP 2.0 (FIRST). Clear and green may be told to every room: they are the community. Amber is for those who need to know to protect themselves, in the organisation and its clients: rooms
 * that are hit. Amber+strict and red stay with the centre, and so does what has no marking.
 */
export function permits(tlp: Tlp, audience: Audience): boolean {
  if (tlp === 'clear' || tlp === 'green') return true
  return tlp === 'amber' && audience === 'hit'
}

/** Indicators in the evidence of these alerts, each with the strictest marking that any of them has, ordered by type and value. Without a marking they are left out. */
export function indicatorsOf(alerts: readonly Pick<Alert, 'worst'>[]): MarkedIndicator[] {
  const found = new Map<string, { type: string; value: string; tlp: Tlp | undefined }>()
  for (const { rule_id, evidence } of alerts.flatMap(({ worst }) => worst)) {
    const of = (field: string) => evidence.find((one) => one.field === field)?.value ?? ''
    const value = of('threat.indicator.name')
    if (value === '' || value.length >= CUT_AT) continue
    const type = of('threat.indicator.type') || rule_id.slice(INDICATOR_RULES.length)
    if (!IndicatorType.safeParse(type).success) continue
    const marking = Tlp.safeParse(of('threat.indicator.marking.tlp'))
    const tlp = marking.success ? marking.data : undefined
    const key = `${type}:${value}`
    const known = found.get(key)
    if (known === undefined) found.set(key, { type, value, tlp })
    else known.tlp = stricter(known.tlp, tlp)
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .flatMap(([, { type, value, tlp }]) => (tlp === undefined ? [] : [{ type, value, tlp }]))
}

/** Those that this audience may be told, at most 50. */
export function permittedIndicators(alerts: readonly Pick<Alert, 'worst'>[], audience: Audience): MarkedIndicator[] {
  return indicatorsOf(alerts)
    .filter(({ tlp }) => permits(tlp, audience))
    .slice(0, MAX_INDICATORS)
}

/** An unknown marking is the strictest. */
function stricter(a: Tlp | undefined, b: Tlp | undefined): Tlp | undefined {
  if (a === undefined || b === undefined) return undefined
  return Tlp.options.indexOf(a) >= Tlp.options.indexOf(b) ? a : b
}
