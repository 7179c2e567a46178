// What would become of a source's lines? The real tokeniser and pipeline over a sample; where lines go unread, the format that reads most of them.
import { randomBytes } from 'node:crypto'
import { createTokeniser } from '../../ingest/tokenise.ts'
import { openCountries } from '../../processors/enrich/geo.ts'
import { createEnrich, sourceFacts } from '../../processors/enrich/index.ts'
import { createParse } from '../../processors/parse/index.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { loadReference } from '../../runtime/reference.ts'
import { type Source, SourceFormat } from '../../schemas/config.ts'
import { type Event, type EventColumn, emptyEvent, eventColumns } from '../../schemas/event.ts'
import { encodeEnvelope, RAW_HEADER } from '../../schemas/raw-event.ts'

/** What a line came to. Its text has tokens for citizens' numbers, as live. */
export interface Sample {
  /** From 1. */
  readonly line: number
  readonly text: string
}

export interface ReadSample extends Sample {
  readonly dataset: string
  /** Every column and field that the line sets, in the order of the columns. */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

export interface Suggestion {
  readonly format: SourceFormat
  /** Lines of those tried that it reads, and that the present one reads. */
  readonly lines: number
  readonly now: number
  readonly of: number
}

export interface TryReport {
  readonly source: string
  readonly format: SourceFormat
  readonly region: string
  readonly lines: number
  readonly datasets: ReadonlyMap<string, number>
  /** Left out on purpose, and dead letters, by reason. */
  readonly dropped: ReadonlyMap<string, number>
  readonly dead: ReadonlyMap<string, number>
  readonly tags: ReadonlyMap<string, number>
  /** Columns and fields, with the lines that set them and the first value. */
  readonly columns: ReadonlyMap<string, { lines: number; readonly example: string }>
  readonly samples: readonly ReadSample[]
  /** The first lines that fell back to plain or died. */
  readonly unread: readonly (Sample & { readonly why: string })[]
  /** Undefined where no other format reads more. */
  readonly suggestion: Suggestion | undefined
}

export interface TryOptions {
  readonly source: Source
  readonly format: SourceFormat
  readonly config: Pick<ResolvedConfig, 'calendars' | 'regions' | 'assets' | 'retention'>
  readonly baseDir: string
  /** Lines of each dataset to show whole. */
  readonly show: number
  /** Milliseconds since 1970 UTC. */
  readonly now: number
}

const MAX_UNREAD_SHOWN = 5
/** Lines that all formats are tried on. */
const MAX_TRIED = 1_000
/** Formats that read nearly anything; what they read is not yet understood. */
const generic: ReadonlySet<string> = new Set(['syslog', 'plain', 'auto'])
/** Set for every event, and nothing about the line. */
const given: ReadonlySet<EventColumn> = new Set([
  ...(['message', 'event_id', 'source_id', 'received_at', 'ingested_at', 'retain_until', 'dataset', 'tags'] as const),
  ...(['fields', 'score', 'factors', 'rule_ids', 'score_version', '_stream', '_partition', '_offset'] as const),
])

/** Reads the lines as the source would. Nothing is sent; the tokens are of a key that is thrown away. */
export function createTrial(options: TryOptions): { line(text: string, number: number): void; report(): TryReport } {
  const { source, format, config, baseDir, show, now } = options
  const reference = loadReference(config, baseDir)
  const facts = sourceFacts({ sources: [source] }, reference).get(source.id)
  if (facts === undefined) throw new Error(`no facts of ${source.id}`)
  const tokenise = createTokeniser(randomBytes(32))
  const pipeline = createPipeline({
    parse: createParse(),
    // Autonomous systems are left out: their table is made at the first start.
    enrich: createEnrich({
      reference,
      assets: config.assets,
      cacheDir: '',
      databases: { country: openCountries(), system: () => ({ number: 0, name: '' }) },
    }),
    detect: () => [],
    score: () => undefined,
    sources: new Map([[source.id, { facts, format }]]),
    retention: config.retention,
  })
  const counts = { datasets: new Map<string, number>(), dropped: new Map<string, number>() }
  const dead = new Map<string, number>()
  const tags = new Map<string, number>()
  const columns = new Map<string, { lines: number; readonly example: string }>()
  const samples: ReadSample[] = []
  const unread: (Sample & { why: string })[] = []
  const tried: string[] = []
  let lines = 0

  const fell = (sample: Sample, why: string): void => {
    if (unread.length < MAX_UNREAD_SHOWN) unread.push({ ...sample, why })
  }
  return {
    line(text, number) {
      lines += 1
      const value = tokenise(Buffer.from(text))
      const envelope = { source: source.id, format: '', receivedAt: now, peer: '', id: '-', hash: '', marks: '' }
      const header = encodeEnvelope(envelope)
      const { outcome, event } = pipeline({ value, header: (name) => (name === RAW_HEADER ? header : undefined) }, now)
      const sample = { line: number, text: value.toString() }
      if (outcome.kind === 'drop') return count(counts.dropped, outcome.reason)
      if (tried.length < MAX_TRIED) tried.push(sample.text)
      if (outcome.kind !== 'ok') {
        const reason = outcome.kind === 'dlq' ? outcome.reason : 'format_mismatch'
        count(dead, reason)
        return fell(sample, outcome.kind === 'dlq' ? `${reason}: ${outcome.cause}` : reason)
      }
      count(counts.datasets, event.dataset)
      for (const tag of event.tags) count(tags, tag)
      const fields = fieldsOf(event)
      for (const [name, example] of fields) {
        const known = columns.get(name)
        if (known === undefined) columns.set(name, { lines: 1, example })
        else known.lines += 1
      }
      if (event.dataset === 'plain') fell(sample, 'plain')
      else if (samples.filter(({ dataset }) => dataset === event.dataset).length < show)
        samples.push({ ...sample, dataset: event.dataset, fields })
    },
    report: () => ({
      source: source.id,
      format,
      region: source.region,
      lines,
      ...counts,
      dead,
      tags,
      columns,
      samples,
      unread,
      suggestion: unread.length === 0 ? undefined : suggest(tried, format, facts.zoneMinutes, now),
    }),
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function fieldsOf(event: Event): [name: string, value: string][] {
  const set: [string, string][] = []
  for (const column of Object.keys(eventColumns) as EventColumn[]) {
    const value = event[column]
    if (given.has(column) || value === '' || value === 0 || typeof value === 'object') continue
    set.push([column, column === 'timestamp' ? new Date(Number(value)).toISOString() : String(value)])
  }
  for (const [name, value] of event.fields) set.push([`fields['${name}']`, value])
  return set
}

/** The format that reads most of the lines, if it is more than the present one reads; of two that read as many, the one that says more about them. */
function suggest(
  texts: readonly string[],
  current: SourceFormat,
  zoneMinutes: number,
  receivedAt: number,
): Suggestion | undefined {
  const parse = createParse()
  const context = { receivedAt, zoneMinutes, columns: [] }
  const reads = (format: SourceFormat): { lines: number; facts: number } => {
    let [lines, facts] = [0, 0]
    for (const text of texts) {
      const event = emptyEvent()
      if (parse(text, format, event, context).kind !== 'ok' || event.dataset === 'plain') continue
      lines += 1
      facts += fieldsOf(event).length
    }
    return { lines, facts }
  }
  const now = reads(current)
  let best = { format: current, ...now }
  // A mixture of formats is what `auto` is for: it stands behind the others, which win if they read as much.
  for (const format of [...SourceFormat.options.filter((option) => !generic.has(option)), 'auto' as const]) {
    if (format === current) continue
    const { lines, facts } = reads(format)
    if (lines <= now.lines) continue
    if (lines > best.lines || (lines === best.lines && facts > best.facts && format !== 'auto'))
      best = { format, lines, facts }
  }
  return best.format === current
    ? undefined
    : { format: best.format, lines: best.lines, now: now.lines, of: texts.length }
}
