// In which order is a back-up made, so that its parts fit together while Siaga goes on? What is told of others comes first, events last; then what waits in Kafka.
import { randomBytes } from 'node:crypto'
import { basename, join } from 'node:path'
import type { LoadedConfig } from '../../runtime/config.ts'
import { keyName } from '../../runtime/secrets.ts'
import { version } from '../frame.ts'
import { type Progress, printable } from '../terminal.ts'
import { configFiles } from './config-files.ts'
import { copyAccounts, copyFolders, early, late, type Previous } from './data-files.ts'
import { hashFile, linkFile, readFileBytes, writeHashed } from './files.ts'
import { dumpRemembered, dumpWaiting, pagesLanded, readCommitted } from './kafka-dump.ts'
import { type BackedFile, type ClickHousePart, type Manifest, type Table, writeManifest } from './manifest.ts'
import {
  type Disk,
  freeze,
  frozenParts,
  openMutations,
  packPart,
  readDisks,
  rowsOf,
  tableNames,
  thaw,
} from './parts.ts'
import type { Reach } from './reach.ts'
import { type Applied, standingSchema } from './schema.ts'
import { backUpTables, placeOf } from './server-backup.ts'
import { share } from './share.ts'

export interface MakeOptions {
  readonly loaded: LoadedConfig
  readonly masterKey: Buffer
  readonly reach: Reach
  /** The new folder. */
  readonly folder: string
  readonly previous: Previous | undefined
  readonly withMasterKey: boolean
  /** Where a ClickHouse of one's own puts its tables, `none` if they are backed up otherwise; undefined: the embedded one. */
  readonly place: string | undefined
  /** Name of the back-up that a ClickHouse of one's own adds to. */
  readonly base: string | undefined
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly startedAt: number
}

export interface Made {
  readonly manifest: Manifest
  /** Bytes written anew, and those that the last back-up had already. */
  readonly written: number
  readonly linked: number
  readonly warnings: readonly string[]
}

/** Makes a whole back-up. If it rejects, the folder is to be removed. */
export async function makeBackup(options: MakeOptions): Promise<Made> {
  const { loaded, masterKey, reach, folder, previous, progress, signal, startedAt } = options
  const { config } = loaded
  const { clickhouse } = reach
  const id = randomBytes(16).toString('hex')
  const warnings: string[] = []
  const files: BackedFile[] = []
  let linked = 0
  const take = (file: BackedFile, isLinked = false): void => {
    files.push(file)
    if (isLinked) linked += file.bytes
  }
  const dataDir = config.data_dir

  progress.doing('what has landed, and where collectors are')
  // Where files were read to: before the raw events are copied, so that what is read again comes twice rather than never.
  await copyFolders({ dataDir, folder, previous, withMasterKey: options.withMasterKey, signal, take }, early)
  const committed = await readCommitted(reach, clickhouse)
  if ((await openMutations(clickhouse)) > 0)
    warnings.push('ClickHouse has not finished all changes of rows; what it was to delete is in the back-up')

  const store = await openStore(options, id)
  try {
    const names = await tableNames(clickhouse)
    progress.doing('tables that hold what became of events')
    await store.step(names.others)
    progress.doing('alerts and correlations')
    const remembered = await dumpRemembered(reach, folder)
    if (!(await pagesLanded(reach, signal)))
      warnings.push('a page of events did not land within a minute; findings of it may come twice after a restore')
    progress.doing('events')
    await store.step([...names.rollups, 'events', 'streams'])
    progress.doing('what waits in Kafka')
    const waiting = await dumpWaiting(reach, folder, committed, remembered)
    for (const { file } of [...remembered.dumped, ...waiting])
      take({ path: file, ...(await hashFile(join(folder, file))) })

    const tables = await store.finish(take)
    progress.doing('files')
    await copyFolders({ dataDir, folder, previous, withMasterKey: options.withMasterKey, signal, take }, late)
    const accounts = await copyAccounts(dataDir, folder)
    if (accounts !== undefined) take(accounts.file)
    const { files: named, missing } = configFiles(loaded)
    for (const { from, file } of named)
      take({ path: file, ...(await writeHashed(join(folder, file), readFileBytes(from))) })
    for (const place of missing) warnings.push(`siaga.yaml names ${printable(place)}, which is not there`)

    const manifest: Manifest = {
      format: 'siaga-backup',
      version: 1,
      id,
      siaga: version(),
      created_at: new Date(startedAt).toISOString(),
      finished_at: new Date().toISOString(),
      key: keyName(masterKey),
      with_master_key: options.withMasterKey,
      clickhouse: tables,
      kafka: {
        cluster_id: await reach.admin.clusterId(),
        topics: [...remembered.dumped, ...waiting],
        alerts: { findings: remembered.findings, requests: remembered.requests },
        committed,
      },
      accounts: accounts?.version ?? null,
      config: named.map(({ file, place }) => ({ file, place })),
      files,
    }
    signal.throwIfAborted()
    await writeManifest(folder, manifest, masterKey)
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    return { manifest, written: bytes - linked, linked, warnings }
  } finally {
    await store.close()
  }
}

