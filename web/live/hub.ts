// Who asks for everybody who looks, and how does it reach them? One round of questions while somebody looks, none otherwise.
import { setTimeout as sleep } from 'node:timers/promises'
import { type ClickHouse, priorities } from '../../runtime/clickhouse.ts'
import { errorText } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import { mayRead, type ScopedRow } from '../../runtime/scope.ts'
import type { Area } from '../../schemas/account.ts'
import type { SituationNow } from '../../schemas/situation-api.ts'
import { covers } from '../policy.ts'
import { areasOf, type Viewer } from '../viewer.ts'
import { FEED_MS, FeedRow, feedQuestion, insertOf, type Question, questions } from './questions.ts'
import { createWorld, type Scope } from './world.ts'

/** Something that a part of the page tells live, to those who may read its row and enter its area. */
export interface Told extends ScopedRow {
  readonly event: string
  readonly area: Area
  /** What it is about: while a viewer is behind, a newer one takes the place of an older one. */
  readonly about: string
  readonly data: unknown
}

export type Change =
  | { readonly id: number; readonly kind: 'situation' }
  | { readonly id: number; readonly kind: 'beat' }
  | { readonly id: number; readonly kind: 'told'; readonly told: Told }

/** What a viewer is shown of a change. */
export type Shown =
  | { readonly event: string; readonly data: unknown }
  | { readonly event: string; readonly json: string }

export interface Hub {
  publish(told: Told): void
  /** How things stand for a scope; asked for now if nobody looks. Rejects with CLICKHOUSE_UNAVAILABLE. */
  now(scope: Scope): Promise<SituationNow>
  /** Tells a viewer, whose last id was `after`, until the answered function is called. */
  follow(after: number | undefined, onChange: (change: Change) => void): () => void
  /** Makes what one viewer sees of changes; remembers what it was told already. */
  viewer(viewer: Viewer): (change: Change) => Shown | undefined
  last(): number
  stop(): Promise<void>
}

export interface HubOptions {
  readonly clickhouse: Pick<ClickHouse, 'rows'>
  readonly log: Log
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  /** Name of a region code. */
  readonly nameOf: (region: string) => string
  /** Which build of the page this server has. */
  readonly build: string
  readonly tickMs?: number
}

/** New events are looked for so often; figures as often as their questions say. */
const TICK_MS = 500
/** A viewer is told nothing new no more often than this. */
const QUIET_MS = 900
const BEAT_MS = 15_000
/** What parts told is kept for viewers that come back. */
const TOLD_KEPT = 500
/** A question that takes long is asked the more seldom: it may take a tenth of the time. */
const SHARE = 10
/** Inserts are looked for again in this stretch: those of several partitions are not seen in the order of their times. */
const OVERLAP_MS = 5_000
const FEED = 'feed'
const ROUND_SETTINGS = { max_execution_time: 20, log_queries: 0, priority: priorities.live }

