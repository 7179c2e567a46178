-- Of which region is whoever asks? A room's user says which room it is; siaga.yaml says of which region that room is, and is written down here when
-- Siaga starts (sinks/clickhouse/reference.ts).
CREATE TABLE IF NOT EXISTS {{database}}.room_users {{on_cluster}}
(
    user String COMMENT 'ClickHouse user of the room',
    room String COMMENT 'Id of the room',
    name String COMMENT 'Name that people read; the id where there is none',
    region_code String COMMENT 'Kemendagri code of its region; 00 the centre',
    owner String COMMENT 'Organisation that runs it'
)
ENGINE = {{MergeTree}}
ORDER BY user
COMMENT 'Operation Rooms of siaga.yaml and their ClickHouse users';

ALTER TABLE {{database}}.query_audit {{on_cluster}} ADD COLUMN IF NOT EXISTS region_code LowCardinality(String) COMMENT 'Region of the room at that time; 00 for siaga_reader, empty for a room that siaga.yaml did not name' AFTER user;

ALTER TABLE {{database}}.query_audit_mv {{on_cluster}} MODIFY QUERY
WITH (SELECT (arrayPushBack(groupArray(room_users.user), ''), arrayPushBack(groupArray(room_users.region_code), '')) FROM {{database}}.room_users) AS r
SELECT
    query_start_time_microseconds AS at,
    log.user AS user,
    if(log.user = 'siaga_reader', '00', transform(toString(log.user), r.1, r.2, '')) AS region_code,
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
