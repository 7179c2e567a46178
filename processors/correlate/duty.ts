// Which Operation Room has not reported when it had to? Each due time of each room once, when its grace is over and everything has landed.
import { z } from 'zod'
import { at, quote } from '../../runtime/clickhouse.ts'
import type { Due } from '../../runtime/duty.ts'
import { localTime } from '../../runtime/local-time.ts'
import type { Severity } from '../../schemas/detection.ts'
import type { TimeZone } from '../../schemas/place.ts'
import { REPORT_FORMAT } from '../../schemas/raw-event.ts'
import type { RoundContext } from './evaluate.ts'
import type { LinkedCorrelation } from './link.ts'

/** What a room has to do. */
export interface Duty {
  readonly room: string
  readonly region: string
  readonly owner: string
  readonly zone: TimeZone
  /** Due times after `from` and up to `to`, milliseconds since 1970. */
  between(from: number, to: number): readonly Due[]
}

/** Rule id of these findings. */
const MISSING_REPORT = 'siaga.builtin.missing_report'

const levels: Record<'ordinary' | 'voting', { level: Severity; score: number }> = {
  ordinary: { level: 'medium', score: 40 },
  voting: { level: 'high', score: 70 },
}

/** Findings speak through a rule, and windows are remembered under its id. */
function ruleOf(level: Severity): LinkedCorrelation {
  return {
    rule: {
      id: MISSING_REPORT,
      name: '',
      title: 'Operation Room has not reported',
      description: '',
      status: 'stable',
      level,
      tags: [],
      attack: [],
      falsePositives: [],
      guidance: undefined,
      rules: [],
      groupBy: ['source_id'],
      aliases: new Map(),
      timespanMs: 0,
      pattern: { type: 'absence', after: '' },
      generate: false,
      file: '',
      line: 0,
    },
    roles: [],
    carry: [],
    silent: false,
  }
}

const Report = z.object({ room: z.string(), t: z.number() })

/** A grace is at most half a day; a due time before the last look may end behind it. */
const LONGEST_GRACE_MS = 12 * 3_600_000

/**
 * Judges what came to its end between the last time and `until` (event time that is complete). Silence of a room is a finding whatever its
 * sensors say; a room that is new is judged from now on.
 */
export async function judgeDuties(duties: readonly Duty[], until: number, context: RoundContext): Promise<void> {
  const over = duties.flatMap((duty) => {
    const key = `${MISSING_REPORT}/${duty.room}`
    const since = context.state.judged(key)
    const ended =
      since === undefined
        ? []
        : duty
            .between(since - LONGEST_GRACE_MS - 1, until)
            .filter((due) => due.until > since && due.until <= until)
            .map((due) => ({ duty, due }))
    // Remembered with each due time that ended, not each round: a record in ten seconds for each of 552 rooms would be many.
    if (since === undefined || ended.length > 0) context.remember({ kind: 'judged', rule: key, until })
    return ended
  })
  if (over.length === 0) return
  const came = await reportsOf(over, context)
  for (const { duty, due } of over) {
    if (came.some(({ room, t }) => room === duty.room && t > due.after && t <= due.until)) continue
    const { level, score } = levels[due.votingDay ? 'voting' : 'ordinary']
    context.fire({
      correlation: ruleOf(level),
      group: [duty.room],
      start: due.at,
      at: due.until,
      end: due.until,
      carried: [],
      facts: { event: '', region: duty.region, owner: duty.owner, asset: '', score, source: duty.room },
      evidence: [
        { field: 'due', value: localTime(due.at, duty.zone) },
        { field: 'waited until', value: localTime(due.until, duty.zone) },
      ],
    })
  }
}

/** When the rooms reported, an incident or nothing, around the due times. */
function reportsOf(
  over: readonly { readonly duty: Duty; readonly due: Due }[],
  { clickhouse, events, settings }: RoundContext,
): Promise<z.infer<typeof Report>[]> {
  const among = (values: readonly string[]): string => [...new Set(values)].map(quote).join(', ')
  const from = Math.min(...over.map(({ due }) => due.after))
  const to = Math.max(...over.map(({ due }) => due.until))
  return clickhouse.rows(
    Report,
    `SELECT toString(source_id) AS room, toUnixTimestamp64Milli(timestamp) AS t FROM ${events}
     WHERE dataset = ${quote(REPORT_FORMAT)} AND region_code IN (${among(over.map(({ duty }) => duty.region))})
       AND source_id IN (${among(over.map(({ duty }) => duty.room))}) AND timestamp BETWEEN ${at(from)} AND ${at(to)}`,
    {},
    settings,
  )
}
