// siaga rules explain: what does a rule look for, where, and which parts of it does an event meet?
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { appliesTo } from '../../processors/detect/sigma/engine.ts'
import { createEventSource } from '../../processors/detect/sigma/logsource.ts'
import type { CorrelationDocument } from '../../processors/detect/sigma/parse.ts'
import type { SigmaRule } from '../../processors/detect/sigma/rule.ts'
import { EventFormat } from '../../schemas/config.ts'
import { CommandError, type Frame } from '../frame.ts'
import { type Language, languageOf, printable } from '../terminal.ts'
import { datasetsOf } from './datasets.ts'
import { partLines } from './explain-text.ts'
import { formAccessor, readForm } from './forms.ts'
import { eventById } from './history.ts'
import { createLab } from './lab.ts'
import { openEvents, readLines } from './lines.ts'
import { levelText, sourceText } from './list.ts'
import { type Part, partsFor, partsOf, sourceReason } from './parts.ts'
import { pickRule, ruleSet, shortPath, warnOfProblems } from './rule-set.ts'

export interface ExplainOptions {
  readonly dir?: readonly string[]
  readonly event?: string
  readonly line?: string
  readonly format?: string
  readonly eventId?: string
  readonly lang?: string
}

const words = {
  id: {
    source: 'Sumber log',
    sees: 'Melihat',
    some: '(sebagian)',
    nothing: 'tidak satu pun dari dataset kita',
    looks: 'Yang dicari',
    when: 'Dapat keliru bila',
    todo: 'Yang harus dilakukan',
    match: 'Kejadian ini kena.',
    noMatch: 'Kejadian ini tidak kena.',
    file: 'Berkas',
  },
  en: {
    source: 'Log source',
    sees: 'Sees',
    some: '(some)',
    nothing: 'none of our datasets',
    looks: 'Looks for',
    when: 'False positives',
    todo: 'What to do',
    match: 'This event matches.',
    noMatch: 'This event does not match.',
    file: 'File',
  },
} as const satisfies Record<Language, Record<string, string>>

export async function explainRule(wanted: string, options: ExplainOptions, frame: Frame): Promise<void> {
  const given = [options.event, options.line, options.eventId].filter((one) => one !== undefined)
  if (given.length > 1)
    throw new CommandError('There is more than one event.', 'Give one of --event, --line and --event-id.', 2)
  const language = languageOf(options.lang, frame.env)
  const path = resolve(frame.cwd, wanted)
  const set = existsSync(path) ? ruleSet([path], frame) : ruleSet(options.dir ?? [], frame)
  const correlations = set.correlations.map((one) => ({ ...one, id: idOf(one), name: String(one.document.name ?? '') }))
  if (existsSync(path) && set.rules.length + correlations.length === 0) warnOfProblems(set.problems, frame)
  const found =
    existsSync(path) && set.rules.length + correlations.length === 1
      ? (set.rules[0] ?? correlations[0])
      : pickRule(wanted, [...set.rules, ...correlations], frame)
  if (found === undefined)
    throw new CommandError(`There is no rule \`${printable(wanted)}\`.`, 'See `siaga rules list`.')
  if ('document' in found) {
    if (given.length > 0)
      throw new CommandError('A correlation looks at many events, not at one.', 'Leave the event out.', 2)
    frame.stdout.write(correlationText(found, frame))
    return
  }
  const { parts, verdict } = await judge(found, options, language, frame)
  frame.stdout.write(ruleText(found, parts, verdict, language, frame))
}

const idOf = ({ document, file }: CorrelationDocument): string => (typeof document.id === 'string' ? document.id : file)

interface Judged {
  readonly parts: readonly Part[]
  /** Undefined without an event. */
  readonly verdict: { readonly matches: boolean; readonly why: string } | undefined
}

