// What does a worker do with one message? The pipeline with what is in force, and where each outcome goes.
import { createDetect, type DetectionContent } from '../../processors/detect/index.ts'
import { createIndicatorDetect } from '../../processors/detect/indicators/detections.ts'
import { type IndicatorTable, openTable } from '../../processors/detect/indicators/table.ts'
import { createPageJudge } from '../../processors/detect/page/judge.ts'
import type { JudgePage } from '../../processors/detect/page/judgement.ts'
import { loadPageWords } from '../../processors/detect/page/words.ts'
import { createEnrich, sourceFacts } from '../../processors/enrich/index.ts'
import { createParse } from '../../processors/parse/index.ts'
import { createPipeline } from '../../processors/pipeline.ts'
import type { RawMessage } from '../../processors/raw-message.ts'
import { createScore } from '../../processors/score/index.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { errorText } from '../../runtime/errors.ts'
import type { OutgoingMessage } from '../../runtime/kafka.ts'
import type { RecordCursor } from '../../runtime/kafka-records.ts'
import type { Log } from '../../runtime/log.ts'
import { loadReference } from '../../runtime/reference.ts'
import type { EventFormat } from '../../schemas/config.ts'
import type { Detection } from '../../schemas/detection.ts'
import type { Event } from '../../schemas/event.ts'
import { REPORT_FORMAT } from '../../schemas/raw-event.ts'
import type { PartitionWriter } from '../../sinks/clickhouse/partition-writer.ts'
import { deadLetterMessage } from '../../sinks/dlq/dead-letters.ts'
import { atLeast, findingMessage, toFinding } from '../../sinks/findings.ts'
import type { Counts } from './counts.ts'
import type { WorkerOptions } from './loop.ts'
import { ruleFolders, SHIPPED_RULES } from './rules.ts'

/** A partition in the hands of a worker: its writer, and what came of its current page besides rows. */
export interface Held extends Page {
  writer: PartitionWriter<Counts>
  opened: boolean
}

/** A message of `siaga.raw` as a cursor stands at it. */
export type ProcessedRecord = RawMessage & Pick<RecordCursor, 'offset' | 'key' | 'headers'>

/** What an outcome goes to: rows to the writer, the rest into lists. */
export interface Page {
  writer: Pick<PartitionWriter<Counts>, 'stream' | 'append' | 'accept'>
  deadLetters: OutgoingMessage[]
  findings: OutgoingMessage[]
  counts: Counts
}

const nothing: readonly Detection[] = Object.freeze([])
const noIndicators = (_event: Event): readonly Detection[] => nothing

/** The pipeline and what becomes of its outcomes, as one function that a batch calls for each message. */
export function createProcessor({
  config,
  baseDir,
  cacheDir,
  detection,
  log,
}: Pick<WorkerOptions, 'config' | 'baseDir' | 'cacheDir' | 'detection' | 'log'>) {
  let detect = createDetect(detection)
  let table: IndicatorTable | undefined
  let known = noIndicators
  let judge = readJudge(config, baseDir, log)
  const reference = loadReference(config, baseDir)
  const facts = sourceFacts(config, reference)
  const rooms = config.rooms.map(({ id }): { id: string; format: EventFormat } => ({ id, format: REPORT_FORMAT }))
  const pipeline = createPipeline({
    parse: createParse(),
    judgePage: (record) => judge(record),
    enrich: createEnrich({ reference, assets: config.assets, cacheDir }),
    detect(event) {
      const found = detect(event)
      const indicators = known(event)
      return indicators.length === 0 ? found : [...found, ...indicators]
    },
    score: createScore(config.score, { allowList: config.allow_list, reputation: reference.scanners }),
    sources: new Map(
      [...config.sources, ...rooms].flatMap(({ id, format }) => {
        const known = facts.get(id)
        return known === undefined ? [] : [[id, { facts: known, format }] as const]
      }),
    ),
    retention: config.retention,
  })
  const threshold = config.finding_severity

  const process = (record: ProcessedRecord, partition: number, held: Page): void => {
    const now = Date.now()
    const { outcome, event, message: bytes, detections } = pipeline(record, now)
    const { offset } = record
    const { writer, counts } = held
    counts.consumed += 1
    if (outcome.kind === 'ok') {
      event._stream = writer.stream
      event._partition = partition
      event._offset = offset
      writer.append(event, bytes)
      for (const detection of detections) {
        if (!detection.generate || !atLeast(detection.severity, threshold)) continue
        held.findings.push(findingMessage(toFinding(event, detection, `${writer.stream}-${partition}-${offset}`)))
        counts.findings[detection.severity] = (counts.findings[detection.severity] ?? 0) + 1
      }
    } else if (outcome.kind === 'drop') {
      counts.dropped[outcome.reason] = (counts.dropped[outcome.reason] ?? 0) + 1
    } else {
      // No parser's format and yet not plain: the registry's own fault, kept like any poison.
      const why = outcome.kind === 'dlq' ? outcome : { reason: 'format_mismatch', cause: 'no parser took it' }
      held.deadLetters.push(deadLetterMessage(`${writer.stream}-${partition}-${offset}`, record, why, now))
      counts.dead[why.reason] = (counts.dead[why.reason] ?? 0) + 1
    }
    writer.accept(offset)
  }

  return {
    process,
    useRules(content: DetectionContent): void {
      detect = createDetect(content)
      judge = readJudge(config, baseDir, log)
    },
    async useIndicators(file: string): Promise<void> {
      const fresh = await openTable(file)
      table?.close()
      table = fresh
      known = createIndicatorDetect(fresh)
    },
  }
}

/** The judge of pages by the words of the rule folders; if own ones cannot be read, by the shipped ones. */
function readJudge(config: ResolvedConfig, baseDir: string, log: Log): JudgePage {
  try {
    return createPageJudge(loadPageWords(ruleFolders(config, baseDir)))
  } catch (error) {
    log.warn({ error: errorText(error) }, 'words to judge pages by cannot be read; the shipped ones are used')
    return createPageJudge(loadPageWords([SHIPPED_RULES]))
  }
}
