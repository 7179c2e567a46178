-- Views that people query by name: an Indonesian one and an English twin, which answer the same rows. First stand names and local times, then every
-- column of what lies beneath, as it is: a condition on those (region_code, timestamp, election, phase ...) reaches sort key and skip indexes.
-- Names come from region_names and asset_names through arrays: an unused one costs nothing for a row, and each reader's row policies hold (ADR 35).
-- The parts of events by the hour come from activity_hours. Where there is no name the code stands; unknown regions count as WIB.
CREATE VIEW IF NOT EXISTS {{database}}.peristiwa {{on_cluster}}
(
    waktu_wib DateTime64(3, 'Asia/Jakarta') COMMENT 'Waktu kejadian, WIB (UTC+7)',
    waktu_setempat String COMMENT 'Waktu kejadian, jam setempat dengan nama zonanya',
    zona String COMMENT 'Zona waktu wilayah: WIB, WITA atau WIT',
    wilayah String COMMENT 'Nama wilayah',
    provinsi String COMMENT 'Nama provinsinya',
    aset String COMMENT 'Nama aset',
    tahapan String COMMENT 'Nama tahapan pemilihan',
    skor UInt8 COMMENT 'Skor 0 sampai 100: peluang bahwa seseorang perlu melihatnya',
    timestamp DateTime64(3, 'UTC') COMMENT 'Waktu kejadian menurut jam perangkat',
    received_at DateTime64(3, 'UTC') COMMENT 'Waktu diterima pengumpul',
    ingested_at DateTime64(3, 'UTC') COMMENT 'Waktu disimpan',
    retain_until DateTime COMMENT 'Disimpan paling tidak sampai',
    event_id String COMMENT 'Nomor kejadian',
    source_id LowCardinality(String) COMMENT 'Sumber log',
    dataset LowCardinality(String) COMMENT 'Format log',
    message String COMMENT 'Baris asli, nomor warga diganti token',
    tags Array(String) COMMENT 'Tanda dari pemrosesan',
    region_code LowCardinality(String) COMMENT 'Kode wilayah Kemendagri',
    owner String COMMENT 'Organisasi pemilik data',
    asset_id String COMMENT 'Aset',
    asset_criticality String COMMENT 'Kekritisan aset',
    election String COMMENT 'Pemilihan',
    phase String COMMENT 'Tahapan pemilihan',
    event_category String COMMENT 'Kategori kejadian',
    event_action String COMMENT 'Apa yang dilakukan',
    event_outcome String COMMENT 'Hasil: success, failure atau unknown',
    event_code String COMMENT 'Kode kejadian dari perangkat',
    event_severity UInt8 COMMENT 'Tingkat menurut perangkat, 0 sampai 100',
    log_level String COMMENT 'Tingkat log',
    host_name String COMMENT 'Nama host',
    process_name String COMMENT 'Nama program',
    process_pid UInt32 COMMENT 'Nomor proses',
    process_command_line String COMMENT 'Perintah yang dijalankan',
    user_name String COMMENT 'Pengguna yang bertindak atau dicoba',
    user_target_name String COMMENT 'Pengguna yang dituju',
    source_ip String COMMENT 'Alamat asal',
    source_port UInt16 COMMENT 'Port asal',
    source_country String COMMENT 'Negara alamat asal',
    source_asn UInt32 COMMENT 'Nomor jaringan (ASN) alamat asal',
    source_as_name String COMMENT 'Organisasi jaringan asal',
    source_scope String COMMENT 'Jenis alamat asal',
    source_scanner String COMMENT 'Pemindai internet yang dikenal',
    destination_ip String COMMENT 'Alamat tujuan',
    destination_port UInt16 COMMENT 'Port tujuan',
    destination_country String COMMENT 'Negara alamat tujuan',
    network_transport String COMMENT 'Protokol transpor',
    network_protocol String COMMENT 'Protokol aplikasi',
    network_bytes UInt64 COMMENT 'Bita dua arah',
    url_original String COMMENT 'Alamat yang diminta, apa adanya',
    url_path String COMMENT 'Jalur tanpa kueri',
    url_domain String COMMENT 'Nama host yang diminta',
    url_registered_domain String COMMENT 'Domain terdaftar',
    http_method String COMMENT 'Metode HTTP',
    http_status_code UInt16 COMMENT 'Kode status HTTP',
    http_version String COMMENT 'Versi HTTP',
    http_response_bytes UInt64 COMMENT 'Ukuran jawaban',
    http_referrer String COMMENT 'Halaman perujuk',
    user_agent_original String COMMENT 'User-Agent',
    user_agent_name String COMMENT 'Peramban atau alat',
    user_agent_os String COMMENT 'Sistem operasi klien',
    user_agent_bot UInt8 COMMENT '1: robot',
    dns_question_name String COMMENT 'Nama yang ditanyakan ke DNS',
    dns_question_type String COMMENT 'Jenis rekaman DNS',
    dns_response_code String COMMENT 'Kode jawaban DNS',
    tls_server_name String COMMENT 'Nama server TLS (SNI)',
    tls_version String COMMENT 'Versi TLS',
    tls_ja3 String COMMENT 'Sidik jari TLS klien',
    file_name String COMMENT 'Nama berkas',
    file_hash String COMMENT 'Hash berkas',
    rule_name String COMMENT 'Tanda tangan dari perangkat',
    observer_vendor String COMMENT 'Pembuat perangkat',
    observer_product String COMMENT 'Produk perangkat',
    fields Map(String, String) COMMENT 'Yang tidak punya kolom sendiri',
    score UInt8 COMMENT 'Skor 0 sampai 100',
    factors Array(Tuple(name String, points Int32, detail String)) COMMENT 'Asal-usul skor',
    rule_ids Array(String) COMMENT 'Aturan Siaga yang cocok',
    score_version String COMMENT 'Versi bobot skor',
    _stream String COMMENT 'Aliran Kafka',
    _partition UInt16 COMMENT 'Partisi Kafka',
    _offset UInt64 COMMENT 'Offset Kafka'
)
SQL SECURITY INVOKER
COMMENT 'Kejadian dengan nama wilayah, aset dan tahapan serta waktu setempat; kembarannya events_named'
AS WITH
    (SELECT (arrayPushBack(groupArray(region_code), ''), arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(zone), 'WIB')) FROM {{database}}.region_names) AS r,
    (SELECT (arrayPushBack(groupArray(asset_id), ''), arrayPushBack(groupArray(name), '')) FROM {{database}}.asset_names) AS a
SELECT
    toTimeZone(timestamp, 'Asia/Jakarta') AS waktu_wib,
    concat(formatDateTime(addHours(timestamp, transform(transform(toString(region_code), r.1, r.3, 'WIB'), ['WIB', 'WITA', 'WIT'], [7, 8, 9], 7)), '%F %T'), ' ', transform(toString(region_code), r.1, r.3, 'WIB')) AS waktu_setempat,
    transform(toString(region_code), r.1, r.3, 'WIB') AS zona,
    transform(toString(region_code), r.1, r.2, '') AS wilayah,
    transform(substring(toString(region_code), 1, 2), r.1, r.2, '') AS provinsi,
    transform(asset_id, a.1, a.2, asset_id) AS aset,
    transform(phase, ['persiapan', 'kampanye', 'masa_tenang', 'pemungutan', 'rekapitulasi', 'sengketa'], ['persiapan', 'kampanye', 'masa tenang', 'pemungutan suara', 'rekapitulasi', 'sengketa hasil'], phase) AS tahapan,
    score AS skor,
    timestamp, received_at, ingested_at, retain_until, event_id, source_id, dataset, message, tags, region_code, owner, asset_id, asset_criticality,
    election, phase, event_category, event_action, event_outcome, event_code, event_severity, log_level, host_name, process_name, process_pid,
    process_command_line, user_name, user_target_name, source_ip, source_port, source_country, source_asn, source_as_name, source_scope,
    source_scanner, destination_ip, destination_port, destination_country, network_transport, network_protocol, network_bytes, url_original, url_path,
    url_domain, url_registered_domain, http_method, http_status_code, http_version, http_response_bytes, http_referrer, user_agent_original,
    user_agent_name, user_agent_os, user_agent_bot, dns_question_name, dns_question_type, dns_response_code, tls_server_name, tls_version, tls_ja3,
    file_name, file_hash, rule_name, observer_vendor, observer_product, fields, score, factors, rule_ids, score_version, _stream, _partition, _offset
