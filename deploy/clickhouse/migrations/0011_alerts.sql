-- Alerts and what happened to them, from siaga.alert-log (schemas/alert-log.ts). A repeat is the same row with the same key: it becomes one in merges
-- and for whoever reads with FINAL, as the views do. Partitions follow a time that never changes, so that a row and its replacement meet.
CREATE TABLE IF NOT EXISTS {{database}}.alerts_rows {{on_cluster}}
(
    alert_id String COMMENT 'Id of the alert',
    dedup_key String COMMENT 'What its findings have in common; of a storm storm|...',
    kind LowCardinality(String) COMMENT 'findings, or storm: more matters than people could read one by one',
    status LowCardinality(String) COMMENT 'open, acknowledged, in_work, resolved, false_positive, accepted or merged',
    rule_id LowCardinality(String) COMMENT 'Rule of its worst finding',
    title String COMMENT 'What the worst finding says, in a line',
    severity LowCardinality(String) COMMENT 'Of its worst finding',
    score UInt8 COMMENT 'Of its worst finding',
    region_code LowCardinality(String) COMMENT 'Kemendagri code; 00 national, empty unknown',
    owner LowCardinality(String) COMMENT 'Organisation whose data it rests on; empty if there are several',
    asset_id String COMMENT 'Asset that it is about',
    entity String COMMENT 'Who or what it is about, as type:value',
    first_seen DateTime64(3, 'UTC') COMMENT 'Event time of its first finding',
    last_seen DateTime64(3, 'UTC') COMMENT 'Event time of its last finding',
    opened_at DateTime64(3, 'UTC') COMMENT 'When Siaga made it',
    changed_at DateTime64(3, 'UTC') COMMENT 'When anything about it last changed',
    findings UInt64 COMMENT 'Findings, each counted once',
    findings_exact UInt8 COMMENT '0: an estimate within 3 per cent',
    matters UInt64 COMMENT 'Different matters of a storm; 1 otherwise',
    rules Array(Tuple(rule_id String, title String, severity String, score UInt8, findings UInt64)) COMMENT 'Its rules',
    attack Array(String) COMMENT 'ATT&CK techniques of all findings',
    worst String COMMENT 'The worst findings with evidence and factors of their score, as JSON',
    election LowCardinality(String) COMMENT 'Election whose window it began in',
    phase LowCardinality(String) COMMENT 'Phase of that election in the region',
    merged_into String COMMENT 'Of a merged one: the alert that it is part of',
    assignee String COMMENT 'Who works on it',
    acknowledged_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Last acknowledgement',
    acknowledged_by String COMMENT 'Who acknowledged it',
    case_id String COMMENT 'Case that it belongs to',
    version UInt64 COMMENT 'Counts up with every change'
)
ENGINE = {{ReplacingMergeTree}}(version)
PARTITION BY toYYYYMM(opened_at)
ORDER BY (alert_id)
TTL toDateTime(opened_at) + INTERVAL 3 YEAR
COMMENT 'Alerts, every version that was landed; read the view alerts, which holds the last of each';

CREATE TABLE IF NOT EXISTS {{database}}.alert_actions_rows {{on_cluster}}
(
    action_id String COMMENT 'Id of the action',
    alert_id String COMMENT 'The alert',
    region_code LowCardinality(String) COMMENT 'Region of the alert',
    owner LowCardinality(String) COMMENT 'Owner of the alert',
    at DateTime64(3, 'UTC') COMMENT 'When',
    actor String COMMENT 'Who: name of the key; siaga for the system itself',
    room LowCardinality(String) COMMENT 'Operation Room of the actor',
    actor_region LowCardinality(String) COMMENT 'Region of that room',
    from_address String COMMENT 'Address that the request came from',
    verb LowCardinality(String) COMMENT 'acknowledge, assign, start, resolve, false_positive, accept, reopen, comment, link or merge',
    reason String COMMENT 'Why, in the words of whoever did it',
    assignee String COMMENT 'Of assign: to whom',
    other String COMMENT 'Of link and merge: the other alert',
    from_status LowCardinality(String) COMMENT 'State before',
    to_status LowCardinality(String) COMMENT 'State after'
)
ENGINE = {{ReplacingMergeTree}}
PARTITION BY toYYYYMM(at)
ORDER BY (alert_id, at, action_id)
TTL toDateTime(at) + INTERVAL 3 YEAR
COMMENT 'What people and Siaga did about alerts; rows are appended, never changed';

