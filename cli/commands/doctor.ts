// siaga doctor: is this installation in health, and what is to be done where it is not?
import { Option } from 'commander'
import { type ClickHouseOptions, createClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { errorText } from '../../runtime/errors.ts'
import { topicSettings } from '../../runtime/topics.ts'
import { topics } from '../../schemas/raw-event.ts'
import { clickHouseOptions, explainUnavailable, shardOptions } from '../clickhouse-access.ts'
import { examineAccess, examineServer, judgeSchema } from '../doctor/clickhouse.ts'
import { examineDisksOf, examineFolders } from '../doctor/disk.ts'
import { examineDurability } from '../doctor/durability.ts'
import { type Area, type Examined, type State, trouble } from '../doctor/examined.ts'
import { examineTopics, examineTransactions } from '../doctor/kafka.ts'
import { examineCertificates, examineProcess } from '../doctor/process.ts'
import { examineRelayed } from '../doctor/relay.ts'
import { examineCollectors, examineProcessors } from '../doctor/roles.ts'
import type { CliCommand, Frame } from '../frame.ts'
import { reachKafka, soon } from '../kafka-access.ts'
import { pendingSchema } from '../schema.ts'
import { type Language, languageOf, type Paint, printable } from '../terminal.ts'

interface Options {
  readonly json?: boolean
  readonly lang?: string
}

export const doctor: CliCommand = {
  name: 'doctor',
  summary: 'Examine an installation while it runs, and say what to do where it is not in order.',
  ringkasan: 'Periksa instalasi selagi berjalan, dan katakan apa yang harus dilakukan bila ada yang salah.',
  details:
    'Process, disks, certificates, brokers, topics (copies, leaders, settings), transactions, processors and collectors wherever they run,\n' +
    'ClickHouse (version, clock, schema, what the reader may do). Changes nothing. Exit code 0 if nothing is wrong; warnings do not count. siaga check looks at the\n' +
    'configuration, before a start.',
  examples: [
    { run: 'siaga doctor', what: 'periksa semuanya / examine everything' },
    { run: 'siaga doctor --json | jq \'.[] | select(.state != "ok")\'', what: 'for programs' },
  ],
  build(command, frame) {
    command
      .option('--json', 'as JSON')
      .addOption(
        new Option('--lang <language>', 'language (default: SIAGA_LANG, then the locale, then id)').choices([
          'id',
          'en',
        ]),
      )
      .action((options: Options) => run(options, frame))
  },
}

async function run(options: Options, frame: Frame): Promise<void> {
  const { config } = frame.config()
  const examined = (
    await Promise.all([
      examineProcess(config).then((one) => [one]),
      examineFolders([config.data_dir, ...(config.clickhouse.cold_dir === '' ? [] : [config.clickhouse.cold_dir])]),
      examineCertificates(config, Date.now()),
      examineKafka(config, frame.env),
      examineClickHouse(config, frame.env),
    ])
  ).flat()
  if (examined.some(({ state }) => state === 'wrong')) frame.failed()
  frame.stdout.write(
    options.json === true
      ? `${JSON.stringify(examined, null, 2)}\n`
      : showExamined(examined, languageOf(options.lang, frame.env), frame.paint),
  )
}

async function examineKafka(config: ResolvedConfig, env: NodeJS.ProcessEnv): Promise<Examined[]> {
  try {
    const kafka = await reachKafka(config, env)
    const admin = await soon(kafka.connectAdmin())
    try {
      const settings = topicSettings(config, config.sources)
      const state = await soon(admin.describe(settings.map(({ topic }) => topic)))
      // Of a topic that is not there kafkajs would ask for minutes; that it is missing is said already.
      const there = state.topics.map(({ topic }) => topic)
      const [transactions, relayed, ...processors] = await Promise.all([
        examineTransactions(kafka),
        soon(examineRelayed(admin, config.sources, there)),
        ...(there.includes(topics.raw)
          ? [soon(examineProcessors(admin)).catch((error: unknown) => away('processors', error))]
          : []),
      ])
      return [...examineTopics(state, settings), ...relayed, transactions, ...processors]
    } finally {
      await admin.disconnect()
    }
  } catch (error) {
    return [away('kafka', error)]
  }
}

async function examineClickHouse(config: ResolvedConfig, env: NodeJS.ProcessEnv): Promise<Examined[]> {
  try {
    const admin = createClickHouse(clickHouseOptions(config, env, 'admin'))
    const reader = createClickHouse(clickHouseOptions(config, env, 'reader'))
    const own = config.clickhouse.url !== ''
    try {
      const parts = await Promise.all([
        examineServer(admin),
        examineDurability(admin),
        pendingSchema(admin, config, env).then(judgeSchema, (error: unknown) => [away('clickhouse', error)]),
        ...shardOptions(config, env, 'admin').map((shard, index) => examineShard(index + 1, shard)),
        // Of a server of your own one user does everything; the embedded server's disk is that of the data directory.
        own ? [] : examineAccess(reader),
        own ? examineDisksOf(admin) : [],
        examineCollectors(admin, config).catch((error: unknown) => [away('collectors', error)]),
      ])
      return parts.flat()
    } finally {
      await Promise.allSettled([admin.close(), reader.close()])
    }
  } catch (error) {
    return [away('clickhouse', explainUnavailable(error, config))]
  }
}

/** One shard of a cluster: it may be away while all others are there. */
async function examineShard(number: number, options: ClickHouseOptions): Promise<Examined[]> {
  const named = ({ found, ...rest }: Examined): Examined => ({
    ...rest,
    found: { id: `shard ${number}: ${found.id}`, en: `shard ${number}: ${found.en}` },
  })
  const shard = createClickHouse(options)
  try {
    const parts = await Promise.all([examineServer(shard), examineDurability(shard), examineDisksOf(shard)])
    return parts.flat().map(named)
  } catch (error) {
    return [named(away('clickhouse', error))]
  } finally {
    await shard.close()
  }
}

function away(area: 'kafka' | 'processors' | 'clickhouse' | 'collectors', error: unknown): Examined {
  const text = errorText(error)
  const todo = error instanceof Error && 'action' in error ? String(error.action) : ''
  return trouble(
    area,
    'wrong',
    { id: text, en: text },
    { id: todo || 'Periksa alamat dan jaringannya.', en: todo || 'Check its address and the network.' },
  )
}

const areas: Readonly<Record<Area, readonly [id: string, en: string]>> = {
  process: ['proses', 'process'],
  disk: ['disk', 'disk'],
  certificates: ['sertifikat', 'certificate'],
  kafka: ['Kafka', 'Kafka'],
  topics: ['topik', 'topics'],
  transactions: ['transaksi', 'transaction'],
  processors: ['pemroses', 'processors'],
  clickhouse: ['ClickHouse', 'ClickHouse'],
  clock: ['jam', 'clock'],
  schema: ['skema', 'schema'],
  access: ['akses', 'access'],
  collectors: ['pengumpul', 'collectors'],
}
const marks: Readonly<Record<State, readonly [mark: string, style: 'green' | 'yellow' | 'red']>> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  wrong: ['✗', 'red'],
}

function showExamined(examined: readonly Examined[], language: Language, paint: Paint): string {
  const nth = language === 'id' ? 0 : 1
  const lines = examined.flatMap(({ area, state, found, todo }) => {
    const [mark, style] = marks[state]
    const line = `${paint(style, mark)} ${areas[area][nth].padEnd(11)} ${printable(found[language])}`
    return todo === undefined ? [line] : [line, `  ${' '.repeat(11)} → ${printable(todo[language])}`]
  })
  const count = (wanted: State): number => examined.filter(({ state }) => state === wanted).length
  const [wrong, warnings] = [count('wrong'), count('warning')]
  const end =
    wrong + warnings === 0
      ? ['Semuanya beres.', 'Everything is in order.'][nth]
      : [`${wrong} salah, ${warnings} perlu perhatian.`, `${wrong} wrong, ${warnings} to look after.`][nth]
  return `${[...lines, '', end].join('\n')}\n`
}
