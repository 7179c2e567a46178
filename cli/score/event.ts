// Which scored event does an id name? Looked up in ClickHouse by event id or by place in Kafka.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { CommandError } from '../frame.ts'
import { printable } from '../terminal.ts'

const Factor = z.object({ name: z.string(), points: z.number(), detail: z.string() })

/** What a score was made of, as it lies in ClickHouse. */
export const ScoredEvent = z.object({
  event_id: z.string(),
  /** Stream, partition and offset: the one place of the event. */
  position: z.string(),
  /** Event time, milliseconds since 1970 UTC. */
  at: z.coerce.number(),
  source_id: z.string(),
  dataset: z.string(),
  region_code: z.string(),
  owner: z.string(),
  asset_id: z.string(),
  asset_criticality: z.string(),
  election: z.string(),
  phase: z.string(),
  event_severity: z.number(),
  message: z.string(),
  score: z.number(),
  factors: z.array(Factor),
  rule_ids: z.array(z.string()),
  score_version: z.string(),
})
export type ScoredEvent = z.infer<typeof ScoredEvent>

/** Most rows of one event id that are read: a sender's repeats. */
const MAX_COPIES = 100
const MAX_MESSAGE = 2_000

const columns = `event_id, concat(_stream, '-', toString(_partition), '-', toString(_offset)) AS position,
  toUnixTimestamp64Milli(timestamp) AS at, source_id, dataset, region_code, owner, asset_id, asset_criticality, election, phase,
  event_severity, substringUTF8(message, 1, ${MAX_MESSAGE}) AS message, score, factors, rule_ids, score_version`

/** Tuples come as objects whatever the server's default is. */
export const factorsAsObjects = { output_format_json_named_tuples_as_objects: 1 }

/**
 * The events that `id` names: one, or the copies that a sender's repeats made. `id` is an event id, or `<stream>-<partition>-<offset>`, also
 * as the beginning of a finding's id. Rejects with a CommandError if there is none.
 */
export async function findEvents(clickhouse: ClickHouse, id: string): Promise<[ScoredEvent, ...ScoredEvent[]]> {
  const place = /^([^-]+)-(\d{1,5})-(\d{1,19})(?:-.+)?$/.exec(id)
  const placed =
    place === null
      ? []
      : await read(
          clickhouse,
          '_stream = {stream:String} AND _partition = {partition:UInt32} AND _offset = {offset:UInt64}',
          {
            stream: place[1] ?? '',
            partition: place[2] ?? '',
            offset: place[3] ?? '',
          },
        )
  const [first, ...more] = placed.length > 0 ? placed : await read(clickhouse, 'event_id = {id:String}', { id })
  if (first !== undefined) return [first, ...more]
  throw new CommandError(
    `There is no event \`${printable(id)}\`.`,
    'Give an event_id or <stream>-<partition>-<offset>, as in: siaga sql "SELECT event_id, score FROM events ORDER BY score DESC LIMIT 10". ' +
      'It may not have landed yet (siaga status), or have been removed when its retention ended.',
  )
}

/** The events among these ids; of copies one each. */
export function readEvents(clickhouse: ClickHouse, ids: readonly string[]): Promise<ScoredEvent[]> {
  return clickhouse.rows(
    ScoredEvent,
    `SELECT ${columns} FROM siaga.events WHERE event_id IN ({ids:Array(String)}) ORDER BY event_id, _offset LIMIT 1 BY event_id`,
    { ids: [...ids] },
    factorsAsObjects,
  )
}

function read(clickhouse: ClickHouse, where: string, params: Record<string, string>): Promise<ScoredEvent[]> {
  return clickhouse.rows(
    ScoredEvent,
    `SELECT ${columns} FROM siaga.events WHERE ${where} ORDER BY ingested_at, _stream, _partition, _offset LIMIT ${MAX_COPIES}`,
    params,
    factorsAsObjects,
  )
}