FROM {{database}}.events;

CREATE VIEW IF NOT EXISTS {{database}}.events_named {{on_cluster}}
(
    time_wib DateTime64(3, 'Asia/Jakarta') COMMENT 'When it happened, WIB (UTC+7)',
    time_local String COMMENT 'When it happened, local time of the region with the name of its zone',
    zone String COMMENT 'Time zone of the region: WIB, WITA or WIT',
    region String COMMENT 'Name of the region',
    province String COMMENT 'Name of its province',
    asset String COMMENT 'Name of the asset',
    phase_name String COMMENT 'Name of the phase',
    timestamp DateTime64(3, 'UTC') COMMENT 'When it happened, by the clock of the device (clamped to received_at if in the future)',
    received_at DateTime64(3, 'UTC') COMMENT 'When a collector received it',
    ingested_at DateTime64(3, 'UTC') COMMENT 'When it was landed here; one value for all rows of an insert',
    retain_until DateTime COMMENT 'The row may be removed after this time',
    event_id String COMMENT 'Id given by the collector; a repeat from the sender carries the same id',
    source_id LowCardinality(String) COMMENT 'Configured source that sent it',
    dataset LowCardinality(String) COMMENT 'Format that parsed it, such as sshd or nginx.access',
    message String COMMENT 'The line as received, citizens\' identifiers replaced by tokens',
    tags Array(String) COMMENT 'Marks set on the way, such as clock_future, year_guessed, truncated, unknown_peer',
    region_code LowCardinality(String) COMMENT 'Kemendagri code of the region; 00 national, empty unknown',
    owner String COMMENT 'Organisation whose data this is (kpu, bawaslu, pemda ...)',
    asset_id String COMMENT 'Asset that the event is about',
    asset_criticality String COMMENT 'Criticality of the asset: low, medium, high, critical',
    election String COMMENT 'Election whose window it falls in, such as pilkada-2024',
    phase String COMMENT 'Phase of that election in the region at that time',
    event_category String COMMENT 'authentication, web, network, intrusion_detection, process, session, iam, host ...',
    event_action String COMMENT 'What was done, such as ssh_login',
    event_outcome String COMMENT 'success, failure or unknown',
    event_code String COMMENT 'Id that the device gives this kind of event',
    event_severity UInt8 COMMENT 'Severity by the device, mapped to 0 (none) to 100',
    log_level String COMMENT 'Level written by the program',
    host_name String COMMENT 'Host that wrote the line',
    process_name String COMMENT 'Program that wrote the line',
    process_pid UInt32 COMMENT 'Process id, 0 unknown',
    process_command_line String COMMENT 'Command that was run',
    user_name String COMMENT 'User who acted or was tried',
    user_target_name String COMMENT 'User who was acted on or switched to',
    source_ip String COMMENT 'Address the activity came from',
    source_port UInt16 COMMENT 'Port at the source, 0 unknown',
    source_country String COMMENT 'Country of the source address, ISO 3166-1',
    source_asn UInt32 COMMENT 'Autonomous system of the source address, 0 unknown',
    source_as_name String COMMENT 'Organisation of that autonomous system',
    source_scope String COMMENT 'public, private, loopback, link_local, cgnat, reserved, or empty',
    source_scanner String COMMENT 'Known internet scanner that owns the source address or agent',
    destination_ip String COMMENT 'Address the activity went to',
    destination_port UInt16 COMMENT 'Port at the destination, 0 unknown',
    destination_country String COMMENT 'Country of the destination address',
    network_transport String COMMENT 'tcp, udp, icmp ...',
    network_protocol String COMMENT 'Application protocol: http, dns, tls, ssh ...',
    network_bytes UInt64 COMMENT 'Bytes in both directions',
    url_original String COMMENT 'Request target as logged',
    url_path String COMMENT 'Path without query',
    url_domain String COMMENT 'Host asked for',
    url_registered_domain String COMMENT 'Registrable domain of that host (public suffix list)',
    http_method String COMMENT 'Request method in capitals',
    http_status_code UInt16 COMMENT 'Response status, 0 none',
    http_version String COMMENT 'Such as 1.1 or 2.0',
    http_response_bytes UInt64 COMMENT 'Size of the response',
    http_referrer String COMMENT 'Referer header',
    user_agent_original String COMMENT 'User-Agent header',
    user_agent_name String COMMENT 'Browser or tool',
    user_agent_os String COMMENT 'Operating system of the agent',
    user_agent_bot UInt8 COMMENT '1 if the agent says or shows that it is a robot',
    dns_question_name String COMMENT 'Name asked for',
    dns_question_type String COMMENT 'Record type asked for',
    dns_response_code String COMMENT 'Answer code',
    tls_server_name String COMMENT 'SNI',
    tls_version String COMMENT 'Protocol version',
    tls_ja3 String COMMENT 'JA3 or JA4 fingerprint of the client',
    file_name String COMMENT 'File seen or written',
    file_hash String COMMENT 'Hash of that file, hex',
    rule_name String COMMENT 'Signature of the device that raised it (Suricata, CEF ...)',
    observer_vendor String COMMENT 'Maker of the device',
    observer_product String COMMENT 'Product of the device',
    fields Map(String, String) COMMENT 'What the format holds beyond the columns, dotted names',
    score UInt8 COMMENT 'Chance in a hundred that a person should look',
    factors Array(Tuple(name String, points Int32, detail String)) COMMENT 'How the score came about: each factor with its points and what it saw',
    rule_ids Array(String) COMMENT 'Our detections that matched',
    score_version String COMMENT 'Version of the weights that gave the score',
    _stream String COMMENT 'Id of the Kafka topic incarnation',
    _partition UInt16 COMMENT 'Kafka partition',
    _offset UInt64 COMMENT 'Kafka offset; (_stream, _partition, _offset) is unique'
)
SQL SECURITY INVOKER
COMMENT 'Events with the names of regions, assets and phases, and local time; in Indonesian: peristiwa'
AS WITH
    (SELECT (arrayPushBack(groupArray(region_code), ''), arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(zone), 'WIB')) FROM {{database}}.region_names) AS r,
    (SELECT (arrayPushBack(groupArray(asset_id), ''), arrayPushBack(groupArray(name), '')) FROM {{database}}.asset_names) AS a
SELECT
    toTimeZone(timestamp, 'Asia/Jakarta') AS time_wib,
    concat(formatDateTime(addHours(timestamp, transform(transform(toString(region_code), r.1, r.3, 'WIB'), ['WIB', 'WITA', 'WIT'], [7, 8, 9], 7)), '%F %T'), ' ', transform(toString(region_code), r.1, r.3, 'WIB')) AS time_local,
    transform(toString(region_code), r.1, r.3, 'WIB') AS zone,
    transform(toString(region_code), r.1, r.2, '') AS region,
    transform(substring(toString(region_code), 1, 2), r.1, r.2, '') AS province,
    transform(asset_id, a.1, a.2, asset_id) AS asset,
    transform(phase, ['persiapan', 'kampanye', 'masa_tenang', 'pemungutan', 'rekapitulasi', 'sengketa'], ['preparation', 'campaign', 'quiet days', 'voting', 'count', 'disputes'], phase) AS phase_name,
    timestamp, received_at, ingested_at, retain_until, event_id, source_id, dataset, message, tags, region_code, owner, asset_id, asset_criticality,
    election, phase, event_category, event_action, event_outcome, event_code, event_severity, log_level, host_name, process_name, process_pid,
    process_command_line, user_name, user_target_name, source_ip, source_port, source_country, source_asn, source_as_name, source_scope,
    source_scanner, destination_ip, destination_port, destination_country, network_transport, network_protocol, network_bytes, url_original, url_path,
    url_domain, url_registered_domain, http_method, http_status_code, http_version, http_response_bytes, http_referrer, user_agent_original,
    user_agent_name, user_agent_os, user_agent_bot, dns_question_name, dns_question_type, dns_response_code, tls_server_name, tls_version, tls_ja3,
    file_name, file_hash, rule_name, observer_vendor, observer_product, fields, score, factors, rule_ids, score_version, _stream, _partition, _offset
FROM {{database}}.events;

