// What is wrong with the configuration, and where? One problem a line: place, setting, what it must be, what was meant.
import { z } from 'zod'
import { nearest } from './config-nearest.ts'
import { SiagaError } from './errors.ts'

/** Keys and indexes from the root, as zod gives them. */
export type SettingPath = readonly (string | number)[]

export interface ConfigProblem {
  /** File as people name it, or the environment variable that set the value. */
  readonly file: string
  /** From 1; 0 where there is no line (an environment variable, a file that cannot be read). */
  readonly line: number
  readonly column: number
  /** Such as `sources[2].regoin`; empty for the whole file. */
  readonly path: string
  readonly message: string
}

/** A problem as one line: `siaga.yaml:3:5 http.port must be …`. */
export function problemText(problem: ConfigProblem): string {
  const place = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : problem.file
  return [place, problem.path, problem.message].filter(Boolean).join(' ')
}

const MAX_SHOWN = 100

/** The configuration cannot be used; `problems` has all reasons. */
export class ConfigError extends SiagaError {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const shown = problems.slice(0, MAX_SHOWN).map(problemText)
    if (problems.length > MAX_SHOWN) shown.push(`and ${problems.length - MAX_SHOWN} more`)
    const detail =
      problems.length === 1
        ? `${shown[0]}${shown[0]?.endsWith('?') ? '' : '.'}`
        : `The configuration has ${problems.length} problems:\n${shown.map((line) => `  ${line}`).join('\n')}`
    super('CONFIG_INVALID', { detail })
    this.problems = problems
  }
}

/** `sources[2].regoin` from `['sources', 2, 'regoin']`. */
export function pathText(path: SettingPath): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else text += text === '' ? part : `.${part}`
  }
  return text
}

/** The part of JSON Schema that zod writes for our configuration. */
export interface JsonSchema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly default?: unknown
  readonly description?: string
}

/** JSON Schema of what a person may write for a zod schema. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonSchema
}

const branches = (schema: JsonSchema): JsonSchema[] => (schema.anyOf ? schema.anyOf.flatMap(branches) : [schema])

/** The schemas that a value at a path may have; more than one under a choice. */
export function schemasAt(root: JsonSchema, path: SettingPath): JsonSchema[] {
  let here = branches(root)
  for (const part of path) {
    here = here.flatMap((schema) => {
      const next =
        typeof part === 'number'
          ? schema.items
          : schema.properties && Object.hasOwn(schema.properties, part)
            ? schema.properties[part]
            : undefined
      return next ? branches(next) : []
    })
  }
  return here
}

/** True if a value at this place is written as text only, so that `31.10` means the letters, not a number. */
export function wantsText(schemas: readonly JsonSchema[]): boolean {
  return schemas.length > 0 && schemas.every((schema) => schema.type === 'string' || typeof schema.const === 'string')
}

const secretPaths = new Set(['clickhouse.url'])

/** A value for people, short; values of settings that may hold a password are not shown. */
function shown(value: unknown, path: SettingPath): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a group of settings'
  if (secretPaths.has(pathText(path))) return 'what is written'
  if (typeof value !== 'string') return String(value)
  const text = value.length > 60 ? `${value.slice(0, 60)}…` : value
  return JSON.stringify(text)
}

function range(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum } = schema
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`
  if (least !== undefined) return ` of at least ${least}`
  if (most !== undefined) return ` of at most ${most}`
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`
  return ''
}

/** What a value must be, in words, from its schema. */
export function expectation(schemas: readonly JsonSchema[]): string {
  const words = schemas.map((schema) => {
    if (schema.enum) return `one of ${schema.enum.join(', ')}`
    if (schema.const !== undefined) return schema.const === '' ? 'empty' : String(schema.const)
    if (schema.type === 'integer') return `a whole number${range(schema)}`
    if (schema.type === 'number') return `a number${range(schema)}`
    if (schema.type === 'boolean') return 'true or false'
    if (schema.type === 'array') return 'a list'
    if (schema.type === 'object') return 'a group of settings'
    if (schema.type === 'string') return schema.minLength ? 'text that is not empty' : 'text'
    return ''
  })
  return [...new Set(words)].filter(Boolean).join(' or ')
}

/** A problem before its place is known. `on` says whether the key or the value is at fault. */
export interface Finding {
  readonly path: SettingPath
  readonly on: 'key' | 'value'
  readonly message: string
}

const meant = (name: string | undefined): string => (name ? `; did you mean \`${name}\`?` : '')

/** Where else in the configuration a setting of this name exists. */
function placesOf(root: JsonSchema, name: string): string[] {
  const found: string[] = []
  const visit = (schema: JsonSchema, path: string): void => {
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      if (key === name) found.push(path)
      for (const branch of branches(child)) {
        if (branch.type === 'object') visit(branch, path ? `${path}.${key}` : key)
      }
    }
  }
  visit(root, '')
  return found.filter(Boolean)
}

function unknownKey(root: JsonSchema, path: SettingPath, key: string): Finding {
  const known = schemasAt(root, path).flatMap((schema) => Object.keys(schema.properties ?? {}))
  const near = nearest(key, known)
  let hint = meant(near)
  if (!near) {
    const places = placesOf(root, key)
    if (places.length > 0 && places.length <= 4)
      hint = `; it belongs under ${places.map((p) => `\`${p}\``).join(' or ')}`
    else if (known.length > 0) hint = `; known here: ${known.join(', ')}`
  }
  return { path: [...path, key], on: 'key', message: `is not a setting${hint}` }
}

function valueAt(value: unknown, path: SettingPath): unknown {
  let here = value
  for (const part of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = Reflect.get(here, part)
  }
  return here
}

type Issue = z.core.$ZodIssue

function fromIssue(root: JsonSchema, input: unknown, issue: Issue, above: SettingPath): Finding[] {
  const path: SettingPath = [...above, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(root, path, key))

  const value = valueAt(input, path)
  const schemas = schemasAt(root, path)
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input') {
    const fitting = issue.errors.find((branch) =>
      branch.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
    )
    if (fitting) return fitting.flatMap((inner) => fromIssue(root, input, inner, path))
  }
  if (value === undefined) return [{ path, on: 'value', message: 'is missing' }]

  const ownWords = issue.code === 'invalid_union' || issue.code === 'invalid_format' || issue.code === 'custom'
  const wanted = ownWords && !issue.message.startsWith('Invalid') ? issue.message : expectation(schemas)
  const choices = schemas.flatMap((schema) => [
    ...(schema.enum ?? []),
    ...(typeof schema.const === 'string' ? [schema.const] : []),
  ])
  const near = typeof value === 'string' && choices.length > 0 ? nearest(value, choices.filter(Boolean)) : undefined
  return [{ path, on: 'value', message: `must be ${wanted}, not ${shown(value, path)}${meant(near)}` }]
}

/** What zod refused, in words. `input` is what was validated. */
export function findingsOf(schema: z.ZodType, input: unknown, error: z.ZodError): Finding[] {
  const root = inputSchema(schema)
  return error.issues.flatMap((issue) => fromIssue(root, input, issue, []))
}
