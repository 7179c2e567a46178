// When does a source usually speak? Its rhythm by weekday and hour of its region, learnt from the minutes of the last weeks.

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
const SLOTS = 168
const SUNDAY = 0

/** Minutes of a source. Index 0 is the minute at `from`, which begins an hour (milliseconds since 1970 UTC). */
export interface History {
  readonly from: number
  /** 1: at least one event in this minute. */
  readonly active: Uint8Array
  /** Events of each hour. */
  readonly events: Float64Array
}

/** The local calendar of a source. */
export interface LocalCalendar {
  /** Milliseconds east of UTC. */
  readonly offsetMs: number
  /** Local days since 1970 that are as quiet as Sundays; see `dayNumber`. */
  readonly holidays: ReadonlySet<number>
}

/** Days from 1970 to a date as `2024-11-27`. */
export function dayNumber(date: string): number {
  return Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS)
}

/** What an hour of the week is like. `entry` and `wake` are negative logarithms of chances. */
export interface Slot {
  /** The chance that a minute behind an event has none. 0: silence says nothing here. */
  readonly entry: number
  /** The chance that silence goes on for another minute. */
  readonly wake: number
  /** Events a minute. */
  readonly rate: number
  /** Share of minutes with events. */
  readonly share: number
  /** Never a minute without events, and one a second or more: it is told after the least silence. */
  readonly steady: boolean
  /** False: no such hour was observed; the least of all others stands here. */
  readonly seen: boolean
}

export interface Rhythm {
  readonly calendar: LocalCalendar
  /** By weekday (Sunday 0) and hour, 168 of them. */
  readonly slots: readonly Slot[]
  /** Silence of so many units (sums of `entry` and `wake`) is beyond what is usual. */
  readonly threshold: number
  /** Observed hours since the source first spoke. */
  readonly hours: number
  /** Minutes with events. */
  readonly activeMinutes: number
  /** The longest silence that came more than once (in two weeks or more of history), else 0; and the longest of all. Milliseconds. */
  readonly recurringGapMs: number
  readonly longestGapMs: number
}

/** The hour of the week, by the local clock: Sunday 0:00 is 0. Holidays are Sundays. */
export function slotAt(ms: number, { offsetMs, holidays }: LocalCalendar): number {
  const local = ms + offsetMs
  const day = Math.floor(local / DAY_MS)
  const hour = Math.floor((local - day * DAY_MS) / HOUR_MS)
  const weekday = holidays.has(day) ? SUNDAY : (day + 4) % 7
  return weekday * 24 + hour
}

/** Sums of an hour, or of all hours of one slot. */
interface Tally {
  minutes: number
  active: number
  /** Minutes whose minute before was quiet, and those of them with events. */
  waits: number
  wakes: number
  events: number
}

const nothing = (): Tally => ({ minutes: 0, active: 0, waits: 0, wakes: 0, events: 0 })

/** Hours of the same kind of day know of each other while one of them is little known. */
function classOf(slot: number): number {
  const weekday = Math.floor(slot / 24)
  const kind = weekday === SUNDAY ? 0 : weekday === 6 ? 1 : 2
  return kind * 24 + (slot % 24)
}

/**
 * Learns a rhythm. `observed` has 1 for each minute in which Siaga itself worked and was not behind, on the same time line as the history; other
 * minutes say nothing. A single odd day of a slot (an outage, a holiday nobody entered) is left out where the others agree.
 */
