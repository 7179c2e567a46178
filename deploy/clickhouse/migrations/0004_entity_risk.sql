-- Risk of addresses, users, assets and regions. Points are kept by hour of the event and decay when they are read (docs/scoring.md).
-- Events below score 20 carry no risk: the view leaves them out before it groups, so that ordinary traffic costs one comparison.
CREATE TABLE IF NOT EXISTS {{database}}.entity_risk_hours {{on_cluster}}
(
    entity_type LowCardinality(String) COMMENT 'source_ip, user, asset or region',
    entity String COMMENT 'Address, user name, asset id or Kemendagri code',
    region_code LowCardinality(String) COMMENT 'Region of the events',
    owner LowCardinality(String) COMMENT 'Organisation whose events they are',
    hour DateTime('UTC') COMMENT 'Hour of the event time',
    minute DateTime('UTC') COMMENT 'Minute of ingested_at',
    _stream LowCardinality(String) COMMENT 'Id of the Kafka topic incarnation',
    _partition UInt16 COMMENT 'Kafka partition',
    points SimpleAggregateFunction(sum, Int64) COMMENT 'Sum of the scores',
    events SimpleAggregateFunction(sum, Int64) COMMENT 'Events of score 20 and more'
)
ENGINE = {{AggregatingMergeTree}}
PARTITION BY toYYYYMM(minute)
ORDER BY (entity_type, entity, region_code, owner, hour, minute, _stream, _partition)
TTL hour + INTERVAL 46 DAY
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Scores of the events about an entity, by hour; the stuff that entity_risk is made of';

CREATE MATERIALIZED VIEW IF NOT EXISTS {{database}}.entity_risk_hours_mv {{on_cluster}} TO {{database}}.entity_risk_hours AS
SELECT
    entities.1 AS entity_type,
    entities.2 AS entity,
    region_code,
    owner,
    toStartOfHour(timestamp) AS hour,
    toStartOfMinute(ingested_at) AS minute,
    any(stream) AS _stream,
    _partition,
    toInt64(sum(score)) AS points,
    toInt64(count()) AS events
FROM
(
    SELECT source_ip, user_name, asset_id, region_code, owner, timestamp, ingested_at, _stream AS stream, _partition, score
    FROM {{database}}.events
    WHERE score >= 20
)
ARRAY JOIN arrayFilter(e -> e.2 != '', [('source_ip', source_ip), ('user', user_name), ('asset', asset_id), ('region', toString(region_code))]) AS entities
GROUP BY entity_type, entity, region_code, owner, hour, minute, _partition;

-- What people said about events. Rows are appended, never changed; of several about one event the latest holds. What weights are learned from is
-- copied along, so that a verdict outlives its event.
CREATE TABLE IF NOT EXISTS {{database}}.verdicts {{on_cluster}}
(
    verdict_id String COMMENT 'Id of the act of marking; all rows of one act carry it',
    marked_at DateTime64(3, 'UTC') COMMENT 'When it was marked',
    marked_by String COMMENT 'Who marked it',
    verdict LowCardinality(String) COMMENT 'true: worth a look; false: a false positive; withdrawn: neither, as before',
    reason String COMMENT 'Why, in the words of whoever marked it',
    subject String COMMENT 'What was marked, as type:value: event, finding, alert, source_ip, user, asset',
    event_id String COMMENT 'The event that this row is about',
    timestamp DateTime64(3, 'UTC') COMMENT 'When the event happened',
    region_code LowCardinality(String) COMMENT 'Region of the event',
    owner LowCardinality(String) COMMENT 'Organisation whose event it is',
    asset_id String COMMENT 'Asset that the event is about',
    source_ip String COMMENT 'Address that the event came from',
    user_name String COMMENT 'User of the event',
    asset_criticality LowCardinality(String) COMMENT 'Criticality of that asset at the time',
    phase LowCardinality(String) COMMENT 'Phase of the election at the time',
    event_severity UInt8 COMMENT 'Severity by the device',
    score UInt8 COMMENT 'Score of the event',
    factors Array(Tuple(name String, points Int32, detail String)) COMMENT 'How that score came about',
    score_version LowCardinality(String) COMMENT 'Version of the weights that gave the score',
    _stream LowCardinality(String) COMMENT 'Stream of the event',
    _partition UInt16 COMMENT 'Partition of the event',
    _offset UInt64 COMMENT 'Offset of the event; (_stream, _partition, _offset) is one event'
)
ENGINE = {{MergeTree}}
PARTITION BY toYYYYMM(marked_at)
ORDER BY (_stream, _partition, _offset, marked_at)
TTL toDateTime(marked_at) + INTERVAL 3 YEAR
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Verdicts of people on events, one row for each event and act of marking';

-- Risk at a time and with a half-life of your choice. Hours older than 45 days count nothing on either side. Whoever asks sees what their own
-- row policies let them see of the hours and the verdicts.
CREATE VIEW IF NOT EXISTS {{database}}.entity_risk_at {{on_cluster}} SQL SECURITY INVOKER AS
SELECT
    entity_type,
    entity,
    region_code,
    owner,
    sum(hours.points * exp2((hour - {at:DateTime('UTC')}) / (3600 * {half_life_hours:Float64}))) AS points,
    100 * points / (100 + points) AS risk,
    sum(hours.events) AS events,
    max(hour) AS newest_hour
FROM
(
    SELECT entity_type, entity, region_code, owner, hour, points, events
    FROM {{database}}.entity_risk_hours
    UNION ALL
    SELECT entities.1, entities.2, region_code, owner, toStartOfHour(timestamp) AS hour, -toInt64(score), toInt64(-1)
    FROM
    (
        SELECT
            any(region_code) AS region_code, any(owner) AS owner, any(asset_id) AS asset_id, any(source_ip) AS source_ip,
            any(user_name) AS user_name, any(score) AS score, any(timestamp) AS timestamp, argMax(verdict, (marked_at, verdict_id)) AS last
        FROM {{database}}.verdicts
        GROUP BY _stream, _partition, _offset
        HAVING last = 'false' AND score >= 20
    )
    ARRAY JOIN arrayFilter(e -> e.2 != '', [('source_ip', source_ip), ('user', user_name), ('asset', asset_id), ('region', toString(region_code))]) AS entities
) AS hours
WHERE hour > {at:DateTime('UTC')} - INTERVAL 45 DAY AND hour <= {at:DateTime('UTC')}
GROUP BY entity_type, entity, region_code, owner
HAVING events > 0;

CREATE VIEW IF NOT EXISTS {{database}}.entity_risk {{on_cluster}}
(
    entity_type String COMMENT 'source_ip, user, asset or region',
    entity String COMMENT 'Address, user name, asset id or Kemendagri code',
    region_code String COMMENT 'Region of the events',
    owner String COMMENT 'Organisation whose events they are',
    points Float64 COMMENT 'Scores of the events, each halved for every 24 hours since; false positives left out',
    risk Float64 COMMENT 'The same from 0 to 100: 100 * points / (100 + points)',
    events Int64 COMMENT 'Events that it is made of',
    newest_hour DateTime('UTC') COMMENT 'Hour of the newest event of score 20 and more, false positives too'
)
SQL SECURITY INVOKER
AS SELECT * FROM {{database}}.entity_risk_at(at = now('UTC'), half_life_hours = 24);