CREATE VIEW IF NOT EXISTS {{database}}.peringatan {{on_cluster}}
(
    terakhir_wib DateTime64(3, 'Asia/Jakarta') COMMENT 'Temuan terakhir, WIB (UTC+7)',
    terakhir_setempat String COMMENT 'Temuan terakhir, jam setempat dengan nama zonanya',
    zona String COMMENT 'Zona waktu wilayah: WIB, WITA atau WIT',
    wilayah String COMMENT 'Nama wilayah',
    provinsi String COMMENT 'Nama provinsinya',
    aset String COMMENT 'Nama aset',
    tahapan String COMMENT 'Nama tahapan pemilihan',
    tingkat String COMMENT 'Tingkat: kritis, tinggi, sedang, rendah atau informasi',
    skor UInt8 COMMENT 'Skor 0 sampai 100: peluang bahwa seseorang perlu melihatnya',
    keadaan String COMMENT 'terbuka, ditanggapi, ditangani, selesai, positif palsu, risiko diterima atau digabung',
    dibuka_wib DateTime64(3, 'Asia/Jakarta') COMMENT 'Waktu dibuat, WIB (UTC+7)',
    alert_id String COMMENT 'Nomor peringatan',
    dedup_key String COMMENT 'Kesamaan temuan-temuannya',
    kind String COMMENT 'findings, atau storm: lebih banyak hal daripada yang dapat dibaca orang',
    status String COMMENT 'Status: open, acknowledged, in_work, resolved, false_positive, accepted atau merged',
    rule_id String COMMENT 'Aturan dari temuan terberat',
    title String COMMENT 'Isi temuan terberat dalam satu baris',
    severity String COMMENT 'Tingkat temuan terberat',
    score UInt8 COMMENT 'Skor temuan terberat',
    region_code String COMMENT 'Kode wilayah Kemendagri',
    owner String COMMENT 'Organisasi pemilik data; kosong bila beberapa',
    asset_id String COMMENT 'Aset',
    entity String COMMENT 'Tentang siapa atau apa, sebagai jenis:nilai',
    first_seen DateTime64(3, 'UTC') COMMENT 'Waktu kejadian temuan pertama',
    last_seen DateTime64(3, 'UTC') COMMENT 'Waktu kejadian temuan terakhir',
    opened_at DateTime64(3, 'UTC') COMMENT 'Waktu dibuat oleh Siaga',
    changed_at DateTime64(3, 'UTC') COMMENT 'Waktu perubahan terakhir',
    findings UInt64 COMMENT 'Banyaknya temuan',
    findings_exact UInt8 COMMENT '0: perkiraan, meleset paling banyak 3 persen',
    matters UInt64 COMMENT 'Banyaknya hal berbeda dalam storm; selain itu 1',
    rules Array(Tuple(rule_id String, title String, severity String, score UInt8, findings UInt64)) COMMENT 'Aturan-aturannya',
    attack Array(String) COMMENT 'Teknik ATT&CK semua temuan',
    worst String COMMENT 'Temuan terberat dengan bukti dan asal skor, sebagai JSON',
    election String COMMENT 'Pemilihan saat peringatan dimulai',
    phase String COMMENT 'Tahapan pemilihan itu di wilayahnya',
    merged_into String COMMENT 'Bila digabung: peringatan induknya',
    assignee String COMMENT 'Pemegang',
    acknowledged_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Terakhir ditanggapi',
    acknowledged_by String COMMENT 'Yang menanggapi',
    case_id String COMMENT 'Kasus',
    version UInt64 COMMENT 'Bertambah pada setiap perubahan'
)
SQL SECURITY INVOKER
COMMENT 'Peringatan dengan nama wilayah dan aset serta waktu setempat; kembarannya alerts_named'
AS WITH
    (SELECT (arrayPushBack(groupArray(region_code), ''), arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(zone), 'WIB')) FROM {{database}}.region_names) AS r,
    (SELECT (arrayPushBack(groupArray(asset_id), ''), arrayPushBack(groupArray(name), '')) FROM {{database}}.asset_names) AS a
SELECT
    toTimeZone(last_seen, 'Asia/Jakarta') AS terakhir_wib,
    concat(formatDateTime(addHours(last_seen, transform(transform(toString(region_code), r.1, r.3, 'WIB'), ['WIB', 'WITA', 'WIT'], [7, 8, 9], 7)), '%F %T'), ' ', transform(toString(region_code), r.1, r.3, 'WIB')) AS terakhir_setempat,
    transform(toString(region_code), r.1, r.3, 'WIB') AS zona,
    transform(toString(region_code), r.1, r.2, '') AS wilayah,
    transform(substring(toString(region_code), 1, 2), r.1, r.2, '') AS provinsi,
    transform(asset_id, a.1, a.2, asset_id) AS aset,
    transform(phase, ['persiapan', 'kampanye', 'masa_tenang', 'pemungutan', 'rekapitulasi', 'sengketa'], ['persiapan', 'kampanye', 'masa tenang', 'pemungutan suara', 'rekapitulasi', 'sengketa hasil'], phase) AS tahapan,
    transform(severity, ['critical', 'high', 'medium', 'low', 'informational'], ['kritis', 'tinggi', 'sedang', 'rendah', 'informasi'], severity) AS tingkat,
    score AS skor,
    transform(status, ['open', 'acknowledged', 'in_work', 'resolved', 'false_positive', 'accepted', 'merged'], ['terbuka', 'ditanggapi', 'ditangani', 'selesai', 'positif palsu', 'risiko diterima', 'digabung'], status) AS keadaan,
    toTimeZone(opened_at, 'Asia/Jakarta') AS dibuka_wib,
    alert_id, dedup_key, kind, status, rule_id, title, severity, score, region_code, owner, asset_id, entity, first_seen, last_seen, opened_at,
    changed_at, findings, findings_exact, matters, rules, attack, worst, election, phase, merged_into, assignee, acknowledged_at, acknowledged_by,
    case_id, version
FROM {{database}}.alerts;

CREATE VIEW IF NOT EXISTS {{database}}.alerts_named {{on_cluster}}
(
    last_seen_wib DateTime64(3, 'Asia/Jakarta') COMMENT 'Last finding, WIB (UTC+7)',
    last_seen_local String COMMENT 'Last finding, local time of the region with the name of its zone',
    zone String COMMENT 'Time zone of the region: WIB, WITA or WIT',
    region String COMMENT 'Name of the region',
    province String COMMENT 'Name of its province',
    asset String COMMENT 'Name of the asset',
    phase_name String COMMENT 'Name of the phase',
    opened_wib DateTime64(3, 'Asia/Jakarta') COMMENT 'When Siaga made it, WIB (UTC+7)',
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
COMMENT 'Alerts with the names of regions and assets, and local time; in Indonesian: peringatan'
AS WITH
    (SELECT (arrayPushBack(groupArray(region_code), ''), arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(zone), 'WIB')) FROM {{database}}.region_names) AS r,
    (SELECT (arrayPushBack(groupArray(asset_id), ''), arrayPushBack(groupArray(name), '')) FROM {{database}}.asset_names) AS a
SELECT
    toTimeZone(last_seen, 'Asia/Jakarta') AS last_seen_wib,
    concat(formatDateTime(addHours(last_seen, transform(transform(toString(region_code), r.1, r.3, 'WIB'), ['WIB', 'WITA', 'WIT'], [7, 8, 9], 7)), '%F %T'), ' ', transform(toString(region_code), r.1, r.3, 'WIB')) AS last_seen_local,
    transform(toString(region_code), r.1, r.3, 'WIB') AS zone,
    transform(toString(region_code), r.1, r.2, '') AS region,
    transform(substring(toString(region_code), 1, 2), r.1, r.2, '') AS province,
    transform(asset_id, a.1, a.2, asset_id) AS asset,
    transform(phase, ['persiapan', 'kampanye', 'masa_tenang', 'pemungutan', 'rekapitulasi', 'sengketa'], ['preparation', 'campaign', 'quiet days', 'voting', 'count', 'disputes'], phase) AS phase_name,
    toTimeZone(opened_at, 'Asia/Jakarta') AS opened_wib,
    alert_id, dedup_key, kind, status, rule_id, title, severity, score, region_code, owner, asset_id, entity, first_seen, last_seen, opened_at,
    changed_at, findings, findings_exact, matters, rules, attack, worst, election, phase, merged_into, assignee, acknowledged_at, acknowledged_by,
    case_id, version
FROM {{database}}.alerts;

