// What do the commands of siaga hunt do?
import { resolve } from 'node:path'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { nearest } from '../../runtime/config-nearest.ts'
import { errorText } from '../../runtime/errors.ts'
import { HuntCategory } from '../../schemas/hunt.ts'
import { clickHouseOptions, explainUnavailable } from '../clickhouse-access.ts'
import { CommandError, type Frame } from '../frame.ts'
import { ask } from '../sql/ask.ts'
import { TABLE } from '../sql/formats.ts'
import { duration, languageOf, number, table } from '../terminal.ts'
import { keepHunt } from './keep.ts'
import { type Hunt, huntFolders, readHuntFile, readHunts } from './read.ts'
import { runAll } from './run-all.ts'
import { huntWords, showHunt, showHunts } from './show.ts'
import { huntValues } from './values.ts'

export interface ListOptions {
  readonly tag?: string
  readonly json?: boolean
  readonly lang?: string
}

export interface RunOptions {
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

/** Every hunt that can be used; those that cannot are told on stderr. */
function huntsOf(frame: Frame): ReadonlyMap<string, Hunt> {
  const { config, baseDir } = frame.config()
  const { hunts, problems } = readHunts(huntFolders(config, baseDir))
  for (const { file, reason } of problems)
    frame.stderr.write(`${frame.paintError('yellow', 'warning:')} ${file}: ${reason}\n`)
  return hunts
}

/** A hunt by its id, or a file that is being written: `./mine.sql`. */
function huntOf(id: string, frame: Frame): Hunt {
  if (id.endsWith('.sql')) return draftOf(resolve(frame.cwd, id))
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

function draftOf(file: string): Hunt {
  const read = readHuntFile(file)
  if (typeof read !== 'string') return read
  throw new CommandError(
    `Berkas ini belum menjadi perburuan. / This file is no hunt yet: ${file}: ${read}`,
    'Lihat contohnya / see an example: siaga hunt show login_after_guessing; docs/hunts.md',
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

/** Shows a hunt whole. */
export function show(id: string, { lang }: ListOptions, frame: Frame): void {
  frame.stdout.write(showHunt(huntOf(id, frame), languageOf(lang, frame.env), frame.paint))
}

/** Lists hunts. */
export function list({ tag, json, lang }: ListOptions, frame: Frame): void {
  const hunts = tagged(huntsOf(frame), tag)
  if (json) {
    const shown = hunts.map(({ query: _query, types: _types, ...head }) => head)
    frame.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
  } else frame.stdout.write(showHunts(hunts, languageOf(lang, frame.env), frame.paint))
}

/** Runs one hunt, on the screen, into a pipe or a file, or so that its rows are kept. */
export async function run(id: string, options: RunOptions, frame: Frame): Promise<void> {
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

/** Runs every hunt and says how much each found. */
export async function runEvery({ tag, lang, ...options }: RunOptions, frame: Frame): Promise<void> {
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

/** Shows what siaga.yaml runs by the clock. */
export function schedule({ lang }: ListOptions, frame: Frame): void {
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

/** Shows the last runs whose rows were kept. */
export async function history(id: string | undefined, options: RunOptions, frame: Frame): Promise<void> {
  const { config } = frame.config()
  const clickhouse = { ...clickHouseOptions(config, frame.env, 'reader'), database: 'siaga' }
  const language = languageOf(options.lang, frame.env)
  const format = options.format ?? (frame.stdout.isTTY ? TABLE : 'TabSeparatedWithNames')
  const query = `SELECT run_at, hunt, run_by, rows, cut, duration_ms, read_rows, window_from, window_to, params, error
    FROM siaga.hunt_runs WHERE {hunt:String} = '' OR hunt = {hunt:String} ORDER BY run_at DESC, hunt LIMIT 50`
  try {
    await ask(clickhouse, { query, format, params: { hunt: id ?? '' }, paged: frame.stdout.isTTY }, frame, language)
  } catch (error) {
    throw /ACCESS_DENIED|Not enough privileges/.test(errorText(error))
      ? new CommandError(
          'Riwayat perburuan hanya untuk pusat. / The history of hunts is for the centre.',
          'Baris untuk wilayah Anda / rows of your region: siaga sql "SELECT * FROM hunt_results ORDER BY run_at DESC LIMIT 50"',
        )
      : explainUnavailable(error, config)
  }
}
