-- An insert carries rows of one stream (sinks/clickhouse/insert.ts), so the views take any of them: a string less to group by.
-- Counters for each source and minute of landing. Keyed by Kafka partition too, so that the one owner of a partition can repair its part.
CREATE TABLE IF NOT EXISTS {{database}}.source_minutes {{on_cluster}}
(
    source_id LowCardinality(String) COMMENT 'Source',
    minute DateTime('UTC') COMMENT 'Minute of ingested_at',
    _stream LowCardinality(String) COMMENT 'Id of the Kafka topic incarnation',
    _partition UInt16 COMMENT 'Kafka partition',
    events SimpleAggregateFunction(sum, Int64) COMMENT 'Events landed',
    bytes SimpleAggregateFunction(sum, Int64) COMMENT 'Bytes of their messages',
    clock_future SimpleAggregateFunction(sum, Int64) COMMENT 'Events whose device clock ran ahead',
    lag_ms_sum SimpleAggregateFunction(sum, Int64) COMMENT 'Sum of milliseconds from receipt to landing',
    lag_ms_max SimpleAggregateFunction(max, Int64) COMMENT 'Longest of them',
    skew_ms_sum SimpleAggregateFunction(sum, Int64) COMMENT 'Sum of milliseconds from device clock to receipt',
    skew_ms_max SimpleAggregateFunction(max, Int64) COMMENT 'Longest of them',
    last_timestamp SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Newest event time',
    last_ingested_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Newest landing time'
)
ENGINE = {{AggregatingMergeTree}}
PARTITION BY toYYYYMM(minute)
ORDER BY (source_id, minute, _stream, _partition)
TTL minute + INTERVAL 3 YEAR
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Events, bytes, lag and clock skew for each source and minute';

CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.source_minutes_mv {{on_cluster}} TO {{database}}.source_minutes AS
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
    max(ingested_at) AS last_ingested_at
FROM {{database}}.events
GROUP BY source_id, minute, _partition;

-- How long events took from receipt to landing, as a histogram: each bucket is twice as wide as the one before.
CREATE TABLE IF NOT EXISTS {{database}}.ingest_lag {{on_cluster}}
(
    source_id LowCardinality(String) COMMENT 'Source',
    minute DateTime('UTC') COMMENT 'Minute of ingested_at',
    bucket_ms UInt32 COMMENT 'Upper bound of the bucket in milliseconds, a power of two',
    _stream LowCardinality(String) COMMENT 'Id of the Kafka topic incarnation',
    _partition UInt16 COMMENT 'Kafka partition',
    events SimpleAggregateFunction(sum, Int64) COMMENT 'Events in the bucket'
)
ENGINE = {{AggregatingMergeTree}}
PARTITION BY toYYYYMM(minute)
ORDER BY (source_id, minute, bucket_ms, _stream, _partition)
TTL minute + INTERVAL 3 YEAR
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Histogram of the time from receipt to landing';

CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.ingest_lag_mv {{on_cluster}} TO {{database}}.ingest_lag AS
SELECT
    source_id,
    toStartOfMinute(ingested_at) AS minute,
    toUInt32(exp2(ceil(log2(greatest(1, least(2147483648, dateDiff('millisecond', received_at, ingested_at))))))) AS bucket_ms,
    any(events._stream) AS _stream,
    _partition,
    toInt64(count()) AS events
FROM {{database}}.events
GROUP BY source_id, minute, bucket_ms, _partition;
