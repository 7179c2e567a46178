// Which phase is a region in, what comes next, and when does it vote?
import { type PhaseInterval, phaseAt, phasesOf, type Reference } from '../../runtime/reference.ts'
import type { PhaseNow } from '../../schemas/situation-api.ts'

/** Null where there is none. Milliseconds since 1970 UTC. */
export interface Calendar {
  readonly phase: PhaseNow | null
  readonly next: PhaseNow | null
  readonly voting: PhaseNow | null
  /** The last voting day, today's included. */
  readonly voted: PhaseNow | null
}

/** @param now milliseconds since 1970 UTC */
export function calendarOf(reference: Pick<Reference, 'phases'>, region: string, now: number): Calendar {
  const all = phasesOf(reference, region)
  const coming = all.filter(({ from }) => from > now)
  return {
    phase: said(phaseAt(reference, region, now)),
    next: said(coming[0]),
    voting: said(coming.find(({ phase }) => phase === 'pemungutan')),
    voted: said(all.findLast(({ phase, from }) => phase === 'pemungutan' && from <= now)),
  }
}

function said(interval: PhaseInterval | undefined): PhaseNow | null {
  if (interval === undefined) return null
  const { election, phase, from, to } = interval
  return { election, phase, from, to: Number.isFinite(to) ? to : null }
}
