// What may stand in siaga.yaml? Every setting with its default and its description; the JSON Schema for editors comes from here.
// A message given to a check completes the sentence "<setting> must be …".
import { z } from 'zod'
import { Alerts, AssetContact } from './alerting.ts'
import { Severity } from './detection.ts'
import { Intelligence } from './feed.ts'
import { Hunts } from './hunt.ts'
import { RegionCode, Region as RegionRecord, TimeZone } from './place.ts'
import {
  AUDIT_SOURCE,
  CERTIFICATE_SOURCE,
  DEMO_SOURCE,
  HEARTBEAT_SOURCE,
  LOOKALIKE_SOURCE,
  ownFormats,
  PROBE_SOURCE,
  UNKNOWN_PEER_SOURCE,
} from './raw-event.ts'
import { Retention } from './retention.ts'
import { Id, ReportSchedule, Room } from './room.ts'
import { ScoreWeights } from './score.ts'
import { ClickHouse, Kafka } from './services.ts'
import { Shippers } from './shippers.ts'
import { CertificateLogs, Lookalikes, Probes } from './watch.ts'
import { Http, Web } from './web.ts'

const Port = z.int().min(0).max(65535)
const Cidr = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: 'an address or a network such as 10.1.0.0/16',
})
const Region = z.union([RegionCode, z.literal('')], { error: 'a Kemendagri code such as 31 or 31.71, 00 for national' })

/** Formats that a source may be set to; `auto` recognises each line. */
export const SourceFormat = z.enum([
  'auto',
  'syslog',
  'sshd',
  'pam',
  'sudo',
  'nginx',
  'apache',
  'suricata',
  'cef',
  'postgresql',
  'paloalto',
  'kubernetes',
  'zeek',
  'windows',
  'auditd',
  'netfilter',
  'filterlog',
  'haproxy',
  'traefik',
  'caddy',
  'iis',
  'modsecurity',
  'postfix',
  'dovecot',
  'vsftpd',
  'proftpd',
  'pureftpd',
  'mysql',
  'bind',
  'dnsmasq',
  'fortigate',
  'mikrotik',
  'leef',
  'keycloak',
  'laravel',
  'codeigniter',
  'cloudflare',
  'wazuh',
  'crowdsec',
  'cowrie',
  'opencanary',
  'ecs',
  'json',
  'plain',
])
export type SourceFormat = z.infer<typeof SourceFormat>

/** Formats of events: those of sources, and those that only Siaga itself writes. */
export const EventFormat = z.enum([...SourceFormat.options, ...ownFormats])
export type EventFormat = z.infer<typeof EventFormat>

const Criticality = z.enum(['low', 'medium', 'high', 'critical'])

export const Source = z.strictObject({
  id: Id.describe('Name of the source, as used in /v1/events/{source}'),
  name: z.string().default('').describe('Name that people read'),
  format: SourceFormat.default('auto').describe('Format of its lines; auto recognises each line'),
  columns: z
    .string()
    .default('')
    .describe(
      'Names of the columns, divided by spaces, where the lines of its format (iis, zeek) have others than usual: what stands behind #Fields: or #fields',
    ),
  region: Region.default('').describe('Kemendagri code of the region it belongs to, 00 national, empty unknown'),
  owner: z.string().default('').describe('Organisation whose data it is'),
  asset: z.string().default('').describe('Asset that its events are about where nothing better is known'),
  zone: z
    .union([TimeZone, z.literal('UTC')], { error: 'one of WIB, WITA, WIT, UTC' })
    .optional()
    .describe('Zone of times written without one; default: the zone of the region, else WIB'),
  networks: z.array(Cidr).default([]).describe('Syslog and RELP peers that belong to this source'),
  certificates: z
    .array(z.string().min(1))
    .default([])
    .describe('Common names or DNS names of syslog TLS client certificates that belong to this source'),
  files: z
    .array(z.string().min(1))
    .default([])
    .describe('Files to follow, globs allowed; relative to the folder of siaga.yaml'),
  kafka: z
    .boolean()
    .default(false)
    .describe('Relay what others produce to the Kafka topic siaga.in.<id>, which is made'),
  loopback_only: z.boolean().default(false).describe('Accept HTTP events from this machine only'),
})
export type Source = z.infer<typeof Source>

