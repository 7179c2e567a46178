// Where do verdicts come from, and which weights do they speak for? A file or table `verdicts`; events are looked up in ClickHouse.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { type Example, featuresOf, type WeightTerm } from '../../processors/score/features.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { VerdictLine } from '../../schemas/verdict.ts'
import { CommandError } from '../frame.ts'
import { printable } from '../terminal.ts'
import { factorsAsObjects, readEvents, ScoredEvent } from './event.ts'

/** Verdicts as they come: each on an event to be looked up, on one that it brings along, or on factors alone. */
export type VerdictSource = () => AsyncIterable<VerdictLine | { readonly event: Learnable; readonly verdict: boolean }>

/** Verdicts of an NDJSON file, one object a line. Rejects with a CommandError that names the first line that is none. */
export function verdictsOfFile(file: string): VerdictSource {
  return async function* () {
    let number = 0
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1
      if (line.trim() === '') continue
      const verdict = VerdictLine.safeParse(jsonOf(line))
      if (!verdict.success) {
        throw new CommandError(
          `Line ${number} of ${printable(file)} is no verdict.`,
          'A verdict is {"event_id": "…", "verdict": true} or {"factors": [{"name": "rule.high"}], "verdict": false}.',
        )
      }
      yield verdict.data
    }
  }
}

/** undefined, which is no verdict, for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Of an event what weights are learned from. */
const Learnable = ScoredEvent.pick({
  event_id: true,
  at: true,
  asset_criticality: true,
  phase: true,
  event_severity: true,
  factors: true,
})
type Learnable = z.infer<typeof Learnable>

const Recorded = Learnable.extend({ last: z.enum(['true', 'false']) })

/** The verdicts that people have recorded, with what they need of the events: of each event the latest, unless it was withdrawn. */
export function verdictsOfClickHouse(clickhouse: ClickHouse): VerdictSource {
  return async function* () {
    const rows = await clickhouse.rows(
      Recorded,
      `SELECT event_id, argMax(verdict, (marked_at, verdict_id)) AS last, toUnixTimestamp64Milli(any(timestamp)) AS at,
         any(asset_criticality) AS asset_criticality, any(phase) AS phase, any(event_severity) AS event_severity, any(factors) AS factors
       FROM siaga.verdicts GROUP BY event_id HAVING last != 'withdrawn' ORDER BY event_id`,
      {},
      factorsAsObjects,
    )
    for (const { last, ...event } of rows) yield { event, verdict: last === 'true' }
  }
}

export interface Examples {
  readonly examples: readonly Example[]
  /** Events that are not in ClickHouse (any more). */
  readonly missing: number
  /** Verdicts with a factor that no weight could be found for, and the name of one such factor. */
  readonly unknown: number
  readonly unknownFactor: string
}

/** So many events are asked for at once. */
const CHUNK = 2_000

/** Verdicts as examples to learn from. Of several verdicts on one event the last holds. `clickhouse` is asked only if a verdict names an event. */
export async function readExamples(
  source: VerdictSource,
  clickhouse: () => ClickHouse,
  terms: readonly WeightTerm[],
): Promise<Examples> {
  const byEvent = new Map<string, boolean>()
  const examples: Example[] = []
  let unknown = 0
  let unknownFactor = ''
  const take = (example: Omit<Example, 'features'>, features: ReturnType<typeof featuresOf>): void => {
    if (typeof features !== 'string') examples.push({ ...example, features })
    else {
      unknown += 1
      unknownFactor = features
    }
  }
  const takeEvent = (event: Learnable, verdict: boolean): void =>
    take({ id: event.event_id, at: event.at, verdict }, featuresOf(event.factors, columnsOf(event), terms))
  let line = 0
  for await (const given of source()) {
    line += 1
    if ('event_id' in given) {
      byEvent.set(given.event_id, given.verdict)
      continue
    }
    if ('event' in given) {
      takeEvent(given.event, given.verdict)
      continue
    }
    const { factors, timestamp, verdict } = given
    const at = timestamp === undefined ? undefined : Date.parse(timestamp)
    take({ id: `line ${line}`, at, verdict }, featuresOf(factors, {}, terms))
  }
  let found = 0
  const ids = [...byEvent.keys()]
  for (let from = 0; from < ids.length; from += CHUNK) {
    for (const event of await readEvents(clickhouse(), ids.slice(from, from + CHUNK))) {
      found += 1
      takeEvent(event, byEvent.get(event.event_id) === true)
    }
  }
  return { examples, missing: byEvent.size - found, unknown, unknownFactor }
}

const Criticality = z.enum(['', 'low', 'medium', 'high', 'critical']).catch('')

/** Columns as the score reads them: words that it does not know count nothing. */
function columnsOf({ asset_criticality, phase, event_severity }: Learnable) {
  return { asset_criticality: Criticality.parse(asset_criticality), phase, event_severity }
}
