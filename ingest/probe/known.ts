// What is known of a site, and what is new in a probe of it? One state for each target, small enough for a file; pure.
import { z } from 'zod'
import { emptyAddress, parseAddress } from '../../runtime/address.ts'
import {
  type DnsFacts,
  DnsFacts as DnsSchema,
  PageBaseline,
  type PageView,
  type ProbeChange,
  TlsFacts,
} from '../../schemas/probe.ts'
import {
  acceptFacet,
  acceptLevel,
  emptyFacet,
  emptyLevel,
  Facet,
  type Learning,
  Level,
  learn,
  learnLevel,
} from './learn.ts'
import { acceptText, emptyFaces, learnText, TextFaces } from './learn-text.ts'
import type { ReadPage } from './page.ts'
import { securityHeaders } from './page-fetch.ts'
import type { Sitemap } from './sitemap.ts'
import { cut, cutMiddle, hash32, lineKey, sketch } from './text.ts'

/** Good probes that make a baseline. */
export const FIRST_PROBES = 3
const MAX_LINES = 2_000
const MAX_KNOWN_LINES = 2_500
const MAX_ADDED = 8_000
const MAX_EXCERPT = 600
const MAX_HOSTS = 100
/** More hidden links, or addresses of a sitemap, than twice the usual and this. */
const HIDDEN_SLACK = 10
const SITEMAP_SLACK = 50

const Part = z.object({
  /** Good probes, when the first and the last were (seconds since 1970 UTC). */
  good: z.int(),
  since: z.int(),
  last: z.int(),
  facets: z.record(z.string(), Facet),
})
type Part = z.infer<typeof Part>

/** `before`: the last facts without a change; `latest`: the last facts. */
export const Known = z.object({
  version: z.literal(1),
  url: z.string(),
  dns: Part.extend({ before: DnsSchema.optional(), latest: DnsSchema.optional() }),
  tls: Part.extend({ before: TlsFacts.optional(), latest: TlsFacts.optional() }),
  page: Part.extend({
    before: PageBaseline.optional(),
    latest: PageBaseline.optional(),
    lines: Facet,
    text: TextFaces,
    hidden: Level,
    sitemap: Level,
    /** Whether a sitemap was ever asked for with an answer. */
    sitemaps: z.int(),
  }),
})
export type Known = z.infer<typeof Known>

const emptyPart = (): Part => ({ good: 0, since: 0, last: 0, facets: {} })

export const emptyKnown = (url: string): Known => ({
  version: 1,
  url,
  dns: emptyPart(),
  tls: emptyPart(),
  page: {
    ...emptyPart(),
    lines: emptyFacet(),
    text: emptyFaces(),
    hidden: emptyLevel(),
    sitemap: emptyLevel(),
    sitemaps: 0,
  },
})

/** When, in seconds since 1970 UTC, and how long something new must stay. */
export interface Moment {
  readonly at: number
  readonly adoptSeconds: number
}

/** Values of each fact; one that could not be asked for is not there. */
type Values = Readonly<Partial<Record<ProbeChange, readonly string[]>>>

/** Learns the values of a good probe; answers the part and what is new in it, by fact. */
function learnPart<T extends Part>(
  part: T,
  values: Values,
  moment: Moment,
): { part: T; fresh: Map<ProbeChange, string[]>; learning: Learning } {
  const learning: Learning = { ...moment, first: part.good < FIRST_PROBES }
  const facets: Record<string, Facet> = { ...part.facets }
  const fresh = new Map<ProbeChange, string[]>()
  for (const [name, list] of entriesOf(values)) {
    const learned = learn(facets[name] ?? emptyFacet(), list, learning)
    facets[name] = learned.facet
    if (learned.fresh.length > 0) fresh.set(name, learned.fresh)
  }
  const next = {
    ...part,
    facets,
    good: part.good + 1,
    since: part.good === 0 ? moment.at : part.since,
    last: moment.at,
  }
  return { part: next, fresh, learning }
}

function entriesOf(values: Values): [ProbeChange, readonly string[]][] {
  const names = ProbeNames.filter((name) => values[name] !== undefined)
  return names.map((name) => [name, values[name] ?? []])
}