export const Asset = z.strictObject({
  id: Id.describe('Name of the asset, as in the column asset_id'),
  name: z.string().default('').describe('Name that people read'),
  criticality: Criticality.default('medium').describe('How much harm its loss does; raises or lowers the score'),
  region: Region.default('').describe('Kemendagri code of the region it belongs to, 00 national, empty unknown'),
  owner: z.string().default('').describe('Organisation that runs it'),
  addresses: z.array(Cidr).default([]).describe('Addresses or networks of the asset'),
  hosts: z.array(z.string().min(1)).default([]).describe('Host names and domains of the asset'),
  url: z.string().default('').describe('Where people reach it'),
  kind: z
    .string()
    .regex(/^[a-z0-9-]{0,40}$/, 'a word such as web, vpn, mail or voter-roll')
    .default('')
    .describe(
      'What it is: web, vpn, mail, voter-roll …; thresholds may ask for it, and regions with the same kind are warned of a campaign',
    ),
  contacts: z
    .array(AssetContact)
    .max(5)
    .optional()
    .describe('Who of its owner gets notices about it; not in a CSV file'),
})
export type Asset = z.infer<typeof Asset>

const Host = z.string().min(1)
const Path = z.string().min(1)
const Tls = z.strictObject({
  cert: Path.describe('Certificate chain, PEM file'),
  key: Path.describe('Private key, PEM file'),
  ca: Path.optional().describe('PEM file; when set, client certificates are checked against it'),
  require_client_certificate: z.boolean().default(false).describe('Refuse peers without a certificate signed by ca'),
})