CREATE TABLE IF NOT EXISTS {{database}}.alert_deliveries_rows {{on_cluster}}
(
    notification_id String COMMENT 'Id of the message, and its idempotency key',
    alert_id String COMMENT 'The alert',
    region_code LowCardinality(String) COMMENT 'Region of the alert',
    owner LowCardinality(String) COMMENT 'Owner of the alert',
    channel LowCardinality(String) COMMENT 'Channel',
    recipient LowCardinality(String) COMMENT 'Recipient; empty for machines',
    room LowCardinality(String) COMMENT 'Operation Room that is told',
    reason LowCardinality(String) COMMENT 'opened, reopened, severity, stage, escalated, closed, warning, summary or test',
    attempt UInt32 COMMENT 'Counted from 1',
    at DateTime64(3, 'UTC') COMMENT 'When it began',
    took_ms UInt32 COMMENT 'How long it took',
    outcome LowCardinality(String) COMMENT 'delivered, retry, refused or given_up',
    detail String COMMENT 'What the other side answered'
)
ENGINE = {{ReplacingMergeTree}}
PARTITION BY toYYYYMM(at)
ORDER BY (alert_id, notification_id, attempt, at)
TTL toDateTime(at) + INTERVAL 3 YEAR
COMMENT 'Attempts to deliver messages about alerts';

CREATE TABLE IF NOT EXISTS {{database}}.alert_held_rows {{on_cluster}}
(
    hour DateTime('UTC') COMMENT 'Hour in which they were judged',
    level UInt8 COMMENT 'How coarse it is: 0 all told, 1 provinces, 2 no places, 3 no rules, 4 reasons only',
    counts Array(Tuple(reason String, detail String, rule_id String, region_code String, findings UInt64)) COMMENT 'Findings by reason, threshold or suppression, rule and region',
    findings UInt64 COMMENT 'All of them'
)
ENGINE = {{ReplacingMergeTree}}(findings)
PARTITION BY toYYYYMM(hour)
ORDER BY (hour)
TTL hour + INTERVAL 3 YEAR
COMMENT 'Findings that made no alert, by the hour; read the view alert_held';

CREATE TABLE IF NOT EXISTS {{database}}.alert_cases_rows {{on_cluster}}
(
    case_id String COMMENT 'Id of the case',
    title String COMMENT 'What it is about',
    kind LowCardinality(String) COMMENT 'entity, or campaign: the same mark in several regions',
    keys Array(String) COMMENT 'What links its alerts, as type:value',
    alerts Array(String) COMMENT 'Its alerts',
    regions Array(String) COMMENT 'Regions of its alerts',
    attack Array(String) COMMENT 'ATT&CK techniques',
    severity LowCardinality(String) COMMENT 'Of its worst alert',
    first_seen DateTime64(3, 'UTC') COMMENT 'Event time of its first finding',
    last_seen DateTime64(3, 'UTC') COMMENT 'Event time of its last finding',
    merged_into String COMMENT 'Of a merged one: the case that it is part of',
    version UInt64 COMMENT 'Counts up with every change'
)
ENGINE = {{ReplacingMergeTree}}(version)
ORDER BY (case_id)
COMMENT 'Cases; they cross regions, so they are for the centre. Read the view alert_cases';

CREATE TABLE IF NOT EXISTS {{database}}.alert_suppressions_rows {{on_cluster}}
(
    suppression_id String COMMENT 'Id',
    kind LowCardinality(String) COMMENT 'suppression or maintenance',
    owner_name String COMMENT 'Who answers for it',
    reason String COMMENT 'Why',
    valid_from DateTime64(3, 'UTC') COMMENT 'Event times from here on',
    valid_until DateTime64(3, 'UTC') COMMENT 'Event times before this',
    room LowCardinality(String) COMMENT 'Room that made it',
    region_code LowCardinality(String) COMMENT 'Region of that room: it acts there and beneath; of the centre everywhere',
    match String COMMENT 'What it holds back, as JSON',
    max_severity LowCardinality(String) COMMENT 'The most severe that it holds back',
    made_at DateTime64(3, 'UTC') COMMENT 'When it was made',
    made_by String COMMENT 'Who made it',
    approved_by String COMMENT 'Second person, where one is needed',
    ended_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Ended before its time',
    findings UInt64 COMMENT 'What it has swallowed',
    version UInt64 COMMENT 'Counts up with every change'
)
ENGINE = {{ReplacingMergeTree}}(version)
ORDER BY (suppression_id)
COMMENT 'Suppressions and maintenance windows; read the view alert_suppressions';

