// What do the migrations make, with which columns, types and meanings? Read from their statements, so that it is said there alone.
import { eventColumns } from '../../schemas/event.ts'
import { readMigrations, statements } from './migrate.ts'

export interface RelationColumn {
  readonly name: string
  readonly type: string
  /** The comment of the column; '' where ClickHouse keeps none (dictionaries). */
  readonly meaning: string
  /** Name in the Elastic Common Schema, '' for a word of our own. */
  readonly ecs: string
  /** A few words of Indonesian, '' for columns that events do not have. */
  readonly judul: string
}

export interface Relation {
  readonly name: string
  readonly kind: 'table' | 'view' | 'dictionary'
  readonly comment: string
  readonly columns: readonly RelationColumn[]
  /** Of a parameterised view: its parameters with their types, in the order in which the query names them. */
  readonly parameters: readonly { readonly name: string; readonly type: string }[]
}

interface Made {
  kind: Relation['kind']
  comment: string
  columns: { name: string; type: string; meaning: string }[]
  parameters: Relation['parameters']
}

const text = String.raw`'((?:[^'\\]|\\.|'')*)'`
const created = /^CREATE (TABLE|VIEW|DICTIONARY) (?:IF NOT EXISTS )?siaga\.(\w+)[^\n(]*\n\(\n([\s\S]*?)\n\)\n([\s\S]*)$/
const createdBare = /^CREATE VIEW (?:IF NOT EXISTS )?siaga\.(\w+)[^\n]* AS\n([\s\S]*)$/
const written = new RegExp(` COMMENT ${text}`)

/** Every table, view and dictionary, as it is after the last migration, in the order in which they were made; materialised views are left out. */
export function dataDictionary(): Relation[] {
  const made = new Map<string, Made>()
  for (const { sql } of readMigrations()) {
    for (const statement of statements(sql, { database: 'siaga' })) apply(statement, made)
  }
  return [...made].map(([name, { columns, ...rest }]) => ({
    name,
    ...rest,
    columns: columns.map((one) => ({ ...one, ...ofEvents(one.name) })),
  }))
}

function apply(statement: string, made: Map<string, Made>): void {
  const [, kind = '', name = '', body = '', rest = ''] = created.exec(statement) ?? []
  if (name !== '') {
    if (!made.has(name)) {
      const view = kind === 'VIEW'
      made.set(name, {
        kind: view ? 'view' : kind === 'TABLE' ? 'table' : 'dictionary',
        comment: commentOf(view ? rest.slice(0, rest.search(/^AS /m)) : rest),
        columns: body.split('\n').flatMap(readColumn),
        parameters: view ? parametersOf(rest) : [],
      })
    }
    return
  }
  const [, bare = '', query = ''] = createdBare.exec(statement) ?? []
  if (bare !== '' && !made.has(bare)) {
    made.set(bare, { kind: 'view', comment: '', columns: [], parameters: parametersOf(query) })
    return
  }
  alter(statement, made)
}

function alter(statement: string, made: Map<string, Made>): void {
  const [, name = '', change = ''] = /^ALTER TABLE siaga\.(\w+)\s+([\s\S]*)$/.exec(statement) ?? []
  const relation = made.get(name)
  if (relation === undefined) return
  const comment = new RegExp(`^MODIFY COMMENT ${text}`).exec(change)?.[1]
  if (comment !== undefined) relation.comment = unescaped(comment)
  const [, column = '', meaning = ''] = new RegExp(`^COMMENT COLUMN (\\w+) ${text}`).exec(change) ?? []
  for (const one of relation.columns) if (one.name === column) one.meaning = unescaped(meaning)
  for (const part of change.split(/ADD COLUMN\s+(?:IF NOT EXISTS\s+)?/).slice(1)) {
    const [added] = readColumn(part.replaceAll('\n', ' '))
    if (added === undefined || relation.columns.some((one) => one.name === added.name)) continue
    const after = / AFTER (\w+)/.exec(part)?.[1]
    const place = relation.columns.findIndex((one) => one.name === after)
    relation.columns.splice(place === -1 ? relation.columns.length : place + 1, 0, added)
  }
}

function readColumn(line: string): Made['columns'] {
  if (/^\s*(?:INDEX|PROJECTION|CONSTRAINT|PRIMARY KEY) /.test(line)) return []
  const [, name = '', rest = ''] = /^\s*(\w+) (.+?),?\s*$/.exec(line) ?? []
  const type = rest.split(/ (?:DEFAULT|COMMENT|CODEC|AFTER)\b/)[0] ?? ''
  return name === '' ? [] : [{ name, type, meaning: unescaped(written.exec(rest)?.[1] ?? '') }]
}

function commentOf(rest: string): string {
  return unescaped(new RegExp(`^COMMENT ${text}`, 'm').exec(rest)?.[1] ?? '')
}

function parametersOf(query: string): Relation['parameters'] {
  const found = [...query.matchAll(/\{(\w+):([^}]+)\}/g)].map(([, name = '', type = '']): [string, string] => [
    name,
    type,
  ])
  return [...new Map(found)].map(([name, type]) => ({ name, type }))
}

const unescaped = (quoted: string): string => quoted.replaceAll("''", "'").replaceAll(/\\(.)/g, '$1')

/** What a name means for events it means everywhere. */
function ofEvents(name: string): Pick<RelationColumn, 'ecs' | 'judul'> {
  const known = Object.entries(eventColumns).find(([one]) => one === name)?.[1]
  return { ecs: known?.ecs ?? '', judul: known?.judul ?? '' }
}
