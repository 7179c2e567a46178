// What do administrators do with accounts? Each change ends what was open under the old state, and the last one who can log in stays.
import { z } from 'zod'
import { isCentre } from '../../runtime/scope.ts'
import type { Account, Role } from '../../schemas/account.ts'
import type { Room } from '../../schemas/room.ts'
import { WebError } from '../errors.ts'
import type { AccountRow, Accounts, NewAccount } from './accounts.ts'
import type { Sessions } from './sessions.ts'
import type { Store } from './store.ts'
import type { Tokens } from './tokens.ts'
import type { Walls } from './walls.ts'

const MOST = 5_000

/** What may be changed; `subject` as it is kept (accounts.ts), null for nobody. */
export type AccountChange = Partial<Pick<Account, 'name' | 'role' | 'room' | 'language'>> & {
  readonly subject?: string | null
}

export interface Manage {
  /** Throws TAKEN, ROLE_OF_ANOTHER_ROOM, FULL. */
  create(account: NewAccount): AccountRow
  /** What was changed, as `what: old → new`. Throws NOT_FOUND, LAST_ADMIN, ROLE_OF_ANOTHER_ROOM, TAKEN. */
  change(id: string, change: AccountChange): readonly string[]
  /** Throws NOT_FOUND, LAST_ADMIN. */
  disable(id: string): AccountRow
  enable(id: string): AccountRow
  /** Ends sessions, screens and tokens of an account. */
  endAll(id: string): void
}

interface ManageParts {
  readonly store: Store
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly tokens: Tokens
  readonly walls: Walls
  readonly rooms: readonly Room[]
  readonly now: () => number
}

/** The centre's roles are for rooms of the centre, which see everything; a region's for rooms of a region. */
function roleFits(role: Role, room: Pick<Room, 'region'>): boolean {
  if (role === 'pusat' || role === 'admin') return isCentre(room)
  return role !== 'daerah' || !isCentre(room)
}

export function createManage({ store, accounts, sessions, tokens, walls, rooms, now }: ManageParts): Manage {
  const get = (id: string): AccountRow => {
    const row = accounts.byId(id)
    if (row === undefined) throw new WebError('NOT_FOUND')
    return row
  }
  const assertFits = (role: Role, id: string): void => {
    const room = rooms.find((one) => one.id === id)
    if (room === undefined) throw new WebError('NOT_FOUND')
    if (!roleFits(role, room)) throw new WebError('ROLE_OF_ANOTHER_ROOM', { role, room: id })
  }
  /** Throws LAST_ADMIN where nobody else is left who can log in and look after accounts. */
  const assertOtherAdmin = (row: AccountRow): void => {
    if (!canAdminister(row)) return
    if (!accounts.list().some((other) => other.id !== row.id && canAdminister(other))) throw new WebError('LAST_ADMIN')
  }
  const endAll = (id: string): void => {
    sessions.endAllOf(id)
    tokens.revokeAllOf(id)
    walls.revokeAllOf(id)
  }
  return {
    create(account) {
      assertFits(account.role, account.room)
      const [count] = store.rows(z.object({ n: z.number() }), 'SELECT count(*) AS n FROM accounts')
      if ((count?.n ?? 0) >= MOST) throw new WebError('FULL', { what: 'akun', most: String(MOST) })
      return accounts.create(account)
    },
    change: (id, change) =>
      store.transaction(() => {
        const old = get(id)
        const next = { ...old, ...change }
        const subject = change.subject === undefined ? old.oidc_subject : change.subject
        if (next.role !== old.role || next.room !== old.room) assertFits(next.role, next.room)
        if (!canAdminister({ ...next, oidc_subject: subject })) assertOtherAdmin(old)
        if (subject !== null && subject !== old.oidc_subject && accounts.bySubject(subject) !== undefined)
          throw new WebError('TAKEN', { what: 'subject' })
        store.run(
          'UPDATE accounts SET name = ?, role = ?, room = ?, language = ?, oidc_subject = ? WHERE id = ?',
          next.name,
          next.role,
          next.room,
          next.language,
          subject,
          id,
        )
        // What somebody may do is asked anew of whoever is in: under the old rights nothing stays open.
        if (next.role !== old.role || next.room !== old.room || subject !== old.oidc_subject) endAll(id)
        return [
          ...(['name', 'role', 'room', 'language'] as const).flatMap((what) =>
            next[what] === old[what] ? [] : [`${what}: ${old[what]} → ${next[what]}`],
          ),
          ...(subject === old.oidc_subject ? [] : [`subject: ${old.oidc_subject ?? '-'} → ${subject ?? '-'}`]),
        ]
      }),
    disable: (id) =>
      store.transaction(() => {
        const row = get(id)
        assertOtherAdmin(row)
        store.run('UPDATE accounts SET disabled_at = ? WHERE id = ?', now(), id)
        store.run('DELETE FROM links WHERE account = ?', id)
        endAll(id)
        return row
      }),
    enable(id) {
      const row = get(id)
      store.run('UPDATE accounts SET disabled_at = NULL WHERE id = ?', id)
      return row
    },
    endAll,
  }
}

function canAdminister(row: Pick<AccountRow, 'role' | 'disabled_at' | 'password' | 'oidc_subject'>): boolean {
  return row.role === 'admin' && row.disabled_at === null && (row.password !== null || row.oidc_subject !== null)
}
