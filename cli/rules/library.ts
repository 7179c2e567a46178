// What does the page show of the rules in force? Plain data, made once for each reading of the rule files.
import { readFileSync, statSync } from 'node:fs'
import { basename, relative } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import type { RuleSet } from '../../processors/detect/sigma/load.ts'
import type { Severity } from '../../schemas/detection.ts'
import { atLeast } from '../../sinks/findings.ts'
import type { RuleHead, RuleText } from '../../web/rules/parts.ts'
import { detectionContent, type RulesInForce, SHIPPED_RULES } from '../worker/rules.ts'
import { readCases, StreamCase } from './case-file.ts'
import { sourceText } from './list.ts'
import { listed } from './listed.ts'
import { type Part, partsOf } from './parts.ts'
import { isShipped } from './rule-set.ts'

const MAX_TEXT = 64 * 1024
const MAX_CASES = 100
const MAX_CASE_TEXT = 4_000
const MAX_PARTS = 300
const MAX_PART_TEXT = 2_000

export interface RuleLibrary {
  list(): readonly RuleHead[]
  problems(): readonly { readonly file: string; readonly line: number; readonly reason: string }[]
  text(id: string): RuleText | undefined
}

/** The rules as they are whenever somebody asks. Findings leave from `threshold` on. */
export function createRuleLibrary(rules: Pick<RulesInForce, 'current'>, threshold: Severity): RuleLibrary {
  let of: RuleSet | undefined
  let heads: readonly RuleHead[] = []
  const current = (): RuleSet => {
    if (of === rules.current) return of
    const set = rules.current
    const { silent } = detectionContent(set)
    heads = listed(set).map(
      (rule): RuleHead => ({
        id: rule.id,
        title: rule.title,
        judul: rule.judul,
        level: rule.level,
        attack: [...rule.attack],
        correlation: rule.correlation,
        logsource: sourceText(rule.logsource),
        own: !isShipped(rule.file),
        base: silent.has(rule.id),
        quiet: !atLeast(rule.level, threshold),
        ...datesOf(rule.file),
      }),
    )
    of = set
    return set
  }
  return {
    list() {
      current()
      return heads
    },
    problems: () => current().problems.map(({ file, line, reason }) => ({ file: shortName(file), line, reason })),
    text(id) {
      const set = current()
      const rule = set.rules.find((one) => one.id === id)
      const correlation = set.correlations.find(({ document, file }) => (document.id ?? file) === id)
      const file = rule?.file ?? correlation?.file
      if (file === undefined) return undefined
      const text = textOf(file)
      const head = Head.parse(correlation?.document ?? {})
      return {
        description: rule?.description ?? head.description,
        status: rule?.status ?? head.status,
        false_positives: [...(rule?.falsePositives ?? head.falsepositives)],
        response: rule?.guidance?.response ?? head.siaga.response,
        looks_for:
          rule === undefined
            ? { id: [], en: [] }
            : { id: shortParts(partsOf(rule, undefined, 'id')), en: shortParts(partsOf(rule, undefined, 'en')) },
        file: shortName(file),
        text: text.slice(0, MAX_TEXT),
        text_cut: text.length > MAX_TEXT,
        cases: casesOf(file),
      }
    },
  }
}

/** What a correlation says of itself beyond what makes it run. */
const Head = z.looseObject({
  description: z.string().catch(''),
  status: z.string().catch(''),
  falsepositives: z.array(z.string()).catch([]),
  siaga: z
    .looseObject({ response: z.object({ id: z.string(), en: z.string() }).catch({ id: '', en: '' }) })
    .catch({ response: { id: '', en: '' } }),
})

const shortParts = (parts: readonly Part[]): { depth: number; text: string }[] =>
  parts.slice(0, MAX_PARTS).map(({ depth, text }) => ({ depth, text: text.slice(0, MAX_PART_TEXT) }))

/** Below the folder of shipped rules; of others the name alone, since folders of the machine are nobody's business. */
function shortName(file: string): string {
  return isShipped(file) ? `rules/${relative(SHIPPED_RULES, file)}` : basename(file)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Removed a moment ago: the next reading of the rules leaves it out.
    return ''
  }
}

function datesOf(file: string): { date: string; modified: string; written: number } {
  const text = textOf(file)
  const dated = (key: string): string =>
    new RegExp(`^${key}:\\s*['"]?(\\d{4}[-/]\\d{2}[-/]\\d{2})`, 'm').exec(text)?.[1]?.replaceAll('/', '-') ?? ''
  return {
    date: dated('date'),
    modified: dated('modified'),
    written: Math.round(statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0),
  }
}

function casesOf(file: string): RuleText['cases'] {
  const cases = readCases(file)
  return (cases?.cases ?? []).slice(0, MAX_CASES).map(({ kind, value }) => {
    const stream = StreamCase.safeParse(value)
    // Cases of correlations have lines and times of their own: they are shown as they are written.
    return stream.success
      ? {
          kind,
          format: stream.data.format ?? cases?.format ?? 'auto',
          text: stream.data.line.slice(0, MAX_CASE_TEXT),
          note: stream.data.note ?? '',
        }
      : { kind, format: '', text: stringify(value).slice(0, MAX_CASE_TEXT), note: '' }
  })
}
