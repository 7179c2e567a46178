// How does YAML become a value whose every part knows its line and column? Bounded: size, depth and aliases.
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { type Finding, type JsonSchema, pathText, type SettingPath, schemasAt, wantsText } from './config-problems.ts'

const MAX_NODES = 500_000
const MAX_DEPTH = 32

export interface Position {
  /** From 1. */
  readonly line: number
  readonly column: number
}

export interface YamlText {
  /** `{}` for an empty file, undefined if it could not be read. */
  readonly value: Record<string, unknown> | undefined
  readonly problems: readonly (Position & Finding)[]
  /** Where a setting stands; where it does not, the nearest thing around it. */
  position(path: SettingPath, on: 'key' | 'value'): Position
}

/** Ends the reading; the place is where it stood. */
class Unusable extends Error {
  readonly offset: number
  readonly path: SettingPath

  constructor(message: string, offset: number, path: SettingPath) {
    super(message)
    this.offset = offset
    this.path = path
  }
}

const words: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'is written twice here; keep one',
  TAB_AS_INDENT: 'a tab cannot be used for indentation; use spaces',
  MULTIPLE_DOCS: 'the file must hold one document; remove the --- line',
}

/** Reads YAML. Where `schema` asks for text, `31.10` and `yes` are taken as they are written. */
export function readYaml(text: string, schema: JsonSchema): YamlText {
  const lines = new LineCounter()
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.max(0, offset))
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const keys = new Map<string, number>()
  const values = new Map<string, number>()
  const problems: (Position & Finding)[] = []
  const position = (path: SettingPath, on: 'key' | 'value'): Position => {
    for (let length = path.length; length > 0; length--) {
      const name = pathText(path.slice(0, length))
      const exact = length === path.length
      const offset = exact && on === 'key' ? (keys.get(name) ?? values.get(name)) : (values.get(name) ?? keys.get(name))
      if (offset !== undefined) return at(offset)
    }
    return at(0)
  }
  const report = (offset: number, path: SettingPath, message: string): void => {
    problems.push({ ...at(offset), path, on: 'value', message })
  }

  let document: ReturnType<typeof parseDocument>
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, logLevel: 'error' })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    report(0, [], 'the file is nested too deeply')
    return { value: undefined, problems, position }
  }
  for (const error of [...document.errors, ...document.warnings]) {
    const key =
      error.code === 'DUPLICATE_KEY' ? text.slice(error.pos[0], error.pos[1] + 64).match(/^[^\s:]+/)?.[0] : undefined
    const message = words[error.code] ?? `is not valid YAML: ${error.message.split('\n')[0]}`
    report(error.pos[0], key ? [key] : [], message)
  }
  if (problems.length > 0) return { value: undefined, problems, position }

  let nodes = 0
  const startOf = (node: Node | null | undefined, fallback: number): number => node?.range?.[0] ?? fallback

  function convert(node: Node | null, path: SettingPath, depth: number, fallback: number): unknown {
    nodes += 1
    if (nodes > MAX_NODES) throw new Unusable('the file expands to more than it may; use fewer aliases', 0, [])
    if (depth > MAX_DEPTH) throw new Unusable('the file is nested too deeply', 0, [])
    if (node === null) return null
    const offset = startOf(node, fallback)
    if (!values.has(pathText(path))) values.set(pathText(path), offset)
    if (isAlias(node)) {
      const target = node.resolve(document)
      if (!target) throw new Unusable(`refers to *${node.source}, which is not defined above it`, offset, path)
      return convert(target, path, depth + 1, offset)
    }
    if (isScalar(node)) {
      if (typeof node.value !== 'string' && node.value !== null && node.source !== undefined) {
        if (wantsText(schemasAt(schema, path))) return node.source
      }
      return typeof node.value === 'bigint' ? Number(node.value) : node.value
    }
    if (isSeq(node)) {
      return node.items.map((item, index) => convert(asNode(item), [...path, index], depth + 1, offset))
    }
    if (isMap(node)) {
      const result: Record<string, unknown> = {}
      for (const pair of node.items) {
        if (!isPair(pair)) continue
        const keyNode = asNode(pair.key)
        const key = isScalar(keyNode)
          ? typeof keyNode.value === 'string'
            ? keyNode.value
            : (keyNode.source ?? '')
          : ''
        const keyOffset = startOf(keyNode, offset)
        if (key === '' || key === '__proto__' || key === '<<') {
          report(keyOffset, [...path, key || '?'], 'cannot be used as the name of a setting')
          continue
        }
        const childPath = [...path, key]
        keys.set(pathText(childPath), keyOffset)
        const value = convert(asNode(pair.value), childPath, depth + 1, keyOffset)
        // A group whose settings are all commented out is the same as no group.
        if (value !== null) result[key] = value
      }
      return result
    }
    return null
  }

  try {
    const value = convert(asNode(document.contents), [], 0, 0)
    if (value === null) return { value: {}, problems, position }
    if (typeof value !== 'object' || Array.isArray(value)) {
      report(startOf(document.contents, 0), [], 'must hold settings such as `http:`, not a list or a single value')
      return { value: undefined, problems, position }
    }
    return { value: value as Record<string, unknown>, problems, position }
  } catch (error) {
    if (error instanceof Unusable) report(error.offset, error.path, error.message)
    else if (error instanceof RangeError) report(0, [], 'the file is nested too deeply')
    else throw error
    return { value: undefined, problems, position }
  }
}

function asNode(value: unknown): Node | null {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : null
}
