// Which tables are spread over the servers of a cluster, and where do their rows lie there? `events` and what is counted from it; all others lie on one server.

/** The database on each shard that holds the rows; the same names in `siaga` read all of them. */
export const SHARD_DATABASE = 'siaga_shard'

/** `events`, and the tables that its materialised views fill; a test compares them with the migrations. */
export const shardedTables: readonly string[] = [
  'events',
  'source_minutes',
  'ingest_lag',
  'entity_risk_hours',
  'activity_minutes',
  'activity_hours',
  'top_hours',
]
