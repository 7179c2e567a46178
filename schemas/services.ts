// Which Kafka and which ClickHouse, and how are they reached? Settings `kafka:` and `clickhouse:` of siaga.yaml.
import { z } from 'zod'
import { Secret } from './alerting.ts'

const Port = z.int().min(0).max(65535)
const Path = z.string().min(1)
const Broker = z
  .string()
  .regex(/^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]/,]+):\d{1,5}$/, 'a broker as host:port, such as kafka1.internal:9092')

/** TLS towards a service; the names of its certificate are checked always. */
const ClientTls = z.strictObject({
  ca: Path.optional().describe(
    'Authority that signed the certificate of the server, PEM file; without it those of the system',
  ),
  cert: Path.optional().describe('Certificate chain that Siaga shows, PEM file, where the server asks for one'),
  key: Path.optional().describe('Its private key, PEM file'),
})

const Sasl = z.strictObject({
  mechanism: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .default('scram-sha-512')
    .describe('How the password is shown; plain only with TLS'),
  username: z.string().min(1).describe('User of Siaga at the brokers'),
  password: Secret.default({ env: 'KAFKA_SASL_PASSWORD' }).describe('Where the password stands'),
})

export const Kafka = z.strictObject({
  brokers: z.array(Broker).default([]).describe('Your own brokers as host:port; empty: an embedded broker is started'),
  tls: ClientTls.optional().describe('When set, even empty ({}), your brokers are spoken to by TLS'),
  sasl: Sasl.optional().describe('User and password of Siaga at your brokers'),
  embedded_port: Port.default(9092).describe('Port of the embedded broker'),
  partitions: z
    .union([z.literal('auto'), z.int().min(1).max(256)], { error: 'auto or a whole number from 1 to 256' })
    .default('auto')
    .describe(
      'Partitions of siaga.raw when it is created; auto: one for each worker of this machine. As many as there are workers on all machines: fewer leave some idle, more make landing dearer',
    ),
  replication: z.int().min(1).max(7).default(1).describe('Copies of each topic when it is created'),
  retention_hours: z
    .int()
    .min(1)
    .default(24 * 35)
    .describe('How long raw events stay in Kafka, so that an election window can be replayed'),
  in_retention_hours: z
    .int()
    .min(1)
    .default(72)
    .describe('How long events wait in siaga.in.<source> for their relay; what was relayed is deleted at once'),
})

/** Servers over which events are spread; everything else lies on that of `clickhouse.url`. */
const Cluster = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, 'small letters, digits and _')
    .describe('Name of the cluster in remote_servers of every server'),
  shards: z
    .array(
      z
        .string()
        .regex(/^https?:\/\/[^\s/@]+\/?$/, 'an address such as http://ch1.internal:8123, without user and password'),
    )
    .min(1)
    .max(1_000)
    .describe(
      'A server of each shard; they keep their order, new ones come last. User, password and TLS are those of clickhouse',
    ),
  replicated: z
    .boolean()
    .default(false)
    .describe(
      'Tables are Replicated…; the servers of a shard are then a cluster of their own as well, named <name>_1, <name>_2 …',
    ),
})

export const ClickHouse = z.strictObject({
  url: z
    .string()
    .regex(/^(?:https?:\/\/\S+)?$/, 'an address such as http://user:password@host:8123')
    .default('')
    .describe('Empty: an embedded server is started. http://user:password@host:8123 otherwise, or https'),
  user: z
    .string()
    .default('')
    .describe(
      'User at your ClickHouse, instead of the one in url. siaga_admin without a password: the users that `siaga access` has made there, each for its own work',
    ),
  password: Secret.default({ env: 'CLICKHOUSE_PASSWORD' }).describe(
    'Where the password of your ClickHouse stands, if not in url',
  ),
  tls: ClientTls.optional().describe('Authority and certificate for an https address'),
  cluster: Cluster.optional().describe(
    'Servers of your own over which events are spread; without it one server has them all',
  ),
  embedded_port: Port.default(8123).describe('HTTP port of the embedded server'),
  embedded_tcp_port: Port.default(9000).describe('Native protocol port of the embedded server'),
  cold_dir: z
    .string()
    .default('')
    .describe('Folder on a second disk for old events of the embedded server; empty: none'),
  cold_after_days: z.int().min(3).default(30).describe('Events move to cold_dir so many days after they landed'),
})
