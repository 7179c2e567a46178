-- Blind is not green: when a source was last heard, by the clock of its collector, and what state it is in (processors/silence).
ALTER TABLE {{database}}.source_minutes {{on_cluster}} ADD COLUMN IF NOT EXISTS
    last_received_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Newest receipt; 1970: landed before Siaga kept it';

ALTER TABLE {{database}}.source_minutes_mv {{on_cluster}} MODIFY QUERY
SELECT
    source_id,
    toStartOfMinute(ingested_at) AS minute,
    any(events._stream) AS _stream,
    _partition,
    toInt64(count()) AS events,
    toInt64(sum(length(message))) AS bytes,
    toInt64(countIf(has(tags, 'clock_future'))) AS clock_future,
    sum(dateDiff('millisecond', received_at, ingested_at)) AS lag_ms_sum,
    max(dateDiff('millisecond', received_at, ingested_at)) AS lag_ms_max,
    sum(dateDiff('millisecond', timestamp, received_at)) AS skew_ms_sum,
    max(dateDiff('millisecond', timestamp, received_at)) AS skew_ms_max,
    max(timestamp) AS last_timestamp,
    max(ingested_at) AS last_ingested_at,
    max(received_at) AS last_received_at
FROM {{database}}.events
GROUP BY source_id, minute, _partition;

CREATE TABLE IF NOT EXISTS {{database}}.source_states {{on_cluster}}
(
    source_id String COMMENT 'Source; of a probed site probe:ASSET',
    kind LowCardinality(String) COMMENT 'source or probe',
    region_code LowCardinality(String) COMMENT 'Kemendagri code of the region; 00 national, empty unknown',
    owner LowCardinality(String) COMMENT 'Organisation whose data it is',
    asset_id String COMMENT 'Asset that its events are about',
    state LowCardinality(String) COMMENT 'live, silent, quiet (as usual at this hour), unjudged (its collector is away), never, gone (no longer configured)',
    counted_as LowCardinality(String) COMMENT 'State that its region counts: of an unjudged one the state before',
    since DateTime64(3, 'UTC') COMMENT 'Since when; of a silent or quiet one its last event',
    last_event DateTime64(3, 'UTC') COMMENT 'When it was last heard, by the clock of its collector; 1970: never',
    expected_at DateTime64(3, 'UTC') COMMENT 'Of a quiet one: when it is usually heard again; 1970: not known',
    reason String COMMENT 'Why, in words',
    changed_at DateTime64(3, 'UTC') COMMENT 'When this was found out'
)
ENGINE = {{MergeTree}}
ORDER BY (source_id, changed_at)
TTL toDateTime(changed_at) + INTERVAL 3 YEAR
COMMENT 'What became of sources, a row for each change';

CREATE TABLE IF NOT EXISTS {{database}}.silence_rounds {{on_cluster}}
(
    name LowCardinality(String) COMMENT 'silence',
    judged_until DateTime64(3, 'UTC') COMMENT 'Up to this time everything had arrived and was judged',
    made_at DateTime64(3, 'UTC') COMMENT 'When'
)
ENGINE = {{ReplacingMergeTree}}
ORDER BY name
COMMENT 'Up to when silence has been judged; the newest row counts';

-- Whoever asks sees what their own row policies let them see of the rows.
CREATE VIEW IF NOT EXISTS {{database}}.source_states_now {{on_cluster}}
(
    source_id String COMMENT 'Source; of a probed site probe:ASSET',
    kind String COMMENT 'source or probe',
    region_code String COMMENT 'Kemendagri code of the region; 00 national, empty unknown',
    owner String COMMENT 'Organisation whose data it is',
    asset_id String COMMENT 'Asset that its events are about',
    state String COMMENT 'live, silent, quiet, unjudged or never',
    counted_as String COMMENT 'State that its region counts: of an unjudged one the state before',
    since DateTime64(3, 'UTC') COMMENT 'Since when; of a silent or quiet one its last event',
    last_event DateTime64(3, 'UTC') COMMENT 'When it was last heard; 1970: never. Of a live one: when its state last changed',
    expected_at DateTime64(3, 'UTC') COMMENT 'Of a quiet one: when it is usually heard again; 1970: not known',
    reason String COMMENT 'Why, in words',
    changed_at DateTime64(3, 'UTC') COMMENT 'When this was found out'
)
SQL SECURITY INVOKER
AS SELECT source_id, kind, region_code, owner, asset_id, state, counted_as, since, last_event, expected_at, reason, changed_at
FROM {{database}}.source_states
WHERE (source_id, changed_at) IN (SELECT source_id, max(changed_at) FROM {{database}}.source_states GROUP BY source_id) AND state != 'gone'
LIMIT 1 BY source_id;

-- A region whose sources are all silent is not monitored, one with some silent partly. Probes look from outside: they do not make a region monitored,
-- but one that does not run leaves it partly so.
CREATE VIEW IF NOT EXISTS {{database}}.region_states_now {{on_cluster}}
(
    region_code String COMMENT 'Kemendagri code of the region; 00 national, empty unknown',
    state String COMMENT 'terpantau (monitored), sebagian (partly) or tidak terpantau (not monitored)',
    sources UInt64 COMMENT 'Sources of the region',
    heard UInt64 COMMENT 'Those that are heard, or quiet as usual at this hour',
    quiet UInt64 COMMENT 'Those that are quiet as usual',
    silent UInt64 COMMENT 'Those that are silent or were never heard',
    unjudged UInt64 COMMENT 'Those whose collector is away: counted as they were before',
    silent_sources Array(String) COMMENT 'Names of the silent ones'
)
SQL SECURITY INVOKER
AS SELECT
    region_code,
    multiIf(heard_n = 0, 'tidak terpantau', heard_n < sources_n OR probes_silent > 0, 'sebagian', 'terpantau') AS state,
    sources_n AS sources,
    heard_n AS heard,
    quiet_n AS quiet,
    sources_n - heard_n AS silent,
    unjudged_n AS unjudged,
    names AS silent_sources
FROM
(
    SELECT
        region_code,
        countIf(kind = 'source') AS sources_n,
        countIf(kind = 'source' AND counted_as IN ('live', 'quiet')) AS heard_n,
        countIf(kind = 'source' AND counted_as = 'quiet') AS quiet_n,
        countIf(state = 'unjudged') AS unjudged_n,
        groupArrayIf(1000)(source_id, kind = 'source' AND counted_as NOT IN ('live', 'quiet')) AS names,
        countIf(kind = 'probe' AND counted_as = 'silent') AS probes_silent
    FROM {{database}}.source_states_now
    GROUP BY region_code
);
