// Which programs may ask for an account? Tokens of the API: shown once, kept as hashes, never more than their account, for a time.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Role, Verb } from '../../schemas/account.ts'
import { WebError } from '../errors.ts'
import { hashed } from './sessions.ts'
import type { Store } from './store.ts'

const DAY = 24 * 3_600_000
const MOST = 20
/** Tells a token from other secrets, for scanners that look for leaked ones. */
const PREFIX = 'siaga-token-'
/** `used_at` is written no more often. */
const USED_MS = 60_000

/** Asked for each second: a schema is compiled where it is made. */
const TokenId = z.object({ id: z.string() })

const Found = z.object({
  id: z.string(),
  verb: Verb,
  expires_at: z.number(),
  used_at: z.number().nullable(),
  account: z.string(),
  login: z.string(),
  name: z.string(),
  role: Role,
  room: z.string(),
})
type FoundToken = z.infer<typeof Found>

const Shown = Found.pick({ id: true, verb: true, expires_at: true, used_at: true }).extend({
  label: z.string(),
  created_at: z.number(),
})
type ShownToken = z.infer<typeof Shown>

export interface Tokens {
  /** The text is shown once and kept nowhere. Throws FULL. */
  create(account: string, token: { label: string; verb: Verb; days: number }): { id: string; text: string }
  find(text: string): FoundToken | undefined
  list(account: string): ShownToken[]
  revoke(id: string, account: string): boolean
  revokeAllOf(account: string): number
  /** Which of these tokens, by id, are in force. */
  inForce(ids: readonly string[]): ReadonlySet<string>
}

/** @param now milliseconds since 1970 UTC */
export function createTokens(store: Store, now: () => number): Tokens {
  const list = (account: string): ShownToken[] =>
    store.rows(
      Shown,
      'SELECT id, label, verb, created_at, expires_at, used_at FROM tokens WHERE account = ? ORDER BY created_at DESC',
      account,
    )
  return {
    create: (account, { label, verb, days }) =>
      store.transaction(() => {
        store.run('DELETE FROM tokens WHERE expires_at < ?', now())
        if (list(account).length >= MOST) throw new WebError('FULL', { what: 'token', most: String(MOST) })
        const text = `${PREFIX}${randomBytes(32).toString('base64url')}`
        const id = randomBytes(9).toString('base64url')
        store.run(
          'INSERT INTO tokens (hash, id, account, label, verb, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
          hashed(text),
          id,
          account,
          label,
          verb,
          now(),
          now() + days * DAY,
        )
        return { id, text }
      }),
    find(text) {
      if (!text.startsWith(PREFIX) || text.length !== PREFIX.length + 43) return undefined
      const [row] = store.rows(
        Found,
        `SELECT t.id, t.verb, t.expires_at, t.used_at, t.account, a.login, a.name, a.role, a.room
         FROM tokens t JOIN accounts a ON a.id = t.account WHERE t.hash = ? AND t.expires_at >= ? AND a.disabled_at IS NULL`,
        hashed(text),
        now(),
      )
      if (row !== undefined && now() - (row.used_at ?? 0) > USED_MS)
        store.run('UPDATE tokens SET used_at = ? WHERE id = ?', now(), row.id)
      return row
    },
    list,
    revoke: (id, account) => store.run('DELETE FROM tokens WHERE id = ? AND account = ?', id, account) > 0,
    revokeAllOf: (account) => store.run('DELETE FROM tokens WHERE account = ?', account),
    inForce: (ids) =>
      new Set(
        store
          .rows(
            TokenId,
            `SELECT t.id FROM tokens t JOIN accounts a ON a.id = t.account
             WHERE t.id IN (SELECT value FROM json_each(?)) AND t.expires_at >= ? AND a.disabled_at IS NULL`,
            JSON.stringify(ids),
            now(),
          )
          .map(({ id }) => id),
      ),
  }
}