CREATE VIEW IF NOT EXISTS {{database}}.temuan {{on_cluster}}
(
    waktu_wib DateTime64(3, 'Asia/Jakarta') COMMENT 'Kejadian terakhir, WIB (UTC+7)',
    waktu_setempat String COMMENT 'Kejadian terakhir, jam setempat dengan nama zonanya',
    zona String COMMENT 'Zona waktu wilayah: WIB, WITA atau WIT',
    wilayah String COMMENT 'Nama wilayah',
    provinsi String COMMENT 'Nama provinsinya',
    aset String COMMENT 'Nama aset',
    tingkat String COMMENT 'Tingkat: kritis, tinggi, sedang, rendah atau informasi',
    skor UInt8 COMMENT 'Skor 0 sampai 100: peluang bahwa seseorang perlu melihatnya',
    finding_id String COMMENT 'Nomor temuan',
    rule_id String COMMENT 'Aturan',
    title String COMMENT 'Isi temuan dalam satu baris',
    severity String COMMENT 'Tingkat: informational, low, medium, high atau critical',
    attack Array(String) COMMENT 'Teknik ATT&CK',
    event_id String COMMENT 'Kejadian; dari beberapa yang terakhir',
    source_id String COMMENT 'Sumber log; kosong bila beberapa',
    region_code String COMMENT 'Kode wilayah Kemendagri',
    owner String COMMENT 'Organisasi pemilik data; kosong bila beberapa',
    asset_id String COMMENT 'Aset',
    entity String COMMENT 'Tentang siapa atau apa, sebagai jenis:nilai',
    evidence Array(Tuple(field String, value String)) COMMENT 'Yang terlihat: bidang dan nilai',
    window_start DateTime64(3, 'UTC') COMMENT 'Waktu kejadian pertama',
    window_end DateTime64(3, 'UTC') COMMENT 'Waktu kejadian terakhir',
    score UInt8 COMMENT 'Skor 0 sampai 100',
    dedup_key String COMMENT 'Temuan dengan kunci sama tentang hal yang sama',
    landed_at DateTime64(3, 'UTC') COMMENT 'Waktu disimpan'
)
SQL SECURITY INVOKER
COMMENT 'Temuan dengan nama wilayah dan aset serta waktu setempat; kembarannya findings_named'
AS WITH
    (SELECT (arrayPushBack(groupArray(region_code), ''), arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(zone), 'WIB')) FROM {{database}}.region_names) AS r,
    (SELECT (arrayPushBack(groupArray(asset_id), ''), arrayPushBack(groupArray(name), '')) FROM {{database}}.asset_names) AS a
SELECT
    toTimeZone(window_end, 'Asia/Jakarta') AS waktu_wib,
    concat(formatDateTime(addHours(window_end, transform(transform(toString(region_code), r.1, r.3, 'WIB'), ['WIB', 'WITA', 'WIT'], [7, 8, 9], 7)), '%F %T'), ' ', transform(toString(region_code), r.1, r.3, 'WIB')) AS waktu_setempat,
    transform(toString(region_code), r.1, r.3, 'WIB') AS zona,
    transform(toString(region_code), r.1, r.2, '') AS wilayah,
    transform(substring(toString(region_code), 1, 2), r.1, r.2, '') AS provinsi,
    transform(asset_id, a.1, a.2, asset_id) AS aset,
    transform(severity, ['critical', 'high', 'medium', 'low', 'informational'], ['kritis', 'tinggi', 'sedang', 'rendah', 'informasi'], severity) AS tingkat,
    score AS skor,
    finding_id, rule_id, title, severity, attack, event_id, source_id, region_code, owner, asset_id, entity, evidence, window_start, window_end,
    score, dedup_key, landed_at
FROM {{database}}.findings;

CREATE VIEW IF NOT EXISTS {{database}}.findings_named {{on_cluster}}
(
    time_wib DateTime64(3, 'Asia/Jakarta') COMMENT 'Last event, WIB (UTC+7)',
    time_local String COMMENT 'Last event, local time of the region with the name of its zone',
    zone String COMMENT 'Time zone of the region: WIB, WITA or WIT',
    region String COMMENT 'Name of the region',
    province String COMMENT 'Name of its province',
    asset String COMMENT 'Name of the asset',
    finding_id String COMMENT 'Id of the finding, unique here',
    rule_id String COMMENT 'Rule that says it',
    title String COMMENT 'What the rule says, in a line',
    severity String COMMENT 'informational, low, medium, high or critical',
    attack Array(String) COMMENT 'ATT&CK techniques',
    event_id String COMMENT 'Event it is about; of several the last one',
    source_id String COMMENT 'Source of the event, empty if there are several',
    region_code String COMMENT 'Kemendagri code of the region; 00 national, empty unknown',
    owner String COMMENT 'Organisation whose data it rests on; empty if there are several',
    asset_id String COMMENT 'Asset that it is about',
    entity String COMMENT 'Who or what it is about, as type:value, such as source_ip:192.0.2.1',
    evidence Array(Tuple(field String, value String)) COMMENT 'What was seen: fields and values',
    window_start DateTime64(3, 'UTC') COMMENT 'Event time of the first event',
    window_end DateTime64(3, 'UTC') COMMENT 'Event time of the last event',
    score UInt8 COMMENT 'Chance in a hundred that a person should look',
    dedup_key String COMMENT 'Findings with the same key are about the same thing',
    landed_at DateTime64(3, 'UTC') COMMENT 'When it was landed here'
)
SQL SECURITY INVOKER
COMMENT 'Findings with the names of regions and assets, and local time; in Indonesian: temuan'
AS WITH
    (SELECT (arrayPushBack(groupArray(region_code), ''), arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(zone), 'WIB')) FROM {{database}}.region_names) AS r,
    (SELECT (arrayPushBack(groupArray(asset_id), ''), arrayPushBack(groupArray(name), '')) FROM {{database}}.asset_names) AS a
SELECT
    toTimeZone(window_end, 'Asia/Jakarta') AS time_wib,
    concat(formatDateTime(addHours(window_end, transform(transform(toString(region_code), r.1, r.3, 'WIB'), ['WIB', 'WITA', 'WIT'], [7, 8, 9], 7)), '%F %T'), ' ', transform(toString(region_code), r.1, r.3, 'WIB')) AS time_local,
    transform(toString(region_code), r.1, r.3, 'WIB') AS zone,
    transform(toString(region_code), r.1, r.2, '') AS region,
    transform(substring(toString(region_code), 1, 2), r.1, r.2, '') AS province,
    transform(asset_id, a.1, a.2, asset_id) AS asset,
    finding_id, rule_id, title, severity, attack, event_id, source_id, region_code, owner, asset_id, entity, evidence, window_start, window_end,
    score, dedup_key, landed_at
FROM {{database}}.findings;

CREATE VIEW IF NOT EXISTS {{database}}.sumber {{on_cluster}}
(
    keadaan String COMMENT 'terdengar, diam, sepi seperti biasa, belum dapat dinilai atau belum pernah terdengar',
    terakhir_wib Nullable(DateTime64(3, 'Asia/Jakarta')) COMMENT 'Terakhir terdengar, WIB (UTC+7); bila terdengar: perubahan keadaan terakhir; kosong: belum pernah',
    zona String COMMENT 'Zona waktu wilayah: WIB, WITA atau WIT',
    wilayah String COMMENT 'Nama wilayah',
    provinsi String COMMENT 'Nama provinsinya',
    aset String COMMENT 'Nama aset',
    source_id String COMMENT 'Sumber; untuk situs yang diperiksa probe:ASET',
    kind String COMMENT 'source atau probe',
    region_code String COMMENT 'Kode wilayah Kemendagri',
    owner String COMMENT 'Organisasi pemilik data',
    asset_id String COMMENT 'Aset',
    state String COMMENT 'Keadaan: live, silent, quiet, unjudged atau never',
    counted_as String COMMENT 'Keadaan yang dihitung untuk wilayahnya',
    since DateTime64(3, 'UTC') COMMENT 'Sejak kapan',
    last_event DateTime64(3, 'UTC') COMMENT 'Terakhir terdengar; 1970: belum pernah. Bila live: perubahan keadaan terakhir',
    expected_at DateTime64(3, 'UTC') COMMENT 'Bila sepi: kapan biasanya terdengar lagi; 1970: tidak diketahui',
    reason String COMMENT 'Sebabnya',
    changed_at DateTime64(3, 'UTC') COMMENT 'Waktu diketahui'
)
SQL SECURITY INVOKER
COMMENT 'Sumber log: terdengar atau diam, dengan nama wilayah dan aset; kembarannya sources_now'
AS WITH
    (SELECT (arrayPushBack(groupArray(region_code), ''), arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(zone), 'WIB')) FROM {{database}}.region_names) AS r,
    (SELECT (arrayPushBack(groupArray(asset_id), ''), arrayPushBack(groupArray(name), '')) FROM {{database}}.asset_names) AS a
