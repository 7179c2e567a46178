// How would an alert travel? A configuration, a calendar with every phase, and an engine that does nothing but look at the clock.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadReference, type Reference } from '../../../../runtime/reference.ts'
import { Alerts } from '../../../../schemas/alerting.ts'
import { type TimeZone, zoneOffsetHours } from '../../../../schemas/place.ts'
import { Room } from '../../../../schemas/room.ts'
import type { RoutedAlert, Router } from '../../../../sinks/alerts/route/router.ts'

/** Every phase for a week from a Monday on; the week from 2030-02-18 on is outside of every phase. */
const calendar = `
election: uji-2030
name: Made for tests
regions: all
phases:
  - {phase: persiapan,    from: 2030-01-07, to: 2030-01-13}
  - {phase: kampanye,     from: 2030-01-14, to: 2030-01-20}
  - {phase: masa_tenang,  from: 2030-01-21, to: 2030-01-27}
  - {phase: pemungutan,   from: 2030-01-28, to: 2030-02-03}
  - {phase: rekapitulasi, from: 2030-02-04, to: 2030-02-10}
  - {phase: sengketa,     from: 2030-02-11, to: 2030-02-17}
`

export function testReference(): Reference {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-route-'))
  try {
    writeFileSync(join(folder, 'uji.yaml'), calendar)
    return loadReference({ calendars: ['uji.yaml'] }, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Milliseconds of a local time such as `2030-02-27 10:00`. */
export function at(text: string, zone: TimeZone): number {
  return Date.parse(`${text.replace(' ', 'T')}:00Z`) - zoneOffsetHours[zone] * 3_600_000
}

/** `2030-02-27 10:00` of a zone. */
export function clock(ms: number, zone: TimeZone): string {
  return new Date(ms + zoneOffsetHours[zone] * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')
}

/** The shipped settings with these recipients, all on one channel. */
export function settingsOf(recipients: readonly string[], changed: Record<string, unknown> = {}): Alerts {
  return Alerts.parse({
    channels: [{ id: 'surat', kind: 'file', path: 'surat.ndjson' }],
    recipients: recipients.map((id) => ({ id, channel: 'surat' })),
    ...changed,
  })
}

export function roomOf(
  id: string,
  region: string,
  roster: unknown = [{ recipients: [`${id}-piket`] }],
  more = {},
): Room {
  return Room.parse({ id, region, roster, ...more })
}

export interface Told {
  readonly at: number
  readonly room: string
  readonly recipient: string
  readonly reason: string
}

export interface Run {
  readonly alert: RoutedAlert
  readonly from: number
  readonly until: number
  readonly muted?: readonly string[]
  /** What happens to the alert, in order of time. */
  readonly changes?: readonly { readonly at: number; readonly alert: RoutedAlert }[]
  /** The engine stands still from … to. */
  readonly down?: { readonly from: number; readonly to: number }
}

/** Who is told, by an engine that wakes when a page is due and when something happens. */
export function told(router: Router, { alert, from, until, muted = [], changes = [], down }: Run): Told[] {
  const made = new Set<string>()
  const all: Told[] = []
  let now = from
  for (let guard = 0; guard < 500; guard += 1) {
    if (down !== undefined && now > down.from && now < down.to) now = down.to
    const current = changes.findLast((change) => change.at <= now)?.alert ?? alert
    const { pages, nextAt } = router.plan(current, now, muted)
    const { send, settled } = router.settle(pages, made, now)
    for (const key of settled) made.add(key)
    for (const { room, recipient, reason } of send) all.push({ at: now, room, recipient, reason })
    const times = [nextAt, ...changes.map((change) => change.at)].filter((time) => time !== undefined)
    now = Math.min(...times.filter((time) => time > now))
    if (now > until) return all
  }
  throw new Error('the engine does not come to rest')
}
