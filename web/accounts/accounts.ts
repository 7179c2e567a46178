// Which accounts are there, and how does one come about? Rows of the store, and one-time links with which people choose their password.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type Account, Role } from '../../schemas/account.ts'
import { Language } from '../../schemas/language.ts'
import { WebError } from '../errors.ts'
import { createLanes, hashPassword, isPassword, type Lane } from './password.ts'
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
  bySubject(subject: string): AccountRow | undefined
  setPassword(id: string, password: string): Promise<void>
  /** Takes as long for an account that is not there. Throws BUSY if too many wait in the lane. */
  checkPassword(account: AccountRow | undefined, password: string, lane?: Lane): Promise<boolean>
  /** A link with which its holder chooses the account's password, once, within three days; the token is kept nowhere. */
  link(id: string): string
  /** The account of a link that is in force. Throws LINK_USED. */
  ofLink(token: string): AccountRow
  /** Spends a link and sets the password: both or neither, and once, however many try. Throws LINK_USED. */
  useLink(token: string, password: string): Promise<AccountRow>
}

/** @param now milliseconds since 1970 UTC */
export function createAccounts(store: Store, now: () => number, lanes = createLanes()): Accounts {
  const one = (where: string, value: string): AccountRow | undefined =>
    store.rows(AccountRow, `${SELECT} WHERE ${where} = ?`, value)[0]
  const byId = (id: string) => one('a.id', id)
  const ofLink = (token: string): AccountRow => {
    const [link] = store.rows(
      z.object({ account: z.string() }),
      "SELECT account FROM links WHERE hash = ? AND purpose = 'password' AND used_at IS NULL AND expires_at >= ?",
      hashed(token),
      now(),
    )
    const account = link === undefined ? undefined : byId(link.account)
    if (account === undefined || account.disabled_at !== null) throw new WebError('LINK_USED')
    return account
  }
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
    bySubject: (subject) => one('a.oidc_subject', subject),
    async setPassword(id, password) {
      const kept = await lanes('known', () => hashPassword(password))
      store.run('UPDATE accounts SET password = ? WHERE id = ?', kept, id)
    },
    async checkPassword(account, password, lane = 'anybody') {
      const right = await lanes(lane, () => isPassword(password, account?.password ?? null))
      return right && account?.disabled_at === null
    },
    link(id) {
      const token = randomBytes(32).toString('base64url')
      store.transaction(() => {
        store.run("DELETE FROM links WHERE expires_at < ? OR (account = ? AND purpose = 'password')", now(), id)
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
    ofLink,
    async useLink(token, password) {
      ofLink(token)
      const kept = await lanes('known', () => hashPassword(password))
      return store.transaction(() => {
        const account = ofLink(token)
        store.run('UPDATE links SET used_at = ? WHERE hash = ?', now(), hashed(token))
        store.run('UPDATE accounts SET password = ? WHERE id = ?', kept, account.id)
        return account
      })
    },
  }
}

/** As administrators see it. */
export function shownAccount(row: AccountRow, issuer: string): Account {
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    role: row.role,
    room: row.room,
    language: row.language,
    second_factor: row.totp !== null,
    password: row.password !== null,
    subject: subjectOf(row.oidc_subject, issuer),
    disabled: row.disabled_at !== null,
    created_at: row.created_at,
    last_seen_at: row.last_seen_at,
  }
}

/** A subject means nothing without its issuer: kept together, so that another issuer's never lets anybody in. */
export const boundSubject = (issuer: string, subject: string): string => `${issuer} ${subject}`

function subjectOf(bound: string | null, issuer: string): string {
  const prefix = boundSubject(issuer, '')
  return issuer !== '' && bound?.startsWith(prefix) ? bound.slice(prefix.length) : ''
}
