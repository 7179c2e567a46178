// Who sends lines while containers go down and come back? A sender that repeats what was not answered with 202, under the same Idempotency-Key.
import { setTimeout as sleep } from 'node:timers/promises'

export interface Pusher {
  readonly run: string
  /** Lines that were answered with 202. */
  readonly accepted: number
  /** Tries that were not: refused, cut off or without an answer. */
  readonly failures: number
  /** Addresses that attacked, one line each. */
  readonly attackers: readonly string[]
  /** Sends nothing new; resolves when all that was begun is accepted. */
  stop(): Promise<void>
  /** Ends at once, whatever has not been accepted. */
  giveUp(): void
}

const BATCH = 50
const ATTACK_EVERY = 8
const PAUSE_MS = 60
const AT_ONCE = 2
/** Lines that may be on their way when a collector is killed. */
export const IN_FLIGHT = AT_ONCE * BATCH

/** Begins to send batch after batch; the lines are numbered and carry `run`, which is a word of its own for each. */
export function startPushing(to: { readonly url: string; readonly key: string }, run: string, net: number): Pusher {
  const attackers: string[] = []
  let batches = 0
  let accepted = 0
  let failures = 0
  let ending = false
  let givenUp = false

  const one = async (): Promise<void> => {
    while (!ending) {
      const batch = batches
      batches += 1
      const lines = Array.from({ length: BATCH }, (_, n) => lineOf({ run, n: batch * BATCH + n, from: '198.51.100.7' }))
      if (batch % ATTACK_EVERY === 0) {
        const from = `10.${net}.${(batch >> 8) & 255}.${batch & 255}`
        attackers.push(from)
        lines[0] = lineOf({ run, n: batch * BATCH, from, path: '/serang' })
      }
      while ((await post(to, `${run}-${batch}`, lines).catch(() => 0)) !== 202) {
        if (givenUp) return
        failures += 1
        await sleep(200)
      }
      accepted += lines.length
      await sleep(PAUSE_MS)
    }
  }
  const loops = Array.from({ length: AT_ONCE }, one)
  return {
    run,
    get accepted() {
      return accepted
    },
    get failures() {
      return failures
    },
    attackers,
    async stop() {
      ending = true
      await Promise.all(loops)
    },
    giveUp() {
      ending = true
      givenUp = true
    },
  }
}

/** A line of nginx's access log with a number of its own. */
export function lineOf({
  run,
  n,
  from,
  path = '/berita',
}: {
  run: string
  n: number
  from: string
  path?: string
}): string {
  return accessLine(from, `${path}/${run}/${n}`, 'Mozilla/5.0')
}

/** A line of nginx's access log, of now; of a tool for attacks unless `agent` says otherwise. */
export function accessLine(from: string, path: string, agent = 'sqlmap/1.8'): string {
  const time = new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1/$2/$3:$4 +0000')
  return `${from} - - [${time}] "GET ${path} HTTP/1.1" 200 12 "-" "${agent}"`
}

/** Posts lines once; the status of the answer. Rejects when none came in time. */
export async function post(
  { url, key }: { readonly url: string; readonly key: string },
  idempotencyKey: string,
  lines: readonly string[],
): Promise<number> {
  const response = await fetch(`${url}/v1/events/web`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'text/plain', 'idempotency-key': idempotencyKey },
    body: lines.join('\n'),
    signal: AbortSignal.timeout(6_000),
  })
  await response.text()
  return response.status
}
