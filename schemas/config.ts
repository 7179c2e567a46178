// What may stand in siaga.yaml? Every setting with its default and its description; the JSON Schema for editors comes from here.
import { z } from 'zod'
import { Severity } from './detection.ts'
import { Phase, RegionCode, TimeZone } from './place.ts'

const Port = z.int().min(0).max(65535)
const Id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'small letters, digits, dot, dash and underscore, at most 64')
const Cidr = z.string().regex(/^[0-9a-fA-F:.]+(?:\/\d{1,3})?$/, 'an address or a network such as 10.1.0.0/16')

/** Formats that a source may be set to; `auto` recognises each line. */
export const SourceFormat = z.enum([
  'auto', 'syslog', 'sshd', 'pam', 'sudo', 'nginx', 'apache', 'suricata', 'cef', 'ecs', 'json', 'plain',
])
export type SourceFormat = z.infer<typeof SourceFormat>

export const Criticality = z.enum(['low', 'medium', 'high', 'critical'])
export type Criticality = z.infer<typeof Criticality>

export const Source = z.strictObject({
  id: Id.describe('Name of the source, as used in /v1/events/{source}'),
  name: z.string().default('').describe('Name that people read'),
  format: SourceFormat.default('auto'),
  region: z.union([RegionCode, z.literal('')]).default('').describe('Kemendagri code of the region it belongs to, 00 national, empty unknown'),
  owner: z.string().default('').describe('Organisation whose data it is'),
  asset: z.string().default('').describe('Asset that its events are about where nothing better is known'),
  zone: z.union([TimeZone, z.literal('UTC')]).optional().describe('Zone of times written without one; default: the zone of the region, else WIB'),
  networks: z.array(Cidr).default([]).describe('Syslog and RELP peers that belong to this source'),
  certificates: z.array(z.string()).default([]).describe('Common names or DNS names of syslog TLS client certificates that belong to this source'),
  files: z.array(z.string()).default([]).describe('Files to follow, globs allowed'),
  loopback_only: z.boolean().default(false).describe('Accept HTTP events from this machine only'),
})
export type Source = z.infer<typeof Source>

export const Asset = z.strictObject({
  id: Id,
  name: z.string().default(''),
  criticality: Criticality.default('medium'),
  region: z.union([RegionCode, z.literal('')]).default(''),
  owner: z.string().default(''),
  addresses: z.array(Cidr).default([]).describe('Addresses or networks of the asset'),
  hosts: z.array(z.string()).default([]).describe('Host names and domains of the asset'),
  url: z.string().default(''),
})
export type Asset = z.infer<typeof Asset>

/** Points for each factor; ten points are one unit of log-odds. */
export const ScoreWeights = z.strictObject({
  prior: z.int().default(-46).describe('Log-odds before any evidence, ten points a unit: -46 is one in a hundred'),
  rule: z
    .strictObject({
      informational: z.int().min(0).default(2),
      low: z.int().min(0).default(10),
      medium: z.int().min(0).default(25),
      high: z.int().min(0).default(45),
      critical: z.int().min(0).default(65),
    })
    .prefault({}),
  device_severity: z.int().min(0).default(50).describe('Points of the highest device severity; lower ones in proportion'),
  asset: z
    .strictObject({
      low: z.int().default(-3), medium: z.int().default(0), high: z.int().default(6), critical: z.int().default(12),
    })
    .prefault({}),
  phase: z
    .strictObject({
      persiapan: z.int().default(0), kampanye: z.int().default(3), masa_tenang: z.int().default(6),
      pemungutan: z.int().default(10), rekapitulasi: z.int().default(8), sengketa: z.int().default(4),
    })
    .prefault({}),
  failed_login: z.int().min(0).default(12),
  failed_login_privileged: z.int().min(0).default(6).describe('Added when the user tried is root or an administrator'),
  attack_succeeded: z.int().min(0).default(12).describe('Added when an attack pattern was answered with success'),
  known_scanner: z.int().max(0).default(-8),
  allow_listed: z.int().max(0).default(-60).describe('Source address on the allow list'),
})
export type ScoreWeights = z.infer<typeof ScoreWeights>

