// How does a back-test of the page run? In a thread of its own: millions of events are read without holding up anybody's request.
import { parentPort, workerData } from 'node:worker_threads'
import { type ClickHouseOptions, createClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { errorText } from '../../runtime/errors.ts'
import type { BacktestResult } from '../../schemas/rules-api.ts'
import { loadConfiguredRules } from '../worker/rules.ts'
import { type Backtest, type Question, runBacktest } from './backtest.ts'
import { backtestCorrelation } from './backtest-correlation.ts'
import { chainOf, readCorrelations } from './correlation-cases.ts'

export interface BacktestJobData {
  readonly clickhouse: ClickHouseOptions
  readonly rules: ResolvedConfig['rules']
  readonly baseDir: string
  readonly rule: string
  readonly question: Question
  readonly maxSeconds: number
  readonly perQuery: number
  readonly most: number
}

export type BacktestMessage =
  | { readonly kind: 'progress'; readonly read: number; readonly events: number }
  | { readonly kind: 'done'; readonly result: BacktestResult }
  | { readonly kind: 'failed'; readonly problem: string }

const MAX_ROWS = 2_000
const MAX_LINE = 2_000

async function run(data: BacktestJobData, say: (message: BacktestMessage) => void, signal: AbortSignal): Promise<void> {
  const clickhouse = createClickHouse(data.clickhouse)
  try {
    const set = loadConfiguredRules({ rules: data.rules }, data.baseDir)
    const rule = set.rules.find(({ id }) => id === data.rule)
    const { question, maxSeconds, perQuery, most } = data
    if (rule !== undefined) {
      const onProgress = (read: number, events: number): void => say({ kind: 'progress', read, events })
      const found = await runBacktest(clickhouse, rule, question, { signal, onProgress, maxSeconds, perQuery, most })
      return say({ kind: 'done', result: resultOf(found) })
    }
    const { rules } = readCorrelations(set)
    const own = rules.find(({ id }) => id === data.rule)
    const chain = own === undefined ? [] : chainOf(own, rules, set)
    const found = await backtestCorrelation(clickhouse, chain, question, maxSeconds)
    say(
      found === undefined
        ? { kind: 'failed', problem: 'this rule is not in force' }
        : { kind: 'done', result: resultOf(found) },
    )
  } finally {
    await clickhouse.close()
  }
}

function resultOf({ kind, datasets, events, read, complete, tally, samples, costUs }: Backtest): BacktestResult {
  const days = tally.rows()
  return {
    kind,
    datasets: [...datasets],
    events,
    read,
    complete,
    matches: tally.total,
    days: days.slice(0, MAX_ROWS),
    days_cut: days.length > MAX_ROWS,
    samples: samples.map(({ timestamp, region, line }) => ({ at: timestamp, region, line: line.slice(0, MAX_LINE) })),
    cost_us: costUs ?? null,
  }
}

const port = parentPort
if (port !== null) {
  const stop = new AbortController()
  port.once('message', () => stop.abort())
  // Given by the thread that started this one, of the same version.
  const data: BacktestJobData = workerData
  try {
    await run(data, (message) => port.postMessage(message), stop.signal)
  } catch (error) {
    port.postMessage({ kind: 'failed', problem: errorText(error) } satisfies BacktestMessage)
  }
  port.close()
}
