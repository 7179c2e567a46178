// Is the ledger exact after a loss and a restore? With a Kafka that lives on and with one that is lost too, while events arrive and while some wait; seeded sizes.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { z } from 'zod'
import { readPrevious } from '../../cli/backup/data-files.ts'
import { type Made, makeBackup } from '../../cli/backup/make.ts'
import { proveManifest, readManifest } from '../../cli/backup/manifest.ts'
import { makePlace } from '../../cli/backup/place.ts'
import { mayBeFilled, type RestoreOptions, restoreKafka, restoreTablesOf } from '../../cli/backup/restore.ts'
import { loadConfig } from '../../runtime/config.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { silentLog } from '../../runtime/log.ts'
import { topics } from '../../schemas/raw-event.ts'
import { startFindingsSink } from '../../sinks/clickhouse/findings.ts'
import { attack } from '../e2e/backup.ts'
import { push, type Rig } from './rig.ts'

const signal = new AbortController().signal
const progress = { doing: () => undefined, done: () => undefined, failed: () => undefined, stop: () => undefined }

const loadedOf = ({ services }: Rig) => loadConfig({ env: { SIAGA_DATA_DIR: services.dataDir }, cwd: services.dataDir })
const reachOf = ({ clickhouse, kafka, admin }: Rig) => ({ clickhouse, kafka, admin, close: async () => undefined })

/** Backs a rig up as it runs. */
export async function backUp(rig: Rig, target: string, previous?: string): Promise<Made & { folder: string }> {
  const folder = await makePlace(target, Date.now())
  const made = await makeBackup({
    ...{ loaded: loadedOf(rig), masterKey: rig.services.masterKey, reach: reachOf(rig), folder, progress, signal },
    ...{ withMasterKey: false, place: undefined, base: undefined, startedAt: Date.now() },
    previous: previous === undefined ? undefined : await readPrevious(previous),
  })
  return { ...made, folder }
}

/** Restores tables and Kafka into a rig whose database is gone and whose workers have stopped. */
export async function restoreInto(rig: Rig, folder: string): Promise<ReadonlyMap<string, number>> {
  const read = await readManifest(folder)
  await proveManifest(folder, read, rig.services.masterKey)
  const options: RestoreOptions = {
    ...{ config: loadedOf(rig).config, manifest: read.manifest, folder, progress, signal },
    note: { id: read.manifest.id, folder, parts: ['clickhouse', 'kafka'], tables: false },
  }
  await mayBeFilled(reachOf(rig), options)
  await restoreTablesOf(reachOf(rig), options)
  return await restoreKafka(reachOf(rig), options)
}

/** ClickHouse loses everything. */
export async function loseTables(rig: Rig): Promise<void> {
  await rig.clickhouse.command('DROP DATABASE siaga SYNC')
}

/** Kafka loses everything: what groups have committed goes with the topics. */
export async function loseTopics(rig: Rig): Promise<void> {
  for (const topic of Object.values(topics)) await rig.admin.deleteTopic(topic)
  await rig.admin.forgetGroup('siaga-processors')
  await rig.admin.forgetGroup('siaga-findings')
}

const Ledger = z.object({
  rows: z.coerce.number(),
  numbers: z.coerce.number(),
  offsets: z.coerce.number(),
  minutes: z.coerce.number(),
})

export async function ledgerOf({ clickhouse }: Rig, run: string): Promise<z.infer<typeof Ledger>> {
  const [row] = await clickhouse.rows(
    Ledger,
    `SELECT count() AS rows, uniqExact(extract(message, concat({run:String}, '(\\\\d+)\\\\.'))) AS numbers, uniqExact(_stream, _partition, _offset) AS offsets,
       (SELECT sum(events) FROM siaga.source_minutes WHERE source_id = 'demo') AS minutes
     FROM siaga.events WHERE position(message, {run:String}) > 0`,
    { run },
  )
  return row ?? { rows: 0, numbers: 0, offsets: 0, minutes: 0 }
}

/** Waits until so many numbers have landed; what a twin would add comes within a few seconds. */
export async function landed(rig: Rig, run: string, count: number): Promise<void> {
  for (const end = Date.now() + 120_000; (await ledgerOf(rig, run)).numbers < count; await sleep(100))
    if (Date.now() > end)
      throw new Error(`${JSON.stringify(await ledgerOf(rig, run))} of ${count} numbers after two minutes`)
  await sleep(2_000)
}

/** Numbered lines from `first` on; every tenth is a request that rules know. */
export async function send(rig: Rig, run: string, first: number, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, at) => {
    const number = first + at
    return number % 10 === 0 ? `${attack(`203.0.113.${(number / 10) % 250}`)} ${run}${number}.` : `${run}${number}.`
  })
  await push(rig, `${run}${first}`, lines, Date.now() + 60_000)
}

/** Runs with a folder for back-ups, which goes afterwards. */
export async function withTarget(work: (target: string) => Promise<void>): Promise<void> {
  const target = await mkdtemp(join(tmpdir(), 'siaga-backups-'))
  try {
    await work(target)
    expect((await readdir(target)).length).toBeGreaterThan(0)
  } finally {
    await rm(target, { recursive: true, force: true })
  }
}

/** Lands findings until it is stopped. */
export function landFindings({ kafka, clickhouse }: Rig): { stop(): Promise<void> } {
  const producer = createBatchingProducer(kafka, silentLog)
  const nothing = (): void => undefined
  const sink = startFindingsSink({
    kafka,
    clickhouse,
    producer,
    log: silentLog,
    metrics: { done: nothing, retried: nothing, lag: nothing },
  })
  return {
    async stop() {
      await sink.stop()
      await producer.close()
    },
  }
}

const Findings = z.object({ rows: z.coerce.number(), ids: z.coerce.number(), events: z.coerce.number() })

export async function findingsOf({ clickhouse }: Rig): Promise<z.infer<typeof Findings>> {
  const [row] = await clickhouse.rows(
    Findings,
    'SELECT count() AS rows, uniqExact(finding_id) AS ids, uniqExact(event_id) AS events FROM siaga.findings',
  )
  return row ?? { rows: 0, ids: 0, events: 0 }
}
