// What does somebody know who only hears what the grouper says, and starts it anew from its records now and then?
import { expect } from 'vitest'
import { Alert } from '../../../../schemas/alert.ts'
import type { Finding } from '../../../../schemas/detection.ts'
import type { AlertContent } from '../../../../sinks/alerts/group/content.ts'
import { createGrouper, type Grouper, type GrouperOptions } from '../../../../sinks/alerts/group/group.ts'

export const HOUR = 3_600_000
/** 2026-11-27 00:00 UTC. */
export const START = 1_795_737_600_000

export const options: GrouperOptions = { windowMs: 24 * HOUR, stormMatters: 10, stormRegionMatters: 30 }

const contentSchema = Alert.omit({
  opened_at: true,
  changed_at: true,
  election: true,
  phase: true,
  status: true,
  merged_into: true,
  assignee: true,
  asks: true,
  acknowledged_at: true,
  acknowledged_by: true,
  case_id: true,
  actions: true,
  version: true,
}).strict()

/** A finding of the stream; `n` makes its id. Its dedup key is made as the stream does it, if none is given. */
export function finding(n: number, part: Partial<Finding> = {}): Finding {
  const rule = part.rule_id ?? 'web_sqli'
  const entity = part.entity ?? 'source_ip:192.0.2.1'
  const asset = part.asset_id ?? 'web-1'
  const at = part.window_end ?? START
  return {
    finding_id: `stream-0-${n}-${rule}`,
    rule_id: rule,
    title: `Title of ${rule}`,
    severity: 'medium',
    attack: ['T1190'],
    event_id: `event-${n}`,
    source_id: 'nginx',
    region_code: '31',
    owner: 'kpu',
    asset_id: asset,
    entity,
    evidence: [{ field: 'url_query', value: `id=${n}` }],
    window_start: at,
    window_end: at,
    score: 50,
    dedup_key: `${rule}|${entity}|${asset}`,
    factors: [{ name: 'severity', points: 20, detail: 'medium' }],
    ...part,
  }
}

export interface Board {
  grouper: Grouper
  readonly alerts: Map<string, AlertContent>
  readonly records: Map<string, string>
  /** Into which alert each one went. */
  readonly gone: Map<string, string>
  /** Adds a page of findings and hears what changed. */
  page(findings: readonly Finding[]): void
  /** Hears what changed. */
  hear(): { contents: number; records: number }
  /** As after a crash: only the records are left. */
  restart(): void
  forget(alerts: readonly string[]): void
  /** What is known, without ids of alerts, in an order of its own. */
  contents(): Omit<AlertContent, 'alert_id'>[]
}

export function createBoard(settings: GrouperOptions = options): Board {
  const alerts = new Map<string, AlertContent>()
  const records = new Map<string, string>()
  const gone = new Map<string, string>()
  const board: Board = {
    grouper: createGrouper(settings),
    alerts,
    records,
    gone,
    page(findings) {
      for (const one of findings) board.grouper.add(one)
      board.hear()
    },
    hear() {
      const taken = board.grouper.take()
      expect(new Set(taken.contents.map(({ alert_id }) => alert_id)).size).toBe(taken.contents.length)
      for (const content of taken.contents) {
        contentSchema.parse(content)
        alerts.set(content.alert_id, content)
        gone.delete(content.alert_id)
      }
      for (const { alert_id, into } of taken.gone) {
        // Who is gone was there, and what took it is there.
        expect(alerts.delete(alert_id)).toBe(true)
        gone.set(alert_id, into)
      }
      for (const { into } of taken.gone) expect(alerts.has(into)).toBe(true)
      for (const { key, value } of taken.records) {
        if (value === null) expect(records.delete(key)).toBe(true)
        else records.set(key, JSON.stringify(value))
      }
      return { contents: taken.contents.length, records: taken.records.length }
    },
    restart() {
      board.grouper = createGrouper(settings)
      // Compaction keeps no order.
      for (const [key, value] of [...records].sort(([, a], [, b]) => (a < b ? -1 : 1))) {
        board.grouper.restore(key, JSON.parse(value))
      }
    },
    forget(ids) {
      for (const { key } of board.grouper.forget(ids)) expect(records.delete(key)).toBe(true)
      for (const id of ids) alerts.delete(id)
    },
    contents() {
      const all = [...alerts.values()].map(({ alert_id: _, ...content }) => content)
      const text = (content: object): string => JSON.stringify(content)
      return all.sort((a, b) => (text(a) < text(b) ? -1 : 1))
    },
  }
  return board
}
