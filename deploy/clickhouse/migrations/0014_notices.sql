-- Notices to owners of systems, from siaga.alert-log (schemas/notice.ts): a row for every step, with the notice as it was after it. A repeat is the
-- same row with the same key. Addresses of contacts and tokens are not landed.
CREATE TABLE IF NOT EXISTS {{database}}.notices_rows {{on_cluster}}
(
    notice_id String COMMENT 'Id of the notice',
    alert_id String COMMENT 'Alert that it is about',
    asset_id String COMMENT 'Asset whose owner is told',
    asset_name String COMMENT 'Name of the asset',
    region_code LowCardinality(String) COMMENT 'Region of the alert; 00 national, empty unknown',
    owner LowCardinality(String) COMMENT 'Organisation that runs the asset',
    rule_id LowCardinality(String) COMMENT 'Rule of the worst finding of the alert',
    title String COMMENT 'What the worst finding says, in a line',
    severity LowCardinality(String) COMMENT 'Of the alert when the notice was made',
    attack Array(String) COMMENT 'ATT&CK techniques',
    first_seen DateTime64(3, 'UTC') COMMENT 'Event time of the first finding',
    last_seen DateTime64(3, 'UTC') COMMENT 'Event time of the last finding when the notice was made',
    rules Array(String) COMMENT 'A finding of one of these after fixed_at says that it is not fixed',
    by_probe UInt8 COMMENT '1: probes found it, so a probe can tell that it is gone',
    text String COMMENT 'What whoever made it has added',
    made_by String COMMENT 'Who made it; siaga for a rule that sends notices by itself',
    room LowCardinality(String) COMMENT 'Operation Room of whoever made it',
    contacts Array(Tuple(name String, channel String)) COMMENT 'Who was told, and by which channel',
    state LowCardinality(String) COMMENT 'sent, received, answered, fixed, verified, failed_check or withdrawn',
    sent_at DateTime64(3, 'UTC') COMMENT 'When it was made',
    received_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When its owner first pressed anything',
    answered_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When its owner first wrote something',
    fixed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When its owner last said that it is fixed',
    checked_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When that was last checked',
    ended_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was verified or withdrawn',
    answer_by DateTime64(3, 'UTC') COMMENT 'Until when an answer was asked for',
    answers String COMMENT 'What its owner wrote, as JSON',
    reminders UInt32 COMMENT 'Reminders so far',
    climbed Array(String) COMMENT 'Levels that were told of silence: kabupaten, provinsi, pusat',
    changed_at DateTime64(3, 'UTC') COMMENT 'When this step was',
    step LowCardinality(String) COMMENT 'What happened: a state, reminded or climbed',
    step_by String COMMENT 'Who did it; siaga for the system itself',
    step_room LowCardinality(String) COMMENT 'Operation Room of whoever did it',
    step_from String COMMENT 'Address that it came from',
    step_text String COMMENT 'What was said with it',
    version UInt64 COMMENT 'Counts up with every step'
)
ENGINE = {{ReplacingMergeTree}}
PARTITION BY toYYYYMM(sent_at)
ORDER BY (notice_id, version)
TTL toDateTime(sent_at) + INTERVAL 3 YEAR
COMMENT 'Every step of every notice to an owner; read the views notices and notice_steps';

