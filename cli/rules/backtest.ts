// siaga rules backtest: what would a rule have raised in the past? The pipeline's engine over rows of ClickHouse; nothing is written.
import type { LinkedCorrelation } from '../../processors/correlate/link.ts'
import { createSigma } from '../../processors/detect/sigma/engine.ts'
import { columnOf, createEventAccessor } from '../../processors/detect/sigma/fields.ts'
import { createEventSource } from '../../processors/detect/sigma/logsource.ts'
import type { SigmaRule } from '../../processors/detect/sigma/rule.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { loadReference } from '../../runtime/reference.ts'
import type { EventColumn } from '../../schemas/event.ts'
import { RegionCode } from '../../schemas/place.ts'
import { CommandError, type Frame } from '../frame.ts'
import { createProgressBar } from '../send/progress-bar.ts'
import { printable } from '../terminal.ts'
import { backtestCorrelation } from './backtest-correlation.ts'
import { chosenRule, readTime } from './backtest-question.ts'
import { backtestReport } from './backtest-report.ts'
import { isDocument, shareOf } from './datasets.ts'
import { datasetHours, readHistory, stretches, withReader } from './history.ts'
import { sourceText } from './list.ts'
import { createTally, type Tally } from './tally.ts'
import { matchesOf } from './transform.ts'

export interface BacktestOptions {
  readonly from: string
  readonly to?: string
  readonly region?: string
  readonly samples: number
  readonly dir?: readonly string[]
  readonly json?: boolean
  readonly lang?: string
}

/** What was looked at and found. Times are milliseconds since 1970 UTC. */
export interface Backtest {
  readonly kind: 'rule' | 'correlation'
  readonly rule: Pick<SigmaRule, 'id' | 'title' | 'level' | 'guidance' | 'file'>
  readonly from: number
  readonly to: number
  readonly region: string
  /** The rule's log source in words; '' for a correlation. */
  readonly source: string
  /** Datasets that were read (none for a correlation), and events of them in that time. */
  readonly datasets: readonly string[]
  readonly events: number
  readonly read: number
  /** False if it was stopped halfway. */
  readonly complete: boolean
  /** What the rule costs an event, the median in microseconds of this machine; undefined for a correlation, and where nothing was read. */
  readonly costUs?: number
  readonly tally: Tally
  readonly samples: readonly { readonly timestamp: number; readonly region: string; readonly line: string }[]
}

const HOUR_MS = 3_600_000
/** Events of one query: read in much less than the ten minutes that a reader's query may take. */
const MOST_EVENTS = 5_000_000
/** The most that the reader may ask for. */
const READER_SECONDS = 600
const REPORT_EVERY = 1_000
const MOST_TIMINGS = 4_096
/** What the pipeline reads of an event to know its log source; the compiler says if one is missing. */
const ofSource = {
  dataset: true,
  event_category: true,
  event_code: true,
  process_name: true,
  process_command_line: true,
  http_method: true,
  url_original: true,
  dns_question_name: true,
  observer_product: true,
  // Only of documents, see columnsFor.
  fields: false,
} satisfies Record<keyof Parameters<ReturnType<typeof createEventSource>>[0], boolean>

/** What every row is read with: that, and what the tally needs. */
const always: readonly EventColumn[] = [
  'timestamp',
  'region_code',
  'source_ip',
  '_stream',
  '_partition',
  '_offset',
  ...(Object.keys(ofSource) as (keyof typeof ofSource)[]).filter((column) => ofSource[column]),
]

export async function backtestRule(wanted: string, options: BacktestOptions, frame: Frame): Promise<void> {
  const { rule, chain } = chosenRule(wanted, options.dir ?? [], frame)
  const now = Date.now()
  const from = readTime('--from', options.from, false)
  const to = options.to === undefined ? now : readTime('--to', options.to, true)
  if (from >= to) throw new CommandError('--from is not before --to.', 'See `siaga rules backtest --help`.', 2)
  const region = options.region ?? ''
  if (region !== '' && !RegionCode.safeParse(region).success)
    throw new CommandError(`\`${printable(region)}\` is no region.`, 'Give a Kemendagri code such as 32 or 32.73.', 2)
  const question = { from, to, region, samples: options.samples }
  const found =
    rule === undefined ? await runCorrelation(chain, question, frame) : await untilStopped(rule, question, frame)
  if (found === undefined) return
  const { config, baseDir } = frame.config()
  frame.stdout.write(backtestReport(found, options, loadReference(config, baseDir).regions, frame))
  if (!found.complete) frame.failed(130)
}

