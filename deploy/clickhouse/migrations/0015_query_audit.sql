-- Who asked what of ClickHouse, without the values: whoever looks for a citizen's number types it into a query. The server's own log makes its table
-- when it first writes to it.
SYSTEM FLUSH LOGS {{on_cluster}} query_log;

CREATE TABLE IF NOT EXISTS {{database}}.query_audit {{on_cluster}}
(
    at DateTime64(3, 'UTC') COMMENT 'When the query began',
    user LowCardinality(String) COMMENT 'ClickHouse user; siaga_room_... of an Operation Room',
    person String COMMENT 'Who, where several share a user: what their client set as log_comment, cut to 64 characters',
    from_address String COMMENT 'Address that it came from',
    client LowCardinality(String) COMMENT 'Program that asked',
    query_id String COMMENT 'Id of the query',
    outcome LowCardinality(String) COMMENT 'finished, refused (before it ran) or failed (while it ran)',
    error_code Int32 COMMENT 'Code of the error of ClickHouse, 0 none',
    duration_ms UInt64 COMMENT 'How long it ran',
    read_rows UInt64 COMMENT 'Rows read, before filters and row policies',
    read_bytes UInt64 COMMENT 'Bytes of them',
    result_rows UInt64 COMMENT 'Rows of the answer',
    memory_bytes UInt64 COMMENT 'Memory at its peak',
    tables Array(String) COMMENT 'Tables and views that it read',
    query_hash UInt64 COMMENT 'The same for queries that differ in values only',
    query String COMMENT 'The query with ? for every value, cut to 2000 characters; empty where it could not be parsed'
)
ENGINE = {{MergeTree}}
PARTITION BY toYYYYMM(at)
ORDER BY (user, at)
TTL toDateTime(at) + INTERVAL 3 YEAR
COMMENT 'Queries of Operation Rooms: who, when, how long, how much; never the values';

CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.query_audit_mv {{on_cluster}} TO {{database}}.query_audit AS
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
WHERE startsWith(log.user, 'siaga_room_') AND type != 'QueryStart' AND is_initial_query;
