// How do findings, requests and the clock become alerts, messages and rows? The one fold of it all: pure, so that simulations and tests run what runs.
import { ZodError } from 'zod'
import type { NoticeTokens } from '../../runtime/notice-token.ts'
import { phaseAt, type Reference } from '../../runtime/reference.ts'
import { type Alert, type AlertRequest, type Attempt, closedStatuses, type Notification } from '../../schemas/alert.ts'
import type { Asset } from '../../schemas/config.ts'
import type { Finding } from '../../schemas/detection.ts'
import { createAlertBook, isBehind } from './book.ts'
import { createCampaigns } from './campaigns.ts'
import type { SharedThings } from './cases/keys.ts'
import { createGrouper } from './group/group.ts'
import { createHolding, type HoldingConfig } from './holding.ts'
import { type Changes, createLedger } from './ledger.ts'
import { isSetBack } from './lifecycle/set-back.ts'
import { createNotices } from './notices/notices.ts'
import { createPeople } from './people.ts'
import { isOwnNetwork } from './policy/shipped.ts'
import { mutedByBoth } from './policy/suppressions.ts'
import { createPost, type Delivery } from './post.ts'
import { type ProgressRecord, StateRecord } from './records.ts'
import { createRouter } from './route/router.ts'
import { createSummary } from './summary.ts'
import { createTelling } from './telling.ts'

export interface EngineParts {
  readonly config: HoldingConfig
  readonly assets: readonly Asset[]
  readonly reference: Pick<Reference, 'regions' | 'phases'>
  /** What strangers to each other have in common too. */
  readonly shared: SharedThings
  /** Links of notices; without them none can be sent. */
  readonly tokens?: Pick<NoticeTokens, 'hash'> | undefined
}