const Host = z.string().min(1)
const Tls = z.strictObject({
  cert: z.string().describe('PEM file'),
  key: z.string().describe('PEM file'),
  ca: z.string().optional().describe('PEM file; when set, client certificates are checked against it'),
  require_client_certificate: z.boolean().default(false),
})

export const Config = z.strictObject({
  data_dir: z.string().default('.siaga').describe('Where Kafka, ClickHouse, keys and positions are kept'),
  http: z
    .strictObject({
      host: Host.default('127.0.0.1').describe('0.0.0.0 to accept from other machines'),
      port: Port.default(8080),
      max_body_bytes: z.int().min(1024).default(10 * 1024 * 1024).describe('Body as sent'),
      max_decompressed_bytes: z.int().min(1024).default(64 * 1024 * 1024).describe('Body after decompression'),
      events_per_second: z.int().min(1).default(20_000).describe('Rate per key, bursts of ten seconds'),
      max_connections: z.int().min(16).default(4_000),
      body_memory_bytes: z.int().min(1024 * 1024).default(256 * 1024 * 1024).describe('All bodies being received at one time'),
      send_timeout_seconds: z.number().positive().default(10).describe('How long to wait for Kafka before answering 503'),
    })
    .prefault({}),
  syslog: z
    .strictObject({
      enabled: z.boolean().default(true),
      host: Host.default('127.0.0.1').describe('0.0.0.0 to accept from other machines'),
      port: Port.default(5514).describe('UDP and TCP'),
      tls_port: Port.default(6514),
      tls: Tls.optional().describe('Without it a self-signed certificate is made at the first start'),
      max_connections: z.int().min(1).default(4_000),
      idle_timeout_seconds: z.number().positive().default(900),
    })
    .prefault({}),
  relp: z
    .strictObject({ enabled: z.boolean().default(true), host: Host.default('127.0.0.1'), port: Port.default(2514) })
    .prefault({}),
  kafka: z
    .strictObject({
      brokers: z.array(z.string()).default([]).describe('Empty: an embedded broker is started'),
      embedded_port: Port.default(9092),
      partitions: z.int().min(1).max(256).default(4).describe('Partitions of siaga.raw when it is created'),
      replication: z.int().min(1).max(7).default(1),
      retention_hours: z.int().min(1).default(24 * 35).describe('How long raw events stay in Kafka, so that an election window can be replayed'),
    })
    .prefault({}),
  clickhouse: z
    .strictObject({
      url: z.string().default('').describe('Empty: an embedded server is started. http://user:password@host:8123 otherwise'),
      embedded_port: Port.default(8123).describe('HTTP'),
      embedded_tcp_port: Port.default(9000).describe('Native protocol'),
    })
    .prefault({}),
  processors: z
    .strictObject({
      workers: z.union([z.literal('auto'), z.int().min(1).max(64)]).default('auto').describe('auto: one for each CPU core'),
      flush_ms: z.int().min(20).max(10_000).default(400).describe('Longest wait before rows are inserted'),
      flush_rows: z.int().min(100).max(200_000).default(20_000),
      metrics_port: Port.default(0),
    })
    .prefault({}),
  sources: z.array(Source).default([]),
  assets: z.union([z.array(Asset), z.strictObject({ csv: z.string() })]).default([]).describe('A list, or a CSV file with the same columns'),
  calendars: z
    .array(z.string())
    .default(['pilkada-2018', 'pemilu-2019', 'pemilu-2024', 'pilkada-2024'])
    .describe('Names of shipped calendars or YAML files of your own'),
  allow_list: z.array(Cidr).default([]).describe('Addresses of our own scanners and monitors: they lower the score'),
  score: ScoreWeights.prefault({}),
  finding_severity: Severity.default('medium').describe('Detections from this severity on leave as findings'),
  retention: z
    .strictObject({
      days: z.int().min(1).default(180),
      election_days: z.int().min(1).default(1095).describe('For events inside an election window'),
      long_phases: z.array(Phase).default(['kampanye', 'masa_tenang', 'pemungutan', 'rekapitulasi', 'sengketa']),
    })
    .prefault({}),
  log_level: z.enum(['debug', 'info', 'warn', 'error']).default('warn'),
})
export type Config = z.infer<typeof Config>
