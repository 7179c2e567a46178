// What does the pipeline make of one line, and which rules match it? The real steps, with a source made for the line.

import { createPageJudge } from '../../processors/detect/page/judge.ts'
import { loadPageWords } from '../../processors/detect/page/words.ts'
import { createSigma, type SigmaMatch } from '../../processors/detect/sigma/engine.ts'
import { columnOf, createEventAccessor } from '../../processors/detect/sigma/fields.ts'
import { createEventSource } from '../../processors/detect/sigma/logsource.ts'
import type { EventSource, SigmaRule } from '../../processors/detect/sigma/rule.ts'
import { openCountries } from '../../processors/enrich/geo.ts'
import { createEnrich, type SourceFacts, sourceFacts } from '../../processors/enrich/index.ts'
import { createParse } from '../../processors/parse/index.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { loadReference } from '../../runtime/reference.ts'
import { type EventFormat, Source } from '../../schemas/config.ts'
import { type Event, eventColumns } from '../../schemas/event.ts'
import { encodeEnvelope, RAW_HEADER } from '../../schemas/raw-event.ts'
import { SHIPPED_RULES } from '../worker/rules.ts'

export interface LabLine {
  readonly text: string
  readonly format: EventFormat
  /** Kemendagri code of the source, '' unknown. */
  readonly region: string
  /** Milliseconds since 1970 UTC. */
  readonly receivedAt: number
  /** Time of the event in place of its own, milliseconds since 1970 UTC. */
  readonly at?: number
  /** Columns over what the pipeline gave, by ECS or column name. */
  readonly set: Readonly<Record<string, string | number>>
}

export type LabResult =
  /** Event and matches are reused: read them before the next line. */
  | {
      readonly kind: 'read'
      readonly event: Event
      readonly source: EventSource
      readonly matches: readonly SigmaMatch[]
    }
  /** Dropped, or a dead letter. */
  | { readonly kind: 'unread'; readonly reason: string }

type LabConfig = Pick<ResolvedConfig, 'calendars' | 'regions' | 'assets' | 'retention' | 'sources'>

/**
 * A function that takes a line through parse, normalise, enrich and detect. Autonomous systems are left out: their database changes with each
 * release, and a case must not.
 */
export function createLab(
  rules: readonly SigmaRule[],
  config: LabConfig,
  baseDir: string,
): (line: LabLine) => LabResult {
  const reference = loadReference(config, baseDir)
  const sigma = createSigma(rules, createEventAccessor())
  const sourceOf = createEventSource()
  const enrich = createEnrich({
    reference,
    assets: config.assets,
    cacheDir: '',
    databases: { country: openCountries(), system: () => ({ number: 0, name: '' }) },
  })
  const sources = new Map<string, { facts: SourceFacts; format: EventFormat }>()
  const sourceIn = (region: string): string => {
    const id = `region-${region || 'unknown'}`
    if (!sources.has(id)) {
      const facts = sourceFacts({ sources: [Source.parse({ id, region })] }, reference).get(id)
      if (facts !== undefined) sources.set(id, { facts, format: 'auto' })
    }
    return id
  }
  let set: LabLine['set'] = {}
  let at: number | undefined
  let matches: readonly SigmaMatch[] = []
  let source: EventSource = { categories: [], products: [], services: [] }
  const pipeline = createPipeline({
    parse: createParse(),
    enrich(event, facts) {
      if (at !== undefined) event.timestamp = at
      enrich(event, facts)
      for (const [name, value] of Object.entries(set)) setField(event, name, value)
    },
    detect(event) {
      source = sourceOf(event)
      matches = sigma.match(event, source)
      return []
    },
    score() {},
    judgePage: createPageJudge(loadPageWords([SHIPPED_RULES])),
    sources,
    retention: config.retention,
  })

  return (line) => {
    set = line.set
    at = line.at
    matches = []
    const header = encodeEnvelope({
      source: sourceIn(line.region),
      format: line.format,
      receivedAt: line.receivedAt,
      peer: '',
      id: 'case',
      hash: '',
      marks: '',
    })
    const value = Buffer.from(line.text, 'utf8')
    const { outcome, event } = pipeline(
      { value, header: (name) => (name === RAW_HEADER ? header : undefined) },
      line.receivedAt,
    )
    if (outcome.kind === 'ok') return { kind: 'read', event, source, matches }
    if (outcome.kind === 'drop') return { kind: 'unread', reason: `is dropped (${outcome.reason})` }
    if (outcome.kind === 'dlq') return { kind: 'unread', reason: `can't be read (${outcome.reason}: ${outcome.cause})` }
    return { kind: 'unread', reason: "can't be read" }
  }
}

/** Sets a column, or the map `fields` where no column has that name. */
function setField(event: Event, name: string, value: string | number): void {
  const column = columnOf(name)
  const type = column === undefined ? undefined : eventColumns[column].type
  if (column === undefined || type === undefined || type.startsWith('Array') || type.startsWith('Map')) {
    event.fields.set(name, String(value))
  } else {
    const text = type === 'String' || type === 'LowCardinality(String)'
    Object.assign(event, { [column]: text ? String(value) : Number(value) })
  }
}
