// What would come of a probe? Its records through the steps of the pipeline, rules included; nothing is sent.
import { createDetect } from '../../processors/detect/index.ts'
import { createPageJudge } from '../../processors/detect/page/judge.ts'
import { loadPageWords } from '../../processors/detect/page/words.ts'
import { openCountries } from '../../processors/enrich/geo.ts'
import { createEnrich, sourceFacts } from '../../processors/enrich/index.ts'
import { createParse } from '../../processors/parse/index.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import { createScore } from '../../processors/score/index.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { loadReference } from '../../runtime/reference.ts'
import type { Severity } from '../../schemas/detection.ts'
import type { ProbeRecord } from '../../schemas/probe.ts'
import { encodeEnvelope, PROBE_FORMAT, PROBE_SOURCE, RAW_HEADER } from '../../schemas/raw-event.ts'
import { detectionContent, loadConfiguredRules, ruleFolders } from '../worker/rules.ts'

export interface Judged {
  readonly kind: ProbeRecord['kind']
  readonly score: number
  readonly detections: readonly {
    readonly severity: Severity
    readonly title: string
    /** The title in Indonesian, and what to do in both languages; '' where the rule says none. */
    readonly judul: string
    readonly response: { readonly id: string; readonly en: string }
    readonly evidence: readonly { readonly field: string; readonly value: string }[]
  }[]
  /** Columns and fields of the event that say what was seen. */
  readonly fields: ReadonlyMap<string, string>
}

/** A function that judges the records of one probe, as a worker would at `now` (milliseconds since 1970 UTC). */
export function createProbeJudge(
  config: ResolvedConfig,
  baseDir: string,
): (record: ProbeRecord, now: number) => Judged {
  const reference = loadReference(config, baseDir)
  const facts = sourceFacts(config, reference).get(PROBE_SOURCE)
  const rules = detectionContent(loadConfiguredRules(config, baseDir))
  const guidance = new Map(rules.rules.map((rule) => [rule.id, rule.guidance]))
  const pipeline = createPipeline({
    parse: createParse(),
    judgePage: createPageJudge(loadPageWords(ruleFolders(config, baseDir))),
    enrich: createEnrich({
      reference,
      assets: config.assets,
      cacheDir: '',
      databases: { country: openCountries(), system: () => ({ number: 0, name: '' }) },
    }),
    detect: createDetect(rules),
    score: createScore(config.score, { allowList: config.allow_list, reputation: reference.scanners }),
    sources: new Map(facts === undefined ? [] : [[PROBE_SOURCE, { facts, format: PROBE_FORMAT }]]),
    retention: config.retention,
  })
  return (record, now) => {
    const header = encodeEnvelope({
      source: PROBE_SOURCE,
      format: PROBE_FORMAT,
      receivedAt: now,
      peer: '',
      id: 'probe',
      hash: '',
      marks: '',
    })
    const value = Buffer.from(JSON.stringify(record))
    const { event, detections } = pipeline({ value, header: (name) => (name === RAW_HEADER ? header : undefined) }, now)
    return {
      kind: record.kind,
      score: event.score,
      detections: detections
        .filter(({ generate, severity }) => generate || severity !== 'informational')
        .map(({ ruleId, severity, title, evidence }) => {
          const known = guidance.get(ruleId)
          const response = { id: known?.response?.id ?? '', en: known?.response?.en ?? '' }
          return { severity, title, judul: known?.judul ?? title, response, evidence }
        }),
      fields: new Map(event.fields),
    }
  }
}
