// Whose is a session's cookie, and for how long? Random tokens, of which only hashes are kept.
import { hash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Role } from '../../schemas/account.ts'
import { Language } from '../../schemas/language.ts'
import type { Store } from './store.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A person's session ends so long after it began, and after so long without a request. A wall's goes on until somebody ends it. */
const limits = {
  session: { whole: 12 * HOUR, idle: 2 * HOUR },
  wall: { whole: 400 * DAY, idle: 60 * DAY },
} as const
/** Sessions of one account and kind at one time; the one that was seen longest ago gives way. */
const MOST = 50
/** `seen_at` is written no more often. */
const SEEN_MS = 60_000

export type SessionKind = keyof typeof limits

const SessionRow = z.object({
  hash: z.string(),
  id: z.string(),
  kind: z.enum(['session', 'wall']),
  csrf: z.string(),
  created_at: z.number(),
  seen_at: z.number(),
  expires_at: z.number(),
  account: z.string(),
  login: z.string(),
  name: z.string(),
  role: Role,
  room: z.string(),
  language: Language,
  second_factor: z.number(),
  disabled_at: z.number().nullable(),
})
export type Session = z.infer<typeof SessionRow>
/** Asked for each second: a schema is compiled where it is made. */
const SessionId = z.object({ id: z.string() })

export interface SessionOrigin {
  readonly address: string
  readonly agent: string
}

export interface Sessions {
  /** The token goes into the cookie and is kept nowhere. */
  begin(account: string, kind: SessionKind, origin: SessionOrigin, label?: string): { token: string; expiresAt: number }
  /** The session of a token that is in force, of an account that is. */
  find(token: string): Session | undefined
  /** By its id, not its token; with an account only if it is that account's. */
  end(id: string, account?: string): boolean
  /** Of one kind, or all. */
  endAllOf(account: string, kind?: SessionKind): number
  /** In force, newest first. */
  list(account: string, kind: SessionKind): SessionShown[]
  /** Which of these sessions are in force. */
  inForce(ids: readonly string[]): ReadonlySet<string>
}

const SessionShown = SessionRow.pick({ id: true, created_at: true, seen_at: true, expires_at: true }).extend({
  label: z.string(),
  address: z.string(),
  agent: z.string(),
})
type SessionShown = z.infer<typeof SessionShown>

/** @param now milliseconds since 1970 UTC */
export function createSessions(store: Store, now: () => number): Sessions {
  const alive = "s.expires_at >= ? AND s.seen_at >= CASE s.kind WHEN 'wall' THEN ? ELSE ? END"
  const aliveAt = (): [number, number, number] => [now(), now() - limits.wall.idle, now() - limits.session.idle]
  return {
    begin(account, kind, { address, agent }, label = '') {
      const token = randomBytes(32).toString('base64url')
      const at = now()
      const expiresAt = at + limits[kind].whole
      store.run('DELETE FROM sessions WHERE expires_at < ?', at)
      store.run(
        'DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE account = ? AND kind = ? ORDER BY seen_at DESC LIMIT -1 OFFSET ?)',
        account,
        kind,
        MOST - 1,
      )
      store.run(
        'INSERT INTO sessions (hash, id, account, kind, label, csrf, created_at, seen_at, expires_at, address, agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        hashed(token),
        randomBytes(9).toString('base64url'),
        account,
        kind,
        label,
        randomBytes(24).toString('base64url'),
        at,
        at,
        expiresAt,
        address,
        agent.slice(0, 256),
      )
      return { token, expiresAt }
    },
    find(token) {
      if (token.length !== 43) return undefined
      const [row] = store.rows(
        SessionRow,
        `SELECT s.hash, s.id, s.kind, s.csrf, s.created_at, s.seen_at, s.expires_at, s.account, a.login, a.name, a.role, a.room, a.language,
           a.totp IS NOT NULL AS second_factor, a.disabled_at
         FROM sessions s JOIN accounts a ON a.id = s.account WHERE s.hash = ?`,
        hashed(token),
      )
      const at = now()
      if (row === undefined || row.disabled_at !== null || row.expires_at < at) return undefined
      if (at - row.seen_at > limits[row.kind].idle) return undefined
      if (at - row.seen_at > SEEN_MS) store.run('UPDATE sessions SET seen_at = ? WHERE hash = ?', at, row.hash)
      return row
    },
    end: (id, account) =>
      account === undefined
        ? store.run('DELETE FROM sessions WHERE id = ?', id) > 0
        : store.run('DELETE FROM sessions WHERE id = ? AND account = ?', id, account) > 0,
    endAllOf: (account, kind) =>
      kind === undefined
        ? store.run('DELETE FROM sessions WHERE account = ?', account)
        : store.run('DELETE FROM sessions WHERE account = ? AND kind = ?', account, kind),
    list: (account, kind) =>
      store.rows(
        SessionShown,
        `SELECT s.id, s.created_at, s.seen_at, s.expires_at, s.label, s.address, s.agent FROM sessions s
         WHERE s.account = ? AND s.kind = ? AND ${alive} ORDER BY s.created_at DESC LIMIT 100`,
        account,
        kind,
        ...aliveAt(),
      ),
    inForce: (ids) =>
      new Set(
        store
          .rows(
            SessionId,
            `SELECT s.id FROM sessions s JOIN accounts a ON a.id = s.account
             WHERE s.id IN (SELECT value FROM json_each(?)) AND a.disabled_at IS NULL AND ${alive}`,
            JSON.stringify(ids),
            ...aliveAt(),
          )
          .map(({ id }) => id),
      ),
  }
}

export function hashed(token: string): string {
  return hash('sha256', token, 'hex')
}
