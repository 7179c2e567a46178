// How does the page start a back-test? In a worker thread, as the ClickHouse user of the viewer's room, within that user's limits.
import { Worker } from 'node:worker_threads'
import type { ClickHouseOptions } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { Room } from '../../schemas/room.ts'
import type { BacktestResult } from '../../schemas/rules-api.ts'
import type { RuleParts } from '../../web/rules/parts.ts'
import type { BacktestJobData, BacktestMessage } from '../rules/backtest-worker.ts'

/** What a room may ask for (deploy/clickhouse/profiles.ts), and as much as can be read in that time. */
const MAX_SECONDS = 60
const PER_QUERY = 500_000
const MOST_EVENTS = 5_000_000
const SAMPLES = 10

export interface BacktestParts {
  readonly config: Pick<ResolvedConfig, 'rules'>
  readonly baseDir: string
  readonly storeOf: (room: Pick<Room, 'id'>) => ClickHouseOptions
}

export function backtestInThread({ config, baseDir, storeOf }: BacktestParts): RuleParts['backtest'] {
  return ({ room }, { rule, from, to, region }, signal, onProgress) =>
    new Promise<BacktestResult>((resolve, reject) => {
      const data: BacktestJobData = {
        clickhouse: storeOf(room),
        rules: config.rules,
        baseDir,
        rule,
        question: { from, to, region, samples: SAMPLES },
        maxSeconds: MAX_SECONDS,
        perQuery: PER_QUERY,
        most: MOST_EVENTS,
      }
      const worker = new Worker(new URL('../rules/backtest-worker.ts', import.meta.url), { workerData: data })
      const stop = (): void => worker.postMessage('stop')
      signal.addEventListener('abort', stop, { once: true })
      worker.on('message', (message: BacktestMessage) => {
        if (message.kind === 'progress') onProgress(message.read, message.events)
        else if (message.kind === 'done') resolve(message.result)
        else reject(new Error(message.problem))
      })
      worker.once('error', reject)
      worker.once('exit', () => {
        signal.removeEventListener('abort', stop)
        reject(new Error('the back-test ended without a result'))
      })
    })
}
