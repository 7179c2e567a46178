// Is a source silent? How long its silence may last by its rhythm, hour by hour from its last event on, and until when it is nobody's business.
import { DAY_MS, HOUR_MS, MINUTE_MS, type Rhythm, type Slot, slotAt } from './rhythm.ts'

export interface SilenceSettings {
  /** Least silence that is told, milliseconds. */
  readonly floorMs: number
  /** Silence that is told whatever the hour, unless longer ones are usual, milliseconds. */
  readonly maxMs: number
}

/** Since a source first spoke: with less than this it is new, and judged with care. */
const NEW_HOURS = 24
const NEW_MINUTES = 30
/** After hours in which it says nothing, a source has this long to begin. */
const BEGIN_MS = 30 * MINUTE_MS
/** Nothing is looked for further ahead. */
const HORIZON_MS = 35 * DAY_MS
/** A source that has said nothing for so long, in an hour where it seldom speaks, is quiet. */
const QUIET_MS = 30 * MINUTE_MS

export type Why = 'rhythm' | 'longest' | 'new'

export interface Limit {
  /** From this moment on the silence is told, milliseconds since 1970 UTC. */
  readonly at: number
  /** `rhythm`: it should have spoken; `longest`: longer than ever; `new`: long for a source that is hardly known. */
  readonly why: Why
}

/** Less than one chance in an hour that it speaks. */
function calm({ wake, entry }: Slot): boolean {
  return Math.max(wake, 0) * 60 < 1 && entry * 60 < 60
}

/**
 * When a silence that began at `from` would have to be told. `from` is the last event, or a later moment before which nothing could have come. A busy
 * source is told after `floorMs`, one that trickles when its silence is less likely than one in ten thousand, one that is quiet at this hour not before
 * its next hour; `maxMs` holds for those that have never been silent longer more than once.
 */
export function limitOf(rhythm: Rhythm, from: number, { floorMs, maxMs }: SilenceSettings): Limit {
  const longest = longestAt(rhythm, from, maxMs)
  if (rhythm.hours < NEW_HOURS) {
    const at = from + Math.max(HOUR_MS, 4 * rhythm.longestGapMs)
    return rhythm.activeMinutes >= NEW_MINUTES && at < longest
      ? { at: Math.max(at, from + floorMs), why: 'new' }
      : { at: longest, why: 'longest' }
  }
  if (slotOf(rhythm, from).steady && slotOf(rhythm, from + floorMs).steady && floorMs < HOUR_MS) {
    return from + floorMs < longest ? { at: from + floorMs, why: 'rhythm' } : { at: longest, why: 'longest' }
  }
  let units = 0
  /** Time in hours in which it speaks, since the last one in which it does not; counted from the beginning if there was none. */
  let awake = 0
  let slept = false
  const first = slotOf(rhythm, from).entry
  for (let at = from; at < longest; ) {
    const slot = slotOf(rhythm, at)
    const until = Math.min(longest, at < from + MINUTE_MS ? Math.min(nextHour(at), from + MINUTE_MS) : nextHour(at))
    const perMs = (at < from + MINUTE_MS ? first : slot.wake) / MINUTE_MS
    if (calm(slot)) {
      slept = true
      awake = 0
      units += perMs * (until - at)
      at = until
      continue
    }
    const missing = Math.max(0, rhythm.threshold - units)
    const enough = perMs > 0 ? at + missing / perMs : missing === 0 ? at : Number.POSITIVE_INFINITY
    const begun = slept ? at + Math.max(0, BEGIN_MS - awake) : at
    const told = Math.ceil(Math.max(enough, begun, from + floorMs))
    if (told <= until) return told < longest ? { at: told, why: 'rhythm' } : { at: longest, why: 'longest' }
    units += perMs * (until - at)
    awake += until - at
    at = until
  }
  return { at: longest, why: 'longest' }
}

/** When `maxMs` of hours of a kind that has been seen before are over, or a quarter more than the longest silence that came more than once. */
function longestAt(rhythm: Rhythm, from: number, maxMs: number): number {
  const most = Math.max(maxMs, 1.25 * rhythm.recurringGapMs)
  if (rhythm.hours < NEW_HOURS) return from + most
  let counted = 0
  for (let at = from; at < from + 7 * DAY_MS + most && at < from + HORIZON_MS; ) {
    const until = nextHour(at)
    if (slotOf(rhythm, at).seen) {
      if (counted + until - at >= most) return at + most - counted
      counted += until - at
    }
    at = until
  }
  return from + 7 * DAY_MS + most
}

/** When the source is next in an hour in which it usually speaks; undefined if there is none in a week. */
export function expectedAt(rhythm: Rhythm, from: number): number | undefined {
  if (rhythm.hours < NEW_HOURS) return undefined
  for (let at = from, n = 0; n <= 7 * 24; n += 1, at = nextHour(at)) if (!calm(slotOf(rhythm, at))) return at
  return undefined
}

/** True if it is usual that nothing comes at this hour, and nothing has come for half an hour. */
export function isQuiet(rhythm: Rhythm, lastEvent: number, at: number): boolean {
  return rhythm.hours >= NEW_HOURS && at - lastEvent > QUIET_MS && calm(slotOf(rhythm, at))
}

/** What is usual in the hour of this moment. */
export function usualAt(rhythm: Rhythm, at: number): Pick<Slot, 'rate' | 'share'> {
  return slotOf(rhythm, at)
}

/** A source that says something in nearly every minute of this hour. */
export function isBusy(rhythm: Rhythm, at: number): boolean {
  const { rate, share } = slotOf(rhythm, at)
  return share >= 0.9 && rate >= 6
}

const none: Slot = { entry: 0, wake: 0, rate: 0, share: 0, steady: false, seen: false }

function slotOf({ slots, calendar }: Rhythm, at: number): Slot {
  return slots[slotAt(at, calendar)] ?? none
}

/** Zones are whole hours east of UTC, so an hour begins everywhere at once. */
function nextHour(at: number): number {
  return (Math.floor(at / HOUR_MS) + 1) * HOUR_MS
}
