// Which assets are tried from everywhere? Attempts of all rules together, by more addresses in an hour than people could look at one by one.
import { tellsOfAttempts } from '../attempts.ts'
import { alwaysAlerts } from '../policy/shipped.ts'
import { type Cell, isCritical, type Place } from './cell.ts'

/** What is counted of an asset, or of a region's findings without one, in an hour. */
interface Hour {
  /** Cells of single matters, by who makes them. */
  readonly cells: Map<Cell, string>
  readonly entities: Map<string, number>
  /** Cells of floods: each is more than the limit. */
  readonly floods: Set<Cell>
  over: boolean
}

export interface Sieges {
  /** Counts a cell as it is now: before it has findings it is nothing. */
  put(cell: Cell): void
  remove(cell: Cell): void
  /** Whether a cell is taken by the siege of its place in this hour. */
  takes(cell: Cell, hour: number): boolean
  /** Cells that count there. */
  cellsOf(place: Place, hour: number): Iterable<Cell>
}

const keyOf = ({ asset, region }: Place, hour: number): string => `${hour}\0${asset}\0${region}`

/** True for attempts; what is critical has happened, and what does not work any more is never lost in a storm of others. */
function isAttempt(cell: Cell): boolean {
  return !isCritical(cell) && !alwaysAlerts(cell.place.rule) && tellsOfAttempts(cell.tally.attack)
}

/** `limitOf`: more entities than this are a siege. `changed`: what there is to be filed anew around a place and hour. */
export function createSieges(
  limitOf: (place: Place) => number,
  changed: (cells: Iterable<Cell>, place: Place) => void,
): Sieges {
  const hours = new Map<string, Hour>()

  const judge = (place: Place, key: string, hour: Hour): void => {
    if (hour.cells.size === 0 && hour.floods.size === 0) hours.delete(key)
    const over = hour.floods.size > 0 || hour.entities.size > limitOf(place)
    if (over === hour.over) return
    hour.over = over
    for (const by of [-1, 0, 1]) changed(hours.get(keyOf(place, place.hour + by))?.cells.keys() ?? [], place)
  }
  const remove = (cell: Cell): void => {
    const key = keyOf(cell.place, cell.place.hour)
    const hour = hours.get(key)
    if (hour === undefined) return
    const entity = hour.cells.get(cell)
    if (entity === undefined && !hour.floods.delete(cell)) return
    if (entity !== undefined) {
      hour.cells.delete(cell)
      const left = (hour.entities.get(entity) ?? 0) - 1
      if (left > 0) hour.entities.set(entity, left)
      else hour.entities.delete(entity)
    }
    judge(cell.place, key, hour)
  }

  return {
    put(cell) {
      if (!isAttempt(cell)) {
        remove(cell)
        return
      }
      const { place, matter } = cell
      const key = keyOf(place, place.hour)
      const hour = hours.get(key) ?? { cells: new Map(), entities: new Map(), floods: new Set(), over: false }
      if (hour.cells.has(cell) || hour.floods.has(cell)) return
      hours.set(key, hour)
      if (matter === undefined) hour.floods.add(cell)
      else {
        // Nobody is not one entity.
        const entity = matter.entity === '' ? `\0${matter.dedup}` : matter.entity
        hour.cells.set(cell, entity)
        hour.entities.set(entity, (hour.entities.get(entity) ?? 0) + 1)
      }
      judge(place, key, hour)
    },
    remove,
    takes: (cell, hour) => isAttempt(cell) && (hours.get(keyOf(cell.place, hour))?.over ?? false),
    cellsOf: (place, hour) => hours.get(keyOf(place, hour))?.cells.keys() ?? [],
  }
}
