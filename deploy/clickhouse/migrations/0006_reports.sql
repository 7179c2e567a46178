-- Reports are few among many events.
ALTER TABLE {{database}}.events {{on_cluster}} ADD INDEX IF NOT EXISTS by_dataset dataset TYPE set(64) GRANULARITY 4;

-- What Operation Rooms reported, each receipt once: a room whose request was not answered sends it again, with the same receipt. Whoever asks sees
-- what their own row policies let them see of the events.
CREATE VIEW IF NOT EXISTS {{database}}.reports {{on_cluster}}
(
    receipt String COMMENT 'Receipt number: LAP an incident, NIL nothing to report (nihil)',
    kind String COMMENT 'incident or nihil',
    room String COMMENT 'Operation Room that filed it',
    region_code String COMMENT 'Region of the room, by its key',
    owner String COMMENT 'Organisation that runs the room',
    reported_at DateTime64(3, 'UTC') COMMENT 'When the collector received it',
    discovered_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the incident was discovered; the clocks count from here',
    category String COMMENT 'Category of the incident',
    severity String COMMENT 'Severity by the room: informational, low, medium, high, critical',
    asset String COMMENT 'Affected asset, as the room named it',
    asset_id String COMMENT 'The same, where it is an asset of the configuration',
    iiv UInt8 COMMENT '1: vital information infrastructure is concerned',
    iiv_due Nullable(DateTime64(3, 'UTC')) COMMENT 'Discovery and 1 x 24 hours, where it is (BSSN regulation 1/2024)',
    personal_data UInt8 COMMENT '1: personal data was exposed',
    personal_data_due Nullable(DateTime64(3, 'UTC')) COMMENT 'Discovery and 3 x 24 hours, where it was (law 27/2022)',
    contact_name String COMMENT 'Who reports',
    contact_organisation String COMMENT 'Organisation of the reporter',
    contact_email String COMMENT 'E-mail of the reporter',
    contact_phone String COMMENT 'Phone of the reporter, as a token',
    description String COMMENT 'What happened',
    chronology String COMMENT 'In which order',
    impact String COMMENT 'What it harms',
    attachments String COMMENT 'JSON list: name, sha256 and bytes of each; the bytes lie with the collector',
    due Nullable(DateTime64(3, 'UTC')) COMMENT 'Of nihil: the due time that it counts for',
    late UInt8 COMMENT 'Of nihil, 1: it came after the grace of that time',
    note String COMMENT 'Of nihil: what the room added',
    election String COMMENT 'Election whose window it was filed in',
    phase String COMMENT 'Phase of that election in the region'
)
SQL SECURITY INVOKER
AS SELECT
    event_code AS receipt,
    fields['siaga.report.kind'] AS kind,
    source_id AS room,
    region_code,
    owner,
    timestamp AS reported_at,
    parseDateTime64BestEffortOrNull(fields['siaga.report.discovered_at'], 3, 'UTC') AS discovered_at,
    fields['siaga.report.category'] AS category,
    fields['siaga.report.severity'] AS severity,
    fields['siaga.report.asset'] AS asset,
    asset_id,
    fields['siaga.report.iiv'] = 'true' AS iiv,
    parseDateTime64BestEffortOrNull(fields['siaga.report.iiv_due'], 3, 'UTC') AS iiv_due,
    fields['siaga.report.personal_data'] = 'true' AS personal_data,
    parseDateTime64BestEffortOrNull(fields['siaga.report.personal_data_due'], 3, 'UTC') AS personal_data_due,
    fields['siaga.report.contact.name'] AS contact_name,
    fields['siaga.report.contact.organisation'] AS contact_organisation,
    fields['siaga.report.contact.email'] AS contact_email,
    fields['siaga.report.contact.phone'] AS contact_phone,
    JSONExtractString(message, 'description') AS description,
    JSONExtractString(message, 'chronology') AS chronology,
    JSONExtractString(message, 'impact') AS impact,
    fields['siaga.report.attachments'] AS attachments,
    parseDateTime64BestEffortOrNull(fields['siaga.report.due'], 3, 'UTC') AS due,
    fields['siaga.report.late'] = 'true' AS late,
    fields['siaga.report.note'] AS note,
    election,
    phase
FROM {{database}}.events
WHERE dataset = 'siaga.report'
ORDER BY _offset
LIMIT 1 BY receipt;
