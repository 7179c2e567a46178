// What does an alert say? The worst finding, and what all of them have in common.
import type { Alert } from '../../../schemas/alert.ts'
import { countDistinct, isExact } from './distinct.ts'
import { type Session, totalOf } from './sessions.ts'
import type { Total } from './tally.ts'
import { compareText, compareWeight, cut } from './worst.ts'

/** The part of an alert that follows from its findings. */
export type AlertContent = Pick<
  Alert,
  | 'alert_id'
  | 'dedup_key'
  | 'kind'
  | 'rule_id'
  | 'title'
  | 'severity'
  | 'score'
  | 'region_code'
  | 'owner'
  | 'asset_id'
  | 'entity'
  | 'first_seen'
  | 'last_seen'
  | 'findings'
  | 'findings_exact'
  | 'matters'
  | 'rules'
  | 'attack'
  | 'worst'
>

/** Of several regions: the centre's. */
const NATIONAL = '00'
/** Rules that an alert lists, the worst ones; its number of findings counts those of all rules. */
const MAX_RULES = 64
const MAX_TITLE = 240
const STORM = 'storm|'

/** Content of the alert. */
export function contentOf(session: Session): AlertContent {
  const { id, group } = session
  const total = totalOf(session)
  const worst = total.worst[0]?.finding
  const rules = [...total.rules.values()].map(({ rule, title, severity, score, ids }) => ({
    rule_id: rule,
    title,
    severity,
    score,
    findings: countDistinct(ids),
  }))
  rules.sort((a, b) => compareWeight(a, b) || b.findings - a.findings || compareText(a.rule_id, b.rule_id))
  const title = worst?.title ?? ''
  return {
    alert_id: id,
    dedup_key: group.key,
    kind: group.storm ? 'storm' : 'findings',
    rule_id: worst?.rule_id ?? '',
    title: group.storm ? stormTitle(title, rules.length - 1, group.key.slice(STORM.length)) : title,
    severity: worst?.severity ?? 'informational',
    score: worst?.score ?? 0,
    ...(group.storm ? agreed(total) : placeOfWorst(total)),
    entity: group.storm ? group.key.slice(STORM.length) : (worst?.entity ?? ''),
    first_seen: total.first,
    last_seen: total.last,
    findings: rules.reduce((sum, { findings }) => sum + findings, 0),
    findings_exact: [...total.rules.values()].every(({ ids }) => isExact(ids)),
    matters: group.storm ? countDistinct(total.matters) : 1,
    rules: rules.slice(0, MAX_RULES),
    attack: [...total.attack],
    worst: total.worst.map(({ finding }) => finding),
  }
}

type Whose = Pick<Alert, 'region_code' | 'owner' | 'asset_id'>

function placeOfWorst({ worst: [worst] }: Total): Whose {
  return { region_code: worst?.region ?? '', owner: worst?.owner ?? '', asset_id: worst?.asset ?? '' }
}

/** As correlations have it: places that differ are nobody's but the centre's; unknown ones do not count for the region. */
function agreed({ regions, owners, assets }: Total): Whose {
  const only = (values: readonly string[]): string => (values.length === 1 ? (values[0] ?? '') : '')
  return { region_code: regions.length > 1 ? NATIONAL : only(regions), owner: only(owners), asset_id: only(assets) }
}

function stormTitle(title: string, more: number, about: string): string {
  const others = more === 0 ? '' : ` and ${more} more rule${more === 1 ? '' : 's'}`
  return cut(`Storm: ${title}${others}, about ${about}`, MAX_TITLE)
}
