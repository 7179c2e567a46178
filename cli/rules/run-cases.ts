// Do the cases of rules hold? Each line goes through the pipeline with all rules loaded; a hit must match its rule, a miss must not.
import type { RuleSet } from '../../processors/detect/sigma/load.ts'
import { type Case, type CaseFile, readCases, StreamCase } from './case-file.ts'
import { createLab, type LabResult } from './lab.ts'
import { type Part, partsOf, sourceReason } from './parts.ts'

export interface CaseResult {
  readonly file: string
  readonly line: number
  readonly kind: 'hit' | 'miss'
  /** Ids of the rules of the file that the case belongs to. */
  readonly rules: readonly string[]
  readonly ok: boolean
  /** Why it failed, '' if it did not. */
  readonly reason: string
  /** The event line, as far as the case has one. */
  readonly text: string
  readonly note: string
  /** For a failure: the parts of the rule, with what they found. */
  readonly parts: readonly Part[]
  /** Other rules that matched. */
  readonly others: readonly string[]
}

/** A file of rules with its cases. */
export interface CaseGroup {
  readonly ruleFile: string
  readonly cases: CaseFile
  /** Correlations need more than a line: see processors/correlate. */
  readonly correlation: boolean
}

/** Cases that lie beside the rules of a set, by file. */
export function caseGroups({ rules, correlations }: Pick<RuleSet, 'rules' | 'correlations'>): CaseGroup[] {
  const correlated = new Set(correlations.map(({ file }) => file))
  const files = [...new Set([...rules.map(({ file }) => file), ...correlated])].sort()
  return files.flatMap((ruleFile) => {
    const cases = readCases(ruleFile)
    return cases === undefined ? [] : [{ ruleFile, cases, correlation: correlated.has(ruleFile) }]
  })
}

export type CaseConfig = Parameters<typeof createLab>[1]

/** Runs the stream cases of the groups. `set` is what is loaded, which may be more than the rules of the groups. */
export function* runStreamCases(
  groups: readonly CaseGroup[],
  set: Pick<RuleSet, 'rules'>,
  config: CaseConfig,
  baseDir: string,
): Generator<CaseResult> {
  const lab = createLab(set.rules, config, baseDir)
  for (const { ruleFile, cases, correlation } of groups) {
    if (correlation) continue
    const own = set.rules.filter(({ file }) => file === ruleFile)
    for (const one of cases.cases) {
      const read = StreamCase.safeParse(one.value)
      const result = { file: one.file, line: one.line, kind: one.kind, rules: own.map(({ id }) => id) }
      if (!read.success) {
        const [issue] = read.error.issues
        const reason = `is no case: ${issue?.path.join('.') || 'its form'}: ${issue?.message ?? 'is wrong'}`
        yield { ...result, ok: false, reason, text: '', note: '', parts: [], others: [] }
        continue
      }
      const { line: text, note = '', region, received, set: columns, format = cases.format } = read.data
      const answer = lab({ text, format, region, receivedAt: Date.parse(received), set: columns })
      const { reason, parts } = judge(one, answer, own)
      const matched = answer.kind === 'read' ? answer.matches.map(({ rule }) => rule.id) : []
      const others = matched.filter((id) => !own.some((rule) => rule.id === id))
      yield { ...result, ok: reason === '', reason, text, note, parts, others }
    }
  }
}

function judge(
  { kind }: Case,
  answer: LabResult,
  own: RuleSet['rules'],
): { readonly reason: string; readonly parts: readonly Part[] } {
  if (answer.kind === 'unread') return { reason: answer.reason, parts: [] }
  const matched = answer.matches.some(({ rule }) => own.some(({ id }) => id === rule.id))
  const [rule] = own
  if (matched === (kind === 'hit')) return { reason: '', parts: [] }
  if (rule === undefined) return { reason: 'belongs to a rule that cannot be used', parts: [] }
  const parts = partsOf(rule, answer.event)
  if (matched) return { reason: 'matches and should not', parts }
  const elsewhere = sourceReason(rule.logsource, answer.source, answer.event.dataset)
  return { reason: elsewhere === '' ? 'does not match' : `does not match: ${elsewhere}`, parts }
}
