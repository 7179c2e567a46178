// Which hunts are there, and is each of them whole? Files of hunts/ and of the operator's folder, with the same checks for both.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { nearest } from '../../runtime/config-nearest.ts'
import { errorText } from '../../runtime/errors.ts'
import { type HuntHead, HuntHead as HuntHeadSchema, type Hunts } from '../../schemas/hunt.ts'
import { cutStatements, saysSomething, tokens } from '../sql/lexer.ts'

/** Siaga's own hunts. */
export const SHIPPED_HUNTS = fileURLToPath(new URL('../../hunts', import.meta.url))

/** Rows that a hunt may answer at most. */
const MAX_HUNT_ROWS = 1_000
const MAX_FILE_BYTES = 64 * 1024
const MAX_FILES = 1_000
const FENCE = '-- ---'

/** Parameters that hunts have without saying so. The time is UTC; the window holds `since` and not `until`. */
export const standardParameters = {
  since: {
    type: "DateTime('UTC')",
    id: 'kejadian sejak waktu ini',
    en: 'events from this time on',
  },
  until: {
    type: "DateTime('UTC')",
    id: 'kejadian sebelum waktu ini',
    en: 'events before this time',
  },
  region: {
    type: 'String',
    id: 'kode wilayah Kemendagri beserta wilayah di bawahnya; kosong: semua',
    en: 'Kemendagri code of a region, with those beneath; empty: all',
  },
} as const

export interface Hunt extends HuntHead {
  readonly file: string
  /** One statement without its `;`. */
  readonly query: string
  /** Types of the parameters that stand in it, by name. */
  readonly types: ReadonlyMap<string, string>
  /** Rows that it answers at most. */
  readonly limit: number
}

export interface HuntProblem {
  readonly file: string
  readonly reason: string
}

export interface HuntSet {
  /** By id. */
  readonly hunts: ReadonlyMap<string, Hunt>
  readonly problems: readonly HuntProblem[]
}

/** Folders of hunts: the shipped one, and the one that siaga.yaml names. */
export function huntFolders({ hunts }: { readonly hunts: Hunts }, baseDir: string): string[] {
  return [SHIPPED_HUNTS, ...(hunts.dir === undefined ? [] : [resolve(baseDir, hunts.dir)])]
}

/** Reads every hunt of these folders. A file that is not whole is left out and told; the first of two with one id counts. */
export function readHunts(folders: readonly string[]): HuntSet {
  const hunts = new Map<string, Hunt>()
  const problems: HuntProblem[] = []
  for (const folder of folders) {
    for (const file of filesOf(folder, problems)) {
      const read = readHuntFile(file)
      if (typeof read === 'string') problems.push({ file, reason: read })
      else if (hunts.has(read.id)) problems.push({ file, reason: `another hunt has the id ${read.id}` })
      else hunts.set(read.id, read)
    }
  }
  return { hunts, problems }
}

function filesOf(folder: string, problems: HuntProblem[]): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
    if (names.length > MAX_FILES) problems.push({ file: folder, reason: `only the first ${MAX_FILES} files are read` })
    return names
      .sort()
      .slice(0, MAX_FILES)
      .map((name) => join(folder, name))
  } catch (error) {
    problems.push({ file: folder, reason: `the folder cannot be read: ${errorText(error)}` })
    return []
  }
}

/** The hunt of a file, or what is wrong with it. */
export function readHuntFile(file: string): Hunt | string {
  try {
    const bytes = readFileSync(file)
    if (bytes.length > MAX_FILE_BYTES) return `it is longer than ${MAX_FILE_BYTES} bytes`
    return parseHunt(bytes.toString('utf8'), file)
  } catch (error) {
    return `it cannot be read: ${errorText(error)}`
  }
}

