// Which values are new for their group? What is known is remembered, so that a round looks at new events only.
import { z } from 'zod'
import { factColumns, type RoundContext } from './evaluate.ts'
import { agree } from './finding.ts'
import type { LinkedCorrelation } from './link.ts'
import { type Span, valuesQuery } from './sql.ts'

const ValueRow = z.object({
  ...factColumns,
  g: z.array(z.string()),
  value: z.string(),
  first: z.number(),
  last: z.number(),
})

/**
 * Values that are new for their group. What is known is kept in the state: filled once from `timespan` of history, then added to by new
 * events, so that a round never looks back.
 */
export async function evaluateFirstSeen(
  correlation: LinkedCorrelation,
  fresh: readonly Span[],
  watermark: number,
  context: RoundContext,
): Promise<void> {
  const { rule } = correlation
  const { clickhouse, settings, state } = context
  const { pattern, timespanMs } = rule
  if (pattern.type !== 'first_seen') return
  if (state.judged(rule.id) === undefined) {
    const span = { from: watermark - timespanMs, to: watermark }
    const query = valuesQuery(correlation, context, { fresh: false, span })
    for (const { g, value, first, last } of await clickhouse.rows(ValueRow, query, {}, settings))
      context.remember({ kind: 'seen', rule: rule.id, group: g, value, first, last })
    context.remember({ kind: 'judged', rule: rule.id, until: watermark })
  }
  if (fresh.length === 0) return
  const rows = await clickhouse.rows(ValueRow, valuesQuery(correlation, context, { fresh: true }), {}, settings)
  for (const { g, value, first, last, ...facts } of rows.toSorted((a, b) => a.first - b.first)) {
    const seen = state.seen(rule.id, g)
    const known = seen.get(value)
    const groupSince = [...seen.values()].reduce(
      (least, { first: since }) => Math.min(least, since),
      Number.POSITIVE_INFINITY,
    )
    const isNew = known === undefined || first - known.last > timespanMs
    if (isNew && first - groupSince >= pattern.learnMs)
      context.fire({
        correlation,
        group: g,
        start: first,
        at: first,
        end: first,
        carried: correlation.carry.map(() => []),
        facts: agree([facts]),
        evidence: [{ field: pattern.fields.join(), value }],
      })
    context.remember({
      kind: 'seen',
      rule: rule.id,
      group: g,
      value,
      first: Math.min(first, known?.first ?? first),
      last: Math.max(last, known?.last ?? last),
    })
  }
}
