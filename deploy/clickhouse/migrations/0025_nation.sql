-- Questions about the whole nation or a province (docs/adr/0040). Partitions go by landing; these say which granules hold an hour of the event, so that
-- a question need not name landing times. Made by the first merge of what has landed (sinks/clickhouse/insert.ts): two values a granule.
ALTER TABLE {{database}}.activity_minutes {{on_cluster}} ADD INDEX IF NOT EXISTS by_event_minute event_minute TYPE minmax GRANULARITY 1;

ALTER TABLE {{database}}.activity_minutes {{on_cluster}} MATERIALIZE INDEX by_event_minute;

ALTER TABLE {{database}}.activity_hours {{on_cluster}} ADD INDEX IF NOT EXISTS by_event_hour event_hour TYPE minmax GRANULARITY 1;

ALTER TABLE {{database}}.activity_hours {{on_cluster}} MATERIALIZE INDEX by_event_hour;

ALTER TABLE {{database}}.top_hours {{on_cluster}} ADD INDEX IF NOT EXISTS by_event_hour event_hour TYPE minmax GRANULARITY 1;

ALTER TABLE {{database}}.top_hours {{on_cluster}} MATERIALIZE INDEX by_event_hour;

-- What hunts ask of log-ins, accounts and tools in every region, by category and time. Merges make it; landing pays nothing. Days that
-- were merged before have none; `ALTER TABLE siaga.events MATERIALIZE PROJECTION by_category IN PARTITION …` makes it for one.
ALTER TABLE {{database}}.events {{on_cluster}} MODIFY SETTING materialize_projections_on_insert = 0, materialize_projections_on_merge = 1;

ALTER TABLE {{database}}.events {{on_cluster}} ADD PROJECTION IF NOT EXISTS by_category
(
    SELECT event_category, timestamp, ingested_at, region_code, owner, event_action, event_outcome, source_ip, user_name, user_target_name, user_agent_name, host_name, score, event_id
    ORDER BY event_category, timestamp
);

-- Old days are packed by the schedule (sinks/clickhouse/packing.ts). As TTL … RECOMPRESS it made ClickHouse compare the codecs of every old part at each
-- insert. Where days move to a second disk, `siaga start` says so again (deploy/clickhouse/tiers.ts).
ALTER TABLE {{database}}.events {{on_cluster}} MODIFY TTL retain_until DELETE SETTINGS materialize_ttl_after_modify = 0;

ALTER TABLE {{database}}.events {{on_cluster}} RESET SETTING merge_with_recompression_ttl_timeout;

-- Of their rows each is written about a third less often; events have had 10 since 0007.
ALTER TABLE {{database}}.activity_minutes {{on_cluster}} MODIFY SETTING merge_selector_base = 16;

ALTER TABLE {{database}}.activity_hours {{on_cluster}} MODIFY SETTING merge_selector_base = 16;

ALTER TABLE {{database}}.top_hours {{on_cluster}} MODIFY SETTING merge_selector_base = 16;

ALTER TABLE {{database}}.source_minutes {{on_cluster}} MODIFY SETTING merge_selector_base = 16;

ALTER TABLE {{database}}.ingest_lag {{on_cluster}} MODIFY SETTING merge_selector_base = 16;

ALTER TABLE {{database}}.entity_risk_hours {{on_cluster}} MODIFY SETTING merge_selector_base = 16;