SELECT
    transform(state, ['live', 'silent', 'quiet', 'unjudged', 'never'], ['terdengar', 'diam', 'sepi seperti biasa', 'belum dapat dinilai', 'belum pernah terdengar'], state) AS keadaan,
    toTimeZone(nullIf(last_event, toDateTime64(0, 3, 'UTC')), 'Asia/Jakarta') AS terakhir_wib,
    transform(toString(region_code), r.1, r.3, 'WIB') AS zona,
    transform(toString(region_code), r.1, r.2, '') AS wilayah,
    transform(substring(toString(region_code), 1, 2), r.1, r.2, '') AS provinsi,
    transform(asset_id, a.1, a.2, asset_id) AS aset,
    source_id, kind, region_code, owner, asset_id, state, counted_as, since, last_event, expected_at, reason, changed_at
FROM {{database}}.source_states_now;

CREATE VIEW IF NOT EXISTS {{database}}.sources_now {{on_cluster}}
(
    last_event_wib Nullable(DateTime64(3, 'Asia/Jakarta')) COMMENT 'When it was last heard, WIB (UTC+7); of a live one when its state last changed; NULL: never',
    zone String COMMENT 'Time zone of the region: WIB, WITA or WIT',
    region String COMMENT 'Name of the region',
    province String COMMENT 'Name of its province',
    asset String COMMENT 'Name of the asset',
    source_id String COMMENT 'Source; of a probed site probe:ASSET',
    kind String COMMENT 'source or probe',
    region_code String COMMENT 'Kemendagri code of the region; 00 national, empty unknown',
    owner String COMMENT 'Organisation whose data it is',
    asset_id String COMMENT 'Asset that its events are about',
    state String COMMENT 'live, silent, quiet, unjudged or never',
    counted_as String COMMENT 'State that its region counts: of an unjudged one the state before',
    since DateTime64(3, 'UTC') COMMENT 'Since when; of a silent or quiet one its last event',
    last_event DateTime64(3, 'UTC') COMMENT 'When it was last heard; 1970: never. Of a live one: when its state last changed',
    expected_at DateTime64(3, 'UTC') COMMENT 'Of a quiet one: when it is usually heard again; 1970: not known',
    reason String COMMENT 'Why, in words',
    changed_at DateTime64(3, 'UTC') COMMENT 'When this was found out'
)
SQL SECURITY INVOKER
COMMENT 'Sources: heard or silent, with the names of regions and assets; in Indonesian: sumber'
AS WITH
    (SELECT (arrayPushBack(groupArray(region_code), ''), arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(zone), 'WIB')) FROM {{database}}.region_names) AS r,
    (SELECT (arrayPushBack(groupArray(asset_id), ''), arrayPushBack(groupArray(name), '')) FROM {{database}}.asset_names) AS a
SELECT
    toTimeZone(nullIf(last_event, toDateTime64(0, 3, 'UTC')), 'Asia/Jakarta') AS last_event_wib,
    transform(toString(region_code), r.1, r.3, 'WIB') AS zone,
    transform(toString(region_code), r.1, r.2, '') AS region,
    transform(substring(toString(region_code), 1, 2), r.1, r.2, '') AS province,
    transform(asset_id, a.1, a.2, asset_id) AS asset,
    source_id, kind, region_code, owner, asset_id, state, counted_as, since, last_event, expected_at, reason, changed_at
FROM {{database}}.source_states_now;

-- Regions in short. One row for each region of which the reader may see anything: events, alerts that are not closed, sources. The parts are added up
-- rather than joined, so that no setting of the reader (join_use_nulls) changes them.
CREATE VIEW IF NOT EXISTS {{database}}.ringkasan_wilayah {{on_cluster}}
(
    region_code String COMMENT 'Kode wilayah Kemendagri; kosong: tidak diketahui',
    wilayah String COMMENT 'Nama wilayah',
    provinsi String COMMENT 'Nama provinsinya',
    zona String COMMENT 'Zona waktu: WIB, WITA atau WIT',
    peristiwa_24j UInt64 COMMENT 'Kejadian dalam 24 jam penuh terakhir dan jam ini',
    gagal_24j UInt64 COMMENT 'Di antaranya yang gagal (event_outcome = failure)',
    skor_tertinggi_24j UInt8 COMMENT 'Skor tertinggi di antaranya',
    terbuka_kritis UInt64 COMMENT 'Peringatan kritis yang belum selesai',
    terbuka_tinggi UInt64 COMMENT 'Peringatan tinggi yang belum selesai',
    terbuka_sedang UInt64 COMMENT 'Peringatan sedang yang belum selesai',
    terbuka_rendah UInt64 COMMENT 'Peringatan rendah atau informasi yang belum selesai',
    pemantauan String COMMENT 'terpantau, sebagian, tidak terpantau atau tanpa sumber',
    sumber UInt64 COMMENT 'Banyaknya sumber log',
    sumber_terdengar UInt64 COMMENT 'Di antaranya yang terdengar, atau sepi seperti biasa',
    terakhir_wib Nullable(DateTime64(3, 'Asia/Jakarta')) COMMENT 'Terakhir terdengar, WIB (UTC+7); kosong: belum pernah'
)
SQL SECURITY INVOKER
COMMENT 'Ringkasan per wilayah: kejadian 24 jam, peringatan terbuka, pemantauan; kembarannya region_summary'
AS WITH
    (SELECT (arrayPushBack(groupArray(region_code), ''), arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(zone), 'WIB')) FROM {{database}}.region_names) AS r
SELECT
    region_code,
    transform(toString(region_code), r.1, r.2, '') AS wilayah,
    transform(substring(toString(region_code), 1, 2), r.1, r.2, '') AS provinsi,
    transform(toString(region_code), r.1, r.3, 'WIB') AS zona,
    sum(n_events) AS peristiwa_24j,
    sum(n_failures) AS gagal_24j,
    max(n_top) AS skor_tertinggi_24j,
    sum(n_critical) AS terbuka_kritis,
    sum(n_high) AS terbuka_tinggi,
    sum(n_medium) AS terbuka_sedang,
    sum(n_low) AS terbuka_rendah,
    if(max(n_sources) = 0 AND max(n_state) = '', 'tanpa sumber', max(n_state)) AS pemantauan,
    max(n_sources) AS sumber,
    max(n_heard) AS sumber_terdengar,
    toTimeZone(nullIf(max(n_last), toDateTime64(0, 3, 'UTC')), 'Asia/Jakarta') AS terakhir_wib
FROM
(
    SELECT region_code, toUInt64(sum(events)) AS n_events, toUInt64(sum(failures)) AS n_failures, toUInt8(max(score_max)) AS n_top, toUInt64(0) AS n_critical, toUInt64(0) AS n_high, toUInt64(0) AS n_medium, toUInt64(0) AS n_low, toUInt64(0) AS n_sources, toUInt64(0) AS n_heard, '' AS n_state, max(last_ingested_at) AS n_last
    FROM {{database}}.activity_hours
    WHERE event_hour >= toStartOfHour(now('UTC')) - INTERVAL 24 HOUR
    GROUP BY region_code
    UNION ALL
    SELECT region_code, toUInt64(0) AS n_events, toUInt64(0) AS n_failures, toUInt8(0) AS n_top, countIf(severity = 'critical') AS n_critical, countIf(severity = 'high') AS n_high, countIf(severity = 'medium') AS n_medium, countIf(severity IN ('low', 'informational')) AS n_low, toUInt64(0) AS n_sources, toUInt64(0) AS n_heard, '' AS n_state, toDateTime64(0, 3, 'UTC') AS n_last
    FROM {{database}}.alerts
    WHERE status IN ('open', 'acknowledged', 'in_work')
    GROUP BY region_code
    UNION ALL
    SELECT region_code, toUInt64(0) AS n_events, toUInt64(0) AS n_failures, toUInt8(0) AS n_top, toUInt64(0) AS n_critical, toUInt64(0) AS n_high, toUInt64(0) AS n_medium, toUInt64(0) AS n_low, max(sources) AS n_sources, max(heard) AS n_heard, max(state) AS n_state, toDateTime64(0, 3, 'UTC') AS n_last
    FROM {{database}}.region_states_now
    GROUP BY region_code
    UNION ALL
    SELECT region_code, toUInt64(0) AS n_events, toUInt64(0) AS n_failures, toUInt8(0) AS n_top, toUInt64(0) AS n_critical, toUInt64(0) AS n_high, toUInt64(0) AS n_medium, toUInt64(0) AS n_low, toUInt64(0) AS n_sources, toUInt64(0) AS n_heard, '' AS n_state, max(last_event) AS n_last
    FROM {{database}}.source_states_now
    GROUP BY region_code
)
GROUP BY region_code;

