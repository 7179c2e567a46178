-- Activity by region, category, severity and asset, and the busiest values of an hour (docs/adr/0034). All are counted from landing: what arrives years
-- late stays as long as what is new. Events that landed before the views were made: `siaga rollups rebuild`.
CREATE TABLE IF NOT EXISTS {{database}}.activity_minutes {{on_cluster}}
(
    region_code LowCardinality(String) COMMENT 'Region of the events',
    owner LowCardinality(String) COMMENT 'Organisation whose events they are',
    event_minute DateTime('UTC') COMMENT 'Minute of the event time (timestamp)',
    election LowCardinality(String) COMMENT 'Election whose window they fall in',
    phase LowCardinality(String) COMMENT 'Phase of that election there and then',
    event_category LowCardinality(String) COMMENT 'Category of the events',
    severity LowCardinality(String) COMMENT 'By score: critical from 90, high from 70, medium from 40, low from 20, none below',
    asset_id LowCardinality(String) COMMENT 'Asset that they are about',
    minute DateTime('UTC') COMMENT 'Minute of ingested_at',
    _stream LowCardinality(String) COMMENT 'Id of the Kafka topic incarnation',
    _partition UInt16 COMMENT 'Kafka partition',
    events SimpleAggregateFunction(sum, Int64) COMMENT 'Events',
    bytes SimpleAggregateFunction(sum, Int64) COMMENT 'Bytes of their messages',
    failures SimpleAggregateFunction(sum, Int64) COMMENT 'Events whose outcome is failure',
    http_errors SimpleAggregateFunction(sum, Int64) COMMENT 'Events with an HTTP status of 500 and more',
    alerts_score SimpleAggregateFunction(sum, Int64) COMMENT 'Events of score 70 and more',
    score_max SimpleAggregateFunction(max, UInt8) COMMENT 'Highest score',
    last_ingested_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Newest landing time'
)
ENGINE = {{AggregatingMergeTree}}
PARTITION BY toMonday(minute)
ORDER BY (region_code, owner, event_minute, election, phase, event_category, severity, asset_id, minute, _stream, _partition)
TTL minute + INTERVAL 100 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, auto_statistics_types = ''
COMMENT 'What happened, by minute, region, category, severity and asset; kept 100 days from landing';

CREATE TABLE IF NOT EXISTS {{database}}.activity_hours {{on_cluster}}
(
    region_code LowCardinality(String) COMMENT 'Region of the events',
    owner LowCardinality(String) COMMENT 'Organisation whose events they are',
    event_hour DateTime('UTC') COMMENT 'Hour of the event time (timestamp)',
    election LowCardinality(String) COMMENT 'Election whose window they fall in',
    phase LowCardinality(String) COMMENT 'Phase of that election there and then',
    event_category LowCardinality(String) COMMENT 'Category of the events',
    severity LowCardinality(String) COMMENT 'By score: critical from 90, high from 70, medium from 40, low from 20, none below',
    asset_id LowCardinality(String) COMMENT 'Asset that they are about',
    hour DateTime('UTC') COMMENT 'Hour of ingested_at',
    _stream LowCardinality(String) COMMENT 'Id of the Kafka topic incarnation',
    _partition UInt16 COMMENT 'Kafka partition',
    events SimpleAggregateFunction(sum, Int64) COMMENT 'Events',
    bytes SimpleAggregateFunction(sum, Int64) COMMENT 'Bytes of their messages',
    failures SimpleAggregateFunction(sum, Int64) COMMENT 'Events whose outcome is failure',
    http_errors SimpleAggregateFunction(sum, Int64) COMMENT 'Events with an HTTP status of 500 and more',
    alerts_score SimpleAggregateFunction(sum, Int64) COMMENT 'Events of score 70 and more',
    score_max SimpleAggregateFunction(max, UInt8) COMMENT 'Highest score',
    last_ingested_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Newest landing time'
)
ENGINE = {{AggregatingMergeTree}}
PARTITION BY toYYYYMM(hour)
ORDER BY (region_code, owner, event_hour, election, phase, event_category, severity, asset_id, hour, _stream, _partition)
TTL hour + INTERVAL 5 YEAR
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, auto_statistics_types = ''
COMMENT 'What happened, by hour, region, category, severity and asset; kept 5 years from landing';

