// Which rules can be used? Folders of Sigma files are read; filters are put into their rules, and whatever can't be used is reported with its reason.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { compileMatcher } from './matcher.ts'
import { DetectionError, type Placeholders } from './modifiers.ts'
import { type CorrelationDocument, parseRules, type SigmaFilter } from './parse.ts'
import { assertRegex } from './regex.ts'
import type { Expression, RuleProblem, SigmaRule } from './rule.ts'

export interface RuleSet {
  readonly rules: readonly SigmaRule[]
  readonly correlations: readonly CorrelationDocument[]
  readonly problems: readonly RuleProblem[]
  /** Files that were read. */
  readonly files: readonly string[]
}

/** Beside the rules and no rules: their cases, and the words that pages are judged by. */
const others = ['.cases.yml', '.words.yml']

/** Reads all `.yml` and `.yaml` files under the folders (or single files), each rule apart: a broken one never stops the others. */
export function loadRules(paths: readonly string[], placeholders: Placeholders = new Map()): RuleSet {
  const files: string[] = []
  const problems: RuleProblem[] = []
  for (const path of paths) {
    try {
      files.push(...ruleFiles(path))
    } catch (error) {
      problems.push({ file: path, line: 0, rule: '', reason: `can't be read: ${reasonOf(error)}` })
    }
  }
  const rules: SigmaRule[] = []
  const filters: SigmaFilter[] = []
  const correlations: CorrelationDocument[] = []
  for (const file of files) {
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (error) {
      problems.push({ file, line: 0, rule: '', reason: `can't be read: ${reasonOf(error)}` })
      continue
    }
    const parsed = parseRules(text, file, placeholders)
    rules.push(...parsed.rules)
    filters.push(...parsed.filters)
    correlations.push(...parsed.correlations)
    problems.push(...parsed.problems)
  }
  return {
    rules: usable(withFilters(unique(rules, problems), filters, problems), problems),
    correlations,
    problems,
    files,
  }
}

/** The rule files under a folder in the order of their names, or the file itself. */
export function ruleFiles(path: string): string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && /\.ya?ml$/.test(entry.name) && !others.some((ending) => entry.name.endsWith(ending)),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** Of rules with the same id the first one counts. */
function unique(rules: readonly SigmaRule[], problems: RuleProblem[]): SigmaRule[] {
  const known = new Map<string, SigmaRule>()
  for (const rule of rules) {
    const before = known.get(rule.id)
    if (before === undefined) known.set(rule.id, rule)
    else problems.push({ file: rule.file, line: 0, rule: rule.id, reason: `has the id of ${before.file}` })
  }
  return [...known.values()]
}

/** Filters are ANDed to the rules that they name by id or name, or to all of their log source. */
function withFilters(rules: SigmaRule[], filters: readonly SigmaFilter[], problems: RuleProblem[]): SigmaRule[] {
  let result = rules
  for (const filter of filters) {
    let used = false
    result = result.map((rule) => {
      const named = filter.rules.length === 0 || filter.rules.includes(rule.id) || filter.rules.includes(rule.name)
      const { category, product, service } = filter.logsource
      const source =
        (category === undefined || category === rule.logsource.category) &&
        (product === undefined || product === rule.logsource.product) &&
        (service === undefined || service === rule.logsource.service)
      if (!named || !source) return rule
      used = true
      return { ...rule, detection: { op: 'and', of: [rule.detection, filter.detection] } }
    })
    if (!used) problems.push({ file: filter.file, line: 0, rule: filter.id, reason: 'is a filter that fits no rule' })
  }
  return result
}

/** Rules whose regexes and networks compile. */
function usable(rules: readonly SigmaRule[], problems: RuleProblem[]): SigmaRule[] {
  return rules.filter((rule) => {
    try {
      compileAll(rule.detection)
      return true
    } catch (error) {
      if (!(error instanceof DetectionError)) throw error
      problems.push({ file: rule.file, line: 0, rule: rule.id, reason: error.message })
      return false
    }
  })
}

function compileAll(expression: Expression): void {
  if (expression.op === 'not') compileAll(expression.of)
  else if (expression.op === 'match') {
    const { matcher } = expression
    if (matcher.kind === 'regex') assertRegex(matcher.source, matcher.flags)
    else if (matcher.kind === 'cidr') compileMatcher(matcher, () => undefined)
  } else for (const part of expression.of) compileAll(part)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
