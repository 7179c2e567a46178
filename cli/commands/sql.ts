// siaga sql: what does ClickHouse answer? Only data on standard output.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import { clickHouseOptions, explainUnavailable } from '../clickhouse-access.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { chunksOf, withoutException } from '../sql/exception-guard.ts'

/** Names that people know, and what ClickHouse calls them; other names go through as they are. */
const formats: Readonly<Record<string, string>> = {
  table: 'PrettyCompactMonoBlock',
  tsv: 'TabSeparated',
  json: 'JSON',
  csv: 'CSV',
}

interface Options {
  readonly format?: string
  readonly file?: string
  readonly param?: Readonly<Record<string, string>>
}

export const sql: CliCommand = {
  name: 'sql',
  summary: 'Run a query as the reader user; only data goes to standard output.',
  ringkasan: 'Jalankan kueri sebagai pengguna pembaca; hanya data yang keluar di keluaran standar.',
  details:
    'The database is siaga. Formats: table (default on a terminal), TSV (default elsewhere, no header), JSON, CSV,\n' +
    'or any output format of ClickHouse such as JSONEachRow, TSVWithNames, Vertical, Parquet.',
  examples: [
    {
      run: 'siaga sql "SELECT timestamp, source_ip, score FROM events ORDER BY score DESC LIMIT 10"',
      what: 'the ten events with the highest score',
    },
    {
      run: 'siaga sql --format CSVWithNames --file report.sql > report.csv',
      what: 'kueri dari berkas, hasil untuk lembar kerja / a query from a file, for a spreadsheet',
    },
    {
      run: 'siaga sql --param region=31.71 "SELECT count() FROM events WHERE region_code = {region:String}"',
      what: 'a value that is not part of the text',
    },
  ],
  build(command, frame) {
    command
      .argument('[query]', 'the query (default: standard input)')
      .option('-f, --format <format>', 'table, TSV, JSON, CSV or a format of ClickHouse', formatName)
      .option('--file <file>', 'read the query from a file')
      .option('--param <name=value>', 'value for {name:Type} in the query; may be repeated', parameter)
      .action((query: string | undefined, options: Options) => run(query, options, frame))
  },
}

async function run(argument: string | undefined, options: Options, frame: Frame): Promise<void> {
  const query = (await readQuery(argument, options.file, frame)).trim().replace(/(?:\s*;)+$/, '')
  if (query === '')
    throw new CommandError('There is no query.', 'Give one as an argument, with --file or on standard input.', 2)
  const { config } = frame.config()
  const clickhouse = createClickHouse({ ...clickHouseOptions(config, frame.env, 'reader'), database: 'siaga' })
  const format = options.format ?? (frame.stdout.isTTY ? 'PrettyCompactMonoBlock' : 'TabSeparated')
  try {
    const answer = await clickhouse.stream(query, options.param ?? {}, {
      default_format: format,
      output_format_pretty_color: frame.stdout.isTTY && !frame.env.NO_COLOR ? 1 : 0,
      output_format_json_quote_64bit_integers: 0,
      http_write_exception_in_output_format: 0,
      // Up to here a failure comes as a status instead of halfway through the data.
      http_response_buffer_size: 1024 * 1024,
    })
    // Not a pipeline from `answer`: that would end with the cut connection before the guard can say why it was cut.
    for await (const part of withoutException(chunksOf(answer))) {
      if (!frame.stdout.write(part)) await once(frame.stdout, 'drain')
    }
  } catch (error) {
    throw explainUnavailable(hideServerVersion(error), config)
  } finally {
    await clickhouse.close()
  }
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

/** ClickHouse's message with code and position; its version string helps nobody. */
function hideServerVersion(error: unknown): unknown {
  if (!(error instanceof SiagaError) || error.code !== 'CLICKHOUSE_REFUSED') return error
  const message = error.message.replace(/\s*\(version [^()]*(?:\([^()]*\))?\)\s*$/, '')
  return new CommandError(message, error.action)
}

function formatName(text: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(text))
    throw new InvalidArgumentError('It must be the name of a format, such as CSV.')
  return formats[text.toLowerCase()] ?? text
}

function parameter(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('It must be name=value.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}
