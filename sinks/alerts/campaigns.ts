// Which alerts belong together, and who is warned of it? Cases kept up to date, and rooms that a campaign may reach next told ahead.
import type { Alert, Case } from '../../schemas/alert.ts'
import type { Alerts } from '../../schemas/alerting.ts'
import type { Asset } from '../../schemas/config.ts'
import type { Room } from '../../schemas/room.ts'
import { blankAlert } from './blank.ts'
import type { AlertBook } from './book.ts'
import { createCaseBook } from './cases/book.ts'
import type { SharedThings } from './cases/keys.ts'
import { type CaseWarning, warningsFor } from './cases/warnings.ts'
import type { Ledger } from './ledger.ts'
import type { Post } from './post.ts'
import type { AlertRecord } from './records.ts'
import type { Router } from './route/router.ts'

export interface CampaignParts {
  readonly settings: Pick<Alerts, 'case_hours' | 'campaign_regions' | 'recipients'>
  readonly assets: readonly Asset[]
  readonly rooms: readonly Room[]
  readonly shared: SharedThings
  readonly ledger: Ledger
  readonly book: AlertBook
  readonly post: Pick<Post, 'make'>
  readonly router: Pick<Router, 'onDuty'>
}

export interface Campaigns {
  /** A case as it was kept; before `restored`. */
  restore(kept: Case): void
  /** All cases and alerts are there. */
  restored(): void
  /** Puts alerts that have changed into their cases. */
  look(ids: readonly string[], now: number): void
  /** Forgets cases whose last event is before this time. */
  forget(before: number): void
}

const HOUR_MS = 3_600_000
/** Cases that warn one room of one technique: whoever attacks from a hundred addresses makes a hundred campaigns, and must not call all rooms a hundred times. */
const MAX_CASES = 3

export function createCampaigns(parts: CampaignParts): Campaigns {
  const { settings, assets, rooms, ledger, book, post, router } = parts
  const cases = createCaseBook({
    caseMs: settings.case_hours * HOUR_MS,
    campaignRegions: settings.campaign_regions,
    shared: parts.shared,
  })
  /** Cases that have warned, by `room|technique`. */
  const warnedBy = new Map<string, Set<string>>()
  const recipients = new Map(settings.recipients.map((recipient) => [recipient.id, recipient]))

  /** Puts an alert, with what people have linked it to; answers the ids of all that were put. */
  const put = ({ alert, marks }: AlertRecord): string[] => {
    const links = linksOf(alert)
    cases.put(alert, [...marks, ...links.map(({ key }) => key)])
    const linked = links.flatMap(({ other, key }) => {
      const record = book.get(other)
      if (record === undefined) return []
      cases.put(record.alert, [...record.marks, key])
      return other
    })
    return [alert.alert_id, ...linked]
  }
  const forgetWarned = (caseId: string): void => {
    for (const [mark, those] of warnedBy) if (those.delete(caseId) && those.size === 0) warnedBy.delete(mark)
  }
  /** Of a case that became part of another the other one remembers: it must not count twice. */
  const rememberWarned = ({ case_id, merged_into, warned }: Case): void => {
    if (merged_into !== '') forgetWarned(case_id)
    else for (const mark of warned) warnedBy.set(mark, (warnedBy.get(mark) ?? new Set()).add(case_id))
  }
  /** Keeps what has changed; answers the cases that live. */
  const settle = (now: number): Case[] => {
    const changes = cases.take()
    for (const { alert_id, case_id } of changes.links) book.linked(alert_id, case_id, now)
    for (const id of changes.removed) {
      ledger.forget('case', id)
      forgetWarned(id)
    }
    for (const changed of changes.cases) {
      ledger.keep({ kind: 'case', case: changed }, changed.case_id)
      ledger.log({ kind: 'case', case: changed })
      rememberWarned(changed)
    }
    return changes.cases.filter(({ merged_into, alerts }) => merged_into === '' && alerts.length > 0)
  }
  const warn = ({ room: id, warning, marks }: CaseWarning, known: Case, now: number): void => {
    if (marks.every((mark) => (warnedBy.get(mark)?.size ?? 0) >= MAX_CASES)) return
    const room = rooms.find((candidate) => candidate.id === id)
    // Nobody there: the next change of the case tries again.
    const there = room === undefined ? [] : router.onDuty(room, now)
    if (room === undefined || there.length === 0) return
    const alert = blankAlert(now, { region_code: room.region, severity: known.severity, case_id: known.case_id })
    for (const name of there) {
      const recipient = recipients.get(name)
      if (recipient === undefined) continue
      const key = `warning-${known.case_id}|${marks.join()}|${id}|${name}`
      const page = { key, room: id, level: '', recipient: name, channel: recipient.channel, due_at: now } as const
      post.make(alert, { ...page, reason: 'warning' }, now, { warning })
    }
    cases.warn(known.case_id, marks)
    rememberWarned({ ...known, warned: [...marks] })
  }

  return {
    restore(kept) {
      cases.restore(kept)
      rememberWarned(kept)
    },
    restored() {
      // Those that became part of others too: what they linked is linked still.
      for (const record of book.all()) put(record)
    },
    look(ids, now) {
      for (const id of ids) {
        const record = book.get(id)
        // What became part of another alert stays in the case as it was, and brings nothing more to it.
        if (record === undefined || record.alert.status === 'merged') continue
        for (const one of put(record)) book.marked(one, cases.keysOf(one), now)
      }
      const warned = settle(now).flatMap((known) => {
        const alerts = known.alerts.flatMap((id) => book.get(id)?.alert ?? [])
        const warnings = warningsFor(known, alerts, assets, rooms)
        for (const warning of warnings) warn(warning, known, now)
        return warnings
      })
      if (warned.length > 0) settle(now)
    },
    forget: cases.forget,
  }
}

/** Alerts that people have linked with this one. */
function linksOf({ alert_id, actions }: Alert): { other: string; key: string }[] {
  return actions
    .filter(({ verb }) => verb === 'link')
    .map(({ other }) => ({ other, key: `link:${[alert_id, other].sort().join('+')}` }))
}
