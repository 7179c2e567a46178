// Whom is an alert told to, and when? Rooms from the nearest to the centre, by roster, deadline and quiet hours.
import { NATIONAL, type Reference } from '../../../runtime/reference.ts'
import { mayRead } from '../../../runtime/scope.ts'
import type { Alert, Ask } from '../../../schemas/alert.ts'
import type { Alerts } from '../../../schemas/alerting.ts'
import type { Room } from '../../../schemas/room.ts'
import { unanswered } from '../lifecycle/asks.ts'
import { createDuty, quietEnd } from './duty.ts'
import { deadlineAt, isAllAtOnce, type LadderParts, levelsOf, quietHoursOf, type Rung, turnsOf } from './ladder.ts'
import { onceEach, type Page, pagesTo, redirected } from './page.ts'

export type RouteSettings = Pick<
  Alerts,
  'deadlines' | 'phase_deadlines' | 'repeat_minutes' | 'repeats' | 'quiet_hours' | 'recipients' | 'fallback'
>

export interface RouterParts {
  readonly settings: RouteSettings
  readonly rooms: readonly Room[]
  readonly reference: Pick<Reference, 'regions' | 'phases'>
}

export type RoutedAlert = Pick<Alert, 'region_code' | 'owner' | 'status' | 'asks' | 'seen' | 'acknowledged_at'>

export interface Plan {
  /** All pages that are due at or before `now` for the ask in force, those made before included; in the order in which they are due. */
  readonly pages: readonly Page[]
  /** When the next page is due, as far as is known now. */
  readonly nextAt: number | undefined
  /** Nobody was on duty anywhere when the alert asked, no fallback stood in, and nobody has been told since. To be counted. */
  readonly unrouted: boolean
}

export interface Settled {
  /** To be sent now. */
  readonly send: readonly Page[]
  /** Keys that are done with, sent or overtaken; to be remembered as made while the ask is in force. */
  readonly settled: readonly string[]
}

export interface Router {
  plan(alert: RoutedAlert, now: number, muted?: readonly string[]): Plan
  settle(pages: readonly Page[], made: ReadonlySet<string>, now: number): Settled
  /** Ids of the recipients who are on duty in a room. */
  onDuty(room: Pick<Room, 'region' | 'roster'>, now: number): readonly string[]
  /** Rooms of exactly this region. */
  roomsOf(region: string): readonly Room[]
}

const MINUTE_MS = 60_000

/**
 * Makes the router of a configuration. Everything it answers follows from the alert, the configuration and `now` (milliseconds since 1970
 * UTC).
 *
 * `plan`: pages of the ask in force; none once it is acknowledged, taken up or closed. What holds:
 * - Rooms of the alert's region, then its province's, then the centre's, each when the deadline of the level below has passed (`ladder.ts`).
 *   Critical alerts and those of region `00` tell all levels at once; when their deadline passes the centre is told again.
 * - A room that may not read the alert (`mayRead`) or is muted is passed over as if it was not there.
 * - A level with nobody on duty is passed over without waiting. Its rooms are told when their shift begins, once, if the alert still asks then;
 *   so is a room that nobody is in while another one of its level is staffed. Climbing does not wait for them.
 * - `fallback` stands in for the centre whenever nobody is on duty there at its turn.
 * - The centre is told again every `repeat_minutes`, `repeats` times; where it is empty the fallback, else the highest level that is staffed.
 * - Low and informational alerts wait for the end of the quiet hours of the room's region; their deadlines begin then. Of repetitions that
 *   wait for the same morning one is left.
 * - An ask that became more severe before anybody answered tells those at once who know already, and nobody later than without it.
 * - A recipient who is on duty in several rooms gets one message at one time.
 *
 * `settle`: what of a plan is still to be sent, given the keys that are made. After a standstill a room gets the newest of the pages that it
 * missed and not each of them, all levels whose deadline passed meanwhile at the same time; and it is the people on duty now who get it,
 * or those of the time when it was due if nobody is there now.
 */
