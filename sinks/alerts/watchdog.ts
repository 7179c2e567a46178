// Who notices that Siaga itself has stopped? An outside service that is called while Siaga is well; when the calls stop, it raises the alarm.
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import type { Alerts, Secret } from '../../schemas/alerting.ts'

/** `withheld`: Siaga is not well, so nothing was sent. `failed`: the watchdog did not take it. */
export type Beat = 'sent' | 'withheld' | 'failed'

export interface WatchdogOptions {
  readonly settings: NonNullable<Alerts['watchdog']>
  /** Text of a secret; throws CONFIG_INVALID. */
  readonly secret: (secret: Secret) => string
  /** Why Siaga is not well; empty if it is. What takes longer than ten seconds is not well. */
  readonly healthy: () => Promise<readonly string[]>
  readonly log: Log
  readonly onBeat: (beat: Beat) => void
}

const TIMEOUT_MS = 10_000

/**
 * Calls the address (GET, any 2xx is well) at once and then by the interval, while `healthy` has no objection. With one it sends nothing at all,
 * no matter why: every such service notices that calls stop, while addresses for "it failed" are each service's own, and reasons stay in the house.
 * Run it where alerts are made, so that silence of the engine is silence of the heart. Trouble is logged once, when it begins and when it ends.
 */
export function startWatchdog(options: WatchdogOptions): { stop(): Promise<void> } {
  const { settings, log, onBeat } = options
  const stopping = new AbortController()
  const { signal } = stopping
  let last: Beat = 'sent'

  const beat = async (): Promise<Beat> => {
    const reasons = await reasonsOf(options.healthy, signal)
    if (signal.aborted) return last
    if (reasons.length > 0) {
      if (last !== 'withheld') log.error({ reasons }, 'the outside watchdog is not called: Siaga is not well')
      return 'withheld'
    }
    const trouble = await call(options, signal)
    if (signal.aborted) return last
    if (trouble !== undefined) {
      if (last !== 'failed') log.error({ detail: trouble }, 'the outside watchdog cannot be called')
      return 'failed'
    }
    if (last !== 'sent') log.warn('the outside watchdog is called again')
    return 'sent'
  }
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const began = performance.now()
      last = await beat()
      if (signal.aborted) return
      onBeat(last)
      const rest = settings.interval_seconds * 1000 - (performance.now() - began)
      await sleep(Math.max(0, rest), undefined, { signal, ref: false }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** A step of the alerts is kept twice a second; one that takes longer than a transaction may is stuck, or all of them fail. */
const PULSE_MS = 60_000

/** `healthy` with one objection more: that nothing of the alerts has been kept for a minute. `beat` is called whenever something has. `clock`: milliseconds of a clock that is never set. */
export function withPulse(
  healthy: WatchdogOptions['healthy'],
  clock: () => number = () => performance.now(),
): { beat(): void; readonly healthy: WatchdogOptions['healthy'] } {
  let last = clock()
  return {
    beat() {
      last = clock()
    },
    async healthy() {
      const stuck = clock() - last > PULSE_MS ? ['the alerts are held, but nothing of them can be kept'] : []
      return [...stuck, ...(await healthy())]
    },
  }
}

async function reasonsOf(healthy: WatchdogOptions['healthy'], signal: AbortSignal): Promise<readonly string[]> {
  const late = new AbortController()
  const tooLong = sleep(TIMEOUT_MS, ['it does not tell how it is'], {
    signal: AbortSignal.any([signal, late.signal]),
    ref: false,
  }).catch(() => [])
  try {
    return await Promise.race([healthy(), tooLong])
  } catch (error) {
    return [errorText(error)]
  } finally {
    late.abort()
  }
}

/** What went wrong, undefined if nothing did. Never the address: it often is the secret itself. */
async function call({ settings, secret }: WatchdogOptions, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { url, token } = settings
    const response = await fetch(url, {
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${secret(token)}` } }),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    await response.body?.cancel()
    return response.ok ? undefined : `HTTP ${response.status}`
  } catch (error) {
    if (error instanceof SiagaError) return error.message
    if (!(error instanceof Error)) return 'unknown'
    const { cause } = error
    return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name
  }
}
