// What does closing an alert say of the events behind it? A verdict: entity risk and the weights of scores learn from it at once.
import type { AlertStatus } from '../../schemas/alert.ts'
import type { AlertLogEntry } from '../../schemas/alert-log.ts'
import type { Verdict } from '../../schemas/verdict.ts'
import type { VerdictAct, VerdictTarget } from './verdicts.ts'

/** What a status says: a false positive was nothing, what was resolved or accepted was worth a look, and what is open again nobody has judged. */
const verdicts: Readonly<Partial<Record<AlertStatus, Verdict>>> = {
  false_positive: 'false',
  resolved: 'true',
  accepted: 'true',
  open: 'withdrawn',
}

/**
 * The verdict of an entry of the log; undefined if it is none. Only people judge: what Siaga closes by itself says nothing. An alert shows its worst findings
 * alone: that it was nothing (or is so no more) is said of all of them, or a thousand others would weigh on as before.
 */
export function verdictOf(entry: AlertLogEntry): { act: VerdictAct; target: VerdictTarget } | undefined {
  if (entry.kind !== 'action') return undefined
  const { action, alert_id, subject, region_code: region, owner } = entry
  const { from_status, to_status, actor } = action
  const verdict = verdicts[to_status]
  if (verdict === undefined || from_status === to_status || subject.events.length === 0) return undefined
  // Opened again takes back what was said; before that nothing was.
  if (verdict === 'withdrawn' ? verdicts[from_status] === undefined : actor.room === '') return undefined
  return {
    act: {
      // Of one request on several alerts each is an act of its own: with one id only the first would land.
      id: `alert-${alert_id}-${action.action_id}`,
      at: action.at,
      by: actor.room === '' ? actor.name : `${actor.room}/${actor.name}`,
      verdict,
      reason: action.reason,
      subject: `alert:${alert_id}`,
    },
    target: {
      eventIds: subject.events,
      ...(!subject.whole &&
        verdict !== 'true' && {
          matter: { dedupKey: subject.dedup_key, region, owner, from: subject.first_seen, to: subject.last_seen },
        }),
    },
  }
}