CREATE VIEW IF NOT EXISTS {{database}}.region_summary {{on_cluster}}
(
    region_code String COMMENT 'Kemendagri code of the region; empty unknown',
    region String COMMENT 'Name of the region',
    province String COMMENT 'Name of its province',
    zone String COMMENT 'Time zone: WIB, WITA or WIT',
    events_24h UInt64 COMMENT 'Events of the last 24 full hours and this one',
    failures_24h UInt64 COMMENT 'Those of them with event_outcome failure',
    score_max_24h UInt8 COMMENT 'Highest score among them',
    open_critical UInt64 COMMENT 'Alerts of severity critical that are not closed',
    open_high UInt64 COMMENT 'Alerts of severity high that are not closed',
    open_medium UInt64 COMMENT 'Alerts of severity medium that are not closed',
    open_low UInt64 COMMENT 'Alerts of severity low or informational that are not closed',
    monitored String COMMENT 'monitored, partly, not monitored or no source',
    sources UInt64 COMMENT 'Sources of the region',
    heard UInt64 COMMENT 'Those that are heard, or quiet as usual',
    last_heard_wib Nullable(DateTime64(3, 'Asia/Jakarta')) COMMENT 'When it was last heard, WIB (UTC+7); NULL: never'
)
SQL SECURITY INVOKER
COMMENT 'Each region in short: events of 24 hours, open alerts, monitored or not; in Indonesian: ringkasan_wilayah'
AS WITH
    (SELECT (arrayPushBack(groupArray(region_code), ''), arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(zone), 'WIB')) FROM {{database}}.region_names) AS r
SELECT
    region_code,
    transform(toString(region_code), r.1, r.2, '') AS region,
    transform(substring(toString(region_code), 1, 2), r.1, r.2, '') AS province,
    transform(toString(region_code), r.1, r.3, 'WIB') AS zone,
    sum(n_events) AS events_24h,
    sum(n_failures) AS failures_24h,
    max(n_top) AS score_max_24h,
    sum(n_critical) AS open_critical,
    sum(n_high) AS open_high,
    sum(n_medium) AS open_medium,
    sum(n_low) AS open_low,
    transform(max(n_state), ['terpantau', 'sebagian', 'tidak terpantau', ''], ['monitored', 'partly', 'not monitored', 'no source'], max(n_state)) AS monitored,
    max(n_sources) AS sources,
    max(n_heard) AS heard,
    toTimeZone(nullIf(max(n_last), toDateTime64(0, 3, 'UTC')), 'Asia/Jakarta') AS last_heard_wib
FROM
(
    SELECT region_code, toUInt64(sum(events)) AS n_events, toUInt64(sum(failures)) AS n_failures, toUInt8(max(score_max)) AS n_top, toUInt64(0) AS n_critical, toUInt64(0) AS n_high, toUInt64(0) AS n_medium, toUInt64(0) AS n_low, toUInt64(0) AS n_sources, toUInt64(0) AS n_heard, '' AS n_state, max(last_ingested_at) AS n_last
    FROM {{database}}.activity_hours
    WHERE event_hour >= toStartOfHour(now('UTC')) - INTERVAL 24 HOUR
    GROUP BY region_code
    UNION ALL
    SELECT region_code, toUInt64(0) AS n_events, toUInt64(0) AS n_failures, toUInt8(0) AS n_top, countIf(severity = 'critical') AS n_critical, countIf(severity = 'high') AS n_high, countIf(severity = 'medium') AS n_medium, countIf(severity IN ('low', 'informational')) AS n_low, toUInt64(0) AS n_sources, toUInt64(0) AS n_heard, '' AS n_state, toDateTime64(0, 3, 'UTC') AS n_last
    FROM {{database}}.alerts
    WHERE status IN ('open', 'acknowledged', 'in_work')
    GROUP BY region_code
    UNION ALL
    SELECT region_code, toUInt64(0) AS n_events, toUInt64(0) AS n_failures, toUInt8(0) AS n_top, toUInt64(0) AS n_critical, toUInt64(0) AS n_high, toUInt64(0) AS n_medium, toUInt64(0) AS n_low, max(sources) AS n_sources, max(heard) AS n_heard, max(state) AS n_state, toDateTime64(0, 3, 'UTC') AS n_last
    FROM {{database}}.region_states_now
    GROUP BY region_code
    UNION ALL
    SELECT region_code, toUInt64(0) AS n_events, toUInt64(0) AS n_failures, toUInt8(0) AS n_top, toUInt64(0) AS n_critical, toUInt64(0) AS n_high, toUInt64(0) AS n_medium, toUInt64(0) AS n_low, toUInt64(0) AS n_sources, toUInt64(0) AS n_heard, '' AS n_state, max(last_event) AS n_last
    FROM {{database}}.source_states_now
    GROUP BY region_code
)
GROUP BY region_code;

CREATE VIEW IF NOT EXISTS {{database}}.sasaran {{on_cluster}}
(
    asset_id String COMMENT 'Aset, seperti di kolom asset_id kejadian',
    aset String COMMENT 'Nama aset',
    url String COMMENT 'Alamatnya bagi masyarakat',
    region_code String COMMENT 'Kode wilayah Kemendagri',
    wilayah String COMMENT 'Nama wilayah',
    owner String COMMENT 'Organisasi yang menjalankannya',
    kekritisan String COMMENT 'kritis, tinggi, sedang atau rendah',
    peristiwa_24j UInt64 COMMENT 'Kejadian dalam 24 jam penuh terakhir dan jam ini',
    gagal_24j UInt64 COMMENT 'Di antaranya yang gagal (event_outcome = failure)',
    skor_tertinggi_24j UInt8 COMMENT 'Skor tertinggi di antaranya',
    peringatan_terbuka UInt64 COMMENT 'Peringatan yang belum selesai',
    terbuka_berat UInt64 COMMENT 'Di antaranya yang kritis atau tinggi',
    sumber UInt64 COMMENT 'Banyaknya sumber log tentang aset ini',
    sumber_terdengar UInt64 COMMENT 'Di antaranya yang terdengar, atau sepi seperti biasa',
    terakhir_wib Nullable(DateTime64(3, 'Asia/Jakarta')) COMMENT 'Terakhir terdengar, WIB (UTC+7); kosong: belum pernah'
)
SQL SECURITY INVOKER
COMMENT 'Aset yang diawasi: kejadian 24 jam, peringatan terbuka, sumber; kembarannya assets_now'
AS WITH
    (SELECT (arrayPushBack(groupArray(region_code), ''), arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(zone), 'WIB')) FROM {{database}}.region_names) AS r
SELECT
    asset_id,
    max(n_name) AS aset,
    max(n_url) AS url,
    max(n_region) AS region_code,
    transform(max(n_region), r.1, r.2, '') AS wilayah,
    max(n_owner) AS owner,
    transform(max(n_criticality), ['critical', 'high', 'medium', 'low'], ['kritis', 'tinggi', 'sedang', 'rendah'], max(n_criticality)) AS kekritisan,
    sum(n_events) AS peristiwa_24j,
    sum(n_failures) AS gagal_24j,
    max(n_top) AS skor_tertinggi_24j,
    sum(n_open) AS peringatan_terbuka,
    sum(n_worst) AS terbuka_berat,
    sum(n_sources) AS sumber,
    sum(n_heard) AS sumber_terdengar,
    toTimeZone(nullIf(max(n_last), toDateTime64(0, 3, 'UTC')), 'Asia/Jakarta') AS terakhir_wib