export interface Engine {
  /** Everything that was kept, before the first step. Milliseconds since 1970 UTC. */
  restore(records: ReadonlyMap<string, unknown>, now: number): void
  /** Findings in the order of their topic; `next` is the offset behind the last. */
  findings(findings: readonly Finding[], next: number, now: number): void
  requests(requests: readonly AlertRequest[], next: number, now: number): void
  attempted(attempt: Attempt, delivery: Delivery): void
  /** Deadlines, quiet hours, summaries, what may be forgotten. */
  tick(now: number): void
  /** A topic was made anew: its offsets begin again. */
  restarted(topic: 'findings' | 'requests'): void
  /** What has changed since the last call. */
  take(): Changes
  /** Offsets behind what has been taken; -1 before the very first. */
  readonly progress: { readonly findings: number; readonly requests: number }
  /** When something is due next, as far as is known. */
  nextAt(): number | undefined
  /** Messages that are not delivered yet. */
  pending(): Notification[]
  alerts(): Iterable<Alert>
  /** Open alerts that nobody could be told of. */
  unrouted(): number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** How long closed alerts stay in memory after their window; in ClickHouse they stay. */
const KEEP_MS = 7 * DAY_MS
const ANSWERS_MS = HOUR_MS
const REFRESH_MS = 60_000
/** Twice is enough; cases that never come to rest must not keep everything else from being told. */
const MOST_LOOKS = 10

/** An engine without memory; `restore` gives it some. */
export function createEngine({ config, assets, reference, shared, tokens }: EngineParts): Engine {
  const { alerts: settings, rooms } = config
  const ledger = createLedger()
  const windowMs = settings.window_hours * HOUR_MS
  const grouper = createGrouper({
    windowMs,
    stormMatters: settings.storm.matters,
    stormRegionMatters: settings.storm.region_matters,
  })
  const book = createAlertBook(ledger, (region, ms) => {
    const hit = phaseAt(reference, region, ms)
    return { election: hit?.election ?? '', phase: hit?.phase ?? '' }
  })
  function* alertsOf(): Generator<Alert> {
    for (const { alert } of book.all()) yield alert
  }
  const holding = createHolding({
    config,
    assets,
    reference,
    ledger,
    isOwnNetwork: (finding) => isOwnNetwork(finding, alertsOf),
  })
  const router = createRouter({ settings, rooms, reference })
  const post = createPost(ledger, settings.recipients)
  const telling = createTelling({ settings, book, post, router })
  const campaigns = createCampaigns({ settings, assets, rooms, shared, ledger, book, post, router })
  const notices = createNotices({ settings, assets, rooms, reference, ledger, book, post, router, tokens })
  const { followersOf } = telling
  const people = createPeople({ ledger, book, holding, notices, rooms, pin: grouper.pin, followersOf })
  const summary = createSummary({ settings, holding, post, router })
  let progress: ProgressRecord = { kind: 'progress', findings: -1, requests: -1, summary: 0 }
  let tickedAt = 0
  let refreshedAt = 0
  let prunedAt = 0

  const advance = (changed: Partial<ProgressRecord>): void => {
    progress = { ...progress, ...changed }
    ledger.keep(progress)
  }
  const restoreGroup = (key: string, value: unknown): void => {
    try {
      grouper.restore(key, value)
    } catch (error) {
      // Left alone as well: one bad record must not keep all alerts from being held.
      if (!(error instanceof ZodError)) throw error
    }
  }
  /** Alerts as their findings now make them. */
  const regroup = (muted: ReadonlyMap<string, readonly string[]>, now: number): void => {
    const { contents, gone, records } = grouper.take()
    for (const { key, value } of records)
      if (value === null) ledger.forget('group', key)
      else ledger.keep({ kind: 'group', value }, key)
    for (const content of contents) book.content(content, muted.get(content.dedup_key) ?? [], now)
    for (const { alert_id, into } of gone) book.absorbed(alert_id, into, now)
  }
  const settle = (now: number): void => {
    const all = new Set<string>()
    let ids = book.changed()
    // Who is put into a case changes by it, and what was not to be written yet then is.
    for (let n = 0; ids.length > 0 && n < MOST_LOOKS; n += 1, ids = book.changed()) {
      for (const id of ids) all.add(id)
      // A case is written with its alerts, not oftener: it takes more than they do, and whoever is to be warned.
      campaigns.look(
        ids.filter((id) => !book.waits(id)),
        now,
      )
    }
    notices.look(all, now)
    telling.look(new Set([...all, ...ids]), now)
  }
  /** What the grouping knew and was not written of its alert yet. */
  const catchUp = (now: number): void => {
    for (const content of grouper.contents()) {
      const known = book.get(content.alert_id)
      if (known !== undefined && isBehind(known, content)) book.content(content, known.muted, now)
    }
    settle(now)
  }
  const prune = (now: number): void => {
    const before = now - windowMs - KEEP_MS
    const old: string[] = []
    for (const { alert } of book.all())
      if (closedStatuses.has(alert.status) && alert.changed_at < before) old.push(alert.alert_id)
    for (const { key } of grouper.forget(old)) ledger.forget('group', key)
    for (const id of old) {
      book.forget(id)
      telling.forget(id)
    }
    campaigns.forget(before)
    people.prune(now - ANSWERS_MS)
    post.prune(before)
    holding.prune(before)
  }

  return {
    restore(records, now) {
      for (const [key, value] of records) {
        // A record of a version that is not ours is left alone.
        const { data: record } = StateRecord.safeParse(value)
        switch (record?.kind) {
          case 'progress':
            progress = record
            break
          case 'group':
            restoreGroup(key.slice('group/'.length), record.value)
            break
          case 'alert':
            book.restore(record)
            telling.restore(record.alert)
            break
          case 'notification':
            post.restore(record.notification)
            break
          case 'case':
            campaigns.restore(record.case)
            break
          case 'notice':
            notices.restore(record.notice)
            break
          case 'answer':
            people.restore(record.answer)
            break
          case 'suppression':
          case 'held':
          case 'policy':
            holding.restore(record)
            break
        }
      }
      campaigns.restored()
      book.setBack(now)
      catchUp(now)
      holding.refresh(now)
      // A holder that begins anew every few minutes forgets too: at its first tick.
      refreshedAt = now
    },
    findings(findings, next, now) {
      const muted = new Map<string, readonly string[]>()
      for (const finding of findings) {
        const rooms = holding.judge(finding, now)
        if (rooms === undefined) continue
        const before = muted.get(finding.dedup_key)
        muted.set(finding.dedup_key, before === undefined ? rooms : mutedByBoth(before, rooms))
        grouper.add(finding)
      }
      notices.findings(findings, now)
      advance({ findings: next })
      regroup(muted, now)
      settle(now)
    },
    requests(requests, next, now) {
      for (const request of requests) people.request(request, now)
      advance({ requests: next })
      // That people have touched an alert is kept with what they did: a storm must not swallow it after a restart either.
      regroup(new Map(), now)
      settle(now)
    },
    attempted: post.attempted,
    tick(now) {
      if (isSetBack(tickedAt, now)) book.setBack(now)
      tickedAt = now
      if (Math.abs(now - refreshedAt) >= REFRESH_MS) {
        refreshedAt = now
        holding.refresh(now)
      }
      telling.due(now)
      notices.due(now)
      book.due(now)
      settle(now)
      const made = summary.due(progress.summary, now)
      if (made !== undefined) advance({ summary: made })
      if (Math.abs(now - prunedAt) >= HOUR_MS) {
        prunedAt = now
        prune(now)
      }
    },
    restarted: (topic) => advance({ [topic]: 0 }),
    take() {
      book.settle()
      holding.settle()
      return ledger.take()
    },
    get progress() {
      return progress
    },
    nextAt() {
      const [a, b] = [telling.nextAt(), notices.nextAt()]
      return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
    },
    pending: post.pending,
    alerts: alertsOf,
    unrouted: telling.unrouted,
  }
}