export const Config = z.strictObject({
  data_dir: Path.default('.siaga').describe('Where Kafka, ClickHouse, keys and positions are kept'),
  http: Http.prefault({}).describe('Web port: HTTP collector, page, health, metrics'),
  web: Web.prefault({}).describe('The web page'),
  shippers: Shippers.prefault({}).describe(
    'Protocols of shippers on the web port, with the same keys and limits as /v1/events',
  ),
  collectors: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe(
          'Syslog, RELP, files and topics of others are taken in by this process too; false for `siaga start` where `siaga ingest` does it. HTTP is always taken in',
        ),
    })
    .prefault({})
    .describe('Collectors of devices'),
  syslog: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Listen for syslog'),
      host: Host.default('127.0.0.1').describe('Address to listen on; 0.0.0.0 to accept from other machines'),
      port: Port.default(5514).describe('UDP and TCP'),
      tls_port: Port.default(6514).describe('Syslog over TLS (RFC 5425)'),
      tls: Tls.optional().describe('Without it a self-signed certificate is made at the first start'),
      max_connections: z.int().min(1).default(4_000).describe('TCP and TLS connections at one time'),
      idle_timeout_seconds: z.number().positive().default(900).describe('A connection silent for so long is closed'),
    })
    .prefault({})
    .describe('Syslog collector: RFC 5424 and RFC 3164 over UDP, TCP and TLS'),
  relp: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Listen for RELP'),
      host: Host.default('127.0.0.1').describe('Address to listen on; 0.0.0.0 to accept from other machines'),
      port: Port.default(2514).describe('TCP'),
    })
    .prefault({})
    .describe('RELP collector: syslog with acknowledgements'),
  kafka: Kafka.prefault({}).describe('Kafka, yours or embedded'),
  clickhouse: ClickHouse.prefault({}).describe('ClickHouse, yours or embedded'),
  processors: z
    .strictObject({
      workers: z
        .union([z.literal('auto'), z.int().min(0).max(64)], { error: 'auto or a whole number from 0 to 64' })
        .default('auto')
        .describe(
          'Workers in one consumer group; auto: one for each CPU core; 0: none in this process, where `siaga process` runs on machines of its own',
        ),
      flush_ms: z
        .int()
        .min(20)
        .max(10_000)
        .default(400)
        .describe(
          'How long rows wait for others before they are inserted; up to three times as long where many rows come and inserts take long',
        ),
      flush_rows: z.int().min(100).max(200_000).default(20_000).describe('Most rows of one insert'),
      metrics_port: Port.default(0).describe('Prometheus port of `siaga process` run on its own; 0: none'),
    })
    .prefault({})
    .describe('Processors: parse, enrich, detect, score'),
  sources: z
    .array(Source)
    .default([])
    .describe(
      `Where events come from. ${DEMO_SOURCE}, ${AUDIT_SOURCE} and ${UNKNOWN_PEER_SOURCE} exist without being listed`,
    ),
  assets: z
    .union([z.array(Asset), z.strictObject({ csv: Path.describe('CSV file with a header') })])
    .default([])
    .describe('What is watched: a list, or a CSV file with the same columns'),
  rooms: z
    .array(Room)
    .default([])
    .describe('Operation Rooms (Ruang Operasi): who files incident reports, each with keys of its own'),
  reports: ReportSchedule.prefault({}).describe(
    'When Operation Rooms must report; a report that is missing becomes a finding',
  ),
  regions: z
    .array(RegionRecord)
    .default([])
    .describe(
      'Regions to add to the shipped 38 provinces and 514 kabupaten/kota, or to correct: name, zone (WIB, WITA, WIT) and centre point',
    ),
  calendars: z
    .array(z.string().min(1))
    .default(['pilkada-2018', 'pemilu-2019', 'pemilu-2024', 'pilkada-2024'])
    .describe('Names of shipped calendars or YAML files of your own'),
  allow_list: z.array(Cidr).default([]).describe('Addresses of our own scanners and monitors: they lower the score'),
  score: ScoreWeights.prefault({}).describe('Points of each factor of the score; ten points are one unit of log-odds'),
  rules: z
    .strictObject({
      shipped: z.boolean().default(true).describe("Use Siaga's own rules"),
      folders: z
        .array(Path)
        .default([])
        .describe('Folders of Sigma rules of your own; relative to the folder of siaga.yaml'),
      disabled: z.array(z.string().min(1)).default([]).describe('Ids of rules that are not used'),
      placeholders: z
        .record(z.string(), z.array(z.union([z.string(), z.number()])))
        .default({})
        .describe('Values of placeholders such as %admins% in rules with the modifier "expand"'),
    })
    .prefault({})
    .describe('Sigma rules: detections on events, and correlations. Changed files are read again while Siaga runs'),
  correlations: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Run correlations in `siaga start`'),
      interval_seconds: z.int().min(1).max(59).default(10).describe('Time between two rounds'),
      grace_seconds: z
        .int()
        .min(0)
        .max(86_400)
        .default(120)
        .describe('How long absence and baselines wait for late events'),
    })
    .prefault({})
    .describe('Correlations of events in ClickHouse'),
  hunts: Hunts.prefault({}).describe('Saved hunts: questions in hunts/*.sql'),
  probes: Probes.prefault({}).describe('Probes of public sites: every asset with a URL'),
  lookalikes: Lookalikes.prefault({}).describe('Domains that look like protected names'),
  certificate_logs: CertificateLogs.prefault({}).describe('Certificate Transparency logs'),
  intelligence: Intelligence.prefault({}).describe('Threat intelligence: feeds of indicators'),
  alerts: Alerts.prefault({}).describe('Alerts: which findings become one, who is told, and how'),
  finding_severity: Severity.default('medium').describe('Detections from this severity on leave as findings'),
  retention: Retention.prefault({}).describe('How long events are kept'),
  log_level: z.enum(['debug', 'info', 'warn', 'error']).default('warn').describe('Least level that is logged'),
})
export type Config = z.infer<typeof Config>

/** Sources that exist without being configured; one of the same id in siaga.yaml takes their place. */
export const builtInSources: readonly Source[] = [
  Source.parse({ id: DEMO_SOURCE, name: 'First steps', format: 'auto', loopback_only: true }),
  Source.parse({ id: AUDIT_SOURCE, name: 'Siaga audit trail', format: 'ecs', region: '00' }),
  Source.parse({ id: HEARTBEAT_SOURCE, name: 'Heartbeats of collectors', format: 'ecs', region: '00' }),
  Source.parse({ id: PROBE_SOURCE, name: 'Probes of public sites' }),
  Source.parse({ id: LOOKALIKE_SOURCE, name: 'Look-alike domains', region: '00' }),
  Source.parse({ id: CERTIFICATE_SOURCE, name: 'Certificates of look-alike names', region: '00' }),
  Source.parse({ id: UNKNOWN_PEER_SOURCE, name: 'Peers that no source names', format: 'auto' }),
]
