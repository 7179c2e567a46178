// What was held back since yesterday? Once a day the centre is told how much, and why.

import { NATIONAL } from '../../runtime/reference.ts'
import type { Alerts } from '../../schemas/alerting.ts'
import { zoneOffsetHours } from '../../schemas/place.ts'
import { blankAlert } from './blank.ts'
import type { Holding } from './holding.ts'
import type { Post } from './post.ts'
import type { Router } from './route/router.ts'

export interface SummaryParts {
  readonly settings: Pick<Alerts, 'summary_time' | 'recipients' | 'fallback'>
  readonly holding: Pick<Holding, 'summary'>
  readonly post: Pick<Post, 'make'>
  readonly router: Pick<Router, 'onDuty' | 'roomsOf'>
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** `due`: makes the summary if its time has come since `last` (0: never); answers the time that it was for. One for a standstill of days. */
export function createSummary({ settings, holding, post, router }: SummaryParts): {
  due(last: number, now: number): number | undefined
} {
  const [hours = '7', minutes = '0'] = settings.summary_time.split(':')
  // The centre is in WIB.
  const ofDay = (Number(hours) * 60 + Number(minutes)) * 60_000 - zoneOffsetHours.WIB * HOUR_MS
  return {
    due(last, now) {
      const at = Math.floor((now - ofDay) / DAY_MS) * DAY_MS + ofDay
      // The last one was made by a clock that was ahead.
      if (last > now + DAY_MS) return at
      if (at <= last) return undefined
      // Nothing is known of before the very first.
      if (last === 0) return at
      const hour = Math.floor(at / HOUR_MS) * HOUR_MS
      const summary = holding.summary(Math.floor(last / HOUR_MS) * HOUR_MS, hour)
      if (summary.counts.length === 0) return at
      const told = new Set<string>()
      for (const room of router.roomsOf(NATIONAL)) for (const id of router.onDuty(room, now)) told.add(id)
      if (told.size === 0) for (const id of settings.fallback) told.add(id)
      for (const { id, channel } of settings.recipients) {
        if (!told.has(id)) continue
        const key = `summary-${at}|${id}`
        const page = { key, room: '', level: 'pusat', recipient: id, channel, reason: 'summary', due_at: at } as const
        post.make(blankAlert(at), page, now, { summary })
      }
      return at
    },
  }
}
