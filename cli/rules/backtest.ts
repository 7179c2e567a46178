// siaga rules backtest: what would a rule have raised in the past? The pipeline's engine over rows of ClickHouse; nothing is written.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createSigma } from '../../processors/detect/sigma/engine.ts'
import { columnOf, createEventAccessor } from '../../processors/detect/sigma/fields.ts'
import type { RuleSet } from '../../processors/detect/sigma/load.ts'
import { createEventSource } from '../../processors/detect/sigma/logsource.ts'
import type { SigmaRule } from '../../processors/detect/sigma/rule.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { loadReference } from '../../runtime/reference.ts'
import type { EventColumn } from '../../schemas/event.ts'
import { RegionCode } from '../../schemas/place.ts'
import { CommandError, type Frame } from '../frame.ts'
import { createProgressBar } from '../send/progress-bar.ts'
import { printable } from '../terminal.ts'
import { backtestReport } from './backtest-report.ts'
import { shareOf } from './datasets.ts'
import { datasetHours, readHistory, stretches, withReader } from './history.ts'
import { pickRule, problemText, ruleSet } from './rule-set.ts'
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
  readonly rule: SigmaRule
  readonly from: number
  readonly to: number
  readonly region: string
  /** Datasets that were read, and events of them in that time. */
  readonly datasets: readonly string[]
  readonly events: number
  readonly read: number
  /** False if it was stopped halfway. */
  readonly complete: boolean
  readonly tally: Tally
  readonly samples: readonly { readonly timestamp: number; readonly region: string; readonly line: string }[]
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Events of one query: read in much less than the ten minutes that a reader's query may take. */
const MOST_EVENTS = 5_000_000
/** What the pipeline reads of an event to know its log source, and what the tally needs. */
const always: readonly EventColumn[] = [
  'timestamp',
  'region_code',
  'source_ip',
  'dataset',
  'event_category',
  'process_name',
  'process_command_line',
  'http_method',
  'url_original',
  'dns_question_name',
  'observer_product',
  '_stream',
  '_partition',
  '_offset',
]

export async function backtestRule(wanted: string, options: BacktestOptions, frame: Frame): Promise<void> {
  const rule = ruleFor(wanted, options, frame)
  const now = Date.now()
  const from = readTime('--from', options.from, false)
  const to = options.to === undefined ? now : readTime('--to', options.to, true)
  if (from >= to) throw new CommandError('--from is not before --to.', 'See `siaga rules backtest --help`.', 2)
  const region = options.region ?? ''
  if (region !== '' && !RegionCode.safeParse(region).success)
    throw new CommandError(`\`${printable(region)}\` is no region.`, 'Give a Kemendagri code such as 32 or 32.73.', 2)

  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.once('SIGINT', onSignal)
  try {
    const found = await withReader(frame, (clickhouse) =>
      run(clickhouse, { rule, from, to, region, samples: options.samples }, stop.signal, frame),
    )
    const { config, baseDir } = frame.config()
    frame.stdout.write(backtestReport(found, options, loadReference(config, baseDir).regions, frame))
    if (!found.complete) frame.failed(130)
  } finally {
    process.removeListener('SIGINT', onSignal)
  }
}

function ruleFor(wanted: string, options: BacktestOptions, frame: Frame): SigmaRule {
  const path = resolve(frame.cwd, wanted)
  const isFile = existsSync(path)
  const set: RuleSet = isFile ? ruleSet([path], frame) : ruleSet(options.dir ?? [], frame)
  const [problem] = set.problems
  if (isFile && problem !== undefined)
    throw new CommandError(problemText(problem, frame), 'Put the rule right; `siaga rules check` names every mistake.')
  const correlated = set.correlations.map(({ document, file }) => ({
    id: String(document.id ?? file),
    name: String(document.name ?? ''),
    file,
  }))
  const all = [...set.rules, ...correlated]
  const found = isFile && all.length === 1 ? all[0] : pickRule(wanted, all, frame)
  if (found === undefined) throw new CommandError(`${wanted} holds no rule.`, 'Name a file with one Sigma rule.')
  if (!('detection' in found)) {
    throw new CommandError(
      `${printable(found.id)} is a correlation, and those run on the rule ids that events were given as they came.`,
      'Backtest the rules that it names one by one; its own cases are run by `siaga rules test`.',
    )
  }
  return found
}

