// Which alerts must a set of findings make? Said as plainly as the rules are, with all findings at hand, to compare the grouper with.
import type { Finding } from '../../../../schemas/detection.ts'
import type { GrouperOptions } from '../../../../sinks/alerts/group/group.ts'
import { HOUR } from './board.ts'

export interface Expected {
  readonly dedup_key: string
  readonly kind: 'findings' | 'storm'
  readonly first_seen: number
  readonly last_seen: number
  readonly findings: number
  readonly matters: number
  readonly rules: readonly string[]
}

/** Exact for places of up to 64 matters, where every matter still counts for its entity. */
export function expectedAlerts(all: readonly Finding[], settings: GrouperOptions): Expected[] {
  const findings = [...new Map(all.map((finding) => [finding.finding_id, finding])).values()]
  const hourOf = ({ window_end }: Finding): number => Math.floor(window_end / HOUR)
  const matterOf = ({ dedup_key, entity }: Finding): string => JSON.stringify([dedup_key, entity])
  const { stormMatters, stormRegionMatters } = settings
  const limitOf = ({ asset_id }: Finding): number => (asset_id === '' ? stormRegionMatters : stormMatters)
  const count = (some: readonly Finding[]): number => new Set(some.map(matterOf)).size
  const keys = (some: readonly Finding[]): number => new Set(some.map(({ dedup_key }) => dedup_key)).size

  const inPlace = (of: Finding, hour: number): Finding[] =>
    findings.filter(
      (one) =>
        one.rule_id === of.rule_id &&
        one.asset_id === of.asset_id &&
        one.region_code === of.region_code &&
        hourOf(one) === hour,
    )
  const isFlooded = (of: Finding, hour: number): boolean => count(inPlace(of, hour)) > limitOf(of)
  const isEntityStorm = (of: Finding, hour: number): boolean =>
    of.entity !== '' &&
    keys(findings.filter((one) => one.rule_id === of.rule_id && one.entity === of.entity && hourOf(one) === hour)) >
      stormMatters
  const isRegionStorm = (of: Finding, hour: number): boolean => {
    const inRegion = findings.filter(
      (one) => one.rule_id === of.rule_id && one.region_code === of.region_code && hourOf(one) === hour,
    )
    const places = new Map(inRegion.map((one) => [one.asset_id, one]))
    const flooded = [...places.values()].filter((one) => isFlooded(one, hour))
    const rest = inRegion.filter((one) => !flooded.some(({ asset_id }) => asset_id === one.asset_id))
    let weight = flooded.reduce((sum, one) => sum + limitOf(one) + 1, 0)
    for (const entity of new Set(rest.map((one) => one.entity))) {
      const matters = [...places.keys()].reduce(
        (sum, asset) => sum + count(rest.filter((one) => one.entity === entity && one.asset_id === asset)),
        0,
      )
      weight += entity === '' ? matters : Math.min(matters, stormMatters + 1)
    }
    return weight > stormRegionMatters
  }

  const isAttempt = (of: Finding): boolean => {
    const own = inPlace(of, hourOf(of)).filter((other) => matterOf(other) === matterOf(of))
    return attemptsOf(own)
  }
  const attemptsOf = (some: readonly Finding[]): boolean =>
    !some.some(({ severity }) => severity === 'critical') &&
    some.some(({ attack }) => attack.some((one) => /^T(?:1190|1059\.007|1595|1110|1589|1498|1499)(?:\.|$)/.test(one)))
  const isSiege = (of: Finding, hour: number): boolean => {
    const there = findings.filter(
      (one) => one.asset_id === of.asset_id && one.region_code === of.region_code && hourOf(one) === hour,
    )
    const rules = [...new Map(there.map((one) => [one.rule_id, one])).values()]
    if (rules.some((one) => isFlooded(one, hour) && attemptsOf(inPlace(one, hour)))) return true
    const single = there.filter((one) => !isFlooded(one, hour) && isAttempt(one))
    return new Set(single.map(({ entity, dedup_key }) => entity || `nobody ${dedup_key}`)).size > limitOf(of)
  }

  const groupOf = (one: Finding): string => {
    const hour = hourOf(one)
    const ownMatter = inPlace(one, hour).filter((other) => matterOf(other) === matterOf(one))
    const isCritical = ownMatter.some(({ severity }) => severity === 'critical')
    const hours = isCritical ? [hour] : [hour - 1, hour, hour + 1]
    const region = `storm|region:${one.region_code}`
    if (hours.some((at) => isFlooded(one, at))) return one.asset_id === '' ? region : `storm|asset:${one.asset_id}`
    if (isAttempt(one) && hours.some((at) => isSiege(one, at)))
      return one.asset_id === '' ? region : `storm|asset:${one.asset_id}`
    if (hours.some((at) => isEntityStorm(one, at))) return `storm|${one.entity}`
    if (hours.some((at) => isRegionStorm(one, at))) return region
    return one.dedup_key
  }

  const groups = Map.groupBy(findings, groupOf)
  const alerts = [...groups].flatMap(([group, members]) => {
    const sorted = members.toSorted((a, b) => a.window_end - b.window_end)
    const runs: Finding[][] = []
    for (const one of sorted) {
      const run = runs.at(-1)
      if (run !== undefined && one.window_end - (run.at(-1)?.window_end ?? 0) <= settings.windowMs) run.push(one)
      else runs.push([one])
    }
    return runs.map((run): Expected => {
      const isStorm = group.startsWith('storm|')
      return {
        dedup_key: group,
        kind: isStorm ? 'storm' : 'findings',
        first_seen: run[0]?.window_end ?? 0,
        last_seen: run.at(-1)?.window_end ?? 0,
        findings: run.length,
        matters: isStorm ? keys(run) : 1,
        rules: [...new Set(run.map(({ rule_id }) => rule_id))].sort(),
      }
    })
  })
  return alerts.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
