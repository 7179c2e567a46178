// siaga restore: what a back-up has, into an empty data directory; and is a back-up whole?
import { join, resolve } from 'node:path'
import { Option } from 'commander'
import { lockDataDir } from '../../deploy/embedded/data-dir.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { forgetKeyName, keepKeyName } from '../../runtime/known-key.ts'
import { assertKeyOf, givenMasterKey, KEY_FILE, keyName, placeMasterKey } from '../../runtime/secrets.ts'
import { topics } from '../../schemas/raw-event.ts'
import { keyForRestore, knownVersion, nothingThere, verifyFiles } from '../backup/check.ts'
import { configFiles } from '../backup/config-files.ts'
import { changedConfig, restoreConfig } from '../backup/config-restore.ts'
import { type Manifest, proveManifest, readManifest } from '../backup/manifest.ts'
import { type Reach, reachServices } from '../backup/reach.ts'
import {
  completeRollups,
  mayBeFilled,
  type RestoreOptions,
  restoreFiles,
  restoreKafka,
  restoreTablesOf,
} from '../backup/restore.ts'
import { share } from '../backup/share.ts'
import { type RestorePart, readNote, removeNote, restoreParts, writeNote } from '../backup/unfinished.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { Teardown } from '../start/teardown.ts'
import { duration, number, printable } from '../terminal.ts'

interface Options {
  readonly only?: RestorePart
  readonly configTo?: string
  readonly verify?: boolean
}

export const restore: CliCommand = {
  name: 'restore',
  summary: 'Restore a back-up into an empty data directory, or examine one.',
  ringkasan: 'Pulihkan cadangan ke direktori data yang kosong, atau periksa sebuah cadangan.',
  details:
    'Siaga must not run. Every file is compared with what was written before anything is touched; a restore that was cut off goes\n' +
    'on when it is run again. Sessions are not restored: people log in anew. docs/operations.md goes through it step by step.',
  examples: [
    {
      run: 'siaga restore /srv/backup/siaga/20261129T190000Z --config-to /etc/siaga',
      what: 'lebih dulu konfigurasi / first the configuration',
    },
    { run: 'siaga restore /srv/backup/siaga/20261129T190000Z', what: 'semuanya / everything' },
    { run: 'siaga restore /srv/backup/siaga/20261129T190000Z --verify', what: 'apakah cadangan utuh? / is it whole?' },
    {
      run: 'siaga restore /srv/backup/siaga/20261129T190000Z --only clickhouse',
      what: 'Kafka and the files are there',
    },
  ],
  build(command, frame) {
    command
      .argument('<folder>', 'one back-up, such as /srv/backup/siaga/20261129T190000Z')
      .addOption(
        new Option('--only <part>', 'only what was lost: files of the data directory, clickhouse or kafka').choices(
          restoreParts,
        ),
      )
      .option('--config-to <folder>', 'write siaga.yaml and the files that it names there, and nothing else')
      .option('--verify', 'compare every file with what was written, and restore nothing')
      .action((folder: string, options: Options) => run(resolve(frame.cwd, folder), options, frame))
  },
}

async function run(folder: string, options: Options, frame: Frame): Promise<void> {
  const read = await readManifest(folder)
  const { manifest } = read
  const loaded = options.configTo === undefined ? frame.config() : undefined
  const dataDir = loaded?.config.data_dir ?? ''
  if (options.configTo !== undefined) {
    for (const line of await restoreConfig(folder, manifest, resolve(frame.cwd, options.configTo)))
      frame.stdout.write(`${line}\n`)
    return
  }
  if (loaded === undefined) return
  const masterKey = keyForRestore(dataDir, frame.env, folder, {
    // Else it is not put where the services look for it.
    with_master_key: manifest.with_master_key && (options.only ?? 'files') === 'files',
  })
  await proveManifest(folder, read, masterKey)
  knownVersion(manifest)
  const progress = frame.progress()
  const teardown = new Teardown()
  teardown.onSignal(() => progress.doing('stopping'))
  const began = Date.now()
  const all = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  try {
    await verifyFiles(folder, manifest, {
      onFile: (bytes) => progress.doing(`comparing: ${share(bytes, all)} of ${sizeOf(all)}`),
      signal: teardown.signal,
    })
    if (options.verify === true) {
      progress.stop()
      frame.stdout.write(`whole: ${number(manifest.files.length)} files, ${sizeOf(all)}, ${manifest.created_at}\n`)
      frame.stderr.write(notExamined(manifest))
      return
    }
    progress.done(`the back-up of ${manifest.created_at} is whole`)
    await warnOfConfig(manifest, loaded, frame)
    const parts = options.only === undefined ? restoreParts : [options.only]
    const given = { config: loaded.config, manifest, folder, progress, signal: teardown.signal }
    await restoreAll(given, { asked: parts, masterKey }, frame)
    progress.stop()
    frame.stdout.write(endOf(manifest, Date.now() - began, aboutKey(dataDir, masterKey)))
  } catch (error) {
    progress.stop()
    if (teardown.signalled) throw new CommandError('Stopped. What was restored stays; run this again to go on.', '')
    throw error
  }
}

