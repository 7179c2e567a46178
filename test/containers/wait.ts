// How do container tests wait? For what they wait for, and not for a time.
import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves when it is done; throws what was waited for, with the last error, after `ms`. */
export async function waitFor(what: string, done: () => Promise<boolean> | boolean, ms = 240_000): Promise<void> {
  const until = Date.now() + ms
  let last: unknown
  for (;;) {
    try {
      if (await done()) return
      last = undefined
    } catch (error) {
      last = error
    }
    if (Date.now() > until) throw new Error(`waited ${ms / 1000} s in vain: ${what}`, { cause: last })
    await sleep(250)
  }
}