export function createHub({ clickhouse, log, now, nameOf, build, tickMs = TICK_MS }: HubOptions): Hub {
  const world = createWorld(now, nameOf)
  const followers = new Set<(change: Change) => void>()
  const told: Extract<Change, { kind: 'told' }>[] = []
  const due = new Map<string, number>()
  /** Questions that are on their way, by name. */
  const beside = new Map<string, Promise<void>>()
  /** What the last answer of a question was, where it was a refusal. */
  const failures = new Map<string, unknown>()
  const stopping = new AbortController()
  let newestId = -1
  let fedUntil = 0
  /** Inserts whose events have been told, and when they landed; those that are looked at again. */
  const fed = new Map<string, number>()
  let tick = 0
  let askedAt = 0
  let stale: number | undefined
  let round: Promise<void> | undefined
  let loop: Promise<void> | undefined
  let beaten = 0
  /** Figures are asked for all the time, so that none is older than its question says. */
  let watched = false

  /** Grows with the clock, so that ids of a server that starts again come behind those before. */
  const nextId = (): number => {
    newestId = Math.max(newestId + 1, now())
    return newestId
  }
  const tell = (change: Change): void => {
    for (const follower of followers) follower(change)
  }

  /** Asks a question beside the round; whatever comes of it is told with the next tick. */
  function askBeside(question: Question, to: number): Promise<void> {
    const began = performance.now()
    const asked = clickhouse
      .rows(question.row, question.sql, { to }, ROUND_SETTINGS)
      .then((rows) => {
        world.put(question, WIDTHS.get(question.name) ?? 0, rows)
        failures.delete(question.name)
        const took = performance.now() - began
        due.set(question.name, now() + Math.max(question.everyMs, took * SHARE))
      })
      .catch((error: unknown) => {
        failures.set(question.name, error)
      })
      .finally(() => {
        beside.delete(question.name)
      })
    beside.set(question.name, asked)
    return asked
  }

  async function askFeed(to: number): Promise<void> {
    const after = Math.max(to - FEED_MS, fedUntil - OVERLAP_MS)
    try {
      const rows = await clickhouse.rows(FeedRow, feedQuestion, { after, to, known: [...fed.keys()] }, ROUND_SETTINGS)
      world.feed(rows)
      fedUntil = to
      for (const row of rows) fed.set(insertOf(row), row.landed)
      for (const [insert, landed] of fed) if (landed <= to - OVERLAP_MS) fed.delete(insert)
      failures.delete(FEED)
    } catch (error) {
      failures.set(FEED, error)
    }
  }

  /** New events are told as soon as they are known: only who comes while nobody looks waits for the figures as well. */
  async function ask(): Promise<void> {
    const to = now()
    for (const question of questions)
      if (!beside.has(question.name) && (due.get(question.name) ?? 0) <= to) void askBeside(question, to)
    await Promise.all([askFeed(to), ...(watched ? [] : beside.values())])
    watched = loop !== undefined
    const [failed] = failures.values()
    if (failures.size === 0) {
      stale = undefined
      askedAt = to
    } else {
      if (stale === undefined) log.warn({ error: errorText(failed) }, 'live figures cannot be asked for')
      stale ??= askedAt === 0 ? to : askedAt
    }
    tick = nextId()
    world.tick(tick)
    if (failures.size > 0) throw failed
  }

  /** One at a time, shared by whoever wants it. */
  const askOnce = (): Promise<void> => {
    round ??= ask().finally(() => {
      round = undefined
    })
    return round
  }

  async function run(): Promise<void> {
    while (followers.size > 0 && !stopping.signal.aborted) {
      const began = performance.now()
      await askOnce().catch(() => undefined)
      tell({ id: nextId(), kind: 'situation' })
      if (now() - beaten >= BEAT_MS) {
        beaten = now()
        tell({ id: nextId(), kind: 'beat' })
      }
      const left = tickMs - (performance.now() - began)
      await sleep(Math.max(tickMs / 5, left), undefined, { signal: stopping.signal }).catch(() => undefined)
    }
    loop = undefined
    watched = false
  }

  const about = (base: number): Pick<SituationNow, 'at' | 'stale' | 'build'> => ({
    at: askedAt,
    ...(stale === undefined ? {} : { stale }),
    ...(base === 0 ? { build } : {}),
  })

  return {
    publish(what) {
      const change = { id: nextId(), kind: 'told', told: what } as const
      told.push(change)
      if (told.length > TOLD_KEPT) told.shift()
      tell(change)
    },
    async now(scope) {
      if (stale !== undefined || now() - askedAt > 2 * tickMs) await askOnce()
      return world.see(scope, 0, about(0))
    },
    follow(after, onChange) {
      if (after !== undefined) for (const change of told) if (change.id > after) onChange(change)
      // Whoever comes while figures are fresh has them at once.
      if (now() - askedAt <= 2 * tickMs) onChange({ id: nextId(), kind: 'situation' })
      followers.add(onChange)
      loop ??= run()
      return () => {
        followers.delete(onChange)
      }
    },
    viewer(viewer) {
      let base = 0
      let shownAt = 0
      const areas = areasOf(viewer)
      return (change) => {
        switch (change.kind) {
          case 'beat':
            return { event: 'beat', data: change.id }
          case 'told': {
            const { event, area, data } = change.told
            return covers(areas[area], 'read') && mayRead(viewer.room, change.told) ? { event, data } : undefined
          }
          case 'situation': {
            if (!covers(areas.situation, 'read') || tick === 0) return undefined
            if (now() - shownAt < QUIET_MS && !world.hasNews(viewer.room, base)) return undefined
            shownAt = now()
            const json = world.seeJson(viewer.room, base, about(base))
            base = tick
            return { event: 'situation', json }
          }
        }
      }
    },
    last: () => newestId,
    async stop() {
      stopping.abort()
      await loop
      await round?.catch(() => undefined)
      await Promise.all(beside.values())
    },
  }
}

/** How many figures each question answers. */
const WIDTHS = new Map(
  questions.map(({ name, at }, index) => [name, (questions[index + 1]?.at ?? 11) - at] satisfies [string, number]),
)