interface Question {
  readonly rule: SigmaRule
  readonly from: number
  readonly to: number
  readonly region: string
  readonly samples: number
}

async function run(clickhouse: ClickHouse, question: Question, signal: AbortSignal, frame: Frame): Promise<Backtest> {
  const { rule, from, to, region } = question
  const range = rangeOf(question)
  const hours = await datasetHours(clickhouse, range)
  const named = [...new Set(hours.map(({ dataset }) => dataset))].sort()
  const datasets = named.filter((dataset) => shareOf(dataset, rule.logsource) !== 'none')
  const kept = hours.filter(({ dataset }) => datasets.includes(dataset))
  const events = kept.reduce((sum, count) => sum + count.events, 0)
  const tally = createTally(question.samples)
  let read = 0
  if (datasets.length > 0) {
    const sigma = createSigma([rule], createEventAccessor())
    const sourceOf = createEventSource()
    const started = performance.now()
    const bar = createProgressBar(frame.stderr, frame.paintError)
    bar.start(() => ({
      lines: read,
      bytes: read,
      totalBytes: events,
      seconds: (performance.now() - started) / 1000,
    }))
    try {
      const columns = columnsFor(rule, datasets)
      for (const stretch of stretches(kept, MOST_EVENTS)) {
        if (signal.aborted) break
        const part = rangeOf({ ...question, from: Math.max(from, stretch.from), to: Math.min(to, stretch.to) })
        const where = `${part.where} AND dataset IN {datasets:Array(String)}`
        await readHistory(clickhouse, { columns, where, params: { ...part.params, datasets }, signal }, (event) => {
          read += 1
          if (sigma.match(event, sourceOf(event)).length > 0) tally.add(event)
        })
      }
    } finally {
      bar.stop()
    }
  }
  const samples = signal.aborted ? [] : await sampleLines(clickhouse, range, tally)
  return { rule, from, to, region, datasets, events, read, complete: !signal.aborted, tally, samples }
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
  if (datasets.some((dataset) => dataset === 'ecs' || dataset === 'json')) columns.add('fields')
  const need = (field: string | undefined): void => {
    if (field === undefined) {
      columns.add('message')
      return
    }
    const name = canonical(field)
    const column = columnOf(name)
    if (column !== undefined) columns.add(column)
    else if (name.startsWith('fields.')) columns.add('fields')
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
): Promise<{ timestamp: number; region: string; line: string }[]> {
  const lines: { timestamp: number; region: string; line: string }[] = []
  for (const { stream, partition, offset } of tally.samples()) {
    const where = `${range.where} AND _stream = {stream:String} AND _partition = {partition:UInt16} AND _offset = {offset:UInt64}`
    const params = { ...range.params, stream, partition, offset }
    const columns: EventColumn[] = ['timestamp', 'region_code', 'message']
    await readHistory(clickhouse, { columns, where, params, limit: 1 }, (event) => {
      lines.push({ timestamp: event.timestamp, region: event.region_code, line: event.message })
    })
  }
  return lines.sort((a, b) => a.timestamp - b.timestamp)
}

/** A date is midnight in WIB (the end of that day for --to), a time has its offset with it. */
export function readTime(option: string, text: string, end: boolean): number {
  const WIB = 7 * HOUR_MS
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const midnight = Date.parse(`${text}T00:00:00Z`) - WIB
    // Date.parse takes 31 November for 1 December.
    if (!Number.isNaN(midnight) && new Date(midnight + WIB).toISOString().startsWith(text))
      return end ? midnight + DAY_MS : midnight
  } else if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)) {
    const at = Date.parse(text)
    if (!Number.isNaN(at)) return at
  }
  throw new CommandError(
    `${option} ${printable(text)} is no time.`,
    'Write a date such as 2024-11-27 (WIB), or a time with its offset such as 2024-11-27T08:00:00+07:00.',
    2,
  )
}
