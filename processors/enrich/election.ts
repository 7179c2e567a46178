// Which election is it at the time and place of an event, and in which phase?
import { phaseAt, type Reference } from '../../runtime/reference.ts'
import type { Event } from '../../schemas/event.ts'

type ElectionFields = Pick<Event, 'timestamp' | 'region_code' | 'election' | 'phase'>

/** Writes election and phase by event time in the zone of the event's region; both empty outside of every window. */
export function createElectionEnricher(reference: Pick<Reference, 'phases'>): (event: ElectionFields) => void {
  return (event) => {
    const found = event.region_code === '' ? undefined : phaseAt(reference, event.region_code, event.timestamp)
    event.election = found === undefined ? '' : found.election
    event.phase = found === undefined ? '' : found.phase
  }
}
