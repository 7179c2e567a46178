// siaga status: which sources are live, how fast is it, and what waits?
import { setTimeout as sleep } from 'node:timers/promises'
import { Option } from 'commander'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { errorText } from '../../runtime/errors.ts'
import type { KafkaAdmin, KafkaClient } from '../../runtime/kafka.ts'
import { loadReference } from '../../runtime/reference.ts'
import { clickHouseOptions, explainUnavailable } from '../clickhouse-access.ts'
import type { CliCommand, Frame } from '../frame.ts'
import { isKafkaTrouble, reachKafka, soon } from '../kafka-access.ts'
import { readJudgement } from '../status/judged.ts'
import { countDeadLetters, type PartitionStatus, readPartitions, readStatus } from '../status/read.ts'
import { readLastReports, regionsOf } from '../status/regions.ts'
import { showStatus } from '../status/show.ts'
import { showRegions } from '../status/show-regions.ts'
import { type Language, languageOf, type Paint } from '../terminal.ts'

/** The dead-letter topic is read as a whole; while watching not more often than this. */
const DEAD_LETTERS_EVERY_MS = 30_000
const WATCH_EVERY_MS = 2_000

interface Options {
  readonly watch?: boolean
  readonly by?: 'region'
  readonly all?: boolean
  readonly format: 'table' | 'json'
  readonly json?: boolean
  readonly lang?: string
}

export const status: CliCommand = {
  name: 'status',
  summary: 'Show rates, lag, last event and clock skew of each source, and what waits.',
  ringkasan: 'Tampilkan laju, jeda, kejadian terakhir dan selisih jam tiap sumber, serta antrean.',
  details:
    'A configured source that was not heard for an hour is marked blind: silence is not safety.\n' +
    'Times are in the zone of the source, lag is from receipt to landing, 95 % of the last hour.\n' +
    'By region: sources expected, reporting and silent, and the last report of each Operation Room. A region without a working\n' +
    'sensor is not monitored (tidak terpantau), whatever its room reports. Silence is judged by the usual rhythm of each source:\n' +
    'one that is always quiet at this hour counts, with the time when it is expected again.',
  examples: [
    { run: 'siaga status', what: 'sekali lihat / one look' },
    { run: 'siaga status --watch', what: 'terus diperbarui, Ctrl-C berhenti / live, Ctrl-C ends' },
    {
      run: 'siaga status --json | jq \'.sources[] | select(.state != "live")\'',
      what: 'for programs: which sources are blind',
    },
    { run: 'siaga status --by region', what: 'wilayah mana yang terpantau / which regions are watched' },
    { run: 'siaga status --by region --all --format json', what: 'all provinces, for programs' },
  ],
  build(command, frame) {
    command
      .option('-w, --watch', 'show it again every two seconds')
      .addOption(new Option('--by <what>', 'state of regions in place of sources').choices(['region']))
      .option('--all', 'with --by region: provinces without any source or room too')
      .option('--json', 'as JSON; with --watch one object a line')
      .addOption(
        new Option('--format <format>', 'the same as --json: json').choices(['table', 'json']).default('table'),
      )
      .addOption(
        new Option(
          '--lang <language>',
          'language of the tables (default: SIAGA_LANG, then the locale, then id)',
        ).choices(['id', 'en']),
      )
      .action((options: Options) => run(options, frame))
  },
}

async function run(options: Options, frame: Frame): Promise<void> {
  const { config, baseDir } = frame.config()
  const language = languageOf(options.lang, frame.env)
  const reference = loadReference({ calendars: [], regions: config.regions }, baseDir)
  const clickhouse = createClickHouse({ ...clickHouseOptions(config, frame.env, 'reader'), database: 'siaga' })
  const kafka = createKafkaView(() => reachKafka(config, frame.env))
  const json = options.json === true || options.format === 'json'
  const asText = <T>(report: T, show: (report: T, language: Language, paint: Paint) => string): string =>
    json ? `${JSON.stringify(report, null, options.watch ? 0 : 2)}\n` : show(report, language, frame.paint)
  const sources = async (): Promise<string> => {
    const { partitions, deadLetters } = await kafka.look()
    const report = await readStatus({ clickhouse, config, reference, partitions, deadLetters })
    if (report.partitions === undefined && !options.watch) frame.failed()
    return asText(report, showStatus)
  }
  const regions = async (): Promise<string> => {
    const nothing = { partitions: undefined, deadLetters: undefined }
    const [{ at, sources }, lastReports, judgement] = await Promise.all([
      readStatus({ clickhouse, config, reference, ...nothing }),
      readLastReports(clickhouse),
      readJudgement(clickhouse),
    ])
    const all = options.all === true
    return asText(regionsOf({ at, sources, config, reference, lastReports, judgement, all }), showRegions)
  }
  const look = options.by === 'region' ? regions : sources
  try {
    if (options.watch) await watch(look, json, frame)
    else frame.stdout.write(await look())
  } catch (error) {
    throw explainUnavailable(error, config)
  } finally {
    await Promise.allSettled([clickhouse.close(), kafka.close()])
  }
}

/** Looks again and again until Ctrl-C. Trouble is shown in place of the table and passes. */
async function watch(look: () => Promise<string>, plain: boolean, frame: Frame): Promise<void> {
  const stop = new AbortController()
  const end = (): void => stop.abort()
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  const screen = frame.stdout.isTTY && !plain
  // The alternate screen keeps what stood on the terminal before.
  if (screen) frame.stdout.write('\u001B[?1049h\u001B[?25l')
  try {
    while (!stop.signal.aborted) {
      try {
        const text = await look()
        if (screen) frame.stdout.write('\u001B[H\u001B[2J')
        frame.stdout.write(text)
        if (!screen && !plain) frame.stdout.write('\n')
      } catch (error) {
        if (screen) frame.stdout.write('\u001B[H\u001B[2J')
        frame.stderr.write(`${frame.paintError('red', 'siaga:')} ${errorText(error)}\n`)
      }
      await sleep(WATCH_EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  } finally {
    if (screen) frame.stdout.write('\u001B[?25h\u001B[?1049l')
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}

interface KafkaLook {
  readonly partitions: readonly PartitionStatus[] | undefined
  readonly deadLetters: ReadonlyMap<string, number> | undefined
}

/** Kafka as the status sees it: one connection, dead letters now and then, `undefined` while it does not answer. */
function createKafkaView(reach: () => Promise<KafkaClient>): { look(): Promise<KafkaLook>; close(): Promise<void> } {
  let connected: { readonly client: KafkaClient; readonly admin: KafkaAdmin; readonly groupId: string } | undefined
  let deadLetters: ReadonlyMap<string, number> | undefined
  let countedAt = Number.NEGATIVE_INFINITY
  const close = async (): Promise<void> => {
    const admin = connected?.admin
    connected = undefined
    await admin?.disconnect()
  }
  return {
    close,
    async look() {
      try {
        const client = await reach()
        if (connected === undefined) {
          const { PROCESSOR_GROUP } = await import('../../runtime/topics.ts')
          connected = { client, admin: await client.connectAdmin(), groupId: PROCESSOR_GROUP }
        }
        if (performance.now() - countedAt > DEAD_LETTERS_EVERY_MS) {
          deadLetters = await soon(countDeadLetters(connected.client))
          countedAt = performance.now()
        }
        return { partitions: await soon(readPartitions(connected.admin, connected.groupId)), deadLetters }
      } catch (error) {
        if (!isKafkaTrouble(error)) throw error
        await close().catch(() => undefined)
        return { partitions: undefined, deadLetters }
      }
    },
  }
}