async function judge(rule: SigmaRule, options: ExplainOptions, language: Language, frame: Frame): Promise<Judged> {
  const sourceOf = createEventSource()
  if (options.line !== undefined) {
    const { config, baseDir } = frame.config()
    const lab = createLab([rule], config, baseDir)
    const format = EventFormat.safeParse(options.format ?? 'auto')
    if (!format.success)
      throw new CommandError(
        `--format ${options.format ?? ''} is not known.`,
        `Formats: ${EventFormat.options.join(', ')}.`,
        2,
      )
    const answer = lab({ text: options.line, format: format.data, region: '', receivedAt: Date.now(), set: {} })
    if (answer.kind === 'unread') throw new CommandError(`The line ${answer.reason}.`, 'See --format.')
    const why = sourceReason(rule.logsource, answer.source, answer.event.dataset)
    const parts = partsOf(rule, answer.event, language)
    return { parts, verdict: { matches: answer.matches.length > 0, why } }
  }
  if (options.eventId !== undefined) {
    const event = await eventById(options.eventId, frame)
    const source = sourceOf(event)
    const parts = partsOf(rule, event, language)
    const why = sourceReason(rule.logsource, source, event.dataset)
    return { parts, verdict: { matches: why === '' && parts[0]?.holds === true, why } }
  }
  if (options.event !== undefined) {
    for await (const lines of readLines(openEvents(options.event, frame.stdin))) {
      const [line] = lines
      if (line === undefined) continue
      if (line.text === undefined)
        throw new CommandError(`The event ${line.reason}.`, 'See `siaga rules match --help`.')
      const form = readForm(line.text)
      if (form.kind === 'bad') throw new CommandError(`The event ${form.reason}.`, 'See `siaga rules match --help`.')
      const parts = partsFor(rule, form.event, formAccessor, language)
      const elsewhere = !appliesTo(rule.logsource, form.source)
      const why = elsewhere ? `the rule is for ${sourceText(rule.logsource)}, the event is not` : ''
      return { parts, verdict: { matches: why === '' && parts[0]?.holds === true, why } }
    }
    throw new CommandError('There is no event in that file.', 'See `siaga rules match --help`.')
  }
  return { parts: partsOf(rule, undefined, language), verdict: undefined }
}

function ruleText(
  rule: SigmaRule,
  parts: readonly Part[],
  verdict: Judged['verdict'],
  language: Language,
  frame: Frame,
): string {
  const text = words[language]
  const { paint } = frame
  const datasets = datasetsOf(rule.logsource).map(({ dataset, share }) =>
    share === 'all' ? dataset : `${dataset} ${text.some}`,
  )
  const title = language === 'id' ? (rule.guidance?.judul ?? rule.title) : rule.title
  const head = (label: string): string => paint('bold', label)
  const lines = [
    `${paint('bold', printable(title))}  ${levelText(rule.level, paint)}  ${rule.attack.join(' ')}`.trimEnd(),
    printable(rule.id),
    ...(rule.description === '' ? [] : ['', ...rule.description.trim().split('\n').map(printable)]),
    '',
    `${head(text.source)}: ${sourceText(rule.logsource)}`,
    `${head(text.sees)}: ${datasets.join(', ') || text.nothing}`,
    `${head(text.file)}: ${shortPath(rule.file, frame)}`,
    '',
    `${head(text.looks)}:`,
    ...partLines(parts, paint).map((line) => `  ${line}`),
    ...(rule.falsePositives.length === 0
      ? []
      : ['', `${head(text.when)}:`, ...rule.falsePositives.map((one) => `  - ${printable(one)}`)]),
    ...(rule.guidance === undefined
      ? []
      : [
          '',
          `${head(text.todo)}:`,
          ...rule.guidance.response[language]
            .trim()
            .split('\n')
            .map((one) => `  ${printable(one)}`),
        ]),
    ...(verdict === undefined
      ? []
      : [
          '',
          verdict.matches ? paint('green', text.match) : paint('yellow', text.noMatch),
          ...(verdict.why === '' ? [] : [printable(verdict.why)]),
        ]),
  ]
  return `${lines.join('\n')}\n`
}

const CorrelationView = z.looseObject({
  title: z.string().catch(''),
  level: z.string().catch(''),
  description: z.string().catch(''),
  correlation: z.record(z.string(), z.unknown()).catch({}),
})

function correlationText(found: CorrelationDocument, frame: Frame): string {
  const { title, level, description, correlation } = CorrelationView.parse(found.document)
  const lines = [
    `${frame.paint('bold', printable(title))}  ${printable(level)}`,
    printable(idOf(found)),
    ...(description === '' ? [] : ['', printable(description.trim())]),
    '',
    ...Object.entries(correlation).map(
      ([key, value]) =>
        `${frame.paint('bold', printable(key))}: ${printable(typeof value === 'string' ? value : JSON.stringify(value))}`,
    ),
    `${frame.paint('bold', 'file')}: ${shortPath(found.file, frame)}`,
  ]
  return `${lines.join('\n')}\n`
}
