// How many events matched on which day, in which region, from how many addresses? Counts in bounded memory, and a fair choice of samples.
import type { Event } from '../../schemas/event.ts'

type Counted = Pick<Event, 'timestamp' | 'region_code' | 'source_ip' | '_stream' | '_partition' | '_offset'>

export interface TallyRow {
  /** Day in WIB, such as 2024-11-27. */
  readonly day: string
  readonly region: string
  readonly matches: number
  /** Different source addresses. */
  readonly addresses: number
  /** True if there may be more addresses than that. */
  readonly more: boolean
}

export interface Sample {
  readonly stream: string
  readonly partition: number
  readonly offset: number
}

export interface Tally {
  add(event: Counted): void
  readonly total: number
  /** By day, then region. */
  rows(): TallyRow[]
  samples(): readonly Sample[]
}

/** Addresses that are told apart, over all rows. */
const MAX_ADDRESSES = 500_000
const WIB_MS = 7 * 3_600_000
const DAY_MS = 86_400_000

interface Cell {
  matches: number
  readonly addresses: Set<string>
  more: boolean
}

export function createTally(wanted: number): Tally {
  const cells = new Map<string, Cell>()
  const chosen: Sample[] = []
  let total = 0
  let addresses = 0
  // Algorithm R with fixed numbers: every match has the same chance, and the same history gives the same samples.
  let seed = 1
  const below = (limit: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 0x1_0000_0000) * limit)
  }
  return {
    add(event) {
      total += 1
      const key = `${Math.floor((event.timestamp + WIB_MS) / DAY_MS)} ${event.region_code}`
      let cell = cells.get(key)
      if (cell === undefined) {
        cell = { matches: 0, addresses: new Set(), more: false }
        cells.set(key, cell)
      }
      cell.matches += 1
      if (event.source_ip !== '' && !cell.addresses.has(event.source_ip)) {
        if (addresses >= MAX_ADDRESSES) cell.more = true
        else {
          cell.addresses.add(event.source_ip)
          addresses += 1
        }
      }
      const place = chosen.length < wanted ? chosen.length : below(total)
      if (place < wanted) chosen[place] = { stream: event._stream, partition: event._partition, offset: event._offset }
    },
    get total() {
      return total
    },
    rows: () =>
      [...cells]
        .map(([key, cell]): TallyRow => {
          const [day = '', region = ''] = key.split(' ')
          const date = new Date(Number(day) * DAY_MS).toISOString().slice(0, 10)
          return { day: date, region, matches: cell.matches, addresses: cell.addresses.size, more: cell.more }
        })
        .sort((a, b) => (a.day === b.day ? (a.region < b.region ? -1 : 1) : a.day < b.day ? -1 : 1)),
    samples: () => chosen,
  }
}
