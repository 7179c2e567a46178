// What would the next update of a feed be? Fetched, read, freed of what is on warning lists, compared with what is in force, and laid down as a draft.
import { createHash } from 'node:crypto'
import type { Feed } from '../../schemas/feed.ts'
import type { Indicator, IndicatorType } from '../../schemas/indicator.ts'
import { type CopyMeta, readCopy, writeCopy } from './copy.ts'
import { parseCsv, parseUrlhaus } from './csv.ts'
import { createReader, FeedFailure, type Got, isWebAddress, type Reader, shown } from './fetch.ts'
import { feedFiles } from './folders.ts'
import { createIntake, DAY_MS, type Parsed, type Problem } from './intake.ts'
import { readLeftOut } from './left-out.ts'
import { parseList } from './list.ts'
import { parseMisp, readManifest } from './misp.ts'
import { type Pieces, readPieces, writePieces } from './pieces.ts'
import { parseStix } from './stix.ts'
import { fetchTaxii } from './taxii.ts'
import { createWarningLists, type WarningListFile } from './warning-lists.ts'

export interface DraftRequest {
  readonly feed: Feed
  readonly dataDir: string
  readonly baseDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly warningLists: readonly WarningListFile[]
  /** Milliseconds since 1970 UTC. */
  readonly now: number
  readonly timeoutMs?: number
  /** A local copy in place of the feed's address. */
  readonly file?: string
  /** Where the draft is written; default: the feed's folder. */
  readonly to?: string
  /** Keep nothing but the draft: pieces are not written. */
  readonly dry?: boolean
}

export type DraftOutcome =
  | { readonly kind: 'same' }
  | { readonly kind: 'draft'; readonly meta: CopyMeta; readonly before: number }

/** A copy older than this is fetched again though the server says it is the same: the feed vouches for its values today. */
const REFRESH_MS = DAY_MS
/** Most events of a MISP feed, and failures among them, in one round. */
const MAX_EVENTS = 50_000

/** Makes the draft. Rejects with FeedFailure; nothing that is in force has changed then. */
export async function makeDraft(request: DraftRequest): Promise<DraftOutcome> {
  const { feed, dataDir, now } = request
  const files = feedFiles(dataDir, feed.id)
  const settings = settingsMark(feed)
  const good = await readCopy(files.good).catch(() => undefined)
  const fresh = good !== undefined && good.meta.settings === settings && now - good.meta.fetched < REFRESH_MS
  const since = fresh ? good.meta : undefined
  const content = await contentOf(request, settings, since)
  if (content === 'same') return { kind: 'same' }
  const { parsed, got } = content
  if (parsed.indicators.length === 0 && parsed.problems.some(({ reason }) => reason !== 'expired')) {
    const [problem] = parsed.problems
    throw new FeedFailure('unreadable', `nothing in it can be read (${problem?.reason}: ${problem?.examples[0] ?? ''})`)
  }

  const warn = createWarningLists(request.warningLists)
  const isLeftOut = await readLeftOut(dataDir, feed.id)
  const warned = new Map<string, number>()
  const known = firstSeenOf(good?.indicators ?? [])
  const before = (good?.indicators ?? []).filter(({ expires }) => expires > now).length
  const added: Indicator[] = []
  const stayed: Indicator[] = []
  for (const indicator of parsed.indicators) {
    const list = warn(indicator) ?? (isLeftOut(indicator) ? 'left-out' : undefined)
    if (list !== undefined) {
      warned.set(list, (warned.get(list) ?? 0) + 1)
      continue
    }
    const first = known.get(indicator.type)?.get(indicator.value)
    if (first === undefined) added.push(indicator)
    else stayed.push(first < indicator.first_seen ? { ...indicator, first_seen: first } : indicator)
  }
  const meta: CopyMeta = {
    version: 1,
    feed: feed.id,
    fetched: now,
    settings,
    etag: got?.etag ?? '',
    last_modified: got?.last_modified ?? '',
    total: parsed.total,
    problems: parsed.problems.map((problem) => ({ ...problem, examples: [...problem.examples] })),
    warned: Object.fromEntries([...warned].sort((a, b) => b[1] - a[1])),
    indicators: added.length + stayed.length,
    added: added.length,
    removed: (good?.indicators.length ?? 0) - stayed.length,
    fingerprint: fingerprintOf(added),
  }
  await writeCopy(request.to ?? files.draft, meta, [...added, ...stayed])
  return { kind: 'draft', meta, before }
}

/** When each was first seen, a table a type. */
function firstSeenOf(indicators: readonly Indicator[]): Map<IndicatorType, Map<string, number>> {
  const tables = new Map<IndicatorType, Map<string, number>>()
  for (const { type, value, first_seen } of indicators) {
    const table = tables.get(type) ?? new Map<string, number>()
    tables.set(type, table)
    table.set(value, first_seen)
  }
  return tables
}

function fingerprintOf(indicators: readonly Indicator[]): string {
  const hash = createHash('sha256')
  for (const key of indicators.map(({ type, value }) => `${type} ${value}`).sort()) hash.update(`${key}\n`)
  return hash.digest('hex')
}

/** A mark of the settings that shape indicators. */
function settingsMark(feed: Feed): string {
  const { when: _, name: __, headers: ___, hold: ____, allow_private: _____, ...rest } = feed
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 16)
}

interface Content {
  readonly parsed: Parsed
  /** Of feeds that are one document. */
  readonly got?: Got
}