export function learn(history: History, observed: Uint8Array, calendar: LocalCalendar): Rhythm {
  const { from, active, events } = history
  const first = active.indexOf(1)
  const begin = first < 0 ? active.length : first - (first % 60)
  const hours = new Map<number, { slot: number; tally: Tally }>()
  let observedMinutes = 0
  let activeMinutes = 0
  let pauses = 0
  for (let hour = begin / 60; hour * 60 < active.length; hour += 1) {
    const tally = nothing()
    for (let i = hour * 60; i < Math.min(active.length, hour * 60 + 60); i += 1) {
      if (observed[i] !== 1) continue
      const speaks = active[i] === 1
      tally.minutes += 1
      if (speaks) tally.active += 1
      else if (i === begin || observed[i - 1] !== 1 || active[i - 1] === 1) pauses += 1
      if (i > begin && observed[i - 1] === 1 && active[i - 1] === 0) {
        tally.waits += 1
        if (speaks) tally.wakes += 1
      }
    }
    if (tally.minutes === 0) continue
    tally.events = events[hour] ?? 0
    observedMinutes += tally.minutes
    activeMinutes += tally.active
    hours.set(hour, { slot: slotAt(from + hour * HOUR_MS, calendar), tally })
  }
  const weeks = observedMinutes / (7 * 1440)
  const slots = slotsOf([...hours.values()], pauses <= outagesIn(weeks))
  const gaps = gapsOf(active, observed, begin, (i) => slots[slotAt(from + i * MINUTE_MS, calendar)])
  const lengths = gaps.map(({ minutes }) => minutes).sort((a, b) => b - a)
  return {
    calendar,
    slots,
    threshold: thresholdOf(
      gaps.map(({ units }) => units),
      weeks,
    ),
    hours: observedMinutes / 60,
    activeMinutes,
    recurringGapMs: weeks >= 2 ? (lengths[1] ?? 0) * MINUTE_MS : 0,
    longestGapMs: (lengths[0] ?? 0) * MINUTE_MS,
  }
}

/** A source that is never quiet fell silent so often, and was away: one outage must not teach that outages are usual. */
function outagesIn(weeks: number): number {
  return Math.floor(weeks / 2)
}

function slotsOf(hours: readonly { slot: number; tally: Tally }[], neverQuiet: boolean): Slot[] {
  const own = Array.from({ length: SLOTS }, nothing)
  const classes = Array.from({ length: 72 }, nothing)
  for (const [slot, occurrences] of Map.groupBy(hours, (hour) => hour.slot))
    for (const tally of withoutOdd(
      occurrences.map((hour) => hour.tally),
      neverQuiet,
    ))
      for (const sum of [own[slot], classes[classOf(slot)]]) if (sum !== undefined) add(sum, tally)
  const shares = own.map(({ active, minutes }) => (minutes === 0 ? 0 : active / minutes))
  const slots = own.map((tally, slot) => {
    const alike = nothing()
    const share = shares[slot] ?? 0
    const others = share > 0 ? own.filter((_, n) => (shares[n] ?? 0) >= share / 2) : []
    for (const other of others) add(alike, other)
    const pauses = others.filter(({ waits }) => waits > 0).length >= others.length / 2
    return slotOf(tally, classes[classOf(slot)] ?? nothing(), pauses ? alike : nothing())
  })
  const seen = slots.filter((slot) => slot !== undefined)
  // Where nothing is known, silence says as much as in the quietest hour that is known.
  const least = (of: (slot: Slot) => number): number => seen.reduce((min, slot) => Math.min(min, of(slot)), Infinity)
  const unknown: Slot = {
    entry: seen.length === 0 ? 0 : least(({ entry }) => entry),
    wake: seen.length === 0 ? 0 : least(({ wake }) => wake),
    rate: seen.length === 0 ? 0 : least(({ rate }) => rate),
    share: seen.length === 0 ? 0 : least(({ share }) => share),
    steady: seen.length > 0 && seen.every(({ steady }) => steady),
    seen: false,
  }
  return slots.map((slot) => slot ?? unknown)
}

function add(sum: Tally, { minutes, active, waits, wakes, events }: Tally): void {
  sum.minutes += minutes
  sum.active += active
  sum.waits += waits
  sum.wakes += wakes
  sum.events += events
}

/**
 * Of three or more hours the quietest is left out if it is far from the others: what happened once is no rhythm. Of a source that is never quiet any quiet
 * minute is far from the others.
 */
function withoutOdd(tallies: readonly Tally[], neverQuiet: boolean): readonly Tally[] {
  if (tallies.length < 3) return tallies
  const quiet = ({ minutes, active }: Tally): number => minutes - active
  const sorted = [...tallies].sort((a, b) => quiet(b) - quiet(a))
  const [worst, next] = sorted
  if (worst === undefined || next === undefined) return tallies
  return quiet(worst) > 2 * quiet(next) + (neverQuiet ? 0 : 5) ? sorted.slice(1) : tallies
}

/** Minutes of its own from which an hour needs no word of its class any more; fewer are helped by so many of the class. */
const OWN_MINUTES = 180
const HELP_MINUTES = 60
const HELP_WAITS = 20
const STEADY_MINUTES = 60
/** Events a minute. */
const STEADY_RATE = 60

