-- What an event costs at landing and in merges (docs/adr/0025). Statistics of every column would be made with each part, and nothing here asks
-- for them: the indexes above say where rows are. Merges of twice as many parts write each row about a third less often; with the hours
-- ClickHouse lowers the number by itself, so that old days still end in few parts.
ALTER TABLE {{database}}.events {{on_cluster}} MODIFY SETTING auto_statistics_types = '', merge_selector_base = 10;

ALTER TABLE {{database}}.source_minutes {{on_cluster}} MODIFY SETTING auto_statistics_types = '';

ALTER TABLE {{database}}.ingest_lag {{on_cluster}} MODIFY SETTING auto_statistics_types = '';

ALTER TABLE {{database}}.entity_risk_hours {{on_cluster}} MODIFY SETTING auto_statistics_types = '';
