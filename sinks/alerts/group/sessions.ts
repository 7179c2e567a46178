// Which cells of a group are one alert, and under which id? Runs of cells without a longer pause than the window; the earlier run's id survives.
import type { Cell } from './cell.ts'
import { alertIdOf } from './hash.ts'
import { createTotal, mergeTotal, type Total } from './tally.ts'
import { compareText } from './worst.ts'

/** Cells that may become alerts together: of one dedup key, or of storms about one thing. */
export interface Group {
  readonly key: string
  readonly storm: boolean
  readonly cells: Set<Cell>
  /** In order of time. */
  sessions: Session[]
}

/** The cells of one alert, in order of time. */
export interface Session {
  readonly id: string
  readonly group: Group
  cells: Cell[]
  /** All of its cells together; made when there are several, and asked for. */
  total: Total | undefined
  pinned: boolean
  /** Whether anybody has been told of it. */
  announced: boolean
}

export interface Regrouped {
  /** Alerts that are new or have changed. */
  readonly changed: Session[]
  /** Cells that went from one alert to another, with the id of the one that they left. */
  readonly left: { readonly alert: string; readonly cell: Cell }[]
  /** Cells of which something changed that is kept. */
  readonly unsaved: Cell[]
}

/**
 * Forms the alerts of a group anew. `touched` are cells with new findings. `alerts` holds all alerts by id and is kept up to date.
 * `trusted`: the cells have just been read, and the ids in them are those of alerts of this group.
 */
export function regroup(
  group: Group,
  touched: ReadonlySet<Cell>,
  windowMs: number,
  alerts: Map<string, Session>,
  trusted: boolean,
): Regrouped {
  const before = new Map(group.sessions.map((session) => [session.id, session]))
  const result: Regrouped = { changed: [], left: [], unsaved: [] }
  const used = new Set<string>()
  for (const id of before.keys()) alerts.delete(id)
  group.sessions = runsOf(group.cells, windowMs).map((cells) => {
    const known = cells.find(({ alert }) => alert !== '' && !used.has(alert) && (trusted || before.has(alert)))?.alert
    const id = known ?? newId(group, cells[0], (taken) => alerts.has(taken) || before.has(taken))
    const session = before.get(id) ?? {
      id,
      group,
      cells: [],
      total: undefined,
      pinned: false,
      announced: trusted && known !== undefined,
    }
    used.add(id)
    alerts.set(id, session)
    if (update(session, cells, touched, trusted, result)) result.changed.push(session)
    return session
  })
  return result
}

function runsOf(cells: ReadonlySet<Cell>, windowMs: number): Cell[][] {
  const sorted = [...cells].sort(
    (a, b) => a.tally.first - b.tally.first || a.tally.last - b.tally.last || compareText(a.place.rule, b.place.rule),
  )
  const runs: Cell[][] = []
  let last = Number.NEGATIVE_INFINITY
  for (const cell of sorted) {
    const run = cell.tally.first - last <= windowMs ? runs.at(-1) : undefined
    if (run === undefined) runs.push([cell])
    else run.push(cell)
    last = run === undefined ? cell.tally.last : Math.max(last, cell.tally.last)
  }
  return runs
}

function newId({ key, storm }: Group, first: Cell | undefined, isTaken: (id: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const id = alertIdOf(storm ? `${key}|` : key, first?.place.hour ?? 0, attempt)
    if (!isTaken(id)) return id
  }
}

/** Gives the cells to the session; true if people see a difference. */
function update(
  session: Session,
  cells: Cell[],
  touched: ReadonlySet<Cell>,
  trusted: boolean,
  { left, unsaved }: Regrouped,
): boolean {
  const pinned = session.pinned || cells.some(({ hold }) => hold === 'pinned')
  const stayed = cells.filter((cell) => cell.session === session).length
  const isLess = stayed < session.cells.length
  let isChanged = isLess
  for (const cell of cells) {
    const isNew = cell.session !== session
    if (isNew || touched.has(cell)) {
      if (!trusted || cell.alert !== session.id) isChanged = true
      if (!isLess && session.total !== undefined) mergeTotal(session.total, aboutOf(cell), cell.tally)
    }
    if (cell.alert !== session.id) {
      if (cell.alert !== '') left.push({ alert: cell.alert, cell })
      cell.alert = session.id
      unsaved.push(cell)
    }
    if (pinned && cell.hold !== 'pinned') {
      cell.hold = 'pinned'
      unsaved.push(cell)
    }
    cell.session = session
  }
  session.pinned = pinned
  session.cells = cells
  if (isLess) session.total = undefined
  return isChanged
}

/** All findings of an alert together. */
export function totalOf(session: Session): Total {
  if (session.total !== undefined) return session.total
  const total = createTotal()
  for (const cell of session.cells) mergeTotal(total, aboutOf(cell), cell.tally)
  // Of one cell it is made again when it is asked for again: most alerts have no more, and would take twice the memory.
  if (session.cells.length > 1) session.total = total
  return total
}

function aboutOf({ place, matter }: Cell): Parameters<typeof mergeTotal>[1] {
  return matter === undefined ? place : { ...place, matter: matter.hash }
}
