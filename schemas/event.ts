// What is an event? One row of ClickHouse `events`: every column with its type, ECS name and meaning in both languages, said once.
// The row encoder, the migration test and the data dictionary are all derived from `eventColumns`.

/** ClickHouse types that an event column may have. The row encoder knows each of them. */
export type ColumnType =
  | 'String'
  | 'LowCardinality(String)'
  | 'UInt8'
  | 'UInt16'
  | 'UInt32'
  | 'UInt64'
  | "DateTime64(3, 'UTC')"
  | 'DateTime'
  | 'Array(String)'
  | 'Map(String, String)'
  | 'Array(Tuple(name String, points Int32, detail String))'

interface Column {
  readonly type: ColumnType
  /** Elastic Common Schema name, or '' for a word of our own. */
  readonly ecs: string
  readonly comment: string
  /** What it is in a few words of Indonesian, as in the view `peristiwa`. */
  readonly judul: string
}

// Only for columns that queries group by all the time: a dictionary column costs ClickHouse about 0.1 µs a row at landing, a plain one whose
// values hardly change costs a fifth of that and compresses as well (measured, docs/adr).
const lc = 'LowCardinality(String)'
const time = "DateTime64(3, 'UTC')"

/** Every column of `events` in the order in which rows are encoded. */
export const eventColumns = {
  timestamp: {
    type: time,
    ecs: '@timestamp',
    judul: 'Waktu kejadian menurut jam perangkat',
    comment: 'When it happened, by the clock of the device (clamped to received_at if in the future)',
  },
  received_at: {
    type: time,
    ecs: 'event.created',
    judul: 'Waktu diterima pengumpul',
    comment: 'When a collector received it',
  },
  ingested_at: {
    type: time,
    ecs: 'event.ingested',
    judul: 'Waktu disimpan',
    comment: 'When it was landed here; one value for all rows of an insert',
  },
  retain_until: {
    type: 'DateTime',
    ecs: '',
    judul: 'Disimpan paling tidak sampai',
    comment: 'The row may be removed after this time',
  },
  event_id: {
    type: 'String',
    ecs: 'event.id',
    judul: 'Nomor kejadian',
    comment: 'Id given by the collector; a repeat from the sender carries the same id',
  },
  source_id: { type: lc, ecs: 'agent.id', judul: 'Sumber log', comment: 'Configured source that sent it' },
  dataset: {
    type: lc,
    ecs: 'event.dataset',
    judul: 'Format log',
    comment: 'Format that parsed it, such as sshd or nginx.access',
  },
  message: {
    type: 'String',
    ecs: 'event.original',
    judul: 'Baris asli, nomor warga diganti token',
    comment: "The line as received, citizens' identifiers replaced by tokens",
  },
  tags: {
    type: 'Array(String)',
    ecs: 'tags',
    judul: 'Tanda dari pemrosesan',
    comment: 'Marks set on the way, such as clock_future, year_guessed, truncated, unknown_peer',
  },
  region_code: {
    type: lc,
    ecs: '',
    judul: 'Kode wilayah Kemendagri',
    comment: 'Kemendagri code of the region; 00 national, empty unknown',
  },
  owner: {
    type: 'String',
    ecs: '',
    judul: 'Organisasi pemilik data',
    comment: 'Organisation whose data this is (kpu, bawaslu, pemda ...)',
  },
  asset_id: { type: 'String', ecs: '', judul: 'Aset', comment: 'Asset that the event is about' },
  asset_criticality: {
    type: 'String',
    ecs: '',
    judul: 'Kekritisan aset',
    comment: 'Criticality of the asset: low, medium, high, critical',
  },
  election: {
    type: 'String',
    ecs: '',
    judul: 'Pemilihan',
    comment: 'Election whose window it falls in, such as pilkada-2024',
  },
  phase: {
    type: 'String',
    ecs: '',
    judul: 'Tahapan pemilihan',
    comment: 'Phase of that election in the region at that time',
  },
  event_category: {
    type: 'String',
    ecs: 'event.category',
    judul: 'Kategori kejadian',
    comment: 'authentication, web, network, intrusion_detection, process, session, iam, host ...',
  },
  event_action: {
    type: 'String',
    ecs: 'event.action',
    judul: 'Apa yang dilakukan',
    comment: 'What was done, such as ssh_login',
  },
  event_outcome: {
    type: 'String',
    ecs: 'event.outcome',
    judul: 'Hasil: success, failure atau unknown',
    comment: 'success, failure or unknown',
  },
  event_code: {
    type: 'String',
    ecs: 'event.code',
    judul: 'Kode kejadian dari perangkat',
    comment: 'Id that the device gives this kind of event',
  },
  event_severity: {
    type: 'UInt8',
    ecs: 'event.severity',
    judul: 'Tingkat menurut perangkat, 0 sampai 100',
    comment: 'Severity by the device, mapped to 0 (none) to 100',
  },
  log_level: { type: 'String', ecs: 'log.level', judul: 'Tingkat log', comment: 'Level written by the program' },
  host_name: { type: 'String', ecs: 'host.name', judul: 'Nama host', comment: 'Host that wrote the line' },
  process_name: { type: 'String', ecs: 'process.name', judul: 'Nama program', comment: 'Program that wrote the line' },
  process_pid: { type: 'UInt32', ecs: 'process.pid', judul: 'Nomor proses', comment: 'Process id, 0 unknown' },
  process_command_line: {
    type: 'String',
    ecs: 'process.command_line',
    judul: 'Perintah yang dijalankan',
    comment: 'Command that was run',
  },
  user_name: {
    type: 'String',
    ecs: 'user.name',
    judul: 'Pengguna yang bertindak atau dicoba',
    comment: 'User who acted or was tried',
  },
  user_target_name: {
    type: 'String',
    ecs: 'user.target.name',
    judul: 'Pengguna yang dituju',
    comment: 'User who was acted on or switched to',
  },
  source_ip: { type: 'String', ecs: 'source.ip', judul: 'Alamat asal', comment: 'Address the activity came from' },
  source_port: { type: 'UInt16', ecs: 'source.port', judul: 'Port asal', comment: 'Port at the source, 0 unknown' },
  source_country: {
    type: 'String',
    ecs: 'source.geo.country_iso_code',
    judul: 'Negara alamat asal',
    comment: 'Country of the source address, ISO 3166-1',
  },
  source_asn: {
    type: 'UInt32',
    ecs: 'source.as.number',
    judul: 'Nomor jaringan (ASN) alamat asal',
    comment: 'Autonomous system of the source address, 0 unknown',
  },
  source_as_name: {
    type: 'String',
    ecs: 'source.as.organization.name',
    judul: 'Organisasi jaringan asal',
    comment: 'Organisation of that autonomous system',
  },
  source_scope: {
    type: 'String',
    ecs: '',
    judul: 'Jenis alamat asal',
    comment: 'public, private, loopback, link_local, cgnat, reserved, or empty',
  },
  source_scanner: {
    type: 'String',
    ecs: '',
    judul: 'Pemindai internet yang dikenal',
    comment: 'Known internet scanner that owns the source address or agent',
  },
  destination_ip: {
    type: 'String',
    ecs: 'destination.ip',
    judul: 'Alamat tujuan',
    comment: 'Address the activity went to',
  },
  destination_port: {
    type: 'UInt16',
    ecs: 'destination.port',
    judul: 'Port tujuan',
    comment: 'Port at the destination, 0 unknown',
  },
  destination_country: {
    type: 'String',
    ecs: 'destination.geo.country_iso_code',
    judul: 'Negara alamat tujuan',
    comment: 'Country of the destination address',
  },
  network_transport: {
    type: 'String',
    ecs: 'network.transport',
    judul: 'Protokol transpor',
    comment: 'tcp, udp, icmp ...',
  },
  network_protocol: {
    type: 'String',
    ecs: 'network.protocol',
    judul: 'Protokol aplikasi',
    comment: 'Application protocol: http, dns, tls, ssh ...',
  },
  network_bytes: { type: 'UInt64', ecs: 'network.bytes', judul: 'Bita dua arah', comment: 'Bytes in both directions' },
  url_original: {
    type: 'String',
    ecs: 'url.original',
    judul: 'Alamat yang diminta, apa adanya',
    comment: 'Request target as logged',
  },
  url_path: { type: 'String', ecs: 'url.path', judul: 'Jalur tanpa kueri', comment: 'Path without query' },
  url_domain: { type: 'String', ecs: 'url.domain', judul: 'Nama host yang diminta', comment: 'Host asked for' },
  url_registered_domain: {
    type: 'String',
    ecs: 'url.registered_domain',
    judul: 'Domain terdaftar',
    comment: 'Registrable domain of that host (public suffix list)',
  },
  http_method: {
    type: 'String',
    ecs: 'http.request.method',
    judul: 'Metode HTTP',
    comment: 'Request method in capitals',
  },
  http_status_code: {
    type: 'UInt16',
    ecs: 'http.response.status_code',
    judul: 'Kode status HTTP',
    comment: 'Response status, 0 none',
  },
  http_version: { type: 'String', ecs: 'http.version', judul: 'Versi HTTP', comment: 'Such as 1.1 or 2.0' },
  http_response_bytes: {
    type: 'UInt64',
    ecs: 'http.response.bytes',
    judul: 'Ukuran jawaban',
    comment: 'Size of the response',
  },
  http_referrer: { type: 'String', ecs: 'http.request.referrer', judul: 'Halaman perujuk', comment: 'Referer header' },
  user_agent_original: {
    type: 'String',
    ecs: 'user_agent.original',
    judul: 'User-Agent',
    comment: 'User-Agent header',
  },
  user_agent_name: { type: 'String', ecs: 'user_agent.name', judul: 'Peramban atau alat', comment: 'Browser or tool' },
  user_agent_os: {
    type: 'String',
    ecs: 'user_agent.os.name',
    judul: 'Sistem operasi klien',
    comment: 'Operating system of the agent',
  },
  user_agent_bot: {
    type: 'UInt8',
    ecs: '',
    judul: '1: robot',
    comment: '1 if the agent says or shows that it is a robot',
  },
  dns_question_name: {
    type: 'String',
    ecs: 'dns.question.name',
    judul: 'Nama yang ditanyakan ke DNS',
    comment: 'Name asked for',
  },
  dns_question_type: {
    type: 'String',
    ecs: 'dns.question.type',
    judul: 'Jenis rekaman DNS',
    comment: 'Record type asked for',
  },
  dns_response_code: { type: 'String', ecs: 'dns.response_code', judul: 'Kode jawaban DNS', comment: 'Answer code' },
  tls_server_name: { type: 'String', ecs: 'tls.client.server_name', judul: 'Nama server TLS (SNI)', comment: 'SNI' },
  tls_version: { type: 'String', ecs: 'tls.version', judul: 'Versi TLS', comment: 'Protocol version' },
  tls_ja3: {
    type: 'String',
    ecs: 'tls.client.ja3',
    judul: 'Sidik jari TLS klien',
    comment: 'JA3 or JA4 fingerprint of the client',
  },
  file_name: { type: 'String', ecs: 'file.name', judul: 'Nama berkas', comment: 'File seen or written' },
  file_hash: { type: 'String', ecs: 'file.hash', judul: 'Hash berkas', comment: 'Hash of that file, hex' },
  rule_name: {
    type: 'String',
    ecs: 'rule.name',
    judul: 'Tanda tangan dari perangkat',
    comment: 'Signature of the device that raised it (Suricata, CEF ...)',
  },
  observer_vendor: {
    type: 'String',
    ecs: 'observer.vendor',
    judul: 'Pembuat perangkat',
    comment: 'Maker of the device',
  },
  observer_product: {
    type: 'String',
    ecs: 'observer.product',
    judul: 'Produk perangkat',
    comment: 'Product of the device',
  },
  fields: {
    type: 'Map(String, String)',
    ecs: '',
    judul: 'Yang tidak punya kolom sendiri',
    comment: 'What the format holds beyond the columns, dotted names',
  },
  score: {
    type: 'UInt8',
    ecs: 'event.risk_score',
    judul: 'Skor 0 sampai 100',
    comment: 'Chance in a hundred that a person should look',
  },
  factors: {
    type: 'Array(Tuple(name String, points Int32, detail String))',
    ecs: '',
    judul: 'Asal-usul skor',
    comment: 'How the score came about: each factor with its points and what it saw',
  },
  rule_ids: {
    type: 'Array(String)',
    ecs: 'rule.id',
    judul: 'Aturan Siaga yang cocok',
    comment: 'Our detections that matched',
  },
  score_version: {
    type: 'String',
    ecs: '',
    judul: 'Versi bobot skor',
    comment: 'Version of the weights that gave the score',
  },
  _stream: { type: 'String', ecs: '', judul: 'Aliran Kafka', comment: 'Id of the Kafka topic incarnation' },
  _partition: { type: 'UInt16', ecs: '', judul: 'Partisi Kafka', comment: 'Kafka partition' },
  _offset: {
    type: 'UInt64',
    ecs: '',
    judul: 'Offset Kafka',
    comment: 'Kafka offset; (_stream, _partition, _offset) is unique',
  },
} as const satisfies Record<string, Column>

