-- The same sums in orders for questions about the whole nation (docs/adr/0038). Tables begin with the region, so that a room reads its own granules; what
-- ClickHouse keeps as a projection lies beside the rows of each part and is chosen by itself where it answers the question. They are made when parts
-- are merged, not when rows land: landing pays nothing, and parts that have none yet are read as they are. Rooms read without them (deploy/clickhouse/profiles.ts).
ALTER TABLE {{database}}.activity_minutes {{on_cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', materialize_projections_on_insert = 0, materialize_projections_on_merge = 1;

ALTER TABLE {{database}}.activity_minutes {{on_cluster}} ADD PROJECTION IF NOT EXISTS by_minute
(
    SELECT event_minute, region_code, owner, event_category, severity, sum(events), sum(bytes), sum(failures), sum(http_errors), sum(alerts_score), max(score_max), max(last_ingested_at)
    GROUP BY event_minute, region_code, owner, event_category, severity
);

ALTER TABLE {{database}}.activity_minutes {{on_cluster}} MATERIALIZE PROJECTION by_minute;

ALTER TABLE {{database}}.activity_hours {{on_cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', materialize_projections_on_insert = 0, materialize_projections_on_merge = 1;

-- By province: `substring(region_code, 1, 2)`.
ALTER TABLE {{database}}.activity_hours {{on_cluster}} ADD PROJECTION IF NOT EXISTS by_phase
(
    SELECT election, phase, event_hour, event_category, severity, substring(region_code, 1, 2), sum(events), sum(bytes), sum(failures), sum(http_errors), sum(alerts_score), max(score_max), max(last_ingested_at)
    GROUP BY election, phase, event_hour, event_category, severity, substring(region_code, 1, 2)
);

ALTER TABLE {{database}}.activity_hours {{on_cluster}} MATERIALIZE PROJECTION by_phase;

ALTER TABLE {{database}}.top_hours {{on_cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', materialize_projections_on_insert = 0, materialize_projections_on_merge = 1;

-- One address, user, path or network wherever it was seen.
ALTER TABLE {{database}}.top_hours {{on_cluster}} ADD PROJECTION IF NOT EXISTS by_value
(
    SELECT kind, value, event_hour, region_code, sum(events), sum(failures), sum(points), max(score_max)
    GROUP BY kind, value, event_hour, region_code
);

ALTER TABLE {{database}}.top_hours {{on_cluster}} MATERIALIZE PROJECTION by_value;

-- The busiest of some hours, nation.
ALTER TABLE {{database}}.top_hours {{on_cluster}} ADD PROJECTION IF NOT EXISTS by_hour
(
    SELECT kind, event_hour, value, sum(events), sum(failures), sum(points), max(score_max)
    GROUP BY kind, event_hour, value
);

ALTER TABLE {{database}}.top_hours {{on_cluster}} MATERIALIZE PROJECTION by_hour;

ALTER TABLE {{database}}.ingest_lag {{on_cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', materialize_projections_on_insert = 0, materialize_projections_on_merge = 1;

ALTER TABLE {{database}}.ingest_lag {{on_cluster}} ADD PROJECTION IF NOT EXISTS by_minute
(
    SELECT minute, bucket_ms, sum(events) GROUP BY minute, bucket_ms
);

ALTER TABLE {{database}}.ingest_lag {{on_cluster}} MATERIALIZE PROJECTION by_minute;
