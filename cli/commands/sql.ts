// siaga sql: what does ClickHouse answer? Only data on standard output.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type ClickHouseOptions, createClickHouse } from '../../runtime/clickhouse.ts'
import { errorText } from '../../runtime/errors.ts'
import { clickHouseOptions, explainUnavailable } from '../clickhouse-access.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { langOption } from '../options.ts'
import { ask } from '../sql/ask.ts'
import { readRights } from '../sql/catalog.ts'
import { isDrawn, readFormat, readParameter, TABLE } from '../sql/formats.ts'
import { historyFile } from '../sql/history.ts'
import { interact } from '../sql/interactive.ts'
import { languageOf } from '../terminal.ts'

interface Options {
  readonly format?: string
  readonly file?: string
  readonly output?: string
  readonly param?: Readonly<Record<string, string>>
  readonly history: boolean
  readonly lang?: string
}

export const sql: CliCommand = {
  name: 'sql',
  summary: 'Run a query as the reader user, or ask one after another on a terminal; only data goes to standard output.',
  ringkasan: 'Jalankan kueri sebagai pengguna pembaca, atau bertanya berturut-turut di terminal.',
  details:
    'Without a query, on a terminal: a prompt with history, completion (Tab), \\d, paging and help (\\?).\n' +
    'Tanpa kueri, di terminal: prompt dengan riwayat, pelengkapan (Tab), \\d, pager, dan bantuan (\\?).\n' +
    'The database is siaga. Formats: table (default on a terminal), TSV (default elsewhere, no header), vertical, JSON, CSV,\n' +
    'Parquet, Arrow, or any output format of ClickHouse such as JSONEachRow or TSVWithNames.\n' +
    'Ctrl-C ends the query on the server too.',
  examples: [
    { run: 'siaga sql', what: 'mode interaktif / the interactive mode' },
    {
      run: 'siaga sql "SELECT timestamp, source_ip, score FROM events ORDER BY score DESC LIMIT 10"',
      what: 'the ten events with the highest score',
    },
    {
      run: 'siaga sql --format CSVWithNames --file report.sql > report.csv',
      what: 'kueri dari berkas, hasil untuk lembar kerja / a query from a file, for a spreadsheet',
    },
    {
      run: 'siaga sql --format Parquet --output today.parquet "SELECT * FROM events WHERE ingested_at >= today()"',
      what: 'ke berkas baru, untuk Python dan sejenisnya / into a new file, for Python and the like',
    },
    {
      run: 'siaga sql --param region=31.71 "SELECT count() FROM events WHERE region_code = {region:String}"',
      what: 'a value that is not part of the text',
    },
  ],
  build(command, frame) {
    command
      .argument('[query]', 'the query (default: standard input; on a terminal the interactive mode)')
      .option(
        '-f, --format <format>',
        'table, vertical, JSON, CSV, TSV, Parquet, Arrow or a format of ClickHouse',
        readFormat,
      )
      .option('--file <file>', 'read the query from a file')
      .option('-o, --output <file>', 'write the answer to a new file')
      .option('--param <name=value>', 'value for {name:Type} in the query; may be repeated', parameter)
      .option('--no-history', 'keep no history of the interactive mode (also: SIAGA_SQL_HISTORY=off)')
      .addOption(langOption())
      .action((query: string | undefined, options: Options) => run(query, options, frame))
  },
}

async function run(argument: string | undefined, options: Options, frame: Frame): Promise<void> {
  const { config } = frame.config()
  const asked = argument !== undefined || options.file !== undefined || options.output !== undefined
  const interactive = !asked && frame.stdin.isTTY && frame.stdout.isTTY
  const query = interactive ? '' : await queryText(argument, options.file, frame)
  const clickhouse = { ...clickHouseOptions(config, frame.env, 'reader'), database: 'siaga' }
  const language = languageOf(options.lang, frame.env)
  const params = options.param ?? {}
  try {
    if (interactive) {
      const format = options.format ?? TABLE
      const settings = { format, timing: true, output: undefined, params: new Map(Object.entries(params)) }
      const file = options.history ? historyFile(frame.env) : undefined
      await interact({ clickhouse, frame, language, settings, historyFile: file })
      return
    }
    const toScreen = options.output === undefined && frame.stdout.isTTY
    const format = options.format ?? (toScreen ? TABLE : 'TabSeparated')
    const output = options.output === undefined ? {} : { output: resolve(frame.cwd, options.output) }
    const limited = toScreen && isDrawn(format) && (await mayLimit(clickhouse))
    const { cut } = await ask(clickhouse, { query, format, params, limited, paged: false, ...output }, frame, language)
    if (cut && isDrawn(format)) {
      const text =
        language === 'id'
          ? 'Hanya baris-baris pertama; --output mengambil semuanya.'
          : 'Only the first rows; --output takes all of them.'
      frame.stderr.write(`${text}\n`)
    }
  } catch (error) {
    throw explainUnavailable(error, config)
  }
}

async function mayLimit(options: ClickHouseOptions): Promise<boolean> {
  const client = createClickHouse(options)
  try {
    return (await readRights(client)).limit
  } finally {
    await client.close()
  }
}

async function queryText(argument: string | undefined, file: string | undefined, frame: Frame): Promise<string> {
  const query = (await readQuery(argument, file, frame)).trim().replace(/(?:\s*;)+$/, '')
  if (query !== '') return query
  throw new CommandError('There is no query.', 'Give one as an argument, with --file or on standard input.', 2)
}

async function readQuery(argument: string | undefined, file: string | undefined, frame: Frame): Promise<string> {
  if (argument !== undefined && file !== undefined) {
    throw new CommandError('There are two queries: an argument and --file.', 'Give one of them.', 2)
  }
  if (argument !== undefined && argument !== '-') return argument
  if (file !== undefined) {
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      throw new CommandError(`The query file cannot be read: ${errorText(error)}`, 'Check the path given with --file.')
    }
  }
  if (frame.stdin.isTTY) frame.stderr.write('Type the query; Ctrl-D runs it.\n')
  const parts: Buffer[] = []
  for await (const part of frame.stdin as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

function parameter(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [name, value] = readParameter(text)
  return { ...before, [name]: value }
}