CREATE VIEW IF NOT EXISTS {{database}}.notice_steps {{on_cluster}}
(
    notice_id String COMMENT 'Id of the notice',
    alert_id String COMMENT 'Alert that it is about',
    asset_id String COMMENT 'Asset whose owner is told',
    asset_name String COMMENT 'Name of the asset',
    region_code String COMMENT 'Region of the alert; 00 national, empty unknown',
    owner String COMMENT 'Organisation that runs the asset',
    rule_id String COMMENT 'Rule of the worst finding of the alert',
    title String COMMENT 'What the worst finding says, in a line',
    severity String COMMENT 'Of the alert when the notice was made',
    attack Array(String) COMMENT 'ATT&CK techniques',
    first_seen DateTime64(3, 'UTC') COMMENT 'Event time of the first finding',
    last_seen DateTime64(3, 'UTC') COMMENT 'Event time of the last finding when the notice was made',
    rules Array(String) COMMENT 'A finding of one of these after fixed_at says that it is not fixed',
    by_probe UInt8 COMMENT '1: probes found it, so a probe can tell that it is gone',
    text String COMMENT 'What whoever made it has added',
    made_by String COMMENT 'Who made it; siaga for a rule that sends notices by itself',
    room String COMMENT 'Operation Room of whoever made it',
    contacts Array(Tuple(name String, channel String)) COMMENT 'Who was told, and by which channel',
    state String COMMENT 'sent, received, answered, fixed, verified, failed_check or withdrawn',
    sent_at DateTime64(3, 'UTC') COMMENT 'When it was made',
    received_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When its owner first pressed anything',
    answered_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When its owner first wrote something',
    fixed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When its owner last said that it is fixed',
    checked_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When that was last checked',
    ended_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was verified or withdrawn',
    answer_by DateTime64(3, 'UTC') COMMENT 'Until when an answer was asked for',
    answers String COMMENT 'What its owner wrote, as JSON',
    reminders UInt32 COMMENT 'Reminders so far',
    climbed Array(String) COMMENT 'Levels that were told of silence: kabupaten, provinsi, pusat',
    changed_at DateTime64(3, 'UTC') COMMENT 'When this step was',
    step String COMMENT 'What happened: a state, reminded or climbed',
    step_by String COMMENT 'Who did it; siaga for the system itself',
    step_room String COMMENT 'Operation Room of whoever did it',
    step_from String COMMENT 'Address that it came from',
    step_text String COMMENT 'What was said with it',
    version UInt64 COMMENT 'Counts up with every step'
)
SQL SECURITY INVOKER
AS SELECT notice_id, alert_id, asset_id, asset_name, region_code, owner, rule_id, title, severity, attack, first_seen, last_seen, rules, by_probe, text, made_by, room, contacts, state, sent_at, received_at, answered_at, fixed_at, checked_at, ended_at, answer_by, answers, reminders, climbed, changed_at, step, step_by, step_room, step_from, step_text, version
FROM {{database}}.notices_rows FINAL;

CREATE VIEW IF NOT EXISTS {{database}}.notices {{on_cluster}}
(
    notice_id String COMMENT 'Id of the notice',
    alert_id String COMMENT 'Alert that it is about',
    asset_id String COMMENT 'Asset whose owner is told',
    asset_name String COMMENT 'Name of the asset',
    region_code String COMMENT 'Region of the alert; 00 national, empty unknown',
    owner String COMMENT 'Organisation that runs the asset',
    rule_id String COMMENT 'Rule of the worst finding of the alert',
    title String COMMENT 'What the worst finding says, in a line',
    severity String COMMENT 'Of the alert when the notice was made',
    attack Array(String) COMMENT 'ATT&CK techniques',
    first_seen DateTime64(3, 'UTC') COMMENT 'Event time of the first finding',
    last_seen DateTime64(3, 'UTC') COMMENT 'Event time of the last finding when the notice was made',
    rules Array(String) COMMENT 'A finding of one of these after fixed_at says that it is not fixed',
    by_probe UInt8 COMMENT '1: probes found it, so a probe can tell that it is gone',
    text String COMMENT 'What whoever made it has added',
    made_by String COMMENT 'Who made it; siaga for a rule that sends notices by itself',
    room String COMMENT 'Operation Room of whoever made it',
    contacts Array(Tuple(name String, channel String)) COMMENT 'Who was told, and by which channel',
    state String COMMENT 'sent, received, answered, fixed, verified, failed_check or withdrawn',
    sent_at DateTime64(3, 'UTC') COMMENT 'When it was made',
    received_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When its owner first pressed anything',
    answered_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When its owner first wrote something',
    fixed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When its owner last said that it is fixed',
    checked_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When that was last checked',
    ended_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was verified or withdrawn',
    answer_by DateTime64(3, 'UTC') COMMENT 'Until when an answer was asked for',
    answers String COMMENT 'What its owner wrote, as JSON',
    reminders UInt32 COMMENT 'Reminders so far',
    climbed Array(String) COMMENT 'Levels that were told of silence: kabupaten, provinsi, pusat',
    changed_at DateTime64(3, 'UTC') COMMENT 'When this step was',
    version UInt64 COMMENT 'Counts up with every step'
)
SQL SECURITY INVOKER
AS SELECT notice_id, alert_id, asset_id, asset_name, region_code, owner, rule_id, title, severity, attack, first_seen, last_seen, rules, by_probe, text, made_by, room, contacts, state, sent_at, received_at, answered_at, fixed_at, checked_at, ended_at, answer_by, answers, reminders, climbed, changed_at, version
FROM {{database}}.notices_rows FINAL ORDER BY notice_id, version DESC LIMIT 1 BY notice_id;
