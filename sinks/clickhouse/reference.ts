// Which regions, assets, election windows and rooms can be asked for in ClickHouse? Those of the configuration; a table is replaced as a whole when it differs.
import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { NATIONAL, phasesOf, type Reference } from '../../runtime/reference.ts'
import type { Asset } from '../../schemas/config.ts'
import type { Room } from '../../schemas/room.ts'

/** Rows as arrays of texts and numbers, in the order of the columns. */
type Row = readonly (string | number)[]

export interface ReferenceTable {
  readonly name: 'region_names' | 'asset_names' | 'election_windows' | 'room_users'
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

export interface ReferenceOptions {
  readonly reference: Pick<Reference, 'regions' | 'phases'>
  readonly assets: readonly Pick<Asset, 'id' | 'name' | 'url' | 'region' | 'owner' | 'criticality'>[]
  /** Rooms with the names of their ClickHouse users. */
  readonly rooms?: readonly { readonly user: string; readonly room: Pick<Room, 'id' | 'name' | 'region' | 'owner'> }[]
  /** A table for new rows that is older was left by a killed process. */
  readonly strayAfterSeconds?: number
}

/** The last second that ClickHouse's DateTime holds: a phase without an end. */
const OPEN = 0xffffffff

const dictionaries: Readonly<Partial<Record<ReferenceTable['name'], string>>> = {
  region_names: 'regions',
  election_windows: 'elections',
}

/** What the tables of migrations 0017 and 0022 are to hold. Times are seconds since 1970 UTC. */
export function referenceTables({ reference, assets, rooms = [] }: ReferenceOptions): ReferenceTable[] {
  const regions = [...reference.regions.values()]
  return [
    {
      name: 'region_names',
      columns: ['region_code', 'name', 'level', 'parent', 'zone'],
      rows: regions.map(({ code, name, zone }) => [code, name, levelOf(code), parentOf(code), zone]),
    },
    {
      name: 'asset_names',
      columns: ['asset_id', 'name', 'url', 'region_code', 'owner', 'criticality'],
      rows: assets.map(({ id, name, url, region, owner, criticality }) => [
        id,
        name || id,
        url,
        region,
        owner,
        criticality,
      ]),
    },
    {
      name: 'election_windows',
      columns: ['election', 'phase', 'region_code', 'from', 'to'],
      rows: regions.flatMap(({ code }) =>
        phasesOf(reference, code).map(({ election, phase, from, to }) => [
          election,
          phase,
          code,
          seconds(from),
          seconds(to),
        ]),
      ),
    },
    {
      name: 'room_users',
      columns: ['user', 'room', 'name', 'region_code', 'owner'],
      rows: rooms.map(({ user, room: { id, name, region, owner } }) => [user, id, name || id, region, owner]),
    },
  ]
}

/**
 * Makes the tables equal to the configuration; answers the names of those that were not. Whoever reads sees a table before or after, never a part.
 * Of two processes that do this at once with different configurations, the last one's stands whole. Rejects with CLICKHOUSE_REFUSED or
 * CLICKHOUSE_UNAVAILABLE; a table is then as it was.
 *
 * @param clickhouse as the admin: a table for the new rows is made and dropped
 */
export async function keepReference(clickhouse: ClickHouse, options: ReferenceOptions): Promise<string[]> {
  const { strayAfterSeconds = 3600 } = options
  const changed: string[] = []
  for (const table of referenceTables(options)) {
    await sweep(clickhouse, table.name, strayAfterSeconds)
    if (await isEqual(clickhouse, table)) continue
    await replace(clickhouse, table)
    const dictionary = dictionaries[table.name]
    if (dictionary !== undefined) await reload(clickhouse, dictionary)
    changed.push(table.name)
  }
  return changed
}

const Stored = z.object({ row: z.array(z.string()) })

async function isEqual(clickhouse: ClickHouse, { name, columns, rows }: ReferenceTable): Promise<boolean> {
  const texts = columns.map((column) =>
    isTime(column) ? `toString(toUnixTimestamp(${column}))` : `toString(${column})`,
  )
  const stored = await clickhouse.rows(Stored, `SELECT [${texts.join(', ')}] AS row FROM siaga.${name}`)
  return digestOf(stored.map(({ row }) => row)) === digestOf(rows.map((row) => row.map(String)))
}

/** The new rows are made in a table of this process alone, and take the place of the old ones in one step. */
async function replace(clickhouse: ClickHouse, table: ReferenceTable): Promise<void> {
  const { name, columns, rows } = table
  if (rows.length === 0) return clickhouse.command(`TRUNCATE TABLE siaga.${name}`)
  const next = `siaga.${name}_next_${randomUUID().replaceAll('-', '')}`
  const [order] = await clickhouse.rows(
    z.object({ key: z.string() }),
    "SELECT sorting_key AS key FROM system.tables WHERE database = 'siaga' AND name = {name:String}",
    { name },
  )
  // Not the engine of the table: a replicated one would have the other's path.
  const key = order?.key ?? 'tuple()'
  await clickhouse.command(
    `CREATE TABLE ${next} AS siaga.${name} ENGINE = MergeTree ORDER BY ${key.includes(',') ? `(${key})` : key}`,
  )
  try {
    await clickhouse.insert({
      statement: `INSERT INTO ${next} (${columns.map((column) => `\`${column}\``).join(', ')}) FORMAT JSONCompactEachRow`,
      body: [Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))],
      queryId: randomUUID(),
      settings: { async_insert: 0 },
      timeoutMs: 60_000,
    })
    await clickhouse.command(`ALTER TABLE siaga.${name} REPLACE PARTITION tuple() FROM ${next}`)
  } finally {
    await clickhouse.command(`DROP TABLE IF EXISTS ${next}`)
  }
}

/** Drops tables for new rows that a killed process has left. One at work is a few seconds old. */
async function sweep(clickhouse: ClickHouse, name: string, seconds: number): Promise<void> {
  const strays = await clickhouse.rows(
    z.object({ name: z.string() }),
    `SELECT name FROM system.tables
     WHERE database = 'siaga' AND startsWith(name, {prefix:String}) AND metadata_modification_time <= now() - {seconds:UInt32}`,
    { prefix: `${name}_next_`, seconds },
  )
  for (const stray of strays) await clickhouse.command(`DROP TABLE IF EXISTS siaga.${stray.name}`)
}

/** So that names are new at once. A server of your own whose user `default` may not read the tables has no dictionaries; nothing of Siaga needs them. */
async function reload(clickhouse: ClickHouse, dictionary: string): Promise<void> {
  try {
    await clickhouse.command(`SYSTEM RELOAD DICTIONARY siaga.${dictionary}`)
  } catch (error) {
    if (!(error instanceof SiagaError) || error.code !== 'CLICKHOUSE_REFUSED') throw error
  }
}

/** Order does not matter. */
function digestOf(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => JSON.stringify(row)).sort()
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

const isTime = (column: string): boolean => column === 'from' || column === 'to'

function seconds(ms: number): number {
  return Number.isFinite(ms) ? Math.floor(ms / 1000) : OPEN
}

/** The Kemendagri code tells: kota are numbered from 71. */
function levelOf(code: string): string {
  if (code === NATIONAL) return 'nasional'
  if (!code.includes('.')) return 'provinsi'
  return Number(code.slice(3)) >= 71 ? 'kota' : 'kabupaten'
}

function parentOf(code: string): string {
  return code.includes('.') ? code.slice(0, 2) : ''
}
