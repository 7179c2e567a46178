-- Tables of rooms that were in another order than by region. The index tells how many rows lie before a value, so a room could feel its way to keys of
-- other regions; where region and owner come first, row policies leave their granules out before anything else is asked (docs/adr/0037).
-- REORDER TABLE is ours (deploy/clickhouse/reorder.ts): a new table gets the rows, then the name.
REORDER TABLE {{database}}.entity_risk_hours {{on_cluster}}
ENGINE = {{AggregatingMergeTree}}
PARTITION BY toYYYYMM(minute)
ORDER BY (region_code, owner, entity_type, entity, hour, minute, _stream, _partition)
TTL hour + INTERVAL 46 DAY
SETTINGS non_replicated_deduplication_window = 10000, auto_statistics_types = ''
COMMENT 'Scores of the events about an entity, by hour; the stuff that entity_risk is made of';

REORDER TABLE {{database}}.verdicts {{on_cluster}}
ENGINE = {{MergeTree}}
PARTITION BY toYYYYMM(marked_at)
ORDER BY (region_code, owner, _stream, _partition, _offset, marked_at)
TTL toDateTime(marked_at) + INTERVAL 3 YEAR
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Verdicts of people on events, one row for each event and act of marking';

REORDER TABLE {{database}}.source_states {{on_cluster}}
ENGINE = {{MergeTree}}
ORDER BY (region_code, owner, source_id, changed_at)
TTL toDateTime(changed_at) + INTERVAL 3 YEAR
COMMENT 'What became of sources, a row for each change';

REORDER TABLE {{database}}.web_flood_minutes {{on_cluster}}
ENGINE = {{ReplacingMergeTree}}
PARTITION BY toYYYYMM(minute)
ORDER BY (region, owner, site, minute)
TTL toDateTime(judged_at) + INTERVAL 30 DAY
COMMENT 'Minutes of web sites, as the judge of floods counted them';

REORDER TABLE {{database}}.web_flood_verdicts {{on_cluster}}
ENGINE = {{ReplacingMergeTree}}
PARTITION BY toYYYYMM(window_start)
ORDER BY (region_code, owner, site, window_start)
TTL toDateTime(judged_at) + INTERVAL 3 YEAR
COMMENT 'Crowd or attack: one row for each judged minute of a site; read with FINAL';

-- Rooms see indicators up to TLP green, so that column is what must come first. A feed takes the place of its partition from indicator_next, which
-- works between tables of one order only.
REORDER TABLE {{database}}.indicator_next {{on_cluster}}
ENGINE = {{MergeTree}}
PARTITION BY source
ORDER BY (tlp, type, value)
COMMENT 'The rows of a feed that take the place of the former ones; empty between updates';

REORDER TABLE {{database}}.indicator_rows {{on_cluster}}
ENGINE = {{MergeTree}}
PARTITION BY source
ORDER BY (tlp, type, value)
COMMENT 'Indicators of all feeds as they are now; read the view indicators, which leaves out what has expired';

-- Whoever sits at Siaga itself and asks as siaga_reader is in the trail as rooms are.
ALTER TABLE {{database}}.query_audit_mv {{on_cluster}} MODIFY QUERY
SELECT
    query_start_time_microseconds AS at,
    log.user AS user,
    substringUTF8(replaceRegexpAll(log_comment, '[0-9]{6,}', '?'), 1, 64) AS person,
    toString(address) AS from_address,
    if(client_name != '', client_name, http_user_agent) AS client,
    query_id,
    multiIf(type = 'QueryFinish', 'finished', type = 'ExceptionBeforeStart', 'refused', 'failed') AS outcome,
    exception_code AS error_code,
    query_duration_ms AS duration_ms,
    read_rows,
    read_bytes,
    result_rows,
    memory_usage AS memory_bytes,
    log.tables AS tables,
    normalized_query_hash AS query_hash,
    if(exception_code = 62, '', substringUTF8(replaceRegexpAll(normalizeQuery(log.query), '[0-9]{6,}', '?'), 1, 2000)) AS query
FROM system.query_log AS log
WHERE (startsWith(log.user, 'siaga_room_') OR log.user = 'siaga_reader') AND type != 'QueryStart' AND is_initial_query;

ALTER TABLE {{database}}.query_audit {{on_cluster}} MODIFY COMMENT 'Queries of Operation Rooms and of siaga_reader: who, when, how long, how much; never the values';

ALTER TABLE {{database}}.query_audit {{on_cluster}} COMMENT COLUMN user 'ClickHouse user; siaga_room_... of an Operation Room, siaga_reader of `siaga sql`';
