// What happens to an event? parse → normalise → enrich → detect → score: the whole flow on one screen.
import { isUtf8 } from 'node:buffer'
import type { Config, EventFormat } from '../schemas/config.ts'
import type { Detection } from '../schemas/detection.ts'
import { type Event, emptyEvent, resetEvent } from '../schemas/event.ts'
import { dead, type Outcome } from '../schemas/outcome.ts'
import { emptyEnvelope } from '../schemas/raw-event.ts'
import type { JudgePage } from './detect/page/judgement.ts'
import type { SourceFacts } from './enrich/index.ts'
import { normalise } from './normalise.ts'
import type { ParseContext } from './parse/parser.ts'
import { type RawMessage, readEnvelope } from './raw-message.ts'

export interface PipelineSteps {
  parse(text: string, format: EventFormat | '', event: Event, context: ParseContext): Outcome
  enrich(event: Event, source: SourceFacts): void
  detect(event: Event): readonly Detection[]
  score(event: Event, detections: readonly Detection[]): void
  /** How pages of probes are judged; absent: not at all. */
  judgePage?: JudgePage
  sources: ReadonlyMap<string, { facts: SourceFacts; format: EventFormat }>
  retention: Config['retention']
}

/** What became of a message. The object and its event are reused: read them before the next call. */
export interface Processed {
  outcome: Outcome
  event: Event
  /** Bytes for the message column, or null to write `event.message`. */
  message: Buffer | null
  detections: readonly Detection[]
}

const none: readonly Detection[] = Object.freeze([])

/**
 * The pure core: one message in, one outcome out, no I/O and no clock but `now` (milliseconds since 1970 UTC). The same message with the same
 * configuration gives the same event and score.
 */
export function createPipeline(steps: PipelineSteps): (message: RawMessage, now: number) => Processed {
  const { parse, enrich, detect, score, sources, retention } = steps
  const envelope = emptyEnvelope()
  const context: { -readonly [K in keyof ParseContext]: ParseContext[K] } = {
    receivedAt: 0,
    zoneMinutes: 0,
    columns: [],
    ...(steps.judgePage === undefined ? {} : { judgePage: steps.judgePage }),
  }
  const longPhases: ReadonlySet<string> = new Set(retention.long_phases)
  const ordinary = retention.days * 86_400_000
  const extended = retention.election_days * 86_400_000
  const event = emptyEvent()
  const result: Processed = { outcome: { kind: 'ok' }, event, message: null, detections: none }

  return (message, now) => {
    resetEvent(event)
    result.message = null
    result.detections = none
    result.outcome = readEnvelope(message, envelope)
    if (result.outcome.kind !== 'ok' || message.value === null) return result
    const source = sources.get(envelope.source)
    if (source === undefined) {
      result.outcome = dead('unknown_source', `source ${envelope.source} is not in the configuration`)
      return result
    }

    const payload = message.value
    const valid = isUtf8(payload)
    const text = payload.toString('utf8')
    event.source_id = envelope.source
    event.event_id = envelope.id
    event.received_at = envelope.receivedAt
    event.message = text
    result.message = valid ? payload : null
    if (envelope.marks !== '') event.tags.push(...envelope.marks.split(','))

    context.receivedAt = envelope.receivedAt
    context.zoneMinutes = source.facts.zoneMinutes
    context.columns = source.facts.columns
    const format = envelope.format === '' ? source.format : (envelope.format as EventFormat)
    try {
      result.outcome = parse(text, format, event, context)
    } catch (error) {
      // A parser never throws; one that does has a fault, and the event waits in the dead-letter queue for the mended version.
      result.outcome = dead('parser_error', error instanceof Error ? `${error.name}: ${error.message}` : String(error))
    }
    if (result.outcome.kind !== 'ok') return result

    normalise(event, envelope, valid)
    enrich(event, source.facts)
    result.detections = detect(event)
    score(event, result.detections)
    event.retain_until = now + (longPhases.has(event.phase) ? extended : ordinary)
    return result
  }
}