/** `kind`: the same hour of all days of its kind; `alike`: all hours in which it speaks about as much, if most of them know pauses. */
function slotOf(own: Tally, kind: Tally, alike: Tally): Slot | undefined {
  if (kind.minutes === 0) return undefined
  const help = own.minutes >= OWN_MINUTES ? 0 : own.minutes >= 120 ? 10 : HELP_MINUTES
  const weight = help / kind.minutes
  const minutes = own.minutes + help
  const active = own.active + kind.active * weight
  const rate = (own.events + kind.events * weight) / minutes
  if (active === 0) return { entry: 0, wake: 0, rate: 0, share: 0, steady: false, seen: true }
  const known = own.minutes + Math.min(help, kind.minutes)
  // Never certain: an hour that was always busy could have a quiet minute the next time.
  const share = Math.min(active / minutes, 1 - 0.5 / (known + 1))
  const entry = Math.min(-Math.log(1 - share), rate)
  // Few pauses of its own say little about how long one lasts.
  let { waits, wakes } = own
  if (own.waits < 60) {
    for (const { waits: known, wakes: woken } of [kind, alike]) {
      const part = known > 0 ? Math.min(1, HELP_WAITS / known) : 0
      waits += known * part
      wakes += woken * part
    }
  }
  const steady = waits < 1 && minutes - active < 0.01 && known >= STEADY_MINUTES && rate >= STEADY_RATE
  if (waits < 1) return { entry, wake: entry, rate, share, steady, seen: true }
  // Quiet to the end of the hour whenever it was quiet: so it closes.
  const closed = wakes === 0 && waits >= 60
  const wake = closed ? 0 : Math.min(-Math.log((waits - wakes + 0.5) / (waits + 1)), rate)
  return { entry, wake, rate, share, steady, seen: true }
}

interface Gap {
  readonly minutes: number
  readonly units: number
}

/** Every stretch of whole quiet minutes between two with events that was observed from end to end. */
function gapsOf(
  active: Uint8Array,
  observed: Uint8Array,
  begin: number,
  slotOfMinute: (i: number) => Slot | undefined,
): Gap[] {
  const gaps: Gap[] = []
  let last = -1
  for (let i = begin; i < active.length; i += 1) {
    if (observed[i] !== 1) last = -1
    else if (active[i] === 1) {
      if (last >= 0 && i - last > 1) {
        let units = 0
        for (let n = last + 1; n < i; n += 1) {
          const slot = slotOfMinute(n)
          units += (n === last + 1 ? slot?.entry : slot?.wake) ?? 0
        }
        gaps.push({ minutes: i - last - 1, units })
      }
      last = i
    }
  }
  return gaps
}

/** A usual silence goes beyond the threshold with at most this chance, and at most once in a hundred learning periods. */
const CHANCE = 1e-4
const PER_PERIOD = 0.01
const ENOUGH_GAPS = 30

/**
 * Where does the tail of the silences end? If the rates told everything, units would be exponential with mean 1. Where sources are more bursty than that,
 * the tail is fitted: beyond the nine in ten shortest ones, exponential with the mean excess that was seen (peaks over threshold). As many of the longest as
 * there are pairs of weeks are left out, and no excess counts for more than ten usual ones.
 */
function thresholdOf(units: readonly number[], weeks: number): number {
  const chance = Math.min(CHANCE, PER_PERIOD / Math.max(1, units.length))
  const base = -Math.log(chance)
  const sorted = [...units].sort((a, b) => a - b)
  const kept = sorted.slice(0, Math.max(0, sorted.length - outagesIn(weeks)))
  if (kept.length < ENOUGH_GAPS) return Math.max(base, 1.5 * (kept.at(-1) ?? 0))
  const cut = Math.floor(kept.length * 0.9)
  const edge = kept[cut] ?? 0
  const excess = kept.slice(cut + 1).map((value) => value - edge)
  if (excess.length === 0) return Math.max(base, edge)
  const middle = excess[Math.floor(excess.length / 2)] ?? 0
  const mean = excess.reduce((sum, value) => sum + Math.min(value, 10 * Math.max(middle, 0.1)), 0) / excess.length
  return Math.max(base, edge + mean * (base - Math.log(10)))
}
