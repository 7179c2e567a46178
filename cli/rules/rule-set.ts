// Which rules does a command work with? Those of the folders named, else the ones that are in force.
import { existsSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { loadRules, type RuleSet } from '../../processors/detect/sigma/load.ts'
import type { Placeholders } from '../../processors/detect/sigma/modifiers.ts'
import type { RuleProblem, SigmaRule } from '../../processors/detect/sigma/rule.ts'
import { CommandError, type Frame } from '../frame.ts'
import { printable } from '../terminal.ts'
import { loadConfiguredRules, ruleFolders, SHIPPED_RULES } from '../worker/rules.ts'

/** Loads folders or files of rules; without any, those that are in force. Throws CommandError where a path is not there. */
export function ruleSet(folders: readonly string[], frame: Frame): RuleSet {
  const { config, baseDir } = frame.config()
  return folders.length === 0
    ? loadConfiguredRules(config, baseDir)
    : loadRules(pathsOf(folders, frame), configuredPlaceholders(frame))
}

/** Like `ruleSet`, but with rules that the configuration has turned off. */
export function everyRule(folders: readonly string[], frame: Frame): RuleSet {
  const { config, baseDir } = frame.config()
  const paths = folders.length === 0 ? ruleFolders(config, baseDir) : pathsOf(folders, frame)
  return loadRules(paths, configuredPlaceholders(frame))
}

/** Values of placeholders in siaga.yaml. */
function configuredPlaceholders(frame: Frame): Placeholders {
  return new Map(Object.entries(frame.config().config.rules.placeholders))
}

/** Absolute paths of folders or files. Throws CommandError where one is not there. */
export function pathsOf(folders: readonly string[], frame: Pick<Frame, 'cwd'>): string[] {
  const paths = folders.map((folder) => resolve(frame.cwd, folder))
  const missing = paths.find((path) => !existsSync(path))
  if (missing !== undefined)
    throw new CommandError(
      `There is no folder or file ${missing}.`,
      'Name a folder of Sigma rules, or one rule file.',
      2,
    )
  return paths
}

/** Whether a file belongs to the rules that come with Siaga, whose house rules go beyond the specification. */
export function isShipped(file: string): boolean {
  return file.startsWith(SHIPPED_RULES + sep)
}

/** A path as people write it: from the current folder where that is shorter. */
export function shortPath(file: string, frame: Pick<Frame, 'cwd'>): string {
  if (!isAbsolute(file)) return file
  const short = relative(frame.cwd, file)
  return short.length < file.length && !short.startsWith(`..${sep}..${sep}..`) ? short : file
}

/** Says on stderr which files can't be used; the others go on. */
export function warnOfProblems(problems: readonly RuleProblem[], frame: Frame): void {
  const MAX = 10
  for (const problem of problems.slice(0, MAX))
    frame.stderr.write(`${frame.paintError('yellow', 'warning:')} ${problemText(problem, frame)}\n`)
  if (problems.length > MAX)
    frame.stderr.write(`  … and ${problems.length - MAX} more; \`siaga rules check\` lists them all.\n`)
}

/** `rules/web/sqli.yml:12: a1b2… has no detection` */
export function problemText({ file, line, rule, reason }: RuleProblem, frame: Pick<Frame, 'cwd'>): string {
  const place = `${shortPath(file, frame)}${line > 0 ? `:${line}` : ''}`
  return printable(`${place}: ${rule === '' ? 'the document' : rule} ${reason}`)
}

/** The one rule that an id, the beginning of one, a name or a file names. Throws CommandError. */
export function pickRule<T extends Pick<SigmaRule, 'id' | 'name' | 'file'>>(
  wanted: string,
  rules: readonly T[],
  frame: Pick<Frame, 'cwd'>,
): T {
  const path = resolve(frame.cwd, wanted)
  const exact = rules.filter(({ id, name, file }) => id === wanted || (name !== '' && name === wanted) || file === path)
  const found = exact.length > 0 ? exact : rules.filter(({ id }) => id.startsWith(wanted.toLowerCase()))
  const [rule] = found
  if (rule !== undefined && found.length === 1) return rule
  throw new CommandError(
    found.length > 1
      ? `${found.length} rules are named \`${printable(wanted)}\`: ${found
          .slice(0, 5)
          .map(({ id }) => id)
          .join(', ')}.`
      : `There is no rule \`${printable(wanted)}\`.`,
    'See `siaga rules list`.',
  )
}