export type EventColumn = keyof typeof eventColumns

interface JsTypeOf {
  String: string
  'LowCardinality(String)': string
  UInt8: number
  UInt16: number
  UInt32: number
  /** Safe integers only. */
  UInt64: number
  /** Milliseconds since 1970 UTC. */
  "DateTime64(3, 'UTC')": number
  /** Milliseconds since 1970 UTC, stored in whole seconds. */
  DateTime: number
  'Array(String)': string[]
  'Map(String, String)': Map<string, string>
  'Array(Tuple(name String, points Int32, detail String))': Factor[]
}

/** One reason for a score: a named factor, its integer points (ten points are one unit of log-odds) and what it saw. */
export interface Factor {
  name: string
  points: number
  detail: string
}

/** A normalised event. Times are milliseconds since 1970 UTC; '' and 0 mean unknown. */
export type Event = { -readonly [C in EventColumn]: JsTypeOf[(typeof eventColumns)[C]['type']] }

/** A blank event, always of the same shape so that the engine keeps property access fast. */
export function emptyEvent(): Event {
  return {
    timestamp: 0,
    received_at: 0,
    ingested_at: 0,
    retain_until: 0,
    event_id: '',
    source_id: '',
    dataset: '',
    message: '',
    tags: [],
    region_code: '',
    owner: '',
    asset_id: '',
    asset_criticality: '',
    election: '',
    phase: '',
    event_category: '',
    event_action: '',
    event_outcome: '',
    event_code: '',
    event_severity: 0,
    log_level: '',
    host_name: '',
    process_name: '',
    process_pid: 0,
    process_command_line: '',
    user_name: '',
    user_target_name: '',
    source_ip: '',
    source_port: 0,
    source_country: '',
    source_asn: 0,
    source_as_name: '',
    source_scope: '',
    source_scanner: '',
    destination_ip: '',
    destination_port: 0,
    destination_country: '',
    network_transport: '',
    network_protocol: '',
    network_bytes: 0,
    url_original: '',
    url_path: '',
    url_domain: '',
    url_registered_domain: '',
    http_method: '',
    http_status_code: 0,
    http_version: '',
    http_response_bytes: 0,
    http_referrer: '',
    user_agent_original: '',
    user_agent_name: '',
    user_agent_os: '',
    user_agent_bot: 0,
    dns_question_name: '',
    dns_question_type: '',
    dns_response_code: '',
    tls_server_name: '',
    tls_version: '',
    tls_ja3: '',
    file_name: '',
    file_hash: '',
    rule_name: '',
    observer_vendor: '',
    observer_product: '',
    fields: new Map(),
    score: 0,
    factors: [],
    rule_ids: [],
    score_version: '',
    _stream: '',
    _partition: 0,
    _offset: 0,
  }
}

