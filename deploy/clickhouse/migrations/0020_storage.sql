-- What the measured choice of codecs and indexes asks for (docs/adr/0036). A day's parts are packed anew two days after they landed: half the bytes, and
-- landing pays nothing for it. Columns with a codec of their own keep it. Parts that were there before come to it with their next merge.
ALTER TABLE {{database}}.events {{on_cluster}} MODIFY TTL retain_until DELETE, toDateTime(ingested_at) + INTERVAL 2 DAY RECOMPRESS CODEC(ZSTD(3)) SETTINGS materialize_ttl_after_modify = 0;

-- Parts of a day are packed one by one; an hour between two of them, not the four that ClickHouse waits by itself.
ALTER TABLE {{database}}.events {{on_cluster}} MODIFY SETTING merge_with_recompression_ttl_timeout = 3600;

-- One event by its id, as alerts, exports and people name it.
ALTER TABLE {{database}}.events {{on_cluster}} ADD INDEX IF NOT EXISTS by_event_id event_id TYPE bloom_filter(0.01) GRANULARITY 4;
