// In which order does a back-up come back? Files, tables, Kafka, sums; each step may be killed and is done again by the next run.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rename, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { migrate, readMigrations } from '../../deploy/clickhouse/migrate.ts'
import { keepTiers } from '../../deploy/clickhouse/tiers.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { makeFolder } from '../../runtime/folders.ts'
import { PROCESSOR_GROUP, topicSettings } from '../../runtime/topics.ts'
import { topics } from '../../schemas/raw-event.ts'
import { rebuildRollups } from '../../sinks/clickhouse/rollups-rebuild.ts'
import { decodeLedger } from '../../sinks/clickhouse/streams.ts'
import { CommandError } from '../frame.ts'
import { number, type Progress } from '../terminal.ts'
import { attachTable } from './attach.ts'
import { emptyDatabase } from './check.ts'
import { readFileBytes, writeHashed } from './files.ts'
import { forgetTopics, lostTopics, nobodyReads, refillKafka } from './kafka-refill.ts'
import { damaged, type Manifest } from './manifest.ts'
import { readDisks } from './parts.ts'
import type { Reach } from './reach.ts'
import { checkedPlace, restoreTables } from './server-backup.ts'
import { share } from './share.ts'
import { type Note, writeNote } from './unfinished.ts'

const DAY_MS = 86_400_000

