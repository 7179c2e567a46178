// Does a rule keep to our house rules? What the specification leaves open and people on duty need: id, level, ATT&CK, what to do, proof.
import { readFileSync } from 'node:fs'
import { isMap, isScalar, LineCounter, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { readCorrelationCases } from '../../processors/correlate/cases.ts'
import { requiredLiterals } from '../../processors/detect/sigma/regex.ts'
import type { Expression, Piece, RuleProblem, SigmaRule } from '../../processors/detect/sigma/rule.ts'
import { errorText } from '../../runtime/errors.ts'
import { Severity } from '../../schemas/detection.ts'
import { caseFileOf, readCases, StreamCase } from './case-file.ts'
import { matchesOf } from './transform.ts'

const said = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''
const text = z.string().refine((value) => value.trim() !== '')

/** Key, what a value must be, and what is missing where it is not; read from the file, since defaults would hide it. */
const demands: readonly (readonly [key: string, schema: z.ZodType, reason: string])[] = [
  ['id', z.uuid(), 'has no id that is a UUID'],
  ['title', text, 'has no title'],
  ['description', text, 'has no description'],
  ['level', Severity, 'has no level'],
  ['status', z.enum(['stable', 'test', 'experimental']), 'has no status (stable, test or experimental)'],
  [
    'tags',
    z.array(z.string()).refine((tags) => tags.some((tag) => /^attack\.t\d{4}(?:\.\d{3})?$/.test(tag))),
    'has no tag of an ATT&CK technique such as attack.t1190',
  ],
  ['falsepositives', z.array(text).min(1), 'does not say when it is a false positive (falsepositives)'],
  [
    'siaga',
    z.looseObject({ judul: text, response: z.looseObject({ id: text, en: text }) }),
    'does not say `siaga.judul` and what to do (`siaga.response.id` and `.en`)',
  ],
]

/** Problems of files that load, so far as our own rules must be better than that. Ids are compared over all files given. */
export function houseProblems(files: readonly string[]): RuleProblem[] {
  const problems: RuleProblem[] = []
  const ids = new Map<string, { file: string; correlation: boolean }>()
  for (const file of files) {
    const lines = new LineCounter()
    const documents = [...parseAllDocuments(readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: false })]
    if (documents.length > 1)
      problems.push({ file, line: 0, rule: '', reason: 'is one of several in this file; cases need a file for each' })
    for (const document of documents) {
      const values: unknown = document.toJS()
      if (!isRecord(values) || !isMap(document.contents)) continue
      const { items } = document.contents
      const lineOf = (key: string): number => {
        const found = items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.key
        return lines.linePos((isScalar(found) ? found.range?.[0] : undefined) ?? 0).line
      }
      const rule = said(values.id) ? String(values.id) : String(values.title ?? '')
      for (const [key, schema, reason] of demands) {
        if (!schema.safeParse(values[key]).success) problems.push({ file, line: lineOf(key), rule, reason })
      }
      const id = String(values.id ?? '')
      const other = ids.get(id)
      // Of two rules of events the loader has told already; a correlation may share an id with one.
      if (id !== '' && other !== undefined && other.file !== file && document.has('correlation') !== other.correlation)
        problems.push({ file, line: lineOf('id'), rule, reason: `has the id of ${other.file}` })
      ids.set(id, { file, correlation: document.has('correlation') })
    }
    problems.push(
      ...caseProblems(
        file,
        documents.some((document) => document.has('correlation')),
      ),
    )
  }
  return problems
}

function caseProblems(file: string, correlation: boolean): RuleProblem[] {
  const found = readCases(file)
  if (found === undefined)
    return [{ file, line: 0, rule: '', reason: `has no cases: ${caseFileOf(file)} is not there` }]
  const problem = (line: number, reason: string): RuleProblem => ({ file: found.file, line, rule: '', reason })
  const problems = found.problems.map(({ line, reason }) => problem(line, reason))
  for (const kind of ['hit', 'miss'] as const) {
    if (!found.cases.some((one) => one.kind === kind)) problems.push(problem(0, `has no case under \`${kind}\``))
  }
  if (correlation) {
    try {
      readCorrelationCases(found.document)
    } catch (error) {
      problems.push(problem(1, `has a case that is wrong: ${reasonOf(error)}`))
    }
    return problems
  }
  for (const { value, line } of found.cases) {
    const read = StreamCase.safeParse(value)
    if (read.success) continue
    const [issue] = read.error.issues
    problems.push(problem(line, `has a case with a wrong ${issue?.path.join('.') || 'form'}: ${issue?.message ?? ''}`))
  }
  return problems
}

/** Rules with a regex that is run on every event of the log source, since nothing that is cheap to find must be there for it to match. */
export function ungatedRegexes(rules: readonly SigmaRule[]): RuleProblem[] {
  return rules.flatMap(({ id, file, detection }) => {
    const found = new Map<string, string>()
    walk(detection, false, (field, source) => found.set(source, field))
    return [...found].map(([source, field]) => ({
      file,
      line: 0,
      rule: id,
      reason: `runs a regex on every ${field}, since no literal must be there for it to match: ${source}`,
    }))
  })
}

/** Patterns such as `/dpt?nik=`, where the question mark of a query was written as Sigma's wildcard. */
export function loneQuestionMarks(rules: readonly SigmaRule[]): RuleProblem[] {
  return rules.flatMap(({ id, file, detection }) => {
    const found = matchesOf(detection).flatMap(({ matcher }) => (matcher.kind === 'pattern' ? [matcher.pieces] : []))
    const texts = found.filter((pieces) =>
      pieces.some((piece, at) => {
        const [before, behind] = [pieces[at - 1], pieces[at + 1]]
        const one = typeof piece === 'object' && piece.wildcard === 'one'
        return one && typeof behind === 'string' && /^[\w.[\]-]{1,40}=/.test(behind) && typeof before === 'string'
      }),
    )
    return texts.map((pieces) => ({
      file,
      line: 0,
      rule: id,
      reason: `has "?" as a wildcard in ${pieces.map(pieceText).join('')}; the question mark of a URL is written \\?`,
    }))
  })
}

const pieceText = (piece: Piece): string => (typeof piece === 'string' ? piece : piece.wildcard === 'any' ? '*' : '?')

function walk(expression: Expression, gated: boolean, report: (field: string, source: string) => void): void {
  if (expression.op === 'not') walk(expression.of, gated, report)
  else if (expression.op === 'match') {
    const { field = 'event', matcher } = expression
    if (matcher.kind === 'regex' && !gated && !isCheap(expression)) report(field, matcher.source)
  } else {
    const gates = expression.of.filter(isCheap)
    for (const inner of expression.of) {
      const beside = expression.op === 'and' && gates.some((gate) => gate !== inner)
      walk(inner, gated || beside, report)
    }
  }
}

/** Whether an expression can't hold without a literal that the engine's one pass over the event finds. */
function isCheap(expression: Expression): boolean {
  if (expression.op === 'not') return false
  if (expression.op !== 'match')
    return expression.op === 'and' ? expression.of.some(isCheap) : expression.of.every(isCheap)
  const { matcher } = expression
  if (matcher.kind === 'regex') return requiredLiterals(matcher.source) !== undefined
  if (matcher.kind !== 'pattern') return false
  return matcher.pieces.some((piece) => typeof piece === 'string')
}

/** The first thing that is wrong, with its place in the file. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof z.ZodError)) return errorText(error)
  const [issue] = error.issues
  return `${issue?.path.join('.') || 'its form'}: ${issue?.message ?? 'is wrong'}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