FROM
(
    SELECT asset_id, name AS n_name, url AS n_url, region_code AS n_region, owner AS n_owner, toString(criticality) AS n_criticality, toUInt64(1) AS n_known, toUInt64(0) AS n_events, toUInt64(0) AS n_failures, toUInt8(0) AS n_top, toUInt64(0) AS n_open, toUInt64(0) AS n_worst, toUInt64(0) AS n_sources, toUInt64(0) AS n_heard, toDateTime64(0, 3, 'UTC') AS n_last
    FROM {{database}}.asset_names
    UNION ALL
    SELECT asset_id, '' AS n_name, '' AS n_url, '' AS n_region, '' AS n_owner, '' AS n_criticality, toUInt64(0) AS n_known, toUInt64(sum(events)) AS n_events, toUInt64(sum(failures)) AS n_failures, toUInt8(max(score_max)) AS n_top, toUInt64(0) AS n_open, toUInt64(0) AS n_worst, toUInt64(0) AS n_sources, toUInt64(0) AS n_heard, max(last_ingested_at) AS n_last
    FROM {{database}}.activity_hours
    WHERE event_hour >= toStartOfHour(now('UTC')) - INTERVAL 24 HOUR AND asset_id != ''
    GROUP BY asset_id
    UNION ALL
    SELECT asset_id, '' AS n_name, '' AS n_url, '' AS n_region, '' AS n_owner, '' AS n_criticality, toUInt64(0) AS n_known, toUInt64(0) AS n_events, toUInt64(0) AS n_failures, toUInt8(0) AS n_top, count() AS n_open, countIf(severity IN ('critical', 'high')) AS n_worst, toUInt64(0) AS n_sources, toUInt64(0) AS n_heard, toDateTime64(0, 3, 'UTC') AS n_last
    FROM {{database}}.alerts
    WHERE status IN ('open', 'acknowledged', 'in_work') AND asset_id != ''
    GROUP BY asset_id
    UNION ALL
    SELECT asset_id, '' AS n_name, '' AS n_url, '' AS n_region, '' AS n_owner, '' AS n_criticality, toUInt64(0) AS n_known, toUInt64(0) AS n_events, toUInt64(0) AS n_failures, toUInt8(0) AS n_top, toUInt64(0) AS n_open, toUInt64(0) AS n_worst, count() AS n_sources, countIf(counted_as IN ('live', 'quiet')) AS n_heard, max(last_event) AS n_last
    FROM {{database}}.source_states_now
    WHERE asset_id != ''
    GROUP BY asset_id
)
GROUP BY asset_id
HAVING sum(n_known) > 0;

CREATE VIEW IF NOT EXISTS {{database}}.assets_now {{on_cluster}}
(
    asset_id String COMMENT 'Asset, as in the column asset_id of events',
    asset String COMMENT 'Name of the asset',
    url String COMMENT 'Where people reach it',
    region_code String COMMENT 'Kemendagri code of its region; 00 national, empty unknown',
    region String COMMENT 'Name of the region',
    owner String COMMENT 'Organisation that runs it',
    criticality String COMMENT 'critical, high, medium or low',
    events_24h UInt64 COMMENT 'Events of the last 24 full hours and this one',
    failures_24h UInt64 COMMENT 'Those of them with event_outcome failure',
    score_max_24h UInt8 COMMENT 'Highest score among them',
    open_alerts UInt64 COMMENT 'Alerts that are not closed',
    open_severe UInt64 COMMENT 'Those of severity critical or high',
    sources UInt64 COMMENT 'Sources and probes about it',
    heard UInt64 COMMENT 'Those that are heard, or quiet as usual',
    last_heard_wib Nullable(DateTime64(3, 'Asia/Jakarta')) COMMENT 'When it was last heard, WIB (UTC+7); NULL: never'
)
SQL SECURITY INVOKER
COMMENT 'Assets: events of 24 hours, open alerts, sources; in Indonesian: sasaran'
AS WITH
    (SELECT (arrayPushBack(groupArray(region_code), ''), arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(zone), 'WIB')) FROM {{database}}.region_names) AS r
SELECT
    asset_id,
    max(n_name) AS asset,
    max(n_url) AS url,
    max(n_region) AS region_code,
    transform(max(n_region), r.1, r.2, '') AS region,
    max(n_owner) AS owner,
    max(n_criticality) AS criticality,
    sum(n_events) AS events_24h,
    sum(n_failures) AS failures_24h,
    max(n_top) AS score_max_24h,
    sum(n_open) AS open_alerts,
    sum(n_worst) AS open_severe,
    sum(n_sources) AS sources,
    sum(n_heard) AS heard,
    toTimeZone(nullIf(max(n_last), toDateTime64(0, 3, 'UTC')), 'Asia/Jakarta') AS last_heard_wib
FROM
(
    SELECT asset_id, name AS n_name, url AS n_url, region_code AS n_region, owner AS n_owner, toString(criticality) AS n_criticality, toUInt64(1) AS n_known, toUInt64(0) AS n_events, toUInt64(0) AS n_failures, toUInt8(0) AS n_top, toUInt64(0) AS n_open, toUInt64(0) AS n_worst, toUInt64(0) AS n_sources, toUInt64(0) AS n_heard, toDateTime64(0, 3, 'UTC') AS n_last
    FROM {{database}}.asset_names
    UNION ALL
    SELECT asset_id, '' AS n_name, '' AS n_url, '' AS n_region, '' AS n_owner, '' AS n_criticality, toUInt64(0) AS n_known, toUInt64(sum(events)) AS n_events, toUInt64(sum(failures)) AS n_failures, toUInt8(max(score_max)) AS n_top, toUInt64(0) AS n_open, toUInt64(0) AS n_worst, toUInt64(0) AS n_sources, toUInt64(0) AS n_heard, max(last_ingested_at) AS n_last
    FROM {{database}}.activity_hours
    WHERE event_hour >= toStartOfHour(now('UTC')) - INTERVAL 24 HOUR AND asset_id != ''
    GROUP BY asset_id
    UNION ALL
    SELECT asset_id, '' AS n_name, '' AS n_url, '' AS n_region, '' AS n_owner, '' AS n_criticality, toUInt64(0) AS n_known, toUInt64(0) AS n_events, toUInt64(0) AS n_failures, toUInt8(0) AS n_top, count() AS n_open, countIf(severity IN ('critical', 'high')) AS n_worst, toUInt64(0) AS n_sources, toUInt64(0) AS n_heard, toDateTime64(0, 3, 'UTC') AS n_last
    FROM {{database}}.alerts
    WHERE status IN ('open', 'acknowledged', 'in_work') AND asset_id != ''
    GROUP BY asset_id
    UNION ALL
    SELECT asset_id, '' AS n_name, '' AS n_url, '' AS n_region, '' AS n_owner, '' AS n_criticality, toUInt64(0) AS n_known, toUInt64(0) AS n_events, toUInt64(0) AS n_failures, toUInt8(0) AS n_top, toUInt64(0) AS n_open, toUInt64(0) AS n_worst, count() AS n_sources, countIf(counted_as IN ('live', 'quiet')) AS n_heard, max(last_event) AS n_last
    FROM {{database}}.source_states_now
    WHERE asset_id != ''
    GROUP BY asset_id
)
GROUP BY asset_id
HAVING sum(n_known) > 0;

-- The same phase of two elections side by side, by day and hour of the phase in the zone of each region: day 1, hour 0 is the midnight at which it began
-- there. Of `pemungutan` that is voting day by the hour. An empty region means all that the reader may see, a province its kabupaten and kota too.
-- Parameters have no default, and ClickHouse keeps no list of columns of such a view: docs/reference/data-dictionary.md has it.
CREATE VIEW IF NOT EXISTS {{database}}.perbandingan_tahapan {{on_cluster}}
(
    hari UInt16 COMMENT 'Hari ke berapa dalam tahapan, mulai 1',
    jam UInt8 COMMENT 'Jam setempat, 0 sampai 23',
    peristiwa UInt64 COMMENT 'Kejadian, pemilihan ini',
    peristiwa_sebelumnya UInt64 COMMENT 'Kejadian, pemilihan sebelumnya',
    gagal UInt64 COMMENT 'Kejadian yang gagal (event_outcome = failure), pemilihan ini',
    gagal_sebelumnya UInt64 COMMENT 'Kejadian yang gagal (event_outcome = failure), pemilihan sebelumnya',
    galat_http UInt64 COMMENT 'Jawaban HTTP 500 ke atas, pemilihan ini',
    galat_http_sebelumnya UInt64 COMMENT 'Jawaban HTTP 500 ke atas, pemilihan sebelumnya',
    skor_70 UInt64 COMMENT 'Kejadian dengan skor 70 ke atas, pemilihan ini',
    skor_70_sebelumnya UInt64 COMMENT 'Kejadian dengan skor 70 ke atas, pemilihan sebelumnya',
    skor_tertinggi UInt8 COMMENT 'Skor tertinggi, pemilihan ini',
    skor_tertinggi_sebelumnya UInt8 COMMENT 'Skor tertinggi, pemilihan sebelumnya'
)
SQL SECURITY INVOKER
COMMENT 'Tahapan yang sama dari dua pemilihan: perbandingan_tahapan(pemilihan=, sebelumnya=, tahapan=, wilayah=); kembarannya phase_comparison'
AS SELECT
    toUInt16(intDiv(since, 24) + 1) AS hari,
    toUInt8(since % 24) AS jam,
    toUInt64(sum(n_events * this)) AS peristiwa,
    toUInt64(sum(n_events * before)) AS peristiwa_sebelumnya,
    toUInt64(sum(n_failures * this)) AS gagal,
    toUInt64(sum(n_failures * before)) AS gagal_sebelumnya,
    toUInt64(sum(n_http * this)) AS galat_http,
    toUInt64(sum(n_http * before)) AS galat_http_sebelumnya,
    toUInt64(sum(n_high * this)) AS skor_70,
    toUInt64(sum(n_high * before)) AS skor_70_sebelumnya,
    toUInt8(max(n_top * this)) AS skor_tertinggi,
    toUInt8(max(n_top * before)) AS skor_tertinggi_sebelumnya
