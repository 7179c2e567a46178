// What would a correlation have raised in the past? The scheduler's engine, over the rule ids that events were given as they came.
import { z } from 'zod'
import type { LinkedCorrelation } from '../../processors/correlate/link.ts'
import { createCorrelator, createMemoryStore } from '../../processors/correlate/round.ts'
import { at, type ClickHouse, quote } from '../../runtime/clickhouse.ts'
import { topics } from '../../schemas/raw-event.ts'
import type { Backtest, Question } from './backtest.ts'
import { createTally } from './tally.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Longer lines than this say no more. */
const MAX_EVIDENCE = 300

/**
 * Runs a correlation, with those that it names before it, over events between two times, and what lies before them as far as it looks back. Only
 * base rules whose ids the events carry can count: those that were loaded when the events came.
 */
export async function backtestCorrelation(
  clickhouse: ClickHouse,
  chain: readonly LinkedCorrelation[],
  { from, to, region, samples: wanted }: Question,
  maxSeconds: number,
): Promise<Backtest | undefined> {
  const rule = chain.at(-1)?.rule
  if (rule === undefined) return undefined
  const settings = { max_execution_time: maxSeconds, cancel_http_readonly_queries_on_client_close: 1 }
  const since = from - Math.max(...chain.map(lookBack))
  const where = [
    `timestamp >= ${at(since)} AND timestamp < ${at(to)} AND ingested_at >= ${at(Math.max(0, since - HOUR_MS))}`,
    ...(region === '' ? [] : [`(region_code = ${quote(region)} OR startsWith(region_code, ${quote(`${region}.`)}))`]),
  ].join(' AND ')
  // Offsets and streams say what is new; all of history is new here, and one stream.
  const history = (filter: string): string =>
    `(SELECT * REPLACE ('backtest' AS _stream, toUInt16(0) AS _partition, toUInt64(0) AS _offset) FROM siaga.events WHERE ${filter})`
  const streams = `(SELECT 'backtest' AS stream, ${quote(topics.raw)} AS topic, 0 AS partition, ${at(0)} AS created_at)`

  const ids = chain.flatMap(({ roles }) => roles.flatMap(({ kind, id }) => (kind === 'rule' ? [id] : [])))
  const [counted] = await clickhouse.rows(
    z.object({ events: z.coerce.number() }),
    `SELECT count() AS events FROM siaga.events WHERE ${where} AND hasAny(rule_ids, [${ids.map(quote).join(', ')}])`,
    {},
    settings,
  )
  const events = counted?.events ?? 0

  // The first round sees nothing and notes from when on there is something to judge; the second sees all.
  const rounds = [
    { events: history('0'), watermark: from },
    { events: history(where), watermark: to },
  ]
  let round = rounds[0]
  const correlator = createCorrelator({
    clickhouse,
    store: createMemoryStore(),
    correlations: () => chain,
    watermark: () => round?.watermark ?? to,
    graceMs: 0,
    keepMs: Number.MAX_SAFE_INTEGER / 2,
    lookBackMs: Number.MAX_SAFE_INTEGER / 2,
    tables: {
      get events() {
        return round?.events ?? ''
      },
      streams,
    },
    settings,
  })
  await correlator.round()
  round = rounds[1]
  const { findings } = await correlator.round()
  await correlator.close()

  const tally = createTally(wanted)
  const found = findings.filter(({ rule_id, window_end }) => rule_id === rule.id && window_end >= from)
  for (const [n, { window_end, region_code, entity }] of found.entries())
    tally.add({
      timestamp: window_end,
      region_code,
      source_ip: entity,
      _stream: '',
      _partition: 0,
      _offset: n,
    })
  const samples = tally.samples().flatMap(({ offset }) => {
    const finding = found[offset]
    if (finding === undefined) return []
    const evidence = finding.evidence.map(({ field, value }) => `${field}=${value}`).join(' ')
    const line = `${finding.entity}  ${evidence}`.slice(0, MAX_EVIDENCE)
    return [{ timestamp: finding.window_end, region: finding.region_code, line }]
  })
  return {
    kind: 'correlation',
    rule,
    from,
    to,
    region,
    source: '',
    datasets: [],
    events,
    read: events,
    complete: true,
    tally,
    samples: samples.sort((a, b) => a.timestamp - b.timestamp),
  }
}

/** How much of the past a correlation needs before the first time at which it may fire. */
function lookBack({ rule: { pattern, timespanMs } }: LinkedCorrelation): number {
  if (pattern.type === 'baseline') return (pattern.weeks * 7 + 1) * DAY_MS
  return pattern.type === 'first_seen' ? timespanMs + pattern.learnMs : timespanMs
}