const ProbeNames: readonly ProbeChange[] = [
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
  'language',
  'generator',
  'server',
  'link_hosts',
  'script_hosts',
  'hidden_links',
  'security_headers_missing',
  'redirect',
]

export interface Compared<T> {
  readonly known: Known
  readonly changed: ProbeChange[]
  readonly before: T | undefined
}

/** Compares the answers of DNS. Facts that could not be asked for are those of before. */
export function compareDns(
  known: Known,
  facts: DnsFacts,
  unknown: ReadonlySet<keyof DnsFacts>,
  moment: Moment,
): Compared<DnsFacts> & { readonly now: DnsFacts } {
  const { latest, before } = known.dns
  const now = { ...facts }
  if (latest !== undefined) for (const name of unknown) now[name] = latest[name]
  const asked = (name: keyof DnsFacts, values: readonly string[]): Values =>
    unknown.has(name) ? {} : { [name]: values }
  const { part, fresh, learning } = learnPart(
    known.dns,
    {
      ...asked('addresses', now.addresses.map(networkOf)),
      ...asked('name_servers', now.name_servers),
      ...asked('mail_servers', now.mail_servers),
      ...asked('aliases', now.aliases),
    },
    moment,
  )
  const changed = [...fresh.keys()]
  const dns = { ...part, latest: now, before: changed.length === 0 ? now : before }
  return { known: { ...known, dns }, changed, before: learning.first ? undefined : before, now }
}

export function compareTls(known: Known, now: TlsFacts, moment: Moment): Compared<TlsFacts> {
  const { before } = known.tls
  const { part, fresh, learning } = learnPart(
    known.tls,
    {
      certificate: [now.fingerprint],
      certificate_problem: [now.problem],
      issuer: [now.issuer],
      certificate_names: now.names,
      weak_versions: now.weak_versions,
    },
    moment,
  )
  const changed = [...fresh.keys()]
  const tls = { ...part, latest: now, before: changed.length === 0 ? now : before }
  return { known: { ...known, tls }, changed, before: learning.first ? undefined : before }
}

export interface ComparedPage extends Compared<PageBaseline> {
  readonly similarity: number | undefined
  readonly addedText: string
  readonly addedHosts: string[]
  readonly sitemapBefore: number | undefined
}

/** Compares the desktop's view. `page`: undefined for an answer without a text. */
export function comparePage(
  known: Known,
  view: PageView,
  page: ReadPage | undefined,
  sitemap: Sitemap | undefined,
  moment: Moment,
): ComparedPage {
  const { before } = known.page
  const facts = page?.facts
  const { part, fresh, learning } = learnPart(
    known.page,
    {
      status: [String(view.status)],
      server: [lineKey(view.server)],
      security_headers_missing: securityHeaders.filter((name) => view.security_headers[name] === undefined),
      redirect: redirectsOf(view, page),
      ...(facts === undefined
        ? {}
        : {
            title: [lineKey(facts.title)],
            language: [facts.language.toLowerCase()],
            generator: [facts.generator],
            link_hosts: facts.link_hosts,
            script_hosts: facts.script_hosts,
            hidden_links: page?.hiddenHosts ?? [],
          }),
    },
    moment,
  )
  const changed = new Set(fresh.keys())
  const next = { ...part }
  let similarity: number | undefined
  let addedText = ''
  if (page !== undefined) {
    const text = learnText(next.text, sketch(page.shingles), learning)
    next.text = text.faces
    if (text.changed) changed.add('text')
    if (!learning.first) similarity = text.similarity
    const lines = new Map(endsOf(page.lines).map((line) => [hash32(lineKey(line)).toString(36), line]))
    const learned = learn(next.lines, [...lines.keys()], learning, MAX_KNOWN_LINES)
    next.lines = learned.facet
    addedText = cutMiddle(learned.fresh.map((key) => lines.get(key) ?? '').join('\n'), MAX_ADDED)
    const hidden = learnLevel(next.hidden, page.hiddenCount, HIDDEN_SLACK, learning)
    next.hidden = hidden.level
    if (hidden.leapt) changed.add('hidden_links')
  }
  const sitemapBefore = next.sitemaps >= FIRST_PROBES && before !== undefined ? next.sitemap.usual : undefined
  if (sitemap !== undefined) {
    const level = learnLevel(next.sitemap, sitemap.urls, SITEMAP_SLACK, {
      ...moment,
      first: next.sitemaps < FIRST_PROBES,
    })
    next.sitemap = level.level
    next.sitemaps += 1
    if (level.leapt) changed.add('sitemap')
  }
  const latest = snapshotOf(next, view, page)
  const told = [...changed]
  return {
    known: { ...known, page: { ...next, latest, before: told.length === 0 ? latest : before } },
    changed: told,
    before: learning.first ? undefined : before,
    similarity,
    addedText,
    addedHosts: [
      ...new Set((['link_hosts', 'script_hosts', 'hidden_links'] as const).flatMap((name) => fresh.get(name) ?? [])),
    ].slice(0, MAX_HOSTS),
    sitemapBefore,
  }
}

