// Which back-tests run, and what came of them? One for each person and two at a time, so that looking back never slows looking at now.
import { randomUUID } from 'node:crypto'
import { errorText } from '../../runtime/errors.ts'
import type { BacktestJob } from '../../schemas/rules-api.ts'
import { WebError } from '../errors.ts'
import type { Viewer } from '../viewer.ts'
import type { BacktestQuestion, RuleParts } from './parts.ts'

const AT_A_TIME = 2
const WAITING = 10
const KEPT = 50
const KEPT_MS = 3_600_000

interface Job {
  readonly account: string
  readonly stop: AbortController
  at: number
  shown: BacktestJob
}

export interface Backtests {
  /** Starts one, or has it wait for its turn; the one that this person began before ends. */
  begin(viewer: Viewer, question: BacktestQuestion): BacktestJob
  /** A job of this viewer; throws NOT_FOUND for any other. */
  of(viewer: Viewer, id: string): BacktestJob
  stop(viewer: Viewer, id: string): BacktestJob
  /** Microseconds an event of the last back-test of a rule. */
  cost(rule: string): number | undefined
  /** Ends all. */
  close(): void
}

export function createBacktests({ backtest, now }: Pick<RuleParts, 'backtest' | 'now'>): Backtests {
  const jobs = new Map<string, Job>()
  const queue: (() => Promise<void>)[] = []
  const costs = new Map<string, number>()
  let running = 0

  const next = (): void => {
    if (running >= AT_A_TIME) return
    const run = queue.shift()
    if (run === undefined) return
    running += 1
    void run().finally(() => {
      running -= 1
      next()
    })
  }
  const isOpen = ({ shown }: Job): boolean => shown.state === 'waiting' || shown.state === 'running'
  const tidy = (): void => {
    for (const [id, job] of jobs) if (!isOpen(job) && (jobs.size > KEPT || now() - job.at > KEPT_MS)) jobs.delete(id)
  }
  const find = ({ id: account }: Viewer, id: string): Job => {
    const job = jobs.get(id)
    if (job === undefined || job.account !== account) throw new WebError('NOT_FOUND')
    return job
  }
  return {
    begin(viewer, question) {
      tidy()
      for (const job of jobs.values()) if (job.account === viewer.id && isOpen(job)) job.stop.abort()
      if (queue.length >= WAITING) throw new WebError('TOO_MANY_REQUESTS', {}, 30)
      const shown: BacktestJob = {
        id: randomUUID(),
        ...question,
        state: 'waiting',
        read: 0,
        events: 0,
        problem: '',
        result: null,
      }
      const job: Job = { account: viewer.id, stop: new AbortController(), at: now(), shown }
      jobs.set(shown.id, job)
      const set = (change: Partial<BacktestJob>): void => {
        job.shown = { ...job.shown, ...change }
        job.at = now()
      }
      queue.push(async () => {
        if (job.stop.signal.aborted) return set({ state: 'failed', problem: 'stopped' })
        set({ state: 'running' })
        try {
          const result = await backtest(viewer, question, job.stop.signal, (read, events) => set({ read, events }))
          if (result.cost_us !== null) costs.set(question.rule, result.cost_us)
          set({ state: 'done', result, read: result.read, events: result.events })
        } catch (error) {
          set({ state: 'failed', problem: job.stop.signal.aborted ? 'stopped' : errorText(error).slice(0, 500) })
        }
      })
      next()
      return job.shown
    },
    of: (viewer, id) => find(viewer, id).shown,
    stop(viewer, id) {
      const job = find(viewer, id)
      job.stop.abort()
      return job.shown
    },
    cost: (rule) => costs.get(rule),
    close() {
      queue.length = 0
      for (const job of jobs.values()) job.stop.abort()
    },
  }
}