-- What a sender can make up without end, and ordinary traffic by address, is left out event by event, so that what is here is exact (docs/adr/0034):
-- source_ip counts log-ins and events of score 20 and more, none of category network, UDP or ICMP; url_path what was answered with 2xx, 304, 401 or 500.
-- People and addresses are named, therefore it ends before the events do.
CREATE TABLE IF NOT EXISTS {{database}}.top_hours {{on_cluster}}
(
    region_code LowCardinality(String) COMMENT 'Region of the events',
    owner LowCardinality(String) COMMENT 'Organisation whose events they are',
    kind LowCardinality(String) COMMENT 'source_ip (log-ins and score 20 and more), user_name, url_path (answered 2xx, 304, 401, 500) or source_asn',
    event_hour DateTime('UTC') COMMENT 'Hour of the event time (timestamp)',
    value String COMMENT 'The address (of IPv6 its /64), user, path or number of the autonomous system',
    hour DateTime('UTC') COMMENT 'Hour of ingested_at',
    _stream LowCardinality(String) COMMENT 'Id of the Kafka topic incarnation',
    _partition UInt16 COMMENT 'Kafka partition',
    events SimpleAggregateFunction(sum, Int64) COMMENT 'Events',
    failures SimpleAggregateFunction(sum, Int64) COMMENT 'Events whose outcome is failure',
    points SimpleAggregateFunction(sum, Int64) COMMENT 'Sum of the scores of 20 and more, as in entity_risk_hours',
    score_max SimpleAggregateFunction(max, UInt8) COMMENT 'Highest score'
)
ENGINE = {{AggregatingMergeTree}}
PARTITION BY toMonday(hour)
ORDER BY (region_code, owner, kind, event_hour, value, hour, _stream, _partition)
TTL hour + INTERVAL 100 DAY
SETTINGS non_replicated_deduplication_window = 10000, ttl_only_drop_parts = 1, auto_statistics_types = ''
COMMENT 'Suspicious and log-in events of each source address, events of each user, answered path and autonomous system, by hour; kept 100 days from landing';

-- Hours are made of minutes, which are few: the events are grouped once.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.activity_hours_mv {{on_cluster}} TO {{database}}.activity_hours AS
SELECT
    region_code,
    owner,
    toStartOfHour(event_minute) AS event_hour,
    election,
    phase,
    event_category,
    severity,
    asset_id,
    toStartOfHour(minute) AS hour,
    _stream,
    _partition,
    sum(minutes.events) AS events,
    sum(minutes.bytes) AS bytes,
    sum(minutes.failures) AS failures,
    sum(minutes.http_errors) AS http_errors,
    sum(minutes.alerts_score) AS alerts_score,
    max(minutes.score_max) AS score_max,
    max(minutes.last_ingested_at) AS last_ingested_at
FROM {{database}}.activity_minutes AS minutes
GROUP BY region_code, owner, event_hour, election, phase, event_category, severity, asset_id, hour, _stream, _partition;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.activity_minutes_mv {{on_cluster}} TO {{database}}.activity_minutes AS
SELECT
    region_code,
    owner,
    toStartOfMinute(timestamp) AS event_minute,
    election,
    phase,
    event_category,
    multiIf(score >= 90, 'critical', score >= 70, 'high', score >= 40, 'medium', score >= 20, 'low', 'none') AS severity,
    asset_id,
    toStartOfMinute(ingested_at) AS minute,
    any(events._stream) AS _stream,
    _partition,
    toInt64(count()) AS events,
    toInt64(sum(length(message))) AS bytes,
    toInt64(countIf(event_outcome = 'failure')) AS failures,
    toInt64(countIf(http_status_code >= 500)) AS http_errors,
    toInt64(countIf(score >= 70)) AS alerts_score,
    max(score) AS score_max,
    max(ingested_at) AS last_ingested_at
FROM {{database}}.events
GROUP BY region_code, owner, event_minute, election, phase, event_category, severity, asset_id, minute, _partition;

-- ARRAY JOIN before grouping: GROUPING SETS cost twice as much for a page of few rows, and a third more for a full one.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.top_hours_mv {{on_cluster}} TO {{database}}.top_hours AS
SELECT
    region_code,
    owner,
    kind,
    toStartOfHour(timestamp) AS event_hour,
    value,
    toStartOfHour(ingested_at) AS hour,
    any(stream) AS _stream,
    _partition,
    toInt64(count()) AS events,
    toInt64(countIf(event_outcome = 'failure')) AS failures,
    toInt64(sumIf(score, score >= 20)) AS points,
    max(score) AS score_max
FROM
(
    SELECT
        region_code, owner, timestamp, ingested_at, _stream AS stream, _partition, event_outcome, score,
        [
            -- The address of a single packet may be anybody's; whoever logs in has finished a handshake.
            multiIf((score < 20 AND event_category != 'authentication') OR event_category = 'network'
                    OR network_transport IN ('udp', 'icmp', 'ipv6-icmp') OR source_scope IN ('loopback', 'link_local'), '',
                position(source_ip, ':') = 0, source_ip,
                concat(toString(IPv6CIDRToRange(toIPv6OrDefault(source_ip), 64).1), '/64')),
            if(length(user_name) > 64, '', user_name),
            -- Any path is refused or led elsewhere; those that are answered are the site's own.
            if(length(url_path) <= 128 AND (http_status_code BETWEEN 200 AND 299 OR http_status_code IN (304, 401, 500)), url_path, ''),
            if(source_asn = 0, '', toString(source_asn))
        ] AS values
    FROM {{database}}.events
)
ARRAY JOIN values AS value, ['source_ip', 'user_name', 'url_path', 'source_asn'] AS kind
WHERE value != ''
GROUP BY region_code, owner, kind, event_hour, value, hour, _partition;
