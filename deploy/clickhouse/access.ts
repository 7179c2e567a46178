// Who may do what in ClickHouse? The one definition from which XML (embedded, containers) and SQL (cluster) are written.
import { SiagaError } from '../../runtime/errors.ts'
import { type ClickHouseProfile, type ClickHouseQuota, profiles, quotas } from './profiles.ts'
import { policyTables, type RoomScope, roomUser } from './rooms.ts'
import { SHARD_DATABASE, shardedTables } from './sharded.ts'
import { type ClickHouseUser, clickhouseUsers } from './users.ts'

export interface AccessDefinition {
  readonly profiles: readonly ClickHouseProfile[]
  readonly quotas: readonly ClickHouseQuota[]
  readonly users: readonly ClickHouseUser[]
}

/** What of an installation changes who is granted what. */
export interface AccessOptions {
  /** True on a cluster, where rows lie in a second database on each shard. */
  readonly sharded?: boolean
}

/**
 * Users of Siaga itself and one for each room. Whoever has no row policy on a table that has some sees none of its rows, so those who see all are
 * told so. Throws CONFIG_INVALID if two rooms would share a user.
 */
export function accessFor(rooms: readonly RoomScope[], { sharded = false }: AccessOptions = {}): AccessDefinition {
  const all = Object.fromEntries(policyTables().map((table) => [table, '1']))
  const own = Object.values(clickhouseUsers).map((user): ClickHouseUser => ({ ...user, rowPolicies: all }))
  const made = [...own, ...rooms.map(roomUser)]
  const users = sharded ? made.map(onShards) : made
  const names = new Set<string>()
  for (const { name, purpose } of users) {
    if (names.has(name)) throw new SiagaError('CONFIG_INVALID', { detail: `two rooms share the name of ${purpose}` })
    names.add(name)
  }
  return { profiles: sharded ? profiles.map(onCluster) : profiles, quotas, users }
}

/**
 * A question comes to a shard in the name of whoever asked (docs/adr/0044): the same rights and the same row policies hold there, so that it makes no
 * difference which of the two tables of a name is read.
 */
function onShards(user: ClickHouseUser): ClickHouseUser {
  const grants = user.grants.flatMap((grant) => {
    const [, rights = '', table = ''] = /^(.+) ON siaga\.(\S+)$/.exec(grant) ?? []
    const there = table === '*' || shardedTables.includes(table)
    return there ? [grant, `${rights} ON ${SHARD_DATABASE}.${table}`] : [grant]
  })
  const policies = Object.entries(user.rowPolicies ?? {}).flatMap(([place, filter]) => {
    const [database, table = ''] = place.split('.')
    return database === 'siaga' && shardedTables.includes(table) ? [[`${SHARD_DATABASE}.${table}`, filter]] : []
  })
  return { ...user, grants, rowPolicies: { ...user.rowPolicies, ...Object.fromEntries(policies) } }
}

/**
 * What a shard has not got is sent to it: names of regions, verdicts, indicators lie on the first server only. What is to be sent is asked for without
 * a limit of rows, and a shard would take 0 for the least that a session may choose: where rows of answers are limited, no session may choose.
 * The workload stays behind: a question that asks the other servers takes one of its places there and one here for each part of it, and a few that hold the
 * first and wait for the second would hold up one another and all behind them.
 */
function onCluster({ name, settings }: ClickHouseProfile): ClickHouseProfile {
  const { max_result_rows: rows, max_result_bytes: bytes, workload: _, ...others } = settings
  return {
    name,
    settings: {
      ...others,
      distributed_product_mode: { value: 'global' },
      prefer_global_in_and_join: { value: 1 },
      // A second is little for a server that is busy landing.
      connect_timeout_with_failover_ms: { value: 5_000 },
      ...(rows?.value !== undefined && { max_result_rows: { value: rows.value } }),
      ...(bytes?.value !== undefined && { max_result_bytes: { value: bytes.value } }),
    },
  }
}
