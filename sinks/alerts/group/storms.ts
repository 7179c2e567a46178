// Which findings are a storm? A function of the set of findings in four rules, so that it comes out the same in whatever order they came.
//
// Within one rule and hour (4 goes over all rules), with limits `matters` (10) and `regionMatters` (30):
// 1. A place is an asset, or the findings without an asset in a region. One with more matters than its limit (`matters` for an asset,
//    `regionMatters` without) is flooded: its findings become one cell, and later ones go there without a cell of their own. This is never
//    taken back, and it looks at nothing but the place itself, so a bucket that first looked like a storm of an entity or region and
//    then turns out to be one of an asset gives the findings about the asset to the asset, whichever came first.
// 2. An entity with more than `matters` matters takes those of its findings that are not in flooded places.
// 3. A region with more than `regionMatters` takes what is left. One entity, or one flooded asset, counts as `matters` + 1 there at most, so
//    that neither makes a storm of a region by itself, in which others would be lost from sight.
// 4. An asset, or the findings without one in a region, is under siege if a place of attempts (attempts.ts) there is flooded, or if attempts of all rules
//    together have more entities than the limit of the place. The siege takes all attempts that are not critical before 2 and 3 look at them:
//    an hour of flood brings a little of everything along, and what is no attempt (a file served, a shell used, a log-in that worked) stays by itself.
// A storm reaches into the hours beside its own, for matters without a critical finding in them.
//
// Cells that 2 and 3 file stay apart (at most the limit of each place), so they can be filed anew. What is given up for bounded memory: of a
// flooded place only the `witnesses`, 64 matters with the smallest hashes, still count for their entities. An entity that floods more than
// `matters` places, each with over 64 other sources, may then lose its storm: what it did elsewhere becomes alerts of their own again, at most `matters`.
import type { Finding } from '../../../schemas/detection.ts'
import { type Cell, createCell, isCritical, type Matter, type Place } from './cell.ts'
import { addDistinct } from './distinct.ts'
import { createSieges } from './siege.ts'
import { addFinding, mergeTally } from './tally.ts'
import { compareText } from './worst.ts'

const WITNESSES = 64
/** The hour itself first, then those beside it. */
const around = [0, -1, 1]

export interface Witness {
  readonly hash: number
  readonly entity: string
}

interface Spot {
  readonly place: Place
  readonly cells: Map<string, Cell>
  /** Cell of the flood. */
  flood: Cell | undefined
  /** In order of their hashes. */
  readonly witnesses: Witness[]
}

/** Findings of a rule by an entity in an hour: how often each matter is counted. */
interface EntityHour {
  readonly matters: Map<number, number>
  readonly cells: Set<Cell>
}

/** Findings of a rule in a region in an hour. */
interface RegionHour {
  /** What flooded places count for. */
  flooded: number
  readonly entities: Map<string, number>
  readonly cells: Set<Cell>
  /** What all of it counts for. */
  count: number
}

export interface Limits {
  /** More matters of one rule about one asset, or by one entity, in an hour are a storm. */
  readonly matters: number
  readonly regionMatters: number
}

/** What changes hands when a place is flooded. */
export interface StormsEvents {
  /** Storms may have changed what the cell is filed under. */
  refile(cell: Cell): void
  /** The cell's findings are in the other cell now. */
  swallowed(cell: Cell, by: Cell): void
}

export interface Storms {
  /** The cell that a finding belongs to, with the finding added, and whether that changed the cell. `own`: it is not to be swallowed. */
  add(place: Place, matter: Matter, finding: Finding, own: () => boolean): { cell: Cell; changed: boolean }
  /** Puts back a cell from a record. */
  attach(cell: Cell, witnesses: readonly Witness[]): void
  /** Floods places that hold more than the limits, which may have been lowered. */
  settle(): void
  /** Takes a cell out; what the storms around it hold is frozen and answered. */
  detach(cell: Cell): Cell[]
  /** What the cell is to be filed under. */
  fileOf(cell: Cell): Cell['filed']
  /** Of the cell of a flood. */
  witnessesOf(cell: Cell): readonly Witness[]
}

const entityKey = (place: Place, entity: string, hour: number): string => `${hour}\0${place.rule}\0${entity}`
const regionKey = (place: Place, hour: number): string => `${hour}\0${place.rule}\0${place.region}`
const spotKey = (place: Place, hour: number): string => `${hour}\0${place.rule}\0${place.asset}\0${place.region}`
const matterKey = ({ dedup, entity }: Matter): string => `${dedup}\0${entity}`