/** A hunt from its text, or what is wrong with it. */
export function parseHunt(text: string, file: string): Hunt | string {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const end = lines.indexOf(FENCE, 1)
  if (lines[0] !== FENCE || end < 0) return `it must begin with a head between two lines \`${FENCE}\``
  const head = readHead(lines.slice(1, end))
  if (typeof head === 'string') return head
  if (basename(file) !== `${head.id}.sql`) return `its id is ${head.id}, so the file must be called ${head.id}.sql`
  const statement = oneStatement(lines.slice(end + 1).join('\n'))
  if (statement === undefined) return 'it must hold one statement'
  const query = statement.trim()
  const { words, types } = scan(query)
  const limit = Number(/\bLIMIT\s+(\d{1,9})$/i.exec(query)?.[1] ?? 0)
  const reason = problemOf(head, { words, types, limit })
  return reason ?? { ...head, file, query, types, limit }
}

function readHead(lines: readonly string[]): HuntHead | string {
  const foreign = lines.find((line) => !line.startsWith('-- ') && line !== '--')
  if (foreign !== undefined) return `a line of its head does not begin with \`-- \`: ${foreign.slice(0, 60)}`
  let values: unknown
  try {
    values = parse(lines.map((line) => line.slice(3)).join('\n'), { maxAliasCount: 0 })
  } catch (error) {
    return `its head is not YAML: ${errorText(error).split('\n')[0]}`
  }
  const parsed = HuntHeadSchema.safeParse(values)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  return issue === undefined ? z.prettifyError(parsed.error) : `${issue.path.join('.') || 'head'}: ${issue.message}`
}

function oneStatement(text: string): string | undefined {
  const { whole, rest } = cutStatements(text)
  const said = [...whole, rest].filter(saysSomething)
  return said.length === 1 ? said[0] : undefined
}

interface Scanned {
  /** Its words in capitals, without strings and comments. */
  readonly words: readonly string[]
  readonly types: ReadonlyMap<string, string>
  readonly limit: number
}

function scan(query: string): Omit<Scanned, 'limit'> {
  const parts = tokens(query)
  // A type may hold a string (DateTime('UTC')), so the whole text is looked at, but for comments.
  const said = parts.map(({ kind, text }) => (kind === 'comment' ? ' ' : text)).join('')
  const types = new Map(
    [...said.matchAll(/\{(\w+):\s*([^{}]+?)\s*\}/g)].map(([, name = '', type = '']) => [name, type]),
  )
  return { words: parts.filter(({ kind }) => kind === 'word').map(({ text }) => text.toUpperCase()), types }
}

function problemOf(head: HuntHead, { words, types, limit }: Scanned): string | undefined {
  if (words[0] !== 'SELECT' && words[0] !== 'WITH') return 'its statement must be a SELECT'
  if (words.includes('FORMAT') || words.includes('OUTFILE') || words.includes('SETTINGS'))
    return 'its statement must leave FORMAT, SETTINGS and INTO OUTFILE to whoever runs it'
  if (!words.includes('ORDER')) return 'its statement must say what comes first: ORDER BY'
  if (limit < 1 || limit > MAX_HUNT_ROWS) return `its statement must end in LIMIT 1 to ${MAX_HUNT_ROWS}`
  const standard = new Map(Object.entries(standardParameters))
  for (const [name, { type }] of standard) {
    if (Object.hasOwn(head.parameters, name)) return `parameter ${name} is there for every hunt: it is not declared`
    const written = types.get(name)
    if (written === undefined ? name !== 'region' : written !== type) return `it must use {${name}:${type}}`
  }
  for (const name of types.keys()) {
    if (standard.has(name) || Object.hasOwn(head.parameters, name)) continue
    const near = nearest(name, Object.keys(head.parameters))
    return `parameter ${name} is not declared in its head${near === undefined ? '' : `; did you mean ${near}?`}`
  }
  const idle = Object.keys(head.parameters).find((name) => !types.has(name))
  if (idle !== undefined) return `parameter ${idle} is declared and not used`
  if (new Set(head.columns).size < head.columns.length) return 'a column is named twice'
  if (head.scope !== 'regional') return undefined
  if (!types.has('region')) return `a regional hunt must use {region:${standardParameters.region.type}}`
  const [first, second] = head.columns
  return first === 'region_code' && second === 'owner'
    ? undefined
    : 'the first columns of a regional hunt must be region_code and owner'
}
