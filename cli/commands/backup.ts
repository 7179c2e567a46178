// siaga backup: everything that must come back after a total loss, in one folder, while Siaga runs.
import { basename, join, resolve } from 'node:path'
import { errorText } from '../../runtime/errors.ts'
import { existingMasterKey } from '../../runtime/secrets.ts'
import { readPrevious } from '../backup/data-files.ts'
import { type Made, makeBackup } from '../backup/make.ts'
import {
  forgetUnfinished,
  holdForBackup,
  listBackups,
  makePlace,
  noteUnfinished,
  removeBackup,
  removeOld,
  removeUnfinished,
} from '../backup/place.ts'
import { reachServices } from '../backup/reach.ts'
import { placeOf } from '../backup/server-backup.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { wholeNumber } from '../options.ts'
import { Teardown } from '../start/teardown.ts'
import { duration, number, printable } from '../terminal.ts'

interface Options {
  readonly keep?: number
  readonly full?: boolean
  readonly withMasterKey?: boolean
  readonly clickhouse?: string
  readonly base?: string
}

export const backup: CliCommand = {
  name: 'backup',
  summary: 'Back up events, alerts, accounts, reports, keys and configuration into a folder, while Siaga runs.',
  ringkasan:
    'Cadangkan kejadian, peringatan, akun, laporan, kunci, dan konfigurasi ke sebuah folder, selagi Siaga berjalan.',
  details:
    'Makes <folder>/<time>/, whole in itself: what the last one there has already is linked, not written again. The master key is not\n' +
    'in it unless asked: keep that apart. Exit code 0 only if the back-up is complete; siaga restore brings it back.',
  examples: [
    { run: 'siaga backup /srv/backup/siaga', what: 'cadangkan sekarang / back up now' },
    { run: 'siaga backup /srv/backup/siaga --keep 14', what: 'every night: the newest fourteen stay' },
    {
      run: `CLICKHOUSE_URL=https://ch.example:8443 siaga backup /srv/backup/siaga --clickhouse "Disk('backups', 'siaga/{name}')"`,
      what: 'ClickHouse sendiri / a ClickHouse of your own, by its own BACKUP',
    },
  ],
  build(command, frame) {
    command
      .argument('<folder>', 'where back-ups lie; on another disk or machine')
      .option('--keep <n>', 'remove older ones when this one is complete, but the newest <n>', wholeNumber(1, 10_000))
      .option('--full', 'write everything anew; nothing is linked to the last one')
      .option('--with-master-key', 'put the master key and keys in the clear into it: whoever has it has everything')
      .option(
        '--clickhouse <place>',
        "of a ClickHouse of your own: where it puts its tables, such as Disk('backups', '{name}'); none: they are backed up otherwise",
      )
      .option('--base <name>', 'with --clickhouse: name of an earlier back-up of that place to add to')
      .action((folder: string, options: Options) => run(folder, options, frame))
  },
}

async function run(target: string, options: Options, frame: Frame): Promise<void> {
  const loaded = frame.config()
  const { config } = loaded
  const dataDir = config.data_dir
  const place = placeFor(config.clickhouse.url !== '', options)
  const masterKey = existingMasterKey(dataDir, frame.env)
  if (masterKey === undefined)
    throw new CommandError(
      `Siaga has not been started with the data directory ${dataDir}.`,
      'Run this where Siaga runs, or name its folder with SIAGA_DATA_DIR.',
    )
  const into = resolve(frame.cwd, target)
  if (into === dataDir || into.startsWith(`${dataDir}/`))
    throw new CommandError(
      'A back-up inside of the data directory is lost with it.',
      'Name a folder on another disk, or of another machine.',
      2,
    )
  const progress = frame.progress()
  const teardown = new Teardown()
  teardown.onSignal(() => progress.doing('stopping'))
  const letGo = holdForBackup(dataDir)
  const startedAt = Date.now()
  const problems: string[] = []
  const warn = (text: string): void =>
    void frame.stderr.write(`${frame.paintError('yellow', 'warning:')} ${printable(text)}\n`)
  let folder = ''
  let made: Made
  try {
    await removeUnfinished(dataDir)
    const last = (await listBackups(into)).complete.at(-1)
    const previous = options.full === true || last === undefined ? undefined : await readPrevious(join(into, last))
    const reach = await reachServices(config, frame, { alone: false, masterKey, progress, signal: teardown.signal })
    try {
      folder = await makePlace(into, startedAt)
      await noteUnfinished(dataDir, folder)
      made = await makeBackup({
        ...{ loaded, masterKey, reach, folder, previous, place, progress, startedAt },
        withMasterKey: options.withMasterKey === true,
        base: options.base,
        signal: teardown.signal,
      })
    } finally {
      await reach.close().catch((error: unknown) => problems.push(`services were left: ${errorText(error)}`))
    }
  } catch (error) {
    progress.stop()
    if (folder !== '')
      await removeBackup(folder).then(
        () => forgetUnfinished(dataDir),
        (problem: unknown) => warn(`${folder} could not be removed: ${errorText(problem)}`),
      )
    letGo()
    if (place !== undefined && place !== 'none' && folder !== '')
      warn(
        `What ClickHouse has written to ${placeOf(place, basename(folder), 0)}, and to -1 beside it, stays: remove it there.`,
      )
    if (teardown.signalled) throw new CommandError('Stopped; what had been written was removed.', '')
    throw error
  }
  // It is whole from here on: what goes wrong with old ones is told, and fails nothing.
  const removed = await removeOld(into, options.keep ?? Number.POSITIVE_INFINITY, startedAt)
  await forgetUnfinished(dataDir).catch((error: unknown) => problems.push(errorText(error)))
  letGo()
  progress.stop()
  for (const text of [...made.warnings, ...problems, ...removed.problems]) warn(text)
  frame.stdout.write(`${printable(folder)}\n`)
  frame.stderr.write(`${summaryOf(made, Date.now() - startedAt)}\n`)
  if (removed.names.length > 0) frame.stderr.write(`removed ${removed.names.join(', ')}\n`)
  if (removed.places.length > 0)
    frame.stderr.write(`of these ClickHouse keeps the tables until you remove them: ${removed.places.join(', ')}\n`)
}

/** Of the embedded server undefined: its tables go into the folder. */
function placeFor(own: boolean, { clickhouse, base }: Options): string | undefined {
  if (!own) {
    if (clickhouse === undefined && base === undefined) return undefined
    throw new CommandError(
      '--clickhouse and --base are for a ClickHouse of your own.',
      'Leave them out: the tables of the embedded one go into the folder.',
      2,
    )
  }
  if (clickhouse === undefined)
    throw new CommandError(
      'Where does your ClickHouse put its tables?',
      "Say it: --clickhouse \"Disk('backups', 'siaga/{name}')\" for a disk of its configuration (backups.allowed_disk), or --clickhouse none if you back it up by other means.",
      2,
    )
  if (clickhouse !== 'none') placeOf(clickhouse, base ?? 'name', 0)
  return clickhouse
}

function summaryOf({ manifest, written, linked }: Made, ms: number): string {
  const { clickhouse } = manifest
  const rows =
    clickhouse.kind === 'parts'
      ? `${number(clickhouse.tables.find(({ name }) => name === 'events')?.rows ?? 0)} events, `
      : ''
  const megabytes = (bytes: number): string => `${number(bytes / 1024 ** 2, 'en', 1)} MiB`
  return `${rows}${manifest.files.length} files, ${megabytes(written)} written, ${megabytes(linked)} linked to the last one, in ${duration(ms / 1000)}`
}
