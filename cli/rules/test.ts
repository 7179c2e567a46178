// siaga rules test: does every rule match what it must and nothing that it must not?
import type { RuleSet } from '../../processors/detect/sigma/load.ts'
import { CommandError, type Frame } from '../frame.ts'
import { createProgressBar } from '../send/progress-bar.ts'
import { type Language, languageOf, number, printable } from '../terminal.ts'
import { caseClickHouse, runCorrelationCases } from './correlation-cases.ts'
import { partLines } from './explain-text.ts'
import { listed } from './listed.ts'
import { NOT_THERE, type Part } from './parts.ts'
import { pickRule, ruleSet, shortPath, warnOfProblems } from './rule-set.ts'
import { type CaseGroup, type CaseResult, caseGroups, runStreamCases } from './run-cases.ts'

export interface TestOptions {
  readonly rule?: string
  readonly clickhouse?: boolean
  readonly verbose?: boolean
  readonly json?: boolean
  readonly lang?: string
}

export async function testRules(folders: readonly string[], options: TestOptions, frame: Frame): Promise<void> {
  const set = ruleSet(folders, frame)
  warnOfProblems(set.problems, frame)
  const groups = groupsOf(set, options, frame)
  const { config, baseDir } = frame.config()
  const counts = { passed: 0, failed: 0, notRun: 0 }
  const others = new Map<string, number>()
  const report = (result: CaseResult): void => {
    counts[result.ok ? 'passed' : 'failed'] += 1
    for (const id of result.others) others.set(id, (others.get(id) ?? 0) + 1)
    if (options.json) frame.stdout.write(`${JSON.stringify({ ...result, file: shortPath(result.file, frame) })}\n`)
    else if (!result.ok) frame.stdout.write(failureText(result, frame))
    else if (options.verbose && result.others.length > 0) frame.stdout.write(othersText(result, set, frame))
  }
  for (const { cases } of groups) {
    for (const { line, reason } of cases.problems) {
      counts.failed += 1
      const file = shortPath(cases.file, frame)
      frame.stdout.write(
        options.json
          ? `${JSON.stringify({ file, line, ok: false, reason })}\n`
          : `${frame.paint('red', '✗')} ${file}:${line}: ${printable(reason)}\n`,
      )
    }
  }
  const progress = createProgressBar(frame.stderr, frame.paintError)
  const started = performance.now()
  const total = groups.reduce((sum, { cases }) => sum + cases.cases.length, 0)
  let done = 0
  progress.start(() => ({ lines: done, bytes: done, totalBytes: total, seconds: (performance.now() - started) / 1000 }))
  try {
    for (const result of runStreamCases(groups, set, config, baseDir)) {
      report(result)
      done += 1
      // So that the bar moves.
      if (done % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    if (groups.some(({ correlation }) => correlation)) {
      const found = await caseClickHouse(frame)
      if ('reason' in found) {
        if (options.clickhouse)
          throw new CommandError(found.reason, 'Start Siaga first (siaga start), or set CLICKHOUSE_URL.')
        for (const { cases, correlation } of groups) if (correlation) counts.notRun += cases.cases.length
      } else {
        const { clickhouse } = found
        try {
          for await (const result of runCorrelationCases(groups, set, config, baseDir, clickhouse)) {
            report(result)
            done += 1
          }
        } finally {
          await clickhouse.close()
        }
      }
    }
  } finally {
    progress.stop()
  }
  if (options.verbose && !options.json) frame.stdout.write(overlapText(others, set, frame))
  frame.stderr.write(`${summary(counts, groups.length, languageOf(options.lang, frame.env), frame)}\n`)
  if (counts.failed > 0 || set.problems.length > 0) frame.failed()
}

function groupsOf(set: RuleSet, { rule }: TestOptions, frame: Frame): CaseGroup[] {
  const groups = caseGroups(set)
  if (rule === undefined) return groups
  const named = listed(set).map(({ id, file }) => ({ id, file, name: nameOf(set, id) }))
  const { file } = pickRule(rule, named, frame)
  return groups.filter(({ ruleFile }) => ruleFile === file)
}

function nameOf({ rules, correlations }: RuleSet, id: string): string {
  const document = correlations.find((one) => one.document.id === id)?.document
  return rules.find((rule) => rule.id === id)?.name ?? (typeof document?.name === 'string' ? document.name : '')
}

function failureText(result: CaseResult, frame: Frame): string {
  const lines = [
    `${frame.paint('red', '✗')} ${shortPath(result.file, frame)}:${result.line}: ${result.kind} ${printable(result.reason)}`,
    ...(result.note === '' ? [] : [`    ${frame.paint('gray', printable(result.note))}`]),
    ...(result.text === '' ? [] : [`    ${printable(result.text)}`]),
    ...partLines(telling(result.parts), frame.paint, 160).map((line) => `      ${line}`),
  ]
  return `${lines.join('\n')}\n`
}

/** Parts without the branches of which nothing is in the event. */
function telling(parts: readonly Part[]): Part[] {
  const kept: Part[] = []
  for (let n = 0; n < parts.length; n += 1) {
    const part = parts[n]
    if (part === undefined) break
    let end = n + 1
    while ((parts[end]?.depth ?? -1) > part.depth) end += 1
    const leaves = parts.slice(n, end).filter(({ value }) => value !== '')
    const empty = part.depth > 0 && part.holds === false && leaves.length > 0 && end - n > 1
    if (empty && leaves.every(({ value }) => value === NOT_THERE)) n = end - 1
    else kept.push(part)
  }
  return kept
}

function othersText(result: CaseResult, set: RuleSet, frame: Frame): string {
  const names = result.others.map((id) => titleOf(set, id)).join('; ')
  return `${frame.paint('green', '✓')} ${shortPath(result.file, frame)}:${result.line}: ${result.kind}; also: ${printable(names)}\n`
}

function overlapText(others: ReadonlyMap<string, number>, set: RuleSet, frame: Frame): string {
  if (others.size === 0) return ''
  const lines = [...others]
    .sort(([, a], [, b]) => b - a)
    .map(([id, count]) => `  ${String(count).padStart(4)}  ${id}  ${printable(titleOf(set, id))}`)
  return `${frame.paint('bold', 'Matched on cases of other rules:')}\n${lines.join('\n')}\n`
}

function titleOf({ rules }: RuleSet, id: string): string {
  return rules.find((rule) => rule.id === id)?.title ?? id
}

function summary(
  { passed, failed, notRun }: { passed: number; failed: number; notRun: number },
  files: number,
  language: Language,
  frame: Frame,
): string {
  const n = (value: number): string => number(value, language)
  const mark = failed === 0 ? frame.paintError('green', '✓') : frame.paintError('red', '✗')
  const rest =
    notRun === 0
      ? ''
      : language === 'id'
        ? `; ${n(notRun)} contoh korelasi tidak dijalankan (perlu ClickHouse)`
        : `; ${n(notRun)} cases of correlations not run (they need ClickHouse)`
  return language === 'id'
    ? `${mark} ${n(passed)} contoh lulus, ${n(failed)} gagal, dari ${n(files)} berkas${rest}`
    : `${mark} ${n(passed)} cases passed, ${n(failed)} failed, in ${n(files)} files${rest}`
}
