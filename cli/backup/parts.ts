// How are tables of the embedded ClickHouse put into files? Frozen, which costs nothing (hard links), then each part is packed into one tar, unless the last back-up has it.
import { rmSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { tarHeader } from '../export/tar.ts'
import { isGone, readFileBytes, type Written, walk, writeHashed } from './files.ts'
import { changedMeanwhile } from './schema.ts'

/** Every table that has rows of its own, and those that are filled from others as these are. */
export interface TableNames {
  /** Counted from events by their views. */
  readonly rollups: readonly string[]
  readonly others: readonly string[]
  /** All of them, `events` and `streams` too. */
  readonly all: readonly string[]
}

const TableRow = z.object({ name: z.string(), engine: z.string() })

/** Tables of database `siaga`; `events` and `streams` are named by whoever asks. */
export async function tableNames(clickhouse: ClickHouse): Promise<TableNames> {
  const rows = await clickhouse.rows(
    TableRow,
    "SELECT name, engine FROM system.tables WHERE database = 'siaga' AND (engine LIKE '%MergeTree' OR engine = 'MaterializedView') ORDER BY name",
  )
  const views = new Set(rows.filter(({ engine }) => engine === 'MaterializedView').map(({ name }) => name))
  const tables = rows.filter(({ name }) => !views.has(name)).map(({ name }) => name)
  // What is written by those who ask is no sum of events (migration 0015).
  const isRollup = (name: string): boolean => views.has(`${name}_mv`) && name !== 'query_audit'
  const own = new Set(['events', 'streams'])
  return {
    rollups: tables.filter(isRollup),
    others: tables.filter((name) => !isRollup(name) && !own.has(name)),
    all: tables,
  }
}

const FREEZE = /^siaga_backup_[0-9a-f]{32}$/

/** The name under which the server keeps what is frozen for a back-up. */
function freezeName(id: string): string {
  return `siaga_backup_${id}`
}

const Uuid = z.object({ name: z.string(), uuid: z.string() })

/** Holds fast what the tables are at this moment, one after the other. Answers their names by the UUIDs under which their parts are kept. */
export async function freeze(
  clickhouse: ClickHouse,
  id: string,
  tables: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const uuids = await clickhouse.rows(
    Uuid,
    "SELECT name, toString(uuid) AS uuid FROM system.tables WHERE database = 'siaga' AND name IN {tables:Array(String)}",
    { tables: [...tables] },
  )
  for (const table of tables)
    await clickhouse.command(`ALTER TABLE siaga.${table} FREEZE WITH NAME '${freezeName(id)}'`)
  return new Map(uuids.map(({ name, uuid }) => [uuid, name]))
}

const Disk = z.object({ name: z.string(), path: z.string() })
export type Disk = z.infer<typeof Disk>

/** Disks of the server, and where they lie. */
export function readDisks(clickhouse: ClickHouse): Promise<Disk[]> {
  return clickhouse.rows(Disk, 'SELECT name, path FROM system.disks ORDER BY name')
}

/** Lets go of what is frozen for a back-up; of all back-ups unless one is named, as after a kill. */
export async function thaw(disks: readonly Disk[], id?: string): Promise<void> {
  for (const { path } of disks) {
    const names = await readdir(join(path, 'shadow')).catch(() => [])
    for (const name of names.filter((one) => (id === undefined ? FREEZE.test(one) : one === freezeName(id))))
      rmSync(join(path, 'shadow', name), { recursive: true, force: true })
  }
}

export interface FrozenPart {
  readonly table: string
  readonly name: string
  readonly disk: string
  readonly folder: string
  /** The server's hash of everything in it; empty if it is merged away and forgotten already. */
  readonly content: string
}

const PartRow = z.object({ table: z.string(), name: z.string(), hash_of_all_files: z.string() })

/**
 * The parts that are frozen for a back-up, table by table. `tables`: their names by UUID, as {@link freeze} told them. Rejects with a CommandError if there
 * are parts of another UUID: a migration has put a new table in the place of one meanwhile, and the rows of that name would be missing.
 */
export async function frozenParts(
  clickhouse: ClickHouse,
  disks: readonly Disk[],
  id: string,
  tables: ReadonlyMap<string, string>,
): Promise<FrozenPart[]> {
  const rows = await clickhouse.rows(
    PartRow,
    "SELECT table, name, hash_of_all_files FROM system.parts WHERE database = 'siaga'",
  )
  const contents = new Map(rows.map(({ table, name, hash_of_all_files }) => [`${table}/${name}`, hash_of_all_files]))
  const found: FrozenPart[] = []
  for (const disk of disks) {
    const store = join(disk.path, 'shadow', freezeName(id), 'store')
    for (const uuid of (await Promise.all((await namesIn(store)).map((one) => namesIn(join(store, one))))).flat()) {
      const table = tables.get(uuid)
      if (table === undefined) throw changedMeanwhile()
      const folder = join(store, uuid.slice(0, 3), uuid)
      for (const name of await namesIn(folder))
        found.push({
          ...{ table, name, disk: disk.name, folder: join(folder, name) },
          content: contents.get(`${table}/${name}`) ?? '',
        })
    }
  }
  return found.sort((a, b) => (a.table === b.table ? compareParts(a.name, b.name) : a.table < b.table ? -1 : 1))
}

/** Names in a folder; none if there is no such folder. */
function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (isGone(error)) return []
    throw error
  })
}

/** By partition, then in the order in which the rows came: a later one takes the place of an earlier one in some tables. */
export function compareParts(a: string, b: string): number {
  const [partitionA, blockA] = placeOf(a)
  const [partitionB, blockB] = placeOf(b)
  return partitionA === partitionB ? blockA - blockB : partitionA < partitionB ? -1 : 1
}

function placeOf(part: string): [string, number] {
  const [partition = '', first = '0'] = part.split('_')
  return [partition, Number(first)]
}

/** Rows of a part, as the part itself has them. */
export async function rowsOf({ folder }: FrozenPart): Promise<number> {
  return Number(await readFile(join(folder, 'count.txt'), 'utf8'))
}

/** Packs the files of a part into one tar (POSIX ustar). `at`: time of its entries, milliseconds since 1970 UTC. */
export function packPart(folder: string, file: string, at: number): Promise<Written> {
  return writeHashed(file, tarOf(folder, at))
}

const BLOCK = 512

async function* tarOf(folder: string, at: number): AsyncGenerator<Uint8Array> {
  for await (const { path } of walk(folder, () => false)) {
    const file = join(folder, path)
    const { size } = await stat(file)
    yield tarHeader(path, size, at)
    yield* readFileBytes(file)
    yield new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK)
  }
  yield new Uint8Array(2 * BLOCK)
}

const Mutation = z.object({ n: z.coerce.number() })

/** How many changes of rows (deletes, projections to be made) the tables have not finished: a copy would not have them. */
export async function openMutations(clickhouse: ClickHouse): Promise<number> {
  const [row] = await clickhouse.rows(
    Mutation,
    "SELECT count() AS n FROM system.mutations WHERE database = 'siaga' AND NOT is_done AND NOT is_killed",
  )
  return row?.n ?? 0
}