CREATE TABLE IF NOT EXISTS {{database}}.alert_refusals_rows {{on_cluster}}
(
    request_id String COMMENT 'Id of the request',
    at DateTime64(3, 'UTC') COMMENT 'When it was refused',
    code LowCardinality(String) COMMENT 'Why: a code of the table of errors',
    actor String COMMENT 'Who asked',
    room LowCardinality(String) COMMENT 'Operation Room of the actor',
    region_code LowCardinality(String) COMMENT 'Region of that room',
    from_address String COMMENT 'Address that the request came from',
    request String COMMENT 'What was asked for, as JSON'
)
ENGINE = {{ReplacingMergeTree}}
PARTITION BY toYYYYMM(at)
ORDER BY (at, request_id)
TTL toDateTime(at) + INTERVAL 3 YEAR
COMMENT 'What people asked to be done about alerts and was refused';

CREATE VIEW IF NOT EXISTS {{database}}.alerts {{on_cluster}}
(
    alert_id String COMMENT 'Id of the alert',
    dedup_key String COMMENT 'What its findings have in common; of a storm storm|...',
    kind String COMMENT 'findings, or storm: more matters than people could read one by one',
    status String COMMENT 'open, acknowledged, in_work, resolved, false_positive, accepted or merged',
    rule_id String COMMENT 'Rule of its worst finding',
    title String COMMENT 'What the worst finding says, in a line',
    severity String COMMENT 'Of its worst finding',
    score UInt8 COMMENT 'Of its worst finding',
    region_code String COMMENT 'Kemendagri code; 00 national, empty unknown',
    owner String COMMENT 'Organisation whose data it rests on; empty if there are several',
    asset_id String COMMENT 'Asset that it is about',
    entity String COMMENT 'Who or what it is about, as type:value',
    first_seen DateTime64(3, 'UTC') COMMENT 'Event time of its first finding',
    last_seen DateTime64(3, 'UTC') COMMENT 'Event time of its last finding',
    opened_at DateTime64(3, 'UTC') COMMENT 'When Siaga made it',
    changed_at DateTime64(3, 'UTC') COMMENT 'When anything about it last changed',
    findings UInt64 COMMENT 'Findings, each counted once',
    findings_exact UInt8 COMMENT '0: an estimate within 3 per cent',
    matters UInt64 COMMENT 'Different matters of a storm; 1 otherwise',
    rules Array(Tuple(rule_id String, title String, severity String, score UInt8, findings UInt64)) COMMENT 'Its rules',
    attack Array(String) COMMENT 'ATT&CK techniques of all findings',
    worst String COMMENT 'The worst findings with evidence and factors of their score, as JSON',
    election String COMMENT 'Election whose window it began in',
    phase String COMMENT 'Phase of that election in the region',
    merged_into String COMMENT 'Of a merged one: the alert that it is part of',
    assignee String COMMENT 'Who works on it',
    acknowledged_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Last acknowledgement',
    acknowledged_by String COMMENT 'Who acknowledged it',
    case_id String COMMENT 'Case that it belongs to',
    version UInt64 COMMENT 'Counts up with every change'
)
SQL SECURITY INVOKER
AS SELECT alert_id, dedup_key, kind, status, rule_id, title, severity, score, region_code, owner, asset_id, entity, first_seen, last_seen, opened_at, changed_at, findings, findings_exact, matters, rules, attack, worst, election, phase, merged_into, assignee, acknowledged_at, acknowledged_by, case_id, version
FROM {{database}}.alerts_rows FINAL;

CREATE VIEW IF NOT EXISTS {{database}}.alert_actions {{on_cluster}}
(
    action_id String COMMENT 'Id of the action',
    alert_id String COMMENT 'The alert',
    region_code String COMMENT 'Region of the alert',
    owner String COMMENT 'Owner of the alert',
    at DateTime64(3, 'UTC') COMMENT 'When',
    actor String COMMENT 'Who: name of the key; siaga for the system itself',
    room String COMMENT 'Operation Room of the actor',
    actor_region String COMMENT 'Region of that room',
    from_address String COMMENT 'Address that the request came from',
    verb String COMMENT 'acknowledge, assign, start, resolve, false_positive, accept, reopen, comment, link or merge',
    reason String COMMENT 'Why, in the words of whoever did it',
    assignee String COMMENT 'Of assign: to whom',
    other String COMMENT 'Of link and merge: the other alert',
    from_status String COMMENT 'State before',
    to_status String COMMENT 'State after'
)
SQL SECURITY INVOKER
AS SELECT action_id, alert_id, region_code, owner, at, actor, room, actor_region, from_address, verb, reason, assignee, other, from_status, to_status
FROM {{database}}.alert_actions_rows FINAL;

