-- For the rounds of correlations: events of a rule are few, and rows behind the progress of a partition lie together.
ALTER TABLE {{database}}.events {{on_cluster}} ADD INDEX IF NOT EXISTS by_rule_ids rule_ids TYPE bloom_filter(0.01) GRANULARITY 1;

ALTER TABLE {{database}}.events {{on_cluster}} ADD INDEX IF NOT EXISTS by_partition _partition TYPE set(64) GRANULARITY 1;