// Lists that the score replaces as a whole; nothing is ever added to this one.
const none: never[] = []

/** Makes a used event blank again: on the hot path one event is used for all, which spares the garbage collector a kilobyte each. */
export function resetEvent(event: Event): void {
  event.timestamp = 0
  event.received_at = 0
  event.ingested_at = 0
  event.retain_until = 0
  event.event_id = ''
  event.source_id = ''
  event.dataset = ''
  event.message = ''
  if (event.tags.length > 0) event.tags = []
  event.region_code = ''
  event.owner = ''
  event.asset_id = ''
  event.asset_criticality = ''
  event.election = ''
  event.phase = ''
  event.event_category = ''
  event.event_action = ''
  event.event_outcome = ''
  event.event_code = ''
  event.event_severity = 0
  event.log_level = ''
  event.host_name = ''
  event.process_name = ''
  event.process_pid = 0
  event.process_command_line = ''
  event.user_name = ''
  event.user_target_name = ''
  event.source_ip = ''
  event.source_port = 0
  event.source_country = ''
  event.source_asn = 0
  event.source_as_name = ''
  event.source_scope = ''
  event.source_scanner = ''
  event.destination_ip = ''
  event.destination_port = 0
  event.destination_country = ''
  event.network_transport = ''
  event.network_protocol = ''
  event.network_bytes = 0
  event.url_original = ''
  event.url_path = ''
  event.url_domain = ''
  event.url_registered_domain = ''
  event.http_method = ''
  event.http_status_code = 0
  event.http_version = ''
  event.http_response_bytes = 0
  event.http_referrer = ''
  event.user_agent_original = ''
  event.user_agent_name = ''
  event.user_agent_os = ''
  event.user_agent_bot = 0
  event.dns_question_name = ''
  event.dns_question_type = ''
  event.dns_response_code = ''
  event.tls_server_name = ''
  event.tls_version = ''
  event.tls_ja3 = ''
  event.file_name = ''
  event.file_hash = ''
  event.rule_name = ''
  event.observer_vendor = ''
  event.observer_product = ''
  if (event.fields.size > 0) event.fields.clear()
  event.score = 0
  event.factors = none
  event.rule_ids = none
  event.score_version = ''
  event._stream = ''
  event._partition = 0
  event._offset = 0
}
