// What does a pySigma processing pipeline say? Its YAML, checked: transformations, their conditions, and the values of placeholders.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Placeholders } from '../../processors/detect/sigma/modifiers.ts'
import { errorText } from '../../runtime/errors.ts'
import { CommandError } from '../frame.ts'

const Names = z.union([z.string().transform((name) => [name]), z.array(z.string())])
const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const Source = { category: z.string().nullish(), product: z.string().nullish(), service: z.string().nullish() }

const RuleCondition = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('logsource'), ...Source }),
  z.strictObject({ type: z.literal('is_sigma_rule') }),
  z.strictObject({ type: z.literal('is_sigma_correlation_rule') }),
  z.strictObject({ type: z.literal('contains_field'), field: z.string() }),
  z.strictObject({ type: z.literal('tag'), tag: z.string() }),
  z.strictObject({ type: z.literal('processing_item_applied'), processing_item_id: z.string() }),
  z.strictObject({ type: z.literal('processing_state'), key: z.string(), val: Scalar }),
])
export type RuleCondition = z.infer<typeof RuleCondition>

const FieldCondition = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.enum(['include_fields', 'exclude_fields']),
    fields: z.array(z.string()),
    mode: z.enum(['plain', 're']).default('plain'),
  }),
  z.strictObject({ type: z.literal('processing_item_applied'), processing_item_id: z.string() }),
  z.strictObject({ type: z.literal('processing_state'), key: z.string(), val: Scalar }),
])
export type FieldCondition = z.infer<typeof FieldCondition>

/** Conditions are a list, or a map of names for expressions; of the latter only the plain link of all is read. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.union([z.array(item), z.record(z.string(), item).transform((named) => Object.values(named))]).default([])

const Common = {
  id: z.string().optional(),
  rule_conditions: listOf(RuleCondition),
  rule_cond_op: z.enum(['and', 'or']).default('and'),
  rule_cond_not: z.boolean().default(false),
  field_name_conditions: listOf(FieldCondition),
  field_name_cond_op: z.enum(['and', 'or']).default('and'),
  field_name_cond_not: z.boolean().default(false),
}
const Chosen = { include: z.array(z.string()).optional(), exclude: z.array(z.string()).optional() }
const item = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ ...Common, type: z.literal(type), ...shape })

const Transformation = z.discriminatedUnion('type', [
  item('field_name_mapping', { mapping: z.record(z.string(), Names) }),
  item('field_name_prefix_mapping', { mapping: z.record(z.string(), Names) }),
  item('field_name_prefix', { prefix: z.string() }),
  item('field_name_suffix', { suffix: z.string() }),
  item('drop_detection_item', {}),
  item('add_condition', {
    conditions: z.record(z.string(), z.union([Scalar, z.array(Scalar)])),
    name: z.string().optional(),
    template: z.boolean().default(false),
    negated: z.boolean().default(false),
  }),
  item('change_logsource', Source),
  item('value_placeholders', Chosen),
  item('wildcard_placeholders', Chosen),
  item('query_expression_placeholders', {
    ...Chosen,
    expression: z.string().default(''),
    mapping: z.record(z.string(), z.string()).default({}),
  }),
  item('set_state', { key: z.string(), val: Scalar }),
  item('rule_failure', { message: z.string() }),
  item('detection_item_failure', { message: z.string() }),
  // They change what a query shows, not what it finds.
  item('add_field', { field: Names }),
  item('remove_field', { field: Names }),
  item('set_field', { fields: z.array(z.string()) }),
  item('set_custom_attribute', { attribute: z.string(), value: z.unknown() }),
])
export type Transformation = z.infer<typeof Transformation>

const Var = z.union([z.string(), z.number()])
const Document = z.looseObject({
  name: z.string().optional(),
  priority: z.number().default(0),
  vars: z.record(z.string(), z.union([z.array(Var), Var.transform((one) => [one])])).default({}),
  transformations: z.array(z.looseObject({ type: z.string().optional() })).default([]),
})

export interface ProcessingPipeline {
  readonly transformations: readonly Transformation[]
  readonly placeholders: Placeholders
}

export const noPipeline: ProcessingPipeline = { transformations: [], placeholders: new Map() }

const placeholderTypes = ['value_placeholders', 'wildcard_placeholders', 'query_expression_placeholders'] as const
const known = Transformation.options.map((option) => option.shape.type.value)

/** Reads pipelines in the order of their priority, as pySigma does. Throws CommandError naming file, transformation and mistake. */
export function loadPipelines(files: readonly string[]): ProcessingPipeline {
  const documents = files.map((file) => ({ file, ...readPipeline(file) })).sort((a, b) => a.priority - b.priority)
  const vars = new Map(documents.flatMap((document) => Object.entries(document.vars)))
  const transformations = documents.flatMap((document) => document.transformations)
  return { transformations, placeholders: placeholdersOf(transformations, vars) }
}

function readPipeline(file: string) {
  const wrong = (what: string): CommandError =>
    new CommandError(`${file}: ${what}.`, 'See docs/rules.md for what `--pipeline` supports.')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new CommandError(`The pipeline cannot be read: ${errorText(error)}`, 'Check the path given with --pipeline.')
  }
  let yaml: unknown
  try {
    yaml = parse(text)
  } catch (error) {
    throw wrong(`is not YAML: ${errorText(error)}`)
  }
  const document = Document.safeParse(yaml)
  if (!document.success) throw wrong(issueText(document.error))
  const transformations = document.data.transformations.map((raw, at): Transformation => {
    const label = `transformation ${at + 1}${typeof raw.id === 'string' ? ` (${raw.id})` : ''}`
    if (!known.some((type) => type === raw.type)) {
      throw wrong(
        `${label} has the type ${JSON.stringify(raw.type ?? null)}, which is not supported here; supported are ${known.join(', ')}`,
      )
    }
    const read = Transformation.safeParse(raw)
    if (!read.success) throw wrong(`${label}, ${String(raw.type)}: ${issueText(read.error)}`)
    const { data } = read
    if (placeholderTypes.some((type) => type === data.type) && data.rule_conditions.length > 0)
      throw wrong(`${label}, ${data.type}: placeholders are filled as rules are read, so rule_conditions have no say`)
    return data
  })
  return { priority: document.data.priority, vars: document.data.vars, transformations }
}

function issueText(error: z.ZodError): string {
  const [issue] = error.issues
  return `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'is wrong'}`
}

/** What stands for `%name%`, transformation for transformation; the first that handles a name wins. */
function placeholdersOf(
  transformations: readonly Transformation[],
  vars: ReadonlyMap<string, readonly (string | number)[]>,
): Placeholders {
  const answer = (name: string): readonly (string | number)[] | undefined => {
    for (const one of transformations) {
      if (
        one.type !== 'value_placeholders' &&
        one.type !== 'wildcard_placeholders' &&
        one.type !== 'query_expression_placeholders'
      )
        continue
      if (one.include !== undefined && !one.include.includes(name)) continue
      if (one.exclude?.includes(name)) continue
      // A list that lives in a query's backend can't be asked here; one of the same name in `vars` can.
      const values = one.type === 'wildcard_placeholders' ? ['*'] : vars.get(idOf(one, name))
      if (values !== undefined) return values
    }
    return undefined
  }
  // `get` answers for names that nobody has listed (wildcards).
  return Object.assign(new Map(vars), { get: answer })
}

function idOf(transformation: Transformation, name: string): string {
  return transformation.type === 'query_expression_placeholders' ? (transformation.mapping[name] ?? name) : name
}
