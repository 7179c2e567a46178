// Which events must a rule match, and which not? The cases file beside a rule, each case with its line.
import { existsSync, readFileSync } from 'node:fs'
import { isNode, isSeq, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { EventFormat } from '../../schemas/config.ts'
import { RegionCode } from '../../schemas/place.ts'

/** A real event line, and what is known about its source. */
export const StreamCase = z.strictObject({
  format: EventFormat.optional(),
  line: z.string().min(1),
  note: z.string().optional(),
  /** Columns that enrichment would fill where all is configured, by ECS or column name, such as `asset_id`. */
  set: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  /** Region of the source, empty unknown: decides the zone of times without one, and the election phase. */
  region: RegionCode.or(z.literal('')).default(''),
  /** When a collector received the line; syslog's year is taken from it, and later times are clamped to it. */
  received: z.iso.datetime({ offset: true }).default('2027-01-01T00:00:00Z'),
})
export type StreamCase = z.infer<typeof StreamCase>

export interface Case {
  readonly kind: 'hit' | 'miss'
  /** As the file has it; the schema depends on the kind of rule. */
  readonly value: unknown
  readonly file: string
  /** Line from 1. */
  readonly line: number
}

export interface CaseFile {
  readonly file: string
  /** Format of all lines that do not say otherwise. */
  readonly format: EventFormat
  readonly cases: readonly Case[]
  /** The whole file, for what correlations have in their cases. */
  readonly document: unknown
  /** Each with its line, ready to be shown. */
  readonly problems: readonly { readonly line: number; readonly reason: string }[]
}

/** `rules/web/sqli.cases.yml` for `rules/web/sqli.yml`. */
export function caseFileOf(ruleFile: string): string {
  return ruleFile.replace(/(?:\.ya?ml)?$/, '.cases.yml')
}

/** Reads the cases of a rule's file; undefined if there are none. */
export function readCases(ruleFile: string): CaseFile | undefined {
  const file = caseFileOf(ruleFile)
  if (!existsSync(file)) return undefined
  return parseCases(readFileSync(file, 'utf8'), file)
}

/** Reads the text of a cases file. Nothing throws: what is wrong is among the problems. */
function parseCases(text: string, file: string): CaseFile {
  const lines = new LineCounter()
  const broken = (line: number, reason: string): CaseFile => ({
    file,
    format: 'auto',
    cases: [],
    document: undefined,
    problems: [{ line, reason }],
  })
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error !== undefined) return broken(lines.linePos(error.pos[0]).line, `is not YAML: ${error.message}`)
  const cases: Case[] = []
  const problems: { line: number; reason: string }[] = []
  const values: unknown = document.toJS()
  const top = z.record(z.string(), z.unknown()).safeParse(values)
  if (!top.success) return broken(1, 'must be a map of `hit` and `miss`')
  for (const key of Object.keys(top.data)) {
    if (!['hit', 'miss', 'format'].includes(key))
      problems.push({ line: 1, reason: `has \`${key}\` beside \`format\`, \`hit\` and \`miss\`` })
  }
  const format = EventFormat.default('auto').safeParse(top.data.format)
  if (!format.success)
    problems.push({ line: 1, reason: `has no \`format\` that sources know: ${String(top.data.format)}` })
  for (const kind of ['hit', 'miss'] as const) {
    const node: unknown = document.get(kind, true)
    const list = top.data[kind]
    if (list === undefined || list === null) continue
    if (!isSeq(node) || !Array.isArray(list)) {
      problems.push({ line: 1, reason: `\`${kind}\` must be a list` })
      continue
    }
    list.forEach((value: unknown, at) => {
      const item = node.items[at]
      const offset = isNode(item) ? (item.range?.[0] ?? 0) : 0
      cases.push({ kind, value, file, line: lines.linePos(offset).line })
    })
  }
  return { file, format: format.data ?? 'auto', cases, document: values, problems }
}
