// What do suppressions and maintenance windows hold back, and from whom? The centre's act everywhere, a room's only on who is told there.

import type { Reference } from '../../../runtime/reference.ts'
import { isCentre, mayRead, within } from '../../../runtime/scope.ts'
import { type Actor, type HeldReason, Suppression } from '../../../schemas/alert.ts'
import type { Finding } from '../../../schemas/detection.ts'
import { type Phase, RegionCode } from '../../../schemas/place.ts'
import type { Room } from '../../../schemas/room.ts'
import { severityRank } from './fit.ts'
import { needsTwoPersons } from './two-persons.ts'

const DAY_MS = 86_400_000
const MAX_DAYS = 90
const MAX_ENTRIES = 100
const MAX_ENTRY = 300
const MAX_OWNER = 200
const MAX_REASON = 2_000

/** What somebody wants to hold back. */
export type SuppressionWish = Pick<
  Suppression,
  'suppression_id' | 'kind' | 'owner' | 'reason' | 'from' | 'until' | 'match' | 'max_severity'
>

/** Why it is refused, in words for who asked; empty if it is not. */
export function suppressionProblems(wish: SuppressionWish, actor: Actor, now: number): string[] {
  const { from, until, match } = wish
  const problems: string[] = []
  const texts = [
    ['owner', wish.owner, MAX_OWNER],
    ['reason', wish.reason, MAX_REASON],
  ] as const
  for (const [name, text, most] of texts) {
    if (text.trim() === '') problems.push(`${name} is missing`)
    else if (text.length > most) problems.push(`${name} is longer than ${most} characters`)
  }
  if (actor.room === '') problems.push('only a room can make one')
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(until)) problems.push('it needs a beginning and an end')
  else if (until <= from) problems.push('its end is not after its beginning')
  else if (until - from > MAX_DAYS * DAY_MS) problems.push(`it is longer than ${MAX_DAYS} days`)
  else if (until <= now) problems.push('its end is over')
  const lists = Object.entries(match)
  if (lists.every(([, values]) => values.length === 0)) {
    problems.push('it must name rules, assets, entities, regions or sources')
  }
  for (const [name, values] of lists) {
    if (values.length > MAX_ENTRIES) problems.push(`${name} has more than ${MAX_ENTRIES} entries`)
    if (values.some((value) => value === '' || value.length > MAX_ENTRY)) {
      problems.push(`an entry of ${name} is empty or longer than ${MAX_ENTRY} characters`)
    }
  }
  const foreign = match.regions.find(
    (code) => !RegionCode.safeParse(code).success || !(isCentre(actor) || within(code, actor.region)),
  )
  if (foreign !== undefined) problems.push(`${foreign.slice(0, 20)} is no region of room ${actor.room}`)
  return problems
}

/** The suppression of a wish without problems. Where it acts is the place of who made it, whatever was asked. */
export function makeSuppression(wish: SuppressionWish, actor: Actor, now: number): Suppression {
  const { suppression_id, kind, owner, reason, from, until, match, max_severity } = wish
  return Suppression.parse({
    ...{ suppression_id, kind, owner: owner.trim(), reason: reason.trim(), from, until, match, max_severity },
    ...{ room: actor.room, region: actor.region, made_at: now, made_by: actor, findings: 0, version: 0 },
  })
}

/** What suppressions read of a finding. */
export type HeldFinding = Pick<
  Finding,
  'rule_id' | 'asset_id' | 'entity' | 'region_code' | 'owner' | 'source_id' | 'severity' | 'window_end'
>

/** Which suppressions a finding meets. */
export interface Held {
  /** The centre's: the finding makes no alert at all. */
  readonly everywhere: Suppression | undefined
  /** Of rooms: the alert is there and the centre is told, these rooms are not. Ordered by id. */
  readonly rooms: readonly Suppression[]
  /** Ids of the rooms that are not told because of them, sorted: those that made them, and those beneath in their care. Never a room of the centre. */
  readonly muted: readonly string[]
}

export interface SuppressionOptions {
  readonly suppressions: readonly Suppression[]
  readonly rooms: readonly Pick<Room, 'id' | 'region' | 'owner' | 'sees'>[]
  /** `alerts.two_persons` that are in force. */
  readonly twoPersons: readonly Phase[]
  readonly reference: Pick<Reference, 'phases'>
}

const nothing: Held = Object.freeze({ everywhere: undefined, rooms: Object.freeze([]), muted: Object.freeze([]) })

/**
 * Compiled once whenever a suppression, a room or the policy changes. A finding is held if all that is given matches, its severity is not above `max_severity` and the end of
 * its window lies in [from, until), in event time; ending one early cuts `until`. One that needs two persons holds nothing before both have signed.
 *
 * A room's suppression meets only findings that the room may read, so that a government cannot silence what is the election office's.
 */
