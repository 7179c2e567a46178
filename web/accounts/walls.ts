// How does a screen on the wall get in? By a link that one browser opens once; its session then goes on until somebody ends it.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { WebError } from '../errors.ts'
import { hashed, type SessionOrigin, type Sessions } from './sessions.ts'
import type { Store } from './store.ts'

const LINK_MS = 24 * 3_600_000
const MOST = 20

const Waiting = z.object({ id: z.string(), label: z.string(), expires_at: z.number() })
type WaitingWall = z.infer<typeof Waiting>

export interface Walls {
  /** A link's token, for one screen, good for a day; kept nowhere. Throws FULL. */
  link(account: string, label: string): { id: string; token: string }
  /** Begins the screen's session and spends the link. Throws LINK_USED. */
  open(token: string, origin: SessionOrigin): { account: string; label: string; token: string; expiresAt: number }
  /** Links that nobody has opened yet. */
  waiting(account: string): WaitingWall[]
  /** Takes back a link or ends a screen's session. */
  revoke(id: string, account: string): boolean
  revokeAllOf(account: string): void
}

/** @param now milliseconds since 1970 UTC */
export function createWalls(store: Store, sessions: Sessions, now: () => number): Walls {
  const waiting = (account: string): WaitingWall[] =>
    store.rows(
      Waiting,
      "SELECT id, label, expires_at FROM links WHERE account = ? AND purpose = 'wall' AND used_at IS NULL AND expires_at >= ? ORDER BY expires_at DESC",
      account,
      now(),
    )
  return {
    link(account, label) {
      const token = randomBytes(32).toString('base64url')
      const id = randomBytes(9).toString('base64url')
      store.run("DELETE FROM links WHERE purpose = 'wall' AND expires_at < ?", now())
      if (waiting(account).length + sessions.list(account, 'wall').length >= MOST)
        throw new WebError('FULL', { what: 'layar', most: String(MOST) })
      store.run(
        "INSERT INTO links (hash, account, purpose, expires_at, id, label) VALUES (?, ?, 'wall', ?, ?, ?)",
        hashed(token),
        account,
        now() + LINK_MS,
        id,
        label,
      )
      return { id, token }
    },
    open: (token, origin) =>
      store.transaction(() => {
        const [link] = store.rows(
          z.object({ account: z.string(), label: z.string() }),
          `SELECT l.account, l.label FROM links l JOIN accounts a ON a.id = l.account
           WHERE l.hash = ? AND l.purpose = 'wall' AND l.used_at IS NULL AND l.expires_at >= ? AND a.disabled_at IS NULL`,
          hashed(token),
          now(),
        )
        if (link === undefined) throw new WebError('LINK_USED')
        store.run('UPDATE links SET used_at = ? WHERE hash = ?', now(), hashed(token))
        return { ...link, ...sessions.begin(link.account, 'wall', origin, link.label) }
      }),
    waiting,
    revoke: (id, account) =>
      store.run("DELETE FROM links WHERE id = ? AND account = ? AND purpose = 'wall'", id, account) > 0 ||
      sessions.list(account, 'wall').some((wall) => wall.id === id && sessions.end(id, account)),
    revokeAllOf(account) {
      store.run("DELETE FROM links WHERE account = ? AND purpose = 'wall'", account)
      sessions.endAllOf(account, 'wall')
    },
  }
}
