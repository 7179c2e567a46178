// How does a long-running command end? Its parts are stopped in steps, each part of a step at once, whatever has been started so far.

interface Part {
  name: string
  /** Parts of a lower step are stopped first. */
  step: number
  stop(): Promise<unknown>
}

const STEP_LIMIT_MS = 4_000

/** Collects what must be stopped, listens for the signals to stop, and stops it. */
export class Teardown {
  readonly #parts: Part[] = []
  readonly #abort = new AbortController()
  readonly #failed = Promise.withResolvers<never>()
  signalled = false

  constructor() {
    this.#failed.promise.catch(() => undefined)
  }

  /** Aborted when a signal asks to stop: a start under way is given up. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Resolves when a signal asks to stop. */
  get aborted(): Promise<void> {
    return new Promise((resolve) => {
      if (this.signal.aborted) resolve()
      else this.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  /** Rejects when a part has failed for good. */
  get failed(): Promise<never> {
    return this.#failed.promise
  }

  add(name: string, step: number, stop: () => Promise<unknown>): void {
    this.#parts.push({ name, step, stop })
  }

  /** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
  onSignal(told: () => void): Promise<void> {
    const asked = Promise.withResolvers<void>()
    const onSignal = () => {
      if (this.signalled) process.exit(130)
      this.signalled = true
      told()
      this.#abort.abort()
      asked.resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    process.on('SIGHUP', onSignal)
    return asked.promise
  }

  /** Stops everything; a part that hangs or fails does not keep the others running. */
  async run(): Promise<void> {
    const steps = [...new Set(this.#parts.map(({ step }) => step))].sort((a, b) => a - b)
    for (const step of steps) {
      const parts = this.#parts.filter((part) => part.step === step).reverse()
      await Promise.all(parts.map((part) => Promise.race([part.stop().catch(() => undefined), limit()])))
    }
  }
}

function limit(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, STEP_LIMIT_MS).unref())
}
