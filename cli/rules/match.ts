// siaga rules match: which rules do the events of a file match? Streams; no services, no configuration.
import { once } from 'node:events'
import { createSigma } from '../../processors/detect/sigma/engine.ts'
import { loadRules } from '../../processors/detect/sigma/load.ts'
import type { EventSource, LogSource, RuleProblem, SigmaRule } from '../../processors/detect/sigma/rule.ts'
import { CommandError, type Frame } from '../frame.ts'
import { createProgressBar } from '../send/progress-bar.ts'
import { number, printable } from '../terminal.ts'
import { formAccessor, readForm } from './forms.ts'
import { openEvents, readLines } from './lines.ts'
import { readSource } from './list.ts'
import { loadPipelines, noPipeline, type ProcessingPipeline } from './pysigma.ts'
import { pathsOf, ruleSet, warnOfProblems } from './rule-set.ts'
import { PipelineRefusal, transformed } from './transform.ts'

export interface MatchOptions {
  readonly rules?: readonly string[]
  readonly pipeline?: readonly string[]
  readonly logsource?: string
  readonly quiet?: boolean
}

/** Bad lines that are named one by one; more are counted. */
const MAX_NAMED = 20
const FLUSH_CHARACTERS = 64 * 1024

export async function matchEvents(file: string | undefined, options: MatchOptions, frame: Frame): Promise<void> {
  const source = options.logsource === undefined ? undefined : eventSource(readSource(options.logsource))
  const pipeline = options.pipeline === undefined ? noPipeline : loadPipelines(options.pipeline)
  const set =
    options.rules === undefined ? ruleSet([], frame) : loadRules(pathsOf(options.rules, frame), pipeline.placeholders)
  const { rules, refused } = withPipeline(set.rules, pipeline)
  if (!options.quiet) warnOfProblems([...set.problems, ...refused], frame)
  if (rules.length === 0)
    throw new CommandError('There is no rule that can be used.', 'Name a folder of Sigma rules with --rules.')
  const sigma = createSigma(rules, formAccessor)
  if (source !== undefined && sigma.rulesOf(source).length === 0 && !options.quiet) {
    const text = `no rule is for events of ${options.logsource}; name category, product and service as far as the rules do`
    frame.stderr.write(`${frame.paintError('yellow', 'warning:')} ${printable(text)}\n`)
  }
  const name = file ?? '-'
  if (name === '-' && frame.stdin.isTTY)
    frame.stderr.write('Reading events from the keyboard, one JSON object a line; Ctrl-D ends.\n')

  let bad = 0
  const complain = (line: number, reason: string): void => {
    bad += 1
    if (bad <= MAX_NAMED) bar.print(`${name}: line ${number(line + 1)} (event ${line}) ${printable(reason)}`)
  }
  const started = performance.now()
  let events = 0
  const bar = createProgressBar(frame.stderr, frame.paintError)
  bar.start(() => ({ lines: events, bytes: 0, totalBytes: undefined, seconds: (performance.now() - started) / 1000 }))
  let out = ''
  const flush = async (): Promise<void> => {
    const text = out
    out = ''
    if (text !== '' && !frame.stdout.write(text)) await once(frame.stdout, 'drain')
  }
  try {
    for await (const lines of readLines(openEvents(name, frame.stdin))) {
      for (const line of lines) {
        events += 1
        if (line.text === undefined) {
          complain(line.number, line.reason)
          continue
        }
        const form = readForm(line.text, source)
        if (form.kind === 'bad') {
          complain(line.number, form.reason)
          continue
        }
        for (const { rule } of sigma.match(form.event, form.source))
          out += `${JSON.stringify({ event: line.number, rule: rule.id, title: rule.title })}\n`
        if (out.length >= FLUSH_CHARACTERS) await flush()
      }
      await flush()
    }
  } finally {
    bar.stop()
  }
  await flush()
  if (bad === 0) return
  if (bad > MAX_NAMED) frame.stderr.write(`siaga: ${number(bad - MAX_NAMED)} more lines are no events\n`)
  frame.failed()
}

function eventSource({ category, product, service }: LogSource): EventSource {
  const one = (part: string | undefined): string[] => (part === undefined ? [] : [part])
  return { categories: one(category), products: one(product), services: one(service) }
}

function withPipeline(
  rules: readonly SigmaRule[],
  pipeline: ProcessingPipeline,
): { readonly rules: readonly SigmaRule[]; readonly refused: readonly RuleProblem[] } {
  if (pipeline === noPipeline) return { rules, refused: [] }
  const refused: RuleProblem[] = []
  const kept = rules.flatMap((rule) => {
    try {
      return [transformed(rule, pipeline)]
    } catch (error) {
      if (!(error instanceof PipelineRefusal)) throw error
      refused.push({ file: rule.file, line: 0, rule: rule.id, reason: `is refused by the pipeline: ${error.message}` })
      return []
    }
  })
  return { rules: kept, refused }
}
