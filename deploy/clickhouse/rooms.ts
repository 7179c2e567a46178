// What may an Operation Room ask of ClickHouse? A user for each room: its rows by region and owner, its limits, its quota.
import { createHash } from 'node:crypto'
import { quote } from '../../runtime/clickhouse.ts'
import { isCentre } from '../../runtime/scope.ts'
import type { Room } from '../../schemas/room.ts'
import { SHARD_DATABASE } from './sharded.ts'
import { type ScopeColumns, tableAccess, tablesFor, tablesWithPolicies } from './tables.ts'
import type { ClickHouseUser } from './users.ts'

/** What of a room decides who may see what. */
export type RoomScope = Pick<Room, 'id' | 'name' | 'region' | 'owner' | 'sees'>

/** Every name of a room's user begins with it. */
export const ROOM_USER = 'siaga_room_'

/** The database that ClickHouse says table functions are in. */
const TABLE_FUNCTIONS = '_table_function'

/**
 * Name of a room's user. A dot would be a path in XML, so an id with dots is written with dashes and told from others by a hash.
 */
export function roomUserName(id: string): string {
  if (!id.includes('.')) return `${ROOM_USER}${id}`
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 8)
  return `${ROOM_USER}${id.replaceAll('.', '-')}-${hash}`
}

/** Rooms with the names of their users, as `siaga.room_users` keeps them. */
export function roomUsers<R extends { readonly id: string }>(rooms: readonly R[]): { user: string; room: R }[] {
  return rooms.map((room) => ({ user: roomUserName(room.id), room }))
}

/**
 * The rows that a room reads, as a filter: `mayRead` of runtime/scope.ts in the words of ClickHouse. A test holds the two against each other.
 */
export function scopeFilter(room: Pick<Room, 'region' | 'owner' | 'sees'>, columns: ScopeColumns): string {
  if (isCentre(room)) return '1'
  const { region, owner } = columns
  const owners = [...new Set(['', room.owner, ...room.sees])].map(quote).join(', ')
  // A bare comparison first: the sort key of events is pruned by it.
  return `(${region} = ${quote(room.region)} OR startsWith(${region}, ${quote(`${room.region}.`)})) AND ${owner} IN (${owners})`
}

/** `database.table` of everything that has row policies. */
export function policyTables(): string[] {
  return [...tablesWithPolicies().map((table) => `siaga.${table}`), ...Object.keys(guarded)]
}

/** The user of one room. */
export function roomUser(room: RoomScope): ClickHouseUser {
  const centre = isCentre(room)
  const readable = tablesFor({ centre })
  const own = tablesWithPolicies().filter((table) => readable.includes(table))
  return {
    name: roomUserName(room.id),
    purpose: `room ${room.id}, region ${room.region}`,
    profile: centre ? 'siaga_centre' : 'siaga_room',
    quota: 'siaga_room',
    grants: readable.map((table) => `SELECT${isDictionary(table) ? ', dictGet' : ''} ON siaga.${table}`),
    rowPolicies: {
      ...Object.fromEntries(own.map((table) => [`siaga.${table}`, filterOf(room, table)])),
      ...(centre ? Object.fromEntries(Object.keys(guarded).map((table) => [table, '1'])) : guarded),
    },
  }
}

const listed = Object.entries(tableAccess).flatMap(([name, { kind }]) => (kind === 'view' ? [quote(name)] : []))

/**
 * What everybody may read, whatever is granted, and what would tell of other regions: sizes of tables, and table functions that read an index
 * past the row policies of its table.
 */
const guarded: Readonly<Record<string, string>> = {
  'system.tables': `database != '${SHARD_DATABASE}' AND (database != 'siaga' OR name IN (${listed.join(', ')}))`,
  'system.columns': `database != '${SHARD_DATABASE}' AND (database != 'siaga' OR table IN (${listed.join(', ')}))`,
  ...Object.fromEntries(
    [
      'mergeTreeIndex',
      'mergeTreeAnalyzeIndexes',
      'mergeTreeAnalyzeIndexesUUID',
      'mergeTreeProjection',
      'mergeTreeTextIndex',
    ].map((name) => [`${TABLE_FUNCTIONS}.${name}`, '0']),
  ),
}

function filterOf(room: RoomScope, table: string): string {
  const access = tableAccess[table]
  if (access?.kind === 'regional') return scopeFilter(room, access)
  if (access?.kind === 'common' && access.shown !== undefined) return isCentre(room) ? '1' : access.shown
  return '0'
}

function isDictionary(table: string): boolean {
  const access = tableAccess[table]
  return access?.kind === 'common' && access.dictionary === true
}
