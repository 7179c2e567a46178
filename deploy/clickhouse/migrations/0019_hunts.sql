-- What hunts found by the clock (docs/hunts.md). A row of a hunt belongs to the region and the owner whose events it is made of; of a hunt across
-- regions both are empty, and an empty region is the centre's alone. A run is one insert with its id as token: the same run again keeps nothing twice.
CREATE TABLE IF NOT EXISTS {{database}}.hunt_results {{on_cluster}}
(
    region_code LowCardinality(String) COMMENT 'Kemendagri code of the region that the row is about; empty for hunts across regions',
    owner LowCardinality(String) COMMENT 'Organisation whose data the row is made of; empty for hunts across regions',
    hunt LowCardinality(String) COMMENT 'Id of the hunt',
    run_id String COMMENT 'Run: made of hunt, time and parameters',
    run_at DateTime64(3, 'UTC') COMMENT 'Time for which it ran' CODEC(Delta(8), ZSTD(1)),
    window_from DateTime('UTC') COMMENT 'It looked at events from here on',
    window_to DateTime('UTC') COMMENT 'and before this',
    number UInt16 COMMENT 'Place of the row among those of its region and owner, counted from 1',
    entity String COMMENT 'Who or what it is about, as type:value, where the hunt says so',
    score UInt8 COMMENT 'Score, where the hunt gives one; 0 otherwise',
    row String COMMENT 'The row as a JSON object'
)
ENGINE = {{MergeTree}}
PARTITION BY toYYYYMM(run_at)
ORDER BY (region_code, owner, hunt, run_at, number)
TTL toDateTime(run_at) + INTERVAL 1 YEAR
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Rows that hunts found, kept from each run';

CREATE TABLE IF NOT EXISTS {{database}}.hunt_runs {{on_cluster}}
(
    hunt LowCardinality(String) COMMENT 'Id of the hunt',
    run_id String COMMENT 'Run, as in hunt_results',
    run_at DateTime64(3, 'UTC') COMMENT 'Time for which it ran',
    finished_at DateTime64(3, 'UTC') COMMENT 'When it had ended',
    run_by LowCardinality(String) COMMENT 'schedule, or who ran it',
    window_from DateTime('UTC') COMMENT 'It looked at events from here on',
    window_to DateTime('UTC') COMMENT 'and before this',
    params Map(String, String) COMMENT 'Values of its other parameters; long numbers masked',
    rows UInt32 COMMENT 'Rows kept, of all regions',
    cut UInt8 COMMENT '1: there were as many as the hunt answers at most, and there may be more',
    duration_ms UInt32 COMMENT 'How long it took',
    read_rows UInt64 COMMENT 'Rows read',
    read_bytes UInt64 COMMENT 'Bytes of them',
    error String COMMENT 'Why it failed; empty if it did not'
)
ENGINE = {{MergeTree}}
PARTITION BY toYYYYMM(run_at)
ORDER BY (hunt, run_at, run_id)
TTL toDateTime(run_at) + INTERVAL 3 YEAR
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Runs of hunts whose rows were kept';
