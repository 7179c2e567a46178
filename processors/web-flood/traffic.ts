// What is counted of web requests, for a site and minute and for each part of them? Words that SQL, features and tests share.
import { z } from 'zod'

/** Patterns by which a request is told: RE2 and ECMAScript read them alike. They see the path in small letters. */
export const patterns = {
  static: '\\.(?:css|js|mjs|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|eot|mp4|webm|m3u8|ts)$',
  api: '^/(?:api|graphql|wp-json|rest|ajax|v[1-9])(?:/|$)|\\.json$',
  /** Pages that cost a database or a password hash. */
  expensive: '(?:login|masuk|signin|auth|wp-login|xmlrpc|search|cari|pencarian|ekspor|export|unduh|download)',
  chrome: 'Chrome/([0-9]{1,3})',
  /** Marks that apps put on a link for each who follows or shares it: always another one, and no way past a cache. */
  shared: '[?&](?:fbclid|gclid|gbraid|wbraid|igsh|igshid|ttclid|twclid|mibextid|msclkid)=',
  /** Previews of links in messengers: where they are, people share one. */
  preview: '^WhatsApp/|facebookexternalhit|TelegramBot|Twitterbot|LinkedInBot|Slackbot',
} as const

/** Operating systems of desktops, as the agent enricher names them. */
export const desktops = ['Windows', 'macOS', 'Linux', 'Chrome OS'] as const
export const phones = ['Android', 'iOS'] as const

/** Chrome so many releases behind (some two years) is old: agents made up from lists are. */
export const OLD_RELEASES = 20

/** Where a client asks from. `inside`: no public address; `unknown`: nothing is known of it. */
export const NetworkClass = z.enum(['mobile', 'indonesia', 'hosting', 'abroad', 'inside', 'unknown'])
export type NetworkClass = z.infer<typeof NetworkClass>

/** Requests of the window, counted. */
const requestCounts = {
  requests: z.number(),
  pages: z.number(),
  statics: z.number(),
  apis: z.number(),
  /** Requests other than GET and HEAD. */
  posts: z.number(),
  /** Pages and calls with a query (marks of shared links are none), and how many different ones those were. */
  queries: z.number(),
  unique_queries: z.number(),
  expensive: z.number(),
  /** Requests that browsers send with a Referer (parts of pages, forms, calls of scripts), and those of them without. */
  due: z.number(),
  due_missing: z.number(),
  /** Without a User-Agent, or of a tool or robot; previews of links are none. */
  tools: z.number(),
  old_http: z.number(),
  desktop: z.number(),
  /** Chrome far behind the releases that this site sees. */
  old_agents: z.number(),
  mobile: z.number(),
  hosting: z.number(),
  abroad: z.number(),
  /** Status 400, 401, 403, 404, 405. */
  refused: z.number(),
  /** Status 408, 429, 499: too slow, too many, or given up. */
  cut: z.number(),
  /** Status 5xx. */
  errors: z.number(),
  /** Pages and calls whose path this site has hardly had before. */
  novel: z.number(),
}

/** A site's minute: all its requests. */
export const Minute = z.object({
  site: z.string(),
  region: z.string(),
  owner: z.string(),
  /** Milliseconds since 1970 UTC. */
  minute: z.number(),
  asset: z.string(),
  criticality: z.string(),
  phase: z.string(),
  election: z.string(),
  /** One of its sources, and its last event. */
  source: z.string(),
  event: z.string(),
  addresses: z.number(),
  /** Newest Chrome release that is common here. */
  chrome: z.number(),
  /** Its most asked paths. */
  paths: z.array(z.string()),
  /** Pages and calls by kind of client: network, device and protocol, such as `mobile · phone · HTTP/2`. */
  kinds: z.record(z.string(), z.number()),
  ...requestCounts,
})
export type Minute = z.infer<typeof Minute>

/** Names of what is counted of requests. */
export const countNames = Object.keys(requestCounts) as (keyof typeof requestCounts)[]

/** A part of a site's requests in the window: its clients are those that asked in the window. */
export const Part = z.object({
  /** `kind:value`, such as `network:hosting`; `all:` is everything. */
  part: z.string(),
  ...requestCounts,
  /** Requests in the three minutes before the window. */
  before: z.number(),
  /** Client: an address with a User-Agent and a protocol, since a browser stays with one. */
  clients: z.number(),
  addresses: z.number(),
  agents: z.number(),
  /** Requests of its most used User-Agent. */
  top_agent: z.number(),
  /** Over the last ten minutes of these clients; of a path: its pages, and what was loaded with it as Referer. */
  requests_long: z.number(),
  pages_long: z.number(),
  statics_long: z.number(),
  /** Sum of squares of requests by client. */
  squares_long: z.number(),
  /** Clients with pages and nothing that belongs to a page: one page, or several. */
  single: z.number(),
  bare: z.number(),
  /** Clients with six pages and more, and those of them that ask in a steady beat. */
  paced: z.number(),
  steady: z.number(),
})
export type Part = z.infer<typeof Part>

/** Kinds of parts, in the order in which they are named to people when two are the same requests. */
export const partKinds = [
  'all',
  'subnet',
  'system',
  'agent',
  'kind',
  'session',
  'behaviour',
  'family',
  'network',
  'path',
] as const
export type PartKind = (typeof partKinds)[number]

export const MINUTE_MS = 60_000
/** How far back sessions are looked at. */
export const SESSION_MS = 10 * MINUTE_MS
/** Minutes before the window that a sudden rise is measured against: from four to one before its end. */
export const BEFORE_MS = 3 * MINUTE_MS
/** Pages of a client that its beat is told from. */
export const MAX_BEATS = 40
export const LEAST_BEATS = 6
/** Spread of the pauses, as a share of their mean, below which they are a beat. */
export const STEADY = 0.25
/** Parts of one kind that are looked at. */
export const MAX_PARTS = 12
/** Fewer requests in the (sampled) window are no part. */
export const LEAST_REQUESTS = 30
