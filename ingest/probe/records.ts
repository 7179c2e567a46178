// What is written of a probe? One record of DNS, one of TLS, one of the page: what is there now, what was known, and what differs.
import type { DnsFacts, PageFacts, PageView, ProbeRecord } from '../../schemas/probe.ts'
import type { Probes } from '../../schemas/watch.ts'
import { compareDns, comparePage, compareTls, FIRST_PROBES, type Known, type Moment } from './known.ts'
import type { Observation } from './observe.ts'
import { detailOf, probeFailure, type Viewed } from './page-fetch.ts'
import type { Target } from './target.ts'
import { cutMiddle, similarity } from './text.ts'

const DAY_MS = 86_400_000
/** Half of what an event may hold: tokens in place of identifiers are longer than they. */
const MAX_RECORD_BYTES = 256 * 1024
const HOUR_SECONDS = 3600

export interface Probed {
  readonly records: ProbeRecord[]
  /** What is known from now on. */
  readonly known: Known
}

/** Compares what was seen with what is known, and learns it. `at` in milliseconds since 1970 UTC. */
export function recordsOf(
  target: Target,
  { dns, tls, views, sitemap }: Observation,
  before: Known,
  at: number,
  settings: Pick<Probes, 'adopt_hours' | 'expiry_days'>,
): Probed {
  const moment: Moment = { at: Math.floor(at / 1000), adoptSeconds: settings.adopt_hours * HOUR_SECONDS }
  const common = {
    asset: target.asset,
    url: target.url,
    host: new URL(target.url).hostname,
    at: new Date(at).toISOString(),
  }
  let known = before
  const records: ProbeRecord[] = []

  if (dns.failure === undefined || dns.failure.kind === 'blocked') {
    const blocked = dns.failure
    const compared = compareDns(known, dns.facts, dns.unknown, moment)
    // Where nobody may go is never learned as the usual place.
    if (blocked === undefined) known = compared.known
    records.push({
      kind: 'dns',
      ...common,
      ...(blocked === undefined ? {} : { failure: probeFailure(blocked) }),
      detail: detailOf(blocked),
      changed: compared.changed,
      now: compared.now,
      ...optional('before', compared.before),
    })
  } else {
    records.push({
      kind: 'dns',
      ...common,
      failure: probeFailure(dns.failure),
      detail: detailOf(dns.failure),
      changed: [],
      ...optional('before', learnedDns(known)),
    })
  }

  if (tls?.facts !== undefined) {
    const compared = compareTls(known, tls.facts, moment)
    known = compared.known
    const ends = Date.parse(tls.facts.not_after)
    records.push({
      kind: 'tls',
      ...common,
      detail: '',
      changed: compared.changed,
      now: tls.facts,
      ...optional('before', compared.before),
      ...(Number.isNaN(ends) ? {} : { days_left: Math.floor((ends - at) / DAY_MS) }),
      expiry_days: settings.expiry_days,
    })
  } else if (tls !== undefined) {
    records.push({
      kind: 'tls',
      ...common,
      failure: probeFailure(tls.failure),
      detail: detailOf(tls.failure),
      changed: [],
      ...optional('before', known.tls.good < FIRST_PROBES ? undefined : known.tls.before),
      expiry_days: settings.expiry_days,
    })
  }

  const [desktop] = views
  const head = { kind: 'page' as const, ...common }
  const seen = { views: viewsOf(views), views_similarity: viewsSimilarity(views) }
  // An outage is no beginning to learn from.
  const usable =
    desktop !== undefined &&
    desktop.view.failure === undefined &&
    !(known.page.good < FIRST_PROBES && desktop.view.status >= 500)
  if (usable) {
    const compared = comparePage(known, desktop.view, desktop.page, sitemap, moment)
    known = compared.known
    records.push({
      ...head,
      ...seen,
      changed: compared.changed,
      ...optional('before', compared.before),
      ...optional('similarity', compared.similarity),
      added_text: compared.addedText,
      added_hosts: compared.addedHosts,
      ...(sitemap === undefined ? {} : { sitemap: { ...sitemap, ...optional('before', compared.sitemapBefore) } }),
    })
  } else {
    const learned = known.page.good < FIRST_PROBES ? undefined : known.page.before
    records.push({ ...head, ...seen, changed: [], ...optional('before', learned), added_text: '', added_hosts: [] })
  }
  return { records, known }
}

function learnedDns({ dns }: Known): DnsFacts | undefined {
  return dns.good < FIRST_PROBES ? undefined : dns.before
}

function optional<K extends string, T>(name: K, value: T | undefined): { [P in K]?: T } {
  const found: { [P in K]?: T } = {}
  if (value !== undefined) found[name] = value
  return found
}

/** Views for the record; a page that is the desktop's again is left out. */
function viewsOf(views: readonly Viewed[]): PageView[] {
  const first = JSON.stringify(views[0]?.view.page)
  return views.map(({ view }, index) => {
    if (index === 0 || view.page === undefined || JSON.stringify(view.page) !== first) return view
    const { page: _page, ...rest } = view
    return rest
  })
}

function viewsSimilarity([desktop, ...others]: readonly Viewed[]): { phone?: number; crawler?: number } {
  const found: { phone?: number; crawler?: number } = {}
  for (const { view, page } of others) {
    if (desktop?.page === undefined || page === undefined || view.agent === 'desktop') continue
    found[view.agent] = similarity(desktop.page.shingles, page.shingles)
  }
  return found
}

/** The record as an event holds it: where it would not fit, texts and lists are halved until it does. */
export function payloadOf(record: ProbeRecord): Buffer {
  let fitting = record
  let payload = Buffer.from(JSON.stringify(fitting))
  for (let part = 0.5; payload.length > MAX_RECORD_BYTES && part > 0.001; part /= 2) {
    fitting = shrunk(record, part)
    payload = Buffer.from(JSON.stringify(fitting))
  }
  return payload
}

function shrunk(record: ProbeRecord, part: number): ProbeRecord {
  if (record.kind !== 'page') return record
  const text = (value: string): string => cutMiddle(value, Math.max(200, Math.floor(value.length * part)))
  const list = <T>(values: readonly T[]): T[] => values.slice(0, Math.max(3, Math.floor(values.length * part)))
  const page = (facts: PageFacts): PageFacts => ({
    ...facts,
    text: text(facts.text),
    hidden_text: text(facts.hidden_text),
    script_text: text(facts.script_text),
    hidden_links: list(facts.hidden_links),
    links: list(facts.links),
    link_hosts: list(facts.link_hosts),
    script_hosts: list(facts.script_hosts),
  })
  return {
    ...record,
    added_text: text(record.added_text),
    added_hosts: list(record.added_hosts),
    views: record.views.map((view) => (view.page === undefined ? view : { ...view, page: page(view.page) })),
    ...(record.sitemap === undefined ? {} : { sitemap: { ...record.sitemap, sample: list(record.sitemap.sample) } }),
  }
}
