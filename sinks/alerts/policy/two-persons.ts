// Who must agree? In the tense phases what makes Siaga quieter needs two persons, one of them at the centre.

import { OPERATOR } from '../../../runtime/keys.ts'
import { NATIONAL, phasesOf, type Reference } from '../../../runtime/reference.ts'
import { isCentre, within } from '../../../runtime/scope.ts'
import type { Actor, Suppression } from '../../../schemas/alert.ts'
import type { Phase } from '../../../schemas/place.ts'
import { severityRank } from './fit.ts'

const HIGH = severityRank('high')

/** A name as two people would have to differ in it: without case, accents of form and odd spaces. */
function personName(actor: Actor): string {
  return actor.name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()
}

/** True if an act has the name of a person under it: not Siaga (no room), not the key of a machine that several may use, not a key without a name. */
export function isPerson(actor: Actor): boolean {
  const name = personName(actor)
  return actor.room !== '' && name !== '' && name !== OPERATOR && actor.name !== actor.key
}

/**
 * True if these are surely two persons: other names (the same name in another room is taken for the same person) and other keys. A key belongs to one room, so other
 * rooms are other keys; within a room both ids must be known and differ.
 */
export function areTwoPersons(a: Actor, b: Actor): boolean {
  if (!isPerson(a) || !isPerson(b) || personName(a) === personName(b)) return false
  if (a.key !== undefined && b.key !== undefined) return a.key !== b.key
  return a.room !== b.room
}

/** True if they are two, and one of them is at the centre. */
export function maySignTogether(a: Actor, b: Actor): boolean {
  return areTwoPersons(a, b) && (isCentre(a) || isCentre(b))
}

/** Every region that a suppression would act in; for the centre's that names none, all of them. */
function regionsOf(
  { region, match }: Pick<Suppression, 'region' | 'match'>,
  reference: Pick<Reference, 'phases'>,
): string[] {
  return [...reference.phases.keys()].filter(
    (code) =>
      (region === NATIONAL || within(code, region)) &&
      (match.regions.length === 0 || match.regions.some((named) => within(code, named))),
  )
}

/**
 * Does it need a second person? If it may hold back high or critical severity, and at any moment between `from` and `until` any region that it would act in is in one
 * of `phases` (`alerts.two_persons`). Where the region has no calendar (a new district), that of its province counts.
 */
export function needsTwoPersons(
  suppression: Pick<Suppression, 'region' | 'match' | 'max_severity' | 'from' | 'until'>,
  phases: readonly Phase[],
  reference: Pick<Reference, 'phases'>,
): boolean {
  if (severityRank(suppression.max_severity) < HIGH || phases.length === 0) return false
  const { from, until, match } = suppression
  const acts = regionsOf(suppression, reference)
  // Regions that no calendar knows are judged by the province they lie in.
  for (const named of [suppression.region, ...match.regions])
    if (!reference.phases.has(named)) acts.push(named.slice(0, 2))
  return acts.some((code) =>
    phasesOf(reference, code).some(
      (interval) => interval.from < until && interval.to > from && phases.includes(interval.phase),
    ),
  )
}

/** May this person be the second one? Another one than who made it, one of the two at the centre, and not from a region beside it. */
export function mayApprove(
  suppression: Pick<Suppression, 'made_by' | 'approved_by' | 'region' | 'ended_at'>,
  actor: Actor,
): boolean {
  if (suppression.approved_by !== undefined || suppression.ended_at !== undefined) return false
  return maySignTogether(suppression.made_by, actor) && (isCentre(actor) || within(suppression.region, actor.region))
}

/** May this person end it early? Making Siaga louder needs one: of the room that made it, or of the centre. */
export function mayEnd(suppression: Pick<Suppression, 'room' | 'ended_at'>, actor: Actor): boolean {
  if (suppression.ended_at !== undefined || actor.room === '') return false
  return isCentre(actor) || actor.room === suppression.room
}
