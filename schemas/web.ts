// How do people reach the web page, and who else may say who they are? Settings `http:` and `web:` of siaga.yaml.
import { z } from 'zod'
import { Secret } from './alerting.ts'
import { PublicPage } from './public.ts'

const Port = z.int().min(0).max(65535)
const Cidr = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: 'an address or a network such as 10.1.0.0/16',
})

export const Http = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 to accept from other machines'),
  port: Port.default(8080).describe('Web, HTTP collector, health and metrics'),
  public_url: z
    .string()
    .regex(/^(?:https?:\/\/[^\s/?#]+\/?)?$/, 'an address such as https://siaga.example, without a path')
    .default('')
    .describe(
      'Address at which browsers reach the page. With https:// cookies are sent by https alone and browsers are told to use nothing else',
    ),
  trusted_proxies: z
    .array(Cidr)
    .default([])
    .describe(
      'Reverse proxies whose X-Forwarded-For is believed; without it everybody behind a proxy counts as one address when log-ins are slowed down',
    ),
  metrics_from: z
    .array(Cidr)
    .default([])
    .describe('Networks of scrapers that may read /metrics, beside this machine; not through a reverse proxy'),
  max_body_bytes: z
    .int()
    .min(1024)
    .default(10 * 1024 * 1024)
    .describe('Largest body as sent'),
  max_decompressed_bytes: z
    .int()
    .min(1024)
    .default(64 * 1024 * 1024)
    .describe('Largest body after decompression'),
  events_per_second: z.int().min(1).default(20_000).describe('Rate per key, bursts of ten seconds'),
  max_connections: z.int().min(16).default(4_000).describe('Connections at one time'),
  body_memory_bytes: z
    .int()
    .min(1024 * 1024)
    .default(256 * 1024 * 1024)
    .describe('All bodies being received at one time'),
  send_timeout_seconds: z.number().positive().default(10).describe('How long to wait for Kafka before answering 503'),
})

const Oidc = z.strictObject({
  issuer: z
    .string()
    .regex(
      /^(?:https:\/\/\S+|http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?(?:\/\S*)?)$/,
      'an https address, such as https://sso.example/realms/pemilu',
    )
    .describe('The provider, as its discovery document names it'),
  client_id: z.string().min(1).describe('Name under which the provider knows Siaga'),
  client_secret: Secret.optional().describe(
    'Where the secret stands; without one Siaga is a public client (PKCE alone)',
  ),
  name: z.string().max(60).default('').describe('What the button says; the host of the issuer where empty'),
  scope: z
    .string()
    .regex(/^openid(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/, 'openid, and others behind it divided by spaces')
    .default('openid')
    .describe('What is asked for; openid comes first'),
  claim: z
    .string()
    .min(1)
    .default('sub')
    .describe('Claim that says who somebody is. Only one that people cannot change at the provider'),
})

export const Web = z.strictObject({
  ...PublicPage.shape,
  oidc: Oidc.optional().describe(
    'Log-in with an OpenID Connect provider beside passwords; needs http.public_url. Accounts are bound by an administrator',
  ),
  boundaries: z
    .string()
    .default('')
    .describe(
      'TopoJSON file with outlines of regions for the map; the id of each is its Kemendagri code (32, 32.73). Empty: equal tiles only',
    ),
})