/** Ctrl-C ends the reading, not the report; a second one ends everything. */
async function untilStopped(rule: SigmaRule, question: Question, frame: Frame): Promise<Backtest> {
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.once('SIGINT', onSignal)
  try {
    return await withReader(frame, (clickhouse) => run(clickhouse, rule, question, stop.signal, frame))
  } finally {
    process.removeListener('SIGINT', onSignal)
  }
}

async function runCorrelation(
  chain: readonly LinkedCorrelation[],
  question: Question,
  frame: Frame,
): Promise<Backtest | undefined> {
  const progress = frame.progress()
  try {
    if (frame.stderr.isTTY) progress.doing(chain.at(-1)?.rule.title ?? '')
    return await withReader(frame, (clickhouse) => backtestCorrelation(clickhouse, chain, question, READER_SECONDS))
  } finally {
    progress.stop()
  }
}

/** Times are milliseconds since 1970 UTC. */
export interface Question {
  readonly from: number
  readonly to: number
  /** '' all. */
  readonly region: string
  readonly samples: number
}

/** How far a backtest may go, and who hears how far it is. */
export interface BacktestWork {
  /** Aborted: what was found so far is answered. */
  readonly signal: AbortSignal
  /** Called once when the work is known (0 read), and as events are read. */
  readonly onProgress: (read: number, events: number) => void
  /** Longest query in seconds: what the ClickHouse user may ask for. */
  readonly maxSeconds: number
  /** Events of one query, read in much less than that. */
  readonly perQuery: number
  /** Reading ends after so many events, as if it had been stopped. */
  readonly most: number
}

/** Runs a rule of events over the history. */
export async function runBacktest(
  clickhouse: ClickHouse,
  rule: SigmaRule,
  question: Question,
  { signal, onProgress, maxSeconds, perQuery, most }: BacktestWork,
): Promise<Backtest> {
  const { from, to, region } = question
  const range = rangeOf(question)
  const hours = await datasetHours(clickhouse, range)
  const named = [...new Set(hours.map(({ dataset }) => dataset))].sort()
  const datasets = named.filter((dataset) => shareOf(dataset, rule.logsource) !== 'none')
  const kept = hours.filter(({ dataset }) => datasets.includes(dataset))
  const events = kept.reduce((sum, count) => sum + count.events, 0)
  const tally = createTally(question.samples)
  let read = 0
  const timings: number[] = []
  const full = new AbortController()
  const ends = AbortSignal.any([signal, full.signal])
  if (datasets.length > 0) {
    const sigma = createSigma([rule], createEventAccessor())
    const sourceOf = createEventSource()
    onProgress(0, events)
    const columns = columnsFor(rule, datasets)
    for (const stretch of stretches(kept, perQuery)) {
      if (ends.aborted) break
      const part = rangeOf({ ...question, from: Math.max(from, stretch.from), to: Math.min(to, stretch.to) })
      const where = `${part.where} AND dataset IN {datasets:Array(String)}`
      const params = { ...part.params, datasets }
      await readHistory(clickhouse, { columns, where, params, signal: ends, maxSeconds }, (event) => {
        read += 1
        // A clock costs as much as many a rule: one event of sixteen is timed.
        const began = read % 16 === 1 ? performance.now() : 0
        const hit = sigma.match(event, sourceOf(event)).length > 0
        if (began > 0 && timings.length < MOST_TIMINGS) timings.push(performance.now() - began)
        if (hit) tally.add(event)
        if (read >= most) full.abort()
        if (read % REPORT_EVERY === 0) onProgress(read, events)
      })
    }
  }
  const samples = signal.aborted ? [] : await sampleLines(clickhouse, range, tally, maxSeconds)
  const source = sourceText(rule.logsource)
  return {
    kind: 'rule',
    rule,
    from,
    to,
    region,
    source,
    datasets,
    events,
    read,
    complete: !signal.aborted && !full.signal.aborted,
    ...(timings.length === 0 ? {} : { costUs: median(timings) * 1000 }),
    tally,
    samples,
  }
}

