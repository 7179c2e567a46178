// What stands in ClickHouse and among the dead letters for the walk through all routes to see? The same in each of three places.
import { randomUUID } from 'node:crypto'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { BatchingProducer } from '../../runtime/kafka-producer.ts'
import { encodeEnvelope, RAW_HEADER, topics } from '../../schemas/raw-event.ts'
import { deadLetterMessage } from '../../sinks/dlq/dead-letters.ts'
import { regionOf, type Where } from './calls/call.ts'

export const places = ['own', 'child', 'foreign'] as const
/** As many as are asked for of one place, and some more. */
const LETTERS = 16
export const DAY = 86_400_000

export interface Landing {
  readonly at: string
  readonly day: string
  readonly receipts: Readonly<Record<Where, string>>
  readonly ruleOf: Readonly<Record<Where, string>>
}

/** An event, a report, a finding, the state of a source and a daily report's matter of each place. */
export async function land(admin: ClickHouse, { at, day, receipts, ruleOf }: Landing): Promise<void> {
  const insert = (table: string, rows: readonly object[]): Promise<void> =>
    admin.insert({
      statement: `INSERT INTO siaga.${table} SETTINGS date_time_input_format = 'best_effort' FORMAT JSONEachRow`,
      body: [Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'))],
      queryId: randomUUID(),
      settings: {},
      timeoutMs: 60_000,
    })
  const scope = (where: Where) => ({ region_code: regionOf[where], owner: 'pemda' })
  const later = new Date(Date.now() + 30 * DAY).toISOString()
  const event = { timestamp: at, received_at: at, ingested_at: at, retain_until: later, _stream: 'walk', _partition: 0 }
  await insert(
    'events',
    places.flatMap((where, n) => [
      {
        ...event,
        ...scope(where),
        event_id: `kejadian-${where}`,
        source_id: `sumber-${where}`,
        dataset: 'nginx.access',
        message: `rahasia-${where}`,
        user_name: `orang-${where}`,
        asset_id: `aset-${where}`,
        rule_ids: [ruleOf[where]],
        score: 80,
        _offset: n,
      },
      {
        ...event,
        ...scope(where),
        event_id: receipts[where],
        event_code: receipts[where],
        source_id: { own: 'jabar', child: 'bandung', foreign: 'bali' }[where],
        dataset: 'siaga.report',
        message: '{}',
        fields: { 'siaga.report.kind': 'nihil' },
        _offset: places.length + n,
      },
    ]),
  )
  await insert(
    'findings_rows',
    places.map((where) => ({
      ...scope(where),
      finding_id: `temuan-${where}`,
      rule_id: ruleOf.own,
      title: 'Temuan',
      severity: 'high',
      window_start: at,
      window_end: at,
      landed_at: at,
    })),
  )
  await insert(
    'source_states',
    places.map((where) => ({
      ...scope(where),
      source_id: `sumber-${where}`,
      kind: 'source',
      state: 'live',
      counted_as: 'live',
      changed_at: at,
    })),
  )
  const begins = `${day} 00:00:00`
  const run = { day, begins, ends: at, landed_before: begins, late_since: begins, made_at: at }
  await insert(
    'daily_runs',
    ['WIB', 'WITA', 'WIT'].map((zone) => ({ ...run, zone, run_id: `hari-${zone}` })),
  )
  await insert(
    'daily_matters',
    places.map((where) => ({
      ...scope(where),
      day,
      run_id: where === 'foreign' ? 'hari-WITA' : 'hari-WIB',
      kind: 'alert',
      ref: `hal-${where}`,
      title: `rahasia-hal-${where}`,
      severity: 'high',
      since: begins,
    })),
  )
}

/** Dead letters of the source of each place. */
export async function bury(producer: BatchingProducer): Promise<void> {
  const why = { reason: 'format_mismatch', cause: 'no line of nginx' }
  const letters = places.flatMap((where) =>
    Array.from({ length: LETTERS }, (_, n) => {
      const id = `surat-${where}-${n}`
      const source = `sumber-${where}`
      const envelope = { source, format: 'nginx', receivedAt: Date.now(), peer: '', id, hash: '', marks: '' }
      const headers = { [RAW_HEADER]: encodeEnvelope(envelope) }
      const value = Buffer.from(`rahasia-surat-${where}`)
      return deadLetterMessage(id, { key: Buffer.from('k'), value, headers }, why, Date.now())
    }),
  )
  await producer.send(topics.deadLetters, letters)
}
