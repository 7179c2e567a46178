// What is known of one address, user, asset, host, path or domain in a span? Its events in figures, its findings, its risk now.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { EventColumn } from '../../schemas/event.ts'
import type { EntityAnswer, EntityKind } from '../../schemas/explore-api.ts'
import type { Span } from './search.ts'

interface Kind {
  /** Any of them holds it. */
  readonly columns: readonly EventColumn[]
  /** As `siaga.findings` and `siaga.entity_risk` call it; undefined where they have none. */
  readonly type: string | undefined
}

export const entityKinds: Readonly<Record<EntityKind, Kind>> = {
  address: { columns: ['source_ip', 'destination_ip'], type: 'source_ip' },
  user: { columns: ['user_name', 'user_target_name'], type: 'user' },
  asset: { columns: ['asset_id'], type: 'asset' },
  host: { columns: ['host_name'], type: undefined },
  path: { columns: ['url_path'], type: undefined },
  domain: { columns: ['url_domain'], type: undefined },
}

const count = z.coerce.number()
const Top = z.array(z.object({ item: z.string(), count, error: count }))
const Summed = z.object({
  events: count,
  score_max: count,
  failures: count,
  first_seen: count,
  last_seen: count,
  datasets: Top,
  actions: Top,
  regions: Top,
  addresses: Top,
  users: Top,
  assets: Top,
  paths: Top,
})
const Severity = z.object({ value: z.string(), events: count })
const Risk = z.object({ points: count.nullable() })

const top = (column: EventColumn): string => `approx_top_k(8, 4096)(e.${column})`

/** `person` stands in the audit trail. */
export async function readEntity(
  clickhouse: ClickHouse,
  { kind, value, from, to }: Span & { kind: EntityKind; value: string },
  person: string,
): Promise<EntityAnswer> {
  const { columns, type } = entityKinds[kind]
  const settings = { log_comment: person }
  const params = { value: value.toWellFormed(), from, to, landed: Math.max(0, from - 3_600_000) }
  const condition = columns.map((column) => `e.${column} = {value:String}`).join(' OR ')
  const [[summed], severities, [risk]] = await Promise.all([
    clickhouse.rows(
      Summed,
      `SELECT count() AS events, max(e.score) AS score_max, countIf(e.event_outcome = 'failure') AS failures,
  toUnixTimestamp64Milli(min(e.timestamp)) AS first_seen, toUnixTimestamp64Milli(max(e.timestamp)) AS last_seen,
  ${top('dataset')} AS datasets, ${top('event_action')} AS actions, ${top('region_code')} AS regions, ${top('source_ip')} AS addresses,
  ${top('user_name')} AS users, ${top('asset_id')} AS assets, ${top('url_path')} AS paths
FROM siaga.events AS e
WHERE e.timestamp >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
  AND e.ingested_at >= fromUnixTimestamp64Milli({landed:Int64}, 'UTC') AND (${condition})`,
      params,
      settings,
    ),
    type === undefined
      ? []
      : clickhouse.rows(
          Severity,
          `SELECT f.severity AS value, toUInt32(count()) AS events FROM siaga.findings AS f
WHERE f.entity = {entity:String} AND f.window_end >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
  AND f.window_end < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
GROUP BY value
ORDER BY indexOf(['critical', 'high', 'medium', 'low', 'informational'], value)`,
          { entity: `${type}:${params.value}`, from, to },
          settings,
        ),
    type === undefined
      ? []
      : clickhouse.rows(
          Risk,
          'SELECT if(count() = 0, NULL, round(sum(points))) AS points FROM siaga.entity_risk WHERE entity_type = {type:String} AND entity = {value:String}',
          { type, value: params.value },
          settings,
        ),
  ])
  const found = summed !== undefined && summed.events > 0 ? summed : undefined
  const told = (name: 'datasets' | 'actions' | 'regions' | 'addresses' | 'users' | 'assets' | 'paths') =>
    (found?.[name] ?? []).filter(({ item }) => item !== '').map(({ item, count: events }) => ({ value: item, events }))
  return {
    events: found?.events ?? 0,
    score_max: found?.score_max ?? 0,
    failures: found?.failures ?? 0,
    first_seen: found?.first_seen ?? null,
    last_seen: found?.last_seen ?? null,
    risk: type === undefined ? null : (risk?.points ?? 0),
    findings: severities.reduce((sum, { events }) => sum + events, 0),
    severities,
    datasets: told('datasets'),
    actions: told('actions'),
    regions: told('regions'),
    addresses: told('addresses'),
    users: told('users'),
    assets: told('assets'),
    paths: told('paths'),
  }
}
