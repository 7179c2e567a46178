// What happens to a line between the wire and its row? All that a collector and a worker do with it, in one function, without Kafka and ClickHouse.
import { join } from 'node:path'
import { detectionContent, SHIPPED_RULES } from '../../cli/worker/rules.ts'
import { createSeal } from '../../ingest/seal.ts'
import { createDetect } from '../../processors/detect/index.ts'
import { createPageJudge } from '../../processors/detect/page/judge.ts'
import { loadPageWords } from '../../processors/detect/page/words.ts'
import { loadRules } from '../../processors/detect/sigma/load.ts'
import { openCountries } from '../../processors/enrich/geo.ts'
import { createEnrich, type SourceFacts, sourceFacts } from '../../processors/enrich/index.ts'
import { createParse } from '../../processors/parse/index.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import { createScore } from '../../processors/score/index.ts'
import { loadConfig } from '../../runtime/config.ts'
import type { OutgoingMessage } from '../../runtime/kafka.ts'
import { loadReference } from '../../runtime/reference.ts'
import { EventFormat, Source } from '../../schemas/config.ts'
import type { Event } from '../../schemas/event.ts'
import type { Outcome } from '../../schemas/outcome.ts'
import { encodeEnvelope, RAW_HEADER } from '../../schemas/raw-event.ts'
import { createRowBuffer } from '../../sinks/clickhouse/rows.ts'
import { deadLetterMessage } from '../../sinks/dlq/dead-letters.ts'
import { findingMessage, toFinding } from '../../sinks/findings.ts'

/** When all lines are received: 1 January 2027, 00:00 UTC. */
export const RECEIVED_AT = Date.UTC(2027, 0, 1)

/** What became of a line. The event is reused: read it before the next line. */
export interface Passed {
  readonly outcome: Outcome
  readonly event: Event
  /** The payload as it lies in `siaga.raw`. */
  readonly sealed: Buffer
  /** Messages that left for `siaga.findings` or `siaga.dlq`. */
  readonly messages: readonly OutgoingMessage[]
  /** Bytes of the row; 0 if there is none. */
  readonly row: number
  /** Milliseconds in the collector, and in the worker. */
  readonly sealMs: number
  readonly workMs: number
}

/**
 * A function that takes a payload the whole way: seal, parse by the format, normalise, enrich, all shipped rules, score, row, findings and dead
 * letters. Keys are fixed, so that the same line gives the same tokens. Autonomous systems are left out: their table is made at the first start.
 */
export function createWorkerPath(): (payload: Buffer, format: EventFormat) => Passed {
  const { config, baseDir } = loadConfig({ env: {}, cwd: join(import.meta.dirname, '../fixtures') })
  const reference = loadReference(config, baseDir)
  const formats = EventFormat.options
  const sources = new Map<string, { facts: SourceFacts; format: EventFormat }>()
  const facts = sourceFacts({ sources: formats.map((id) => Source.parse({ id, region: '32.04' })) }, reference)
  for (const format of formats) {
    const known = facts.get(format)
    if (known !== undefined) sources.set(format, { facts: known, format })
  }
  const seal = createSeal({ hashKey: Buffer.alloc(32, 1), tokenKey: Buffer.alloc(32, 2) })
  const pipeline = createPipeline({
    parse: createParse(),
    enrich: createEnrich({
      reference,
      assets: config.assets,
      cacheDir: '',
      databases: { country: openCountries(), system: () => ({ number: 0, name: '' }) },
    }),
    detect: createDetect(detectionContent(loadRules([SHIPPED_RULES]))),
    score: createScore(config.score, { allowList: config.allow_list, reputation: reference.scanners }),
    judgePage: createPageJudge(loadPageWords([SHIPPED_RULES])),
    sources,
    retention: config.retention,
  })
  const rows = createRowBuffer()

  return (payload, format) => {
    const started = performance.now()
    const [raw] = seal([
      { source: format, format: '', receivedAt: RECEIVED_AT, peer: '192.0.2.9', id: 'line', key: 'k', payload },
    ])
    if (raw === undefined) throw new Error('the seal gave nothing back')
    const sealedAt = performance.now()
    const header = encodeEnvelope({ ...raw, marks: raw.marks.join(',') })
    const record = { value: raw.value, header: (name: string) => (name === RAW_HEADER ? header : undefined) }
    const { outcome, event, message, detections } = pipeline(record, RECEIVED_AT)
    const messages: OutgoingMessage[] = []
    let row = 0
    if (outcome.kind === 'ok') {
      rows.append(event, message)
      row = rows.view().reduce((sum, { length }) => sum + length, 0)
      rows.clear()
      for (const detection of detections) {
        if (detection.generate) messages.push(findingMessage(toFinding(event, detection, 's-0-0')))
      }
    } else if (outcome.kind === 'dlq') {
      const letter = { key: Buffer.from(raw.key), value: raw.value, headers: { [RAW_HEADER]: header } }
      messages.push(deadLetterMessage('s-0-0', letter, outcome, RECEIVED_AT))
    }
    return {
      outcome,
      event,
      sealed: raw.value,
      messages,
      row,
      sealMs: sealedAt - started,
      workMs: performance.now() - sealedAt,
    }
  }
}
