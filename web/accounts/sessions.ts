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

export interface SessionOrigin {
  readonly address: string
  readonly agent: string
}

export interface Sessions {
  /** The token goes into the cookie and is kept nowhere. */
  begin(account: string, kind: SessionKind, origin: SessionOrigin, label?: string): { token: string; expiresAt: number }
  /** The session of a token that is in force, of an account that is. */
  find(token: string): Session | undefined
  /** By its id, not its token. */
  end(id: string): boolean
  endAllOf(account: string): number
}

/** @param now milliseconds since 1970 UTC */
export function createSessions(store: Store, now: () => number): Sessions {
  return {
    begin(account, kind, { address, agent }, label = '') {
      const token = randomBytes(32).toString('base64url')
      const at = now()
      const expiresAt = at + limits[kind].whole
      store.run('DELETE FROM sessions WHERE expires_at < ?', at)
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
    end: (id) => store.run('DELETE FROM sessions WHERE id = ?', id) > 0,
    endAllOf: (account) => store.run('DELETE FROM sessions WHERE account = ?', account),
  }
}

export function hashed(token: string): string {
  return hash('sha256', token, 'hex')
}
