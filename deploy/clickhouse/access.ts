// Who may do what in ClickHouse? The one definition from which XML (embedded, containers) and SQL (cluster) are written.
import { SiagaError } from '../../runtime/errors.ts'
import { type ClickHouseProfile, type ClickHouseQuota, profiles, quotas } from './profiles.ts'
import { policyTables, type RoomScope, roomUser } from './rooms.ts'
import { type ClickHouseUser, clickhouseUsers } from './users.ts'

export interface AccessDefinition {
  readonly profiles: readonly ClickHouseProfile[]
  readonly quotas: readonly ClickHouseQuota[]
  readonly users: readonly ClickHouseUser[]
}

/**
 * Users of Siaga itself and one for each room. Whoever has no row policy on a table that has some sees none of its rows, so those who see all are
 * told so. Throws CONFIG_INVALID if two rooms would share a user.
 */
export function accessFor(rooms: readonly RoomScope[]): AccessDefinition {
  const all = Object.fromEntries(policyTables().map((table) => [table, '1']))
  const own = Object.values(clickhouseUsers).map((user): ClickHouseUser => ({ ...user, rowPolicies: all }))
  const users = [...own, ...rooms.map(roomUser)]
  const names = new Set<string>()
  for (const { name, purpose } of users) {
    if (names.has(name)) throw new SiagaError('CONFIG_INVALID', { detail: `two rooms share the name of ${purpose}` })
    names.add(name)
  }
  return { profiles, quotas, users }
}
