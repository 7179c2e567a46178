// How is the access definition written as SQL, for a cluster of your own?
import { createHash } from 'node:crypto'
import { quote } from '../../runtime/clickhouse.ts'
import type { AccessDefinition } from './access.ts'
import type { ClickHouseProfile, ClickHouseQuota } from './profiles.ts'
import { ROOM_USER } from './rooms.ts'
import { SHARD_DATABASE } from './sharded.ts'
import { type ClickHouseUser, clickhousePassword } from './users.ts'

export interface AccessSqlOptions {
  readonly access: AccessDefinition
  /** Name of the cluster; this server alone unless told. */
  readonly cluster?: string | undefined
  /** Users of your own that see every row, as the one in CLICKHOUSE_URL must. */
  readonly seesAll?: readonly string[]
}

/**
 * Statements in the order in which they are safe: limits, users without rights, row policies, then rights. Each may be run again; a user that is
 * written anew has no rights until its last statement. Passwords are hashes.
 */
export function accessSql(masterKey: Buffer, { access, cluster, seesAll = [] }: AccessSqlOptions): string[] {
  const on = cluster === undefined ? '' : ` ON CLUSTER ${quote(cluster)}`
  const { users } = access
  return [
    ...access.profiles.map((profile) => profileSql(profile, on)),
    ...users.map((user) => userSql(user, clickhousePassword(masterKey, user.name), on)),
    ...access.quotas.map((quota) => quotaSql(quota, users, on)),
    ...policiesSql(users, seesAll, on),
    ...users.flatMap(({ name, grants }) => grants.map((grant) => `GRANT${on} ${grant} TO ${identifier(name)}`)),
  ]
}

function profileSql({ name, settings }: ClickHouseProfile, on: string): string {
  const parts = Object.entries(settings).map(([setting, { value, min, max, changeable, fixed }]) =>
    [
      setting,
      value === undefined ? '' : `= ${typeof value === 'number' ? value : quote(value)}`,
      min === undefined ? '' : `MIN ${min}`,
      max === undefined ? '' : `MAX ${max}`,
      changeable === undefined ? '' : 'CHANGEABLE_IN_READONLY',
      fixed === undefined ? '' : 'CONST',
    ]
      .filter((part) => part !== '')
      .join(' '),
  )
  return `CREATE SETTINGS PROFILE OR REPLACE ${identifier(name)}${on} SETTINGS ${parts.join(', ')}`
}

function userSql({ name, profile }: ClickHouseUser, password: string, on: string): string {
  const hash = createHash('sha256').update(password).digest('hex')
  return `CREATE USER OR REPLACE ${identifier(name)}${on} IDENTIFIED WITH sha256_hash BY ${quote(hash)} SETTINGS PROFILE ${quote(profile)}`
}

function quotaSql({ name, seconds, limits }: ClickHouseQuota, users: readonly ClickHouseUser[], on: string): string {
  const maxima = Object.entries(limits).map(([limit, value]) => `${limit} = ${value}`)
  const names = users.filter(({ quota }) => quota === name).map((user) => identifier(user.name))
  const to = names.length === 0 ? '' : ` TO ${names.join(', ')}`
  return `CREATE QUOTA OR REPLACE ${identifier(name)}${on} KEYED BY user_name FOR INTERVAL ${seconds} second MAX ${maxima.join(', ')}${to}`
}

/** One policy for all who see every row, one for each user who does not. */
function policiesSql(users: readonly ClickHouseUser[], seesAll: readonly string[], on: string): string[] {
  const places = [...new Set(users.flatMap(({ rowPolicies }) => Object.keys(rowPolicies ?? {})))]
  return places.flatMap((place) => {
    const [whole, some] = [true, false].map((all) =>
      users.filter(({ rowPolicies }) => {
        const filter = rowPolicies?.[place]
        return filter !== undefined && (filter === '1') === all
      }),
    )
    const named = [...(whole ?? []).map(({ name }) => name), ...seesAll]
    const rooms = (some ?? []).map(({ name }) => identifier(name))
    // Tables of the server itself are others' business as well: a policy must not blind them where only named users see rows.
    const own = place.startsWith('siaga.') || place.startsWith(`${SHARD_DATABASE}.`)
    const everybody = rooms.length === 0 ? 'ALL' : `ALL EXCEPT ${rooms.join(', ')}`
    const to = own ? [...new Set(named)].map(identifier).join(', ') : everybody
    return [
      policySql('siaga_all', place, '1', to, on),
      ...(some ?? []).map(({ name, rowPolicies }) =>
        policySql(name, place, rowPolicies?.[place] ?? '0', identifier(name), on),
      ),
    ]
  })
}

function policySql(name: string, place: string, filter: string, to: string, on: string): string {
  return `CREATE ROW POLICY OR REPLACE ${identifier(name)}${on} ON ${place} USING ${filter} TO ${to}`
}

/** A query for users of rooms that are in the configuration no more: what a file of statements cannot know. */
export function strayUsersSql({ users }: AccessDefinition): string {
  const known = users.map(({ name }) => quote(name)).join(', ')
  return `SELECT name FROM system.users WHERE startsWith(name, ${quote(ROOM_USER)}) AND name NOT IN (${known})`
}

function identifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}
