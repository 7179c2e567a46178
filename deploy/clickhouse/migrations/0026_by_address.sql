-- What one address did, in the order of time and whole enough to read: the first question of most investigations (docs/adr/0041). In the table its latest lines lie
-- in another granule each, for there regions come first. Merges make it; landing pays nothing. Days that were merged before have none;
-- `ALTER TABLE siaga.events MATERIALIZE PROJECTION by_address IN PARTITION …` makes it for one.
ALTER TABLE {{database}}.events {{on_cluster}} ADD PROJECTION IF NOT EXISTS by_address
(
    SELECT source_ip, timestamp, ingested_at, region_code, owner, dataset, event_category, event_action, event_outcome, user_name, asset_id, url_path, http_status_code, score, event_id, message, _stream, _partition, _offset
    ORDER BY source_ip, timestamp
);

-- By category, tool and time: only requests have a tool, so that log-ins and accounts lie in the order of time as before, and one tool of a day is some
-- granules in place of all requests. Days that were merged before lose theirs.
ALTER TABLE {{database}}.events {{on_cluster}} DROP PROJECTION IF EXISTS by_category SETTINGS mutations_sync = 2;

ALTER TABLE {{database}}.events {{on_cluster}} ADD PROJECTION IF NOT EXISTS by_category
(
    SELECT event_category, timestamp, ingested_at, region_code, owner, event_action, event_outcome, source_ip, user_name, user_target_name, user_agent_name, host_name, score, event_id
    ORDER BY event_category, user_agent_name, timestamp
);
