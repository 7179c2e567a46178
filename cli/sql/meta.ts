// What do the commands do that begin with a backslash? They change how the next answers look, or show what can be asked about.
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { CommandError } from '../frame.ts'
import { type Language, type Paint, printable } from '../terminal.ts'
import { readColumns, readRelations } from './catalog.ts'
import { readFormat, readParameter, TABLE, VERTICAL } from './formats.ts'
import { metaHelp, words } from './words.ts'

/** What the commands set. */
export interface Settings {
  format: string
  timing: boolean
  /** For the next answer only: a second one behind a Parquet file would spoil it. */
  output: string | undefined
  readonly params: Map<string, string>
}

export interface MetaParts {
  readonly settings: Settings
  readonly clickhouse: ClickHouse
  readonly language: Language
  readonly cwd: string
  readonly columns: number
  readonly paint: Paint
}

/** Runs one command; answers the text to show, or undefined to leave. Rejects with CommandError for what it cannot do. */
export async function runMeta(line: string, parts: MetaParts): Promise<string | undefined> {
  const { settings, language } = parts
  const text = words[language]
  const [, name = '', rest = ''] = /^(\\\S*)\s*([\s\S]*)$/.exec(line.trim().replace(/\s*;$/, '')) ?? []
  switch (name) {
    case '\\q':
      return undefined
    case '\\?':
    case '\\h':
      return metaHelp
    case '\\d':
      return rest === '' ? relationsText(parts) : columnsText(rest, parts)
    case '\\f':
      if (rest !== '') settings.format = wrongUse(() => readFormat(rest))
      return `${text.format(settings.format)}\n`
    case '\\x':
      settings.format = settings.format === VERTICAL ? TABLE : VERTICAL
      return `${text.vertical(settings.format === VERTICAL)}\n`
    case '\\timing':
      settings.timing = !settings.timing
      return `${text.timing(settings.timing)}\n`
    case '\\o':
      settings.output = rest === '' ? undefined : resolve(parts.cwd, rest)
      return `${settings.output === undefined ? text.screenAgain : text.nextTo(printable(settings.output))}\n`
    case '\\p':
      return parameters(rest, settings, text.noParameters)
    default:
      throw new CommandError(text.unknownMeta(printable(name)), '')
  }
}

function parameters(rest: string, { params }: Settings, none: string): string {
  if (/^\w+$/.test(rest)) params.delete(rest)
  else if (rest !== '') params.set(...wrongUse(() => readParameter(rest)))
  return params.size === 0
    ? `${none}\n`
    : [...params].map(([name, value]) => `${name} = ${printable(value).replaceAll('\n', '\\n')}\n`).join('')
}

function wrongUse<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    throw new CommandError(error.message, '')
  }
}

async function relationsText({ clickhouse, language, columns, paint }: MetaParts): Promise<string> {
  const { nameOrder, view, table } = words[language]
  const rows = (await readRelations(clickhouse)).map((one) => [one.name, one.view ? view : table, one.comment] as const)
  return listing(nameOrder, rows, columns, paint)
}

async function columnsText(name: string, { clickhouse, language, columns, paint }: MetaParts): Promise<string> {
  const found = await readColumns(clickhouse, name)
  const rows = found.map((column) => [column.name, column.type, column.comment] as const)
  return listing(words[language].columnOrder, rows, columns, paint)
}

type Three = readonly [string, string, string]

/** Three columns; the last is broken into lines so that all fits the screen, the second moves it down where it is long. */
function listing(titles: Three, rows: readonly Three[], columns: number, paint: Paint): string {
  const share = (at: 0 | 1, most: number): number =>
    Math.min(most, Math.max(titles[at].length, ...rows.map((row) => printable(row[at]).length)))
  const first = share(0, 32)
  const second = share(1, 22)
  const room = Math.max(20, columns - first - second - 5)
  const indent = ' '.repeat(first + second + 4)
  const lines = rows.map((row) => {
    const [name, kind, about] = [clean(row[0]), clean(row[1]), clean(row[2])]
    const broken = wrap(about, room)
    const head = `${paint('bold', name)}${' '.repeat(Math.max(0, first - name.length))}  ${kind.padEnd(second)}`
    const over = name.length > first || kind.length > second
    return [over ? head : `${head}  ${broken.shift() ?? ''}`, ...broken.map((line) => indent + line)]
      .map((line) => `${line.trimEnd()}\n`)
      .join('')
  })
  const header = `${titles[0].padEnd(first)}  ${titles[1].padEnd(second)}  ${titles[2]}`
  return `${paint('bold', header)}\n${lines.join('')}`
}

const clean = (cell: string): string => printable(cell).replace(/\s+/g, ' ')

function wrap(text: string, room: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}
