-- Names of regions and assets and the windows of elections, so that they can be asked for beside events. They are made equal to siaga.yaml, the shipped
-- regions and the calendars when Siaga starts (sinks/clickhouse/reference.ts); nothing else writes them.
CREATE TABLE IF NOT EXISTS {{database}}.region_names {{on_cluster}}
(
    region_code String COMMENT 'Kemendagri code: 32 a province, 32.73 a kabupaten or kota, 00 national',
    name String COMMENT 'Name',
    level LowCardinality(String) COMMENT 'nasional, provinsi, kabupaten or kota',
    parent String COMMENT 'Code of the province that it lies in; empty for provinces and 00',
    zone LowCardinality(String) COMMENT 'Its time zone: WIB (UTC+7), WITA (UTC+8) or WIT (UTC+9)'
)
ENGINE = {{MergeTree}}
ORDER BY region_code
COMMENT 'Regions: the shipped ones and those of siaga.yaml';

CREATE TABLE IF NOT EXISTS {{database}}.asset_names {{on_cluster}}
(
    asset_id String COMMENT 'Asset, as in the column asset_id of events',
    name String COMMENT 'Name that people read; the id where there is none',
    url String COMMENT 'Where people reach it',
    region_code String COMMENT 'Kemendagri code of its region; 00 national, empty unknown',
    owner String COMMENT 'Organisation that runs it',
    criticality LowCardinality(String) COMMENT 'low, medium, high or critical'
)
ENGINE = {{MergeTree}}
ORDER BY (region_code, owner, asset_id)
COMMENT 'Assets of siaga.yaml';

CREATE TABLE IF NOT EXISTS {{database}}.election_windows {{on_cluster}}
(
    election LowCardinality(String) COMMENT 'Election, as in the column election of events',
    phase LowCardinality(String) COMMENT 'Phase: persiapan, kampanye, masa_tenang, pemungutan, rekapitulasi or sengketa',
    region_code String COMMENT 'Kemendagri code of the region',
    from DateTime('UTC') COMMENT 'When it begins there: midnight in the zone of the region',
    to DateTime('UTC') COMMENT 'When it is over: the first moment that is not of it; 2106 for one without an end'
)
ENGINE = {{MergeTree}}
ORDER BY (region_code, from)
COMMENT 'Phases of elections by region, without overlap: at every time a region is in one phase at most';

-- Dictionaries hold what is the same for everybody: row policies do not reach them, so there is none of assets. No user stands in their source: they read
-- their tables inside the server as `default`, as which nobody can log in to the embedded one (deploy/clickhouse/users-xml.ts, ADR 35).
CREATE DICTIONARY IF NOT EXISTS {{database}}.regions {{on_cluster}}
(
    region_code String,
    name String,
    level String,
    parent String,
    zone String
)
PRIMARY KEY region_code
SOURCE(CLICKHOUSE(DB '{{database}}' TABLE 'region_names'))
LAYOUT(COMPLEX_KEY_HASHED())
LIFETIME(MIN 240 MAX 360)
COMMENT 'Regions by code: dictGet(\'siaga.regions\', \'name\', region_code)';

-- A range holds both of its ends.
CREATE DICTIONARY IF NOT EXISTS {{database}}.elections {{on_cluster}}
(
    region_code String,
    first DateTime,
    last DateTime,
    election String,
    phase String
)
PRIMARY KEY region_code
SOURCE(CLICKHOUSE(QUERY 'SELECT region_code, from AS first, to - 1 AS last, toString(election) AS election, toString(phase) AS phase FROM {{database}}.election_windows'))
LAYOUT(COMPLEX_KEY_RANGE_HASHED())
RANGE(MIN first MAX last)
LIFETIME(MIN 240 MAX 360)
COMMENT 'Election and phase of a region at a time: dictGet(\'siaga.elections\', (\'election\', \'phase\'), region_code, toDateTime(timestamp))';
