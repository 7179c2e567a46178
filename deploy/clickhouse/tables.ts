// Whose are the rows of each table, view and dictionary of database siaga? Grants and row policies follow from here.

/** Columns by which a table's rows belong to a region and an organisation. */
export interface ScopeColumns {
  readonly region: string
  readonly owner: string
}

/**
 * - `regional`: each row is of a region and an owner; who is of a room reads those of its region and beneath.
 * - `common`: the same for everybody; `shown` leaves out what rooms are not to see. A dictionary has no row policies: it is common or nobody's.
 * - `central`: rows of several regions without a column that says which, or of the desk of the centre: rooms of region 00 only.
 * - `internal`: what processors keep between two steps; no room reads it.
 * - `view`: reads other objects with the rights of whoever asks; it is granted to those who may read everything in `reads`.
 */
export type TableAccess =
  | ({ readonly kind: 'regional' } & ScopeColumns)
  | { readonly kind: 'common'; readonly shown?: string; readonly dictionary?: true }
  | { readonly kind: 'central' }
  | { readonly kind: 'internal' }
  | { readonly kind: 'view'; readonly reads: readonly string[] }

const regional: TableAccess = { kind: 'regional', region: 'region_code', owner: 'owner' }
const central: TableAccess = { kind: 'central' }
const internal: TableAccess = { kind: 'internal' }
const viewOf = (...reads: readonly string[]): TableAccess => ({ kind: 'view', reads })

const names = ['region_names', 'asset_names'] as const
const regionParts = ['activity_hours', 'alerts', 'region_states_now', 'source_states_now', 'region_names'] as const
const assetParts = ['asset_names', 'activity_hours', 'alerts', 'source_states_now', 'region_names'] as const

/** Views of migration 0018: an Indonesian one and its English twin, which read the same. */
const inBothLanguages = {
  peristiwa: viewOf('events', ...names),
  events_named: viewOf('events', ...names),
  peringatan: viewOf('alerts', ...names),
  alerts_named: viewOf('alerts', ...names),
  temuan: viewOf('findings', ...names),
  findings_named: viewOf('findings', ...names),
  sumber: viewOf('source_states_now', ...names),
  sources_now: viewOf('source_states_now', ...names),
  ringkasan_wilayah: viewOf(...regionParts),
  region_summary: viewOf(...regionParts),
  sasaran: viewOf(...assetParts),
  assets_now: viewOf(...assetParts),
  perbandingan_tahapan: viewOf('activity_hours', 'election_windows'),
  phase_comparison: viewOf('activity_hours', 'election_windows'),
}

/**
 * Every object that migrations make, by name. A test compares it with the server: what is made and not named here is granted to no room.
 * A regional table wants an order that begins with region or with ids that mean nothing: where the index tears the order apart, a room can ask
 * how many rows lie before a value (docs/access.md).
 */
export const tableAccess: Readonly<Record<string, TableAccess>> = {
  events: regional,
  findings_rows: regional,
  alerts_rows: regional,
  alert_actions_rows: regional,
  alert_deliveries_rows: regional,
  notices_rows: regional,
  source_states: regional,
  entity_risk_hours: regional,
  activity_minutes: regional,
  activity_hours: regional,
  top_hours: regional,
  verdicts: regional,
  web_flood_minutes: { kind: 'regional', region: 'region', owner: 'owner' },
  web_flood_verdicts: regional,
  asset_names: regional,
  // Rows of hunts across regions have no region: the centre's alone.
  hunt_results: regional,
  daily_figures: regional,
  daily_matters: regional,

  // TLP: amber is for those that were hit, who read it in the evidence of their findings (sinks/alerts/cases/indicators.ts).
  indicator_rows: { kind: 'common', shown: "tlp IN ('clear', 'green')" },

  region_names: { kind: 'common' },
  election_windows: { kind: 'common' },
  daily_runs: { kind: 'common' },
  regions: { kind: 'common', dictionary: true },
  elections: { kind: 'common', dictionary: true },

  alert_held_rows: central,
  alert_cases_rows: central,
  alert_suppressions_rows: central,
  alert_refusals_rows: central,
  source_minutes: central,
  ingest_lag: central,
  history_hunts: central,
  query_audit: central,
  room_users: central,
  // How many rows a run kept tells of other regions.
  hunt_runs: central,

  streams: internal,
  partition_shards: internal,
  migrations: internal,
  indicator_next: internal,
  indicator_given: internal,
  history_candidates: internal,
  history_matches: internal,
  web_flood_requests: internal,
  silence_rounds: internal,
  source_minutes_mv: internal,
  ingest_lag_mv: internal,
  entity_risk_hours_mv: internal,
  activity_minutes_mv: internal,
  activity_hours_mv: internal,
  top_hours_mv: internal,
  query_audit_mv: internal,

  reports: viewOf('events'),
  findings: viewOf('findings_rows'),
  alerts: viewOf('alerts_rows'),
  alert_actions: viewOf('alert_actions_rows'),
  alert_deliveries: viewOf('alert_deliveries_rows'),
  notices: viewOf('notices_rows'),
  notice_steps: viewOf('notices_rows'),
  source_states_now: viewOf('source_states'),
  region_states_now: viewOf('source_states_now'),
  entity_risk_at: viewOf('entity_risk_hours', 'verdicts'),
  entity_risk: viewOf('entity_risk_at'),
  indicators: viewOf('indicator_rows'),
  alert_held: viewOf('alert_held_rows'),
  alert_cases: viewOf('alert_cases_rows'),
  alert_suppressions: viewOf('alert_suppressions_rows'),
  ...inBothLanguages,
}

/** Names of tables that have row policies: for them everybody needs one, since whoever has none sees nothing. */
export function tablesWithPolicies(tables: Readonly<Record<string, TableAccess>> = tableAccess): string[] {
  return Object.entries(tables).flatMap(([name, access]) => (hasPolicy(access) ? [name] : []))
}

/** Names that a room may read; those of the centre read `central` ones too. */
export function tablesFor(
  room: { readonly centre: boolean },
  tables: Readonly<Record<string, TableAccess>> = tableAccess,
): string[] {
  const reads = (name: string): boolean => {
    const access = tables[name]
    switch (access?.kind) {
      case 'regional':
      case 'common':
        return true
      case 'central':
        return room.centre
      case 'view':
        return access.reads.every(reads)
      default:
        return false
    }
  }
  return Object.keys(tables).filter(reads)
}

function hasPolicy(access: TableAccess): boolean {
  return access.kind === 'regional' || (access.kind === 'common' && access.shown !== undefined)
}
