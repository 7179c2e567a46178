// siaga hunt: which questions are saved, what do they find, and what did they find by the clock?
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { nearest } from '../../runtime/config-nearest.ts'
import { errorText } from '../../runtime/errors.ts'
import { HuntCategory } from '../../schemas/hunt.ts'
import { clickHouseOptions, explainUnavailable } from '../clickhouse-access.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { keepHunt } from '../hunt/keep.ts'
import { type Hunt, huntFolders, readHunts } from '../hunt/read.ts'
import { runAll } from '../hunt/run-all.ts'
import { huntWords, showHunt, showHunts } from '../hunt/show.ts'
import { huntValues } from '../hunt/values.ts'
import { langOption } from '../options.ts'
import { ask } from '../sql/ask.ts'
import { readFormat, readParameter, TABLE } from '../sql/formats.ts'
import { duration, languageOf, number, table } from '../terminal.ts'

interface ListOptions {
  readonly tag?: string
  readonly json?: boolean
  readonly lang?: string
}

interface RunOptions {
  readonly since?: string
  readonly until?: string
  readonly region?: string
  readonly param?: Readonly<Record<string, string>>
  readonly format?: string
  readonly output?: string
  readonly keep?: boolean
  readonly by?: string
  readonly tag?: string
  readonly lang?: string
}