async function contentOf(
  request: DraftRequest,
  settings: string,
  since: CopyMeta | undefined,
): Promise<Content | 'same'> {
  const { feed, now, baseDir, env, timeoutMs, file } = request
  const reader = createReader(feed, { baseDir, env, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
  if (file === undefined && feed.format === 'taxii') return await fromTaxii(request, settings, reader)
  const where = file ?? (feed.format === 'misp' && feed.url.endsWith('/') ? `${feed.url}manifest.json` : feed.url)
  const pieced = feed.format === 'misp' && file === undefined
  const got = await reader.read(where, {
    maxBytes: feed.max_bytes,
    ...(since === undefined || pieced || file !== undefined ? {} : { since }),
  })
  if (got === 'same') return 'same'
  const events = pieced ? readManifest(got.bytes) : undefined
  if (events === undefined) return { parsed: parserOf(feed.format)(got.bytes, feed, now), got }
  const changes = await fromMisp(events.slice(0, MAX_EVENTS), where, request, settings, reader)
  return { parsed: changes }
}

/** The parser of a format whose content is one document. */
export function parserOf(format: Feed['format']): typeof parseList {
  switch (format) {
    case 'misp':
      return parseMisp
    case 'stix':
    case 'taxii':
      return parseStix
    case 'csv':
      return parseCsv
    case 'urlhaus':
      return parseUrlhaus
    case 'list':
      return parseList
    case 'openphish':
      return (bytes, settings, now) => parseList(bytes, { ...settings, type: 'url' }, now)
  }
}

async function fromTaxii(request: DraftRequest, settings: string, reader: Reader): Promise<Content> {
  const { feed, dataDir, now } = request
  if (!URL.canParse(feed.url) || !isWebAddress(feed.url)) {
    throw new FeedFailure('settings', 'url of a taxii feed must be the http(s) address of a collection')
  }
  const { pieces: file } = feedFiles(dataDir, feed.id)
  const pieces = await readPieces(file, feed.id, settings)
  try {
    const { total, problems } = await fetchTaxii(feed.url, reader, pieces, feed, now)
    return { parsed: together(pieces, feed, now, total, problems) }
  } finally {
    // What came before a failure is not asked for again.
    if (request.dry !== true) await writePieces(file, settings, pieces)
  }
}

/** Fetches the events whose timestamp in the manifest is another than ours; those that the manifest has no more go. */
async function fromMisp(
  events: readonly { uuid: string; timestamp: string }[],
  manifest: string,
  request: DraftRequest,
  settings: string,
  reader: Reader,
): Promise<Parsed> {
  const { feed, dataDir, now } = request
  const { pieces: file } = feedFiles(dataDir, feed.id)
  const pieces = await readPieces(file, feed.id, settings)
  const listed = new Set(events.map(({ uuid }) => uuid))
  for (const uuid of pieces.known.keys()) if (!listed.has(uuid)) pieces.known.delete(uuid)
  const problems: Problem[] = []
  let left = feed.max_bytes
  let total = 0
  let failed: FeedFailure | undefined
  let failures = 0
  const changed = events.filter(({ uuid, timestamp }) => pieces.known.get(uuid)?.version !== timestamp)
  try {
    for (const { uuid, timestamp } of changed) {
      const where = beside(manifest, `${uuid}.json`)
      try {
        if (left <= 0) throw new FeedFailure('too_large', `${shown(manifest)}: more than ${feed.max_bytes} bytes`)
        const got = await reader.read(where, { maxBytes: left })
        if (got === 'same') continue
        left -= got.bytes.length
        const parsed = parseMisp(got.bytes, feed, now)
        total += parsed.total
        problems.push(...parsed.problems)
        pieces.known.set(uuid, { version: timestamp, indicators: parsed.indicators })
      } catch (error) {
        if (!(error instanceof FeedFailure)) throw error
        // What is known of the event stays; it is asked for again next time. A server that fails again and again is left alone.
        failed = error
        problems.push({ reason: `event_${error.reason}`, count: 1, examples: [error.message] })
        if (++failures > 10 || error.reason === 'too_large') throw error
      }
    }
  } finally {
    if (request.dry !== true) await writePieces(file, settings, pieces)
  }
  if (failed !== undefined && failures === changed.length) throw failed
  return together(pieces, feed, now, total, problems)
}

function beside(manifest: string, name: string): string {
  if (isWebAddress(manifest)) return new URL(name, manifest).href
  return manifest.replace(/[^/]*$/, name)
}

/** All pieces as one feed. Those that have expired since are left out. */
function together({ known }: Pieces, feed: Feed, now: number, total: number, problems: readonly Problem[]): Parsed {
  const intake = createIntake(feed, now)
  for (const { indicators } of known.values())
    for (const indicator of indicators) if (indicator.expires > now) intake.merge(indicator)
  const { indicators, problems: more } = intake.done()
  return { indicators, problems: summed([...problems, ...more]), total }
}

function summed(problems: readonly Problem[]): Problem[] {
  const sums = new Map<string, Problem>()
  for (const { reason, count, examples } of problems) {
    const other = sums.get(reason)
    const all = [...(other?.examples ?? []), ...examples].slice(0, 5)
    sums.set(reason, { reason, count: count + (other?.count ?? 0), examples: all })
  }
  return [...sums.values()].sort((a, b) => b.count - a.count)
}
