// How is an asset list read from CSV? RFC 4180 with a header; every field knows its line and column.
import { Asset } from '../schemas/config.ts'
import { nearest } from './config-nearest.ts'
import { type ConfigProblem, findingsOf, type SettingPath } from './config-problems.ts'
import type { Position } from './config-yaml.ts'

interface Field extends Position {
  readonly value: string
}

interface CsvRows {
  readonly rows: readonly (readonly Field[])[]
  readonly problems: readonly (Position & { readonly message: string })[]
}

/** Splits CSV into rows of fields (RFC 4180: quotes doubled inside quotes, line breaks in quotes); blank lines are left out. */
function readCsv(text: string, separator = ','): CsvRows {
  const rows: Field[][] = []
  const problems: (Position & { message: string })[] = []
  let row: Field[] = []
  let index = 0
  let line = 1
  let lineStart = 0
  const endRow = (): void => {
    if (row.length > 1 || (row[0] && row[0].value.trim() !== '')) rows.push(row)
    row = []
  }
  while (index < text.length) {
    const start: Position = { line, column: index - lineStart + 1 }
    let value = ''
    if (text[index] === '"') {
      index += 1
      let closed = false
      while (index < text.length) {
        const character = text[index]
        if (character === '"') {
          if (text[index + 1] !== '"') {
            closed = true
            index += 1
            break
          }
          index += 1
        }
        if (character === '\n') {
          line += 1
          lineStart = index + 1
        }
        value += character
        index += 1
      }
      if (!closed) problems.push({ ...start, message: 'the quotation mark is never closed' })
      else if (index < text.length && !/[\r\n]/.test(text[index] ?? '') && text[index] !== separator) {
        problems.push({
          line,
          column: index - lineStart + 1,
          message: 'text after a closing quotation mark; write "" for a quotation mark inside',
        })
        while (index < text.length && text[index] !== '\n' && text[index] !== separator) index += 1
      }
    } else {
      const from = index
      while (index < text.length && text[index] !== separator && text[index] !== '\n' && text[index] !== '\r')
        index += 1
      value = text.slice(from, index)
    }
    row.push({ ...start, value })
    if (text[index] === separator) {
      index += 1
      if (index === text.length) row.push({ line, column: index - lineStart + 1, value: '' })
      continue
    }
    if (text[index] === '\r') index += 1
    if (text[index] === '\n' || index >= text.length) {
      index += 1
      line += 1
      lineStart = index
    }
    endRow()
  }
  endRow()
  return { rows, problems }
}

const lists: ReadonlySet<string> = new Set(['addresses', 'hosts'])

export interface AssetTable {
  readonly assets: readonly Asset[]
  readonly problems: readonly ConfigProblem[]
  /** Where a field of the asset at an index stands. */
  position(index: number, column: string): Position
}

/** Assets from CSV text. Columns as in siaga.yaml; lists in a cell are separated by `;` or space. `;` between columns is understood. */
export function readAssets(text: string, file: string): AssetTable {
  const firstLine = text.slice(0, text.indexOf('\n') + 1 || undefined)
  const separator = firstLine.includes(',')
    ? ','
    : firstLine.includes(';')
      ? ';'
      : firstLine.includes('\t')
        ? '\t'
        : ','
  const csv = readCsv(text, separator)
  const problems: ConfigProblem[] = csv.problems.map((problem) => ({ file, path: '', ...problem }))
  // People do not fit into a cell.
  const known = Object.keys(Asset.shape).filter((column) => column !== 'contacts')
  const [header, ...rows] = csv.rows
  const positions: Map<string, Position>[] = []
  const position = (index: number, column: string): Position =>
    positions[index]?.get(column) ?? positions[index]?.get('id') ?? { line: 1, column: 1 }
  if (!header) {
    problems.push({
      file,
      line: 1,
      column: 1,
      path: '',
      message: `the first line must name the columns: ${known.join(',')}`,
    })
    return { assets: [], problems, position }
  }
  const columns = header.map((field) => field.value.trim().toLowerCase())
  columns.forEach((column, index) => {
    const place = { file, line: header[index]?.line ?? 1, column: header[index]?.column ?? 1 }
    if (!known.includes(column)) {
      const near = nearest(column, known)
      const hint = near ? `did you mean \`${near}\`?` : `known: ${known.join(', ')}`
      problems.push({ ...place, path: column, message: `is not a column of assets; ${hint}` })
    } else if (columns.indexOf(column) !== index) problems.push({ ...place, path: column, message: 'is there twice' })
  })
  if (!columns.includes('id')) {
    problems.push({ file, line: 1, column: 1, path: 'id', message: 'is missing: a column of this name is needed' })
  }
  if (problems.length > 0) return { assets: [], problems, position }

  const assets: Asset[] = []
  for (const row of rows) {
    const start = { line: row[0]?.line ?? 1, column: row[0]?.column ?? 1 }
    if (row.length !== columns.length) {
      problems.push({
        file,
        ...start,
        path: '',
        message: `has ${row.length} columns, the header has ${columns.length}`,
      })
      continue
    }
    const places = new Map<string, Position>([['id', start]])
    const value: Record<string, unknown> = {}
    columns.forEach((column, index) => {
      const field = row[index]
      if (!field) return
      places.set(column, { line: field.line, column: field.column })
      const text = field.value.trim()
      if (lists.has(column)) value[column] = text.split(/[;\s]+/).filter(Boolean)
      else if (text !== '' || column === 'id') value[column] = text
    })
    const parsed = Asset.safeParse(value)
    if (parsed.success) {
      positions.push(places)
      assets.push(parsed.data)
      continue
    }
    for (const { path, message } of findingsOf(Asset, value, parsed.error)) {
      problems.push({ file, ...(places.get(String(path[0])) ?? start), path: cellName(path), message })
    }
  }
  return { assets, problems, position }
}

const cellName = (path: SettingPath): string => String(path[0] ?? '')
