// How do findings become alerts? Into cells, cells into groups (of their matter or of a storm), groups into alerts; whatever the order.
import type { Finding } from '../../../schemas/detection.ts'
import { type Cell, groupKeyOf, matterOf, placeOf } from './cell.ts'
import { type AlertContent, contentOf } from './content.ts'
import { handOver } from './hand-over.ts'
import { keyOf, readRecord, recordOf } from './records.ts'
import { type Group, regroup, type Session } from './sessions.ts'
import { createStorms } from './storms.ts'
import { compareText } from './worst.ts'

export interface Gone {
  readonly alert_id: string
  /** The alert that has its findings now. */
  readonly into: string
}

/** A record to keep; `null`: to remove. */
export interface GroupRecord {
  readonly key: string
  readonly value: object | null
}

export interface Grouper {
  /** A record of the store, at start, in any order; complete before anything else is called. Throws a ZodError for what is no record. */
  restore(key: string, value: unknown): void
  add(finding: Finding): void
  /**
   * What has changed since the last call. An alert that was reported gone comes back under its id when the storm that took it dissolves.
   * `into` is an alert that there is.
   */
  take(): { contents: AlertContent[]; gone: Gone[]; records: GroupRecord[] }
  /** All alerts as the records that were read make them, before anything is added. */
  contents(): Iterable<AlertContent>
  /** People have touched the alert: no storm ever takes what it has, nor what its matter adds to it. */
  pin(alertId: string): void
  /** Forgets alerts that are over, with their findings: one that comes again makes a new alert. Answers the keys of records to remove. */
  forget(alertIds: readonly string[]): { key: string }[]
}

export interface GrouperOptions {
  /** Longest pause within an alert, milliseconds of event time. */
  readonly windowMs: number
  readonly stormMatters: number
  readonly stormRegionMatters: number
}

