// How do the assets of a room stand? Their figures as the room's own ClickHouse user sees them, kept for a while, since all its people see the same.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ProbeView } from '../../schemas/assets-api.ts'
import { PROBE_FORMAT, PROBE_SOURCE } from '../../schemas/raw-event.ts'

const Now = z.object({
  id: z.string(),
  events: z.coerce.number(),
  failures: z.coerce.number(),
  alerts: z.coerce.number(),
  severe: z.coerce.number(),
  sources: z.coerce.number(),
  heard: z.coerce.number(),
})
const Risk = z.object({ id: z.string(), risk: z.coerce.number() })
const Probe = z.object({
  id: z.string(),
  action: z.string(),
  at: z.coerce.number(),
  outcome: z.string(),
  status: z.coerce.number(),
  failure: z.string(),
  changed: z.string(),
  score: z.coerce.number(),
})

const NOW = `
  SELECT asset_id AS id, events_24h AS events, failures_24h AS failures, open_alerts AS alerts, open_severe AS severe, sources, heard
  FROM siaga.assets_now`
// An asset has a risk in each region and of each owner whose events are about it.
const RISK = `
  SELECT entity AS id, 100 * sum(points) / (100 + sum(points)) AS risk FROM siaga.entity_risk WHERE entity_type = 'asset' GROUP BY entity`
// Sites are looked at every few minutes; one that was not for a day is not looked at any more.
const PROBES = `
  SELECT asset_id AS id, event_action AS action, toUnixTimestamp64Milli(max(timestamp)) AS at, argMax(event_outcome, events.timestamp) AS outcome,
    argMax(http_status_code, events.timestamp) AS status, argMax(fields['siaga.probe.failure'], events.timestamp) AS failure,
    argMax(fields['siaga.probe.changed'], events.timestamp) AS changed, argMax(score, events.timestamp) AS score
  FROM siaga.events WHERE source_id = '${PROBE_SOURCE}' AND dataset = '${PROBE_FORMAT}' AND asset_id != '' AND ingested_at >= now() - INTERVAL 1 DAY
  GROUP BY asset_id, event_action`

export interface Figures {
  readonly now: ReadonlyMap<string, z.infer<typeof Now>>
  readonly risk: ReadonlyMap<string, number>
  readonly probes: ReadonlyMap<string, readonly ProbeView[]>
}

const KINDS = { page_probe: 'page', dns_probe: 'dns', tls_probe: 'tls' } as const

function viewOf(row: z.infer<typeof Probe>): ProbeView | undefined {
  const kind = Object.entries(KINDS).find(([action]) => action === row.action)?.[1]
  if (kind === undefined) return undefined
  const { at, status, failure, changed, score } = row
  return { kind, at, ok: row.outcome === 'success', status, failure, changed, score }
}

/** Rejects if the store does not answer. */
export async function readFigures(clickhouse: Pick<ClickHouse, 'rows'>): Promise<Figures> {
  const limits = { max_execution_time: 20 }
  const [now, risk, found] = await Promise.all([
    clickhouse.rows(Now, NOW, {}, limits),
    clickhouse.rows(Risk, RISK, {}, limits),
    clickhouse.rows(Probe, PROBES, {}, limits),
  ])
  const probes = new Map<string, ProbeView[]>()
  for (const row of found) {
    const view = viewOf(row)
    if (view !== undefined) probes.set(row.id, [...(probes.get(row.id) ?? []), view])
  }
  return {
    now: new Map(now.map((row) => [row.id, row])),
    risk: new Map(risk.map((row) => [row.id, row.risk])),
    probes,
  }
}