export const hunt: CliCommand = {
  name: 'hunt',
  summary:
    'Saved hunts: questions in SQL with what they find, why it matters and what to do; by name and by the clock.',
  ringkasan: 'Perburuan tersimpan: pertanyaan SQL beserta arti dan tindakannya; dijalankan dengan nama atau terjadwal.',
  details:
    "Hunts are files: Siaga's own in hunts/, yours in the folder hunts.dir of siaga.yaml (docs/hunts.md).\n" +
    'Perburuan adalah berkas: bawaan di hunts/, milik sendiri di folder hunts.dir pada siaga.yaml.',
  examples: [
    { run: 'siaga hunt list --tag T1110', what: 'yang mencari tebakan sandi / those about password guessing' },
    { run: 'siaga hunt show login_after_guessing', what: 'arti, parameter dan SQL-nya / what it means, and its SQL' },
    {
      run: 'siaga hunt run login_after_guessing --since 24h --region 32',
      what: 'Jawa Barat, sehari terakhir / West Java, the last day',
    },
    {
      run: 'siaga hunt run-all --since 6h',
      what: 'semuanya, dengan jumlah temuannya / all of them, with what they found',
    },
  ],
  subcommands: [
    {
      name: 'list',
      summary: 'List hunts by subject.',
      ringkasan: 'Daftar perburuan menurut topik.',
      details: `Subjects / topik: ${HuntCategory.options.join(', ')}.`,
      examples: [
        { run: 'siaga hunt list', what: 'semua / all' },
        {
          run: 'siaga hunt list --tag T1110',
          what: 'teknik ATT&CK beserta turunannya / a technique with those beneath',
        },
        { run: 'siaga hunt list --tag election --json', what: 'satu topik, untuk program / one subject, for programs' },
      ],
      build(command, frame) {
        command
          .option('--tag <tag>', 'ATT&CK technique or subject')
          .option('--json', 'as JSON')
          .addOption(langOption())
          .action((options: ListOptions) => list(options, frame))
      },
    },
    {
      name: 'show',
      summary: 'Show what a hunt finds, why it matters, what to do with a hit, its parameters and its SQL.',
      ringkasan: 'Tampilkan arti, tindakan, parameter dan SQL sebuah perburuan.',
      examples: [{ run: 'siaga hunt show dns_tunnel', what: 'sebelum dijalankan / before it is run' }],
      build(command, frame) {
        command
          .argument('<id>', 'hunt: siaga hunt list')
          .addOption(langOption())
          .action((id: string, options: ListOptions) => {
            frame.stdout.write(showHunt(huntOf(id, frame), languageOf(options.lang, frame.env), frame.paint))
          })
      },
    },
    {
      name: 'run',
      summary: 'Run a hunt as the reader user; only data goes to standard output.',
      ringkasan: 'Jalankan perburuan sebagai pengguna pembaca; hanya data yang ditulis ke keluaran.',
      details:
        'Formats are those of `siaga sql`. With --keep the rows go into siaga.hunt_results instead, under your name.\n' +
        'Times without a zone are WIB / Waktu tanpa zona dibaca sebagai WIB.',
      examples: [
        { run: 'siaga hunt run dns_tunnel --since 24h', what: 'sehari terakhir / the last day' },
        {
          run: 'siaga hunt run dns_tunnel --since "2024-11-27 00:00 WIT" --until "2024-11-28 00:00 WIT" --region 91',
          what: 'hari pemungutan di Papua / voting day in Papua',
        },
        {
          run: 'siaga hunt run password_spray --param users=5 --format CSVWithNames --output spray.csv',
          what: 'parameter sendiri, ke berkas / another parameter, into a file',
        },
        { run: 'siaga hunt run dns_tunnel --keep --by sari', what: 'simpan barisnya / keep the rows' },
      ],
      build(command, frame) {
        windowOptions(command.argument('<id>', 'hunt: siaga hunt list'))
          .option('--param <name=value>', 'value of a parameter; may be repeated', parameter)
          .option('-f, --format <format>', 'table, vertical, JSON, CSV, TSV or a format of ClickHouse', readFormat)
          .option('-o, --output <file>', 'write the answer to a new file')
          .option('--keep', 'keep the rows in siaga.hunt_results')
          .option('--by <name>', 'with --keep: who runs it')
          .action((id: string, options: RunOptions) => run(id, options, frame))
      },
    },
    {
      name: 'run-all',
      summary: 'Run every hunt and say how much each found.',
      ringkasan: 'Jalankan semua perburuan dan sebutkan jumlah temuannya.',
      details: 'Each in its own window unless told. Exit code 1 if one of them could not be run.',
      examples: [
        { run: 'siaga hunt run-all', what: 'pagi hari, sebelum rapat / in the morning, before the meeting' },
        { run: 'siaga hunt run-all --tag web --region 32 --since 6h', what: 'satu topik / one subject' },
      ],
      build(command, frame) {
        windowOptions(command)
          .option('--tag <tag>', 'ATT&CK technique or subject')
          .action((options: RunOptions) => all(options, frame))
      },
    },
    {
      name: 'schedule',
      summary: 'Show which hunts siaga.yaml runs by the clock.',
      ringkasan: 'Tampilkan perburuan yang terjadwal di siaga.yaml.',
      examples: [{ run: 'siaga hunt schedule', what: 'waktu dalam UTC / times are UTC' }],
      build(command, frame) {
        command.addOption(langOption()).action((options: ListOptions) => schedule(options, frame))
      },
    },
    {
      name: 'history',
      summary: 'Show the last runs whose rows were kept.',
      ringkasan: 'Tampilkan jalannya perburuan yang barisnya disimpan.',
      details: 'For the centre: how much was found in all regions. The rows themselves: table siaga.hunt_results.',
      examples: [
        { run: 'siaga hunt history', what: 'lima puluh terakhir / the last fifty' },
        { run: 'siaga hunt history dns_tunnel --format JSON', what: 'satu perburuan / of one hunt' },
      ],
      build(command, frame) {
        command
          .argument('[id]', 'of this hunt')
          .option('-f, --format <format>', 'as in siaga sql', readFormat)
          .addOption(langOption())
          .action((id: string | undefined, options: RunOptions) => history(id, options, frame))
      },
    },
  ],
}

function windowOptions(command: Command): Command {
  return command
    .option('--since <span or time>', 'such as 24h, 7d or "2024-11-27 08:00 WITA" (default: window of the hunt)')
    .option('--until <time>', 'such as "2024-11-28 00:00 WIB" (default: now)')
    .option('--region <code>', 'region with those beneath (default: all)')
    .addOption(langOption())
}

function parameter(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [name, value] = readParameter(text)
  return { ...before, [name]: value }
}