CREATE VIEW IF NOT EXISTS {{database}}.alert_deliveries {{on_cluster}}
(
    notification_id String COMMENT 'Id of the message, and its idempotency key',
    alert_id String COMMENT 'The alert',
    region_code String COMMENT 'Region of the alert',
    owner String COMMENT 'Owner of the alert',
    channel String COMMENT 'Channel',
    recipient String COMMENT 'Recipient; empty for machines',
    room String COMMENT 'Operation Room that is told',
    reason String COMMENT 'opened, reopened, severity, stage, escalated, closed, warning, summary or test',
    attempt UInt32 COMMENT 'Counted from 1',
    at DateTime64(3, 'UTC') COMMENT 'When it began',
    took_ms UInt32 COMMENT 'How long it took',
    outcome String COMMENT 'delivered, retry, refused or given_up',
    detail String COMMENT 'What the other side answered'
)
SQL SECURITY INVOKER
AS SELECT notification_id, alert_id, region_code, owner, channel, recipient, room, reason, attempt, at, took_ms, outcome, detail
FROM {{database}}.alert_deliveries_rows FINAL;

CREATE VIEW IF NOT EXISTS {{database}}.alert_held {{on_cluster}}
(
    hour DateTime('UTC') COMMENT 'Hour in which they were judged',
    reason String COMMENT 'below_threshold, suppressed, maintenance, storm or probe_network',
    detail String COMMENT 'Suppression, or the threshold that was not reached',
    rule_id String COMMENT 'Rule; * for all, where an hour held too many',
    region_code String COMMENT 'Region; its province or * where an hour held too many',
    findings UInt64 COMMENT 'Findings that made no alert, or of which rooms were not told'
)
SQL SECURITY INVOKER
AS SELECT hour, count.1 AS reason, count.2 AS detail, count.3 AS rule_id, count.4 AS region_code, count.5 AS findings
FROM (SELECT hour, arrayJoin(counts) AS count FROM {{database}}.alert_held_rows FINAL);
CREATE VIEW IF NOT EXISTS {{database}}.alert_cases {{on_cluster}}
(
    case_id String COMMENT 'Id of the case',
    title String COMMENT 'What it is about',
    kind String COMMENT 'entity, or campaign: the same mark in several regions',
    keys Array(String) COMMENT 'What links its alerts, as type:value',
    alerts Array(String) COMMENT 'Its alerts',
    regions Array(String) COMMENT 'Regions of its alerts',
    attack Array(String) COMMENT 'ATT&CK techniques',
    severity String COMMENT 'Of its worst alert',
    first_seen DateTime64(3, 'UTC') COMMENT 'Event time of its first finding',
    last_seen DateTime64(3, 'UTC') COMMENT 'Event time of its last finding',
    merged_into String COMMENT 'Of a merged one: the case that it is part of',
    version UInt64 COMMENT 'Counts up with every change'
)
SQL SECURITY INVOKER
AS SELECT case_id, title, kind, keys, alerts, regions, attack, severity, first_seen, last_seen, merged_into, version
FROM {{database}}.alert_cases_rows FINAL;

CREATE VIEW IF NOT EXISTS {{database}}.alert_suppressions {{on_cluster}}
(
    suppression_id String COMMENT 'Id',
    kind String COMMENT 'suppression or maintenance',
    owner_name String COMMENT 'Who answers for it',
    reason String COMMENT 'Why',
    valid_from DateTime64(3, 'UTC') COMMENT 'Event times from here on',
    valid_until DateTime64(3, 'UTC') COMMENT 'Event times before this',
    room String COMMENT 'Room that made it',
    region_code String COMMENT 'Region of that room: it acts there and beneath; of the centre everywhere',
    match String COMMENT 'What it holds back, as JSON',
    max_severity String COMMENT 'The most severe that it holds back',
    made_at DateTime64(3, 'UTC') COMMENT 'When it was made',
    made_by String COMMENT 'Who made it',
    approved_by String COMMENT 'Second person, where one is needed',
    ended_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Ended before its time',
    findings UInt64 COMMENT 'What it has swallowed',
    version UInt64 COMMENT 'Counts up with every change'
)
SQL SECURITY INVOKER
AS SELECT suppression_id, kind, owner_name, reason, valid_from, valid_until, room, region_code, match, max_severity, made_at, made_by, approved_by, ended_at, findings, version
FROM {{database}}.alert_suppressions_rows FINAL;