export function createRouter({ settings, rooms, reference }: RouterParts): Router {
  const recipients = new Map(settings.recipients.map((recipient) => [recipient.id, recipient]))
  const duty = createDuty(reference, new Set(recipients.keys()))
  const parts: LadderParts = { settings, reference, duty }
  const byRegion = Map.groupBy(rooms, ({ region }) => region)
  const byId = new Map(rooms.map((room) => [room.id, room]))
  const roomsOf = (region: string): readonly Room[] => byRegion.get(region) ?? []

  const rungsOf = (alert: RoutedAlert, muted: readonly string[]): Rung[] =>
    levelsOf(alert.region_code).map(({ level, region }) => ({
      level,
      region,
      rooms: roomsOf(region).filter((room) => mayRead(room, alert) && !muted.includes(room.id)),
    }))

  /** Who is to be told up to `now` and next while nobody answers, in order, and whether somebody was there from the first. */
  const schedule = (alert: RoutedAlert, chain: readonly Ask[], ask: Ask, muted: readonly string[], now: number) => {
    const name = `ask-${ask.at}`
    const quiet = quietHoursOf(ask.severity, settings)
    const rungs = rungsOf(alert, muted)
    const ladders = chain.map((one) => turnsOf(parts, rungs, one, alert))
    const pages: Page[] = []
    let prompt = false
    let centreTold = ask.at
    rungs.forEach(({ level, region, rooms: those }, index) => {
      const turn = Math.max(ask.at, Math.min(...ladders.map((ladder) => ladder[index]?.at ?? ask.at)))
      const told = quietEnd(turn, quiet, duty.zoneOf(region))
      const step = `${name}|${level}`
      const onTime = turn === ask.at ? ask.reason : 'escalated'
      let staffed = false
      for (const room of those) {
        const at = duty.available(room, turn, quiet)
        if (at === undefined) continue
        staffed ||= at === told
        const reason = at === told ? onTime : ask.reason
        pages.push(...pagesTo({ step, room: room.id, level, reason, due_at: at }, duty.onDuty(room, at), recipients))
      }
      if (level === 'pusat') {
        centreTold = told
        if (!staffed) {
          const standIns = pagesTo(
            { step, room: '', level, reason: onTime, due_at: told },
            settings.fallback,
            recipients,
          )
          staffed = standIns.length > 0
          pages.push(...standIns)
        }
      }
      prompt ||= staffed
    })
    pages.push(...repetitions(alert, ask, rungs, centreTold, now))
    // Sorting is stable: of those that are due at one time the lower level stands first.
    return { pages: onceEach(pages.sort((a, b) => a.due_at - b.due_at)), prompt }
  }

  /** Those up to `now`, and the next one. */
  const repetitions = (alert: RoutedAlert, ask: Ask, rungs: readonly Rung[], from: number, now: number): Page[] => {
    const every = settings.repeat_minutes * MINUTE_MS
    if (every === 0) return []
    const quiet = quietHoursOf(ask.severity, settings)
    const deadline = deadlineAt(parts, alert.region_code, ask.severity, from)
    const first = from + (isAllAtOnce(ask, alert) ? Math.min(deadline, every) : every)
    const pages: Page[] = []
    for (let n = 0; n < settings.repeats; n += 1) {
      const at = quietEnd(first + n * every, quiet, duty.zoneOf(NATIONAL))
      if ((pages.at(-1)?.due_at ?? 0) > now) break
      pages.push(...highest(rungs, at, quiet, `ask-${ask.at}|repeat-${n + 1}`))
    }
    return pages
  }

  /** The highest level that is there at a moment: the centre, its stand-ins, the province, the kabupaten or kota. */
  const highest = (rungs: readonly Rung[], at: number, quiet: string, step: string): Page[] => {
    for (const { level, region, rooms: those } of rungs.toReversed()) {
      if (quietEnd(at, quiet, duty.zoneOf(region)) > at) continue
      const page = { step, level, reason: 'escalated', due_at: at } as const
      const pages = those.flatMap((room) => pagesTo({ ...page, room: room.id }, duty.onDuty(room, at), recipients))
      if (pages.length > 0) return pages
      const standIns = level === 'pusat' ? pagesTo({ ...page, room: '' }, settings.fallback, recipients) : []
      if (standIns.length > 0) return standIns
    }
    return []
  }

  return {
    onDuty: duty.onDuty,
    roomsOf,
    plan(alert, now, muted = []) {
      const chain = unanswered(alert)
      const ask = chain.at(-1)
      if (ask === undefined) return { pages: [], nextAt: undefined, unrouted: false }
      const { pages, prompt } = schedule(alert, chain, ask, muted, now)
      const due = pages.filter(({ due_at }) => due_at <= now)
      return {
        pages: due,
        nextAt: pages[due.length]?.due_at,
        unrouted: ask.at <= now && !prompt && due.length === 0,
      }
    },
    settle(pages, made, now) {
      const missing = pages.filter(({ key }) => !made.has(key))
      const send = [...Map.groupBy(missing, ({ room }) => room).values()].flatMap((ofRoom) => {
        const last = ofRoom.at(-1)
        if (last === undefined) return []
        const newest = ofRoom.filter(({ due_at }) => due_at === last.due_at)
        const room = byId.get(last.room)
        const there = room === undefined ? [] : duty.onDuty(room, now)
        if (there.length === 0) return newest
        return there.flatMap((id) => {
          const recipient = recipients.get(id)
          return recipient === undefined ? [] : redirected(last, recipient)
        })
      })
      // One message to a recipient, of whichever room.
      const told = new Set<string>()
      const once = send.filter(({ key, recipient }) => {
        if (made.has(key) || told.has(recipient)) return false
        told.add(recipient)
        return true
      })
      return { send: once, settled: [...new Set([...missing, ...once].map(({ key }) => key))] }
    },
  }
}
