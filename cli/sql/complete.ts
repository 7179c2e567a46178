// What could stand at the cursor? Names of the server that fit what was typed, by where it stands.
import type { Catalog } from './catalog.ts'
import { shortFormats } from './formats.ts'
import { type Token, tokens } from './lexer.ts'

/** More than this is no help on a screen. */
const MAX_HITS = 150

/** What fits, and the part of the line that it replaces: the answer of a completer of readline. */
export type Completion = [hits: string[], part: string]

const metaCommands = ['\\?', '\\d', '\\f', '\\o', '\\p', '\\q', '\\timing', '\\x'] as const

/** Completes the line up to the cursor; `before` are the lines of the statement above it, `after` what stands behind the cursor. */
export function complete(line: string, before: string, after: string, catalog: Catalog): Completion {
  if (before.trim() === '' && line.trimStart().startsWith('\\')) return completeMeta(line, catalog)
  const all = tokens(before + line)
  const last = all.at(-1)
  if (last?.open || last?.kind === 'comment' || last?.kind === 'number') return [[], '']
  const part = last?.kind === 'word' ? last.text : ''
  const behind = (part === '' ? all : all.slice(0, -1)).filter(({ kind }) => kind !== 'space' && kind !== 'comment')
  const statement = statementOf([...behind, ...tokens(` ${after}`)])
  return [hitsFor(part, behind, statement, catalog).slice(0, MAX_HITS), part]
}

function hitsFor(part: string, behind: readonly Token[], statement: readonly Token[], catalog: Catalog): string[] {
  const previous = behind.at(-1)
  if (previous?.text === '.') {
    const owner = nameOf(behind.at(-2))
    const table = aliases(statement, catalog).get(owner) ?? owner
    const columns = catalog.columns.get(table)
    // Anything else before a dot is a database.
    return fitting(part, columns ?? catalog.relations)
  }
  const word = previous?.kind === 'word' ? previous.text.toUpperCase() : ''
  if (word === 'FROM' || word === 'JOIN' || word === 'DESCRIBE' || word === 'TABLE')
    return fitting(part, catalog.relations)
  if (word === 'FORMAT') return fitting(part, catalog.formats)
  if (part === '') return fitting('', columnsOf(statement, catalog))
  return [
    ...new Set([
      ...fitting(part, columnsOf(statement, catalog)),
      ...fitting(part, catalog.keywords).map((keyword) => inCaseOf(part, keyword)),
      ...fitting(part, catalog.relations),
      ...fitting(part, catalog.functions).map((name) => `${name}(`),
    ]),
  ]
}

/** Columns of the relations that the statement names; of all while it names none. */
function columnsOf(statement: readonly Token[], catalog: Catalog): string[] {
  const named = new Set(aliases(statement, catalog).values())
  const tables = named.size > 0 ? [...named] : [...catalog.columns.keys()]
  return [...new Set(tables.flatMap((table) => catalog.columns.get(table) ?? []))]
}

/** Relations of the statement by their own name and by the alias behind it. */
function aliases(statement: readonly Token[], catalog: Catalog): Map<string, string> {
  const found = new Map<string, string>()
  const words = statement.filter(({ kind }) => kind !== 'space' && kind !== 'comment')
  for (const [at, token] of words.entries()) {
    const name = nameOf(token)
    if (!catalog.columns.has(name)) continue
    const lead = words[at - 1]?.text === '.' ? words[at - 3] : words[at - 1]
    if (!/^(?:FROM|JOIN|TABLE|DESCRIBE|,)$/i.test(lead?.text ?? '')) continue
    found.set(name, name)
    const next = /^(?:AS|FINAL)$/i.test(words[at + 1]?.text ?? '') ? words[at + 2] : words[at + 1]
    if (next !== undefined && (next.kind === 'word' || next.kind === 'name')) found.set(nameOf(next), name)
  }
  return found
}

/** The tokens of the last statement. */
function statementOf(all: readonly Token[]): readonly Token[] {
  return all.slice(all.findLastIndex(({ text }) => text === ';') + 1)
}

function nameOf(token: Token | undefined): string {
  if (token === undefined) return ''
  return token.kind === 'name' ? token.text.slice(1, -1) : token.text
}

function completeMeta(line: string, catalog: Catalog): Completion {
  const [, command = '', part = ''] = /^\s*(\\\S*)(?:\s+(\S*))?$/.exec(line) ?? []
  if (!/\s\S*$/.test(line.trimStart())) return [metaCommands.filter((name) => name.startsWith(command)), command]
  if (command === '\\d') return [fitting(part, catalog.relations), part]
  if (command === '\\f')
    return [fitting(part, [...Object.keys(shortFormats), ...catalog.formats]).slice(0, MAX_HITS), part]
  return [[], part]
}

/** Beginnings count whatever their case; what fits exactly goes first. */
function fitting(part: string, names: readonly string[]): string[] {
  const exact = names.filter((name) => name.startsWith(part))
  if (exact.length > 0) return exact
  const wanted = part.toLowerCase()
  return names.filter((name) => name.toLowerCase().startsWith(wanted))
}

function inCaseOf(part: string, keyword: string): string {
  return part === part.toLowerCase() ? keyword.toLowerCase() : keyword
}
