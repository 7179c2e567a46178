// Which rules are in force? The shipped ones and the operator's folders, read again when a file changes.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DetectionContent } from '../../processors/detect/index.ts'
import { wordFiles } from '../../processors/detect/page/words.ts'
import { loadRules, type RuleSet, ruleFiles } from '../../processors/detect/sigma/load.ts'
import type { CorrelationDocument } from '../../processors/detect/sigma/parse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { Log } from '../../runtime/log.ts'

/** Siaga's own rules. */
export const SHIPPED_RULES = fileURLToPath(new URL('../../rules', import.meta.url))

type RuleSettings = Pick<ResolvedConfig, 'rules'>

/** Folders that the configuration names. */
export function ruleFolders({ rules }: RuleSettings, baseDir: string): string[] {
  return [...(rules.shipped ? [SHIPPED_RULES] : []), ...rules.folders.map((folder) => resolve(baseDir, folder))]
}

/** Everything that the configured folders hold, without what is disabled. */
export function loadConfiguredRules({ rules }: RuleSettings, baseDir: string): RuleSet {
  const set = loadRules(ruleFolders({ rules }, baseDir), new Map(Object.entries(rules.placeholders)))
  const disabled = new Set(rules.disabled)
  return {
    ...set,
    rules: set.rules.filter(({ id }) => !disabled.has(id)),
    correlations: set.correlations.filter(({ document }) => !disabled.has(String(document.id ?? ''))),
  }
}

/** What the workers need of a rule set. A rule that a correlation refers to raises nothing itself unless the correlation says `generate: true`. */
export function detectionContent({ rules, correlations }: Pick<RuleSet, 'rules' | 'correlations'>): DetectionContent {
  const referred = new Set(correlations.flatMap(referredRules))
  return {
    rules,
    silent: new Set(rules.filter(({ id, name }) => referred.has(id) || referred.has(name)).map(({ id }) => id)),
  }
}

function referredRules({ document }: CorrelationDocument): string[] {
  const { correlation } = document
  if (typeof correlation !== 'object' || correlation === null) return []
  const { rules, after, generate = document.generate } = correlation as Readonly<Record<string, unknown>>
  if (generate === true) return []
  return [rules, after].flat().filter((rule) => typeof rule === 'string')
}

const LOOK_MS = 2_000

/** The rules of a running Siaga, read once for all who use them and again when a rule file has been written, added or removed. */
export interface RulesInForce {
  readonly current: RuleSet
  /** Calls `changed` after each reading to come; answers a function that ends it. */
  onChange(changed: (set: RuleSet) => void): () => void
  stop(): void
}

/** Reads the configured rules and keeps them; files that can't be used are logged with the reason. */
export function keepRules(config: RuleSettings, baseDir: string, log: Log): RulesInForce {
  const folders = ruleFolders(config, baseDir)
  const listeners = new Set<(set: RuleSet) => void>()
  let seen = fingerprint(folders)
  const read = (): RuleSet => {
    const set = loadConfiguredRules(config, baseDir)
    for (const { file, line, rule, reason } of set.problems)
      log.warn({ file, line, rule, reason }, 'a rule is not used')
    return set
  }
  let current = read()
  const timer = setInterval(() => {
    const now = fingerprint(folders)
    if (now === seen) return
    seen = now
    current = read()
    log.info({ rules: current.rules.length, correlations: current.correlations.length }, 'rules were read again')
    for (const changed of listeners) changed(current)
  }, LOOK_MS)
  timer.unref()
  return {
    get current() {
      return current
    },
    onChange(changed) {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    stop: () => clearInterval(timer),
  }
}

/** Changes when a file of rules or of words does: names, sizes and times. */
function fingerprint(folders: readonly string[]): string {
  return folders
    .flatMap((folder) => {
      try {
        return [...ruleFiles(folder), ...wordFiles(folder)]
      } catch {
        // Said when the rules are loaded; a folder that appears later is a change.
        return []
      }
    })
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false })
      return `${file} ${stat?.size ?? 0} ${stat?.mtimeMs ?? 0}`
    })
    .join('\n')
}