/** Of a list that is not empty. The first events compile the rule, and a busy machine interrupts some: a mean would count that. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** With a bar on the terminal. */
async function run(
  clickhouse: ClickHouse,
  rule: SigmaRule,
  question: Question,
  signal: AbortSignal,
  frame: Frame,
): Promise<Backtest> {
  const started = performance.now()
  const bar = createProgressBar(frame.stderr, frame.paintError)
  const done = { read: 0, events: 0 }
  let shown = false
  const onProgress = (read: number, events: number): void => {
    Object.assign(done, { read, events })
    if (shown) return
    shown = true
    bar.start(() => ({
      lines: done.read,
      bytes: done.read,
      totalBytes: done.events,
      seconds: (performance.now() - started) / 1000,
    }))
  }
  try {
    return await runBacktest(clickhouse, rule, question, {
      signal,
      onProgress,
      maxSeconds: READER_SECONDS,
      perQuery: MOST_EVENTS,
      most: Number.POSITIVE_INFINITY,
    })
  } finally {
    if (shown) bar.stop()
  }
}

/** Conditions that every query of the history has. Partitions are days of landing, and nothing lands before it happened. */
function rangeOf({ from, to, region }: Question): {
  where: string
  params: Record<string, string | number | string[]>
} {
  const parts = [
    'timestamp >= fromUnixTimestamp64Milli({from:Int64})',
    'timestamp < fromUnixTimestamp64Milli({to:Int64})',
    'ingested_at >= fromUnixTimestamp64Milli({landed:Int64})',
    ...(region === ''
      ? []
      : ["(region_code = {region:String} OR startsWith(region_code, concat({region:String}, '.')))"]),
  ]
  // A device's clock may run a minute ahead before its time is clamped.
  const params = { from, to, landed: Math.max(0, from - HOUR_MS), ...(region === '' ? {} : { region }) }
  return { where: parts.join(' AND '), params }
}

/** The columns that a rule reads, as the accessor names them. */
function columnsFor(rule: SigmaRule, datasets: readonly string[]): EventColumn[] {
  const columns = new Set(always)
  const { canonical } = createEventAccessor()
  // What ECS and JSON documents are of stands among their fields.
  if (datasets.some(isDocument)) columns.add('fields')
  const need = (field: string | undefined): void => {
    if (field === undefined) {
      columns.add('message')
      return
    }
    const name = canonical(field)
    const column = columnOf(name)
    if (column !== undefined) {
      columns.add(column)
      // A name of Windows events is looked for among the fields first.
      if (column !== name) columns.add('fields')
    } else if (name.startsWith('fields.')) columns.add('fields')
    // Text that is derived from one of these.
    else for (const one of ['url_path', 'http_referrer', 'user_agent_original'] as const) columns.add(one)
  }
  for (const { field, matcher } of matchesOf(rule.detection)) {
    need(field)
    if (matcher.kind === 'fieldref') need(matcher.field)
  }
  return [...columns]
}

async function sampleLines(
  clickhouse: ClickHouse,
  range: ReturnType<typeof rangeOf>,
  tally: Tally,
  maxSeconds: number,
): Promise<{ timestamp: number; region: string; line: string }[]> {
  const lines: { timestamp: number; region: string; line: string }[] = []
  for (const { stream, partition, offset } of tally.samples()) {
    const where = `${range.where} AND _stream = {stream:String} AND _partition = {partition:UInt16} AND _offset = {offset:UInt64}`
    const params = { ...range.params, stream, partition, offset }
    const columns: EventColumn[] = ['timestamp', 'region_code', 'message']
    await readHistory(clickhouse, { columns, where, params, limit: 1, maxSeconds }, (event) => {
      lines.push({ timestamp: event.timestamp, region: event.region_code, line: event.message })
    })
  }
  return lines.sort((a, b) => a.timestamp - b.timestamp)
}