export function createStorms({ matters, regionMatters }: Limits, events: StormsEvents): Storms {
  const spots = new Map<string, Spot>()
  const entities = new Map<string, EntityHour>()
  const regions = new Map<string, RegionHour>()
  const share = matters + 1
  const mostWitnesses = Math.max(WITNESSES, share, regionMatters + 1)
  const limitOf = (place: Place): number => (place.asset === '' ? regionMatters : matters)
  const sieges = createSieges(limitOf, refile)

  function spotOf(place: Place): Spot {
    const key = spotKey(place, place.hour)
    let spot = spots.get(key)
    if (spot === undefined) {
      spot = { place, cells: new Map(), flood: undefined, witnesses: [] }
      spots.set(key, spot)
    }
    return spot
  }

  function refile(cells: Iterable<Cell> | undefined): void {
    for (const cell of cells ?? []) events.refile(cell)
  }

  /** An entity's matter counts once more (`step` 1) or once less (-1). */
  function countEntity(place: Place, entity: string, hash: number, step: 1 | -1, cell?: Cell): void {
    if (entity === '') return
    const key = entityKey(place, entity, place.hour)
    const hour = entities.get(key) ?? { matters: new Map<number, number>(), cells: new Set<Cell>() }
    const was = hour.matters.size > matters
    const times = (hour.matters.get(hash) ?? 0) + step
    if (times > 0) hour.matters.set(hash, times)
    else hour.matters.delete(hash)
    if (cell !== undefined && step > 0) hour.cells.add(cell)
    if (cell !== undefined && step < 0) hour.cells.delete(cell)
    if (hour.matters.size > 0) entities.set(key, hour)
    else entities.delete(key)
    if (hour.matters.size > matters === was) return
    for (const by of around) refile(entities.get(entityKey(place, entity, place.hour + by))?.cells)
  }

  function countRegion(place: Place, change: (hour: RegionHour) => void): void {
    const key = regionKey(place, place.hour)
    const hour = regions.get(key) ?? { flooded: 0, entities: new Map(), cells: new Set(), count: 0 }
    const was = hour.count > regionMatters
    change(hour)
    if (hour.cells.size > 0 || hour.flooded > 0) regions.set(key, hour)
    else regions.delete(key)
    if (hour.count > regionMatters === was) return
    for (const by of around) refile(regions.get(regionKey(place, place.hour + by))?.cells)
  }

  /** Counts a cell of a matter in (`step` 1) or out (-1). */
  function count(cell: Cell, matter: Matter, step: 1 | -1): void {
    countEntity(cell.place, matter.entity, matter.hash, step, cell)
    countRegion(cell.place, (hour) => {
      const before = hour.entities.get(matter.entity) ?? 0
      if (before + step > 0) hour.entities.set(matter.entity, before + step)
      else hour.entities.delete(matter.entity)
      // Nobody is not one entity.
      const capped = (number: number): number => (matter.entity === '' ? number : Math.min(number, share))
      hour.count += capped(before + step) - capped(before)
      if (step > 0) hour.cells.add(cell)
      else hour.cells.delete(cell)
    })
  }

  function countFlood({ place }: Spot, step: 1 | -1): void {
    countRegion(place, (hour) => {
      hour.flooded += step * (limitOf(place) + 1)
      hour.count += step * (limitOf(place) + 1)
    })
    for (const by of around) refile(spots.get(spotKey(place, place.hour + by))?.cells.values())
  }

  /** Whether a place is to be flooded: it holds too many matters, and not only such as nothing may take. */
  function isOver({ place, cells, flood }: Spot): boolean {
    if (flood !== undefined || cells.size <= limitOf(place)) return false
    return [...cells.values()].some(({ hold }) => hold === '')
  }

  function flood(spot: Spot): Cell {
    const cell = createCell(spot.place, undefined)
    cell.filed = spot.place.asset === '' ? 'region' : 'asset'
    spot.flood = cell
    countFlood(spot, 1)
    for (const { matter } of spot.cells.values()) if (matter !== undefined) witness(spot, matter)
    for (const [key, swallowed] of spot.cells) {
      const { matter } = swallowed
      if (matter === undefined || swallowed.hold !== '') continue
      spot.cells.delete(key)
      count(swallowed, matter, -1)
      sieges.remove(swallowed)
      mergeTally(cell.tally, swallowed.tally)
      addDistinct(cell.tally.matters, matter.hash)
      events.swallowed(swallowed, cell)
    }
    sieges.put(cell)
    return cell
  }

  /** Keeps the matters with the smallest hashes: which those are does not hang on the order. True if the matter is new among them. */
  function witness(spot: Spot, { hash, entity }: Witness): boolean {
    const { witnesses, place } = spot
    if (entity === '') return false
    let at = witnesses.length
    while (at > 0) {
      const before = witnesses[at - 1]
      const order = before === undefined ? 0 : before.hash - hash || compareText(before.entity, entity)
      if (order === 0) return false
      if (order < 0) break
      at--
    }
    if (at >= mostWitnesses) return false
    witnesses.splice(at, 0, { hash, entity })
    countEntity(place, entity, hash, 1)
    const last = witnesses.length > mostWitnesses ? witnesses.pop() : undefined
    if (last !== undefined) countEntity(place, last.entity, last.hash, -1)
    return true
  }

  function add(place: Place, matter: Matter, finding: Finding, own: () => boolean): { cell: Cell; changed: boolean } {
    const spot = spotOf(place)
    let cell = spot.cells.size > 0 ? spot.cells.get(matterKey(matter)) : undefined
    if (cell !== undefined) {
      const critical = isCritical(cell)
      const changed = addFinding(cell.tally, finding)
      if (isCritical(cell) !== critical) events.refile(cell)
      if (changed) sieges.put(cell)
      return { cell, changed }
    }
    const isOwn = own()
    if (spot.flood !== undefined && !isOwn) {
      const matterIsNew = addDistinct(spot.flood.tally.matters, matter.hash)
      const witnessIsNew = witness(spot, matter)
      const changed = addFinding(spot.flood.tally, finding)
      if (changed) sieges.put(spot.flood)
      return { cell: spot.flood, changed: changed || matterIsNew || witnessIsNew }
    }
    cell = createCell(place, matter)
    if (isOwn) cell.hold = 'pinned'
    addFinding(cell.tally, finding)
    spot.cells.set(matterKey(matter), cell)
    count(cell, matter, 1)
    sieges.put(cell)
    events.refile(cell)
    const flooded = isOver(spot) ? flood(spot) : undefined
    return { cell: isOwn ? cell : (flooded ?? cell), changed: true }
  }

  function attach(cell: Cell, witnesses: readonly Witness[]): void {
    const spot = spotOf(cell.place)
    if (cell.matter === undefined) {
      spot.flood = cell
      countFlood(spot, 1)
      for (const one of witnesses) witness(spot, one)
    } else {
      spot.cells.set(matterKey(cell.matter), cell)
      count(cell, cell.matter, 1)
    }
    sieges.put(cell)
    events.refile(cell)
  }

  function detach(cell: Cell): Cell[] {
    const { place, matter } = cell
    const key = spotKey(place, place.hour)
    const spot = spots.get(key)
    if (spot === undefined) return []
    const frozen = stormsAround(cell, spot).filter((near) => near !== cell && near.filed !== '' && near.hold === '')
    for (const near of frozen) near.hold = 'frozen'
    sieges.remove(cell)
    if (matter !== undefined) {
      spot.cells.delete(matterKey(matter))
      count(cell, matter, -1)
    } else {
      spot.flood = undefined
      for (const { entity, hash } of spot.witnesses.splice(0)) countEntity(place, entity, hash, -1)
      countFlood(spot, -1)
    }
    if (spot.flood === undefined && spot.cells.size === 0) spots.delete(key)
    return frozen
  }

  /** Cells whose storms the cell has a part in. */
  function stormsAround({ place, matter }: Cell, spot: Spot): Cell[] {
    const names = new Set(matter === undefined ? spot.witnesses.map(({ entity }) => entity) : [matter.entity])
    return around.flatMap((by) => {
      const hour = place.hour + by
      const ofEntities = [...names].flatMap((entity) => [
        ...(entities.get(entityKey(place, entity, hour))?.cells ?? []),
      ])
      const ofRegion = regions.get(regionKey(place, hour))?.cells ?? []
      return [
        ...ofEntities,
        ...ofRegion,
        ...sieges.cellsOf(place, hour),
        ...(spots.get(spotKey(place, hour))?.cells.values() ?? []),
      ]
    })
  }

  function fileOf(cell: Cell): Cell['filed'] {
    const { place, matter } = cell
    if (matter === undefined || cell.hold !== '') return cell.filed
    const hours = isCritical(cell) ? [place.hour] : around.map((by) => place.hour + by)
    if (hours.some((hour) => spots.get(spotKey(place, hour))?.flood !== undefined)) {
      return place.asset === '' ? 'region' : 'asset'
    }
    if (hours.some((hour) => sieges.takes(cell, hour))) return place.asset === '' ? 'region' : 'asset'
    const byEntity = (hour: number): number => entities.get(entityKey(place, matter.entity, hour))?.matters.size ?? 0
    if (hours.some((hour) => byEntity(hour) > matters)) return 'entity'
    if (hours.some((hour) => (regions.get(regionKey(place, hour))?.count ?? 0) > regionMatters)) return 'region'
    return ''
  }

  function settle(): void {
    for (const spot of spots.values()) {
      if (isOver(spot)) flood(spot)
    }
  }

  return {
    add,
    attach,
    settle,
    detach,
    fileOf,
    witnessesOf: ({ place }) => spots.get(spotKey(place, place.hour))?.witnesses ?? [],
  }
}
