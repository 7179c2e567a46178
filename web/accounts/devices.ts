// Has this account logged in with this browser before? A cookie of its own says so, and its tries are its own (brake.ts).
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { hashed } from './sessions.ts'
import type { Store } from './store.ts'

/** Browsers of one account; the one that was seen longest ago gives way. */
const MOST = 20
const KEPT_MS = 400 * 24 * 3_600_000

export interface Devices {
  /** A new cookie's text for a browser in which the account has just logged in; `old` is the one that it had. */
  remember(account: string, old: string): string
  /** Hash of the browser's cookie if the account knows it. */
  known(account: string | undefined, cookie: string): string | undefined
  forgetAllOf(account: string): void
}

/** @param now milliseconds since 1970 UTC */
export function createDevices(store: Store, now: () => number): Devices {
  return {
    remember: (account, old) =>
      store.transaction(() => {
        const text = randomBytes(32).toString('base64url')
        store.run(
          'DELETE FROM devices WHERE account = ? AND (hash = ? OR seen_at < ?)',
          account,
          hashed(old),
          now() - KEPT_MS,
        )
        store.run(
          'DELETE FROM devices WHERE hash IN (SELECT hash FROM devices WHERE account = ? ORDER BY seen_at DESC LIMIT -1 OFFSET ?)',
          account,
          MOST - 1,
        )
        store.run('INSERT INTO devices (hash, account, seen_at) VALUES (?, ?, ?)', hashed(text), account, now())
        return text
      }),
    known(account, cookie) {
      const hash = hashed(cookie)
      // Looked for in any case: how long it takes says nothing of which names there are.
      const found = store.rows(
        z.object({ hash: z.string() }),
        'SELECT hash FROM devices WHERE hash = ? AND account = ? AND seen_at >= ?',
        hash,
        account ?? '',
        now() - KEPT_MS,
      )
      return found[0]?.hash
    },
    forgetAllOf: (account) => {
      store.run('DELETE FROM devices WHERE account = ?', account)
    },
  }
}
