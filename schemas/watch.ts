// What is looked at from outside? Settings of probes, look-alike domains and certificate logs in siaga.yaml.
import { z } from 'zod'
import { Id } from './room.ts'

/** A cron expression with or without seconds, UTC. */
export const Cron = z.string().regex(/^(?:\S+ ){4,5}\S+$/, 'a cron expression such as */5 * * * *')
const Networks = z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: 'an address or a network' }))
const Resolver = z
  .string()
  .regex(
    /^(?:\[[0-9a-fA-F:.]+\](?::\d{1,5})?|[0-9.]+(?::\d{1,5})?|[0-9a-fA-F:]+)$/,
    'an address, with a port if it is not 53',
  )
const DomainName = z
  .string()
  .toLowerCase()
  .regex(/^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/, 'a domain such as kpu.go.id')

const allowPrivate = Networks.default([]).describe(
  'Private addresses that may be connected to all the same; everything else that is not public is refused',
)
const resolvers = z
  .array(Resolver)
  .default([])
  .describe('DNS servers to ask, as address or address:port; empty: those of the system')

export const Probes = z.strictObject({
  enabled: z.boolean().default(true).describe('Probe the URL of every asset that has one'),
  when: Cron.default('*/5 * * * *').describe('When a round begins'),
  jitter_seconds: z.int().min(0).max(3600).default(120).describe('Probes of a round are spread over this time'),
  concurrency: z.int().min(1).max(256).default(16).describe('Assets probed at one time'),
  timeout_seconds: z.number().positive().max(120).default(20).describe('Longest time of one request, body included'),
  max_bytes: z
    .int()
    .min(4096)
    .default(2 * 1024 * 1024)
    .describe('Most of a page that is read, after decompression'),
  host_interval_ms: z.int().min(0).default(1000).describe('Least time between two requests to one host'),
  contact: z.string().default('').describe('Said in the agent string: an address where owners of sites reach you'),
  adopt_hours: z
    .number()
    .min(0)
    .default(24)
    .describe('A change that stays so long becomes part of what is known of a site; until then each probe tells it'),
  expiry_days: z.int().min(0).default(21).describe('A certificate that ends within so many days is told'),
  allow_private: allowPrivate,
  resolvers,
})
export type Probes = z.infer<typeof Probes>

export const Lookalikes = z.strictObject({
  enabled: z.boolean().default(true).describe('Look for domains that look like protected names'),
  protected: z
    .array(DomainName)
    .default([])
    .describe('Names to protect; empty: the domains of assets with a URL, and kpu.go.id and bawaslu.go.id'),
  ours: z.array(DomainName).default([]).describe('Domains that are known and good, with all beneath them'),
  words: z
    .array(z.string().regex(/^[a-z0-9-]{2,30}$/, 'a word of small letters and digits'))
    .default([])
    .describe('Words to add to protected names, beside the shipped ones (cek, dpt, hasil, pilkada ...)'),
  when: Cron.default('41 */6 * * *').describe('When the permutations are asked of DNS'),
  queries_per_second: z.int().min(1).max(1000).default(20).describe('DNS queries a second'),
  max_per_name: z.int().min(100).max(100_000).default(4000).describe('Permutations of one name that are asked for'),
  resolvers,
})
export type Lookalikes = z.infer<typeof Lookalikes>

/** A Certificate Transparency log. */
export const CertificateLog = z.strictObject({
  id: Id.describe('Name of the log'),
  api: z
    .enum(['rfc6962', 'static'])
    .default('rfc6962')
    .describe('How it is read: RFC 6962, or the static CT API (tiles)'),
  url: z
    .url({ protocol: /^https?$/ })
    .describe('Submission prefix of an RFC 6962 log; monitoring prefix of a static one'),
  key: z.string().min(1).describe('Public key: base64 of DER (SubjectPublicKeyInfo), as lists of logs have it'),
  origin: z
    .string()
    .default('')
    .describe('Of a static log: the origin line of its checkpoints; default: its URL without scheme'),
})
export type CertificateLog = z.infer<typeof CertificateLog>

export const CertificateLogs = z.strictObject({
  logs: z.array(CertificateLog).default([]).describe('Logs to read, for certificates of look-alike names'),
  every_seconds: z.int().min(1).max(3600).default(30).describe('How often a log is asked for its tree head'),
  timeout_seconds: z.number().positive().max(120).default(30).describe('Longest time of one request'),
  allow_private: allowPrivate,
})
export type CertificateLogs = z.infer<typeof CertificateLogs>
