// Who does what only one may do at a time? Whoever holds a lease; another process takes over when the holder stops, dies or falls silent.
import { setTimeout as sleep } from 'node:timers/promises'
import { topics } from '../schemas/raw-event.ts'
import { errorText } from './errors.ts'
import type { KafkaClient } from './kafka.ts'
import type { Member } from './kafka-member.ts'
import type { Log } from './log.ts'

export interface LeaseOptions {
  /** What is held, such as `alerts`: processes that give the same name on the same Kafka take turns. */
  readonly name: string
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  readonly stopping?: AbortSignal
  readonly log: Log
  readonly topic?: string
  /** Told true when what is held has begun its work here (`onWorking`), false when that is over or the lease is lost. */
  readonly onHeld?: (held: boolean) => void
  /**
   * Called whenever this process has got the lease, never twice at once. It works until the signal and ends soon after: the next holder waits for
   * it when this process stops, and not when it has fallen silent. If it ends before the signal or rejects, the lease is given away and
   * asked for again after a pause.
   */
  hold(lease: Held): Promise<void>
}

export interface Held {
  readonly signal: AbortSignal
  /** To be told when the work itself begins, which may need more than the lease, and when it is interrupted. */
  readonly onWorking: (works: boolean) => void
}

export interface Lease {
  /** True while `hold` may work. */
  readonly held: boolean
  /** Ends `hold`, then gives the lease away. */
  stop(): Promise<void>
}

const AGAIN_MS = [1_000, 5_000, 15_000, 60_000] as const
const HEALTHY_MS = 60_000

/**
 * Asks for the lease until `stop`. One process has it: the one to which Kafka gives the partition of `siaga.leases` in the group
 * `siaga-lease-<name>`. After a clean stop the next one has it at once, after SIGKILL within about ten seconds.
 *
 * What it cannot promise: a process that is paused (SIGSTOP, a machine that sleeps, a long block of the event loop) for longer than a session
 * learns only afterwards that another has taken over, so for a moment two may work. What must not happen twice is written under a transactional id
 * (kafka-transactions.ts), which shuts out the former holder. Without Kafka nobody holds a lease.
 */
export function keepLease(kafka: Pick<KafkaClient, 'join'>, options: LeaseOptions): Lease {
  const { name, now, log } = options
  const ended = new AbortController()
  const stopping = options.stopping === undefined ? ended.signal : AbortSignal.any([ended.signal, options.stopping])
  let holding: AbortController | undefined

  /** Takes part until `stopping`; rejects when this member has died or `hold` has. */
  const takePart = async (): Promise<void> => {
    const over = Promise.withResolvers<void>()
    over.promise.catch(() => undefined)
    let member: Member | undefined
    let work: Promise<void> = Promise.resolve()
    let closed = false

    const look = (): void => {
      const has = !closed && !stopping.aborted && member?.holds() === true
      if (!has) holding?.abort()
      else if (holding === undefined) work = begin()
    }
    const begin = async (): Promise<void> => {
      const mine = new AbortController()
      holding = mine
      const onWorking = (works: boolean): void => options.onHeld?.(works && !mine.signal.aborted)
      mine.signal.addEventListener('abort', () => onWorking(false), { once: true })
      try {
        await options.hold({ signal: mine.signal, onWorking })
        if (!mine.signal.aborted) throw new Error('its holder ended by itself')
      } catch (error) {
        // What fails because the lease is lost is no failure.
        if (!mine.signal.aborted) over.reject(error)
        else log.debug({ lease: name, error: errorText(error) }, 'the holder of a lost lease ended with an error')
        mine.abort()
      } finally {
        holding = undefined
      }
    }
    const onStop = (): void => {
      over.resolve()
      look()
    }
    stopping.addEventListener('abort', onStop, { once: true })
    const joined = kafka.join({
      groupId: `siaga-lease-${name}`,
      topic: options.topic ?? topics.leases,
      now,
      onChange: look,
      onCrash: over.reject,
    })
    try {
      // To join can take long while another member has died; who stops meanwhile does not wait.
      member = await Promise.race([joined, over.promise.then(() => undefined)])
      if (stopping.aborted) onStop()
      look()
      await over.promise
    } finally {
      closed = true
      stopping.removeEventListener('abort', onStop)
      look()
      await work
      if (member !== undefined) await member.leave()
      else void joined.then((late) => late.leave()).catch(() => undefined)
    }
  }

  const run = async (): Promise<void> => {
    for (let failures = 0; !stopping.aborted; ) {
      const began = now()
      try {
        await takePart()
      } catch (error) {
        failures = now() - began > HEALTHY_MS ? 1 : failures + 1
        const waits = AGAIN_MS[Math.min(failures, AGAIN_MS.length) - 1] ?? 0
        log.error({ lease: name, error: errorText(error), again_in_ms: waits }, 'a lease cannot be held for now')
        await sleep(waits, undefined, { signal: stopping, ref: false }).catch(() => undefined)
      }
    }
  }
  const running = run()
  return {
    get held() {
      return holding !== undefined && !holding.signal.aborted
    },
    async stop() {
      ended.abort()
      await running
    },
  }
}
