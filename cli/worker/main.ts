// The process of one worker: gets its options from the parent, reports counts every second, ends when the parent does.
import type { DetectionContent } from '../../processors/detect/index.ts'
import { errorText } from '../../runtime/errors.ts'
import { outliveStrayRejections } from '../../runtime/kafka-strays.ts'
import { createLog } from '../../runtime/log.ts'
import { startWorker, type Worker, type WorkerOptions } from './loop.ts'

/** First message from the parent. Secrets travel here, never in arguments that `ps` would show. */
export type WorkerInit = Omit<WorkerOptions, 'log' | 'onCrash'>
export type ToWorker =
  | { kind: 'start'; init: WorkerInit }
  | { kind: 'rules'; detection: DetectionContent }
  | { kind: 'indicators'; file: string }
  | { kind: 'stop' }
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'counts'; counts: ReturnType<Worker['takeCounts']> }
  /** From now on these indicators. */
  | { kind: 'indicators'; file: string }
  | { kind: 'failed'; message: string }

const REPORT_MS = 1_000
let worker: Worker | undefined
/** Rules that came after the start, perhaps while it was under way. */
let newestRules: DetectionContent | undefined
/** Table of indicators that came after the start; one is loaded at a time, the newest last. */
let newestIndicators: string | undefined
let loading = false

outliveStrayRejections()
process.on('message', (message: ToWorker) => {
  if (message.kind === 'stop') void stop()
  else if (message.kind === 'start') void start(message.init)
  else if (message.kind === 'rules') {
    newestRules = message.detection
    worker?.useRules(newestRules)
  } else {
    newestIndicators = message.file
    void useIndicators()
  }
})
// The parent is gone, perhaps by SIGKILL: nobody would restart or count this worker.
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => void stop())

async function start(init: WorkerInit): Promise<void> {
  const log = createLog(init.config.log_level, 'siaga-processor')
  const crash = (error: unknown) => {
    send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
    process.exit(1)
  }
  process.on('uncaughtException', (error) => {
    log.error({ error: error.stack }, 'worker failed')
    crash(error)
  })
  try {
    worker = await startWorker({ ...init, log, onCrash: crash })
  } catch (error) {
    log.warn({ error: error instanceof Error ? error.message : String(error) }, 'worker could not start')
    return crash(error)
  }
  if (newestRules !== undefined) worker.useRules(newestRules)
  void useIndicators()
  send({ kind: 'ready' })
  setInterval(report, REPORT_MS).unref()
}

async function useIndicators(): Promise<void> {
  if (worker === undefined || loading) return
  loading = true
  while (newestIndicators !== undefined) {
    const file = newestIndicators
    newestIndicators = undefined
    try {
      await worker.useIndicators(file)
      send({ kind: 'indicators', file })
    } catch (error) {
      send({ kind: 'failed', message: `indicators could not be loaded: ${errorText(error)}` })
    }
  }
  loading = false
}

async function stop(): Promise<void> {
  await worker?.stop()
  report()
  process.exit(0)
}

function report(): void {
  if (worker !== undefined) send({ kind: 'counts', counts: worker.takeCounts() })
}

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message)
}
