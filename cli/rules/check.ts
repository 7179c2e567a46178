// siaga rules check: can every file be used, and do our own rules keep to the house rules?
import type { Frame } from '../frame.ts'
import { languageOf, number } from '../terminal.ts'
import { readCorrelations } from './correlation-cases.ts'
import { houseProblems, loneQuestionMarks, ungatedRegexes } from './house.ts'
import { listed } from './listed.ts'
import { everyRule, isShipped, problemText } from './rule-set.ts'

export interface CheckOptions {
  readonly house?: boolean
  readonly json?: boolean
  readonly lang?: string
}

export function checkRules(folders: readonly string[], options: CheckOptions, frame: Frame): void {
  const set = everyRule(folders, frame)
  const correlations = readCorrelations(set)
  const files = [...new Set(listed(set).map(({ file }) => file))]
  const ours = files.filter((file) => (options.house ?? false) || isShipped(file))
  const problems = [...set.problems, ...correlations.problems, ...houseProblems(ours)]
  const own = new Set(ours)
  const ownRules = set.rules.filter(({ file }) => own.has(file))
  const warnings = [...ungatedRegexes(ownRules), ...loneQuestionMarks(ownRules)]
  if (options.json) {
    for (const problem of problems) frame.stdout.write(`${JSON.stringify({ kind: 'problem', ...problem })}\n`)
    for (const warning of warnings) frame.stdout.write(`${JSON.stringify({ kind: 'warning', ...warning })}\n`)
  } else {
    for (const problem of problems) frame.stdout.write(`${frame.paint('red', '✗')} ${problemText(problem, frame)}\n`)
    for (const warning of warnings) frame.stdout.write(`${frame.paint('yellow', '!')} ${problemText(warning, frame)}\n`)
  }
  const count = { rules: set.rules.length, correlations: correlations.usable }
  const english =
    `${number(count.rules)} rules and ${number(count.correlations)} correlations can be used; ` +
    `${number(problems.length)} problems in ${number(new Set(problems.map(({ file }) => file)).size)} files`
  const indonesian =
    `${number(count.rules, 'id')} aturan dan ${number(count.correlations, 'id')} korelasi dapat dipakai; ` +
    `${number(problems.length, 'id')} masalah`
  const mark = problems.length === 0 ? frame.paintError('green', '✓') : frame.paintError('red', '✗')
  frame.stderr.write(`${mark} ${languageOf(options.lang, frame.env) === 'id' ? indonesian : english}\n`)
  if (problems.length > 0) frame.failed()
}
