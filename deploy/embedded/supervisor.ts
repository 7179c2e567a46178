// How is a child process kept running, and how is it made to end? One supervisor per embedded service.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import { identify, isAlive, type ProcessIdentity, stopProcess } from './processes.ts'
import { openRotatingLog, type RotatingLog } from './rotating-log.ts'

export type ServiceState = 'fetching' | 'starting' | 'ready' | 'stopping' | 'stopped' | 'crashed' | 'restarting'

export type OnState = (state: ServiceState, detail?: string) => void

/** What to run and how to tell that it is well. */
export interface ServiceSpec {
  readonly name: string
  /** Called before each start: writes configuration, picks what must be picked anew. */
  prepare(): Promise<Command>
  /** True if the service answers; must settle within a few seconds. */
  check(): Promise<boolean>
  readonly startTimeoutMs: number
  /** How long SIGTERM may take before SIGKILL. */
  readonly stopGraceMs: number
  /** The service's own log, named in errors. */
  readonly log?: string
}

interface Command {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** A running service as others see it. */
export interface EmbeddedService {
  readonly name: string
  /** The process that runs now; undefined between a crash and the restart. */
  pid(): number | undefined
  /** Sends a signal to the process; the supervisor then treats its end as a crash. For fault tests. */
  kill(signal: NodeJS.Signals): void
  /** Orderly stop and a new start; also starts a stopped service. */
  restart(): Promise<void>
  /** Resolves when the service answers; rejects once it has been stopped. */
  ready(): Promise<void>
  stop(): Promise<void>
}

/** Wrapped, because a promise of a promise is only one promise. */
interface Launched {
  /** How the process ended. */
  readonly exited: Promise<string>
}

const backoff = { firstMs: 100, maxMs: 5_000, forgetAfterMs: 1_000 }
const watch = { everyMs: 5_000, failures: 6 }
const Identity = z.object({ pid: z.int().positive(), startTime: z.string() })

export class Supervisor implements EmbeddedService {
  readonly name: string
  readonly #spec: ServiceSpec
  readonly #recordFile: string
  readonly #log: RotatingLog
  readonly #onState: OnState
  #child: ChildProcess | undefined
  #wanted = false
  #isReady = false
  #waiting: PromiseWithResolvers<void>[] = []
  /** Aborted when the service shall stop; each start gets its own. */
  #life = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #stopping: Promise<void> = Promise.resolve()

  constructor(spec: ServiceSpec, dataDir: string, onState: OnState) {
    this.name = spec.name
    this.#spec = spec
    this.#onState = onState
    this.#recordFile = join(dataDir, 'run', `${spec.name}.json`)
    this.#log = openRotatingLog(join(dataDir, 'logs', `${spec.name}.out.log`))
  }

