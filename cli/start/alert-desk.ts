// What does the API of alerts show? How they stand on the board, what ClickHouse knows of them, and what the rules in force say.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { Reference } from '../../runtime/reference.ts'
import { AlertVerb, Attempt } from '../../schemas/alert.ts'
import { HeldCount } from '../../schemas/alert-log.ts'
import type { AlertBoard } from '../../sinks/alerts/board.ts'
import { caseViewFor } from '../../sinks/alerts/cases/view.ts'
import { unanswered } from '../../sinks/alerts/lifecycle/asks.ts'
import { verbs } from '../../sinks/alerts/lifecycle/verbs.ts'
import { factorName } from '../../sinks/alerts/message/factors.ts'
import { guidanceOf } from '../../sinks/alerts/message/guidance.ts'
import type { RuleText } from '../../sinks/alerts/message/options.ts'
import { matterOf } from '../../sinks/alerts/message/titles.ts'
import { mayApprove, mayEnd, needsTwoPersons } from '../../sinks/alerts/policy/two-persons.ts'
import { quietEnd } from '../../sinks/alerts/route/duty.ts'
import { deadlineAt, quietHoursOf } from '../../sinks/alerts/route/ladder.ts'
import type { AlertDesk } from '../../web/alerts/desk.ts'

export interface DeskParts {
  readonly board: AlertBoard
  readonly clickhouse: Pick<ClickHouse, 'rows'>
  readonly config: Pick<ResolvedConfig, 'assets' | 'rooms'> & { readonly alerts: LadderSettings }
  readonly reference: Pick<Reference, 'regions' | 'phases'>
  /** Asked each time: rules change while Siaga runs. */
  readonly rules: () => ReadonlyMap<string, RuleText>
  /** Texts that a rule in force looks for. */
  readonly literals: (ruleId: string) => readonly string[]
}

type LadderSettings = Parameters<typeof deadlineAt>[0]['settings']

export function createDesk({ board, clickhouse, config, reference, rules, literals }: DeskParts): AlertDesk {
  const assets = new Map(config.assets.map((asset) => [asset.id, asset]))
  const rooms = new Map(config.rooms.map((room) => [room.id, room]))
  return {
    ready: board.ready,
    alerts: board.alerts,
    alert: board.alert,
    case: board.case,
    suppressions: board.suppressions,
    suppression: board.suppression,
    notices: board.notices,
    notice: board.notice,
    notifications: board.notifications,
    policy: board.policy,
    ask: board.ask,
    last: board.last,
    follow: board.follow,
    attempts: (alertId) => readAttempts(clickhouse, alertId),
    held: (since) => readHeld(clickhouse, since),
    guidance(alert) {
      const about = { reference, assets, rules: rules(), rooms }
      return {
        id: guidanceOf(alert, { ...about, language: 'id' }),
        en: guidanceOf(alert, { ...about, language: 'en' }),
      }
    },
    deadline(alert) {
      const ask = unanswered(alert).at(-1)
      if (ask === undefined) return undefined
      const { region_code } = alert
      const settings = config.alerts
      const zone = reference.regions.get(region_code)?.zone ?? 'WIB'
      const told = quietEnd(ask.at, quietHoursOf(ask.severity, settings), zone)
      return told + deadlineAt({ settings, reference }, region_code, ask.severity, told)
    },
    judul(alert) {
      const matter = matterOf(alert, { language: 'id', outside: false, rules: rules() })
      return alert.kind === 'storm' ? `Badai: ${matter} (${alert.matters} hal)` : matter
    },
    verbs: ({ status }) => AlertVerb.options.filter((verb) => verbs[verb].to[status] !== undefined),
    factorWords: ({ name }, alert) => ({
      id: factorName(name, alert.rules, { language: 'id', rules: rules() }),
      en: factorName(name, alert.rules, { language: 'en', rules: rules() }),
    }),
    literals,
    standing(suppression, actor) {
      const phases = board.policy()?.in_force.two_persons ?? []
      const ended = suppression.ended_at !== undefined
      const waits = suppression.approved_by === undefined && needsTwoPersons(suppression, phases, reference)
      return {
        waits: waits && !ended,
        verbs: [
          ...(waits && mayApprove(suppression, actor) ? (['approve'] as const) : []),
          ...(mayEnd(suppression, actor) ? (['end'] as const) : []),
        ],
      }
    },
    sight(room, which) {
      const alerts = which.alerts.flatMap((id) => board.alert(id) ?? [])
      const view = caseViewFor(room, which, alerts)
      if (view === undefined) return undefined
      const { regions: _, region_codes: regions, ...sight } = view
      // A room that was warned has no rows of its own whose time could be told.
      const { first_seen, last_seen } = view.alerts.length > 0 ? view : which
      return { ...sight, regions, first_seen, last_seen }
    },
  }
}

const AttemptRow = Attempt.omit({ at: true }).extend({ at: z.coerce.number() })

function readAttempts(clickhouse: Pick<ClickHouse, 'rows'>, alertId: string): Promise<Attempt[]> {
  return clickhouse.rows(
    AttemptRow,
    `SELECT notification_id, alert_id, channel, recipient, room, reason, attempt, toUnixTimestamp64Milli(at) AS at, took_ms, outcome, detail
     FROM siaga.alert_deliveries WHERE alert_id = {alert:String} ORDER BY alert_deliveries.at, attempt LIMIT 1000`,
    { alert: alertId },
  )
}

const HeldRow = HeldCount.omit({ findings: true }).extend({ findings: z.coerce.number() })

function readHeld(clickhouse: Pick<ClickHouse, 'rows'>, since: number): Promise<HeldCount[]> {
  return clickhouse.rows(
    HeldRow,
    `SELECT reason, detail, rule_id, region_code, sum(findings) AS findings FROM siaga.alert_held
     WHERE hour >= toDateTime({since:UInt32}, 'UTC') GROUP BY reason, detail, rule_id, region_code ORDER BY findings DESC LIMIT 1000`,
    { since: Math.floor(since / 3_600_000) * 3600 },
  )
}