export interface RestoreOptions {
  readonly config: ResolvedConfig
  readonly manifest: Manifest
  /** The back-up. */
  readonly folder: string
  /** How far it has come, also in a run that was killed; kept in the data directory by {@link writeNote}. */
  readonly note: Note
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** Puts the files of the data directory in their places; one that is there stays. Answers how many were written. */
export async function restoreFiles({ config, manifest, folder, progress, signal }: RestoreOptions): Promise<number> {
  const dataDir = config.data_dir
  const files = manifest.files.filter(({ path }) => path.startsWith('data/'))
  makeFolder(dataDir, 0o700)
  let written = 0
  for (const [at, file] of files.entries()) {
    signal.throwIfAborted()
    progress.doing(`files: ${share(at, files.length)} of ${files.length}`)
    const target = join(dataDir, file.path.slice('data/'.length))
    if (existsSync(target)) continue
    // Beside its place and renamed: what a killed run leaves is whole, or no file of Siaga's.
    const draft = `${target}.${process.pid}.${randomBytes(4).toString('hex')}`
    const done = await writeHashed(draft, readFileBytes(join(folder, file.path)))
    if (done.sha256 !== file.sha256) throw damaged(folder, `${file.path} has changed while it was read`)
    if (file.modified !== undefined) await utimes(draft, new Date(), file.modified / 1000)
    await rename(draft, target)
    written += 1
  }
  return written
}

/**
 * Rejects with a CommandError if ClickHouse or Kafka may not be filled: somebody uses them, or they hold what is not of this restore. Asked before the first
 * change, and again by each run until it has begun with them.
 */
export async function mayBeFilled({ clickhouse, admin }: Reach, { manifest, note }: RestoreOptions): Promise<void> {
  if (note.parts.includes('clickhouse') && !note.tables && manifest.clickhouse.kind !== 'none')
    await emptyDatabase(clickhouse)
  await nobodyReads(admin)
  if (note.lost !== undefined) return
  const lost = await lostTopics(admin)
  const whole = lost.includes(topics.raw) && lost.includes(topics.alerts)
  if (!whole && (await admin.clusterId()) !== manifest.kafka.cluster_id)
    throw new CommandError(
      'This Kafka holds topics of Siaga, and is not the one that was backed up.',
      'Use the Kafka of the back-up, or one without topics of Siaga.',
    )
}

/** Fills the tables as the migrations of the back-up's time made them; a start brings them up to date. */
export async function restoreTablesOf(reach: Reach, options: RestoreOptions): Promise<void> {
  const { config, manifest, folder, note, progress, signal } = options
  const { clickhouse } = reach
  const part = manifest.clickhouse
  if (part.kind === 'none') return
  if (part.kind === 'parts' && config.clickhouse.url !== '')
    throw new CommandError(
      'The tables of this back-up are files of an embedded ClickHouse; a server of your own cannot read them.',
      'Restore without CLICKHOUSE_URL.',
    )
  // A server has no undo for what comes next.
  if (!note.tables) await emptyDatabase(clickhouse)
  note.tables = true
  await writeNote(config.data_dir, note)
  progress.doing('ClickHouse: schema')
  const applied = new Set(part.migrations.map(({ file }) => file))
  await migrate(
    clickhouse,
    { database: 'siaga' },
    readMigrations().filter(({ file }) => applied.has(file)),
  )
  if (part.kind === 'server') {
    for (const [at, { place, tables }] of part.steps.entries()) {
      signal.throwIfAborted()
      progress.doing(`ClickHouse: ${place}`)
      for (const table of tables) await clickhouse.command(`TRUNCATE TABLE siaga.${table}`)
      await restoreTables(clickhouse, { tables, place: checkedPlace(place), id: `${manifest.id}-${at}-${Date.now()}` })
    }
    return
  }
  const { cold_dir, cold_after_days } = config.clickhouse
  await keepTiers(clickhouse, cold_dir === '' ? undefined : cold_after_days)
  const parts = part.tables.reduce((sum, table) => sum + table.parts.length, 0)
  let done = 0
  const disks = await readDisks(clickhouse)
  for (const table of part.tables)
    await attachTable(table, {
      ...{ clickhouse, folder, disks, signal },
      onPart() {
        progress.doing(`ClickHouse: ${share(done, parts)} of ${parts} parts`)
        done += 1
      },
    })
}

const Landed = z.object({ stream: z.string(), partition: z.coerce.number(), last: z.coerce.number() })

/** Fills the topics that were lost and sets the groups; {@link mayBeFilled} comes first. Answers how many records went to each topic; none where all of them live on. */
export async function restoreKafka(reach: Reach, options: RestoreOptions): Promise<ReadonlyMap<string, number>> {
  const { config, manifest, folder, note, progress } = options
  const { kafka, admin, clickhouse } = reach
  await nobodyReads(admin)
  if (note.lost) await forgetTopics(admin, note.lost)
  const lost = await lostTopics(admin)
  note.lost = lost
  await writeNote(config.data_dir, note)
  if (!lost.includes(topics.raw)) await keepStreams(reach)
  const streams = (manifest.kafka.committed[PROCESSOR_GROUP] ?? []).map(({ stream }) => stream)
  const rows = await clickhouse.rows(
    Landed,
    `SELECT _stream AS stream, _partition AS partition, max(_offset) AS last FROM siaga.events
     WHERE _stream IN {streams:Array(String)} GROUP BY stream, partition`,
    { streams },
  )
  const landed = new Map(rows.map(({ stream, partition, last }) => [`${stream} ${partition}`, last]))
  return refillKafka({
    ...{ kafka, admin, folder, lost },
    settings: topicSettings(config, config.sources),
    part: manifest.kafka,
    landed: (stream, partition) => landed.get(`${stream} ${partition}`) ?? -1,
    onTopic: (topic, records) => progress.doing(`Kafka: ${topic} (${number(records)} records)`),
  })
}

/**
 * Notes the streams that processors of a Kafka that lives on have begun since the back-up. Their events land again, and under another stream they would be
 * others, and their findings would come twice.
 */
async function keepStreams({ clickhouse, admin }: Reach): Promise<void> {
  const cluster = await admin.clusterId()
  for (const { partition, metadata } of await admin.committed(PROCESSOR_GROUP, topics.raw)) {
    const stream = decodeLedger(metadata)?.stream
    if (stream === undefined) continue
    await clickhouse.command(
      `INSERT INTO siaga.streams (stream, topic, partition, cluster_id, created_at)
       SELECT {stream:String}, {topic:String}, {partition:UInt16}, {cluster:String}, now64(3)
       WHERE {stream:String} NOT IN (SELECT stream FROM siaga.streams)`,
      { stream, topic: topics.raw, partition, cluster },
    )
  }
}

/** Sums were copied a moment before their events. */
export async function completeRollups({ clickhouse }: Reach, { manifest, progress }: RestoreOptions): Promise<void> {
  // Back-ups of large tables take hours; older sums were whole.
  const since = Date.parse(manifest.created_at) - DAY_MS
  await rebuildRollups(clickhouse, {
    now: Date.now(),
    since,
    onProgress: ({ hours, allHours }) => progress.doing(`sums: ${share(hours, allHours)} of ${allHours} hours`),
  })
}
