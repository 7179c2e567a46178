// Which accounts are there, and how does one come about? Rows of the store, and one-time links with which people choose their password.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type Account, Role } from '../../schemas/account.ts'
import { Language } from '../../schemas/language.ts'
import { WebError } from '../errors.ts'
import { hashPassword, isPassword } from './password.ts'
import { hashed } from './sessions.ts'
import type { Store } from './store.ts'

const DAY = 24 * 3_600_000
const LINK_MS = 3 * DAY

const AccountRow = z.object({
  id: z.string(),
  login: z.string(),
  name: z.string(),
  role: Role,
  room: z.string(),
  language: Language,
  password: z.string().nullable(),
  totp: z.string().nullable(),
  totp_step: z.number(),
  oidc_subject: z.string().nullable(),
  disabled_at: z.number().nullable(),
  created_at: z.number(),
  last_seen_at: z.number().nullable(),
})
export type AccountRow = z.infer<typeof AccountRow>

const SELECT =
  'SELECT a.*, (SELECT max(seen_at) FROM sessions s WHERE s.account = a.id) AS last_seen_at FROM accounts a'

export type NewAccount = Pick<Account, 'login' | 'name' | 'role' | 'room' | 'language'>

export interface Accounts {
  list(): AccountRow[]
  byId(id: string): AccountRow | undefined
  byLogin(login: string): AccountRow | undefined
  /** Throws TAKEN if the login name is. */
  create(account: NewAccount): AccountRow
  setPassword(id: string, password: string): Promise<void>
  /** Takes as long for an account that is not there. */
  checkPassword(account: AccountRow | undefined, password: string): Promise<boolean>
  /** A link with which its holder chooses the account's password, once, within three days; the token is kept nowhere. */
  link(id: string): string
  /** The account of a link that is in force; `use` spends it. Throws LINK_USED. */
  ofLink(token: string, use: boolean): AccountRow
}

/** @param now milliseconds since 1970 UTC */
export function createAccounts(store: Store, now: () => number): Accounts {
  const one = (where: string, value: string): AccountRow | undefined =>
    store.rows(AccountRow, `${SELECT} WHERE ${where} = ?`, value)[0]
  const byId = (id: string) => one('a.id', id)
  return {
    list: () => store.rows(AccountRow, `${SELECT} ORDER BY a.login`),
    byId,
    byLogin: (login) => one('a.login', login),
    create({ login, name, role, room, language }) {
      const id = randomBytes(9).toString('base64url')
      const made = store.run(
        'INSERT INTO accounts (id, login, name, role, room, language, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (login) DO NOTHING',
        id,
        login,
        name,
        role,
        room,
        language,
        now(),
      )
      const row = byId(id)
      if (made === 0 || row === undefined) throw new WebError('TAKEN', { what: login })
      return row
    },
    async setPassword(id, password) {
      const kept = await hashPassword(password)
      store.run('UPDATE accounts SET password = ? WHERE id = ?', kept, id)
    },
    async checkPassword(account, password) {
      const right = await isPassword(password, account?.password ?? null)
      return right && account?.disabled_at === null
    },
    link(id) {
      const token = randomBytes(32).toString('base64url')
      store.transaction(() => {
        store.run('DELETE FROM links WHERE expires_at < ? OR account = ?', now(), id)
        store.run(
          'INSERT INTO links (hash, account, purpose, expires_at) VALUES (?, ?, ?, ?)',
          hashed(token),
          id,
          'password',
          now() + LINK_MS,
        )
      })
      return token
    },
    ofLink(token, use) {
      const [link] = store.rows(
        z.object({ account: z.string() }),
        "SELECT account FROM links WHERE hash = ? AND purpose = 'password' AND used_at IS NULL AND expires_at >= ?",
        hashed(token),
        now(),
      )
      const account = link === undefined ? undefined : byId(link.account)
      if (account === undefined || account.disabled_at !== null) throw new WebError('LINK_USED')
      if (
        use &&
        store.run('UPDATE links SET used_at = ? WHERE hash = ? AND used_at IS NULL', now(), hashed(token)) === 0
      )
        throw new WebError('LINK_USED')
      return account
    },
  }
}
