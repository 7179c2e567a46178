-- The daily report (laporan harian), kept as it was made: figures and matters of one run belong to it by its id, and a run that was broken off before its
-- row in daily_runs is never read. Figures are kept by region and owner, so that whoever asks adds up what their own row policies let them see.
CREATE TABLE IF NOT EXISTS {{database}}.daily_runs {{on_cluster}}
(
    day Date COMMENT 'Day that it is about, by the calendar of the zone',
    zone LowCardinality(String) COMMENT 'WIB, WITA or WIT: of the regions that it is about; without a region, and national ones, WIB',
    run_id String COMMENT 'Id, as in daily_figures and daily_matters; of several runs of a day the first one counts',
    begins DateTime64(3, 'UTC') COMMENT 'Beginning of the day',
    ends DateTime64(3, 'UTC') COMMENT 'Its end',
    landed_before DateTime('UTC') COMMENT 'Events that landed before this are counted; later ones are late events of a later report',
    late_since DateTime('UTC') COMMENT 'Late events, of earlier days, are counted from this landing time on',
    made_at DateTime64(3, 'UTC') COMMENT 'When it was made'
)
ENGINE = {{MergeTree}}
PARTITION BY toYear(day)
ORDER BY (day, zone, made_at, run_id)
TTL day + INTERVAL 5 YEAR
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Daily reports that were made, by day and zone';

CREATE TABLE IF NOT EXISTS {{database}}.daily_figures {{on_cluster}}
(
    region_code LowCardinality(String) COMMENT 'Kemendagri code of the region; 00 national, empty unknown',
    owner LowCardinality(String) COMMENT 'Organisation whose data it is; empty for what is nobody\'s',
    day Date COMMENT 'Day of the report',
    run_id String COMMENT 'Run that made it, as in daily_runs',
    figure LowCardinality(String) COMMENT 'What is counted: events, failed_logins, web_errors, alerts_opened ... (docs/reports.md)',
    label LowCardinality(String) COMMENT 'Category or severity that it is counted for; of region its election and phase; empty for all',
    value Int64 COMMENT 'The figure; of lag_ms_max a greatest value, of all others a sum'
)
ENGINE = {{MergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (region_code, owner, day, figure, label)
TTL day + INTERVAL 5 YEAR
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Figures of daily reports, by region and owner; they never change';

CREATE TABLE IF NOT EXISTS {{database}}.daily_matters {{on_cluster}}
(
    region_code LowCardinality(String) COMMENT 'Kemendagri code of the region; 00 national, empty unknown',
    owner LowCardinality(String) COMMENT 'Organisation whose data it is; empty for what is nobody\'s',
    day Date COMMENT 'Day of the report',
    run_id String COMMENT 'Run that made it, as in daily_runs',
    kind LowCardinality(String) COMMENT 'alert (open, high or critical), clock (an incident with a legal deadline), silent_source or missed_report',
    ref String COMMENT 'Id of the alert, receipt of the incident, source or room',
    severity LowCardinality(String) COMMENT 'Severity, where it has one',
    title String COMMENT 'What it is, in a line',
    since DateTime64(3, 'UTC') COMMENT 'Since when; of a silent source its last event, 1970: never heard',
    due Nullable(DateTime64(3, 'UTC')) COMMENT 'Deadline, where there is one',
    detail String COMMENT 'State of an alert and who is on it; iiv or personal_data of a clock'
)
ENGINE = {{MergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (region_code, owner, day, kind, ref)
TTL day + INTERVAL 5 YEAR
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What was open or missing when daily reports were made; at most 50 of each kind, region and owner';
