// How do things stand, by region and owner? Filled by the shared questions, cut for each scope, told as what changed since a moment.
import { mayRead } from '../../runtime/scope.ts'
import type { Room } from '../../schemas/room.ts'
import type { Figures, SituationNow } from '../../schemas/situation-api.ts'
import { FEED_ITEMS, FEED_MS, type FeedRow, FIGURES, type Question } from './questions.ts'

/** What of a room decides which rows it reads. */
export type Scope = Pick<Room, 'region' | 'owner' | 'sees'>

interface Cell {
  readonly region_code: string
  readonly owner: string
  readonly figures: number[]
}

interface Kept {
  readonly row: FeedRow
  /** Tick at which it was learned. */
  readonly tick: number
}

/** What one scope sees. */
interface Cut {
  readonly scope: Scope
  readonly regions: Map<string, { figures: Figures; tick: number }>
  feed: readonly Kept[]
  /** Tick up to which it has been cut. */
  tick: number
  usedAt: number
}

export interface World {
  /** The rows of one question take the place of those before. */
  put(question: Pick<Question, 'at'>, width: number, rows: readonly Cell[]): void
  /** Newest first. */
  feed(rows: readonly FeedRow[]): void
  /** What was put belongs to this moment; ticks grow. */
  tick(id: number): void
  /** Has anything that a scope sees changed since `base`? */
  hasNews(scope: Scope, base: number): boolean
  /** What a scope sees, changes since `base` only; 0 for everything. */
  see(scope: Scope, base: number, about: Pick<SituationNow, 'at' | 'stale' | 'build'>): SituationNow
  /** The same as JSON, made once for all viewers of a scope that have seen the same. */
  seeJson(scope: Scope, base: number, about: Pick<SituationNow, 'at' | 'stale' | 'build'>): string
}

/** Cuts that nobody has asked for this long are forgotten. */
const CUT_MS = 60_000

const scopeKey = ({ region, owner, sees }: Scope): string => JSON.stringify([region, owner, sees.toSorted()])

/** @param now milliseconds since 1970 UTC; @param nameOf of a region code */
export function createWorld(now: () => number, nameOf: (region: string) => string): World {
  const cells = new Map<string, Cell>()
  const feeds = new Map<string, Kept[]>()
  const cuts = new Map<string, Cut>()
  const texts = new Map<string, string>()
  let at = 0

  const cutOf = (scope: Scope): Cut => {
    const key = scopeKey(scope)
    const known = cuts.get(key) ?? { scope, regions: new Map(), feed: [], tick: -1, usedAt: 0 }
    known.usedAt = now()
    cuts.set(key, known)
    if (known.tick !== at) recut(known)
    return known
  }

  const recut = (cut: Cut): void => {
    const sums = new Map<string, number[]>()
    for (const cell of cells.values()) {
      if (!mayRead(cut.scope, cell)) continue
      const sum = sums.get(cell.region_code) ?? new Array<number>(FIGURES).fill(0)
      for (const [index, figure] of cell.figures.entries()) sum[index] = (sum[index] ?? 0) + figure
      sums.set(cell.region_code, sum)
    }
    for (const [region, sum] of sums) {
      const figures = rounded(sum)
      const before = cut.regions.get(region)
      if (before === undefined || before.figures.some((figure, index) => figure !== figures[index]))
        cut.regions.set(region, { figures, tick: at })
    }
    const readable = Array.from(feeds.values()).filter(
      ([first]) => first !== undefined && mayRead(cut.scope, first.row),
    )
    cut.feed = readable.flat().toSorted(newestFirst).slice(0, FEED_ITEMS)
    cut.tick = at
  }

  const see: World['see'] = (scope, base, about) => {
    const cut = cutOf(scope)
    return {
      ...about,
      full: base === 0,
      regions: Object.fromEntries(
        Array.from(cut.regions).flatMap(([region, { figures, tick }]) => (tick > base ? [[region, figures]] : [])),
      ),
      feed: cut.feed
        .filter(({ tick }) => tick > base)
        .map(({ row: { region_code, owner: _, ...row } }) => ({
          ...row,
          region: region_code,
          place: nameOf(region_code),
        })),
    }
  }

  return {
    put({ at: first }, width, rows) {
      for (const { figures } of cells.values()) figures.fill(0, first, first + width)
      for (const { region_code, owner, figures } of rows) {
        const key = keyOf(region_code, owner)
        const cell = cells.get(key) ?? { region_code, owner, figures: new Array<number>(FIGURES).fill(0) }
        for (const [index, figure] of figures.entries()) cell.figures[first + index] = figure
        cells.set(key, cell)
      }
    },
    feed(rows) {
      const fresh = new Map<string, Kept[]>()
      for (const row of rows) {
        const key = keyOf(row.region_code, row.owner)
        const known = feeds.get(key)
        if (known?.some((kept) => kept.row.id === row.id)) continue
        const list = fresh.get(key) ?? []
        // Belongs to the tick that comes.
        list.push({ row, tick: at + 1 })
        fresh.set(key, list)
      }
      for (const [key, list] of fresh) {
        const all = [...list, ...(feeds.get(key) ?? [])].toSorted(newestFirst).slice(0, FEED_ITEMS)
        feeds.set(key, all)
      }
      const since = now() - FEED_MS
      for (const [key, list] of feeds) {
        const lasting = list.filter(({ row }) => row.landed > since)
        if (lasting.length === 0) feeds.delete(key)
        else if (lasting.length < list.length) feeds.set(key, lasting)
      }
    },
    tick(id) {
      at = id
      texts.clear()
      for (const [key, { usedAt }] of cuts) if (now() - usedAt > CUT_MS) cuts.delete(key)
    },
    hasNews(scope, base) {
      const { regions, feed } = cutOf(scope)
      return base === 0 || feed.some(({ tick }) => tick > base) || regions.values().some(({ tick }) => tick > base)
    },
    see,
    seeJson(scope, base, about) {
      const key = `${base} ${scopeKey(scope)}`
      const known = texts.get(key)
      if (known !== undefined) return known
      const made = JSON.stringify(see(scope, base, about))
      texts.set(key, made)
      return made
    },
  }
}

const keyOf = (region: string, owner: string): string => `${region}\n${owner}`

/** Order of the question itself. */
function newestFirst({ row: a }: Kept, { row: b }: Kept): number {
  return b.landed - a.landed || (a.id < b.id ? 1 : -1)
}

function rounded(sum: readonly number[]): Figures {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0] = sum
  return [a, b, c, d, e, f, Math.round(g), h, i, j, k]
}
