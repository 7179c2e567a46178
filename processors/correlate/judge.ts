// Which correlations can be judged only when time is up? Silence, counts with an upper bound, and baselines: each stretch of time once, behind the grace.
import { z } from 'zod'
import { coversOf, factColumns, firedOf, groupsOf, type RoundContext } from './evaluate.ts'
import { agree, type Facts } from './finding.ts'
import type { LinkedCorrelation } from './link.ts'
import { deviation, findEnded } from './scan.ts'
import { baselineQuery, pulseQuery, rowsQuery, type Span } from './sql.ts'
import { groupKey } from './state.ts'

const Text = z.string()
const Pulse = z.object({ ...factColumns, g: z.array(Text), waits: z.number(), first: z.number(), last: z.number() })
const Bucket = z.object({ ...factColumns, g: z.array(Text), week: z.number(), n: z.number() })

/** Each stretch is looked at about so many times until it is over; a rule of a day is not asked every ten seconds. */
const LOOKS = 20
/** A baseline needs to know its group for so many weeks. */
const LEAST_WEEKS = 3

/**
 * Judges what came to its end between the last time and `until` (event time that is complete). A rule that is new is judged from now on.
 */
export async function judge(correlation: LinkedCorrelation, until: number, context: RoundContext): Promise<void> {
  const { rule } = correlation
  const since = context.state.judged(rule.id)
  if (since !== undefined && !due(correlation, since, until)) return
  if (since !== undefined) {
    if (rule.pattern.type === 'absence') await judgeAbsence(correlation, since, until, context)
    else if (rule.pattern.type === 'baseline') await judgeBaseline(correlation, since, until, context)
    else await judgeEnded(correlation, since, until, context)
  }
  context.remember({ kind: 'judged', rule: rule.id, until })
}

function due({ rule: { pattern, timespanMs } }: LinkedCorrelation, since: number, until: number): boolean {
  if (pattern.type === 'baseline') return Math.floor(until / timespanMs) > Math.floor(since / timespanMs)
  return until - since >= timespanMs / LOOKS
}

/** Waits that began so early that they are over now, and were not the last time. */
function beginning(timespanMs: number, since: number, until: number): Span {
  return { from: since - timespanMs + 1, to: until - timespanMs }
}

async function judgeAbsence(
  correlation: LinkedCorrelation,
  since: number,
  until: number,
  context: RoundContext,
): Promise<void> {
  const { rule } = correlation
  const { timespanMs, pattern } = rule
  const begins = beginning(timespanMs, since, until)
  const pulses = await context.clickhouse.rows(
    Pulse,
    pulseQuery(correlation, { from: begins.from, to: until }, context),
    {},
    context.settings,
  )
  const after = pattern.type === 'absence' && pattern.after !== ''
  for (const [, group] of Map.groupBy(pulses, ({ g }) => groupKey(g))) {
    const g = group[0]?.g ?? []
    const expected = group.filter(({ waits }) => waits === 0)
    const covers = coversOf(context.state, rule.id, [begins], g)
    let covered = Number.NEGATIVE_INFINITY
    for (const begin of after ? group.filter(({ waits }) => waits === 1) : expected) {
      const t = begin.last
      if (t < begins.from || t > begins.to || t <= covered) continue
      if (covers.some(({ from, to }) => t >= from && t <= to)) continue
      // Clocks of many devices know whole seconds only: what comes in the same instant as the beginning has come.
      const came = (time: number) => (after ? time >= t : time > t) && time <= t + timespanMs
      if (expected.some(({ first, last }) => came(first) || came(last))) continue
      covered = t + timespanMs
      context.fire({
        correlation,
        group: g,
        start: t,
        at: covered,
        end: covered,
        carried: correlation.carry.map(() => []),
        facts: agree([begin]),
        evidence: [{ field: after ? 'expected after' : 'last seen', value: new Date(t).toISOString() }],
      })
    }
  }
}

async function judgeEnded(
  correlation: LinkedCorrelation,
  since: number,
  until: number,
  context: RoundContext,
): Promise<void> {
  const { rule, roles } = correlation
  const { pattern, timespanMs } = rule
  if (pattern.type !== 'event_count' && pattern.type !== 'value_count') return
  const begins = beginning(timespanMs, since, until)
  const spans = [{ from: begins.from, to: until }]
  // Covered rows count here as well: a window that has begun earlier does not take them from this one.
  for await (const { group, rows } of groupsOf(context, rowsQuery(correlation, spans, context, undefined, []))) {
    const own = coversOf(context.state, rule.id, spans, group)
    for (const match of findEnded(pattern, timespanMs, roles.length, rows, own, begins))
      context.fire(firedOf(correlation, group, match))
  }
}

async function judgeBaseline(
  correlation: LinkedCorrelation,
  since: number,
  until: number,
  context: RoundContext,
): Promise<void> {
  const { rule } = correlation
  const { pattern, timespanMs } = rule
  if (pattern.type !== 'baseline') return
  const first = Math.floor(since / timespanMs) * timespanMs
  for (let bucket = first; bucket + timespanMs <= until; bucket += timespanMs) {
    if (bucket + timespanMs <= since) continue
    const query = baselineQuery(correlation, bucket, pattern.weeks, context)
    const rows = await context.clickhouse.rows(Bucket, query, {}, context.settings)
    for (const [, weeks] of Map.groupBy(rows, ({ g }) => groupKey(g))) {
      const oldest = Math.max(...weeks.map(({ week }) => week))
      if (oldest < LEAST_WEEKS) continue
      const counts = new Map(weeks.map(({ week, n }) => [week, n]))
      const past = Array.from({ length: oldest }, (_, n) => counts.get(n + 1) ?? 0)
      const count = counts.get(0) ?? 0
      const found = deviation(count, past, pattern)
      if (found === undefined) continue
      const facts: Facts[] = weeks
      context.fire({
        correlation,
        group: weeks[0]?.g ?? [],
        start: bucket,
        at: bucket + timespanMs - 1,
        end: bucket + timespanMs - 1,
        carried: correlation.carry.map(() => []),
        facts: agree(facts),
        evidence: [
          { field: 'events', value: String(count) },
          { field: 'usual', value: String(found.usual) },
          { field: 'spread', value: String(Math.round(found.spread * 10) / 10) },
        ],
      })
    }
  }
}