/** How tables are copied: in steps, each as of one moment. */
interface TableStore {
  step(tables: readonly string[]): Promise<void>
  /** Brings them into the back-up. */
  finish(take: (file: BackedFile, linked?: boolean) => void): Promise<ClickHousePart>
  close(): Promise<void>
}

async function openStore(options: MakeOptions, id: string): Promise<TableStore> {
  const { reach, place } = options
  if (place === 'none')
    return { step: async () => undefined, finish: async () => ({ kind: 'none' }), close: async () => undefined }
  const migrations = await standingSchema(reach.clickhouse)
  if (place === undefined) return frozenStore(options, id, { disks: await readDisks(reach.clickhouse), migrations })
  const name = basename(options.folder)
  const steps: { place: string; tables: string[] }[] = []
  return {
    async step(tables) {
      const at = placeOf(place, name, steps.length)
      const base = options.base === undefined ? undefined : placeOf(place, options.base, steps.length)
      await backUpTables(reach.clickhouse, { tables, place: at, base, id: `${id}-${steps.length}` })
      steps.push({ place: at, tables: [...tables] })
    },
    async finish() {
      const base = options.base === undefined ? {} : { base: options.base }
      return { kind: 'server', migrations: await standingSchema(reach.clickhouse, migrations), steps, ...base }
    },
    close: async () => undefined,
  }
}

async function frozenStore(
  options: MakeOptions,
  id: string,
  { disks, migrations }: { disks: readonly Disk[]; migrations: readonly Applied[] },
): Promise<TableStore> {
  const { reach, folder, previous, progress, signal, startedAt } = options
  const { clickhouse } = reach
  await thaw(disks)
  const frozen = new Map<string, string>()
  return {
    async step(tables) {
      for (const [uuid, table] of await freeze(clickhouse, id, tables)) frozen.set(uuid, table)
    },
    async finish(take) {
      const parts = await frozenParts(clickhouse, disks, id, frozen)
      const tables = new Map<string, Table>()
      for (const name of (await tableNames(clickhouse)).all) tables.set(name, { name, rows: 0, parts: [] })
      for (const [at, part] of parts.entries()) {
        signal.throwIfAborted()
        progress.doing(`tables: ${share(at, parts.length)} of ${parts.length} parts`)
        const file = `clickhouse/${part.table}/${part.name}.tar`
        const before = part.content === '' ? undefined : previous?.parts.get(`${part.table}/${part.content}`)
        const target = join(folder, file)
        if (before !== undefined && (await linkFile(join(before.folder, before.path), target, before.bytes)))
          take({ path: file, bytes: before.bytes, sha256: before.sha256 }, true)
        else take({ path: file, ...(await packPart(part.folder, target, startedAt)) })
        const rows = await rowsOf(part)
        const { rows: sum, parts: known } = tables.get(part.table) ?? { rows: 0, parts: [] }
        const { name, disk, content } = part
        tables.set(part.table, {
          name: part.table,
          rows: sum + rows,
          parts: [...known, { name, disk, rows, content, file }],
        })
      }
      return {
        kind: 'parts',
        migrations: await standingSchema(clickhouse, migrations),
        tables: [...tables.values()],
      }
    },
    // What stays frozen goes with the next run's thaw; the back-up is whole without that.
    close: () => thaw(disks, id).catch(() => undefined),
  }
}
