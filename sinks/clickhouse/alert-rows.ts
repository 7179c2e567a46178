// Which row does an entry of the alert log become? Its table and its columns, for FORMAT JSONEachRow.
import { type AlertLogEntry, heldFindings } from '../../schemas/alert-log.ts'

/** A row and where it goes. Times are milliseconds since 1970 UTC as a text with a dot, which DateTime64 reads whatever the session says. */
export interface AlertRow {
  readonly table: string
  readonly row: Readonly<Record<string, unknown>>
}

/** A time as ClickHouse's DateTime64(3) reads it from JSON; DateTime takes the part before the dot. */
function time(ms: number): string {
  const bounded = Math.min(Math.max(ms, 0), MAX_TIME)
  return `${Math.floor(bounded / 1000)}.${String(bounded % 1000).padStart(3, '0')}`
}

/** What DateTime64(3) holds without doubt: up to 2262. */
const MAX_TIME = 9_214_646_400_000

export function rowOf(entry: AlertLogEntry): AlertRow {
  switch (entry.kind) {
    case 'alert': {
      const { alert } = entry
      const { worst, asks: _asks, actions: _actions, seen: _seen, ...columns } = alert
      return {
        table: 'alerts_rows',
        row: {
          ...columns,
          first_seen: time(alert.first_seen),
          last_seen: time(alert.last_seen),
          opened_at: time(alert.opened_at),
          changed_at: time(alert.changed_at),
          findings_exact: alert.findings_exact ? 1 : 0,
          acknowledged_at: alert.acknowledged_at === 0 ? null : time(alert.acknowledged_at),
          worst: JSON.stringify(worst),
        },
      }
    }
    case 'action': {
      const { alert_id, region_code, owner, action } = entry
      const { actor, at, ...rest } = action
      return {
        table: 'alert_actions_rows',
        row: {
          ...rest,
          alert_id,
          region_code,
          owner,
          at: time(at),
          actor: actor.name,
          room: actor.room,
          actor_region: actor.region,
          from_address: actor.from,
        },
      }
    }
    case 'attempt': {
      const { region_code, owner, attempt } = entry
      return { table: 'alert_deliveries_rows', row: { ...attempt, region_code, owner, at: time(attempt.at) } }
    }
    case 'held': {
      const { hour, level, counts } = entry.held
      const findings = heldFindings(entry.held)
      return { table: 'alert_held_rows', row: { hour: Math.floor(hour / 1000), level, counts, findings } }
    }
    case 'case': {
      const { warned: _warned, first_seen, last_seen, ...columns } = entry.case
      return {
        table: 'alert_cases_rows',
        row: { ...columns, first_seen: time(first_seen), last_seen: time(last_seen) },
      }
    }
    case 'suppression': {
      const { suppression } = entry
      const { from, until, made_at, made_by, approved_by, ended_at, owner, region, match, ...columns } = suppression
      return {
        table: 'alert_suppressions_rows',
        row: {
          ...columns,
          owner_name: owner,
          region_code: region,
          match: JSON.stringify(match),
          valid_from: time(from),
          valid_until: time(until),
          made_at: time(made_at),
          made_by: made_by.name,
          approved_by: approved_by?.name ?? '',
          ended_at: ended_at === undefined ? null : time(ended_at),
        },
      }
    }
    case 'notice': {
      const { notice, step } = entry
      const { contacts, made_by, answers, waiting_since: _since, ...columns } = notice
      const when = (ms: number): string | null => (ms === 0 ? null : time(ms))
      return {
        table: 'notices_rows',
        row: {
          ...columns,
          by_probe: columns.by_probe ? 1 : 0,
          made_by: made_by.name,
          room: made_by.room,
          // Names, not addresses, and no hash of a token.
          contacts: contacts.map(({ name, channel }) => ({ name, channel })),
          answers: JSON.stringify(answers.map(({ at, by, text }) => ({ at, by, text }))),
          first_seen: time(columns.first_seen),
          last_seen: time(columns.last_seen),
          sent_at: time(columns.sent_at),
          received_at: when(columns.received_at),
          answered_at: when(columns.answered_at),
          fixed_at: when(columns.fixed_at),
          checked_at: when(columns.checked_at),
          ended_at: when(columns.ended_at),
          answer_by: time(columns.answer_by),
          changed_at: time(columns.changed_at),
          step: step.what,
          step_by: step.by.name,
          step_room: step.by.room,
          step_from: step.by.from,
          step_text: step.text,
        },
      }
    }
    case 'refused': {
      const { request, code, at } = entry
      const { request_id, actor } = request
      return {
        table: 'alert_refusals_rows',
        row: {
          request_id,
          at: time(at),
          code,
          actor: actor.name,
          room: actor.room,
          region_code: actor.region,
          from_address: actor.from,
          request: JSON.stringify(request),
        },
      }
    }
  }
}
