// What do the reference pages say? `npm run generate` writes them from the schemas; a test fails when they are stale.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { z } from 'zod'
import { environmentSettings } from '../runtime/config-environment.ts'
import { expectation, inputSchema, type JsonSchema, pathText } from '../runtime/config-problems.ts'
import { Config } from '../schemas/config.ts'
import { referenceOfCommands } from './reference-commands.ts'
import { dataDictionaryPage } from './reference-data.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Every generated file by its path from the project's folder. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/reference/siaga.schema.json', `${JSON.stringify(schemaForEditors(), null, 2)}\n`],
    ['docs/reference/configuration.md', configurationPage()],
    ['docs/reference/commands.md', await referenceOfCommands()],
    ['docs/reference/data-dictionary.md', dataDictionaryPage()],
  ])
}

/** JSON Schema of siaga.yaml; editors that speak it complete and check while typing. */
function schemaForEditors(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(Config, { io: 'input' })
  return { $schema, title: 'siaga.yaml', description: 'Configuration of Siaga', ...withoutHugeBounds(schema) }
}

/** zod writes the safe integer range into every integer; that says nothing to people. */
function withoutHugeBounds(node: object): Record<string, unknown> {
  const entries = Object.entries(node).filter(
    ([key, value]) =>
      !((key === 'maximum' || key === 'minimum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER),
  )
  return Object.fromEntries(entries.map(([key, value]) => [key, cleaned(value)]))
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned)
  return typeof value === 'object' && value !== null ? withoutHugeBounds(value) : value
}

interface Row {
  readonly path: string
  readonly schema: JsonSchema
}

const branchesOf = (schema: JsonSchema): JsonSchema[] => (schema.anyOf ? schema.anyOf.flatMap(branchesOf) : [schema])

/** Settings beneath a group, groups within it included, in the order of the schema. */
function rowsOf(schema: JsonSchema, prefix: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`
    const group = branchesOf(child).find((branch) => branch.properties)
    return group && !child.anyOf ? rowsOf(group, path) : [{ path, schema: child }]
  })
}

function valueText(schema: JsonSchema): string {
  const branches = branchesOf(schema)
  const words = branches.map((branch) => {
    if (branch.type === 'array' && branch.items) return `list of ${elementText(branch.items)}`
    return expectation([branch])
  })
  return [...new Set(words)].filter((word) => word !== 'empty').join(' or ')
}

function elementText(schema: JsonSchema): string {
  const [first] = branchesOf(schema)
  if (first?.properties) return 'groups of settings'
  if (first?.format) return 'addresses or networks'
  return first?.enum ? first.enum.join(', ') : 'texts'
}

function defaultText(schema: JsonSchema): string {
  if (schema.default === undefined) return ''
  return schema.default === '' ? 'empty' : `\`${JSON.stringify(schema.default)}\``
}

function settingsTable(rows: readonly Row[], required: ReadonlySet<string> = new Set()): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
  const lines = rows.map(({ path, schema }) => {
    const description = `${schema.description ?? ''}${required.has(path) ? ' (required)' : ''}`
    return `| \`${path}\` | ${cell(valueText(schema))} | ${cell(defaultText(schema))} | ${cell(description)} |`
  })
  return ['| setting | value | default | what it does |', '|---|---|---|---|', ...lines].join('\n')
}

function configurationPage(): string {
  const schema = inputSchema(Config)
  const groups = Object.entries(schema.properties ?? {})
  const lists = new Set(['sources', 'assets', 'rooms'])
  const single = groups.filter(([key, child]) => !child.properties && !lists.has(key))
  const sections = groups
    .filter(([, child]) => child.properties)
    .map(([key, child]) => `## ${key}\n\n${child.description ?? ''}.\n\n${settingsTable(rowsOf(child, key))}`)
  const listSections = [...lists].map((key) => {
    const child = schema.properties?.[key]
    const item = child && branchesOf(child).find((branch) => branch.items)?.items
    const rows = item ? rowsOf(item, '') : []
    const csv =
      key === 'assets'
        ? '\n\nInstead of a list, `assets: {csv: assets.csv}` reads a CSV file (RFC 4180) whose header names these columns; lists in a cell\nare separated by `;` or space.'
        : ''
    return `## ${key}\n\n${child?.description ?? ''}. Each entry has:\n\n${settingsTable(rows, new Set(item?.required))}${csv}`
  })
  const environment = environmentSettings.map(
    ({ name, path, description }) => `| \`${name}\` | ${path ? `\`${pathText(path)}\`` : ''} | ${description} |`,
  )
  return `# Configuration

<!-- Generated by \`npm run generate\` from schemas/config.ts and runtime/config-environment.ts. Do not edit. -->

Settings stand in \`siaga.yaml\` in the folder where Siaga is started, or in the file given with \`--config\`. All of them may be left
out. \`siaga check\` names every mistake with its line. Editors that know JSON Schema complete and check while typing if the first
line is

    # yaml-language-server: $schema=docs/reference/siaga.schema.json

Paths are relative to the folder of the file. \`siaga.example.yaml\` shows the settings most people need.

## Environment

Variables go over the file. An empty one counts as not set.

| variable | setting | what it does |
|---|---|---|
${environment.join('\n')}

## Top level

${settingsTable(single.map(([path, child]) => ({ path, schema: child })))}

${[...listSections, ...sections].join('\n\n')}
`
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [path, text] of await generatedFiles()) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    process.stdout.write(`${path}\n`)
  }
}
