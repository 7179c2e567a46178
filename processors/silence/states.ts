// What state is a source in now? From when it was heard last, its rhythm, whether anybody could have heard it, and the state before.
import { z } from 'zod'
import type { Reach } from './beats.ts'
import { expectedAt, isQuiet, type Limit, limitOf, type SilenceSettings } from './judge.ts'
import type { Rhythm } from './rhythm.ts'

export const SensorState = z.enum(['live', 'silent', 'quiet', 'unjudged', 'never', 'gone'])
export type SensorState = z.infer<typeof SensorState>

/** Something that should be heard: a source, or the probes of a site (id `probe:ASSET`). */
export interface Sensor {
  readonly id: string
  readonly kind: 'source' | 'probe'
  readonly name: string
  readonly region: string
  readonly owner: string
  readonly asset: string
}

/** A row of `source_states`. Times are milliseconds since 1970 UTC, 0 for none. */
export const StateRow = z.object({
  source_id: z.string(),
  kind: z.enum(['source', 'probe']),
  region_code: z.string(),
  owner: z.string(),
  asset_id: z.string(),
  state: SensorState,
  counted_as: SensorState,
  since: z.number(),
  last_event: z.number(),
  expected_at: z.number(),
  reason: z.string(),
  changed_at: z.number(),
})
export type StateRow = z.infer<typeof StateRow>

export interface SensorInput {
  readonly sensor: Sensor
  /** When it was last heard, by the clock of its collector. */
  readonly lastEvent: number | undefined
  readonly reach: Reach
  /** When a silence that began then has to be told. */
  readonly limit: (from: number) => Limit
  /** At this time: is it usual that nothing comes, and when will it again? */
  readonly quiet: (at: number) => { readonly expected: number | undefined } | undefined
  /** Nothing could be heard before this: Siaga itself was away. */
  readonly awayUntil: number
  /** How long senders may take to come back. */
  readonly reconnectMs: number
  readonly previous: StateRow | undefined
  readonly now: number
}

export interface SensorVerdict {
  readonly row: StateRow
  /** The row differs from the one before. */
  readonly changed: boolean
  /** It fell silent: to be told. */
  readonly told: Limit | undefined
  /** The silence that had been told is over. */
  readonly spoke: boolean
}

/** Without a row before it, a source that was heard so lately counts as live until it is judged, another as one that nobody has heard. */
const LATELY_MS = 3_600_000

/** The state of one sensor. Pure: whoever asks again with the same gets the same. */
export function judgeSensor(input: SensorInput): SensorVerdict {
  const { lastEvent, reach, previous, now, awayUntil, reconnectMs } = input
  const counted = previous?.counted_as ?? initial(lastEvent, now)
  const wasSilent = counted === 'silent' && previous !== undefined
  if (lastEvent === undefined) {
    // A silence that is older than what is remembered is silence still.
    return wasSilent
      ? kept(input, previous, 'silent')
      : verdict(input, 'never', 'never', now, 'belum pernah terdengar / never heard')
  }
  if (reach.kind === 'away') {
    return verdict(input, 'unjudged', counted, now, `pengumpul berhenti / its collector has stopped: ${reach.by}`)
  }
  if (wasSilent && lastEvent <= previous.last_event) return kept(input, previous, 'silent')
  if (wasSilent) {
    return { ...verdict(input, 'live', 'live', lastEvent, 'terdengar lagi / heard again'), spoke: true }
  }
  const back = Math.max(reach.since, awayUntil)
  const from = back > lastEvent ? back + reconnectMs : lastEvent
  const { until } = reach
  const limit = input.limit(from)
  if (until >= limit.at) {
    const told = verdict(input, 'silent', 'silent', lastEvent, reasonOf(limit))
    return { ...told, told: limit }
  }
  const quiet = input.quiet(until)
  if (quiet !== undefined) {
    const calm = verdict(input, 'quiet', 'quiet', lastEvent, 'biasa diam pada jam ini / usually quiet at this hour')
    return { ...calm, row: { ...calm.row, expected_at: quiet.expected ?? 0 } }
  }
  // Heard before somebody went away and not since: it has its time to come back.
  if (from > lastEvent && (previous === undefined || previous.state === 'unjudged')) {
    return verdict(input, 'unjudged', counted, now, 'ditunggu kembali / awaited after an interruption')
  }
  return verdict(input, 'live', 'live', lastEvent, '')
}

/** What a source's rhythm says, as `judgeSensor` asks for it. */
export function byRhythm(
  rhythm: Rhythm,
  lastEvent: number | undefined,
  settings: SilenceSettings,
): Pick<SensorInput, 'limit' | 'quiet'> {
  return {
    limit: (from) => limitOf(rhythm, from, settings),
    quiet: (at) =>
      lastEvent !== undefined && isQuiet(rhythm, lastEvent, at) ? { expected: expectedAt(rhythm, at) } : undefined,
  }
}

function initial(lastEvent: number | undefined, now: number): SensorState {
  return lastEvent !== undefined && now - lastEvent < LATELY_MS ? 'live' : 'never'
}

function reasonOf({ why }: Limit): string {
  switch (why) {
    case 'rhythm':
      return 'seharusnya terdengar pada jam ini / should have been heard at this hour'
    case 'longest':
      return 'lebih lama dari biasanya / longer than it was silent before'
    case 'new':
      return 'sumber baru, lama tak terdengar / a new source, not heard for long'
  }
}

function verdict(
  { sensor, lastEvent, previous, now }: SensorInput,
  state: SensorState,
  countedAs: SensorState,
  since: number,
  reason: string,
): SensorVerdict {
  const row: StateRow = {
    source_id: sensor.id,
    kind: sensor.kind,
    region_code: sensor.region,
    owner: sensor.owner,
    asset_id: sensor.asset,
    state,
    counted_as: countedAs,
    since,
    // What a silence is measured against stays with it while it cannot be judged.
    last_event:
      state === 'unjudged' && countedAs === 'silent' && previous !== undefined ? previous.last_event : (lastEvent ?? 0),
    expected_at: 0,
    reason,
    changed_at: now,
  }
  const changed =
    previous === undefined ||
    previous.state !== state ||
    previous.counted_as !== countedAs ||
    previous.region_code !== row.region_code ||
    previous.owner !== row.owner
  return { row: changed ? row : previous, changed, told: undefined, spoke: false }
}

/** As it was, also where it could not be judged in between. */
function kept(input: SensorInput, previous: StateRow, state: SensorState): SensorVerdict {
  const again = verdict(input, state, state, previous.since, previous.reason)
  return again.changed ? { ...again, row: { ...again.row, last_event: previous.last_event } } : again
}
