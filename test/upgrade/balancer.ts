// What does a load balancer in front of two collectors do? The next in turn; another one where nobody listens; none that was taken out.
import { setTimeout as sleep } from 'node:timers/promises'

export interface Balancer {
  /** Sends lines until a collector has taken them. */
  send(id: string, lines: readonly string[]): Promise<void>
  /** Gives a collector no more requests, and waits until those that it has are answered. */
  takeOut(address: string): Promise<void>
  putBack(address: string): void
  readonly figures: {
    /** Requests answered with 202. */
    accepted: number
    /** Requests that no collector took at the first attempt: a sender would have seen the service down. */
    missed: number
    /** Requests whose answer was cut, so that nobody knows what became of them. */
    cut: number
    /** Longest time between two accepted requests, in milliseconds. */
    longestGapMs: number
  }
}

export function createBalancer(addresses: readonly string[], key: string): Balancer {
  const inTurn = new Set(addresses)
  const open = new Map(addresses.map((address) => [address, 0]))
  const figures = { accepted: 0, missed: 0, cut: 0, longestGapMs: 0 }
  let turn = 0
  let lastAt: number | undefined

  const attempt = async (address: string, id: string, lines: readonly string[]): Promise<'accepted' | 'refused'> => {
    open.set(address, (open.get(address) ?? 0) + 1)
    try {
      const answer = await fetch(`${address}/v1/events/demo`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'text/plain', 'idempotency-key': id },
        body: lines.join('\n'),
        signal: AbortSignal.timeout(30_000),
      })
      const text = await answer.text()
      if (answer.status === 202) return 'accepted'
      if (answer.status === 503 || answer.status === 429) return 'refused'
      throw new Error(`refused for good: ${answer.status} ${text}`)
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('refused')) throw error
      if (!neverArrived(error)) figures.cut += 1
      return 'refused'
    } finally {
      open.set(address, (open.get(address) ?? 1) - 1)
    }
  }

  return {
    figures,
    async send(id, lines) {
      for (let round = 0; ; round += 1) {
        const order = [...inTurn]
        turn += 1
        for (let n = 0; n < order.length; n += 1) {
          const address = order[(turn + n) % order.length] ?? ''
          if ((await attempt(address, id, lines)) === 'refused') continue
          figures.accepted += 1
          const now = performance.now()
          figures.longestGapMs = Math.max(figures.longestGapMs, now - (lastAt ?? now))
          lastAt = now
          return
        }
        if (round === 0) figures.missed += 1
        await sleep(100)
      }
    },
    async takeOut(address) {
      inTurn.delete(address)
      while ((open.get(address) ?? 0) > 0) await sleep(10)
    },
    putBack: (address) => void inTurn.add(address),
  }
}

/** True if no connection came about: the request reached nobody. */
function neverArrived(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
}
