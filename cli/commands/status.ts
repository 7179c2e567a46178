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
import {
  countDeadLetters,
  type PartitionStatus,
  readPartitions,
  readStatus,
  type StatusReport,
} from '../status/read.ts'
import { showStatus } from '../status/show.ts'
import { languageOf } from '../terminal.ts'

/** The dead-letter topic is read as a whole; while watching not more often than this. */
const DEAD_LETTERS_EVERY_MS = 30_000
const WATCH_EVERY_MS = 2_000

interface Options {
  readonly watch?: boolean
  readonly json?: boolean
  readonly lang?: string
}

export const status: CliCommand = {
  name: 'status',
  summary: 'Show rates, lag, last event and clock skew of each source, and what waits.',
  ringkasan: 'Tampilkan laju, jeda, kejadian terakhir dan selisih jam tiap sumber, serta antrean.',
  details:
    'A configured source that was not heard for an hour is marked blind: silence is not safety.\n' +
    'Times are in the zone of the source, lag is from receipt to landing, 95 % of the last hour.',
  examples: [
    { run: 'siaga status', what: 'sekali lihat / one look' },
    { run: 'siaga status --watch', what: 'terus diperbarui, Ctrl-C berhenti / live, Ctrl-C ends' },
    {
      run: 'siaga status --json | jq \'.sources[] | select(.state != "live")\'',
      what: 'for programs: which sources are blind',
    },
  ],
  build(command, frame) {
    command
      .option('-w, --watch', 'show it again every two seconds')
      .option('--json', 'as JSON; with --watch one object a line')
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
  const kafka = createKafkaView(() => reachKafka(config))
  const look = async (): Promise<StatusReport> => {
    const { partitions, deadLetters } = await kafka.look()
    return readStatus({ clickhouse, config, reference, partitions, deadLetters })
  }
  const print = (report: StatusReport): void => {
    if (options.json) frame.stdout.write(`${JSON.stringify(report, null, options.watch ? 0 : 2)}\n`)
    else frame.stdout.write(showStatus(report, language, frame.paint))
  }
  try {
    if (options.watch) await watch(look, print, options.json === true, frame)
    else {
      const report = await look()
      print(report)
      if (report.partitions === undefined) frame.failed()
    }
  } catch (error) {
    throw explainUnavailable(error, config)
  } finally {
    await Promise.allSettled([clickhouse.close(), kafka.close()])
  }
}

/** Looks again and again until Ctrl-C. Trouble is shown in place of the table and passes. */
async function watch(
  look: () => Promise<StatusReport>,
  print: (report: StatusReport) => void,
  plain: boolean,
  frame: Frame,
): Promise<void> {
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
        const report = await look()
        if (screen) frame.stdout.write('\u001B[H\u001B[2J')
        print(report)
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
