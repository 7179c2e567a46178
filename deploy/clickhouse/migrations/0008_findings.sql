-- Findings as they came on siaga.findings. A repeat (the same finding_id, from the same event worked on again) is not inserted where it is seen;
-- two that slip through at once are the same row with the same key, and become one in merges and for whoever reads with FINAL, as the view does.
-- Partitions follow the landing, so that an insert makes one part; findings on old logs lie beside those of today.
CREATE TABLE IF NOT EXISTS {{database}}.findings_rows {{on_cluster}}
(
    finding_id String COMMENT 'Id of the finding: a repeat carries the same one',
    rule_id LowCardinality(String) COMMENT 'Rule that says it',
    title String COMMENT 'What the rule says, in a line',
    severity LowCardinality(String) COMMENT 'informational, low, medium, high or critical',
    attack Array(String) COMMENT 'ATT&CK techniques',
    event_id String COMMENT 'Event it is about; of several the last one',
    source_id LowCardinality(String) COMMENT 'Source of the event, empty if there are several',
    region_code LowCardinality(String) COMMENT 'Kemendagri code of the region; 00 national, empty unknown',
    owner LowCardinality(String) COMMENT 'Organisation whose data it rests on; empty if there are several',
    asset_id String COMMENT 'Asset that it is about',
    entity String COMMENT 'Who or what it is about, as type:value, such as source_ip:192.0.2.1',
    evidence Array(Tuple(field String, value String)) COMMENT 'What was seen: fields and values',
    window_start DateTime64(3, 'UTC') COMMENT 'Event time of the first event' CODEC(Delta(8), ZSTD(1)),
    window_end DateTime64(3, 'UTC') COMMENT 'Event time of the last event' CODEC(Delta(8), ZSTD(1)),
    score UInt8 COMMENT 'Chance in a hundred that a person should look',
    dedup_key String COMMENT 'Findings with the same key are about the same thing',
    landed_at DateTime64(3, 'UTC') COMMENT 'When it was landed here' CODEC(Delta(8), ZSTD(1)),
    INDEX by_window_end window_end TYPE minmax GRANULARITY 1,
    INDEX by_landed_at landed_at TYPE minmax GRANULARITY 1,
    INDEX by_rule_id rule_id TYPE set(256) GRANULARITY 4,
    INDEX by_entity entity TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = {{ReplacingMergeTree}}
PARTITION BY toYYYYMM(landed_at)
ORDER BY (region_code, window_end, finding_id)
TTL toDateTime(landed_at) + INTERVAL 3 YEAR
COMMENT 'Findings as they were landed; read the view findings, which holds each once';

-- Each finding once. Whoever asks sees what their own row policies let them see of the rows.
CREATE VIEW IF NOT EXISTS {{database}}.findings {{on_cluster}}
(
    finding_id String COMMENT 'Id of the finding, unique here',
    rule_id String COMMENT 'Rule that says it',
    title String COMMENT 'What the rule says, in a line',
    severity String COMMENT 'informational, low, medium, high or critical',
    attack Array(String) COMMENT 'ATT&CK techniques',
    event_id String COMMENT 'Event it is about; of several the last one',
    source_id String COMMENT 'Source of the event, empty if there are several',
    region_code String COMMENT 'Kemendagri code of the region; 00 national, empty unknown',
    owner String COMMENT 'Organisation whose data it rests on; empty if there are several',
    asset_id String COMMENT 'Asset that it is about',
    entity String COMMENT 'Who or what it is about, as type:value, such as source_ip:192.0.2.1',
    evidence Array(Tuple(field String, value String)) COMMENT 'What was seen: fields and values',
    window_start DateTime64(3, 'UTC') COMMENT 'Event time of the first event',
    window_end DateTime64(3, 'UTC') COMMENT 'Event time of the last event',
    score UInt8 COMMENT 'Chance in a hundred that a person should look',
    dedup_key String COMMENT 'Findings with the same key are about the same thing',
    landed_at DateTime64(3, 'UTC') COMMENT 'When it was landed here'
)
SQL SECURITY INVOKER
AS SELECT
    finding_id, rule_id, title, severity, attack, event_id, source_id, region_code, owner, asset_id, entity, evidence,
    window_start, window_end, score, dedup_key, landed_at
FROM {{database}}.findings_rows FINAL;