/** Everything that was there in the last probe is usual from now on, also after one probe alone. */
export function acceptKnown(known: Known): Known {
  const accepted = <T extends Part & { before?: unknown; latest?: unknown }>(part: T): T => ({
    ...part,
    good: part.good === 0 ? 0 : Math.max(part.good, FIRST_PROBES),
    facets: Object.fromEntries(
      Object.entries(part.facets).map(([name, facet]) => [name, acceptFacet(facet, part.last)]),
    ),
    before: part.latest,
  })
  const page = accepted(known.page)
  return {
    ...known,
    dns: accepted(known.dns),
    tls: accepted(known.tls),
    page: {
      ...page,
      lines: acceptFacet(page.lines, page.last),
      text: acceptText(page.text, page.last),
      hidden: acceptLevel(page.hidden),
      sitemap: acceptLevel(page.sitemap),
      sitemaps: page.sitemaps === 0 ? 0 : Math.max(page.sitemaps, FIRST_PROBES),
    },
  }
}

/** Neighbours of an address are the same place: a balancer, or another machine of the same hoster. */
function networkOf(address: string): string {
  const parsed = emptyAddress()
  if (!parseAddress(address, parsed)) return address
  const hex = (word: number): string => (word >>> 0).toString(16)
  // Words of a parsed address are 32 bits; that of IPv4 is the first.
  return parsed.family === 4 ? `v4:${hex(parsed.a >>> 8)}/24` : `v6:${hex(parsed.a)}:${hex(parsed.b >>> 16)}/48`
}

/** Where a page leads instead of answering, as far as its places are stable: scheme and host. */
function redirectsOf(view: PageView, page: ReadPage | undefined): string[] {
  const places = view.redirects.map(({ location }) => {
    const url = URL.parse(location)
    return url === null ? location.slice(0, 100) : `${url.protocol}//${url.host}`
  })
  const { refreshHost = '' } = page ?? {}
  return refreshHost === '' ? places : [...places, `refresh://${refreshHost}`]
}

/** All lines, or those of the beginning and the end of a page that has very many. */
function endsOf(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_LINES) return lines
  const tail = MAX_LINES / 4
  return [...lines.slice(0, MAX_LINES - tail), ...lines.slice(-tail)]
}

function snapshotOf({ good, since }: Part, view: PageView, page: ReadPage | undefined): PageBaseline {
  const facts = page?.facts
  return {
    probes: good,
    since: new Date(since * 1000).toISOString(),
    title: facts?.title ?? '',
    status: view.status,
    fingerprint: facts?.fingerprint ?? '',
    generator: facts?.generator ?? '',
    server: view.server,
    language: facts?.language ?? '',
    link_hosts: (facts?.link_hosts ?? []).slice(0, MAX_HOSTS),
    script_hosts: (facts?.script_hosts ?? []).slice(0, MAX_HOSTS),
    security_headers: Object.keys(view.security_headers),
    hidden_links: facts?.hidden_links.length ?? 0,
    excerpt: cut(facts?.text ?? '', MAX_EXCERPT),
  }
}