/** Every hunt that can be used; those that cannot are told on stderr. */
function huntsOf(frame: Frame): ReadonlyMap<string, Hunt> {
  const { config, baseDir } = frame.config()
  const { hunts, problems } = readHunts(huntFolders(config, baseDir))
  for (const { file, reason } of problems)
    frame.stderr.write(`${frame.paintError('yellow', 'warning:')} ${file}: ${reason}\n`)
  return hunts
}

function huntOf(id: string, frame: Frame): Hunt {
  const hunts = huntsOf(frame)
  const found = hunts.get(id)
  if (found !== undefined) return found
  const near = nearest(id, hunts.keys())
  throw new CommandError(
    `Tidak ada perburuan ${JSON.stringify(id)}. / There is no hunt ${JSON.stringify(id)}.`,
    near === undefined
      ? 'Lihat daftarnya / see the list: siaga hunt list'
      : `Mungkin ${near}? Daftarnya / the list: siaga hunt list`,
    2,
  )
}

/** Hunts of a technique (with those beneath it) or a subject, in the order of subjects. */
function tagged(hunts: ReadonlyMap<string, Hunt>, tag: string | undefined): Hunt[] {
  const wanted = tag?.replace(/^attack\./i, '').toLowerCase()
  const rank = ({ category }: Hunt): number => HuntCategory.options.indexOf(category)
  return [...hunts.values()]
    .filter(({ attack, category }) => {
      if (wanted === undefined || wanted === category) return true
      return attack.some((one) => one.toLowerCase() === wanted || one.toLowerCase().startsWith(`${wanted}.`))
    })
    .sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1))
}

function list({ tag, json, lang }: ListOptions, frame: Frame): void {
  const hunts = tagged(huntsOf(frame), tag)
  if (json) {
    const shown = hunts.map(({ query: _query, types: _types, ...head }) => head)
    frame.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
  } else frame.stdout.write(showHunts(hunts, languageOf(lang, frame.env), frame.paint))
}

async function run(id: string, options: RunOptions, frame: Frame): Promise<void> {
  const found = huntOf(id, frame)
  const values = huntValues(found, wishOf(found, options), Date.now())
  if (options.keep) return await keep(found, values, options, frame)
  const { config } = frame.config()
  const clickhouse = { ...clickHouseOptions(config, frame.env, 'reader'), database: 'siaga' }
  const language = languageOf(options.lang, frame.env)
  const toScreen = options.output === undefined && frame.stdout.isTTY
  const format = options.format ?? (toScreen ? TABLE : 'TabSeparatedWithNames')
  const output = options.output === undefined ? {} : { output: resolve(frame.cwd, options.output) }
  try {
    const question = { query: found.query, format, params: values.params, paged: toScreen, ...output }
    const { summary } = await ask(clickhouse, question, frame, language)
    if (toScreen && summary.resultRows > 0)
      frame.stderr.write(`${huntWords[language].action}: ${found.action[language]}\n`)
  } catch (error) {
    throw explainUnavailable(error, config)
  }
}

/** `--region` is a parameter like any other, for hunts that have it. */
function wishOf(found: Hunt, { since, until, region, param }: RunOptions) {
  const params = { ...param, ...(region === undefined || !found.types.has('region') ? {} : { region }) }
  if (region !== undefined && !found.types.has('region'))
    throw new CommandError(
      `Perburuan ${found.id} tidak dapat dibatasi pada wilayah. / Hunt ${found.id} cannot be limited to a region.`,
      'Jalankan tanpa --region. / Run it without --region.',
      2,
    )
  return { since, until, params }
}

async function keep(
  found: Hunt,
  values: ReturnType<typeof huntValues>,
  { by }: RunOptions,
  frame: Frame,
): Promise<void> {
  if (by === undefined || by.trim() === '')
    throw new CommandError('Siapa yang menjalankannya? / Who runs it?', 'Sebutkan / say so: --keep --by sari', 2)
  const { config } = frame.config()
  const clickhouse = createClickHouse(clickHouseOptions(config, frame.env, 'pipeline'))
  const reader = clickHouseOptions(config, frame.env, 'reader')
  try {
    const kept = await keepHunt({ reader, clickhouse, now: Date.now }, found, values, {
      at: values.to,
      by: by.slice(0, 64),
    })
    frame.stdout.write(`${kept.id}\t${kept.rows}\n`)
  } catch (error) {
    throw explainUnavailable(error, config)
  } finally {
    await clickhouse.close()
  }
}

