// How do indicators of feeds come in? Fetched on schedule, checked, held for a person where they would match too much; the last good copy stays in force.
import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import type { Address } from '../../runtime/address.ts'
import { errorText } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { startScheduler } from '../../runtime/scheduler.ts'
import type { Feed, Intelligence } from '../../schemas/feed.ts'
import type { Indicator } from '../../schemas/indicator.ts'
import type { AuditEntry } from '../audit/audit.ts'
import type { Collector } from '../collector.ts'
import { createCarrierLookup } from './carriers.ts'
import { makeDraft } from './draft.ts'
import { makeDraftApart } from './draft-worker.ts'
import { FeedFailure } from './fetch.ts'
import { foldersOfFeeds, removeRemains } from './folders.ts'
import { createHandover } from './handover.ts'
import { type HeldUpdate, isOpen, listHeld, markSettled } from './held.ts'
import { createJudge, type HoldOptions, type ProtectedNames, type Traffic } from './hold.ts'
import { leaveOut } from './left-out.ts'
import { type FeedOutcome, type FeedState, nextRun, readState, writeState } from './state.ts'
import { applyHeld, inForce, settleDraft, type UpdateOutcome } from './update.ts'
import { loadWarningLists } from './warning-lists.ts'

/** Where indicators go. */
export interface FeedPort {
  /** Makes these the indicators of a source, in place of those it had. The same again changes nothing. `at` in milliseconds since 1970 UTC. */
  replace(
    source: string,
    indicators: readonly Indicator[],
    at: number,
  ): Promise<{ added: number; removed: number; total: number }>
  /** How much of the last hour's events these would have matched. */
  traffic(indicators: readonly Indicator[]): Promise<Traffic>
}

export interface FeedsOptions {
  readonly settings: Pick<Intelligence, 'feeds' | 'warning_lists' | 'hold_share'>
  readonly port: FeedPort
  readonly names: ProtectedNames
  /** Number of the autonomous system of an address, 0 for none. */
  readonly systemOf: (address: Address) => number
  readonly audit: (entry: AuditEntry) => void
  readonly log: Log
  readonly metrics: Pick<Metrics, 'feedIndicators' | 'feedSuccess' | 'feedWaiting' | 'feedFailures'>
  readonly dataDir: string
  /** Folder that paths in the settings start from. */
  readonly baseDir: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
  /** Of one request. */
  readonly timeoutMs?: number
  /** False: feeds are read in this thread, which stands still meanwhile. */
  readonly apart?: boolean
  /** How often decisions of people are looked for. */
  readonly pollMs?: number
  /** How long the port is left alone after it failed. */
  readonly retryMs?: number
}

export interface Feeds extends Collector {
  /** Resolves when every copy in force has been handed over, however long that takes; rejects never. */
  readonly restored: Promise<void>
  /** Fetches a feed now; answers how it is doing then. */
  run(feed: string): Promise<FeedState>
}

const POLL_MS = 2_000
const RETRY_MS = 10_000
const STOP_MS = 5_000
/** Drafts made at one time: each may take much memory. */
const AT_ONCE = 2
/** A start fetches every feed that was not fetched a moment ago: a program that is started again and again does not press servers. */
const RECENT_MS = 5 * 60_000

/**
 * Starts feeds: hands over the copies in force, fetches what was not fetched a moment ago, then goes by the clock. Feeds that are no longer
 * in the settings have no indicators. Throws CONFIG_INVALID for a warning list or a schedule that cannot be read.
 */
