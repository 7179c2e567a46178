// What was held back, how often and why? Counts by hour, rule, region and reason: nothing is dropped silently.
import { HeldReason, type Notification } from '../../../schemas/alert.ts'
import type { HeldCount, HeldHour } from '../../../schemas/alert-log.ts'

const HOUR_MS = 3_600_000
/** Rows of one hour. Beyond it places are told by province, then not at all, and in the end rules not either; the sum is always exact. */
const MAX_ROWS = 300
/** Rows of one reason and detail of a summary. */
const MAX_SUMMARY = 100

export interface HeldTally {
  /** Findings that made no alert, or of which rooms were not told. `now`: milliseconds since 1970 UTC. */
  add(now: number, held: Omit<HeldCount, 'findings'>, findings?: number): void
  /** Hours that changed since the last call, to be kept. */
  take(): HeldHour[]
  restore(hour: HeldHour): void
  /** Sums by reason and detail of the whole hours that begin in [from, to), most first. */
  summary(from: number, to: number): NonNullable<Notification['summary']>
  /** Forgets hours before this one; answers them. */
  forget(before: number): number[]
}

interface Hour {
  level: number
  rows: Map<string, HeldCount>
  changed: boolean
}

/** Counts that come out the same in whatever order they are added. */
export function createHeldTally(): HeldTally {
  const hours = new Map<number, Hour>()
  const put = (hour: Hour, counted: HeldCount): void => {
    const row = coarse(counted, hour.level)
    const key = JSON.stringify([row.reason, row.detail, row.rule_id, row.region_code])
    const known = hour.rows.get(key)
    if (known === undefined) hour.rows.set(key, row)
    else known.findings += row.findings
    // A level is left when it holds too many different rows, which does not depend on which of them came last.
    while (hour.rows.size > MAX_ROWS && hour.level < 4) {
      const before = [...hour.rows.values()]
      hour.level += 1
      hour.rows = new Map()
      for (const one of before) put(hour, one)
    }
  }
  const hourOf = (time: number): Hour => {
    const known = hours.get(time)
    if (known !== undefined) return known
    const made: Hour = { level: 0, rows: new Map(), changed: false }
    hours.set(time, made)
    return made
  }

  return {
    add(now, held, findings = 1) {
      const hour = hourOf(Math.floor(now / HOUR_MS) * HOUR_MS)
      hour.changed = true
      put(hour, { ...held, findings })
    },
    take() {
      const changed = [...hours].filter(([, hour]) => hour.changed)
      return changed.map(([time, hour]) => {
        hour.changed = false
        return { kind: 'held', hour: time, level: hour.level, counts: sorted(hour.rows.values()) }
      })
    },
    restore({ hour: time, level, counts }) {
      const hour: Hour = { level, rows: new Map(), changed: false }
      hours.set(time, hour)
      for (const one of counts) put(hour, one)
    },
    summary(from, to) {
      const sums = new Map<string, { reason: HeldReason; detail: string; findings: number }>()
      for (const [time, { rows }] of hours) {
        if (time < from || time >= to) continue
        for (const { reason, detail, findings } of rows.values()) {
          const key = `${reason}\n${detail}`
          const sum = sums.get(key)
          if (sum === undefined) sums.set(key, { reason, detail, findings })
          else sum.findings += findings
        }
      }
      const counts = [...sums.values()].sort(
        (a, b) => b.findings - a.findings || compare(a.detail, b.detail) || compare(a.reason, b.reason),
      )
      const rest = counts.splice(MAX_SUMMARY)
      for (const reason of HeldReason.options) {
        const findings = rest.filter((one) => one.reason === reason).reduce((sum, one) => sum + one.findings, 0)
        if (findings > 0) counts.push({ reason, detail: '*', findings })
      }
      return { from, to, counts }
    },
    forget(before) {
      const old = [...hours.keys()].filter((time) => time < before)
      for (const time of old) hours.delete(time)
      return old
    },
  }
}

function coarse(row: HeldCount, level: number): HeldCount {
  const { region_code, rule_id, detail } = row
  return {
    reason: row.reason,
    detail: level >= 4 ? '*' : detail,
    rule_id: level >= 3 ? '*' : rule_id,
    region_code: level >= 2 ? '*' : level === 1 ? region_code.slice(0, 2) : region_code,
    findings: row.findings,
  }
}

function sorted(rows: Iterable<HeldCount>): HeldCount[] {
  const text = (row: HeldCount) => JSON.stringify([row.reason, row.detail, row.rule_id, row.region_code])
  return [...rows].map((row) => ({ ...row })).sort((a, b) => compare(text(a), text(b)))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
