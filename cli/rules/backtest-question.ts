// Which rule is to be backtested, and over which time? What people write on the command line.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { LinkedCorrelation } from '../../processors/correlate/link.ts'
import type { RuleSet } from '../../processors/detect/sigma/load.ts'
import type { SigmaRule } from '../../processors/detect/sigma/rule.ts'
import { CommandError, type Frame } from '../frame.ts'
import { printable } from '../terminal.ts'
import { chainOf, readCorrelations } from './correlation-cases.ts'
import { pickRule, problemText, ruleSet } from './rule-set.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

export interface Chosen {
  /** Undefined for a correlation. */
  readonly rule: SigmaRule | undefined
  /** The correlation behind those that it names; empty for a rule. */
  readonly chain: readonly LinkedCorrelation[]
}

/** What an id, a name or a file means, among the rules in force or those of folders. Throws CommandError. */
export function chosenRule(wanted: string, folders: readonly string[], frame: Frame): Chosen {
  const path = resolve(frame.cwd, wanted)
  const isFile = existsSync(path)
  const set: RuleSet = isFile ? ruleSet([path], frame) : ruleSet(folders, frame)
  const [problem] = set.problems
  if (isFile && problem !== undefined)
    throw new CommandError(problemText(problem, frame), 'Put the rule right; `siaga rules check` names every mistake.')
  const correlations = set.correlations.map(({ document, file, line }) => ({
    id: String(document.id ?? file),
    name: String(document.name ?? ''),
    file,
    document,
    line,
  }))
  const all = [...set.rules, ...correlations]
  const found = isFile && all.length === 1 ? all[0] : pickRule(wanted, all, frame)
  if (found === undefined) throw new CommandError(`${wanted} holds no rule.`, 'Name a file with one Sigma rule.')
  if ('detection' in found) return { rule: found, chain: [] }
  // What a correlation in a file names is among the rules in force.
  const others = isFile ? ruleSet(folders, frame) : set
  const rules = [...set.rules, ...others.rules]
  const { rules: read, problems } = readCorrelations({
    rules,
    correlations: [found, ...others.correlations.filter(({ document }) => document.id !== found.id)],
  })
  const own = read.find(({ id, file }) => file === found.file && (id === found.id || found.id === file))
  const chain = own === undefined ? [] : chainOf(own, read, { rules })
  if (chain.length === 0) {
    const reason = problems.find(({ file }) => file === found.file)
    throw new CommandError(
      reason === undefined ? `${printable(found.id)} cannot be used.` : problemText(reason, frame),
      'Name the folder of the rules that it refers to with --dir.',
    )
  }
  return { rule: undefined, chain }
}

/** A date is midnight in WIB (the end of that day for --to), a time has its offset with it. */
export function readTime(option: string, text: string, end: boolean): number {
  const WIB = 7 * HOUR_MS
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const midnight = Date.parse(`${text}T00:00:00Z`) - WIB
    // Date.parse takes 31 November for 1 December.
    if (!Number.isNaN(midnight) && new Date(midnight + WIB).toISOString().startsWith(text))
      return end ? midnight + DAY_MS : midnight
  } else if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)) {
    const at = Date.parse(text)
    if (!Number.isNaN(at)) return at
  }
  throw new CommandError(
    `${option} ${printable(text)} is no time.`,
    'Write a date such as 2024-11-27 (WIB), or a time with its offset such as 2024-11-27T08:00:00+07:00.',
    2,
  )
}
