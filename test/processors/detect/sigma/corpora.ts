// Where are the SigmaHQ rules and recorded events of ../shared/corpora, and how are they read? Tests that need them skip where they are absent.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { loadRules, type RuleSet } from '../../../../processors/detect/sigma/load.ts'

export const corpora = join(import.meta.dirname, '../../../../../shared/corpora/sigma')

/** Whether the corpora are there; says so on the output if they are not. */
export function corporaPresent(who: string): boolean {
  const present = existsSync(corpora)
  if (!present) process.stdout.write(`${who} skipped: ${corpora} is absent\n`)
  return present
}

const folders = ['rules', 'rules-emerging-threats', 'rules-threat-hunting']

/** All rules of the corpora. */
export function corporaRules(): RuleSet {
  return loadRules(folders.map((folder) => join(corpora, folder)))
}

const Regression = z.array(z.object({ event: z.string(), rule: z.string(), category: z.string() }))

/** The recorded events: some files hold several documents, one after the other. */
export function regressionEvents(): { file: string; rule: string; documents: unknown[] }[] {
  const list = Regression.parse(JSON.parse(readFileSync(join(corpora, 'regression.json'), 'utf8')))
  return list.map(({ event, rule }) => {
    const text = readFileSync(join(corpora, 'regression', event), 'utf8')
    return {
      file: event,
      rule,
      documents: text
        .trim()
        .split(/\n(?=\{)/)
        .map((one): unknown => JSON.parse(one)),
    }
  })
}