  /** First start. Throws SERVICE_START_FAILED (nothing is left running then); later crashes are restarted. */
  async start(signal?: AbortSignal): Promise<void> {
    this.#wanted = true
    this.#life = new AbortController()
    const life = signal ? AbortSignal.any([this.#life.signal, signal]) : this.#life.signal
    this.#onState('starting')
    let first: Launched
    try {
      first = await this.#launch(life)
    } catch (error) {
      this.#wanted = false
      throw error
    }
    this.#running = this.#keepRunning(first, this.#life.signal)
  }

  pid(): number | undefined {
    return this.#child?.pid
  }

  kill(signal: NodeJS.Signals): void {
    // It ends a moment later: whoever waits for ready() next must not be told of the dying one.
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.#isReady = false
    this.#child?.kill(signal)
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  ready(): Promise<void> {
    if (this.#isReady) return Promise.resolve()
    if (!this.#wanted) return Promise.reject(new Error(`${this.name} is stopped`))
    const waiter = Promise.withResolvers<void>()
    this.#waiting.push(waiter)
    return waiter.promise
  }

  stop(): Promise<void> {
    if (this.#wanted) {
      this.#wanted = false
      this.#stopping = this.#stop()
    }
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#onState('stopping')
    this.#life.abort()
    await this.#end()
    await this.#running
    this.#isReady = false
    for (const waiter of this.#waiting.splice(0)) waiter.reject(new Error(`${this.name} is stopped`))
    this.#onState('stopped')
  }

  /** One start: resolves when the service answers. */
  async #launch(life: AbortSignal): Promise<Launched> {
    const { args, env } = await this.#spec.prepare()
    life.throwIfAborted()
    const child = spawn(process.execPath, ['--experimental-ffi', '--disable-warning=ExperimentalWarning', ...args], {
      // A process group of its own: Ctrl-C in the terminal reaches Siaga alone, which then stops things in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, SIAGA_SUPERVISOR_PID: String(process.pid) },
    })
    this.#child = child
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(errorText(error)))
      child.once('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `ended with exit code ${code}`))
    }).finally(() => {
      this.#isReady = false
      if (this.#child === child) this.#child = undefined
      rmSync(this.#recordFile, { force: true })
    })
    if (child.pid) this.#record(child.pid)
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#log.write(text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#log.write(text))

    let ended: string | undefined
    void exited.then((how) => {
      ended = how
    })
    const deadline = Date.now() + this.#spec.startTimeoutMs
    for (;;) {
      if (ended === undefined && (await this.#answers())) break
      if (life.aborted || ended !== undefined || Date.now() > deadline) {
        await this.#end()
        life.throwIfAborted()
        throw this.#startFailed(ended ?? `no answer after ${this.#spec.startTimeoutMs / 1_000} s`)
      }
      await Promise.race([delay(50), exited])
    }
    this.#isReady = true
    for (const waiter of this.#waiting.splice(0)) waiter.resolve()
    this.#onState('ready')
    return { exited }
  }

  async #keepRunning(first: Launched, life: AbortSignal): Promise<void> {
    let pause: number = backoff.firstMs
    let current = first
    for (;;) {
      const readySince = Date.now()
      const stopWatching = this.#watch()
      const how = await current.exited
      stopWatching()
      if (life.aborted) return
      if (Date.now() - readySince > backoff.forgetAfterMs) pause = backoff.firstMs
      this.#onState('crashed', how)
      for (;;) {
        await delay(pause, undefined, { signal: life }).catch(() => undefined)
        if (life.aborted) return
        pause = Math.min(pause * 2, backoff.maxMs)
        this.#onState('restarting')
        try {
          current = await this.#launch(life)
          break
        } catch (error) {
          if (life.aborted) return
          this.#onState('crashed', errorText(error))
        }
      }
    }
  }

  /** Ends a process that lives but no longer answers, so that the restart takes over. */
  #watch(): () => void {
    let failures = 0
    let asking = false
    const timer = setInterval(async () => {
      if (asking) return
      asking = true
      failures = (await this.#answers()) ? 0 : failures + 1
      asking = false
      if (failures >= watch.failures) this.kill('SIGKILL')
    }, watch.everyMs)
    timer.unref()
    return () => clearInterval(timer)
  }

  async #answers(): Promise<boolean> {
    try {
      return await this.#spec.check()
    } catch {
      return false
    }
  }

  async #end(): Promise<void> {
    const child = this.#child
    if (!child?.pid) return
    const gone = new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve()
      else child.once('exit', () => resolve())
    })
    child.kill('SIGTERM')
    child.kill('SIGCONT')
    const hard = setTimeout(() => child.kill('SIGKILL'), this.#spec.stopGraceMs)
    await gone
    clearTimeout(hard)
  }

  #record(pid: number): void {
    const identity = identify(pid)
    if (!identity) return
    const draft = `${this.#recordFile}.draft`
    writeFileSync(draft, JSON.stringify(identity))
    renameSync(draft, this.#recordFile)
  }

  #startFailed(how: string): SiagaError {
    const lastLine = this.#log.tail().split('\n').at(-1)?.slice(0, 500)
    return new SiagaError('SERVICE_START_FAILED', {
      service: this.name,
      detail: lastLine ? `${how}; it last said: ${lastLine}` : how,
      log: this.#spec.log ?? this.#log.file,
    })
  }
}

/**
 * Stops what an earlier supervisor of this data directory left running: processes whose pid and start time are those it
 * wrote down. Call it with the directory locked. Resolves with the names of what was stopped.
 */
export async function stopOrphans(dataDir: string, names: readonly string[]): Promise<string[]> {
  mkdirSync(join(dataDir, 'run'), { recursive: true })
  const stopped = await Promise.all(
    names.map(async (name) => {
      const file = join(dataDir, 'run', `${name}.json`)
      const orphan = readRecord(file)
      const lives = orphan !== undefined && isAlive(orphan)
      if (lives) await stopProcess(orphan, 3_000)
      rmSync(file, { force: true })
      return lives ? [name] : []
    }),
  )
  return stopped.flat()
}

function readRecord(file: string): ProcessIdentity | undefined {
  try {
    return Identity.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data
  } catch {
    return undefined
  }
}
