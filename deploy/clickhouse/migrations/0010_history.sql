-- New indicators are looked for in the events of the last days (processors/correlate/history.ts). What they are, and what of the events is one of
-- them, is kept here while it lasts, so that a million of them need not stand in a statement.
CREATE TABLE IF NOT EXISTS {{database}}.history_candidates {{on_cluster}}
(
    hunt String COMMENT 'Hunt or question that it is looked for in',
    type LowCardinality(String) COMMENT 'Type of the indicator',
    value String COMMENT 'Its value in canonical form',
    host String COMMENT 'Of an URL: its host without port',
    net IPv6 COMMENT 'Of an address or network: its first address, IPv4 as ::ffff:',
    net_bits UInt16 COMMENT 'Of an address or network: bits of 128 that must agree, and 2000 for IPv4, 1000 for IPv6; else 0',
    best Tuple(source String, confidence UInt8, first_seen DateTime64(3, 'UTC'), last_seen DateTime64(3, 'UTC'), tlp String, threat String, reference String) COMMENT 'What the feed with the most confidence says of it',
    sources Array(String) COMMENT 'Feeds that name it',
    added_at DateTime64(3, 'UTC') COMMENT 'When the first of them did',
    made_at DateTime('UTC') DEFAULT now() COMMENT 'When this row was made; what a killed process leaves goes after a day'
)
ENGINE = {{MergeTree}}
PARTITION BY hunt
ORDER BY (type, value)
TTL made_at + INTERVAL 1 DAY
SETTINGS ttl_only_drop_parts = 1
COMMENT 'Indicators that are being looked for in history; empty between hunts';

CREATE TABLE IF NOT EXISTS {{database}}.history_matches {{on_cluster}}
(
    hunt String COMMENT 'Hunt or question',
    slice UInt16 COMMENT 'Which of its stretches of time',
    kind LowCardinality(String) COMMENT 'ip, host, url, hash, tls or email',
    observed String COMMENT 'Text as it stands in events',
    type LowCardinality(String) COMMENT 'Type of the indicator that it is',
    value String COMMENT 'Value of the indicator that it is',
    made_at DateTime('UTC') DEFAULT now() COMMENT 'When this row was made; what a killed process leaves goes after a day'
)
ENGINE = {{MergeTree}}
PARTITION BY hunt
ORDER BY (slice, kind, observed)
TTL made_at + INTERVAL 1 DAY
SETTINGS ttl_only_drop_parts = 1
COMMENT 'Texts of events that are indicators; empty between hunts';

CREATE TABLE IF NOT EXISTS {{database}}.history_hunts {{on_cluster}}
(
    hunted_at DateTime64(3, 'UTC') COMMENT 'When the hunt began',
    source LowCardinality(String) COMMENT 'Feed',
    hunted_to DateTime64(3, 'UTC') COMMENT 'Its indicators added up to this time have been looked for',
    days UInt16 COMMENT 'In so many days of events',
    indicators UInt64 COMMENT 'Indicators of all feeds that were looked for',
    findings UInt64 COMMENT 'Findings that came of it',
    seconds Float64 COMMENT 'How long it took'
)
ENGINE = {{MergeTree}}
ORDER BY (source, hunted_to)
COMMENT 'Hunts that are over, a row for each feed with new indicators. Rows are appended after Kafka has the findings';