export function createSuppressions(options: SuppressionOptions): { heldFor(finding: HeldFinding): Held } {
  // Each under the narrowest of what it names, so that a flood of findings is not held against all of them.
  const names = ['rules', 'entities', 'assets', 'sources'] as const
  const index = {
    rules: new Map<string, Active[]>(),
    entities: new Map<string, Active[]>(),
    assets: new Map<string, Active[]>(),
    sources: new Map<string, Active[]>(),
  }
  const anywhere: Active[] = []
  for (const suppression of options.suppressions) {
    const active = activeOf(suppression, options)
    if (active === undefined) continue
    const name = names.find((one) => suppression.match[one].length > 0)
    if (name === undefined) {
      anywhere.push(active)
      continue
    }
    for (const value of new Set(suppression.match[name])) {
      const list = index[name].get(value)
      if (list === undefined) index[name].set(value, [active])
      else list.push(active)
    }
  }
  return {
    heldFor(finding) {
      const found: Active[] = []
      const ask = (list: readonly Active[] | undefined): void => {
        if (list !== undefined) for (const active of list) if (meets(active, finding)) found.push(active)
      }
      ask(index.rules.get(finding.rule_id))
      ask(index.entities.get(finding.entity))
      ask(index.assets.get(finding.asset_id))
      ask(index.sources.get(finding.source_id))
      ask(anywhere)
      if (found.length === 0) return nothing
      found.sort(byId)
      const rooms = found.filter(({ muted }) => muted !== undefined)
      return {
        everywhere: found.find(({ muted }) => muted === undefined)?.suppression,
        rooms: rooms.map(({ suppression }) => suppression),
        muted: [...new Set(rooms.flatMap(({ muted }) => muted ?? []))].sort(),
      }
    },
  }
}

/** A suppression that is in force, ready to be asked. */
interface Active {
  readonly suppression: Suppression
  readonly until: number
  readonly severity: number
  readonly reader: Pick<Room, 'region' | 'owner' | 'sees'>
  /** Rooms that it keeps from being told; undefined for the centre's. */
  readonly muted: readonly string[] | undefined
  readonly rules: ReadonlySet<string>
  readonly assets: ReadonlySet<string>
  readonly entities: ReadonlySet<string>
  readonly sources: ReadonlySet<string>
}

function activeOf(suppression: Suppression, options: SuppressionOptions): Active | undefined {
  const { rooms, twoPersons, reference } = options
  if (suppression.approved_by === undefined && needsTwoPersons(suppression, twoPersons, reference)) return undefined
  const { room, region, match } = suppression
  const until = Math.min(suppression.until, suppression.ended_at ?? Infinity)
  const own = rooms.find(({ id }) => id === room)
  const centre = isCentre(suppression)
  // A room that is in the configuration no more, or is now somewhere else, has no organisation to speak for.
  const known = own !== undefined && own.region === region
  const beneath = rooms.filter(
    (other) =>
      other.id === room ||
      (other.region !== region && within(other.region, region) && (other.owner === '' || other.owner === own?.owner)),
  )
  return {
    suppression,
    until,
    severity: severityRank(suppression.max_severity),
    reader: { region, owner: known ? own.owner : '', sees: known ? own.sees : [] },
    muted: centre ? undefined : beneath.map(({ id }) => id),
    rules: new Set(match.rules),
    assets: new Set(match.assets),
    entities: new Set(match.entities),
    sources: new Set(match.sources),
  }
}

function meets(active: Active, finding: HeldFinding): boolean {
  const { suppression, until, severity, rules, assets, entities, sources, reader } = active
  const { regions } = suppression.match
  return (
    finding.window_end >= suppression.from &&
    finding.window_end < until &&
    severityRank(finding.severity) <= severity &&
    (rules.size === 0 || rules.has(finding.rule_id)) &&
    (assets.size === 0 || assets.has(finding.asset_id)) &&
    (entities.size === 0 || entities.has(finding.entity)) &&
    (sources.size === 0 || sources.has(finding.source_id)) &&
    (regions.length === 0 || regions.some((region) => within(finding.region_code, region))) &&
    mayRead(reader, finding)
  )
}

function byId(a: Active, b: Active): number {
  const [one, other] = [a.suppression.suppression_id, b.suppression.suppression_id]
  return one < other ? -1 : Number(one > other)
}

/** What its findings are counted as. */
export function heldReason({ kind }: Pick<Suppression, 'kind'>): HeldReason {
  return kind === 'maintenance' ? 'maintenance' : 'suppressed'
}

/**
 * Rooms that two findings of one alert both are kept from: one that anybody may be told of ends the silence. Commutative and associative, so that the order of findings
 * never matters; sorted lists in, sorted list out.
 */
export function mutedByBoth(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a.length === 0 || b.length === 0) return []
  const other = new Set(b)
  return a.filter((room) => other.has(room))
}