async function all({ tag, lang, ...options }: RunOptions, frame: Frame): Promise<void> {
  const { config } = frame.config()
  const language = languageOf(lang, frame.env)
  const clickhouse = createClickHouse({ ...clickHouseOptions(config, frame.env, 'reader'), database: 'siaga' })
  const progress = frame.progress()
  try {
    const hunts = tagged(huntsOf(frame), tag).filter(({ types }) => options.region === undefined || types.has('region'))
    const now = Date.now()
    const wish = (one: Hunt) => huntValues(one, wishOf(one, options), now)
    const done = await runAll(clickhouse, hunts, wish, ({ id }) => progress.doing(id))
    progress.stop()
    const headers = language === 'id' ? ['Perburuan', 'Baris', 'Waktu', 'Judul'] : ['Hunt', 'Rows', 'Time', 'Title']
    const columns = headers.map((title, at) => ({
      title,
      align: at === 1 || at === 2 ? ('right' as const) : ('left' as const),
    }))
    const rows = done.map(({ hunt: one, rows, seconds, problem }) => [
      one.id,
      problem === undefined ? `${number(rows, language)}${rows >= one.limit ? '+' : ''}` : '✗',
      duration(seconds),
      problem ?? one.title[language],
    ])
    frame.stdout.write(table(columns, rows, frame.paint))
    if (done.some(({ problem }) => problem !== undefined)) frame.failed()
  } catch (error) {
    throw explainUnavailable(error, config)
  } finally {
    progress.stop()
    await clickhouse.close()
  }
}

function schedule({ lang }: ListOptions, frame: Frame): void {
  const { hunts } = frame.config().config
  const language = languageOf(lang, frame.env)
  if (hunts.schedule.length === 0) {
    const text =
      language === 'id'
        ? 'Tidak ada yang terjadwal. Tambahkan hunts.schedule pada siaga.yaml (docs/hunts.md).'
        : 'Nothing is scheduled. Add hunts.schedule to siaga.yaml (docs/hunts.md).'
    frame.stdout.write(`${text}\n`)
    return
  }
  const headers =
    language === 'id'
      ? ['Perburuan', 'Cron (UTC)', 'Jendela', 'Parameter']
      : ['Hunt', 'Cron (UTC)', 'Window', 'Parameters']
  const known = huntsOf(frame)
  const rows = hunts.schedule.map(({ id, cron, since, params }) => [
    known.has(id) ? id : `${id} ✗`,
    cron,
    since ?? known.get(id)?.window ?? '',
    Object.entries(params)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  ])
  frame.stdout.write(
    table(
      headers.map((title) => ({ title })),
      rows,
      frame.paint,
    ),
  )
}

async function history(id: string | undefined, options: RunOptions, frame: Frame): Promise<void> {
  const { config } = frame.config()
  const clickhouse = { ...clickHouseOptions(config, frame.env, 'reader'), database: 'siaga' }
  const language = languageOf(options.lang, frame.env)
  const format = options.format ?? (frame.stdout.isTTY ? TABLE : 'TabSeparatedWithNames')
  const query = `SELECT run_at, hunt, run_by, rows, cut, duration_ms, read_rows, window_from, window_to, params, error
    FROM siaga.hunt_runs WHERE {hunt:String} = '' OR hunt = {hunt:String} ORDER BY run_at DESC, hunt LIMIT 50`
  try {
    await ask(clickhouse, { query, format, params: { hunt: id ?? '' }, paged: frame.stdout.isTTY }, frame, language)
  } catch (error) {
    throw errorText(error).includes('ACCESS_DENIED')
      ? new CommandError(
          'Riwayat perburuan hanya untuk pusat. / The history of hunts is for the centre.',
          'Baris untuk wilayah Anda / rows of your region: siaga sql "SELECT * FROM hunt_results ORDER BY run_at DESC LIMIT 50"',
        )
      : explainUnavailable(error, config)
  }
}
