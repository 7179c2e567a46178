// What does a probe of a public site say? The record that the probe collector writes, one a kind: what is there now, and what was known before.
// Facts only: what a change means is judged by the processors, so that a better judgement can be replayed.
import { z } from 'zod'

/** Agents that a page is fetched as: hacked sites show each another page. */
export const ProbeAgent = z.enum(['desktop', 'phone', 'crawler'])
export type ProbeAgent = z.infer<typeof ProbeAgent>

/** Why a probe got no answer. `blocked`: the address is private or reserved (the guard refused it). */
export const ProbeFailure = z.enum([
  'dns_not_found',
  'dns_failed',
  'blocked',
  'refused',
  'unreachable',
  'timeout',
  'reset',
  'tls_failed',
  'http_invalid',
  'redirect_loop',
  'too_slow',
])
export type ProbeFailure = z.infer<typeof ProbeFailure>

/**
 * What can differ from what was known of a site. Sets (addresses to weak_versions, link_hosts to redirect) differ when something new is among
 * them; `addresses` by network (/24, /48), `title` without its digits, `text` when little of it is known, `hidden_links` when they lead to new hosts
 * or are many more, `sitemap` when it has many more addresses.
 */
export const ProbeChange = z.enum([
  'addresses',
  'name_servers',
  'mail_servers',
  'aliases',
  'certificate',
  'certificate_problem',
  'issuer',
  'certificate_names',
  'weak_versions',
  'status',
  'title',
  'text',
  'language',
  'generator',
  'server',
  'link_hosts',
  'script_hosts',
  'hidden_links',
  'security_headers_missing',
  'redirect',
  'sitemap',
])
export type ProbeChange = z.infer<typeof ProbeChange>

const Text = z.string()
const Count = z.int().min(0)

export const DnsFacts = z.object({
  addresses: z.array(Text),
  name_servers: z.array(Text),
  mail_servers: z.array(Text),
  aliases: z.array(Text),
})
export type DnsFacts = z.infer<typeof DnsFacts>

export const TlsFacts = z.object({
  /** Protocol of the ordinary connection, such as TLSv1.3. */
  version: Text,
  cipher: Text,
  /** SHA-256 of the leaf, hex. */
  fingerprint: Text,
  subject: Text,
  issuer: Text,
  names: z.array(Text),
  serial: Text,
  not_before: Text,
  not_after: Text,
  /** The chain, leaf first: subjects of what the server sent, completed from the trust store. */
  chain: z.array(Text),
  /** Empty: the chain is trusted for this name. Else the code of OpenSSL or Node, such as CERT_HAS_EXPIRED. */
  problem: Text,
  /** Protocols that it also speaks and should not: TLSv1, TLSv1.1. */
  weak_versions: z.array(Text),
})
export type TlsFacts = z.infer<typeof TlsFacts>

/** A link, form or frame that people who look at the page do not see. */
export const HiddenLink = z.object({ href: Text, text: Text, why: Text })
export type HiddenLink = z.infer<typeof HiddenLink>

/** What a page holds, taken from its HTML. Texts are cut; spaces are one each. */
export const PageFacts = z.object({
  title: Text,
  description: Text,
  generator: Text,
  language: Text,
  /** Text that people see. */
  text: Text,
  /** Text that is in the page and that people do not see: hidden elements, `alt`, `<noscript>`, meta, JSON-LD, comments. */
  hidden_text: Text,
  hidden_links: z.array(HiddenLink),
  /** Links that people see: anchor texts and addresses, cut to the first hundred. */
  links: z.array(z.object({ href: Text, text: Text })),
  /** Other hosts that it links to. */
  link_hosts: z.array(Text),
  /** Other hosts that scripts, frames and refreshes come from. */
  script_hosts: z.array(Text),
  /** Target of a meta refresh or of a plain `location =` of a script; '' none. */
  refresh: Text,
  canonical: Text,
  /** Texts that scripts write or may write: strings of several words, and what is in a common code. */
  script_text: Text,
  /** How it is made, as few offices make theirs: `black` behind all, `sound` by itself, `no menu` of the right button. */
  look: z.array(Text).default([]),
  /** Simhash of the visible text, 16 hex digits. */
  fingerprint: Text,
})
export type PageFacts = z.infer<typeof PageFacts>

const Redirect = z.object({
  status: Count,
  location: Text,
  /** False: recorded and not fetched, since it leads to another host or the guard refused it. */
  followed: z.boolean(),
})

/** The page as one agent got it. */
export const PageView = z.object({
  agent: ProbeAgent,
  failure: ProbeFailure.optional(),
  /** In words, of a failure. */
  detail: Text.default(''),
  status: Count,
  http_version: Text,
  redirects: z.array(Redirect),
  timing_ms: z.object({ dns: Count, connect: Count, tls: Count, first_byte: Count, total: Count }),
  address: Text,
  content_type: Text,
  charset: Text,
  server: Text,
  /** Security headers that are set, by name in small letters. */
  security_headers: z.record(Text, Text),
  bytes: Count,
  truncated: z.boolean(),
  /** SHA-256 of the body, hex; '' none. */
  body_hash: Text,
  /** Left out of the phone's and the crawler's view where it is the same as the desktop's. */
  page: PageFacts.optional(),
})
export type PageView = z.infer<typeof PageView>

/** What is known of a page from the probes before: what was the same long enough. */
export const PageBaseline = z.object({
  /** Probes behind it, and when the first was, ISO 8601. */
  probes: Count,
  since: Text,
  title: Text,
  status: Count,
  fingerprint: Text,
  generator: Text,
  server: Text,
  language: Text,
  link_hosts: z.array(Text),
  script_hosts: z.array(Text),
  security_headers: z.array(Text),
  hidden_links: Count,
  /** Beginning of the visible text. */
  excerpt: Text,
})
export type PageBaseline = z.infer<typeof PageBaseline>

const common = {
  asset: Text,
  url: Text,
  host: Text,
  /** ISO 8601 with offset. */
  at: Text,
  /** Names of what differs from what was known; empty while nothing is known yet or nothing differs. */
  changed: z.array(ProbeChange),
}

export const ProbeRecord = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('dns'),
    ...common,
    failure: ProbeFailure.optional(),
    detail: Text.default(''),
    now: DnsFacts.optional(),
    before: DnsFacts.optional(),
  }),
  z.object({
    kind: z.literal('tls'),
    ...common,
    failure: ProbeFailure.optional(),
    detail: Text.default(''),
    now: TlsFacts.optional(),
    before: TlsFacts.optional(),
    /** Days until the certificate ends, negative if it has; and the setting below which it is told. */
    days_left: z.int().optional(),
    expiry_days: Count,
  }),
  z.object({
    kind: z.literal('page'),
    ...common,
    views: z.array(PageView),
    before: PageBaseline.optional(),
    /** Against the baseline, of the desktop view. Similarity of the texts is 0 to 1. */
    similarity: z.number().min(0).max(1).optional(),
    /** Visible lines that the baseline does not have, cut. */
    added_text: Text,
    added_hosts: z.array(Text),
    /** How much the views have in common with the desktop's, 0 to 1, where both are there. */
    views_similarity: z.object({ phone: z.number().optional(), crawler: z.number().optional() }),
    /** Of /sitemap.xml: how many addresses, and some of them; asked for with the identifying agent. */
    sitemap: z.object({ urls: Count, before: Count.optional(), sample: z.array(Text) }).optional(),
  }),
])
export type ProbeRecord = z.infer<typeof ProbeRecord>
