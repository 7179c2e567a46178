// What do the tests of correlations share? Tables of their own on the real ClickHouse, events that land there, rules from YAML.
import { randomBytes } from 'node:crypto'
import { parse } from 'yaml'
import { migrate } from '../../../deploy/clickhouse/migrate.ts'
import { type LinkedCorrelation, linkCorrelations, type NamedRule } from '../../../processors/correlate/link.ts'
import { readCorrelation } from '../../../processors/correlate/parse.ts'
import { at, type ClickHouse, createClickHouse, quote } from '../../../runtime/clickhouse.ts'
import { type Event, emptyEvent } from '../../../schemas/event.ts'
import { createRowBuffer, insertColumns } from '../../../sinks/clickhouse/rows.ts'
import { getServices } from '../../services.ts'

/** 2024-11-27 10:00 WIB. */
export const T0 = Date.parse('2024-11-27T03:00:00Z')
export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000

/** Rules with the id `id-<name>`, as the detector would have found them. */
export function rulesNamed(...names: string[]): NamedRule[] {
  return names.map((name) => ({ id: `id-${name}`, name }))
}

/** Correlations from YAML, linked; throws if one of them has a problem. */
export function correlationsOf(yaml: readonly string[], rules: readonly NamedRule[]): readonly LinkedCorrelation[] {
  const read = yaml.map((text) => {
    const result = readCorrelation(parse(text), 'test.yml', 1)
    if ('problem' in result) throw new Error(result.problem.reason)
    return result.rule
  })
  const { correlations, problems } = linkCorrelations(read, rules)
  if (problems.length > 0) throw new Error(problems.map(({ reason }) => reason).join('; '))
  return correlations
}

let made = 0

/** An event of these rules. */
export function eventOf(rules: readonly string[], timestamp: number, values: Partial<Event> = {}): Event {
  made += 1
  return Object.assign(emptyEvent(), {
    event_id: `event-${made}`,
    timestamp,
    received_at: timestamp,
    source_id: 'rig',
    rule_ids: rules.map((name) => `id-${name}`),
    source_ip: '203.0.113.7',
    ...values,
  })
}

export interface Rig {
  readonly clickhouse: ClickHouse
  /** The user as whom rounds run. */
  readonly pipeline: ClickHouse
  readonly tables: { readonly events: string; readonly streams: string }
  /** Lands events as one insert of a partition, behind what has landed there. */
  land(events: readonly Event[], options?: { partition?: number; ingestedAt?: number }): Promise<void>
  /** The topic made anew: later events of the partition count from 0 again, in a stream of their own. */
  restart(partition: number): Promise<void>
  /** Fills the weeks before `end` with events of many regions, of which one in fifty is of a rule; each week landed as it happened. */
  fill(weeks: number, perWeek: number, end: number, rule: string): Promise<void>
  drop(): Promise<void>
}

/** Tables of this test alone, with the engine and the indexes of `siaga.events`. */
export async function createRig(partitions = 2): Promise<Rig> {
  const { clickhouse: server } = await getServices()
  const clickhouse = createClickHouse({ url: server.url, ...server.users.admin })
  const pipeline = createClickHouse({ url: server.url, ...server.users.pipeline })
  await migrate(clickhouse)
  const suffix = randomBytes(5).toString('hex')
  const tables = { events: `siaga.rig_events_${suffix}`, streams: `siaga.rig_streams_${suffix}` }
  await clickhouse.command(`CREATE TABLE ${tables.events} AS siaga.events`)
  await clickhouse.command(`CREATE TABLE ${tables.streams} AS siaga.streams`)
  const turns = new Map<number, number>()
  const stream = (partition: number) => `${suffix}-${partition}-${turns.get(partition) ?? 0}`
  const next = new Map<number, number>()
  const restart = async (partition: number): Promise<void> => {
    turns.set(partition, (turns.get(partition) ?? 0) + 1)
    next.delete(partition)
    await clickhouse.command(
      `INSERT INTO ${tables.streams} SELECT ${quote(stream(partition))}, 'siaga.raw', ${partition}, 'cluster', ${at(Date.now())}`,
    )
  }
  for (let n = 0; n < partitions; n += 1) await restart(n)
  return {
    clickhouse,
    pipeline,
    tables,
    async land(events, { partition = 0, ingestedAt = Date.now() } = {}) {
      if (events.length === 0) return
      const buffer = createRowBuffer()
      const first = next.get(partition) ?? 0
      for (const [n, event] of events.entries()) {
        const place = { _stream: stream(partition), _partition: partition, _offset: first + n }
        buffer.append({ ...event, ...place, retain_until: ingestedAt + 1000 * DAY }, null)
      }
      buffer.stamp(ingestedAt)
      next.set(partition, first + events.length)
      await clickhouse.insert({
        statement: `INSERT INTO ${tables.events} (${insertColumns}) FORMAT Native`,
        body: buffer.view(),
        queryId: `rig-${randomBytes(8).toString('hex')}`,
        settings: { async_insert: 0 },
        timeoutMs: 60_000,
      })
    },
    restart,
    async fill(weeks, perWeek, end, rule) {
      const total = weeks * perWeek
      const first = next.get(0) ?? 0
      await clickhouse.command(
        `INSERT INTO ${tables.events} (timestamp, received_at, ingested_at, retain_until, event_id, region_code, source_id, source_ip, user_name,
           host_name, source_country, message, rule_ids, _stream, _partition, _offset)
         WITH ${at(end)} - toIntervalMillisecond(intDiv((${total} - number) * ${7 * DAY}, ${perWeek})) AS t
         SELECT t, t, toStartOfWeek(t) + INTERVAL 1 DAY, now() + INTERVAL 5 YEAR, concat('old-', toString(number)), toString(11 + number % 38), 'rig',
           concat('192.0.2.', toString(number % 250)), concat('user', toString(number % 40)), concat('host', toString(number % 20)), 'ID',
           'a line', if(number % 50 = 0, [${quote(`id-${rule}`)}], []), ${quote(stream(0))}, 0, ${first} + number
         FROM numbers(${total})`,
        {},
        { max_partitions_per_insert_block: 1000, async_insert: 0 },
      )
      next.set(0, first + total)
    },
    async drop() {
      for (const table of Object.values(tables)) await clickhouse.command(`DROP TABLE IF EXISTS ${table}`)
      await Promise.all([clickhouse.close(), pipeline.close()])
    },
  }
}
