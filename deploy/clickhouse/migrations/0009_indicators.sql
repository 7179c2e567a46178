-- Indicators of threat intelligence, one row for each of a feed. A feed is replaced as a whole: its new rows are made in indicator_next and take the
-- place of its partition at once, so that whoever reads sees the feed before the update or after it (sinks/clickhouse/indicators.ts).
CREATE TABLE IF NOT EXISTS {{database}}.indicator_rows {{on_cluster}}
(
    source LowCardinality(String) COMMENT 'Feed that names it',
    type LowCardinality(String) COMMENT 'ip, network, domain, url, file_hash, email, ja3 or ja4',
    value String COMMENT 'In canonical form',
    confidence UInt8 COMMENT 'Chance in a hundred that it is what the feed says, at last_seen',
    first_seen DateTime64(3, 'UTC') COMMENT 'When the feed saw it first; 1970: unknown',
    last_seen DateTime64(3, 'UTC') COMMENT 'When the feed saw it last; 1970: unknown',
    expires DateTime64(3, 'UTC') COMMENT 'It counts no more from this time on; 1970: no end',
    tlp LowCardinality(String) COMMENT 'Traffic Light Protocol 2.0: clear, green, amber, amber+strict, red',
    threat String COMMENT 'What it is said to be: malware, campaign ...',
    reference String COMMENT 'Where the feed says more about it',
    labels Array(String) COMMENT 'Words that the feed puts on it',
    added_at DateTime64(3, 'UTC') COMMENT 'Since when it has been in the feed without a break, as far as Siaga knows',
    version LowCardinality(String) COMMENT 'Update of the feed that these rows are of; one for all rows of a feed'
)
ENGINE = {{MergeTree}}
PARTITION BY source
ORDER BY (type, value)
COMMENT 'Indicators of all feeds as they are now; read the view indicators, which leaves out what has expired';

CREATE TABLE IF NOT EXISTS {{database}}.indicator_next {{on_cluster}}
(
    source LowCardinality(String) COMMENT 'Feed that names it',
    type LowCardinality(String) COMMENT 'As in indicator_rows',
    value String COMMENT 'As in indicator_rows',
    confidence UInt8 COMMENT 'As in indicator_rows',
    first_seen DateTime64(3, 'UTC') COMMENT 'As in indicator_rows',
    last_seen DateTime64(3, 'UTC') COMMENT 'As in indicator_rows',
    expires DateTime64(3, 'UTC') COMMENT 'As in indicator_rows',
    tlp LowCardinality(String) COMMENT 'As in indicator_rows',
    threat String COMMENT 'As in indicator_rows',
    reference String COMMENT 'As in indicator_rows',
    labels Array(String) COMMENT 'As in indicator_rows',
    added_at DateTime64(3, 'UTC') COMMENT 'As in indicator_rows',
    version LowCardinality(String) COMMENT 'As in indicator_rows'
)
ENGINE = {{MergeTree}}
PARTITION BY source
ORDER BY (type, value)
COMMENT 'The rows of a feed that take the place of the former ones; empty between updates';

-- What was sent, in batches, before anything is made of it: the update of a feed, or indicators that a question is about. Of several rows with one type
-- and value the last one holds.
CREATE TABLE IF NOT EXISTS {{database}}.indicator_given {{on_cluster}}
(
    version String COMMENT 'Update or question that it was sent for',
    type LowCardinality(String) COMMENT 'As in indicator_rows',
    value String COMMENT 'As in indicator_rows',
    confidence UInt8 COMMENT 'As in indicator_rows',
    first_seen DateTime64(3, 'UTC') COMMENT 'As in indicator_rows',
    last_seen DateTime64(3, 'UTC') COMMENT 'As in indicator_rows',
    expires DateTime64(3, 'UTC') COMMENT 'As in indicator_rows',
    tlp LowCardinality(String) COMMENT 'As in indicator_rows',
    threat String COMMENT 'As in indicator_rows',
    reference String COMMENT 'As in indicator_rows',
    labels Array(String) COMMENT 'As in indicator_rows',
    given_at DateTime('UTC') DEFAULT now() COMMENT 'When it was sent; what a killed process leaves goes after a day'
)
ENGINE = {{ReplacingMergeTree}}
PARTITION BY version
ORDER BY (version, type, value)
TTL given_at + INTERVAL 1 DAY
SETTINGS ttl_only_drop_parts = 1
COMMENT 'Indicators on their way; empty between updates';

CREATE VIEW IF NOT EXISTS {{database}}.indicators {{on_cluster}}
(
    source String COMMENT 'Feed that names it',
    type String COMMENT 'ip, network, domain, url, file_hash, email, ja3 or ja4',
    value String COMMENT 'In canonical form',
    confidence UInt8 COMMENT 'Chance in a hundred that it is what the feed says, at last_seen',
    first_seen DateTime64(3, 'UTC') COMMENT 'When the feed saw it first; 1970: unknown',
    last_seen DateTime64(3, 'UTC') COMMENT 'When the feed saw it last; 1970: unknown',
    expires DateTime64(3, 'UTC') COMMENT 'It counts no more from this time on; 1970: no end',
    tlp String COMMENT 'Traffic Light Protocol 2.0: clear, green, amber, amber+strict, red',
    threat String COMMENT 'What it is said to be: malware, campaign ...',
    reference String COMMENT 'Where the feed says more about it',
    labels Array(String) COMMENT 'Words that the feed puts on it',
    added_at DateTime64(3, 'UTC') COMMENT 'Since when it has been in the feed without a break, as far as Siaga knows'
)
SQL SECURITY INVOKER
AS SELECT source, type, value, confidence, first_seen, last_seen, expires, tlp, threat, reference, labels, added_at
FROM {{database}}.indicator_rows
WHERE expires = toDateTime64(0, 3, 'UTC') OR expires > now64(3);
