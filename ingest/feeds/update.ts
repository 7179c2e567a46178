// What becomes of the draft of a feed? It comes into force, waits for a person, or is put away; the copy in force stays until then.
import { copyFile, rename, rm } from 'node:fs/promises'
import type { Feed } from '../../schemas/feed.ts'
import type { Indicator } from '../../schemas/indicator.ts'
import { type Copy, type CopyMeta, readCopy } from './copy.ts'
import type { DraftOutcome } from './draft.ts'
import { FeedFailure } from './fetch.ts'
import { feedFiles } from './folders.ts'
import {
  type HeldUpdate,
  type HoldReason,
  heldCopy,
  holdUpdate,
  isWaiting,
  listHeld,
  markSettled,
  supersede,
} from './held.ts'
import { type HoldOptions, holdReasons } from './hold.ts'

export type UpdateOutcome =
  | { readonly kind: 'same' }
  | { readonly kind: 'updated'; readonly copy: Copy }
  | { readonly kind: 'held'; readonly update: HeldUpdate; readonly again: boolean }
  | { readonly kind: 'rejected'; readonly update: HeldUpdate }

/** A copy of so many indicators that falls below this share of itself is not believed. */
const SHRUNK_FROM = 20
const SHRUNK_TO = 0.1

/** Judges the draft and puts it where it belongs. Rejects with FeedFailure if it cannot be judged. */
export async function settleDraft(
  feed: Pick<Feed, 'id' | 'hold'>,
  outcome: DraftOutcome,
  dataDir: string,
  options: HoldOptions,
  now: number,
): Promise<UpdateOutcome> {
  if (outcome.kind === 'same') return outcome
  const files = feedFiles(dataDir, feed.id)
  const draft = await readCopy(files.draft)
  if (draft === undefined) throw new FeedFailure('draft', 'the draft is gone')
  const reasons = await reasonsOf(feed, draft, outcome.before, options)
  if (reasons.length === 0) {
    await rename(files.draft, files.good)
    await supersede(dataDir, feed.id, now)
    return { kind: 'updated', copy: draft }
  }
  const same = (await listHeld(dataDir, feed.id)).find((update) => isTheSame(update, draft.meta))
  if (same !== undefined) {
    await rm(files.draft, { force: true })
    if (isWaiting(same)) return { kind: 'held', update: same, again: true }
    // What waits is not what the feed serves now.
    await supersede(dataDir, feed.id, now)
    return { kind: 'rejected', update: same }
  }
  return { kind: 'held', update: await holdUpdate(dataDir, draft.meta, reasons, now), again: false }
}

/** Why a draft must wait; none: it need not. Nearly nothing left waits whatever `hold` says: it is far more often a fault of the feed. */
export async function reasonsOf(
  feed: Pick<Feed, 'hold'>,
  { meta, indicators }: Copy,
  before: number,
  options: HoldOptions,
): Promise<HoldReason[]> {
  const shrunk: HoldReason[] =
    before > 0 && (meta.indicators === 0 || (before >= SHRUNK_FROM && meta.indicators < before * SHRUNK_TO))
      ? [{ kind: 'shrunk', count: meta.removed, examples: [`${meta.indicators} of ${before} are left`] }]
      : []
  if (!feed.hold) return shrunk
  return [...shrunk, ...(await holdReasons(indicators.slice(0, meta.added), options))]
}

/** An update that waits or was rejected, with the same new indicators; of updates without new ones, with as many left. */
function isTheSame(update: HeldUpdate, { fingerprint, added, indicators }: CopyMeta): boolean {
  if (!isWaiting(update) && update.decision?.verdict !== 'rejected') return false
  return update.fingerprint === fingerprint && (added > 0 || update.indicators === indicators)
}

/** Puts an approved update into force. */
export async function applyHeld(dataDir: string, update: HeldUpdate, now: number): Promise<Copy> {
  const files = feedFiles(dataDir, update.feed)
  await copyFile(heldCopy(dataDir, update.feed, update.id), files.draft)
  await rename(files.draft, files.good)
  await markSettled(dataDir, update, now)
  const copy = await readCopy(files.good)
  if (copy === undefined) throw new FeedFailure('draft', 'the update that was held is gone')
  return copy
}

/** Of a copy, what has not expired. */
export function inForce({ indicators }: Pick<Copy, 'indicators'>, now: number): Indicator[] {
  return indicators.filter(({ expires }) => expires > now)
}