FROM
(
    SELECT
        hours.election = {pemilihan:String} AS this, hours.election = {sebelumnya:String} AS before,
        dateDiff('hour', began, hours.event_hour) AS since, n_events, n_failures, n_http, n_high, n_top
    FROM
    (
        SELECT
            election, region_code, event_hour, sum(events) AS n_events, sum(failures) AS n_failures, sum(http_errors) AS n_http,
            sum(alerts_score) AS n_high, max(score_max) AS n_top
        FROM {{database}}.activity_hours
        WHERE phase = {tahapan:String} AND election IN ({pemilihan:String}, {sebelumnya:String}) AND ({wilayah:String} = '' OR region_code = {wilayah:String} OR startsWith(region_code, concat({wilayah:String}, '.')))
        GROUP BY election, region_code, event_hour
    ) AS hours
    INNER JOIN
    (
        SELECT election, region_code, min(from) AS began
        FROM {{database}}.election_windows
        WHERE phase = {tahapan:String} AND election IN ({pemilihan:String}, {sebelumnya:String})
        GROUP BY election, region_code
    ) AS windows ON windows.election = hours.election AND windows.region_code = hours.region_code
)
GROUP BY since
ORDER BY since;

CREATE VIEW IF NOT EXISTS {{database}}.phase_comparison {{on_cluster}}
(
    day UInt16 COMMENT 'Day of the phase, from 1',
    hour UInt8 COMMENT 'Hour of the day in the zone of the region, 0 to 23',
    events UInt64 COMMENT 'Events, this election',
    events_earlier UInt64 COMMENT 'Events, the earlier one',
    failures UInt64 COMMENT 'Events with event_outcome failure, this election',
    failures_earlier UInt64 COMMENT 'Events with event_outcome failure, the earlier one',
    http_errors UInt64 COMMENT 'HTTP answers of 500 and more, this election',
    http_errors_earlier UInt64 COMMENT 'HTTP answers of 500 and more, the earlier one',
    scored_70 UInt64 COMMENT 'Events of score 70 and more, this election',
    scored_70_earlier UInt64 COMMENT 'Events of score 70 and more, the earlier one',
    score_max UInt8 COMMENT 'Highest score, this election',
    score_max_earlier UInt8 COMMENT 'Highest score, the earlier one'
)
SQL SECURITY INVOKER
COMMENT 'The same phase of two elections: phase_comparison(election=, earlier=, phase=, region=); in Indonesian: perbandingan_tahapan'
AS SELECT
    toUInt16(intDiv(since, 24) + 1) AS day,
    toUInt8(since % 24) AS hour,
    toUInt64(sum(n_events * this)) AS events,
    toUInt64(sum(n_events * before)) AS events_earlier,
    toUInt64(sum(n_failures * this)) AS failures,
    toUInt64(sum(n_failures * before)) AS failures_earlier,
    toUInt64(sum(n_http * this)) AS http_errors,
    toUInt64(sum(n_http * before)) AS http_errors_earlier,
    toUInt64(sum(n_high * this)) AS scored_70,
    toUInt64(sum(n_high * before)) AS scored_70_earlier,
    toUInt8(max(n_top * this)) AS score_max,
    toUInt8(max(n_top * before)) AS score_max_earlier
FROM
(
    SELECT
        hours.election = {election:String} AS this, hours.election = {earlier:String} AS before,
        dateDiff('hour', began, hours.event_hour) AS since, n_events, n_failures, n_http, n_high, n_top
    FROM
    (
        SELECT
            election, region_code, event_hour, sum(events) AS n_events, sum(failures) AS n_failures, sum(http_errors) AS n_http,
            sum(alerts_score) AS n_high, max(score_max) AS n_top
        FROM {{database}}.activity_hours
        WHERE phase = {phase:String} AND election IN ({election:String}, {earlier:String}) AND ({region:String} = '' OR region_code = {region:String} OR startsWith(region_code, concat({region:String}, '.')))
        GROUP BY election, region_code, event_hour
    ) AS hours
    INNER JOIN
    (
        SELECT election, region_code, min(from) AS began
        FROM {{database}}.election_windows
        WHERE phase = {phase:String} AND election IN ({election:String}, {earlier:String})
        GROUP BY election, region_code
    ) AS windows ON windows.election = hours.election AND windows.region_code = hours.region_code
)
GROUP BY since
ORDER BY since;

-- What the views before this migration hold. A comment is all that is changed.
ALTER TABLE {{database}}.reports {{on_cluster}} MODIFY COMMENT 'Laporan Ruang Operasi. Reports of Operation Rooms, each receipt once';
ALTER TABLE {{database}}.findings {{on_cluster}} MODIFY COMMENT 'Temuan. Findings of rules and correlations, each once; with names: temuan, findings_named';
ALTER TABLE {{database}}.alerts {{on_cluster}} MODIFY COMMENT 'Peringatan. Alerts as they are now; with names: peringatan, alerts_named';
ALTER TABLE {{database}}.alert_actions {{on_cluster}} MODIFY COMMENT 'Tindakan atas peringatan. What people and Siaga did about alerts';
ALTER TABLE {{database}}.alert_deliveries {{on_cluster}} MODIFY COMMENT 'Pengiriman pesan. Attempts to deliver messages about alerts';
ALTER TABLE {{database}}.alert_held {{on_cluster}} MODIFY COMMENT 'Temuan yang ditahan. Findings that made no alert, by hour, reason, rule and region';
ALTER TABLE {{database}}.alert_cases {{on_cluster}} MODIFY COMMENT 'Kasus. Alerts that belong together, across regions';
ALTER TABLE {{database}}.alert_suppressions {{on_cluster}} MODIFY COMMENT 'Penahanan. Suppressions and maintenance windows as they are now';
ALTER TABLE {{database}}.notices {{on_cluster}} MODIFY COMMENT 'Pemberitahuan kepada pemilik. Notices to owners of systems as they are now';
ALTER TABLE {{database}}.notice_steps {{on_cluster}} MODIFY COMMENT 'Langkah pemberitahuan. Every step of every notice to an owner';
ALTER TABLE {{database}}.source_states_now {{on_cluster}} MODIFY COMMENT 'Keadaan sumber. Sources as they are now; with names: sumber, sources_now';
ALTER TABLE {{database}}.region_states_now {{on_cluster}} MODIFY COMMENT 'Keadaan wilayah. Monitored, partly or not, by region; in short: ringkasan_wilayah, region_summary';
ALTER TABLE {{database}}.entity_risk {{on_cluster}} MODIFY COMMENT 'Risiko entitas. Addresses, users, assets and regions by the scores of their events, halved every 24 hours';
ALTER TABLE {{database}}.entity_risk_at {{on_cluster}} MODIFY COMMENT 'Risiko entitas pada suatu waktu. entity_risk_at(at=, half_life_hours=): the same at a time and with a half-life of your choice';
ALTER TABLE {{database}}.indicators {{on_cluster}} MODIFY COMMENT 'Indikator ancaman. Indicators of all feeds that have not expired';