async function restoreAll(
  given: Omit<RestoreOptions, 'note'>,
  { asked, masterKey }: { readonly asked: readonly RestorePart[]; readonly masterKey: Buffer },
  frame: Frame,
): Promise<void> {
  const { config, manifest, folder, progress, signal } = given
  const dataDir = config.data_dir
  const before = readNote(dataDir)
  if (before !== undefined && before.id !== manifest.id)
    throw new CommandError(
      `A restore of another back-up into ${dataDir} was cut off${before.folder === '' ? '' : ` (${printable(before.folder)})`}.`,
      'Go on with that one, or empty the data directory (all but secrets/master.key) first.',
    )
  const parts = restoreParts.filter((part) => asked.includes(part) || before?.parts.includes(part) === true)
  const options: RestoreOptions = { ...given, note: before ?? { id: manifest.id, folder, parts, tables: false } }
  options.note.parts = parts
  const toServices = parts.includes('clickhouse') || parts.includes('kafka')
  const own = config.clickhouse.url !== '' && config.kafka.brokers.length > 0
  const reachThem = (): Promise<Reach> => reachServices(config, frame, { alone: true, masterKey, progress, signal })
  let reach: Reach | undefined
  let written = before !== undefined
  try {
    // Nobody else may begin meanwhile.
    const release = lockDataDir(dataDir)
    try {
      if (before === undefined && parts.length === restoreParts.length) {
        await nothingThere(dataDir, config.clickhouse.url === '' ? config.clickhouse.cold_dir : '')
        forgetKeyName(dataDir)
      }
      // What is already there may be of another key.
      assertKeyOf(dataDir, masterKey, frame.env)
      // Those of one's own are asked before anything is written; embedded ones lie in the directory that is looked at.
      if (toServices && own) {
        reach = await reachThem()
        await mayBeFilled(reach, options)
      }
      await writeNote(dataDir, options.note)
      written ||= parts.includes('files')
      if (parts.includes('files')) {
        keepKeyName(dataDir, keyName(masterKey))
        progress.done(`${number(await restoreFiles(options))} files`)
        if (keepsKey(config)) placeMasterKey(dataDir, masterKey)
      }
    } finally {
      release()
    }
    if (!toServices) return removeNote(dataDir)
    if (reach === undefined) {
      reach = await reachThem()
      await mayBeFilled(reach, options)
    }
    written = true
    if (parts.includes('clickhouse')) {
      await restoreTablesOf(reach, options)
      progress.done('ClickHouse')
    }
    const filled = await restoreKafka(reach, options)
    progress.done(
      filled.size === 0 ? 'Kafka lives on' : `Kafka (${number(filled.get(topics.raw) ?? 0)} raw events wait)`,
    )
    if (parts.includes('clickhouse')) await completeRollups(reach, options)
    removeNote(dataDir)
  } catch (error) {
    // It was refused before it began: there is nothing to go on with.
    if (!written) removeNote(dataDir)
    throw error
  } finally {
    await reach?.close()
  }
}

/** Where Siaga brings services along, its first start puts the key into the data directory, and the next one looks for it there; else roles on several machines are told by a variable. */
const keepsKey = ({ kafka, clickhouse }: ResolvedConfig): boolean => kafka.brokers.length === 0 || clickhouse.url === ''

/** What the next start needs. */
function aboutKey(dataDir: string, masterKey: Buffer): string {
  const file = join(dataDir, KEY_FILE)
  const there = givenMasterKey(dataDir, {})
  return there !== undefined && keyName(there) === keyName(masterKey)
    ? `The master key lies in ${file}, for its owner alone to read: a start needs no variable for it.\n`
    : `A start needs this master key too, by SIAGA_MASTER_KEY_FILE as here or in ${file} (mode 600); it takes no other one.\n`
}

async function warnOfConfig(manifest: Manifest, loaded: ReturnType<Frame['config']>, frame: Frame): Promise<void> {
  if (manifest.config.length > 0 && loaded.file === undefined)
    throw new CommandError(
      'The back-up has a siaga.yaml, and here is none.',
      `Restore it first: siaga restore <folder> --config-to . ; or name yours with --config.`,
    )
  const changed = await changedConfig(manifest, configFiles(loaded).files)
  if (changed.length > 0)
    frame.stderr.write(
      `${frame.paintError('yellow', 'warning:')} the configuration is not that of the back-up: ${changed.map(printable).join(', ')}\n`,
    )
}

/** Tables that lie elsewhere: only their server can say whether they are whole. */
function notExamined({ clickhouse }: Manifest): string {
  if (clickhouse.kind === 'parts') return ''
  if (clickhouse.kind === 'none') return 'not examined: the tables of ClickHouse, which are not in it\n'
  return `not examined: the tables of ClickHouse, which lie at ${clickhouse.steps.map(({ place }) => printable(place)).join(', ')}\n`
}

function sizeOf(bytes: number): string {
  return `${number(bytes / 1024 ** 2, 'en', 1)} MiB`
}

function endOf(manifest: Manifest, ms: number, key: string): string {
  const { clickhouse } = manifest
  const events = clickhouse.kind === 'parts' ? clickhouse.tables.find(({ name }) => name === 'events')?.rows : undefined
  return (
    `restored as of ${manifest.created_at}${events === undefined ? '' : `: ${number(events)} events`}, in ${duration(ms / 1000)}\n` +
    `${key}Keys and tokens that were revoked since are good again: look at siaga keys list. Start Siaga: siaga start\n`
  )
}
