// How are the workers kept running? One process per CPU core, restarted with backoff when one ends, counted in the parent's metrics.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { DetectionContent } from '../../processors/detect/index.ts'
import type { RuleSet } from '../../processors/detect/sigma/load.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { workersOf } from '../../runtime/topics.ts'
import type { IndicatorsInForce } from './indicators.ts'
import type { FromWorker, ToWorker, WorkerInit } from './main.ts'
import { detectionContent, type RulesInForce } from './rules.ts'

export interface WorkerPool {
  /** Resolves when every worker has been ready once. */
  ready(): Promise<void>
  readonly running: number
  pids(): number[]
  /** True when every worker uses this table of indicators. */
  uses(indicators: string | undefined): boolean
  /** Lets each worker land what it holds; SIGKILL after `graceMs`. */
  stop(graceMs?: number): Promise<void>
}

const FIRST_BACKOFF_MS = 200
const MAX_BACKOFF_MS = 5_000
const entry = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Heap limits: two pages a partition and the fetch they came from fit well below. */
const nodeFlags = [
  '--disable-warning=ExperimentalWarning',
  '--max-old-space-size=256',
  // Under a limit that low V8 marks the whole heap again once it has grown by 30 %, every second or two.
  '--heap-growing-percent=70',
  '--max-semi-space-size=8',
]

/** Starts the workers; `auto` is one for each core. They use the rules in force, those that change included. */
export function startWorkers(
  options: Omit<WorkerInit, 'detection' | 'indicators'>,
  rules: RulesInForce,
  indicators: Pick<IndicatorsInForce, 'current' | 'onChange'>,
  metrics: Metrics,
  log: Log,
): WorkerPool {
  let detection: DetectionContent
  const use = (set: RuleSet): void => {
    detection = detectionContent(set)
    metrics.rules.set(set.rules.length)
    metrics.ruleProblems.set(set.problems.length)
  }
  use(rules.current)
  const endRules = rules.onChange((changed) => {
    use(changed)
    for (const child of children.keys()) tell(child, { kind: 'rules', detection })
  })
  const endIndicators = indicators.onChange((file) => {
    for (const child of children.keys()) tell(child, { kind: 'indicators', file })
  })
  const size = workersOf(options.config.processors)
  /** The workers, each with the file of indicators that it uses. */
  const children = new Map<ChildProcess, string | undefined>()
  /** How far behind each worker says that its partitions are. */
  const lags = new Map<ChildProcess, ReadonlyMap<number, number>>()
  const firstReady = Array.from({ length: size }, () => Promise.withResolvers<void>())
  let stopping = false
  let ready = 0

  const launch = (slot: number, backoff: number): void => {
    if (stopping) return
    const startedAt = Date.now()
    const child = fork(entry, [], {
      execArgv: nodeFlags,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    let isReady = false
    const { current } = indicators
    children.set(child, undefined)
    child.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') {
        isReady = true
        children.set(child, current)
        ready += 1
        metrics.workers.set(ready)
        firstReady[slot]?.resolve()
      } else if (message.kind === 'counts') {
        addCounts(metrics, message.counts)
        lags.set(child, message.counts.lag)
        showLag(metrics, lags.values())
      } else if (message.kind === 'indicators') children.set(child, message.file)
      else log.warn({ message: message.message, pid: child.pid }, 'a worker failed')
    })
    child.on('exit', (code, signal) => {
      children.delete(child)
      lags.delete(child)
      showLag(metrics, lags.values())
      if (isReady) ready -= 1
      metrics.workers.set(ready)
      if (stopping) return
      log.warn({ pid: child.pid, code, signal }, 'a worker ended and is started again')
      const next = Date.now() - startedAt > 30_000 ? FIRST_BACKOFF_MS : Math.min(MAX_BACKOFF_MS, backoff * 2)
      setTimeout(() => launch(slot, next), backoff)
    })
    child.on('error', (error) => log.error({ error: error.message }, 'a worker could not be started'))
    tell(child, { kind: 'start', init: { ...options, detection, indicators: current } })
  }
  for (let slot = 0; slot < size; slot += 1) launch(slot, FIRST_BACKOFF_MS)

  return {
    ready: async () => {
      await Promise.all(firstReady.map(({ promise }) => promise))
    },
    get running() {
      return ready
    },
    pids: () => [...children.keys()].flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    uses: (file) => ready === size && [...children.values()].every((used) => used === file),
    async stop(graceMs = 3_000) {
      stopping = true
      endRules()
      endIndicators()
      await Promise.all(
        [...children.keys()].map(async (child) => {
          const ended = new Promise((resolve) => child.once('exit', resolve))
          const kill = setTimeout(() => child.kill('SIGKILL'), graceMs)
          tell(child, { kind: 'stop' })
          await ended
          clearTimeout(kill)
        }),
      )
    },
  }
}

function tell(child: ChildProcess, message: ToWorker): void {
  // A child that is just ending reports its exit; an error of the channel says nothing more.
  child.send(message, () => undefined)
}

function addCounts(metrics: Metrics, counts: Extract<FromWorker, { kind: 'counts' }>['counts']): void {
  metrics.consumed.inc(counts.consumed)
  metrics.landed.inc(counts.landed)
  metrics.insertRetries.inc(counts.insertRetries)
  for (const [reason, n] of Object.entries(counts.dropped)) metrics.dropped.inc({ reason }, n)
  for (const [reason, n] of Object.entries(counts.dead)) metrics.dead.inc({ reason }, n)
  for (const [severity, n] of Object.entries(counts.findings)) metrics.findings.inc({ severity }, n)
  for (const ms of counts.insertMs) metrics.insertSeconds.observe(ms / 1000)
}

/** A partition that nobody here has any more is told of no longer: whoever has it now tells of it. */
function showLag({ lag }: Pick<Metrics, 'lag'>, workers: Iterable<ReadonlyMap<number, number>>): void {
  lag.reset()
  for (const partitions of workers)
    for (const [partition, messages] of partitions) lag.set({ partition: String(partition) }, messages)
}
