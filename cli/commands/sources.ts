// siaga sources: which sources are configured, and what would become of the lines of one before it goes live?
import { resolve } from 'node:path'
import { Option } from 'commander'
import { nearest } from '../../runtime/config-nearest.ts'
import { errorText } from '../../runtime/errors.ts'
import { loadReference } from '../../runtime/reference.ts'
import { SourceFormat } from '../../schemas/config.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { langOption, wholeNumber } from '../options.ts'
import { openEvents, readLines } from '../rules/lines.ts'
import { showSources, showTrial, waysOf } from '../sources/show.ts'
import { createTrial } from '../sources/try.ts'
import { languageOf } from '../terminal.ts'

interface ListOptions {
  readonly json?: boolean
  readonly lang?: string
}

interface TestOptions extends ListOptions {
  readonly file: string
  readonly format?: SourceFormat
  readonly lines: number
  readonly show: number
}

export const sources: CliCommand = {
  name: 'sources',
  summary: 'List the configured sources, and try one on a sample before it goes live.',
  ringkasan: 'Daftar sumber dalam konfigurasi, dan coba satu dengan contoh sebelum dipakai.',
  examples: [
    { run: 'siaga sources list', what: 'semua sumber / all sources' },
    {
      run: 'siaga sources test web-kpu --file contoh.log',
      what: 'bagaimana barisnya terurai / how its lines are read',
    },
  ],
  subcommands: [
    {
      name: 'list',
      summary: 'List sources with format, region, owner and the way they come in.',
      ringkasan: 'Daftar sumber dengan format, wilayah, pemilik, dan jalan masuknya.',
      examples: [
        { run: 'siaga sources list', what: 'sebagai tabel / as a table' },
        { run: 'siaga sources list --json', what: 'for programs' },
      ],
      build(command, frame) {
        command
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((options: ListOptions) => list(options, frame))
      },
    },
    {
      name: 'test',
      summary: 'Show how lines of a source would be read, field by field; nothing is sent, nothing need be running.',
      ringkasan: 'Tampilkan bagaimana baris sebuah sumber terurai, kolom demi kolom; tidak ada yang dikirim.',
      details:
        "The steps are those of the live pipeline: citizens' numbers become tokens (of another key), then parse, times, region, asset, election.\n" +
        'Lines that no parser knows fall back to plain; then every format is tried, and the one that reads most is named.\n' +
        'Exit code 1 if lines would become dead letters.',
      examples: [
        { run: 'siaga sources test web-kpu --file contoh.log', what: 'dengan format dalam siaga.yaml / as configured' },
        { run: 'siaga sources test lb-1 --file haproxy.log.gz --format haproxy --show 2', what: 'with another format' },
        { run: 'tail -n 500 app.log | siaga sources test app --file - --json', what: 'for programs' },
      ],
      build(command, frame) {
        command
          .argument('<source>', 'source of siaga.yaml')
          .requiredOption('-f, --file <file>', 'sample of its lines, plain, .gz or .zst; - is standard input')
          .addOption(new Option('--format <format>', 'in place of the configured one').choices(SourceFormat.options))
          .option('--lines <lines>', 'read at most so many', wholeNumber(1, 1_000_000), 10_000)
          .option('--show <lines>', 'lines of each dataset to show whole', wholeNumber(0, 100), 1)
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((source: string, options: TestOptions) => test(source, options, frame))
      },
    },
  ],
}

function list({ json, lang }: ListOptions, frame: Frame): void {
  const { config, baseDir } = frame.config()
  const { regions } = loadReference({ calendars: [], regions: config.regions }, baseDir)
  const all = config.sources
  if (json) {
    const shown = all.map((source) => ({ ...source, ways: waysOf(source) }))
    frame.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
    return
  }
  const language = languageOf(lang, frame.env)
  const text = showSources(all, ({ zone, region }) => zone ?? regions.get(region)?.zone ?? 'WIB', language, frame.paint)
  frame.stdout.write(text)
}

async function test(id: string, options: TestOptions, frame: Frame): Promise<void> {
  const { config, baseDir } = frame.config()
  const source = config.sources.find((one) => one.id === id)
  if (source === undefined) {
    const near = nearest(
      id,
      config.sources.map((one) => one.id),
    )
    throw new CommandError(
      `There is no source \`${id}\`.`,
      near ? `Did you mean \`${near}\`?` : 'Add it under `sources:` in siaga.yaml first; see `siaga sources list`.',
    )
  }
  const format = options.format ?? source.format
  const trial = createTrial({ source, format, config, baseDir, show: options.show, now: Date.now() })
  const file = options.file === '-' ? '-' : resolve(frame.cwd, options.file)
  let left = options.lines
  try {
    for await (const lines of readLines(openEvents(file, frame.stdin))) {
      for (const { number, text } of lines) {
        if (left <= 0) break
        if (text === undefined) continue
        trial.line(text, number + 1)
        left -= 1
      }
      if (left <= 0) break
    }
  } catch (error) {
    throw new CommandError(`${options.file} cannot be read: ${errorText(error)}`, 'Check the name.')
  }
  const report = trial.report()
  if (report.dead.size > 0) frame.failed()
  frame.stdout.write(
    options.json
      ? `${JSON.stringify(report, (_, value) => (value instanceof Map ? Object.fromEntries(value) : value), 2)}\n`
      : showTrial(report, languageOf(options.lang, frame.env), frame.paint),
  )
}
