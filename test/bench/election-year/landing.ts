// What arrives while questions are asked? Events in the shape of the made year, landed by the product's own encoder and insert.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ClickHouse } from '../../../runtime/clickhouse.ts'
import { silentLog } from '../../../runtime/log.ts'
import { type Event, emptyEvent, eventColumns } from '../../../schemas/event.ts'
import { insertOnce } from '../../../sinks/clickhouse/insert.ts'
import { fillingMs } from '../../../sinks/clickhouse/pace.ts'
import { createRowBuffer } from '../../../sinks/clickhouse/rows.ts'
import type { Credentials } from '../../services.ts'
import { LANDED_STREAM, NOW, utc } from './world.ts'

/** The default of kafka.partitions on two cores. */
const PARTITIONS = 2
/** The default of processors.flush_ms. */
const FLUSH_MS = 400
/** The default of processors.flush_rows. */
const FLUSH_ROWS = 20_000
// Of this run alone: a year that was kept knows the tokens of the run before.
const STREAM = `${LANDED_STREAM}${Date.now()}`
const TEMPLATES = 20_000

const Row = z.record(z.string(), z.unknown())
const Fields = z.record(z.string(), z.string())

const Landed = z.object({ rows: z.number(), seconds: z.number(), inserts: z.number(), longestWaitMs: z.number() })

export interface Landing {
  /** Rows landed so far and seconds since the first of them arrived. */
  progress(): z.infer<typeof Landed>
  /** Resolves when what is in flight has landed; rejects if an insert failed. */
  stop(): Promise<void>
}

/**
 * The same in a process of its own, as it is in life: whoever asks does not wait for an event loop that is busy with what lands. The answered function
 * ends it and says what has landed. Rejects, as it does, if the process ends before.
 */
export async function landBeside(
  access: Credentials & { url: string },
  rate: number,
): Promise<() => Promise<z.infer<typeof Landed>>> {
  const child = fork(join(import.meta.dirname, 'landing-process.ts'), [JSON.stringify(access), String(rate)])
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`landing has ended with ${code}`)
  })
  ended.catch(() => undefined)
  const told = async (): Promise<unknown> => (await Promise.race([once(child, 'message'), ended]))[0]
  await told()
  return async () => {
    const answer = told()
    child.send('stop')
    const landed = Landed.parse(await answer)
    child.disconnect()
    return landed
  }
}

/**
 * Lands `rate` events a second as siaga_pipeline: Kafka partitions in which events arrive evenly, whatever the store does. As the pipeline's own
 * writer does it, a page goes when its time is up, with all that has arrived, and one insert is in flight per partition. Times of the events go on
 * from {@link NOW}, so that they come into the partition that is being asked, and into none of the answers.
 */
export async function startLanding(clickhouse: ClickHouse, rate: number): Promise<Landing> {
  const templates = await readTemplates(clickhouse)
  const perMs = rate / 1000 / PARTITIONS
  const began = performance.now()
  let stopped = false
  let rows = 0
  let inserts = 0
  let longestWaitMs = 0
  const land = async (partition: number): Promise<void> => {
    const buffer = createRowBuffer()
    const dependencies = { clickhouse, log: silentLog, isCurrent: () => true, heartbeat: async () => undefined }
    let offset = 0
    let lastInsertMs = 0
    // Partitions take turns, as they do when each fills at its own pace.
    let goes = began + (FLUSH_MS * (partition + 1)) / PARTITIONS
    while (!stopped) {
      const wait = goes - performance.now()
      if (wait > 0) await sleep(wait)
      const from = performance.now()
      goes = from + fillingMs(FLUSH_MS, lastInsertMs, perMs * FLUSH_MS)
      const arrived = Math.floor((from - began) * perMs)
      const last = Math.min(arrived, offset + FLUSH_ROWS) - 1
      const ingestedAt = NOW + Math.round(from - began)
      buffer.clear()
      for (let at = offset; at <= last; at += 1) {
        const event = templates[(at * PARTITIONS + partition) % templates.length]
        if (event === undefined) break
        event.timestamp = NOW + Math.floor(at / perMs)
        event.received_at = event.timestamp
        event.event_id = `landing-${partition}-${at.toString(36)}`
        event._partition = partition
        event._offset = at
        buffer.append(event, null)
      }
      buffer.stamp(ingestedAt)
      const range = { stream: STREAM, partition, first: offset, last, ingestedAt }
      await insertOnce(range, buffer.view(), false, dependencies)
      const landed = performance.now()
      lastInsertMs = landed - from
      longestWaitMs = Math.max(longestWaitMs, landed - (began + offset / perMs))
      rows += last + 1 - offset
      offset = last + 1
      inserts += 1
    }
  }
  const work = Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => land(partition)))
  return {
    progress: () => ({ rows, seconds: (performance.now() - began) / 1000, inserts, longestWaitMs }),
    async stop() {
      stopped = true
      await work
    },
  }
}

/** Events of the hour before, as the pipeline would hand them on. */
async function readTemplates(clickhouse: ClickHouse): Promise<Event[]> {
  const columns = Object.entries(eventColumns).map(([name, { type }]) => {
    if (type.startsWith('DateTime64')) return `toUnixTimestamp64Milli(${name}) AS ${name}`
    return type === 'DateTime' ? `toUnixTimestamp(${name}) * 1000 AS ${name}` : name
  })
  const found = await clickhouse.rows(
    Row,
    `SELECT ${columns.join(', ')} FROM siaga.events AS e
     WHERE e.ingested_at >= ${utc(NOW - 3_600_000)} AND e.ingested_at < ${utc(NOW)}
     ORDER BY cityHash64(e._offset, e._partition) LIMIT ${TEMPLATES}`,
  )
  return found.map((row) =>
    Object.assign(emptyEvent(), row, { fields: new Map(Object.entries(Fields.parse(row.fields))), _stream: STREAM }),
  )
}