/** Makes a grouper. What it says hangs on the set of findings alone, but for pins and what has been forgotten. */
export function createGrouper({ windowMs, stormMatters, stormRegionMatters }: GrouperOptions): Grouper {
  const groups = new Map<string, Group>()
  const alerts = new Map<string, Session>()
  /** Groups of single matters with an alert that people have touched. */
  const pinnedGroups = new Set<string>()
  let read: Cell[] = []

  // What is to be done, and what is to be told, since the last time.
  const touched = new Set<Cell>()
  const toFile = new Set<Cell>()
  const dirty = new Set<Group>()
  const unsaved = new Set<Cell>()
  const removed = new Set<string>()
  const changed = new Set<Session>()
  const left: { alert: string; cell: Cell }[] = []
  /** Alerts that are no more and that nobody has been told of. */
  const untold = new Set<string>()
  /** Where the findings of alerts went that are no more. */
  const gone = new Map<string, string>()

  const storms = createStorms(
    { matters: stormMatters, regionMatters: stormRegionMatters },
    {
      refile: (cell) => toFile.add(cell),
      swallowed: (cell, by) => {
        if (cell.alert !== '') left.push({ alert: cell.alert, cell: by })
        if (cell.record !== '') removed.add(cell.record)
        drop(cell)
        touched.add(by)
        toFile.add(by)
      },
    },
  )

  /** Takes a cell out of everything but the storms. */
  function drop(cell: Cell): void {
    if (cell.group !== undefined) {
      cell.group.cells.delete(cell)
      dirty.add(cell.group)
    }
    touched.delete(cell)
    toFile.delete(cell)
    unsaved.delete(cell)
  }

  function file(cell: Cell): void {
    const key = groupKeyOf(cell)
    const storm = cell.filed !== ''
    const name = `${storm ? 'storm' : 'matter'}\0${key}`
    let group = groups.get(name)
    if (group === undefined) {
      group = { key, storm, cells: new Set(), sessions: [] }
      groups.set(name, group)
    }
    if (group === cell.group) return
    if (cell.group !== undefined) {
      cell.group.cells.delete(cell)
      dirty.add(cell.group)
    }
    cell.group = group
    group.cells.add(cell)
    dirty.add(group)
  }

  /** Forms the alerts of a group anew. */
  function reform(group: Group, trusted: boolean): void {
    const { sessions } = group
    const result = regroup(group, touched, windowMs, alerts, trusted)
    for (const cell of result.unsaved) unsaved.add(cell)
    left.push(...result.left)
    for (const session of sessions) {
      if (alerts.get(session.id) === session) continue
      changed.delete(session)
      if (!session.announced) untold.add(session.id)
    }
    for (const session of result.changed) {
      changed.add(session)
      for (const cell of handOver(session.cells)) unsaved.add(cell)
    }
    if (!group.storm && group.sessions.some(({ pinned }) => pinned)) pinnedGroups.add(group.key)
    if (group.cells.size === 0) {
      groups.delete(`${group.storm ? 'storm' : 'matter'}\0${group.key}`)
      if (!group.storm) pinnedGroups.delete(group.key)
    }
  }

  /** Alerts as they stood when the records were written, before anything is added to them. */
  function ready(): void {
    if (read.length === 0) return
    for (const cell of read) file(cell)
    read = []
    for (const group of [...dirty]) reform(group, true)
    dirty.clear()
    storms.settle()
  }

  /** Brings the alerts up to date with the findings. */
  function evaluate(): void {
    ready()
    for (const cell of toFile) {
      const filed = storms.fileOf(cell)
      if (filed !== cell.filed) {
        cell.filed = filed
        unsaved.add(cell)
      }
      file(cell)
    }
    toFile.clear()
    for (const cell of touched) {
      unsaved.add(cell)
      if (cell.group !== undefined) dirty.add(cell.group)
    }
    for (const group of dirty) reform(group, false)
    dirty.clear()
    touched.clear()
    // Of an alert that went to several the one that has its earliest findings tells what became of it; among such of one moment the id decides, since the order
    // in which cells are looked at is another after a restart.
    left.sort((a, b) => a.cell.tally.first - b.cell.tally.first || compareText(a.cell.alert, b.cell.alert))
    const into = new Map<string, string>()
    for (const { alert, cell } of left) {
      if (!alerts.has(alert) && cell.alert !== '' && !untold.has(alert) && !into.has(alert)) into.set(alert, cell.alert)
    }
    for (const [alert, successor] of into) gone.set(alert, successor)
    left.length = 0
    untold.clear()
  }

  function isPinned(dedup: string, at: number): boolean {
    if (!pinnedGroups.has(dedup)) return false
    const sessions = groups.get(`matter\0${dedup}`)?.sessions ?? []
    return sessions.some(
      ({ pinned, cells }) =>
        pinned && cells.some(({ tally }) => at >= tally.first - windowMs && at <= tally.last + windowMs),
    )
  }

  /** Where the findings of an alert that is no more are now, after all that has happened since. */
  function successorOf(alert: string): string {
    let into = alert
    for (let steps = gone.size; steps > 0 && !alerts.has(into); steps--) into = gone.get(into) ?? into
    return into
  }

  function recordsToWrite(): GroupRecord[] {
    const records: GroupRecord[] = []
    for (const cell of unsaved) {
      cell.record = keyOf(cell)
      removed.delete(cell.record)
      records.push({ key: cell.record, value: recordOf(cell, storms.witnessesOf(cell)) })
    }
    for (const key of removed) records.push({ key, value: null })
    unsaved.clear()
    removed.clear()
    return records
  }

  return {
    restore(key, value) {
      const { cell, witnesses } = readRecord(key, value)
      storms.attach(cell, witnesses)
      read.push(cell)
    },
    add(finding) {
      ready()
      const matter = matterOf(finding)
      const added = storms.add(placeOf(finding), matter, finding, () => isPinned(matter.dedup, finding.window_end))
      if (added.changed) touched.add(added.cell)
    },
    take() {
      evaluate()
      const contents: AlertContent[] = []
      for (const session of changed) {
        contents.push(contentOf(session))
        session.announced = true
      }
      changed.clear()
      const told = [...gone.keys()].map((alert) => ({ alert_id: alert, into: successorOf(alert) }))
      gone.clear()
      return {
        contents,
        gone: told.filter(({ alert_id, into }) => !alerts.has(alert_id) && alerts.has(into)),
        records: recordsToWrite(),
      }
    },
    *contents() {
      ready()
      for (const session of alerts.values()) yield contentOf(session)
    },
    pin(alertId) {
      evaluate()
      const session = alerts.get(alertId)
      if (session === undefined) return
      session.pinned = true
      for (const cell of session.cells) {
        cell.hold = 'pinned'
        unsaved.add(cell)
      }
      if (!session.group.storm) pinnedGroups.add(session.group.key)
    },
    forget(alertIds) {
      evaluate()
      const keys: { key: string }[] = []
      for (const session of alertIds.flatMap((id) => alerts.get(id) ?? [])) {
        for (const cell of session.cells) {
          for (const frozen of storms.detach(cell)) unsaved.add(frozen)
          drop(cell)
          if (cell.record !== '') keys.push({ key: cell.record })
        }
        session.group.sessions = session.group.sessions.filter((other) => other !== session)
        alerts.delete(session.id)
        changed.delete(session)
      }
      return keys
    },
  }
}
