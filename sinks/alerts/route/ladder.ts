// When does the turn of each level come? Room of the kabupaten or kota, of the province, centre: each its deadline after the one below.
import { NATIONAL, phaseAt, type Reference } from '../../../runtime/reference.ts'
import type { Alert, Ask, Level } from '../../../schemas/alert.ts'
import type { Alerts } from '../../../schemas/alerting.ts'
import type { Severity } from '../../../schemas/detection.ts'
import type { Room } from '../../../schemas/room.ts'
import { type Duty, quietEnd } from './duty.ts'

/** Rooms that are responsible for an alert and may read it. */
export interface Rung {
  readonly level: Level
  /** Region of the rooms. */
  readonly region: string
  readonly rooms: readonly Room[]
}

/** A rung and when its turn comes, milliseconds since 1970 UTC. */
export interface Turn extends Rung {
  readonly at: number
  /** When its rooms are told if somebody is there: its turn, or the end of the quiet hours that it falls into. */
  readonly told: number
}

export interface LadderParts {
  readonly settings: Pick<Alerts, 'deadlines' | 'phase_deadlines' | 'quiet_hours'>
  readonly reference: Pick<Reference, 'phases'>
  readonly duty: Duty
}

const MINUTE_MS = 60_000

/** Levels that are responsible for a region, lowest first, with the region of each. Empty and `00`: the centre alone. */
export function levelsOf(region: string): { level: Level; region: string }[] {
  const centre = { level: 'pusat', region: NATIONAL } as const
  if (region === '' || region === NATIONAL) return [centre]
  const province = { level: 'provinsi', region: region.slice(0, 2) } as const
  return region.length === 2 ? [province, centre] : [{ level: 'kabupaten', region }, province, centre]
}

/** Whether all levels are told at once instead of one after the other. */
export function isAllAtOnce({ severity }: Pick<Ask, 'severity'>, { region_code }: Pick<Alert, 'region_code'>): boolean {
  return severity === 'critical' || region_code === NATIONAL
}

/** Hours in which an alert waits; empty for all but low and informational ones. */
export function quietHoursOf(severity: Severity, { quiet_hours }: Pick<Alerts, 'quiet_hours'>): string {
  return severity === 'low' || severity === 'informational' ? quiet_hours : ''
}

/** Milliseconds until the next level is told, for a deadline that begins at `at`. */
export function deadlineAt(
  { settings, reference }: Pick<LadderParts, 'settings' | 'reference'>,
  region: string,
  severity: Severity,
  at: number,
): number {
  const phase = phaseAt(reference, region, at)?.phase
  const minutes = (phase && settings.phase_deadlines[phase]?.[severity]) ?? settings.deadlines[severity]
  return minutes * MINUTE_MS
}

/**
 * The turns of an ask. The first level's comes at once, the next one's when the deadline of the level below has passed since it was told; at
 * once if nobody was there to be told. A deadline is that of the phase of the alert's region when it begins, and keeps its length when the
 * phase changes under it: the first one is that of the phase at the time of the ask.
 */
export function turnsOf(
  parts: LadderParts,
  rungs: readonly Rung[],
  ask: Ask,
  alert: Pick<Alert, 'region_code'>,
): Turn[] {
  const { duty, settings } = parts
  const quiet = quietHoursOf(ask.severity, settings)
  const atOnce = isAllAtOnce(ask, alert)
  let at = ask.at
  return rungs.map((rung) => {
    const told = quietEnd(at, quiet, duty.zoneOf(rung.region))
    const turn = { ...rung, at, told }
    if (!atOnce && rung.rooms.some((room) => duty.onDuty(room, told).length > 0))
      at = told + deadlineAt(parts, alert.region_code, ask.severity, told)
    return turn
  })
}