export function startFeeds(options: FeedsOptions): Feeds {
  const { settings, port, log, metrics, audit, dataDir, baseDir, now = Date.now } = options
  const lists = loadWarningLists(settings.warning_lists, baseDir)
  const feeds = new Map(settings.feeds.map((feed) => [feed.id, feed]))
  // What is no schedule is told now, not when it would be due.
  for (const { when } of settings.feeds) nextRun(when)
  const hold: HoldOptions = {
    names: options.names,
    carrierOf: createCarrierLookup(options.systemOf),
    share: settings.hold_share,
    async traffic(indicators) {
      try {
        return await port.traffic(indicators)
      } catch (error) {
        throw new FeedFailure('traffic', `what it would match cannot be told: ${errorText(error)}`, { cause: error })
      }
    },
  }
  const stopping = new AbortController()
  const { signal } = stopping
  const limit = pLimit(AT_ONCE)
  const busy = new Map<string, Promise<unknown>>()
  /** Feeds of which an update waits. */
  const waiting = new Set<string>()

  /** One thing at a time happens to a feed. */
  function exclusive<T>(feed: string, work: () => Promise<T>): Promise<T> {
    const done = (busy.get(feed) ?? Promise.resolve()).then(work, work)
    busy.set(
      feed,
      done.catch(() => undefined),
    )
    return done
  }

  const store = createHandover({
    replace: (source, indicators, at) => port.replace(source, indicators, at),
    isKnown: (feed) => feeds.has(feed),
    exclusive,
    onGiven(feed, indicators) {
      if (feeds.has(feed)) metrics.feedIndicators.set({ feed }, indicators)
    },
    dataDir,
    log,
    now,
    retryMs: options.retryMs ?? RETRY_MS,
    signal,
  })

  function setWaiting(feed: string, waits: boolean): void {
    if (waits) waiting.add(feed)
    else waiting.delete(feed)
    metrics.feedWaiting.set({ feed }, waits ? 1 : 0)
  }

  /** What fails here is the disk: feeds are told of and go on by their schedule. */
  function tellTrouble(error: unknown): void {
    log.error({ error: errorText(error) }, 'feeds cannot be kept')
  }

  async function note(feed: string, change: Partial<FeedState> & { outcome: FeedOutcome }): Promise<FeedState> {
    const state = { ...(await readState(dataDir, feed)), ...change }
    await writeState(dataDir, feed, state)
    if (state.succeeded > 0) metrics.feedSuccess.set({ feed }, state.succeeded / 1000)
    return state
  }

  async function failed(feed: string, error: unknown, attempted: number): Promise<FeedState> {
    const reason = error instanceof FeedFailure ? error.reason : 'internal'
    const { failures, failing_since } = await readState(dataDir, feed)
    metrics.feedFailures.inc({ feed, reason })
    audit({ action: 'feed_failed', outcome: 'failure', message: `Feed ${feed}: ${reason}: ${errorText(error)}` })
    log.warn({ feed, reason, error: errorText(error) }, 'a feed could not be updated; what it brought before stays')
    return await note(feed, {
      outcome: 'failed',
      attempted,
      failures: failures + 1,
      failing_since: failures === 0 ? attempted : failing_since,
      failure: { reason, message: errorText(error).slice(0, 1000) },
    })
  }

  async function update(feed: Feed): Promise<FeedState> {
    const { id } = feed
    const attempted = now()
    try {
      const { timeoutMs, env = process.env, apart = true } = options
      const request = {
        feed,
        dataDir,
        baseDir,
        // A thread gets a copy of plain values.
        env: { ...env },
        warningLists: lists,
        now: attempted,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      }
      const draw = () => limit(() => (apart ? makeDraftApart(request, signal) : makeDraft(request)))
      let draft = await draw()
      // What people decided meanwhile changed what a draft is compared with.
      if (waiting.has(id) && (await decisions(feed))) draft = await draw()
      const outcome = await settleDraft(feed, draft, dataDir, hold, attempted)
      return await settled(feed, outcome, attempted)
    } catch (error) {
      if (signal.aborted) return await readState(dataDir, id)
      return await failed(id, error, attempted)
    } finally {
      void store.pay()
    }
  }

  async function settled({ id }: Feed, outcome: UpdateOutcome, attempted: number): Promise<FeedState> {
    const fine = { attempted, succeeded: attempted, failures: 0, failing_since: 0, failure: undefined }
    switch (outcome.kind) {
      case 'same': {
        const { outcome: before } = await readState(dataDir, id)
        return await note(id, { ...fine, outcome: before === 'held' || before === 'rejected' ? before : 'same' })
      }
      case 'updated': {
        setWaiting(id, false)
        const { added, removed } = outcome.copy.meta
        const indicators = inForce(outcome.copy, now()).length
        const message = `Feed ${id}: ${indicators} indicators, ${added} of them new, ${removed} gone`
        audit({ action: 'feed_updated', outcome: 'success', message })
        const changed = added + removed > 0 ? { changed: attempted } : {}
        const state = await note(id, { ...fine, outcome: 'updated', indicators, ...changed })
        await store.give(id, outcome.copy)
        return state
      }
      case 'held': {
        setWaiting(id, true)
        if (!outcome.again) tellHeld(outcome.update)
        return await note(id, { ...fine, outcome: 'held' })
      }
      case 'rejected':
        setWaiting(id, false)
        return await note(id, { ...fine, outcome: 'rejected' })
    }
  }

  function tellHeld({ feed, id, reasons, added }: HeldUpdate): void {
    const why = reasons.map(({ kind, count, examples }) => `${kind} ${count} (${examples.slice(0, 3).join(', ')})`)
    const message = `Feed ${feed}: update ${id} with ${added} new indicators waits for a person: ${why.join('; ')}`
    audit({ action: 'feed_held', outcome: 'success', message })
    log.warn({ feed, update: id, reasons: why }, 'an update of a feed waits for a person: siaga feeds held')
  }

  /** Acts on what people decided; true if something was. */
  async function decisions({ id: feed }: Feed): Promise<boolean> {
    const all = await listHeld(dataDir, feed)
    const decided = all.find((update) => isOpen(update) && update.decision !== undefined)
    setWaiting(feed, all.some(isOpen))
    if (decided?.decision === undefined) return false
    const { verdict, by, reason, leave_out } = decided.decision
    const message = `Feed ${feed}: update ${decided.id} ${verdict} by ${by}: ${reason}`
    if (verdict === 'rejected') {
      const left = leave_out ? await leaveOut(dataDir, decided, createJudge(hold)) : 0
      await markSettled(dataDir, decided, now())
      const more = leave_out ? `; left out from now on: ${left}` : ''
      audit({ action: 'feed_rejected', outcome: 'success', user: by, message: message + more })
      await note(feed, { outcome: 'rejected' })
    } else {
      const copy = await applyHeld(dataDir, decided, now())
      audit({ action: 'feed_approved', outcome: 'success', user: by, message })
      await note(feed, { outcome: 'updated', indicators: inForce(copy, now()).length, changed: now() })
      await store.give(feed, copy)
    }
    setWaiting(feed, false)
    // The rest of what was rejected may come now.
    if (leave_out) run(feed).catch(tellTrouble)
    return true
  }

  async function poll(): Promise<void> {
    while (!signal.aborted) {
      await sleep(options.pollMs ?? POLL_MS, undefined, { signal, ref: false }).catch(() => undefined)
      for (const id of [...waiting]) {
        const feed = feeds.get(id)
        // A feed that is being fetched has its turn then.
        if (signal.aborted || feed === undefined || fetching.has(id)) continue
        await exclusive(id, () => decisions(feed)).catch((error: unknown) =>
          log.error({ feed: id, error: errorText(error) }, 'a decision about a feed cannot be carried out for now'),
        )
        void store.pay()
      }
    }
  }

  const fetching = new Set<string>()
  async function run(id: string): Promise<FeedState> {
    const feed = feeds.get(id)
    if (feed === undefined) throw new Error(`there is no feed ${id}`)
    return await exclusive(id, async () => {
      fetching.add(id)
      try {
        return await update(feed)
      } finally {
        fetching.delete(id)
      }
    })
  }

  async function begin(): Promise<void> {
    for (const id of feeds.keys()) await removeRemains(dataDir, id)
    store.owe([...(await foldersOfFeeds(dataDir)), ...feeds.keys()])
    await store.pay()
  }

  async function catchUp(): Promise<void> {
    await Promise.all(
      [...feeds.values()].map(async (feed) => {
        const { attempted, succeeded } = await readState(dataDir, feed.id)
        if (succeeded > 0) metrics.feedSuccess.set({ feed: feed.id }, succeeded / 1000)
        setWaiting(feed.id, (await listHeld(dataDir, feed.id)).some(isOpen))
        if (!signal.aborted && now() - attempted > RECENT_MS) await run(feed.id)
      }),
    )
  }

  const restored = begin().catch(tellTrouble)
  const work = restored.then(() => Promise.all([catchUp(), poll()])).catch(tellTrouble)
  const endSchedule = startScheduler(
    [...feeds.values()].map(({ id, when }) => ({
      name: `feed ${id}`,
      when,
      async run() {
        await run(id)
      },
    })),
    log,
  )
  return {
    name: 'Feeds',
    addresses: [...feeds.keys()],
    restored,
    run,
    async stop() {
      stopping.abort()
      await endSchedule()
      await Promise.race([Promise.allSettled([work, ...busy.values()]), sleep(STOP_MS, undefined, { ref: false })])
    },
  }
}
