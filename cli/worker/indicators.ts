// Which indicators are in force? Those of the store, made into a table file by a process of its own whenever a feed has brought something new.
import { fork } from 'node:child_process'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeTable } from '../../processors/detect/indicators/table.ts'
import type { ClickHouseOptions } from '../../runtime/clickhouse.ts'
import { errorText } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { CompileAnswer, CompileOrder } from './indicators-compile.ts'

export interface IndicatorsInForce {
  /** File of the table in force; undefined while there is none. */
  readonly current: string | undefined
  /** Called with the file of each new table; answers a function that ends it. */
  onChange(changed: (file: string) => void): () => void
  /** Looks at once whether there is something new, and resolves when it is in force. */
  refresh(): Promise<void>
  stop(): Promise<void>
}

export interface IndicatorOptions {
  /** Names the state of all feeds; cheap. Empty: there are no indicators. */
  readonly version: () => Promise<string>
  readonly clickhouse: ClickHouseOptions
  /** Where table files are kept; they can be made again at any time. */
  readonly folder: string
  readonly metrics: Pick<Metrics, 'indicators'>
  readonly log: Log
}

const LOOK_MS = 5_000
const SUFFIX = '.indicators'
const UNFINISHED_MS = 3_600_000
const entry = fileURLToPath(new URL('./indicators-compile.ts', import.meta.url))

/** Looks for a new state of the feeds every few seconds. Resolves when the first table is there, or when there are no indicators. */
export async function keepIndicators(options: IndicatorOptions): Promise<IndicatorsInForce> {
  const { folder, metrics, log } = options
  await mkdir(folder, { recursive: true })
  const listeners = new Set<(file: string) => void>()
  const stopping = new AbortController()
  let current: string | undefined
  let looking: Promise<void> | undefined

  const look = async (): Promise<void> => {
    const version = await options.version()
    const file = join(folder, `${version}${SUFFIX}`)
    if (version === '' || file === current) return
    let count = await countOf(file)
    if (count === undefined) {
      count = await compile({ clickhouse: options.clickhouse, file, version }, stopping.signal)
      log.info({ version, count }, 'indicators were read again')
    }
    metrics.indicators.set(count)
    current = file
    for (const changed of listeners) changed(file)
    await removeOthers(folder, file)
  }
  const refresh = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }
  const timer = setInterval(() => {
    refresh().catch((error: unknown) => {
      if (!stopping.signal.aborted) log.warn({ error: errorText(error) }, 'indicators cannot be read for now')
    })
  }, LOOK_MS)
  timer.unref()
  await refresh().catch((error: unknown) => log.warn({ error: errorText(error) }, 'indicators cannot be read for now'))
  return {
    get current() {
      return current
    },
    onChange(changed) {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    // A look under way may have read the version of before.
    refresh: async () => {
      await looking?.catch(() => undefined)
      await refresh()
    },
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await looking?.catch(() => undefined)
    },
  }
}

/** Resolves with the number of indicators. In a process of its own: reading a million of them would hold up the collectors for seconds. */
function compile(order: CompileOrder, signal: AbortSignal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const child = fork(entry, [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    signal,
    killSignal: 'SIGKILL',
  })
  child.on('message', (answer: CompileAnswer) => {
    if (answer.kind === 'done') resolve(answer.count)
    else reject(new Error(answer.message))
  })
  child.on('error', reject)
  child.on('exit', (code, ended) => reject(new Error(`the table of indicators was not made (${ended ?? code})`)))
  child.send(order, () => undefined)
  return promise
}

/** How many indicators a table of before holds; undefined if it is not there, or no table. */
async function countOf(file: string): Promise<number | undefined> {
  try {
    return (await describeTable(file)).count
  } catch {
    return undefined
  }
}

/** Workers that use an older table hold it open. What was begun and never finished goes after an hour. */
async function removeOthers(folder: string, kept: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name)
    const old = async () => Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? 0) > UNFINISHED_MS
    if (file !== kept && (name.endsWith(SUFFIX) || (await old()))) await rm(file, { force: true })
  }
}
